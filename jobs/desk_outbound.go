package jobs

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// PushNow delivers at once what waits for a connection and returns the run. If one is open already, that is
// returned with ErrRunOpen. ErrConnectionPaused and ErrNothingToPush: there will be none.
func (d *Desk) PushNow(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (storage.RunID, error) {
	return d.runNow(ctx, scope, func(*storage.Tx) (*storage.Run, error) {
		return newRun(scope.Operator, KindPush, id), nil
	})
}

// nothingToPush says that a connection has nowhere to deliver to.
func nothingToPush(c *storage.Connection) error {
	push, err := PushOf(c)
	if err == nil && len(push.folders()) == 0 {
		err = fail(ErrNothingToPush, nil)
	}
	return err
}

// outboundAct changes an outbound file for a person, with its event, in one transaction. What was told of the
// file before is no news any more.
func (d *Desk) outboundAct(ctx context.Context, scope storage.Scope, action string, file storage.FileID, fn func(*storage.LoadTx) error) error {
	return d.DB.InLoadFor(ctx, scope, func(tx *storage.LoadTx) error {
		if err := fn(tx); err != nil {
			return err
		}
		if _, err := tx.ResolveIncidents(ctx, scope.Operator, storage.OfFile(file)); err != nil {
			return err
		}
		return tx.Audit(ctx, storage.AuditEvent{Action: action, ObjectKind: "file", ObjectID: int64(file)})
	})
}

// SendAgain queues a file that is not on its way once more: the same bytes, the same control numbers, by which its
// receiver knows them, under a new name. An acknowledgment that was kept goes to the connection of its partner that has a
// folder for it. ErrNothingToPush: nothing takes it; storage.ErrConflict: it is on its way.
func (d *Desk) SendAgain(ctx context.Context, scope storage.Scope, file storage.FileID) error {
	return d.outboundAct(ctx, scope, "file.sent_again", file, func(tx *storage.LoadTx) error {
		item, err := tx.Outbound(ctx, file)
		if err != nil {
			return err
		}
		to, err := d.placeFor(ctx, tx, &item)
		if err != nil {
			return err
		}
		again := &storage.Delivery{
			File: file, Partner: item.PartnerID, Purpose: item.Purpose, Name: item.Name, Folder: to.folder, Priority: max(item.Priority, 1),
		}
		facts, err := factsOf(ctx, &tx.Tx, again)
		if err != nil {
			return err
		}
		if item.AnswersKind != "" {
			facts.Set = item.AnswersKind
		}
		name := numbered(item.Name, item.Attempt+1)
		if hasSeq(to.push.NameTemplate) {
			if name, err = nameBy(ctx, &tx.Tx, to.connection, to.push, facts); err != nil {
				return err
			}
			name = transfer.Escape(name)
		}
		again.Name, again.Temporary = name, to.push.temporaryName(name, item.Attempt)
		if err := tx.RequeueOutbound(ctx, to.connection.ID, again); err != nil {
			return err
		}
		return pushSoon(ctx, &tx.Tx, scope.Operator, to.connection.ID)
	})
}

// placeFor finds where a file goes that is to be sent again.
func (d *Desk) placeFor(ctx context.Context, tx *storage.LoadTx, item *storage.OutboundItem) (place, error) {
	all, err := tx.Connections(ctx)
	if err != nil {
		return place{}, err
	}
	if item.Purpose == storage.PurposeAcknowledgment {
		p, err := acknowledgmentPlace(all, item.ConnectionID, item.PartnerID)
		if err == nil && p.connection == nil {
			err = fail(ErrNothingToPush, nil)
		}
		return p, err
	}
	for i := range all {
		if all[i].ID == item.ConnectionID {
			push, err := PushOf(&all[i])
			if err == nil && push.Folder == "" {
				err = fail(ErrNothingToPush, nil)
			}
			return place{connection: &all[i], push: push, folder: transfer.Escape(push.Folder)}, err
		}
	}
	return place{}, fail(ErrConnectionGone, nil)
}

// ConfirmSent says, for a person who asked the partner, that an uncertain file arrived. storage.ErrConflict: it is not uncertain.
func (d *Desk) ConfirmSent(ctx context.Context, scope storage.Scope, file storage.FileID) error {
	return d.outboundAct(ctx, scope, "file.confirmed_sent", file, func(tx *storage.LoadTx) error {
		item, err := tx.Outbound(ctx, file)
		if err == nil && item.State != string(storage.FileUncertain) {
			err = fmt.Errorf("jobs: the file is %s: %w", item.State, storage.ErrConflict)
		}
		if err != nil {
			return err
		}
		return tx.MarkSent(ctx, file, storage.OutboundReceipt{Run: item.SendingRunID, Certainty: storage.CertaintyPerson}, tx.Now())
	})
}

// VoidOutbound takes back a file that did not leave: it waits, is uncertain, was given up, or is kept. reason is a person's
// words. Its control numbers stay with it, so that each is accounted for. storage.ErrConflict: it left, or is leaving.
func (d *Desk) VoidOutbound(ctx context.Context, scope storage.Scope, file storage.FileID, reason string) error {
	return d.outboundAct(ctx, scope, "file.voided", file, func(tx *storage.LoadTx) error {
		return tx.VoidOutbound(ctx, file, strings.TrimSpace(reason))
	})
}

// maxHandInName leaves room for a temporary suffix in what servers take.
const maxHandInName = 200

// checkHandInName refuses what can't be a remote file's name.
func checkHandInName(name string) error {
	switch {
	case name == "", name == ".", name == "..":
		return fail(ErrHandInName, errors.New("it is missing"))
	case len(name) > maxHandInName:
		return fail(ErrHandInName, fmt.Errorf("it has more than %d bytes", maxHandInName))
	case strings.ContainsAny(name, "/\\") || !utf8.ValidString(name):
		return fail(ErrHandInName, errors.New("it holds a slash, a backslash or bytes that are no text"))
	}
	for _, r := range name {
		if r < ' ' || r == 0x7f {
			return fail(ErrHandInName, errors.New("it holds control characters"))
		}
	}
	return nil
}
