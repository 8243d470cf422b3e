package cluster_test

import (
	"crypto/sha256"
	"errors"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/storage/cluster"
)

// move gives the seeded cluster another place.
func move(t *testing.T, elsewhere ...string) string {
	t.Helper()
	dir := filepath.Join(append([]string{tempFolder(t)}, elsewhere...)...)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(seededFolder(t), "postgres"), filepath.Join(dir, "postgres")); err != nil {
		t.Fatal(err)
	}
	return dir
}

// Paths that cannot name a socket get one elsewhere, in a private folder that others find and
// that is gone after the stop.
func TestPathsThatCannotNameASocket(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"too long": move(t, strings.Repeat("long/", 30)),
		"a comma":  move(t, "a,b"),
		"quotes":   move(t, `it's "quoted"`),
	} {
		t.Run(name, func(t *testing.T) {
			for range 2 {
				c := open(t, cluster.Options{Dir: dir})
				wantRows(t, c, 1)
				if strings.HasPrefix(c.SocketDir(), dir) {
					t.Errorf("socket in %s", c.SocketDir())
				}
				if mode := mustStat(t, c.SocketDir()).Mode().Perm(); mode != 0o700 {
					t.Errorf("mode of the socket's folder: %o", mode)
				}
				visitor := startChild(t, cluster.Options{Dir: dir, Role: cluster.Attach}, false)
				visitor.stop(t)
				stop(t, c)
				if _, err := os.Stat(c.SocketDir()); !errors.Is(err, fs.ErrNotExist) {
					t.Errorf("the socket's folder after the stop: %v", err)
				}
			}
		})
	}
}

// The folder of a killed supervisor's socket is used again, so that none pile up.
func TestShortSocketFolderIsRemembered(t *testing.T) {
	t.Parallel()
	dir := move(t, strings.Repeat("long/", 30))
	killed := startChild(t, cluster.Options{Dir: dir}, false)
	before := open(t, cluster.Options{Dir: dir, Role: cluster.Attach}).SocketDir()
	killed.kill()
	c := open(t, cluster.Options{Dir: dir})
	if c.SocketDir() != before {
		t.Errorf("socket in %s, was in %s", c.SocketDir(), before)
	}
	wantRows(t, c, 1)
}

func TestOddButUsablePaths(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{
		"blank":     move(t, "a b"),
		"glob":      move(t, "a[b]*"),
		"not ASCII": move(t, "Ablage für Öl"),
	} {
		t.Run(name, func(t *testing.T) { wantRows(t, open(t, cluster.Options{Dir: dir}), 1) })
	}
	link := filepath.Join(tempFolder(t), "link")
	if err := os.Symlink(seededFolder(t), link); err != nil {
		t.Fatal(err)
	}
	wantRows(t, open(t, cluster.Options{Dir: link}), 1)
}

// snapshot returns a digest of every file.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		h := sha256.New()
		_, err = io.Copy(h, f)
		files[path] = string(h.Sum(nil))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestOtherMajorVersionIsRefusedAndKept(t *testing.T) {
	t.Parallel()
	dir := seededFolder(t)
	data := filepath.Join(dir, "postgres", "data")
	version := filepath.Join(data, "PG_VERSION")
	original, err := os.ReadFile(version)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(version, []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, data)
	_, err = cluster.Open(t.Context(), cluster.Options{Dir: dir})
	wrong, ok := errors.AsType[*cluster.VersionError](err)
	if !ok {
		t.Fatalf("Open = %v, want a VersionError", err)
	}
	for _, want := range []string{"PostgreSQL 9", "PostgreSQL " + itoa(wrong.Found[0].Major), "dump", "restore", data} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("message %q does not say %q", err, want)
		}
	}
	if after := snapshot(t, data); !maps.Equal(before, after) {
		t.Error("the cluster's files were changed")
	}
	if err := os.WriteFile(version, original, 0o600); err != nil {
		t.Fatal(err)
	}
	wantRows(t, open(t, cluster.Options{Dir: dir}), 1) // the failed start let go of the folder
}

// A folder named data that is no cluster is somebody's: it is neither used nor removed.
func TestForeignDataFolderIsKept(t *testing.T) {
	t.Parallel()
	dir := tempFolder(t)
	file := filepath.Join(dir, "postgres", "data", "precious")
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := cluster.Open(t.Context(), cluster.Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "holds no Postgres cluster") {
		t.Errorf("Open = %v", err)
	}
	if _, err := os.Stat(file); err != nil {
		t.Error(err)
	}
}

// As root the server's user must get to the folder; the message names what is in its way.
func TestUnreachableFolder(t *testing.T) {
	t.Parallel()
	nobody(t) // root only
	parent := filepath.Join(tempFolder(t), "private")
	if err := os.Mkdir(parent, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := cluster.Open(t.Context(), cluster.Options{Dir: filepath.Join(parent, "data")})
	reach, ok := errors.AsType[*cluster.ReachError](err)
	if !ok || reach.Parent != parent || !strings.Contains(err.Error(), parent) {
		t.Errorf("Open = %v, want a ReachError that names %s", err, parent)
	}
}

// A normal user's cluster is that user's; root may attach to it, and may run it, as that user.
func TestNormalUser(t *testing.T) {
	t.Parallel()
	cred := nobody(t)
	dir := tempFolder(t)
	if err := os.Chown(dir, int(cred.Uid), int(cred.Gid)); err != nil {
		t.Fatal(err)
	}
	other := startChild(t, cluster.Options{Dir: dir}, true)
	c := open(t, cluster.Options{Dir: dir, Role: cluster.Attach})
	if err := c.EnsureDatabase(t.Context(), "kept"); err != nil {
		t.Error(err)
	}
	stop(t, c)
	other.stop(t)
	wantNoProcess(t, dir)

	asRoot := open(t, cluster.Options{Dir: dir})
	if err := connect(t, asRoot, "kept").Ping(); err != nil {
		t.Error(err)
	}
	for _, pid := range processesOf(t, filepath.Join(dir, "postgres")) {
		if uid := statUID(t, filepath.Join("/proc", itoa(pid))); uid != cred.Uid {
			t.Errorf("process %d runs as user id %d, want %d", pid, uid, cred.Uid)
		}
	}
	stop(t, asRoot)
	startChild(t, cluster.Options{Dir: dir}, true).stop(t) // root left nothing that locks the user out
}
