package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// layout names the files of one cluster. Everything but data and run belongs to the supervisor's
// own user, so that a root supervisor never writes through a path that the server's user controls.
type layout struct {
	root string // the data folder, links resolved
	home string // root/postgres
}

func (l layout) data() string       { return filepath.Join(l.home, "data") }
func (l layout) run() string        { return filepath.Join(l.home, "run") }
func (l layout) lock() string       { return filepath.Join(l.home, "supervisor.lock") }
func (l layout) visitors() string   { return filepath.Join(l.home, "attached.lock") }
func (l layout) socketNote() string { return filepath.Join(l.home, "socket_dir") }
func (l layout) log() string        { return filepath.Join(l.home, "server.log") }
func (l layout) hba() string        { return filepath.Join(l.home, "pg_hba.conf") }
func (l layout) ident() string      { return filepath.Join(l.home, "pg_ident.conf") }
func (l layout) pidFile() string    { return filepath.Join(l.data(), "postmaster.pid") }
func (l layout) version() string    { return filepath.Join(l.data(), "PG_VERSION") }

// makeLayout creates the data folder and the cluster's own folder in it where they are missing.
// Folders that exist keep their permissions.
func makeLayout(dir string) (layout, error) {
	if dir == "" {
		return layout{}, errors.New("no data folder given")
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return layout{}, fmt.Errorf("data folder: %w", err)
	}
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o711 // the server's unprivileged user must pass through
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return layout{}, fmt.Errorf("data folder: %w", err)
	}
	if err := mkdir(dir, mode); err != nil {
		return layout{}, fmt.Errorf("data folder: %w", err)
	}
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return layout{}, fmt.Errorf("data folder: %w", err)
	}
	l := layout{root: root, home: filepath.Join(root, "postgres")}
	if err := mkdir(l.home, mode); err != nil {
		return layout{}, fmt.Errorf("data folder: %w", err)
	}
	return l, nil
}

// mkdir creates path with exactly mode, whatever the umask; an existing folder stays as it is.
func mkdir(path string, mode fs.FileMode) error {
	err := os.Mkdir(path, mode)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(path, mode)
}

// mkdirOwned creates path for the server's user alone.
func mkdirOwned(path string, own owner) error {
	if err := mkdir(path, 0o700); err != nil {
		return err
	}
	return own.give(path)
}

// replaceFile writes a file that the server's user may read, in one step.
func replaceFile(path, content string, own owner) error {
	tmp := path + ".tmp"
	if err := os.Remove(tmp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if own.drop {
		err = errors.Join(f.Chown(0, own.gid), f.Chmod(0o640))
	}
	_, writeErr := f.WriteString(content)
	if err := errors.Join(err, writeErr, f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}

// openShared opens a file in the cluster's folder, made if missing. When root runs the cluster of a
// normal user, the file belongs to that user, and a link that the user put there is not followed.
func openShared(path string, flags int, mode fs.FileMode) (*os.File, error) {
	f, err := os.OpenFile(path, flags|os.O_CREATE|syscall.O_NOFOLLOW, mode)
	if err != nil || os.Geteuid() != 0 {
		return f, err
	}
	folder, err := os.Stat(filepath.Dir(path))
	if err == nil {
		st := folder.Sys().(*syscall.Stat_t)
		err = f.Chown(int(st.Uid), int(st.Gid))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// madeBy returns the major version that wrote the cluster, 0 if there is none yet.
func (l layout) madeBy() (int, error) {
	b, err := os.ReadFile(l.version())
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := os.Lstat(l.data()); err == nil {
			return 0, fmt.Errorf("%s exists but holds no Postgres cluster (no PG_VERSION): move it away", l.data())
		}
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	major, err := parseMajor(strings.TrimSpace(string(b)))
	if err != nil {
		return 0, fmt.Errorf("%s: %w", l.version(), err)
	}
	return major, nil
}
