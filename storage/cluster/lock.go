package cluster

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"time"

	"golang.org/x/sys/unix"
)

// holder is what the lock file says about the process that holds it.
type holder struct {
	PID       int       `json:"pid"`
	Command   string    `json:"command"`
	Since     time.Time `json:"since"`
	Temporary bool      `json:"temporary"` // an attached command that runs the server for its own duration
}

// A fileLock is an flock: the kernel lets go of it when the process ends, however it ends.
// The file itself stays, so that nobody can lock a file that has been unlinked.
type fileLock struct{ f *os.File }

var errLocked = errors.New("locked by another process")

// tryLock takes an exclusive or shared lock at once or returns errLocked.
func tryLock(path string, shared bool) (*fileLock, error) {
	f, err := openShared(path, os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	how := unix.LOCK_EX
	if shared {
		how = unix.LOCK_SH
	}
	if err := flock(f, how|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, fmt.Errorf("locking %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

func flock(f *os.File, how int) error {
	for {
		err := unix.Flock(int(f.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// announce writes into the lock file who holds it.
func (l *fileLock) announce(temporary bool) error {
	b, err := json.Marshal(holder{PID: os.Getpid(), Command: commandName(os.Args), Since: time.Now().UTC(), Temporary: temporary})
	if err != nil {
		return err
	}
	if err := l.f.Truncate(0); err != nil {
		return err
	}
	_, err = l.f.WriteAt(append(b, '\n'), 0)
	return err
}

// release lets go of the lock; it does nothing on nil.
func (l *fileLock) release() {
	if l == nil {
		return
	}
	_ = l.f.Truncate(0) // the next one has not said yet who it is
	_ = l.f.Close()
}

// readHolder returns what the lock file says; all zero while the holder is about to write it. A process
// that has gone cannot be the holder: it was killed and left its name.
func readHolder(path string) holder {
	var h holder
	f, err := os.Open(path)
	if err != nil {
		return h
	}
	defer f.Close()
	b, _ := io.ReadAll(io.LimitReader(f, 4096))
	if json.Unmarshal(b, &h) != nil || errors.Is(unix.Kill(h.PID, 0), unix.ESRCH) {
		return holder{}
	}
	return h
}

func (l layout) heldError() *HeldError {
	h := readHolder(l.lock())
	return &HeldError{Dir: l.root, PID: h.PID, Command: h.Command, Since: h.Since}
}

var subcommand = regexp.MustCompile(`^[a-z]+$`)

// commandName returns program and subcommand. Further arguments may be file names, and those
// may name people.
func commandName(args []string) string {
	if len(args) == 0 {
		return "ediport"
	}
	name := filepath.Base(args[0])
	if len(args) > 1 && subcommand.MatchString(args[1]) {
		name += " " + args[1]
	}
	return name
}
