package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandNameKeepsFileNamesOut(t *testing.T) {
	for want, args := range map[string][]string{
		"ediport serve":  {"/usr/local/bin/ediport", "serve", "--config", "x"},
		"ediport ingest": {"ediport", "ingest", "quincy_adams.835"},
		"ediport":        {"ediport", "Quincy.835"},
	} {
		if got := commandName(args); got != want {
			t.Errorf("commandName(%q) = %q, want %q", args, got, want)
		}
	}
}

// A killed holder leaves its name in the file; it is not blamed for the next one's lock.
func TestHolderThatIsGoneIsNotNamed(t *testing.T) {
	gone := exec.Command("true")
	if err := gone.Run(); err != nil {
		t.Fatal(err)
	}
	for pid, want := range map[int]int{gone.Process.Pid: 0, os.Getpid(): os.Getpid()} {
		path := filepath.Join(t.TempDir(), "lock")
		if err := os.WriteFile(path, fmt.Appendf(nil, `{"pid":%d,"command":"ediport serve"}`, pid), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := readHolder(path).PID; got != want {
			t.Errorf("holder %d, want %d", got, want)
		}
	}
}

func TestLogIsKeptSmall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "server.log")
	f, err := openLog(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for range 3 {
		if _, err := f.Write(bytes.Repeat([]byte("0123456789"), 20)); err != nil {
			t.Fatal(err)
		}
		if err := rotateLog(path, 100); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.WriteString("last"); err != nil { // the server still has the file open
		t.Fatal(err)
	}
	now, _ := os.ReadFile(path)
	old, _ := os.ReadFile(path + ".1")
	if string(now) != "last" || len(old) != 100 {
		t.Errorf("log %q, its past %d bytes; want %q and 100", now, len(old), "last")
	}
}

func TestLastWords(t *testing.T) {
	const before = "2026-01-01 00:00:00 UTC [7] FATAL:  long ago\n"
	for _, c := range []struct{ name, log, want string }{
		{"own fatal error before those of others", "x [7] FATAL:  no memory\nx [8] FATAL:  terminated\n", "FATAL: no memory"},
		{"a child's, if it said nothing", "x [7] LOG:  starting\nx [8] PANIC:  could not read\n", "PANIC: could not read"},
		{"the library loader", "postgres: error while loading shared libraries: libx.so\n", "error while loading shared libraries: libx.so"},
		{"nothing of this start", "x [7] LOG:  starting\n", ""},
	} {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, []byte(before+c.log), 0o600); err != nil {
			t.Fatal(err)
		}
		if got := lastWords(path, int64(len(before)), 7); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestPidFileStates(t *testing.T) {
	lines := func(pid, state string) string {
		return strings.Join([]string{pid, "/data", "1", "5432", "/run", "", "1 2", state}, "\n") + "\n"
	}
	for _, c := range []struct {
		name, content string
		want          pidFile
		fails         bool
	}{
		{"starting", lines("12", "starting"), pidFile{pid: 12}, false},
		{"ready", lines("12", "ready   "), pidFile{pid: 12, ready: true}, false},
		{"just created", "", pidFile{}, false},
		{"half written", "12\n/data\n", pidFile{pid: 12}, false},
		{"single user", "-12\n/data\n", pidFile{}, true},
	} {
		path := filepath.Join(t.TempDir(), "postmaster.pid")
		if err := os.WriteFile(path, []byte(c.content), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := readPidFile(path)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("%s: %+v, %v; want %+v", c.name, got, err, c.want)
		}
	}
}

func TestChooseVersion(t *testing.T) {
	found := []Binaries{{"/18", 18}, {"/16", 16}, {"/15", 15}}
	for made, want := range map[int]string{0: "/18", 16: "/16", 15: "/15", 17: ""} {
		if got, ok := pick(found, made); got.Dir != want || ok != (want != "") {
			t.Errorf("a folder of version %d gets %q, want %q", made, got.Dir, want)
		}
	}
}

// Without Postgres the error is one sentence with a command.
func TestMissing(t *testing.T) {
	old := knownFolders
	knownFolders = nil
	defer func() { knownFolders = old }()
	t.Setenv("PATH", t.TempDir())
	t.Setenv("EDIPORT_PG_BIN", "")
	_, err := Open(t.Context(), Options{Dir: t.TempDir(), CacheDir: t.TempDir()})
	missing, ok := errors.AsType[*MissingError](err)
	if !ok || missing.Command == "" || !strings.Contains(err.Error(), missing.Command) {
		t.Errorf("Open = %v, want a MissingError with a command", err)
	}
}

func TestBinDirIsTheOnlyPlace(t *testing.T) {
	empty := t.TempDir()
	_, err := Open(t.Context(), Options{Dir: t.TempDir(), BinDir: empty})
	if err == nil || !strings.Contains(err.Error(), "EDIPORT_PG_BIN") || !strings.Contains(err.Error(), empty) {
		t.Errorf("Open = %v, want what is wrong with EDIPORT_PG_BIN", err)
	}
}

func TestLinksStayInsideThePackage(t *testing.T) {
	for name, links := range map[string]string{
		"target above": `[{"source":"native/lib/a","target":"../a"}]`,
		"source above": `[{"source":"../../etc/passwd","target":"native/lib/a"}]`,
		"absolute":     `[{"source":"native/lib/a","target":"/tmp/a"}]`,
	} {
		dir := t.TempDir()
		if err := os.MkdirAll(filepath.Join(dir, "native", "lib"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "native", "pg-symlinks.json"), []byte(links), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := makeLinks(dir); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSizesFitTheMachine(t *testing.T) {
	for memory, want := range map[uint64]string{0: "64MB", 1 << 30: "128MB", 4 << 30: "512MB", 256 << 30: "1024MB"} {
		if got := sizes(memory)["shared_buffers"]; got != want {
			t.Errorf("%d bytes of memory: shared_buffers %s, want %s", memory, got, want)
		}
	}
}
