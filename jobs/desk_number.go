package jobs

import (
	"context"
	"errors"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ErrNumber says that a sequence of control numbers can't be what was asked for.
var ErrNumber error = newKind("outbound.number", true, "control numbers are 1 to 999999999, of two partners' identities")

// A NumberOf names a sequence of control numbers: of the interchanges that one sends to another, or of their groups.
type NumberOf struct {
	Sender, Receiver string // as ZZ:NAME, the qualifier and the identity of the envelope
	Usage            string // P or T; "": P
	FunctionalID     string // GS01; "": the interchanges
}

// Numbers returns the sequences of control numbers that ediport goes by.
func (d *Desk) Numbers(ctx context.Context, scope storage.Scope) (all []storage.Number, err error) {
	err = d.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) error {
		all, err = tx.Numbers(ctx)
		return err
	})
	return all, err
}

// SetNextNumber makes a sequence go on with a number, where another system counted before, and is ErrNumber if there can be no such
// sequence or number.
func (d *Desk) SetNextNumber(ctx context.Context, scope storage.Scope, of NumberOf, next int) error {
	kind, key, err := of.sequence()
	if err != nil {
		return err
	}
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		err := tx.SetNextNumber(ctx, kind, key, next)
		if errors.Is(err, storage.ErrConflict) {
			return fail(ErrNumber, nil)
		}
		if err != nil {
			return err
		}
		return tx.Audit(ctx, storage.AuditEvent{
			Action: "number.set", ObjectKind: "sequence_number", Detail: map[string]any{"kind": kind, "sequence": key, "next": next},
		})
	})
}

func (n NumberOf) sequence() (kind, key string, err error) {
	e := storage.OutboundEnvelope{Usage: n.Usage}
	if e.Usage == "" {
		e.Usage = "P"
	}
	var known [2]bool
	e.SenderQualifier, e.SenderID, known[0] = identity(n.Sender)
	e.ReceiverQualifier, e.ReceiverID, known[1] = identity(n.Receiver)
	if !known[0] || !known[1] || e.Usage != "P" && e.Usage != "T" || strings.Contains(n.FunctionalID, "|") {
		return "", "", fail(ErrNumber, nil)
	}
	kind = storage.NumberInterchange
	if n.FunctionalID != "" {
		kind = storage.NumberGroup
	}
	return kind, numberKey(&e) + n.FunctionalID, nil
}

// identity reads ZZ:NAME.
func identity(text string) (qualifier, id string, ok bool) {
	qualifier, id, ok = strings.Cut(text, ":")
	return qualifier, id, ok && len(qualifier) == 2 && id != "" && len(id) <= 15 && !strings.ContainsAny(text, "| ")
}
