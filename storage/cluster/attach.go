package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"
)

// attachLimit bounds the wait for a supervisor that is still starting; recovery after a crash may
// take a while.
const attachLimit = 2 * time.Minute

// attach joins the running server. Without a supervisor it becomes one, for its own duration.
func attach(ctx context.Context, l layout, opts Options) (*Cluster, error) {
	var c *Cluster
	wait, cancel := context.WithTimeout(ctx, attachLimit)
	defer cancel()
	err := poll(wait, 20*time.Millisecond, func() (bool, error) {
		lock, err := tryLock(l.lock(), false)
		if err == nil {
			c, err = superviseLocked(ctx, l, opts, lock, true)
			return c != nil, err
		}
		if !errors.Is(err, errLocked) {
			return false, readable(l, err)
		}
		c, err = join(wait, l, opts)
		return c != nil, err
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, fmt.Errorf("the private Postgres does not become ready: %w", l.heldError())
	}
	return c, err
}

// join returns a cluster that uses the supervisor's server, or nil while that is not ready. It
// keeps a shared lock, which a temporary supervisor outwaits before it stops the server.
func join(ctx context.Context, l layout, opts Options) (*Cluster, error) {
	visit, err := tryLock(l.visitors(), true)
	if errors.Is(err, errLocked) { // a temporary supervisor is about to stop
		return nil, nil //nolint:nilnil // not yet
	}
	if err != nil {
		return nil, readable(l, err)
	}
	c := &Cluster{layout: l, log: opts.Logger, lock: visit, socket: socketDir(l), done: make(chan struct{})}
	pf, err := readPidFile(l.pidFile())
	if err != nil || !pf.ready || !isServer(pf.pid, l.data()) || c.ping(ctx) != nil {
		visit.release()
		return nil, readable(l, err)
	}
	return c, nil
}

// readable turns a refusal by the file system into what to do about it.
func readable(l layout, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("the private Postgres in %s belongs to another user: run ediport as that user or as root (%w)", l.home, err)
	}
	return err
}

func (c *Cluster) ping(ctx context.Context) error {
	db, err := sql.Open("postgres", c.DSN("postgres", superuser))
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// outwaitVisitors returns the visitors' lock once nobody else holds it, or nothing when ctx
// ends first.
func (c *Cluster) outwaitVisitors(ctx context.Context) *fileLock {
	var lock *fileLock
	told := false
	_ = poll(ctx, 50*time.Millisecond, func() (bool, error) {
		var err error
		lock, err = tryLock(c.layout.visitors(), false)
		if errors.Is(err, errLocked) {
			if !told {
				c.log.Info("waiting for other commands that use the private Postgres", "dir", c.layout.root)
				told = true
			}
			return false, nil
		}
		return true, err
	})
	return lock
}
