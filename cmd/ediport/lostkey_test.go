package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A start without the key, or with another one, is refused each time and leaves no new key behind: what it sealed could not be
// opened with the old one, and the reverse.
func TestAnotherMasterKeyIsRefused(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	key := filepath.Join(filepath.Dir(x.data), "master.key")
	file := filepath.Join(t.TempDir(), "none.txt")
	if err := os.WriteFile(file, []byte("no data today"), 0o600); err != nil {
		t.Fatal(err)
	}
	x.do("ingest", file)
	if err := os.Rename(key, key+".old"); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"db", "status"}, {"ingest", file}, {"ingest", file}} {
		out, err := x.command(args...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), "EDIPORT_KEY_FILE") {
			t.Errorf("%s without the key: %v\n%s", args, err, out)
		}
		if _, err := os.Stat(key); err == nil {
			t.Fatal("a new key was left behind")
		}
	}
	other := newExchange(t)
	other.do("db", "migrate")
	c := x.command("ingest", file)
	c.Env = append(c.Env, "EDIPORT_KEY_FILE="+filepath.Join(filepath.Dir(other.data), "master.key"))
	if out, err := c.CombinedOutput(); err == nil || !strings.Contains(string(out), "EDIPORT_KEY_FILE") {
		t.Errorf("with another key: %v\n%s", err, out)
	}
	if err := os.Rename(key+".old", key); err != nil {
		t.Fatal(err)
	}
	x.do("ingest", file)
}
