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
	return d.runNow(ctx, scope, func(tx *storage.Tx) (storage.ConnectionID, error) { return id, nil })
}

// RunScheduleNow is RunNow for the connection of a schedule, whose due times stay as they are.
func (d *Desk) RunScheduleNow(ctx context.Context, scope storage.Scope, id storage.ScheduleID) (storage.RunID, error) {
	return d.runNow(ctx, scope, func(tx *storage.Tx) (storage.ConnectionID, error) {
		s, err := tx.Schedule(ctx, id)
		if err != nil {
			return 0, err
		}
		return s.Connection, nil
	})
}

func (d *Desk) runNow(ctx context.Context, scope storage.Scope, which func(*storage.Tx) (storage.ConnectionID, error)) (storage.RunID, error) {
	var run *storage.Run
	err := d.audited(ctx, scope, "run.requested", "run", func(tx *storage.Tx) (int64, error) {
		id, err := which(tx)
		if err != nil {
			return 0, err
		}
		run, err = d.addRun(ctx, tx, id)
		if run == nil {
			return 0, err
		}
		return int64(run.ID), err
	})
	if run == nil {
		return 0, err
	}
	return run.ID, err
}

func (d *Desk) addRun(ctx context.Context, tx *storage.Tx, id storage.ConnectionID) (*storage.Run, error) {
	connection, err := tx.Connection(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case connection.Paused:
		return nil, fail(ErrConnectionPaused, nil)
	case connection.PullFolder == "":
		return nil, fail(ErrNothingToPull, nil)
	}
	run := newRun(tx.Scope().Operator, KindPull, id)
	run.DueAt = tx.Now()
	if actor := tx.Scope().Actor; actor.Kind == storage.ActorUser {
		run.RequestedBy = storage.UserID(actor.ID)
	}
	added, err := tx.AddRun(ctx, run, pullJob(), pullArgs(run.Operator))
	if err != nil || added {
		return run, err
	}
	open, err := tx.OpenRun(ctx, run.Operator, id, run.Direction)
	if errors.Is(err, storage.ErrNotFound) {
		return nil, storage.ErrRetry // it ended in between
	}
	if err != nil {
		return nil, err
	}
	return open, fail(ErrRunOpen, nil)
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
