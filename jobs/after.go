package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// finishes tells whether there is something to do at the server for a file that is ours: late says that it
// need not stay any longer.
func (f *folder) finishes(file transfer.RemoteFile, late bool) bool {
	return f.After != storage.AfterLeave && late || file.At != ""
}

// stays tells whether a file that was taken is to be at the server for some days more. What the folder says
// now counts, whatever it said when the file was taken.
func (f *folder) stays(taken storage.Sighting, now time.Time) bool {
	return f.After == storage.AfterDelete && now.Before(taken.TakenAt.Add(seconds(f.DeleteAfterDays*day)))
}

// acts is what becomes of a file now: one that stays for some days has its name back meanwhile.
func (f *folder) acts(late bool) string {
	if f.After == storage.AfterDelete && !late {
		return storage.AfterLeave
	}
	return f.After
}

// after does with a file at the server what its folder says, once it is ours: only if it is still the
// file that was taken. A server that refuses does not undo that the file is ours; the next run tries again.
func (p *puller) after(ctx context.Context, from *folder, f *fetched, to chan<- *fetched) error {
	if err := context.Cause(ctx); err != nil {
		return err
	}
	if !from.finishes(f.file, f.late) || p.afterRefused() {
		return nil
	}
	client, err := p.session.client(ctx)
	if err != nil {
		return err
	}
	if err := failpoint.Check("pull.finishing"); err != nil {
		return err
	}
	act := from.acts(f.late)
	failure := p.finishRemote(ctx, client, from, f, act)
	if err := failpoint.Check("pull.finished"); err != nil {
		return err
	}
	switch err := failure; {
	case err == nil && act == storage.AfterLeave:
		return nil // it has its name back
	case err == nil:
		f.state = from.doneState()
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, storage.ErrFenced):
		return err
	case errors.Is(err, transfer.ErrNotFound) && f.earlier:
		f.state = from.doneState() // its success went unnoticed
	case errors.Is(err, transfer.ErrNotFound):
		f.state = storage.RemoteGone
	case errors.Is(err, transfer.ErrChanged):
		f.state = storage.RemoteChanged
	default:
		p.session.broken(client, err)
		return p.noteAfter(ctx, err)
	}
	to <- f
	return nil
}

func (p *puller) finishRemote(ctx context.Context, client *transfer.Client, from *folder, f *fetched, act string) (err error) {
	switch act {
	case storage.AfterLeave:
		_, err = client.Unclaim(ctx, f.file)
		return err
	case storage.AfterDelete:
		err = client.Delete(ctx, f.file)
	default:
		err = p.archive(ctx, client, from, f)
	}
	if err == nil {
		p.finishMarker(ctx, client, from, f.file)
	}
	return err
}

// finishMarker removes the done marker of a file that was moved away; one that stays does no harm.
func (p *puller) finishMarker(ctx context.Context, client *transfer.Client, from *folder, f transfer.RemoteFile) {
	if from.DoneMarker == "" {
		return
	}
	marker, err := client.Stat(ctx, f.Path+from.DoneMarker)
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

// recordAfter writes down what became of files at the server.
func (p *puller) recordAfter(ctx context.Context, files []*fetched) error {
	p.count(func(c *Counts) { c.Finished += len(files) })
	byState := map[string][]storage.Sighting{}
	var lines []storage.NewRunLine
	for _, f := range files {
		byState[f.state] = append(byState[f.state], sightingOf(f.file))
		code := afterCodes[f.state]
		if f.earlier && !f.delayed {
			code = "pull.finished_earlier"
		}
		lines = append(lines, storage.NewRunLine{Level: storage.LogInfo, Code: code, Detail: map[string]any{"bytes": f.file.Size}})
	}
	err := p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) error {
		for state, seen := range byState {
			if err := tx.SetRemoteStates(ctx, p.connection.ID, seen, state); err != nil {
				return err
			}
		}
		return tx.LogRunLines(ctx, p.run.Operator, p.run.ID, lines)
	})
	if err != nil {
		return err
	}
	return failpoint.Check("pull.recorded")
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
