package dropbox

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/storage"
)

func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// What OpenSSH's own clients send is ours, byte for byte, and is to be loaded.
func TestOpenSSHSends(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k)
	dir := t.TempDir()
	content := randomBytes(3_000_000)
	for name, c := range map[string][]byte{"big.835": content, "with space.835": []byte("b"), "ünïcode 日本.835": []byte("c"), "empty.835": nil, "scp.835": content[:70_000]} {
		if err := os.WriteFile(filepath.Join(dir, name), c, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, err := h.openSSH(b, k, "cd in\nlcd "+dir+"\nput big.835\nput \"with space.835\"\nput ünïcode*\nput -p empty.835\nls -l\n")
	if err != nil {
		t.Fatalf("sftp: %v\n%s", err, out)
	}
	if !strings.Contains(out, "accepted") || !strings.Contains(out, "3000000") {
		t.Errorf("the listing says:\n%s", out)
	}
	if out, err := h.run("scp", append(h.sshOptions(k), "-s", "-P", h.port(), filepath.Join(dir, "scp.835"), b.Username+"@127.0.0.1:/in/"), ""); err != nil {
		t.Fatalf("scp: %v\n%s", err, out)
	}
	h.holds(5, 0)
	if !bytes.Equal(h.original("big.835"), content) || !bytes.Equal(h.original("scp.835"), content[:70_000]) {
		t.Error("other bytes than were sent")
	}
	if n := h.number(`SELECT count(*) FROM file WHERE source = 'mailbox' AND direction = 'in' AND state = 'downloaded'`); n != 4 {
		t.Errorf("%d files wait to be loaded, want 4", n)
	}
	if n := h.number(`SELECT count(*) FROM file WHERE kind = 'empty' AND state = 'stored'`); n != 1 {
		t.Errorf("%d empty files", n)
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE kind = 'ingest'`); n != 4 {
		t.Errorf("%d jobs that load, want 4", n)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.file_accepted' AND address = '127.0.0.1'`); n != 5 {
		t.Errorf("%d events of files, want 5", n)
	}
}

// A file that is cut before it was closed leaves nothing: no row, no blob, and the name is free.
func TestCutInMidUploadLeavesNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k)
	conn, err := h.dial(b.Username, k)
	if err != nil {
		t.Fatal(err)
	}
	c := sftpOf(t, conn)
	f, err := c.Create("/in/a.835")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(randomBytes(200_000)); err != nil {
		t.Fatal(err)
	}
	h.eventually("it is being written", func() bool { return h.blobs() == 1 })
	if err := conn.Close(); err != nil {
		t.Fatal(err)
	}
	h.eventually("nothing of it is left", func() bool { return h.blobs() == 0 })
	h.holds(0, 0)
	again := h.client(b, k)
	if _, err := again.Stat("/in/a.835"); !os.IsNotExist(err) {
		t.Errorf("what was cut: %v, want that it is not there", err)
	}
	if err := put(again, "/in/a.835", []byte("whole")); err != nil {
		t.Fatal(err)
	}
	h.holds(1, 0)
}

// What is written under a temporary name becomes ours by its renaming only, and what was sent already is not overwritten.
func TestTemporaryNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k, func(b *storage.DropBox) { b.TemporarySuffixes = []string{".busy"} })
	c := h.client(b, k)
	for i, name := range []string{"a.835.part", "b.filepart", ".c.835", "d.835.tmp", "e.835.BUSY"} {
		if err := put(c, "/in/"+name, []byte("half of "+name)); err != nil {
			t.Fatal(err)
		}
		h.holds(i, 1)
		if err := put(c, "/in/"+name, []byte(name)); err != nil { // begun anew
			t.Fatal(err)
		}
		h.holds(i, 1)
		if info, err := c.Stat("/in/" + name); err != nil || info.Size() != int64(len(name)) {
			t.Errorf("a staged file: %v", err)
		}
		rename := c.Rename
		if i%2 == 1 {
			rename = c.PosixRename
		}
		if err := rename("/in/"+name, "/in/done"+string(rune('0'+i))); err != nil {
			t.Fatal(err)
		}
		h.holds(i+1, 0)
		if got := string(h.original("done" + string(rune('0'+i)))); got != name {
			t.Errorf("ours is %q", got)
		}
	}
	if err := put(c, "/in/x.part", []byte("other")); err != nil {
		t.Fatal(err)
	}
	if err := c.Rename("/in/x.part", "/in/done0"); err == nil {
		t.Error("a file that was accepted was replaced by renaming")
	}
	if err := c.Rename("/in/x.part", "/in/y.part"); err != nil {
		t.Error(err)
	}
	h.holds(5, 1)
	if err := c.Remove("/in/y.part"); err != nil {
		t.Error(err)
	}
	h.holds(5, 0)
	if err := c.Remove("/in/done0"); err == nil {
		t.Error("an accepted file was removed")
	}
	if err := c.Rename("/in/done0", "/in/done9"); err == nil {
		t.Error("an accepted file was renamed")
	}
	// A partner that did not hear of the renaming does it all again.
	if err := put(c, "/in/a.835.part", []byte("a.835.part")); err != nil {
		t.Fatal(err)
	}
	if err := c.Rename("/in/a.835.part", "/in/done0"); err != nil {
		t.Error(err)
	}
	h.holds(5, 0)
}

