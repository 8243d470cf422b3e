package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// The kinds of failure of purges.
var (
	ErrPurgeInvalid  error = newKind("purge.invalid", true, "what is to be purged can't be understood")
	ErrPurgeTooYoung error = newKind("purge.too_young", true, "the purge reaches data that must be kept longer")
	ErrPurgeBlobs    error = newKind("purge.blobs_failed", false, "originals of purged files could not be removed from the archive")
)

// PurgeArgs asks for one purge: the run says of what.
type PurgeArgs struct {
	Operator storage.OperatorID `json:"operator_id"`
	Run      storage.RunID      `json:"run_id"`
}

// Kind returns "purge".
func (PurgeArgs) Kind() string { return KindPurge }

// A PurgeOrder says what is to be taken out for good, who asked for it, and who agreed.
type PurgeOrder struct {
	Account  storage.AccountID `json:"account_id,omitempty"`   // 0: of any account
	Kinds    []string          `json:"kinds"`                  // of [storage.PurgeKinds]
	Before   time.Time         `json:"before"`                 // received earlier
	Asked    storage.UserID    `json:"requested_by,omitempty"` // 0: the command line
	Agreed   storage.UserID    `json:"approved_by,omitempty"`  // 0: the command line, at the machine itself
	Approval int64             `json:"approval_id,omitempty"`  // 0: as Agreed
}

// Filter returns what the order means at an operator.
func (o *PurgeOrder) Filter(operator storage.OperatorID) storage.PurgeFilter {
	return storage.PurgeFilter{Operator: operator, Account: o.Account, Kinds: o.Kinds, Before: o.Before}
}

// Check returns ErrPurgeInvalid or ErrPurgeTooYoung for an order that nobody may give.
func (o *PurgeOrder) Check(now time.Time) error {
	if len(o.Kinds) == 0 || o.Before.IsZero() {
		return fail(ErrPurgeInvalid, nil)
	}
	for _, kind := range o.Kinds {
		if !slices.Contains(storage.PurgeKinds(), kind) {
			return fail(ErrPurgeInvalid, fmt.Errorf("kind %q", kind))
		}
		if o.Before.After(storage.PurgeFloor(kind, now)) {
			return fail(ErrPurgeTooYoung, fmt.Errorf("kind %s", kind))
		}
	}
	return nil
}

// PurgeIn adds the run of an order, in the transaction of what permits it. Nothing is taken out before it commits.
func (d *Desk) PurgeIn(ctx context.Context, tx *storage.Tx, o PurgeOrder) (storage.RunID, error) {
	if err := o.Check(tx.Now()); err != nil {
		return 0, err
	}
	text, err := json.Marshal(o)
	if err != nil {
		return 0, fmt.Errorf("jobs: purge: %w", err)
	}
	operator := tx.Scope().Operator
	run := &storage.Run{
		Operator: operator, Kind: KindPurge, State: storage.RunQueued, DueAt: tx.Now(), Manual: true, Args: text, RequestedBy: o.Asked,
	}
	job := storage.Job{Kind: KindPurge, Queue: KindPurge, MaxAttempts: purgeAttempts, Priority: 4}
	if _, err := tx.AddRun(ctx, run, job, func(id storage.RunID) any { return PurgeArgs{Operator: operator, Run: id} }); err != nil {
		return 0, fmt.Errorf("jobs: purge: %w", err)
	}
	return run.ID, tx.Audit(ctx, storage.AuditEvent{Action: "run.requested", ObjectKind: "run", ObjectID: int64(run.ID), Detail: o.detail()})
}

// detail says an order in the audit.
func (o *PurgeOrder) detail() map[string]any {
	return map[string]any{
		"kind": KindPurge, "account_id": int64(o.Account), "kinds": o.Kinds, "before": o.Before.UTC().Format(time.RFC3339),
		"requested_by": int64(o.Asked), "approved_by": int64(o.Agreed), "approval_id": o.Approval,
	}
}

