package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/storage"
)

// maxEpoch is how often a run may be begun or taken over. Work that kills its process would go round
// the nodes for ever.
const maxEpoch = 40

// An execution is one attempt at a run by this node.
type execution struct {
	node  *Node
	run   *storage.Run
	scope storage.Scope
	again bool // somebody began the run before

	// ended, if given, is done in the transaction that ends the run, however it ends.
	ended func(context.Context, *storage.Tx) error

	mu       sync.Mutex // also held while a transaction changes the counts
	counts   Counts
	progress Progress

	bytesDone atomic.Int64 // of progress
}

// Counts are what a run did with files.
type Counts struct {
	Listed     int   `json:"listed"`     // in the remote folder, as the patterns want them
	Waiting    int   `json:"waiting"`    // left for later: may still be written
	Downloaded int   `json:"downloaded"` // files taken, empty ones included
	SameBytes  int   `json:"same_bytes"` // of these: the connection brought the same bytes before
	Empty      int   `json:"empty"`      // of these: no bytes
	Failed     int   `json:"failed"`     // could not be taken, by the last attempt
	Finished   int   `json:"finished"`   // moved or deleted at the server
	Bytes      int64 `json:"bytes"`      // taken, or delivered

	Queued    int `json:"queued,omitempty"`    // of a push: waited to be delivered, by the last attempt
	Sent      int `json:"sent,omitempty"`      // delivered, or found delivered after a crash
	Uncertain int `json:"uncertain,omitempty"` // nobody knows whether they arrived: left to a person

	Purged int   `json:"purged,omitempty"` // files taken out, with those that came out of others
	Kept   int   `json:"kept,omitempty"`   // meant when it was asked for, but under way or changed since
	Rows   int64 `json:"rows,omitempty"`   // of business data that went with them
}

// Progress says how far a run is.
type Progress struct {
	Files     int   `json:"files"`      // to take
	FilesDone int   `json:"files_done"` // taken or failed
	Bytes     int64 `json:"bytes"`      // to take
	BytesDone int64 `json:"bytes_done"` // downloaded
}

