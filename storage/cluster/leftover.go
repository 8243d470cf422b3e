package cluster

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"syscall"
	"time"
)

const (
	fastStop      = 30 * time.Second // for a checkpoint of what is in memory
	immediateStop = 10 * time.Second
	stopMoment    = 2 * time.Second
)

// clearLeftovers makes way for a new server. The caller holds the supervisor's lock, so a server
// that still runs has lost its supervisor and is stopped in order; a pid file that names a dead
// process, or one that has nothing to do with us, is removed with the socket.
func clearLeftovers(ctx context.Context, l layout, log *slog.Logger) error {
	pf, err := readPidFile(l.pidFile())
	if err != nil {
		return err
	}
	if pf.pid != 0 && isServer(pf.pid, l.data()) {
		log.Warn("stopping a Postgres server that lost its supervisor", "pid", pf.pid)
		if err := stopOrphan(ctx, pf.pid, l.data()); err != nil {
			return err
		}
	}
	if pf.pid != 0 {
		if err := quitStragglers(ctx, l.data()); err != nil {
			return err
		}
	}
	if err := os.Remove(l.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if dir := socketDir(l); dir != "" {
		return removeSockets(dir)
	}
	return nil
}

// stopOrphan asks the server to stop, first in order, then at once (the next start then
// recovers from the log). It never uses SIGKILL, which could leave children at work on the files.
func stopOrphan(ctx context.Context, pid int, data string) error {
	for _, step := range []struct {
		signal syscall.Signal
		limit  time.Duration
	}{{syscall.SIGINT, fastStop}, {syscall.SIGQUIT, immediateStop}} {
		if err := syscall.Kill(pid, step.signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			return fmt.Errorf("stopping the orphaned Postgres server (process %d): %w", pid, err)
		}
		wait, cancel := context.WithTimeout(ctx, step.limit)
		err := poll(wait, 5*time.Millisecond, func() (bool, error) { return !isServer(pid, data), nil })
		cancel()
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
	}
	return fmt.Errorf("an orphaned Postgres server (process %d) does not stop: end it, then start again", pid)
}

// quitStragglers ends what a killed main process left at work: its children notice only when
// they next wait for something, and until then hold the memory that a new server needs. What they
// did not commit is lost either way.
func quitStragglers(ctx context.Context, data string) error {
	ctx, cancel := context.WithTimeout(ctx, immediateStop)
	defer cancel()
	return poll(ctx, 5*time.Millisecond, func() (bool, error) {
		pids := stragglers(data)
		for _, pid := range pids {
			if err := syscall.Kill(pid, syscall.SIGQUIT); err != nil && !errors.Is(err, syscall.ESRCH) {
				return false, fmt.Errorf("ending process %d of a killed Postgres server: %w", pid, err)
			}
		}
		return len(pids) == 0, nil
	})
}
