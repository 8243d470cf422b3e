package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// An AccessQuery asks who saw a patient's data in an account.
type AccessQuery struct {
	Account  storage.AccountID
	MemberID string          // the patient's, as the payer writes it; or
	Row      *storage.RowRef // one row of results
	From, To *time.Time      // From is included, To isn't
}

// PatientAccess returns the events in which rows that name the member, or the one row, were shown: alone, in a list, as
// original or as part of a file. The principal must be allowed to read the account's audit; the question itself
// leaves an event. Source: 45 CFR 164.312(b).
func (s *Service) PatientAccess(ctx context.Context, p *Principal, q AccessQuery, page storage.Page) ([]AuditRecord, storage.Cursor, error) {
	scope, err := s.auditScopeOf(ctx, p, q.Account)
	if err != nil {
		return nil, "", err
	}
	rows := []storage.RowRef{}
	err = s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if q.Row != nil {
			rows = []storage.RowRef{*q.Row}
		} else if rows, err = t.RowsOfMember(ctx, q.MemberID); err != nil {
			return err
		}
		event := storage.AuditEvent{Action: "audit.patient_report", Account: q.Account, Detail: map[string]any{"rows": len(rows)}}
		if q.Row != nil {
			event.ObjectKind, event.ObjectID = q.Row.Kind, q.Row.ID
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return nil, "", fmt.Errorf("accounts: who saw a patient: %w", err)
	}
	f := storage.AuditFilter{Account: q.Account, Rows: rows, From: q.From, To: q.To}
	return s.AuditRecords(ctx, p.Scope(ViewAudit), f, page)
}

// AccountOfRow returns the account of a row of results whose audit the principal may read; storage.ErrNotFound
// where there is none.
func (s *Service) AccountOfRow(ctx context.Context, p *Principal, row storage.RowRef) (account storage.AccountID, err error) {
	scope, err := s.auditScopeOf(ctx, p, 0)
	if err != nil {
		return 0, err
	}
	err = s.db.InScopeRead(ctx, scope, func(t *storage.Tx) error {
		account, err = t.AccountOfRow(ctx, row)
		return err
	})
	return account, err
}

// AuditAccounts returns the accounts whose audit the principal may read, by name.
func (s *Service) AuditAccounts(ctx context.Context, p *Principal) ([]storage.Account, error) {
	scope := p.Scope(ViewAudit)
	if scope.Operator != 0 {
		var all []storage.Account
		err := s.db.InSystem(ctx, scope.Actor, func(t *storage.Tx) (err error) {
			all, err = t.AccountsOf(ctx, scope.Operator)
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("accounts: %w", err)
		}
		return all, nil
	}
	var own []storage.Account
	for _, a := range p.Accounts {
		for _, id := range scope.Accounts {
			if a.ID == id {
				own = append(own, storage.Account{ID: a.ID, Operator: a.OperatorID, Name: a.Name})
			}
		}
	}
	return own, nil
}

// auditScopeOf returns the scope in which rows of an account (0: of all) are looked up for the report, none of whose
// data leaves it. The error is storage.ErrNotFound for an account whose audit isn't the principal's to read.
func (s *Service) auditScopeOf(ctx context.Context, p *Principal, account storage.AccountID) (storage.Scope, error) {
	accounts, err := s.AuditAccounts(ctx, p)
	if err != nil {
		return storage.Scope{}, err
	}
	scope := p.Scope(ViewAudit)
	scope.Accounts = nil
	for _, a := range accounts {
		if account == 0 || a.ID == account {
			scope.Accounts = append(scope.Accounts, a.ID)
		}
	}
	if len(scope.Accounts) == 0 {
		return storage.Scope{}, fmt.Errorf("accounts: account: %w", storage.ErrNotFound)
	}
	return scope, nil
}
