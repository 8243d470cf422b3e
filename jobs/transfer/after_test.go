package transfer_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/ediport/ediport/fixtures/simulator"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

var april = time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)

// eachServer runs a test against OpenSSH and against our own server, whose plain rename, unlike
// that of some, refuses to replace too.
func eachServer(t *testing.T, test func(t *testing.T, client *transfer.Client, put func(name, content string), root string)) {
	t.Run("OpenSSH", func(t *testing.T) {
		t.Parallel()
		server := sshdtest.Start(t, sshdtest.Options{})
		put := func(name, content string) {
			server.WriteFile(name, []byte(content))
			if err := os.Chtimes(server.Path(name), april, april); err != nil {
				t.Fatal(err)
			}
		}
		test(t, dial(t, endpoint(server)), put, server.Root)
	})
	t.Run("simulator", func(t *testing.T) {
		t.Parallel()
		partner := servePartner(t, simulator.Options{Files: fstest.MapFS{}, Password: "right"})
		put := func(name, content string) {
			if err := partner.Put("data/"+name, []byte(content), april); err != nil {
				t.Fatal(err)
			}
		}
		test(t, dial(t, partnerEndpoint(partner, "right")), put, "/data")
	})
}

func TestArchiveNeverReplaces(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("n", 251) + ".835"
	eachServer(t, func(t *testing.T, client *transfer.Client, put func(name, content string), root string) {
		for i, want := range []string{"a.835", "a.20260401T083000Z.835", "a.20260401T083000Z-2.835", "a.20260401T083000Z-3.835"} {
			content := strings.Repeat("x", i+1)
			put("out/a.835", content)
			path, err := client.Archive(t.Context(), only(t, client, root+"/out"), root+"/done/2026/04")
			if err != nil || path != root+"/done/2026/04/"+want {
				t.Fatalf("archive no. %d: %q, %v; want …/%s", i+1, path, err, want)
			}
			if file, err := client.Stat(t.Context(), path); err != nil || file.Size != int64(i+1) {
				t.Fatalf("archive no. %d: %v, %v", i+1, file, err)
			}
		}
		for range 2 {
			put("out/"+long, "x")
			if _, err := client.Archive(t.Context(), only(t, client, root+"/out"), root+"/done"); err != nil {
				t.Fatalf("a name of full length: %v", err)
			}
		}
		archived := list(t, client, transfer.ListOptions{Folder: root + "/done", Depth: 3}).Files
		if left := list(t, client, transfer.ListOptions{Folder: root + "/out"}).Files; len(archived) != 6 || len(left) != 0 {
			t.Fatalf("%d files archived, %d left", len(archived), len(left))
		}
	})
}

func TestArchiveAndDeleteLeaveAnotherFileAlone(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, client *transfer.Client, put func(name, content string), root string) {
		put("out/a.835", "as listed")
		listed := only(t, client, root+"/out")
		acts := map[string]func() error{
			"archive": func() error { _, err := client.Archive(t.Context(), listed, root+"/done"); return err },
			"delete":  func() error { return client.Delete(t.Context(), listed) },
		}
		put("out/a.835", "replaced by another one")
		for name, act := range acts {
			if err := act(); !errors.Is(err, transfer.ErrChanged) {
				t.Errorf("%s of a file with another size: %v", name, err)
			}
		}
		put("out/a.835", "as listed")
		listed.ModTime = april.Add(time.Second)
		for name, act := range acts {
			if err := act(); !errors.Is(err, transfer.ErrChanged) {
				t.Errorf("%s of a file with another time: %v", name, err)
			}
		}
		listed.ModTime = april
		if err := acts["delete"](); err != nil {
			t.Fatalf("delete of the file itself: %v", err)
		}
		for name, act := range acts {
			if err := act(); !errors.Is(err, transfer.ErrNotFound) {
				t.Errorf("%s of a file that is gone: %v", name, err)
			}
		}
	})
}

// A file that was swapped between the look and the move goes back to where it was.
func TestArchivePutsBackWhatItDidNotMean(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, client *transfer.Client, put func(name, content string), root string) {
		put("done/a.835", "the partner's newer file, moved by mistake")
		put("out/other", "keeps the folder")
		meant := transfer.RemoteFile{Path: root + "/out/a.835", Size: 3, ModTime: april}
		err := client.VerifyMove(t.Context(), meant, root+"/done/a.835")
		if !errors.Is(err, transfer.ErrChanged) {
			t.Fatalf("VerifyMove = %v", err)
		}
		if _, err := client.Stat(t.Context(), meant.Path); err != nil {
			t.Fatalf("it is not back: %v", err)
		}
	})
}

