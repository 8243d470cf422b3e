package accounts

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// IdentifierKinds are the kinds of identifiers that route answers to an account.
var IdentifierKinds = []string{"npi", "tin", "submitter", "payer_assigned"}

// An IdentifierInput is an identifier as typed.
type IdentifierInput struct {
	Kind, Value        string
	Partner            storage.PartnerID // 0: whoever the partner is
	ValidFrom, ValidTo *time.Time        // nil: since ever, for ever; both days are valid
}

func (in *IdentifierInput) validate() error {
	in.Value = strings.TrimSpace(in.Value)
	switch in.Kind {
	case "npi":
		if !ValidNPI(in.Value) {
			return &InputError{"value", "An NPI has ten digits, of which the last one checks the others. Look for a typing error."}
		}
	case "tin":
		in.Value = strings.ReplaceAll(in.Value, "-", "")
		if len(in.Value) != 9 || !onlyDigits(in.Value) {
			return &InputError{"value", "A tax id has nine digits."}
		}
	case "submitter", "payer_assigned":
		if in.Value == "" || len(in.Value) > 80 || strings.ContainsFunc(in.Value, func(r rune) bool { return r < ' ' || r > '~' }) {
			return &InputError{"value", "Give the number as it stands in the files: up to 80 letters and digits."}
		}
	default:
		return &InputError{"kind", "The kind is one of " + strings.Join(IdentifierKinds, ", ") + "."}
	}
	if in.ValidFrom != nil && in.ValidTo != nil && in.ValidTo.Before(*in.ValidFrom) {
		return &InputError{"valid_to", "The last day is before the first."}
	}
	return nil
}

// AddIdentifier gives an account of the scope's operator an identifier, which routes what is loaded from now on. The error
// is an *InputError for one that can't be.
func (s *Service) AddIdentifier(ctx context.Context, scope storage.Scope, account storage.AccountID, in IdentifierInput) error {
	if err := in.validate(); err != nil {
		return err
	}
	err := s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if err := t.AccountIsOpen(ctx, account); err != nil {
			return err
		}
		err := t.AddIdentifier(ctx, scope.Operator, storage.Identifier{
			Account: account, Kind: in.Kind, Value: in.Value, Partner: in.Partner, ValidFrom: in.ValidFrom, ValidTo: in.ValidTo,
		})
		if err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "identifier.added", Account: account, ObjectKind: "account", ObjectID: int64(account), Detail: map[string]any{"kind": in.Kind},
		})
	})
	if err != nil {
		return fmt.Errorf("accounts: adding an identifier: %w", err)
	}
	return nil
}

// RetireIdentifier lets an identifier route for the last time on a day; it stays in the list. storage.ErrNotFound.
func (s *Service) RetireIdentifier(ctx context.Context, scope storage.Scope, account storage.AccountID, id int64, last time.Time) error {
	err := s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if err := t.RetireIdentifier(ctx, account, id, last); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: "identifier.retired", Account: account, ObjectKind: "identifier", ObjectID: id, Detail: map[string]any{"last_day": last.Format(time.DateOnly)},
		})
	})
	if err != nil {
		return fmt.Errorf("accounts: retiring an identifier: %w", err)
	}
	return nil
}
