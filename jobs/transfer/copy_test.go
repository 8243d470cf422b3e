package transfer_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// copyOf is how to copy a file of this content.
func copyOf(content []byte, change ...func(*transfer.Copy)) transfer.Copy {
	from := transfer.Copy{
		Open:   func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil },
		SHA256: sha256.Sum256(content), Attempt: "17-2",
		Copied: func() error { return nil }, Named: func() error { return nil },
	}
	for _, fn := range change {
		fn(&from)
	}
	return from
}

// otherDisk is a folder on another file system than the tests' temporary folders.
func otherDisk(t *testing.T) string {
	t.Helper()
	device := func(path string) uint64 {
		var stat syscall.Stat_t
		if err := syscall.Stat(path, &stat); err != nil {
			t.Skipf("this machine has no second file system that tests may use: %v", err)
		}
		return stat.Dev
	}
	if device("/dev/shm") == device(t.TempDir()) {
		t.Skip("this machine has no second file system that tests may use")
	}
	folder, err := os.MkdirTemp("/dev/shm", "ediport-test-")
	if err != nil {
		t.Skipf("this machine has no second file system that tests may use: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}

// noRename makes an OpenSSH server forbid to rename, in any way.
const noRename = "ForceCommand internal-sftp -P rename,posix-rename,hardlink"

// TestArchiveByCopy: where OpenSSH can't rename, or must not, Archive says so and changes nothing, and a copy does.
func TestArchiveByCopy(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		folder func(*testing.T, *sshdtest.Server) string
	}{
		"another file system": {"", func(t *testing.T, _ *sshdtest.Server) string { return filepath.Join(otherDisk(t), "2026") }},
		"forbidden":           {noRename, func(_ *testing.T, s *sshdtest.Server) string { return s.Path("old", "2026") }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{Config: c.config})
			folder := c.folder(t, server)
			client := dial(t, endpoint(server))
			for i, want := range []string{"a.835", "a.20260401T083000Z.835"} {
				content := randomBytes(70_000 * i) // the first one is empty
				server.WriteFile("out/a.835", content)
				if err := errors.Join(os.Chtimes(server.Path("out", "a.835"), april, april), os.Chmod(server.Path("out", "a.835"), 0o600)); err != nil {
					t.Fatal(err)
				}
				file := only(t, client, server.Path("out"))
				if _, err := client.Archive(t.Context(), file, folder); !errors.Is(err, transfer.ErrNotMoved) {
					t.Fatalf("Archive = %v, want that it was not moved", err)
				}
				where, err := client.ArchiveCopy(t.Context(), file, folder, copyOf(content))
				if err != nil || where != filepath.Join(folder, want) {
					t.Fatalf("ArchiveCopy = %q, %v, want …/%s", where, err, want)
				}
				got, err := os.ReadFile(where)
				info, _ := os.Stat(where)
				if err != nil || !bytes.Equal(got, content) || !info.ModTime().Equal(april) || info.Mode().Perm() != 0o600 {
					t.Errorf("the copy has %d bytes, time %v, %v (%v)", len(got), info.ModTime(), info.Mode(), err)
				}
				if _, err := os.Stat(server.Path("out", "a.835")); !os.IsNotExist(err) {
					t.Errorf("the original: %v", err)
				}
			}
			if names, _ := filepath.Glob(filepath.Join(folder, "*")); len(names) != 2 {
				t.Errorf("in the archive: %v", names)
			}
		})
	}
}

func TestArchiveByCopyAtBoth(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		content := randomBytes(100_000)
		partner.write(t, "old/a.835", []byte("the one before"))
		partner.write(t, "out/a.835", content)
		file := only(t, client, partner.path("out"))
		where, err := client.ArchiveCopy(t.Context(), file, partner.path("old"), copyOf(content))
		if err != nil || string(partner.read(t, "old/a.835")) != "the one before" {
			t.Fatalf("copying where the name is taken: %v", err)
		}
		if got := partner.read(t, "old/"+filepath.Base(where)); !bytes.Equal(got, content) {
			t.Error("the copy is something else")
		}
		if left := partner.names(t, "out"); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
		if _, err := client.ArchiveCopy(t.Context(), file, partner.path("old"), copyOf(content)); !errors.Is(err, transfer.ErrNotFound) {
			t.Errorf("copying again: %v, want ErrNotFound", err)
		}
		if n := len(partner.names(t, "old")); n != 2 {
			t.Errorf("%d files in the archive, want 2", n)
		}
	})
}

