package dropbox

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path"
	"strings"
	"testing"
	"time"

	"github.com/pkg/sftp"
	"golang.org/x/crypto/ssh"

	"github.com/ediport/ediport/storage"
)

// No name leaves /in, commands a terminal or makes a folder.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	c := h.client(h.box("Tamarind", k), k)
	for _, name := range []string{
		"/a.835", "/out/a.835", "/in", "/in/sub/a.835", "/in/../a.835", "/../../etc/passwd", "/in/\x1b[2J.835", "/in/a\nb", "/in/a\x00b", "/in/\u0085x",
		"/in/\x9bx", "/in/" + strings.Repeat("x", 201), "/in/.", "/in/..",
	} {
		if err := put(c, name, []byte("x")); err == nil {
			t.Errorf("%q was taken", name)
		}
	}
	h.holds(0, 0)
	for i, name := range []string{"/in/sub/../b.835", "/in/./c.835", "in/d.835", "/in//e.835", "/in/latin\xe4.835", "/in/'; rm -rf $HOME", "/in/a%41b", "/in/" + strings.Repeat("y", 200)} {
		if err := put(c, name, []byte("x")); err != nil {
			t.Errorf("%q: %v", name, err)
		}
		if info, err := c.Stat(name); err != nil || info.Name() != path.Base(name) {
			t.Errorf("%q afterwards: %v", name, err)
		}
		h.holds(i+1, 0)
	}
	if n := h.number(`SELECT count(*) FROM file WHERE name = 'latin%E4.835' OR name = 'a%2541b'`); n != 2 {
		t.Errorf("%d odd names are kept escaped, want 2", n)
	}
	for what, err := range map[string]error{
		"a folder made": c.Mkdir("/in/sub"), "a folder removed": c.RemoveDirectory("/in"), "a symlink": c.Symlink("/etc/passwd", "/in/link"),
		"a hard link": c.Link("/in/b.835", "/in/link"), "a truncation": c.Truncate("/in/b.835", 0), "a renaming out": c.Rename("/in/b.835", "/b.835"),
	} {
		if err == nil {
			t.Errorf("%s was done", what)
		}
	}
	for what, err := range map[string]error{"chmod": c.Chmod("/in/b.835", 0o644), "chtimes": c.Chtimes("/in/b.835", time.Now(), time.Now())} {
		if err != nil {
			t.Errorf("%s is not ignored politely: %v", what, err)
		}
	}
	if _, err := c.Open("/in/b.835"); err == nil {
		t.Error("what was sent can be read back")
	}
	if f, err := c.OpenFile("/in/rw.835", os.O_RDWR|os.O_CREATE); err != nil {
		t.Errorf("opening for reading and writing: %v", err)
	} else if _, err := f.Read(make([]byte, 10)); err == nil || errors.Is(err, io.EOF) {
		t.Error("an open file can be read")
	}
	if _, err := c.OpenFile("/in/b.835", os.O_WRONLY|os.O_APPEND); err == nil {
		t.Error("appended to a file")
	}
}

