package webtest

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// A mould is what copies of a site have besides the database.
type mould struct {
	archive map[string][]byte // by path; a folder ends in a slash
	files   map[string]storage.FileID
}

var moulds sync.Map // by name: mould

// Copied returns a site of its own for the test, a copy of the one that fill makes of a new site at the first call for the
// name in this process; see [accountstest.Copied].
func Copied(t testing.TB, name string, fill func(t testing.TB, s *Site)) *Site {
	t.Helper()
	world := accountstest.Copied(t, name, func(p testing.TB, world *accountstest.World) {
		p.Helper()
		folder := t.TempDir()
		s := in(p, world, folder)
		fill(p, s)
		moulds.Store(name, mould{read(t, folder), s.Files})
	})
	v, _ := moulds.Load(name)
	m := v.(mould)
	folder := t.TempDir()
	write(t, folder, m.archive)
	s := in(t, world, folder)
	s.Files = maps.Clone(m.files)
	return s
}

// read returns what is in a folder.
func read(t testing.TB, folder string) map[string][]byte {
	t.Helper()
	content := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(folder), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			content[path+"/"] = nil
			return nil
		}
		content[path], err = os.ReadFile(filepath.Join(folder, path))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// write puts it into another folder.
func write(t testing.TB, folder string, content map[string][]byte) {
	t.Helper()
	for path, bytes := range content {
		to := filepath.Join(folder, path)
		if path[len(path)-1] == '/' {
			if err := os.MkdirAll(to, 0o700); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
