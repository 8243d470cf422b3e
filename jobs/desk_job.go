package jobs

import (
	"context"

	"github.com/ediport/ediport/storage"
)

// RetryJob lets a job that was given up, or that waits for its next attempt, go at once; the run it
// belongs to is opened again. storage.ErrConflict: it runs, is done, stands against another open run, or is a purge that somebody
// has cancelled: that is asked for anew, and approved anew.
func (d *Desk) RetryJob(ctx context.Context, scope storage.Scope, id int64) error {
	return d.audited(ctx, scope, "job.retried", "job", func(tx *storage.Tx) (int64, error) {
		job, err := tx.Job(ctx, id)
		if err != nil {
			return 0, err
		}
		if job.Kind == KindPurge {
			run, err := tx.Run(ctx, scope.Operator, job.Run)
			if err != nil {
				return 0, err
			}
			if run.State == storage.RunCancelled {
				return 0, storage.ErrConflict
			}
		}
		return id, tx.RetryJob(ctx, id)
	})
}

// DiscardJob takes a job that was given up off the list of those that want a person, and cancels one
// that waits. storage.ErrConflict: it runs, or is done.
func (d *Desk) DiscardJob(ctx context.Context, scope storage.Scope, id int64) error {
	return d.audited(ctx, scope, "job.discarded", "job", func(tx *storage.Tx) (int64, error) {
		return id, tx.DiscardJob(ctx, id)
	})
}

// CancelJob stops a running job within seconds, on whatever node it is, or cancels one that waits.
// Runs are cancelled by [Desk.Cancel].
func (d *Desk) CancelJob(ctx context.Context, scope storage.Scope, id int64) error {
	return d.audited(ctx, scope, "job.cancelled", "job", func(tx *storage.Tx) (int64, error) {
		return id, tx.CancelJob(ctx, id)
	})
}
