package transfer_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// names returns what is in a folder of the served disk.
func (p partnerServer) names(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(p.disk, folder))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

func (p partnerServer) mkdir(t *testing.T, name string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(p.disk, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestUpload(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		partner.mkdir(t, "in")
		client := dial(t, partner.endpoint)
		for name, c := range map[string]struct {
			size int
			file string
			way  string
			temp string
		}{
			"empty":             {0, "empty.x12", "", ""},
			"one byte":          {1, "one.x12", transfer.RenamePlain, ""},
			"many packets":      {3 << 20, "many.x12", "", ".many.tmp"},
			"posix-rename":      {40_000, "posix.x12", transfer.RenamePosix, ""},
			"no rename":         {40_000, "direct.x12", transfer.RenameNone, ""},
			"a name with space": {10, "with space.x12", "", ""},
			"a name in Unicode": {10, "größe 日本.x12", "", ""},
		} {
			t.Run(name, func(t *testing.T) {
				content := randomBytes(c.size)
				u := transfer.Upload{Folder: partner.path("in"), Name: c.file, Temporary: c.temp, Size: int64(c.size), Rename: c.way}
				got, err := client.Upload(t.Context(), bytes.NewReader(content), u)
				if err != nil {
					t.Fatal(err)
				}
				if got.Path != partner.path("in", c.file) || got.Size != int64(c.size) || got.SHA256 != sha256.Sum256(content) || got.ModTime.IsZero() {
					t.Errorf("receipt %+v", got)
				}
				if !bytes.Equal(partner.read(t, "in/"+c.file), content) {
					t.Error("what was delivered is something else")
				}
				if state, err := client.LookForUpload(t.Context(), u); err != nil || state != transfer.UploadFinal {
					t.Errorf("looking for it: %s, %v, want final", state, err)
				}
			})
		}
		if n := len(partner.names(t, "in")); n != 7 {
			t.Errorf("%d files in the folder, want 7: temporary ones stayed", n)
		}
	})
}

func TestUploadReplacesNothing(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		client := dial(t, partner.endpoint)
		for _, way := range []string{transfer.RenameAuto, transfer.RenamePlain, transfer.RenamePosix, transfer.RenameNone} {
			for _, late := range []bool{false, true} {
				name := way + map[bool]string{true: "-late.x12", false: ".x12"}[late]
				u := transfer.Upload{Folder: partner.path("in"), Name: name, Size: 4, Rename: way}
				foreign := func() error { partner.write(t, "in/"+name, []byte("foreign")); return nil }
				if late && way == transfer.RenameNone {
					continue // it has the name from the first byte on
				} else if late {
					partner.mkdir(t, "in")
					u.Renaming = foreign
				} else {
					_ = foreign() // never fails
				}
				_, err := client.Upload(t.Context(), strings.NewReader("ours"), u)
				wantCode(t, err, "transfer.name_taken", true)
				if late && !errors.Is(err, transfer.ErrNotRenamed) {
					t.Errorf("%s: %v does not say that it was not renamed", name, err)
				}
				if got := string(partner.read(t, "in/"+name)); got != "foreign" {
					t.Errorf("%s: the file has become %q", name, got)
				}
				if state, err := client.LookForUpload(t.Context(), u); err != nil || state != transfer.UploadForeign {
					t.Errorf("%s: looking for it: %s, %v, want foreign", name, state, err)
				}
			}
		}
		if n := len(partner.names(t, "in")); n != 7 {
			t.Errorf("%d files in the folder, want 7: temporary ones stayed", n)
		}
	})
}

func TestUploadThatFails(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	partner := partnerServer{endpoint(server), server.Root, server.Root}
	partner.mkdir(t, "in")
	client := dial(t, partner.endpoint)
	broken, stopped := errors.New("the archive broke"), errors.New("fenced")
	for name, c := range map[string]struct {
		change func(*transfer.Upload)
		source io.Reader
		code   string
		is     error
	}{
		"source too short":   {nil, strings.NewReader("ou"), "transfer.upload_incomplete", nil},
		"source too long":    {nil, strings.NewReader("ours!"), "transfer.upload_incomplete", nil},
		"source that breaks": {nil, io.MultiReader(strings.NewReader("ou"), iotest.ErrReader(broken)), "", broken},
		"stopped before renaming": {func(u *transfer.Upload) {
			u.Name, u.Renaming = "stopped.x12", func() error { return stopped }
		}, strings.NewReader("ours"), "", stopped},
		"no such folder":         {func(u *transfer.Upload) { u.Folder += "/missing" }, strings.NewReader("ours"), "transfer.folder_missing", nil},
		"a name with a slash":    {func(u *transfer.Upload) { u.Name = "../x.x12" }, strings.NewReader("ours"), "transfer.name_refused", nil},
		"a name of dots":         {func(u *transfer.Upload) { u.Name = ".." }, strings.NewReader("ours"), "transfer.name_refused", nil},
		"a temporary name above": {func(u *transfer.Upload) { u.Temporary = "../x" }, strings.NewReader("ours"), "transfer.name_refused", nil},
		"an unknown way":         {func(u *transfer.Upload) { u.Rename = "magic" }, strings.NewReader("ours"), "transfer.endpoint_invalid", nil},
	} {
		t.Run(name, func(t *testing.T) {
			u := transfer.Upload{Folder: partner.path("in"), Name: "f.x12", Size: 4}
			if c.change != nil {
				c.change(&u)
			}
			_, err := client.Upload(t.Context(), c.source, u)
			if err == nil || transfer.Code(err) != c.code || (c.is != nil && !errors.Is(err, c.is)) {
				t.Errorf("error %v with code %q, want %q", err, transfer.Code(err), c.code)
			}
			if _, err := os.Stat(filepath.Join(partner.disk, "in", "f.x12")); err == nil {
				t.Error("there is a file under the final name")
			}
		})
	}
	// A stop leaves the temporary file for the recovery to find.
	if got := partner.names(t, "in"); len(got) != 1 || got[0] != "stopped.x12.tmp" {
		t.Errorf("left: %v, want the temporary file of the stopped upload", got)
	}
	for _, there := range []bool{true, false} {
		removed, err := client.RemoveTemporary(t.Context(), transfer.Upload{Folder: partner.path("in"), Name: "stopped.x12"})
		if err != nil || removed != there {
			t.Errorf("removed %v, %v, want %v", removed, err, there)
		}
	}
	if got := partner.names(t, "in"); len(got) != 0 {
		t.Errorf("left: %v, want nothing", got)
	}
}

