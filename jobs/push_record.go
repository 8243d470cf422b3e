package jobs

import (
	"context"
	"encoding/hex"
	"errors"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// sourcePush names pushes as what found an incident of a file.
const sourcePush = KindPush

// begin commits that the file is under way, with the names under which it can be found later.
func (p *pusher) begin(ctx context.Context, d *storage.Delivery, next step) error {
	begun := *d
	err := p.record(ctx, func(*Counts) {}, func(tx *storage.LoadTx) error {
		if next.taken {
			if err := p.rename(ctx, tx, &begun); err != nil {
				return err
			}
		}
		begun.Temporary = p.settings.temporaryName(begun.Name, begun.Attempt)
		if err := tx.BeginSending(ctx, &begun, p.run.ID, next.reason); err != nil {
			return err
		}
		if next.reason == "" {
			return nil
		}
		return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogWarn, next.reason, map[string]any{"file_id": d.File, "bytes": d.Size})
	})
	if err != nil {
		return err
	}
	*d = begun
	d.State = storage.FileSending
	return nil
}

// markSent commits that the file arrived, with its receipt.
func (p *pusher) markSent(ctx context.Context, d *storage.Delivery, receipt transfer.Uploaded, certainty string) error {
	r := storage.OutboundReceipt{Run: p.run.ID, Certainty: certainty}
	code := "push.found"
	if certainty == storage.CertaintyConfirmed {
		code = "push.sent"
		r.RemotePath, r.Size, r.SHA256 = transfer.Escape(receipt.Path), receipt.Size, receipt.SHA256[:]
	}
	err := p.record(ctx, func(c *Counts) {
		c.Sent++
		c.Bytes += d.Size
	}, func(tx *storage.LoadTx) error {
		if err := tx.MarkSent(ctx, d.File, r, receipt.ModTime); err != nil {
			return err
		}
		if _, err := tx.ResolveIncidents(ctx, p.run.Operator, storage.OfFile(d.File), sourcePush); err != nil {
			return err
		}
		return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogInfo, code, map[string]any{"file_id": d.File, "bytes": d.Size})
	})
	if err == nil {
		p.node.cfg.Metrics.FileMoved("out", d.Size)
	}
	return err
}

// markUncertain leaves it to a person what becomes of a file.
func (p *pusher) markUncertain(ctx context.Context, d *storage.Delivery) error {
	return p.record(ctx, func(c *Counts) { c.Uncertain++ }, func(tx *storage.LoadTx) error {
		if err := tx.MarkUncertain(ctx, d.File, p.run.ID); err != nil {
			return err
		}
		if err := p.raise(ctx, tx, d, "outbound.uncertain"); err != nil {
			return err
		}
		return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogWarn, "push.uncertain", map[string]any{"file_id": d.File, "bytes": d.Size})
	})
}

func (p *pusher) raise(ctx context.Context, tx *storage.LoadTx, d *storage.Delivery, code string) error {
	_, _, err := tx.RaiseIncident(ctx, p.run.Operator, storage.OfFile(d.File), storage.Raise{
		Code: code, Source: sourcePush, Run: p.run.ID, Connection: p.connection.ID,
	})
	return err
}

// failed decides what the failure of a file means that did not leave: an error ends the attempt.
func (p *pusher) failed(ctx context.Context, client *transfer.Client, d *storage.Delivery, known knowledge, failure error) error {
	switch {
	case errors.Is(failure, storage.ErrFenced):
		return failure
	case errors.Is(failure, ErrUnreadable):
		return p.giveUp(ctx, d, failure)
	case known == notBegun:
		return failure // the same would happen to the others
	}
	if err := p.putBack(context.WithoutCancel(ctx), d, failure); err != nil {
		return errors.Join(failure, err)
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return p.note(ctx, client, d, failure)
}

// putBack returns to the queue what certainly did not leave.
func (p *pusher) putBack(ctx context.Context, d *storage.Delivery, failure error) error {
	ctx, cancel := context.WithTimeout(ctx, handBackTime)
	defer cancel()
	return p.record(ctx, func(*Counts) {}, func(tx *storage.LoadTx) error {
		return tx.PutBack(ctx, d.File, p.run.ID, codeOf(failure))
	})
}

// giveUp leaves a file to a person.
func (p *pusher) giveUp(ctx context.Context, d *storage.Delivery, failure error) error {
	p.result.Lock()
	p.result.refused = failure
	p.result.Unlock()
	return p.record(ctx, func(c *Counts) { c.Failed++ }, func(tx *storage.LoadTx) error {
		if err := tx.FailOutbound(ctx, d.File, p.run.ID, codeOf(failure)); err != nil {
			return err
		}
		if err := p.raise(ctx, tx, d, codeOf(failure)); err != nil {
			return err
		}
		return p.logFailure(ctx, tx, d, failure)
	})
}

func (p *pusher) logFailure(ctx context.Context, tx *storage.LoadTx, d *storage.Delivery, failure error) error {
	return tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogWarn, "push.file_failed",
		map[string]any{"file_id": d.File, "code": codeOf(failure), "bytes": d.Size})
}

// note keeps why a file was not delivered, whatever its state; the others go on. What isn't the
// partner's or the line's matter ends the attempt.
func (p *pusher) note(ctx context.Context, client *transfer.Client, d *storage.Delivery, failure error) error {
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	if Code(failure) == "" || errors.Is(failure, storage.ErrFenced) || errors.Is(failure, ErrArchive) {
		return failure
	}
	if client != nil {
		p.session.broken(client, failure)
	}
	p.result.Lock()
	if Permanent(failure) {
		p.result.refused = failure
	} else {
		p.result.retry = failure
	}
	for _, whole := range []error{transfer.ErrFolder, transfer.ErrPermission, transfer.ErrNoSpace} {
		if errors.Is(failure, whole) {
			p.blocked[d.Folder] = true
		}
	}
	p.result.Unlock()
	return p.record(ctx, func(c *Counts) { c.Failed++ }, func(tx *storage.LoadTx) error { return p.logFailure(ctx, tx, d, failure) })
}

// isBlocked tells whether a folder took nothing in this attempt, so that trying each file is pointless.
func (p *pusher) isBlocked(folder string) bool {
	p.result.Lock()
	defer p.result.Unlock()
	return p.blocked[folder]
}

// checksumLine is what a side file holds, in the form that sha256sum checks.
func checksumLine(sum []byte, name string) string {
	return hex.EncodeToString(sum) + "  " + name + "\n"
}
