package keys

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestDefaultPath(t *testing.T) {
	got, err := DefaultPath(func(name string) string { return map[string]string{EnvKeyFile: "/srv/keys/k"}[name] })
	if err != nil || got != "/srv/keys/k" {
		t.Errorf("with %s: %q, %v", EnvKeyFile, got, err)
	}
	t.Setenv("HOME", "/home/someone")
	t.Setenv("XDG_CONFIG_HOME", "/home/someone/.config")
	got, err = DefaultPath(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 {
		if got != "/etc/ediport/master.key" {
			t.Errorf("as root: %q", got)
		}
	} else if !strings.HasPrefix(got, "/home/someone/") || !strings.HasSuffix(got, filepath.Join("ediport", "master.key")) {
		t.Errorf("as a user: %q", got)
	}
}

func TestRefuseInside(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(data, filepath.Join(dir, "alias")); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path, data string
		want             error
	}{
		{"beside the data folder", "master.key", "data", nil},
		{"a neighbour whose name starts alike", "data2/master.key", "data", nil},
		{"a neighbour whose name starts with dots", "..data/master.key", "data", nil},
		{"directly inside", "data/master.key", "data", ErrInsideData},
		{"deep inside, folders not made yet", "data/a/b/master.key", "data", ErrInsideData},
		{"inside by way of ..", "data/../data/master.key", "data", ErrInsideData},
		{"inside by a symbolic link", "alias/x/master.key", "data", ErrInsideData},
		{"inside a data folder named by a link", "data/master.key", "alias", ErrInsideData},
		{"data folder not made yet", "later/master.key", "later", ErrInsideData},
		{"data folder not made yet, key outside", "keys/master.key", "later", nil},
	} {
		err := RefuseInside(filepath.Join(dir, test.path), filepath.Join(dir, test.data))
		if !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	odd := filepath.Join(dir, "data", "..key") // a name that starts with dots is no way up
	if err := RefuseInside(odd, data); !errors.Is(err, ErrInsideData) {
		t.Errorf("file ..key in the data folder: %v", err)
	}
}