// TestRenameThatHappenedAllTheSame: the server says that the name is taken, by what it has just renamed.
func TestRenameThatHappenedAllTheSame(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	client := dial(t, endpoint(server))
	for _, way := range []string{transfer.RenameAuto, transfer.RenamePlain, transfer.RenamePosix} {
		u := transfer.Upload{Folder: server.Root, Name: way + ".x12", Size: 4, Rename: way}
		u.Renaming = func() error { return os.Rename(server.Path(u.Name+".tmp"), server.Path(u.Name)) }
		if got, err := client.Upload(t.Context(), strings.NewReader("ours"), u); err != nil || got.Size != 4 {
			t.Errorf("%s: %+v, %v", way, got, err)
		}
	}
}

func TestUploadWithMode(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	client := dial(t, endpoint(server))
	u := transfer.Upload{Folder: server.Root, Name: "f.x12", Size: 4, Mode: 0o640, Sync: true}
	if _, err := client.Upload(t.Context(), strings.NewReader("ours"), u); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(server.Path("f.x12"))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode %v, %v, want 0640", info.Mode(), err)
	}
}

// TestUploadInPieces breaks the connection in the middle: what is there is found and sent again.
func TestUploadBroken(t *testing.T) {
	t.Parallel()
	content := randomBytes(8 << 20)
	for _, way := range []string{transfer.RenameAuto, transfer.RenameNone} {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			server := sshdtest.Start(t, sshdtest.Options{})
			client := dial(t, endpoint(server))
			u := transfer.Upload{Folder: server.Root, Name: "f.x12", Size: int64(len(content)), Rename: way}
			source := io.MultiReader(bytes.NewReader(content[:4<<20]), &onRead{do: server.KillSessions, then: bytes.NewReader(content[4<<20:])})
			_, err := client.Upload(t.Context(), source, u)
			wantCode(t, err, "transfer.connection_lost", false)

			client = dial(t, endpoint(server))
			state, err := client.LookForUpload(t.Context(), u)
			if err != nil || state != transfer.UploadTemporary {
				t.Fatalf("after the break: %s, %v, want temporary", state, err)
			}
			u.Restart = true
			if _, err := client.Upload(t.Context(), bytes.NewReader(content), u); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(server.Path("f.x12"))
			if err != nil || !bytes.Equal(got, content) {
				t.Errorf("what was delivered is something else (%v)", err)
			}
		})
	}
}

// onRead does something when it is read from.
type onRead struct {
	do   func()
	then io.Reader
}

func (r *onRead) Read(p []byte) (int, error) {
	if r.do != nil {
		r.do()
		r.do = nil
	}
	return r.then.Read(p)
}

func TestLookForUpload(t *testing.T) {
	t.Parallel()
	atBoth(t, func(t *testing.T, partner partnerServer) {
		partner.mkdir(t, "in")
		client := dial(t, partner.endpoint)
		u := transfer.Upload{Folder: partner.path("in"), Name: "f.x12", Size: 4}
		want := func(state transfer.UploadState) {
			t.Helper()
			if got, err := client.LookForUpload(t.Context(), u); err != nil || got != state {
				t.Errorf("found %s, %v, want %s", got, err, state)
			}
		}
		want(transfer.UploadNeither)
		partner.write(t, "in/f.x12.tmp", []byte("ou"))
		want(transfer.UploadTemporary)
		partner.write(t, "in/f.x12", []byte("foreign"))
		want(transfer.UploadForeign)
		partner.write(t, "in/f.x12", []byte("ours"))
		want(transfer.UploadFinal)
	})
}

// TestOneSessionAtATime: asking for the server's limits leaves no session behind.
func TestOneSessionAtATime(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: "MaxSessions 1"})
	for range 5 {
		client := dial(t, endpoint(server))
		content := randomBytes(1 << 20)
		u := transfer.Upload{Folder: server.Root, Name: "f.x12", Size: int64(len(content))}
		if _, err := client.Upload(t.Context(), bytes.NewReader(content), u); err != nil {
			t.Fatal(err)
		}
		if err := os.Remove(server.Path("f.x12")); err != nil {
			t.Fatal(err)
		}
	}
}