// purge is the work of one run of kind purge: a file after the other, each in a transaction of its own, so that it can be stopped,
// and begun again, between any two.
func (n *Node) purge(ctx context.Context, args PurgeArgs, at attempt) error {
	e, err := n.begin(ctx, args.Operator, args.Run)
	if err != nil || e == nil {
		return err
	}
	p := &purger{execution: e}
	e.ended = p.tell
	held, release := e.hold(ctx)
	failure := guard(func() error { return p.work(held) })
	if failure != nil && held.Err() != nil {
		failure = n.reason(held)
	}
	release()
	return e.finish(ctx, failure, at)
}

// A purger works a run of kind purge.
type purger struct {
	*execution
	order  PurgeOrder
	filter storage.PurgeFilter
}

func (p *purger) work(ctx context.Context) error {
	if p.run.CancelRequested {
		return fail(ErrCancelled, nil)
	}
	if p.run.Epoch > maxEpoch {
		return fail(ErrTakenOverTooOften, nil)
	}
	if err := json.Unmarshal(p.run.Args, &p.order); err != nil {
		return fail(ErrPurgeInvalid, err)
	}
	if err := p.order.Check(p.node.cfg.DB.Now()); err != nil {
		return err
	}
	p.filter = p.order.Filter(p.run.Operator)
	if err := p.removeBlobs(ctx); err != nil { // those of an attempt that broke off
		return err
	}
	if err := p.plan(ctx); err != nil {
		return err
	}
	for after := storage.FileID(-1); after != 0; {
		var found []storage.PurgeCandidate
		err := p.node.cfg.DB.InScopeRead(ctx, p.scope, func(tx *storage.Tx) (err error) {
			found, after, err = tx.PurgeCandidates(ctx, p.filter, after)
			return err
		})
		if err != nil {
			return err
		}
		for i := range found {
			if found[i].Verdict != storage.PurgeTake {
				continue
			}
			if err := p.holdOnce(ctx); err != nil { // a person may have changed his mind
				return err
			}
			if err := p.file(ctx, &found[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// plan counts what there is to do, for the progress.
func (p *purger) plan(ctx context.Context) error {
	counts, err := p.node.cfg.DB.PurgePreview(ctx, p.scope, p.filter)
	if err != nil {
		return err
	}
	p.count(func(c *Counts) {
		c.Kept = 0
		p.progress = Progress{Files: c.Purged, FilesDone: c.Purged}
		p.progress.Bytes = c.Bytes
		p.bytesDone.Store(c.Bytes)
		for i := range counts {
			if counts[i].Verdict == storage.PurgeTake {
				p.progress.Bytes += counts[i].Bytes
				p.progress.Files += counts[i].Files
			}
		}
	})
	return nil
}

// file takes one file out, and then its bytes.
func (p *purger) file(ctx context.Context, c *storage.PurgeCandidate) error {
	counts, err := p.takeOut(ctx, c.File)
	for tries := 1; errors.Is(err, storage.ErrRetry) && ctx.Err() == nil && tries < purgeAttempts; tries++ { // it met a load, or a person
		counts, err = p.takeOut(ctx, c.File)
	}
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil // another purge took it
	case errors.Is(err, storage.ErrConflict):
		p.count(func(c *Counts) { c.Kept++ })
		p.log(ctx, storage.LogWarn, "purge.file_kept", map[string]any{"file_id": c.File})
		return nil
	case err != nil:
		return err
	}
	p.count(func(c *Counts) {
		*c = counts
		p.progress.FilesDone = counts.Purged
		p.bytesDone.Store(counts.Bytes)
	})
	failpoint.Reach(purgeCommitted)
	return p.removeBlobs(context.WithoutCancel(ctx)) // who stops the purge doesn't keep what is gone already
}

// takeOut takes one file out of the database, and returns what the run counts then.
func (p *purger) takeOut(ctx context.Context, file storage.FileID) (counts Counts, err error) {
	p.mu.Lock()
	counts = p.counts // nobody else changes them
	p.mu.Unlock()
	err = p.node.cfg.DB.InLoadFor(ctx, p.scope, func(tx *storage.LoadTx) error {
		out, err := tx.PurgeFile(ctx, p.filter, file, p.run.ID)
		if err != nil {
			return err
		}
		counts.Purged += len(out.Files)
		counts.Rows += out.Rows
		counts.Bytes += out.Bytes
		text, _ := json.Marshal(counts) // numbers always fit
		if err := tx.CountRun(ctx, p.run, text); err != nil {
			return err
		}
		return p.record(ctx, &tx.Tx, out)
	})
	return counts, err
}

// purgeCommitted: the rows are gone, the bytes are there. It is none of the points that a file meets on its way.
const purgeCommitted = "purge.committed"

// record is the proof: one event for each file, with the hash of what was there, and one for each account that had rows of it.
func (p *purger) record(ctx context.Context, tx *storage.Tx, out *storage.Purged) error {
	root := out.Files[0]
	for i, f := range out.Files {
		detail := p.order.detail()
		detail["run_id"], detail["sha256"], detail["kinds"] = int64(p.run.ID), f.SHA256, out.Kinds
		if i == 0 {
			detail["files"], detail["sets"], detail["rows"], detail["bytes"], detail["tables"] = len(out.Files), out.Sets, out.Rows, out.Bytes, out.Tables
		} else {
			detail["came_out_of"] = int64(root.ID)
		}
		if err := tx.Audit(ctx, storage.AuditEvent{Action: "file.purged", ObjectKind: "file", ObjectID: int64(f.ID), Detail: detail}); err != nil {
			return err
		}
	}
	for _, account := range out.Accounts {
		err := tx.Audit(ctx, storage.AuditEvent{
			Action: "file.purged", Account: account, ObjectKind: "file", ObjectID: int64(root.ID),
			Detail: map[string]any{"run_id": int64(p.run.ID), "sha256": root.SHA256, "kinds": out.Kinds},
		})
		if err != nil {
			return err
		}
	}
	return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogInfo, "purge.file_purged", map[string]any{"file_id": root.ID, "rows": out.Rows})
}

// removeBlobs removes the bytes of purged files from the archive, those that an earlier attempt left, too.
func (p *purger) removeBlobs(ctx context.Context) error {
	for {
		var names []string
		err := p.node.cfg.DB.InLoadFor(ctx, p.scope, func(tx *storage.LoadTx) (err error) {
			names, err = tx.PurgedBlobs(ctx)
			return err
		})
		if err != nil || len(names) == 0 {
			return err
		}
		for _, name := range names {
			if err := p.node.cfg.Archive.Delete(name); err != nil && !errors.Is(err, archive.ErrMissing) {
				return fail(ErrPurgeBlobs, err)
			}
		}
		err = p.node.cfg.DB.InLoadFor(ctx, p.scope, func(tx *storage.LoadTx) error { return tx.ForgetPurgedBlobs(ctx, names) })
		if err != nil {
			return err
		}
	}
}

// tell leaves the end of the purge in the audit, in the transaction that ends the run.
func (p *purger) tell(ctx context.Context, tx *storage.Tx) error {
	detail := p.order.detail()
	detail["state"], detail["files"], detail["kept"], detail["rows"], detail["bytes"] = p.run.State, p.counts.Purged, p.counts.Kept, p.counts.Rows, p.counts.Bytes
	result := "ok"
	if p.run.State == storage.RunFailed {
		result = "failed"
		_, _, err := tx.RaiseIncident(ctx, p.run.Operator, storage.Subject{Kind: storage.SubjectRun, ID: int64(p.run.ID)}, storage.Raise{
			Code: p.run.ErrorCode, Source: KindPurge, Run: p.run.ID,
		})
		if err != nil {
			return err
		}
	}
	return tx.Audit(ctx, storage.AuditEvent{Action: "purge.finished", ObjectKind: "run", ObjectID: int64(p.run.ID), Result: result, Detail: detail})
}