func TestArchiveIntoAFileFails(t *testing.T) {
	t.Parallel()
	eachServer(t, func(t *testing.T, client *transfer.Client, put func(name, content string), root string) {
		put("out/Roe.835", "x")
		put("done", "not a folder")
		_, err := client.Archive(t.Context(), only(t, client, root+"/out"), root+"/done")
		if err == nil || strings.Contains(err.Error(), "Roe") {
			t.Fatalf("Archive = %v", err)
		}
		only(t, client, root+"/out") // still there
	})
}

func TestChangedWhileRead(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"appended to": func(path string) error {
			file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
			if err != nil {
				return err
			}
			defer file.Close()
			_, err = file.Write(randomBytes(1 << 20))
			return err
		},
		"cut short": func(path string) error { return os.Truncate(path, 1<<20) },
		"replaced by a rename": func(path string) error {
			other := filepath.Join(filepath.Dir(path), ".new")
			if err := os.WriteFile(other, randomBytes(100), 0o644); err != nil { //nolint:gosec // as the server's own files
				return err
			}
			return os.Rename(other, path)
		},
		"removed": os.Remove,
		"same size, other time": func(path string) error {
			return os.Chtimes(path, april, april.Add(time.Hour))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{})
			server.WriteFile("out/file.835", randomBytes(24<<20))
			client := dial(t, endpoint(server))
			file := only(t, client, server.Path("out"))
			var failure error
			_, err := client.Download(t.Context(), file, &onFirstByte{do: func() { failure = change(server.Path("out", "file.835")) }})
			if failure != nil {
				t.Fatal(failure)
			}
			wantCode(t, err, "transfer.file_changed", false)
			if _, err := client.List(t.Context(), transfer.ListOptions{}); err != nil {
				t.Errorf("the connection no longer works: %v", err)
			}
		})
	}
}

func TestChangedBeforeRead(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/file.835", []byte("short"))
	client := dial(t, endpoint(server))
	file := only(t, client, server.Path("out"))
	server.WriteFile("out/file.835", []byte("longer than listed"))
	var got bytes.Buffer
	_, err := client.Download(t.Context(), file, &got)
	wantCode(t, err, "transfer.file_changed", false)
	if int64(got.Len()) > file.Size {
		t.Errorf("wrote %d bytes of a file listed with %d", got.Len(), file.Size)
	}
}

func TestDownloadLimits(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/file.835", randomBytes(1001))
	target := endpoint(server)
	target.Limits.FileBytes = 1000
	client := dial(t, target)
	file := only(t, client, server.Path("out"))
	var got bytes.Buffer
	_, err := client.Download(t.Context(), file, &got)
	wantCode(t, err, "transfer.file_too_large", true)
	file.Size = 1000 // the server understates
	_, err = client.Download(t.Context(), file, &got)
	wantCode(t, err, "transfer.file_changed", false)
	if got.Len() > 1000 {
		t.Errorf("wrote %d bytes, 1000 are allowed", got.Len())
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriterErrorComesBackAndTheConnectionLives(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("out/file.835", randomBytes(10<<20))
	client := dial(t, endpoint(server))
	file := only(t, client, server.Path("out"))
	full := errors.New("disk full")
	_, err := client.Download(t.Context(), file, brokenWriter{full})
	if !errors.Is(err, full) || transfer.Code(err) != "" || transfer.Permanent(err) {
		t.Fatalf("Download = %v, code %q", err, transfer.Code(err))
	}
	var got bytes.Buffer
	if n, err := client.Download(t.Context(), file, &got); err != nil || n != file.Size {
		t.Fatalf("the connection no longer works: %d, %v", n, err)
	}
}

// TestArchiveWhoseFolderVanishes: that the folder is gone, which was there a moment ago, does not mean that the file is; it is made again.
func TestArchiveWhoseFolderVanishes(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	client := dial(t, endpoint(server))
	server.WriteFile("out/a.835", []byte("a"))
	if _, err := client.Archive(t.Context(), only(t, client, server.Path("out")), server.Path("old")); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(server.Path("old")); err != nil {
		t.Fatal(err)
	}
	server.WriteFile("out/b.835", []byte("b"))
	_, err := client.Archive(t.Context(), only(t, client, server.Path("out")), server.Path("old"))
	wantCode(t, err, "transfer.folder_missing", true)
	if _, err := client.Archive(t.Context(), only(t, client, server.Path("out")), server.Path("old")); err != nil {
		t.Error(err)
	}
}