// begin makes this node the one that works on a run; nil if there is nothing to do.
func (n *Node) begin(ctx context.Context, operator storage.OperatorID, id storage.RunID) (*execution, error) {
	n.follow(ctx, id, 0)
	e := &execution{node: n, scope: storage.Scope{
		Operator: operator, Actor: storage.Actor{Kind: storage.ActorJob, ID: int64(id), Request: n.runName(id)},
	}}
	err := n.cfg.DB.InScope(ctx, e.scope, func(tx *storage.Tx) (err error) {
		if e.run, err = tx.BeginRun(ctx, operator, id, n.id); err != nil || !e.run.Open() {
			return err
		}
		return tx.LogRun(ctx, operator, id, storage.LogInfo, "run.started", map[string]any{"epoch": e.run.Epoch})
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, nil // purged meanwhile
	case err != nil:
		return nil, err
	case !e.run.Open():
		return nil, nil // done before: the job is only told now
	}
	e.again = e.run.Epoch > 1
	if err := json.Unmarshal(e.run.Counts, &e.counts); err != nil {
		return nil, fmt.Errorf("jobs: counts of run: %w", err)
	}
	e.counts.Failed = 0
	return e, nil
}

// holdEvery is how often a run writes its progress and looks whether it is still to go on.
const holdEvery = time.Second

// hold watches over the run until stop is called: its context ends when a person cancels the run or
// another node took it over.
func (e *execution) hold(ctx context.Context) (_ context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	var watching sync.WaitGroup
	done := make(chan struct{})
	watching.Go(func() {
		tick := time.NewTicker(holdEvery)
		defer tick.Stop()
		for {
			if err := e.holdOnce(ctx); err != nil {
				cancel(err)
				return
			}
			select {
			case <-done:
				return
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	})
	return ctx, func() {
		close(done)
		watching.Wait()
		cancel(context.Canceled)
	}
}

// holdOnce returns an error only if the run is to stop; a database that does not answer is the
// heartbeat's matter.
func (e *execution) holdOnce(ctx context.Context) error {
	e.mu.Lock()
	progress := e.progressNow()
	e.mu.Unlock()
	var cancelled bool
	err := e.node.cfg.DB.InScope(ctx, e.scope, func(tx *storage.Tx) (err error) {
		cancelled, err = tx.HoldRun(ctx, e.run, progress)
		return err
	})
	switch {
	case errors.Is(err, storage.ErrFenced) && guards.FenceEpoch:
		return err
	case cancelled:
		return ErrCancelled
	default:
		return nil
	}
}

// progressNow wants the lock to be held.
func (e *execution) progressNow() json.RawMessage {
	e.progress.BytesDone = e.bytesDone.Load()
	text, _ := json.Marshal(e.progress) // numbers always fit
	return text
}

// log appends to the run's log. A line that can't be written does not stop the run.
func (e *execution) log(ctx context.Context, level, code string, detail map[string]any) {
	err := e.node.cfg.DB.InScope(context.WithoutCancel(ctx), e.scope, func(tx *storage.Tx) error {
		return tx.LogRun(ctx, e.run.Operator, e.run.ID, level, code, detail)
	})
	if err != nil && ctx.Err() == nil {
		e.node.log.Warn("run log failed", "run_id", e.node.runName(e.run.ID), "code", code, "error", err)
	}
}

// count changes the counts in memory; a transaction writes them.
func (e *execution) count(change func(*Counts)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	change(&e.counts)
}

// finish writes what became of the attempt and returns what the queue should know.
func (e *execution) finish(ctx context.Context, failure error, at attempt) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTime)
	defer cancel()
	if errors.Is(failure, storage.ErrFenced) {
		return e.overtaken()
	}
	e.settle(failure, at)
	err := e.node.cfg.DB.InScope(ctx, e.scope, func(tx *storage.Tx) error {
		if err := e.logEnd(ctx, tx, failure, at); err != nil {
			return err
		}
		if err := e.noteOutcome(ctx, tx); err != nil {
			return err
		}
		if e.ended != nil && !e.run.Open() {
			if err := e.ended(ctx, tx); err != nil {
				return err
			}
		}
		return tx.EndRun(ctx, e.run)
	})
	if err == nil {
		e.countOutcome()
	}
	switch {
	case errors.Is(err, storage.ErrFenced):
		return e.overtaken()
	case err != nil:
		return err // not known to be written, so tried again: the next attempt finds the work done
	case e.run.State == storage.RunCancelled, e.run.State == storage.RunSucceeded:
		return nil
	default:
		return failure
	}
}

// settle decides the state of the run.
func (e *execution) settle(failure error, at attempt) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.run.Counts, _ = json.Marshal(e.counts) // numbers always fit
	e.run.Progress = e.progressNow()
	e.run.ErrorCode = codeOf(failure)
	switch {
	case failure == nil:
		e.run.State = storage.RunSucceeded
	case errors.Is(failure, ErrCancelled):
		e.run.State = storage.RunCancelled
	case errors.Is(failure, ErrStopping), errors.Is(failure, ErrNodeLost):
		e.run.State = storage.RunQueued
	case Permanent(failure), at.Last:
		e.run.State = storage.RunFailed
	default:
		e.run.State = storage.RunQueued
	}
}

// codeOf is the code of a failure, that of the unexpected if it has none, "" for none.
func codeOf(failure error) string {
	if failure == nil {
		return ""
	}
	if code := Code(failure); code != "" {
		return code
	}
	return Code(ErrUnexpected)
}

func (e *execution) logEnd(ctx context.Context, tx *storage.Tx, failure error, at attempt) error {
	level, code, detail := storage.LogInfo, "run.succeeded", map[string]any{}
	if failure != nil {
		level, code = storage.LogError, e.run.ErrorCode
	}
	if e.run.State == storage.RunQueued {
		level = storage.LogWarn
		detail["attempt"] = at.No
	}
	if err := tx.LogRun(ctx, e.run.Operator, e.run.ID, level, code, detail); err != nil {
		return err
	}
	if e.run.State != storage.RunQueued || errors.Is(failure, ErrStopping) || errors.Is(failure, ErrNodeLost) {
		return nil
	}
	next := map[string]any{"after_seconds": int(retryOf(e.run.Kind, at.No).Seconds())}
	return tx.LogRun(ctx, e.run.Operator, e.run.ID, storage.LogInfo, "run.retried", next)
}

// overtaken is the end of an attempt whose run somebody else has by now. The queue knows a job by its
// id alone: what we said about it would be taken for the other's word. So we wait until the other is done.
func (e *execution) overtaken() error {
	ctx := e.node.ended
	e.node.log.Warn("run was taken over by another node", "run_id", e.node.runName(e.run.ID))
	tick := time.NewTicker(holdEvery)
	defer tick.Stop()
	for !e.node.stopping.Load() {
		var now *storage.Run
		err := e.node.cfg.DB.InScope(ctx, e.scope, func(tx *storage.Tx) (err error) {
			now, err = tx.Run(ctx, e.run.Operator, e.run.ID)
			return err
		})
		if err == nil && !now.Open() {
			return nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return fail(ErrNodeLost, nil)
		}
	}
	return fail(ErrNodeLost, nil)
}
