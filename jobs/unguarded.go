package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// What is here shows in tests what a guard is for: in any other program the guards are on, and only
// the right way is left.

// insertFiles writes the files' rows, together with all that belongs to them.
func (p *puller) insertFiles(ctx context.Context, tx *storage.LoadTx, files []storage.File) error {
	if guards.OneCommit {
		return tx.InsertFiles(ctx, files)
	}
	return p.node.cfg.DB.InLoad(ctx, p.run.Operator, p.scope.Actor, func(apart *storage.LoadTx) error {
		return apart.InsertFiles(ctx, files)
	})
}

// tooEarly finishes a file at the server before it is ours.
func (p *puller) tooEarly(ctx context.Context, from *folder, f *fetched) {
	if client, err := p.client(ctx); err == nil {
		_ = p.finishRemote(ctx, client, from, f, from.acts(f.late))
	}
}

// deleteEarly deletes a file at the server before its copy has a name.
func deleteEarly(ctx context.Context, client *transfer.Client, f transfer.RemoteFile) {
	if !guards.CopyBeforeDelete {
		_ = client.Delete(ctx, f)
	}
}

// downloaded is what the end of a download means: one that found the file changed is discarded.
func downloaded(err error) error {
	if !guards.SizeCheck && errors.Is(err, transfer.ErrChanged) {
		return nil
	}
	return err
}

// dueOf is the due time by which a schedule's run is unique.
func dueOf(due time.Time) time.Time {
	if guards.UniqueDue {
		return due
	}
	return due.Add(time.Duration(1+time.Now().UnixMicro()%1000) * time.Microsecond)
}

// startApart adds the run of a due time that has passed on already.
func startApart(ctx context.Context, db *storage.DB, s *storage.Schedule) error {
	return db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error {
		_, err := startDue(ctx, tx, s, *s.NextDueAt)
		return err
	})
}
