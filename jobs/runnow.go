package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/storage"
)

// RunNow pulls from a connection at once and returns the run. If one is open already, that is
// returned with ErrRunOpen. ErrConnectionPaused and ErrNothingToPull: there will be none.
func (d *Desk) RunNow(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (storage.RunID, error) {
	return d.runNow(ctx, scope, func(*storage.Tx) (*storage.Run, error) {
		return newRun(scope.Operator, KindPull, id), nil
	})
}

// RunScheduleNow does a schedule's work at once, in a run that names the schedule, whose due times
// stay as they are. The errors are those of RunNow.
func (d *Desk) RunScheduleNow(ctx context.Context, scope storage.Scope, id storage.ScheduleID) (storage.RunID, error) {
	return d.runNow(ctx, scope, func(tx *storage.Tx) (*storage.Run, error) {
		s, err := tx.Schedule(ctx, id)
		if err != nil {
			return nil, err
		}
		run := newRun(scope.Operator, s.Kind, s.Connection)
		run.Schedule, run.Args = s.ID, s.Args
		return run, nil
	})
}

// runNow adds the run that a person asks for, before all that schedules want.
func (d *Desk) runNow(ctx context.Context, scope storage.Scope, which func(*storage.Tx) (*storage.Run, error)) (id storage.RunID, err error) {
	err = d.audited(ctx, scope, "run.requested", "run", func(tx *storage.Tx) (int64, error) {
		run, err := which(tx)
		if err != nil {
			return 0, err
		}
		id, err = d.addRun(ctx, tx, run)
		return int64(id), err
	})
	return id, err
}

// addRun returns the id of the run, or of the open one that it would overlap with ErrRunOpen.
func (d *Desk) addRun(ctx context.Context, tx *storage.Tx, run *storage.Run) (storage.RunID, error) {
	connection, err := tx.Connection(ctx, run.Connection)
	if err != nil {
		return 0, err
	}
	if connection.Paused {
		return 0, fail(ErrConnectionPaused, nil)
	}
	if err := nothingToDo(run.Kind, connection); err != nil {
		return 0, err
	}
	run.DueAt, run.Manual = tx.Now(), true
	if actor := tx.Scope().Actor; actor.Kind == storage.ActorUser {
		run.RequestedBy = storage.UserID(actor.ID)
	}
	job, args, known := runJob(run.Kind, run.Operator, 1)
	if !known {
		return 0, fail(ErrSpec, errors.New("the kind of work is unknown"))
	}
	added, err := tx.AddRun(ctx, run, job, args)
	if err != nil || added {
		return run.ID, err
	}
	open, err := tx.OpenRun(ctx, run.Operator, run.Connection, run.Direction)
	if errors.Is(err, storage.ErrNotFound) {
		return 0, storage.ErrRetry // it ended in between
	}
	if err != nil {
		return 0, err
	}
	return open.ID, fail(ErrRunOpen, nil)
}

// nothingToDo says why a connection has no work of a kind.
func nothingToDo(kind string, c *storage.Connection) error {
	if kind == KindPush {
		return nothingToPush(c)
	}
	if kind != KindPull {
		return nil
	}
	folders, err := FoldersOf(c)
	if err == nil && len(folders) == 0 {
		err = fail(ErrNothingToPull, nil)
	}
	return err
}

// Wait returns a run when it has ended, however long that takes; the context's error if that ends first.
func (d *Desk) Wait(ctx context.Context, scope storage.Scope, id storage.RunID) (*storage.Run, error) {
	look := time.NewTicker(200 * time.Millisecond)
	defer look.Stop()
	for {
		var run *storage.Run
		err := d.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) (err error) {
			run, err = tx.Run(ctx, scope.Operator, id)
			return err
		})
		if err != nil || !run.Open() {
			return run, err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return run, ctx.Err()
		}
	}
}

// Cancel ends a run that waits, and stops one that is under way within a few seconds: what it took
// stays. storage.ErrConflict: it has ended.
func (d *Desk) Cancel(ctx context.Context, scope storage.Scope, id storage.RunID) error {
	return d.audited(ctx, scope, "run.cancelled", "run", func(tx *storage.Tx) (int64, error) {
		return int64(id), tx.CancelRun(ctx, id)
	})
}
