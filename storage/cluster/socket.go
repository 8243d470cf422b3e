package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// port is no TCP port: there is none. It is part of the socket's name.
const port = "5432"

const socketName = ".s.PGSQL." + port

// longestSocketPath returns what fits into the kernel's sockaddr_un beside its final zero.
func longestSocketPath() int {
	if runtime.GOOS == "linux" {
		return 107
	}
	return 103
}

// fitsSocket tells whether clients can name a socket in dir: short enough, and without the
// comma that separates hosts or the quotes of Postgres's lists.
func fitsSocket(dir string) bool {
	return len(filepath.Join(dir, socketName)) <= longestSocketPath() && !strings.ContainsAny(dir, `,"'\`)
}

// prepareSocketDir returns the folder for the server's socket: run beside the data or, if that
// path does not fit, a private folder in the temporary one, noted down so that others find it.
func prepareSocketDir(l layout, own owner) (string, error) {
	if err := mkdirOwned(l.run(), own); err != nil {
		return "", err
	}
	if fitsSocket(l.run()) {
		return l.run(), nil
	}
	if dir, ok := notedSocketDir(l); ok && isPrivate(dir, own) {
		return dir, nil
	}
	dir, err := makeShortDir(own)
	if err != nil {
		return "", err
	}
	return dir, replaceFile(l.socketNote(), dir, owner{})
}

func makeShortDir(own owner) (string, error) {
	for _, base := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		dir, err := os.MkdirTemp(base, "ediport-socket-")
		if err != nil {
			continue
		}
		if fitsSocket(dir) {
			return dir, own.give(dir)
		}
		_ = os.Remove(dir)
	}
	return "", fmt.Errorf("the data folder's path is too long for a socket (%d bytes at most), and no temporary folder has a shorter one", longestSocketPath())
}

// isPrivate tells whether dir is a real folder that only the owner can enter: others can
// write to the temporary folder.
func isPrivate(dir string, own owner) bool {
	st, err := os.Lstat(dir)
	if err != nil || !st.IsDir() || st.Mode().Perm() != 0o700 || !fitsSocket(dir) {
		return false
	}
	return int(st.Sys().(*syscall.Stat_t).Uid) == own.uid
}

func notedSocketDir(l layout) (string, bool) {
	b, err := os.ReadFile(l.socketNote())
	return string(b), err == nil && len(b) > 0
}

// socketDir returns where the running server's socket is.
func socketDir(l layout) string {
	if fitsSocket(l.run()) {
		return l.run()
	}
	dir, _ := notedSocketDir(l)
	return dir
}

// dropShortDir removes the temporary socket folder after a clean stop.
func dropShortDir(l layout, dir string) {
	if dir == l.run() {
		return
	}
	_ = os.Remove(dir) // only if it is empty
	_ = os.Remove(l.socketNote())
}

// removeSockets takes away what a dead server left: its lock could name a pid that has since
// been given to somebody else, and would stop the next start.
func removeSockets(dir string) error {
	for _, name := range []string{socketName, socketName + ".lock"} {
		if err := os.Remove(filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