// Each limit of a drop box and of a connection holds, and says why.
func TestLimitsOfUploads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k, func(b *storage.DropBox) { b.MaxFileBytes, b.MaxWaitingBytes, b.MaxWaitingFiles = 100_000, 150_000, 3 })
	c := h.client(b, k)
	endless, err := c.Create("/in/endless.835")
	if err != nil {
		t.Fatal(err)
	}
	written, err := io.Copy(endless, zeros{})
	if err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("an endless file: %v after %d bytes", err, written)
	}
	if err := endless.Close(); err == nil {
		t.Error("closing it says that all is well")
	}
	h.holds(0, 0)
	if err := put(c, "/in/a.835", randomBytes(100_000)); err != nil {
		t.Errorf("a file of the largest size: %v", err)
	}
	if err := put(c, "/in/b.835", randomBytes(50_001)); err == nil {
		t.Error("more bytes wait than may")
	}
	for _, name := range []string{"c.part", "d.835"} {
		if err := put(c, "/in/"+name, []byte("x")); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(c, "/in/e.835", []byte("x")); err == nil || !strings.Contains(err.Error(), "too much waits") {
		t.Errorf("more files wait than may: %v", err)
	}
	h.holds(2, 1)
	if _, err := h.owner.ExecContext(t.Context(), `UPDATE file SET state = 'loaded'`); err != nil {
		t.Fatal(err)
	}
	if err := put(c, "/in/e.835", []byte("x")); err != nil {
		t.Errorf("when the others are loaded: %v", err)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.file_refused' AND result = 'denied'`); n < 3 {
		t.Errorf("%d events of refused files", n)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func TestHandles(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	c := h.client(h.box("Tamarind", k), k)
	var open []*sftp.File
	for i := range 64 {
		f, err := c.Create(fmt.Sprintf("/in/%d.835", i))
		if err != nil {
			t.Fatalf("handle %d: %v", i+1, err)
		}
		open = append(open, f)
	}
	if _, err := c.Create("/in/more.835"); err == nil || !strings.Contains(err.Error(), "too many") {
		t.Errorf("the 65th handle: %v", err)
	}
	if _, err := c.Create("/in/0.835"); err == nil {
		t.Error("the same name twice at once")
	}
	for _, f := range open {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := put(c, "/in/more.835", []byte("x")); err != nil {
		t.Errorf("after they were closed: %v", err)
	}
	h.holds(65, 0)
}

// Whoever writes at random is told so, and nothing is kept; what comes in another order only because it was sent at once is put in order.
func TestOrderOfWrites(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	c := h.client(h.box("Tamarind", k), k)
	f, err := c.Create("/in/a.835")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []struct {
		text string
		at   int64
	}{{"three", 10}, {"one..", 0}, {"two..", 5}} {
		if _, err := f.WriteAt([]byte(part.text), part.at); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	if got := string(h.original("a.835")); got != "one..two..three" {
		t.Errorf("in order it is %q", got)
	}
	for name, write := range map[string]func(*sftp.File) error{
		"a gap": func(f *sftp.File) error { _, err := f.WriteAt([]byte("x"), 100); return err },
		"going back": func(f *sftp.File) error {
			_, err := f.Write([]byte("abc"))
			_, _ = f.WriteAt([]byte("x"), 0)
			return err
		},
		"too far off": func(f *sftp.File) error { _, _ = f.WriteAt(make([]byte, 5<<20), 100); return nil },
	} {
		f, err := c.Create("/in/b.835")
		if err != nil {
			t.Fatal(err)
		}
		if err := write(f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := f.Close(); err == nil {
			t.Errorf("%s was taken", name)
		}
		h.holds(1, 0)
	}
}

// A drop box shows its own files only; another's are neither seen nor told apart from what is not there.
func TestDropBoxesDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k1, k2 := newKey(t), newKey(t)
	one, two := h.client(h.box("Tamarind", k1), k1), h.client(h.box("Quillai", k2), k2)
	for _, name := range []string{"/in/a.835", "/in/b.835.part"} {
		if err := put(one, name, []byte("of one")); err != nil {
			t.Fatal(err)
		}
	}
	files, err := two.ReadDir("/in")
	if err != nil || len(files) != 0 {
		t.Errorf("the other sees %d files: %v", len(files), err)
	}
	_, there := two.Stat("/in/a.835")
	_, nowhere := two.Stat("/in/nowhere.835")
	if there == nil || there.Error() != nowhere.Error() {
		t.Errorf("another's file: %v, none: %v", there, nowhere)
	}
	if err := two.Rename("/in/b.835.part", "/in/b.835"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("renaming another's file: %v", err)
	}
	if err := two.Remove("/in/b.835.part"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("removing another's file: %v", err)
	}
	if err := put(two, "/in/a.835", []byte("of two")); err != nil {
		t.Errorf("a name that another has: %v", err)
	}
	h.holds(2, 1)
}

// Only SFTP: no shell, no command, no way to another machine.
func TestNothingButSFTP(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k)
	conn, err := h.dial(b.Username, k)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if v := string(conn.ServerVersion()); v != "SSH-2.0-ediport" {
		t.Errorf("it calls itself %q", v)
	}
	if _, err := conn.Dial("tcp", h.server.Addr().String()); err == nil {
		t.Error("it forwards")
	}
	if _, err := conn.Listen("tcp", "127.0.0.1:0"); err == nil {
		t.Error("it listens for others")
	}
	for what, ask := range map[string]func(*ssh.Session) error{
		"a command": func(s *ssh.Session) error { return s.Run("id") }, "a shell": func(s *ssh.Session) error { return s.Shell() },
		"a terminal": func(s *ssh.Session) error { return s.RequestPty("xterm", 24, 80, nil) }, "a variable": func(s *ssh.Session) error { return s.Setenv("A", "b") },
		"another subsystem": func(s *ssh.Session) error { return s.RequestSubsystem("shell") },
	} {
		s, err := conn.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		if err := ask(s); err == nil {
			t.Errorf("it has %s", what)
		}
		_ = s.Close()
	}
	var sessions []*ssh.Session
	for {
		s, err := conn.NewSession()
		if err != nil {
			break
		}
		if sessions = append(sessions, s); len(sessions) > 10 {
			t.Fatal("sessions without end in one connection")
		}
	}
	if len(sessions) != 4 {
		t.Errorf("%d sessions in one connection", len(sessions))
	}
}

// FuzzNameIn: whatever path a client asks for, what is taken as a name is one, of a length that is kept, and commands nothing.
func FuzzNameIn(f *testing.F) {
	for _, seed := range []string{"/in/a.835", "/in/../a", "/in/a/b", "/", "in", "/in/\x1b", "/in/\xff\xfe", "/in/" + strings.Repeat("é", 150)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, asked string) {
		clean := sftp.NewRequest("Put", asked).Filepath
		name, err := nameIn(clean)
		if err != nil {
			if name != "" {
				t.Errorf("%q: an error and the name %q", asked, name)
			}
			return
		}
		if path.Clean("/in/"+name) != "/in/"+name || strings.ContainsAny(name, "/\x00\n\r\x1b\u009b") || len(name) > maxName || name == ".." {
			t.Errorf("%q is taken as %q", asked, name)
		}
	})
}

var _ net.Conn = (*timedConn)(nil)