// TestCopyThatIsCutShort: whatever is left at whatever step, the file is never lost, and another attempt ends with one copy.
func TestCopyThatIsCutShort(t *testing.T) {
	t.Parallel()
	stopped := errors.New("stopped")
	content := randomBytes(3 << 20)
	for _, config := range []string{"", noRename} {
		for name, c := range map[string]struct {
			nth    int // where nothing can be renamed, the copy is written twice
			breaks func(*transfer.Copy, *transfer.Client, *sshdtest.Server)
			named  int // bytes under the copy's name, at least
		}{
			"while it is written": {1, cutWhileWritten(content, 1), 0},
			"before it is named": {1, func(c *transfer.Copy, _ *transfer.Client, _ *sshdtest.Server) {
				c.Copied = func() error { return stopped }
			}, 0},
			"while it is written anew": {2, cutWhileWritten(content, 2), 1},
			"once it is named": {1, func(c *transfer.Copy, _ *transfer.Client, _ *sshdtest.Server) {
				c.Named = func() error { return stopped }
			}, len(content)},
		} {
			if c.nth == 2 && config == "" {
				continue
			}
			t.Run(map[string]string{"": "rename", noRename: "in place"}[config]+", "+name, func(t *testing.T) {
				t.Parallel()
				server := sshdtest.Start(t, sshdtest.Options{Config: config})
				server.WriteFile("out/a.835", content)
				server.WriteFile("old/notes.tmp", []byte("the partner's"))
				if err := os.Chtimes(server.Path("out", "a.835"), april, april); err != nil {
					t.Fatal(err)
				}
				first := dial(t, endpoint(server))
				file := only(t, first, server.Path("out"))
				if _, err := first.ArchiveCopy(t.Context(), file, server.Path("old"), copyOf(content, func(from *transfer.Copy) { c.breaks(from, first, server) })); err == nil {
					t.Fatal("no error")
				}
				if got, err := os.ReadFile(server.Path("out", "a.835")); err != nil || !bytes.Equal(got, content) {
					t.Fatalf("the original is not what it was: %v", err)
				}
				if got, _ := os.ReadFile(server.Path("old", "a.835")); len(got) < c.named || c.named == 0 && len(got) > 0 {
					t.Errorf("%d bytes have the copy's name, want %d", len(got), c.named)
				}
				again := copyOf(content, func(c *transfer.Copy) { c.Attempt = "17-3" })
				where, err := dial(t, endpoint(server)).ArchiveCopy(t.Context(), file, server.Path("old"), again)
				if err != nil || where != server.Path("old", "a.835") {
					t.Fatalf("the next attempt: %q, %v", where, err)
				}
				if got, err := os.ReadFile(where); err != nil || !bytes.Equal(got, content) {
					t.Errorf("the copy: %d bytes, %v", len(got), err)
				}
				names, _ := filepath.Glob(server.Path("old", "*"))
				if _, err := os.Stat(server.Path("out", "a.835")); !os.IsNotExist(err) || len(names) != 2 {
					t.Errorf("the original %v, in the archive: %v", err, names)
				}
			})
		}
	}
}

// cutWhileWritten ends the connection when a part of the nth copy has gone out.
func cutWhileWritten(content []byte, nth int) func(*transfer.Copy, *transfer.Client, *sshdtest.Server) {
	return func(c *transfer.Copy, client *transfer.Client, server *sshdtest.Server) {
		opened, whole := 0, c.Open
		c.Open = func() (io.ReadCloser, error) {
			if opened++; opened != nth {
				return whole()
			}
			return io.NopCloser(io.MultiReader(bytes.NewReader(content[:2<<20]), &lineCut{client, server.Path("old")})), nil
		}
	}
}

// A lineCut closes its client's connection when it is read and the server has a part of each file in a folder.
type lineCut struct {
	client *transfer.Client
	folder string
}

func (l *lineCut) Read([]byte) (int, error) {
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for begun := false; !begun; <-tick.C {
		copies, err := filepath.Glob(filepath.Join(l.folder, "a.835*"))
		if err != nil {
			return 0, err
		}
		begun = len(copies) > 0
		for _, name := range copies {
			info, err := os.Stat(name)
			begun = begun && (strings.HasSuffix(name, ".tmp") && len(copies) > 1 || err == nil && info.Size() > 0)
		}
	}
	l.client.Close()
	return 0, errors.New("the line is cut")
}

// TestCopyIsCompared: the original stays if the copy is not what was taken, or the original is not what it was.
func TestCopyIsCompared(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	content := randomBytes(50_000)
	client := dial(t, endpoint(server))
	put := func() transfer.RemoteFile {
		server.WriteFile("out/a.835", content)
		if err := os.Chtimes(server.Path("out", "a.835"), april, april); err != nil {
			t.Fatal(err)
		}
		return only(t, client, server.Path("out"))
	}
	other := copyOf(content, func(c *transfer.Copy) { c.SHA256 = sha256.Sum256([]byte("what was taken")) })
	_, err := client.ArchiveCopy(t.Context(), put(), server.Path("old"), other)
	wantCode(t, err, "transfer.upload_incomplete", false)
	if names, _ := filepath.Glob(server.Path("old", "*")); len(names) != 0 {
		t.Errorf("in the archive: %v", names)
	}
	only(t, client, server.Path("out"))

	changed := copyOf(content, func(c *transfer.Copy) {
		c.Named = func() error { server.WriteFile("out/a.835", []byte("a new one")); return nil }
	})
	_, err = client.ArchiveCopy(t.Context(), put(), server.Path("old"), changed)
	wantCode(t, err, "transfer.file_changed", false)
	if got, err := os.ReadFile(server.Path("out", "a.835")); err != nil || string(got) != "a new one" {
		t.Errorf("the new file: %q, %v", got, err)
	}
}

// TestCopyLeavesOthersAlone: only temporary files of our own copies are removed: of this file, or old ones.
func TestCopyLeavesOthersAlone(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	content := []byte("content")
	server.WriteFile("out/a.835", content)
	for name, age := range map[string]time.Duration{
		"b.835.ediport-0a1b2c3d-9-1.tmp": time.Hour, "c.835.ediport-0a1b2c3d-9-1.tmp": 72 * time.Hour, "partner.tmp": 72 * time.Hour, "a.835.tmp": 72 * time.Hour,
	} {
		server.WriteFile("old/"+name, []byte("x"))
		at := time.Now().Add(-age)
		if err := os.Chtimes(server.Path("old", name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	client := dial(t, endpoint(server))
	if _, err := client.ArchiveCopy(t.Context(), only(t, client, server.Path("out")), server.Path("old"), copyOf(content)); err != nil {
		t.Fatal(err)
	}
	names := partnerServer{disk: server.Root}.names(t, "old")
	if got := strings.Join(names, " "); got != "a.835 a.835.tmp b.835.ediport-0a1b2c3d-9-1.tmp partner.tmp" {
		t.Errorf("in the archive: %s", got)
	}
}
