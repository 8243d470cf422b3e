package jobs

import (
	"context"
	"errors"

	"github.com/ediport/ediport/storage"
)

// breakAfter is the streak of failed attempts from which on a run is tried only once: a partner's
// server that is away for long is asked when a schedule says so, not five times as often.
const breakAfter = 10

// noteContact records that a run signed in.
func (e *execution) noteContact(ctx context.Context, id storage.ConnectionID) {
	err := e.node.cfg.DB.InScope(context.WithoutCancel(ctx), e.scope, func(tx *storage.Tx) error {
		if err := tx.NoteContact(ctx, id); err != nil {
			return err
		}
		return tx.LogRun(ctx, e.run.Operator, e.run.ID, storage.LogInfo, e.run.Kind+".connected", nil)
	})
	if err != nil && ctx.Err() == nil {
		e.node.log.Warn("contact was not recorded", "run_id", e.node.runName(e.run.ID), "error", err)
	}
}

// noteHealth records at the connection what became of an attempt. What people or we ourselves ended
// says nothing about the partner.
func (e *execution) noteHealth(ctx context.Context, failure error) {
	for _, ours := range []error{ErrCancelled, ErrStopping, ErrNodeLost, storage.ErrFenced, ErrConnectionPaused, ErrConnectionGone} {
		if errors.Is(failure, ours) {
			return
		}
	}
	e.mu.Lock()
	files := e.counts.Downloaded+e.counts.Sent > 0
	e.mu.Unlock()
	err := e.node.cfg.DB.InScope(context.WithoutCancel(ctx), e.scope, func(tx *storage.Tx) error {
		if failure != nil {
			return tx.NoteConnectionFailure(ctx, e.run.Connection, codeOf(failure))
		}
		return tx.NoteConnectionSuccess(ctx, e.run.Connection, files)
	})
	if err != nil && ctx.Err() == nil {
		e.node.log.Warn("the connection's health was not recorded", "run_id", e.node.runName(e.run.ID), "error", err)
	}
}
