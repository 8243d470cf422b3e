package jobs

import (
	"context"
	"errors"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// noteFailure keeps why a file was not taken. The same permanent reason as in an earlier run is no
// news, and a file that vanished is no failure.
func (p *puller) noteFailure(ctx context.Context, from *folder, f transfer.RemoteFile, failure error) error {
	code := codeOf(failure)
	if errors.Is(failure, transfer.ErrNotFound) {
		p.log(ctx, storage.LogInfo, code, map[string]any{"bytes": f.Size})
		return nil
	}
	p.count(func(c *Counts) { c.Failed++ })
	known := p.taken[keyOf(f)].ErrorCode == code
	p.result.Lock()
	switch {
	case !Permanent(failure):
		p.result.retry = failure
	case !known:
		p.result.refused = failure
	}
	p.result.Unlock()
	if !known {
		if err := p.recordFailure(ctx, f, code); err != nil {
			return err
		}
	}
	if Permanent(failure) {
		return p.setAside(ctx, from, f)
	}
	return nil
}

func (p *puller) recordFailure(ctx context.Context, f transfer.RemoteFile, code string) error {
	return p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) error {
		if err := tx.SetSightingError(ctx, p.connection.ID, sightingOf(f), code); err != nil {
			return err
		}
		return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogWarn, "pull.file_failed", map[string]any{"code": code, "bytes": f.Size})
	})
}

// setAside moves what can't be taken to the error folder, if there is one, or gives it its name back.
// That this does not work is told and changes nothing.
func (p *puller) setAside(ctx context.Context, from *folder, f transfer.RemoteFile) error {
	if from.AfterFailure != AfterFailureMove && f.At == "" {
		return nil
	}
	client, err := p.client(ctx)
	if err != nil {
		return err
	}
	if from.AfterFailure != AfterFailureMove {
		_, err = client.Unclaim(ctx, f)
	} else if err = p.moveTo(ctx, client, f, from.ErrorFolder); err == nil {
		return p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) error {
			if err := tx.SetRemoteStates(ctx, p.connection.ID, []storage.Sighting{sightingOf(f)}, storage.RemoteArchived); err != nil {
				return err
			}
			return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogInfo, "pull.set_aside", map[string]any{"bytes": f.Size})
		})
	}
	if err == nil || ctx.Err() != nil {
		return context.Cause(ctx)
	}
	p.session.broken(client, err)
	p.log(ctx, storage.LogWarn, "pull.after_failed", map[string]any{"code": codeOf(err)})
	return nil
}

// moveTo archives f in a folder whose name may hold today's date.
func (p *puller) moveTo(ctx context.Context, client *transfer.Client, f transfer.RemoteFile, folder string) error {
	dated, err := datedFolder(folder, p.node.cfg.DB.Now())
	if err != nil {
		return fail(ErrConnection, err)
	}
	_, err = client.Archive(ctx, f, dated)
	return err
}
