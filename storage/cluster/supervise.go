package cluster

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// patience is how long a supervisor waits for a command that holds the folder for its own
// short duration.
const patience = 5 * time.Second

// supervise takes the folder's lock and runs the server.
func supervise(ctx context.Context, l layout, opts Options) (*Cluster, error) {
	var lock *fileLock
	wait, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := poll(wait, 20*time.Millisecond, func() (bool, error) {
		var err error
		lock, err = tryLock(l.lock(), false)
		if errors.Is(err, errLocked) {
			h := readHolder(l.lock())
			if h.PID == 0 || h.Temporary { // about to say who it is, or soon gone
				return false, nil
			}
			return false, l.heldError()
		}
		return err == nil, readable(l, err)
	})
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return nil, l.heldError()
	}
	if err != nil {
		return nil, err
	}
	return superviseLocked(ctx, l, opts, lock, false)
}

// superviseLocked runs the server under a lock already taken, which it releases on failure.
func superviseLocked(ctx context.Context, l layout, opts Options, lock *fileLock, temporary bool) (*Cluster, error) {
	c := &Cluster{
		layout: l, log: opts.Logger, lock: lock, temporary: temporary,
		stopping: make(chan struct{}), done: make(chan struct{}),
	}
	err := lock.announce(temporary)
	if err == nil {
		err = c.start(ctx, opts)
	}
	if err != nil {
		lock.release()
		return nil, err
	}
	go c.watch()
	return c, nil
}

// start finds the programs, makes the cluster if there is none, and brings the server up.
func (c *Cluster) start(ctx context.Context, opts Options) error {
	begin := time.Now()
	l := c.layout
	made, err := l.madeBy()
	if err != nil {
		return err
	}
	if c.bin, err = choose(ctx, l, opts, made); err != nil {
		return err
	}
	own, err := findOwner(l) // after choose: installing Postgres makes the user postgres
	if err != nil {
		return err
	}
	if err := checkReach(ctx, own, l.home, c.bin); err != nil {
		return err
	}
	if made == 0 {
		opts.Logger.Info("creating the private Postgres cluster", "dir", l.home, "version", c.bin.Major)
		if err := createCluster(ctx, l, c.bin, own, opts.NoSync); err != nil {
			return err
		}
	}
	if err := clearLeftovers(ctx, l, opts.Logger); err != nil {
		return err
	}
	if c.socket, err = prepareSocketDir(l, own); err != nil {
		return fmt.Errorf("socket folder: %w", err)
	}
	if err := writeAccess(l, own); err != nil {
		return fmt.Errorf("access files: %w", err)
	}
	if c.server, err = startReady(ctx, l, c.bin, own, settings(l, c.socket, opts)); err != nil {
		return err
	}
	opts.Logger.Info("private Postgres ready", "dir", l.home, "version", c.bin.Major, "pid", c.server.pid, "duration", time.Since(begin))
	return nil
}

// startReady starts the server and waits until it is ready. When a main process was killed, its
// children may live on for a moment and hold the shared memory: then it tries again.
func startReady(ctx context.Context, l layout, bin Binaries, own owner, args []string) (*server, error) {
	deadline := time.Now().Add(fastStop)
	for {
		s, err := startServer(l, bin, own, args)
		if err != nil {
			return nil, err
		}
		err = s.waitReady(ctx, l)
		if err == nil {
			return s, nil
		}
		if ctx.Err() != nil {
			return nil, errors.Join(fmt.Errorf("starting Postgres: %w", err), s.stop(context.WithoutCancel(ctx)))
		}
		if !strings.Contains(err.Error(), "pre-existing shared memory block") || time.Now().After(deadline) {
			return nil, err
		}
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-t.C:
		return nil
	}
}
