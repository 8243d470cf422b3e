package keys

import (
	"bufio"
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	if path := os.Getenv("KEYS_TEST_CREATE"); path != "" {
		os.Exit(createInChild(path))
	}
	os.Exit(m.Run())
}

// createInChild waits for its standard input to end, so that several children start at once,
// and prints whether it created the file, and the current key's id.
func createInChild(path string) int {
	_, _ = bufio.NewReader(os.Stdin).ReadByte()
	ring, created, err := LoadOrCreate(path, slog.New(slog.DiscardHandler))
	if err != nil {
		os.Stderr.WriteString(err.Error())
		return 1
	}
	if created {
		os.Stdout.WriteString("created ")
	}
	os.Stdout.WriteString(string(ring.Current()))
	return 0
}

func TestLoadOrCreate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "etc", "ediport", "master.key")
	if _, err := Load(path); !errors.Is(err, ErrNoKeyFile) {
		t.Fatalf("Load without a file: %v, want ErrNoKeyFile", err)
	}
	var log bytes.Buffer
	first, created, err := LoadOrCreate(path, slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil || !created {
		t.Fatalf("first LoadOrCreate: created %v, %v", created, err)
	}
	if !strings.Contains(log.String(), "back this file up") || !strings.Contains(log.String(), path) {
		t.Errorf("the log doesn't say loudly what to back up: %s", log.String())
	}
	second, created, err := LoadOrCreate(path, slog.New(slog.DiscardHandler))
	if err != nil || created || second.Current() != first.Current() {
		t.Errorf("second LoadOrCreate: created %v, key %s, %v; want key %s", created, second.Current(), err, first.Current())
	}
	assertMode(t, path, 0o600)
	assertMode(t, filepath.Dir(path), 0o700)
	assertOnlyFile(t, filepath.Dir(path), "master.key")
	sealed, err := first.Seal(Secrets, []byte("secret"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := second.Open(Secrets, sealed, nil); err != nil {
		t.Errorf("what the creator sealed doesn't open with the file: %v", err)
	}
}

func assertMode(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if got := info.Mode().Perm(); got != want {
		t.Errorf("%s: mode %04o, want %04o", filepath.Base(path), got, want)
	}
}

func assertOnlyFile(t *testing.T, dir, want string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 1 || entries[0].Name() != want {
		t.Errorf("left in the folder: %v, want %s alone", entries, want)
	}
}

func TestProcessesStartingAtOnceShareOneKey(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "ediport", "master.key")
	type child struct {
		cmd *exec.Cmd
		out bytes.Buffer
	}
	start, hold, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	children := make([]*child, 8)
	for i := range children {
		c := &child{cmd: exec.CommandContext(t.Context(), os.Args[0])}
		c.cmd.Env = append(os.Environ(), "KEYS_TEST_CREATE="+path)
		c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = start, &c.out, &c.out
		if err := c.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		children[i] = c
	}
	if err := errors.Join(start.Close(), hold.Close()); err != nil { // off they go
		t.Fatal(err)
	}
	creators := 0
	ids := map[string]bool{}
	for _, c := range children {
		if err := c.cmd.Wait(); err != nil {
			t.Fatalf("child: %v: %s", err, c.out.String())
		}
		id, created := strings.CutPrefix(c.out.String(), "created ")
		if created {
			creators++
		}
		ids[id] = true
	}
	if creators != 1 || len(ids) != 1 {
		t.Errorf("%d processes created the key and %d keys are in use, want 1 and 1", creators, len(ids))
	}
	assertOnlyFile(t, filepath.Dir(path), "master.key")
}

func TestLoadRefusesOpenPermissions(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	if _, _, err := LoadOrCreate(path, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	for mode, want := range map[fs.FileMode]error{
		0o600: nil, 0o400: nil, 0o700: nil,
		0o640: ErrPermissions, 0o604: ErrPermissions, 0o620: ErrPermissions, 0o602: ErrPermissions, 0o666: ErrPermissions, 0o601: ErrPermissions,
	} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		_, err := Load(path)
		if !errors.Is(err, want) {
			t.Errorf("mode %04o: %v, want %v", mode, err, want)
		}
		if want != nil && !strings.Contains(err.Error(), "chmod 600 '"+path+"'") {
			t.Errorf("mode %04o: the message doesn't say what to do: %v", mode, err)
		}
		if _, created, err := LoadOrCreate(path, slog.New(slog.DiscardHandler)); created || !errors.Is(err, want) {
			t.Errorf("mode %04o: LoadOrCreate: created %v, %v, want %v", mode, created, err, want)
		}
	}
	if _, err := Load(filepath.Dir(path)); err == nil {
		t.Error("a folder was read as a key file")
	}
}

func TestADamagedKeyFileIsNeverReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "master.key")
	for _, text := range []string{"", "something else\n", fileHeader + "\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, created, err := LoadOrCreate(path, slog.New(slog.DiscardHandler)); created || !errors.Is(err, ErrFormat) {
			t.Errorf("%q: created %v, %v, want ErrFormat", text, created, err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("%q was overwritten", text)
		}
	}
}

func TestAddKey(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "master.key")
	if _, err := AddKey(path); !errors.Is(err, ErrNoKeyFile) {
		t.Errorf("without a file: %v, want ErrNoKeyFile", err)
	}
	before, _, err := LoadOrCreate(path, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := before.Seal(Secrets, []byte("kept"), []byte("row"))
	if err != nil {
		t.Fatal(err)
	}
	after, err := AddKey(path)
	if err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, ring := range map[string]*Ring{"returned": after, "loaded": loaded} {
		if ids := ring.IDs(); len(ids) != 2 || ids[0] == before.Current() || ids[1] != before.Current() {
			t.Errorf("%s: keys %v, want a new one before %s", name, ids, before.Current())
		}
		if got, err := ring.Open(Secrets, sealed, []byte("row")); string(got) != "kept" {
			t.Errorf("%s: what the old key sealed: %v", name, err)
		}
	}
	assertMode(t, path, 0o600)
	assertOnlyFile(t, dir, "master.key")

	if err := os.WriteFile(path+".next", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := AddKey(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("while another is at work: %v, want fs.ErrExist", err)
	}
}

func TestAddKeyKeepsALink(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.key"), filepath.Join(dir, "link.key")
	if _, _, err := LoadOrCreate(real, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Fatal(err)
	}
	if _, err := AddKey(link); err != nil {
		t.Fatal(err)
	}
	if ring, err := Load(real); err != nil || len(ring.IDs()) != 2 {
		t.Errorf("the file behind the link doesn't have the new key: %v", err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link was replaced: %v", err)
	}
}