// The same bytes under the same name are one file, other bytes are refused, unless the drop box says that names repeat.
func TestNothingIsOverwritten(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	b := h.box("Tamarind", k)
	c := h.client(b, k)
	for range 3 {
		if err := put(c, "/in/a.835", []byte("first")); err != nil {
			t.Fatal(err)
		}
		h.holds(1, 0)
	}
	if err := put(c, "/in/a.835", []byte("second")); err == nil || !strings.Contains(err.Error(), "nothing is overwritten") {
		t.Errorf("overwriting: %v", err)
	}
	h.holds(1, 0)
	if string(h.original("a.835")) != "first" {
		t.Error("it was overwritten")
	}
	if _, err := c.OpenFile("/in/a.835", os.O_WRONLY|os.O_CREATE|os.O_EXCL); err == nil {
		t.Error("opened exclusively what is there")
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE action = 'dropbox.file_repeated'`); n != 2 {
		t.Errorf("%d events of repetitions, want 2", n)
	}
	b.RepeatNames = true
	b.Version = h.number(`SELECT version FROM dropbox`)
	if err := h.desk.ChangeDropBox(t.Context(), h.scope, b); err != nil {
		t.Fatal(err)
	}
	if err := put(c, "/in/a.835", []byte("second")); err != nil {
		t.Fatal(err)
	}
	h.holds(2, 0)
}

// An empty file does not keep its name from what comes after it: programs that make a file before they fill it, or that failed before
// they wrote, send the whole later. The other way round it would be overwriting.
func TestAnEmptyFileBlocksNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	k := newKey(t)
	c := h.client(h.box("Tamarind", k), k)
	for i, send := range []func(name string, content []byte) error{
		func(name string, content []byte) error { return put(c, "/in/"+name, content) },
		func(name string, content []byte) error {
			f, err := c.OpenFile("/in/"+name, os.O_WRONLY|os.O_CREATE|os.O_EXCL)
			if err != nil {
				return err
			}
			_, err = f.Write(content)
			return errors.Join(err, f.Close())
		},
		func(name string, content []byte) error {
			return errors.Join(put(c, "/in/"+name+".part", content), c.Rename("/in/"+name+".part", "/in/"+name))
		},
	} {
		name := string(rune('a'+i)) + ".835"
		for range 2 {
			if err := put(c, "/in/"+name, nil); err != nil {
				t.Fatal(err)
			}
		}
		if err := send(name, []byte("whole "+name)); err != nil {
			t.Errorf("the whole after an empty one, way %d: %v", i, err)
			continue
		}
		h.holds(2*(i+1), 0)
		if info, err := c.Stat("/in/" + name); err != nil || info.Size() != int64(len("whole "+name)) {
			t.Errorf("what lies there: %v, want the whole", err)
		}
		if err := put(c, "/in/"+name, []byte("whole "+name)); err != nil {
			t.Errorf("the whole once more: %v", err)
		}
		for _, other := range []string{"", "another"} {
			if err := put(c, "/in/"+name, []byte(other)); err == nil || !strings.Contains(err.Error(), "nothing is overwritten") {
				t.Errorf("%q over the whole: %v", other, err)
			}
		}
		h.holds(2*(i+1), 0)
	}
}
