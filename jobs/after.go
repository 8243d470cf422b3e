package jobs

import (
	"context"
	"errors"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// after does with a file at the server what the connection says, once it is ours: only if it is still
// the file that was taken. earlier is true for what another run took, without getting this far.
// A server that refuses does not undo that the file is ours; the next run tries again.
func (p *puller) after(ctx context.Context, f transfer.RemoteFile, earlier bool) error {
	if p.connection.AfterSuccess == storage.AfterLeave || p.afterRefused() {
		return nil
	}
	client, err := p.session.client(ctx)
	if err != nil {
		return err
	}
	switch err := p.finishRemote(ctx, client, f); {
	case err == nil:
		return p.recordAfter(ctx, f, p.doneState(storage.RemoteGone), earlier)
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, transfer.ErrNotFound) && earlier:
		return p.recordAfter(ctx, f, p.doneState(storage.RemoteGone), earlier) // its success went unnoticed
	case errors.Is(err, transfer.ErrNotFound):
		return p.recordAfter(ctx, f, storage.RemoteGone, earlier)
	case errors.Is(err, transfer.ErrChanged):
		return p.recordAfter(ctx, f, storage.RemoteChanged, earlier)
	default:
		p.session.broken(client, err)
		return p.noteAfter(ctx, err)
	}
}

func (p *puller) finishRemote(ctx context.Context, client *transfer.Client, f transfer.RemoteFile) error {
	if p.connection.AfterSuccess == storage.AfterDelete {
		if err := client.Delete(ctx, f); err != nil {
			return err
		}
	} else if _, err := client.Archive(ctx, f, p.connection.ArchiveFolder); err != nil {
		return err
	}
	p.finishMarker(ctx, client, f)
	return nil
}

// finishMarker removes the done marker of a file that was moved away; one that stays does no harm.
func (p *puller) finishMarker(ctx context.Context, client *transfer.Client, f transfer.RemoteFile) {
	if p.marker == "" {
		return
	}
	marker, err := client.Stat(ctx, f.Path+p.marker)
	if err == nil {
		err = client.Delete(ctx, marker)
	}
	if err != nil && ctx.Err() == nil {
		p.log(ctx, storage.LogWarn, "pull.after_failed", map[string]any{"code": Code(err)})
	}
}

var afterCodes = map[string]string{
	storage.RemoteArchived: "pull.archived",
	storage.RemoteDeleted:  "pull.deleted",
	storage.RemoteChanged:  "pull.remote_changed",
	storage.RemoteGone:     "pull.remote_gone",
}

func (p *puller) recordAfter(ctx context.Context, f transfer.RemoteFile, state string, earlier bool) error {
	p.count(func(c *Counts) { c.Finished++ })
	return p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) error {
		if err := tx.SetRemoteState(ctx, p.connection.ID, sightingOf(f), state); err != nil {
			return err
		}
		code := afterCodes[state]
		if earlier {
			code = "pull.finished_earlier"
		}
		return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogInfo, code, map[string]any{"bytes": f.Size})
	})
}

// afterRefused says that asking the server once more is pointless in this attempt.
func (p *puller) afterRefused() bool {
	p.result.Lock()
	defer p.result.Unlock()
	return p.result.after != nil && Permanent(p.result.after)
}

// noteAfter keeps the first failure: there may be one for each file.
func (p *puller) noteAfter(ctx context.Context, failure error) error {
	p.result.Lock()
	first := p.result.after == nil
	p.result.after = failure
	p.result.Unlock()
	if first {
		p.log(ctx, storage.LogWarn, Code(ErrAfterFailed), map[string]any{"code": codeOf(failure)})
	}
	return nil
}
