package accounts

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// A View says which patient data was shown: the rows by kind and id, never what stands in them.
type View struct {
	Action     string // "claim.viewed", "remittances.listed", "original.downloaded"
	Account    storage.AccountID
	Operator   storage.OperatorID
	ObjectKind string // "" for a list
	ObjectID   int64
	Rows       int // of a list
}

// RecordView leaves an audit event that the principal saw data of patients. It comes before the
// answer: what can't be recorded is not shown.
func (s *Service) RecordView(ctx context.Context, p *Principal, v View) error {
	event := storage.AuditEvent{
		Action: v.Action, Account: v.Account, Operator: v.Operator, ObjectKind: v.ObjectKind, ObjectID: v.ObjectID,
	}
	if v.ObjectKind == "" {
		event.Detail = map[string]any{"rows": v.Rows}
	}
	if event.Operator == 0 {
		event.Operator = p.operatorOf(v.Account)
	}
	if err := s.store.AppendEvents(ctx, p.Actor(), event); err != nil {
		return fmt.Errorf("accounts: audit: %w", err)
	}
	return nil
}

// RecordDenied leaves an audit event that the principal lacked a permission. A failure is logged; the
// answer is "denied" in any case.
func (s *Service) RecordDenied(ctx context.Context, p *Principal, permission Permission, o Origin) {
	event := storage.AuditEvent{
		Action: "access.denied", Result: "denied", Operator: p.operatorOf(0),
		Detail: map[string]any{"permission": string(permission)},
	}
	if err := s.store.AppendEvents(ctx, p.Actor(), event); err != nil {
		s.log.Error("denied access not audited", "incident", o.Incident, "error", err)
	}
}

// operatorOf returns the operator that an event on the account belongs to; for 0 the principal's own.
func (p *Principal) operatorOf(account storage.AccountID) storage.OperatorID {
	for _, a := range p.Accounts {
		if a.ID == account {
			return a.OperatorID
		}
	}
	if p.Exchange != 0 {
		return p.Exchange
	}
	if len(p.Operators) > 0 {
		return p.Operators[0].ID
	}
	if len(p.Accounts) > 0 {
		return p.Accounts[0].OperatorID
	}
	return 0
}
