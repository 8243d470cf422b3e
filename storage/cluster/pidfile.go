package cluster

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
)

// pidFile is what a running server says about itself in postmaster.pid: the pid on line 1, its
// state on line 8. A ping would not do for either: an orphan may answer on the same socket.
type pidFile struct {
	pid   int
	ready bool
}

// readPidFile returns the zero value if there is no file, or one not yet written.
func readPidFile(path string) (pidFile, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return pidFile{}, nil
	}
	if err != nil {
		return pidFile{}, err
	}
	lines := strings.Split(string(b), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil {
		return pidFile{}, nil //nolint:nilerr // a half-written file says nothing
	}
	if pid < 0 { // a single-user backend, started by hand for a repair
		return pidFile{}, fmt.Errorf("a single-user Postgres (process %d) works on the cluster: wait for its end", -pid)
	}
	return pidFile{pid: pid, ready: len(lines) > 7 && strings.TrimSpace(lines[7]) == "ready"}, nil
}
