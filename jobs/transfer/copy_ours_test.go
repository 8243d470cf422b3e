package transfer_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// TestFileReplacedWithinItsSecond: a new file of the same size and second is not the one that was taken: it stays.
func TestFileReplacedWithinItsSecond(t *testing.T) {
	t.Parallel()
	for name, size := range map[string]int{"small": 5000, "large": 100_000} {
		for where, config := range map[string]string{"renamed": "", "in place": noRename} {
			t.Run(name+", "+where, func(t *testing.T) {
				t.Parallel()
				server := sshdtest.Start(t, sshdtest.Options{Config: config})
				client := dial(t, endpoint(server))
				content, newer := randomBytes(size), randomBytes(size)
				newer[0] = content[0] + 1
				file := oldFile(t, server, client, content)
				_, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), copyOf(content, func(c *transfer.Copy) {
					c.Copied = func() error {
						server.WriteFile("out/a.835", newer)
						return os.Chtimes(server.Path("out", "a.835"), april, april)
					}
				}))
				wantCode(t, err, "transfer.file_changed", false)
				isThere(t, server.Path("out", "a.835"), newer)
				isThere(t, server.Path("old", "a.835"), content)
				if names, _ := filepath.Glob(server.Path("old", "*")); len(names) != 1 {
					t.Errorf("in the archive: %v", names)
				}
			})
		}
	}
}

// A lastRead calls a function when it is read, and fails.
type lastRead func() error

func (r lastRead) Read([]byte) (int, error) { return 0, r() }

// TestOvertakenCopyInPlace: an attempt that fails when another one has its work leaves what has the copy's name: the other one may
// have compared it already, and deleted the file.
func TestOvertakenCopyInPlace(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
	client, successor := dial(t, endpoint(server)), dial(t, endpoint(server))
	content, part := randomBytes(3<<20), 2<<20
	file := oldFile(t, server, client, content)
	unreadable := errors.New("what was taken can't be read")
	overtaking := lastRead(func() error {
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		next := copyOf(content, func(c *transfer.Copy) { c.Attempt = "17-3" })
		for begun := false; ; <-tick.C {
			info, err := os.Stat(server.Path("old", "a.835"))
			if begun = begun || err == nil && info.Size() > 0; !begun {
				continue
			}
			_, err = successor.ArchiveCopy(t.Context(), file, server.Path("old"), next)
			if !errors.Is(err, transfer.ErrIncomplete) { // it grew while it was looked at
				return errors.Join(err, unreadable)
			}
		}
	})
	opened := 0
	from := copyOf(content, func(c *transfer.Copy) {
		whole := c.Open
		c.Open = func() (io.ReadCloser, error) {
			if opened++; opened != 2 { // the first is for the temporary name
				return whole()
			}
			return io.NopCloser(io.MultiReader(bytes.NewReader(content[:part]), overtaking)), nil
		}
	})
	if _, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), from); !errors.Is(err, unreadable) || errors.Is(err, transfer.ErrNotFound) {
		t.Fatalf("the attempt: %v", err)
	}
	isThere(t, server.Path("old", "a.835"), content)
	if _, err := os.Stat(server.Path("out", "a.835")); !os.IsNotExist(err) {
		t.Errorf("the original: %v", err)
	}
}

// TestUnreadableCopyGoesOn: where a copy in place was broken off, the next try, also over the same connection, makes it whole.
func TestUnreadableCopyGoesOn(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
	client := dial(t, endpoint(server))
	content := randomBytes(3 << 20)
	file := oldFile(t, server, client, content)
	opened := 0
	from := copyOf(content, func(c *transfer.Copy) {
		whole := c.Open
		c.Open = func() (io.ReadCloser, error) {
			if opened++; opened != 2 {
				return whole()
			}
			return io.NopCloser(io.MultiReader(bytes.NewReader(content[:2<<20]), lastRead(func() error { return io.ErrUnexpectedEOF }))), nil
		}
	})
	if _, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), from); err == nil {
		t.Fatal("no error")
	}
	where, err := client.ArchiveCopy(t.Context(), file, server.Path("old"), from)
	if err != nil || where != server.Path("old", "a.835") {
		t.Fatalf("the next try: %q, %v", where, err)
	}
	isThere(t, where, content)
	if names, _ := filepath.Glob(server.Path("old", "*")); len(names) != 1 {
		t.Errorf("in the archive: %v", names)
	}
}

// unordered serves files from memory, renames none, and notes whether the first bytes of a file were ever missing while later ones
// had arrived, or could have been: two writes were under way.
type unordered struct {
	sftp.Handlers
	mu     sync.Mutex
	writes map[string]int // under way, by path
	holes  int
}

func (u *unordered) Filecmd(r *sftp.Request) error {
	if r.Method == "Rename" || r.Method == "PosixRename" {
		return sftp.ErrSSHFxOpUnsupported
	}
	return u.FileCmd.Filecmd(r)
}

func (u *unordered) Filewrite(r *sftp.Request) (io.WriterAt, error) {
	w, err := u.FilePut.Filewrite(r)
	return &unorderedFile{u, w, r.Filepath}, err
}

type unorderedFile struct {
	of   *unordered
	to   io.WriterAt
	path string
}

func (f *unorderedFile) WriteAt(b []byte, at int64) (int, error) {
	f.count(1)
	defer f.count(-1)
	if at == 0 { // others may overtake it
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		<-tick.C
	}
	return f.to.WriteAt(b, at)
}

func (f *unorderedFile) count(more int) {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	f.of.writes[f.path] += more
	if f.of.writes[f.path] > 1 && !strings.HasSuffix(f.path, ".tmp") {
		f.of.holes++
	}
}

// TestCopyInPlaceHasNoHoles: at servers that write several things at once, a copy under its name is at every moment what the file
// begins with: nothing is sent before what comes before it is there.
func TestCopyInPlaceHasNoHoles(t *testing.T) {
	t.Parallel()
	server := &unordered{Handlers: sftp.InMemHandler(), writes: map[string]int{}}
	client := dial(t, serveFiles(t, sftp.Handlers{FileGet: server.FileGet, FilePut: server, FileCmd: server, FileList: server.FileList}))
	content := randomBytes(1 << 20)
	u := transfer.Upload{Folder: "/out", Name: "a.tmp", Size: int64(len(content)), Rename: transfer.RenameNone, MakeFolder: true}
	if _, err := client.Upload(t.Context(), bytes.NewReader(content), u); err != nil {
		t.Fatal(err)
	}
	file, err := client.Stat(t.Context(), "/out/a.tmp")
	if err != nil {
		t.Fatal(err)
	}
	file.Path, file.At = "/out/a.835", file.Path
	if _, err := client.ArchiveCopy(t.Context(), file, "/old", copyOf(content)); err != nil {
		t.Fatal(err)
	}
	if there, err := client.Stat(t.Context(), "/old/a.835"); err != nil || there.Size != file.Size || server.holes > 0 {
		t.Errorf("the copy: %v, %v, with %d writes that may have overtaken others", there, err, server.holes)
	}
}
