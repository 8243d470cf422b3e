package accounts

import (
	"context"
	"fmt"
	"slices"
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

// An AccessReport says who saw a patient's data.
type AccessReport struct {
	Records []AuditRecord
	Next    storage.Cursor
	More    bool // older rows name the member than the report looks at
}

// PatientAccess returns the events in which rows that name the member, or the one row, were shown: alone, in a list, as
// original, or as part of a set or file that was opened whole. The question itself leaves an event. The principal must
// be allowed to read the account's audit. To ask by member id he must see the account's patients, too, since what is
// found tells of them: else the error is a *DeniedError. Row limits of his roles hold. Source: 45 CFR 164.312(b).
func (s *Service) PatientAccess(ctx context.Context, p *Principal, q AccessQuery, page storage.Page) (AccessReport, error) {
	account, err := s.auditAccount(ctx, p, q.Account)
	if err != nil {
		return AccessReport{}, err
	}
	byMember := q.Row == nil
	if byMember && !p.asksByMember(account) {
		s.RecordDenied(ctx, p, ViewPatients, p.Origin)
		return AccessReport{}, &DeniedError{ViewPatients}
	}
	scope, err := p.reportScope(byMember, account)
	if err != nil {
		return AccessReport{}, err
	}
	var rows storage.PatientRows
	err = s.db.InScope(ctx, scope, func(t *storage.Tx) (err error) {
		if q.Row != nil {
			_, rows, err = t.AccountOfRow(ctx, *q.Row)
		} else {
			rows, err = t.RowsOfMember(ctx, q.MemberID)
		}
		if err != nil {
			return err
		}
		event := storage.AuditEvent{Action: "audit.patient_report", Operator: account.Operator, Account: account.ID, Detail: map[string]any{"rows": len(rows.Rows)}}
		if q.Row != nil {
			event.ObjectKind, event.ObjectID = q.Row.Kind, q.Row.ID
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return AccessReport{}, fmt.Errorf("accounts: who saw a patient: %w", err)
	}
	f := storage.ViewFilter{Of: rows, Asked: []any{account.ID, q.MemberID, q.Row}, From: q.From, To: q.To}
	events, next, err := s.db.PatientViews(ctx, storage.Scope{Operator: account.Operator, Actor: p.Actor()}, f, page)
	if err != nil {
		return AccessReport{}, fmt.Errorf("accounts: %w", err)
	}
	records, err := s.recordsOf(ctx, events)
	return AccessReport{records, next, rows.More}, err
}

// AccountOfRow returns the account of a row of results of which the principal may ask who saw it; storage.ErrNotFound
// where there is none.
func (s *Service) AccountOfRow(ctx context.Context, p *Principal, row storage.RowRef) (account storage.AccountID, err error) {
	all, err := s.AuditAccounts(ctx, p)
	if err != nil {
		return 0, err
	}
	scope, err := p.reportScope(false, all...)
	if err != nil {
		return 0, err
	}
	err = s.db.InScopeRead(ctx, scope, func(t *storage.Tx) error {
		account, _, err = t.AccountOfRow(ctx, row)
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

// MemberAccounts returns the accounts of which the principal may ask by member id who saw a patient, by name.
func (s *Service) MemberAccounts(ctx context.Context, p *Principal) ([]storage.Account, error) {
	all, err := s.AuditAccounts(ctx, p)
	return slices.DeleteFunc(all, func(a storage.Account) bool { return !p.asksByMember(a) }), err
}

// auditAccount returns an account whose audit is the principal's to read; else storage.ErrNotFound.
func (s *Service) auditAccount(ctx context.Context, p *Principal, id storage.AccountID) (storage.Account, error) {
	all, err := s.AuditAccounts(ctx, p)
	if err != nil {
		return storage.Account{}, err
	}
	i := slices.IndexFunc(all, func(a storage.Account) bool { return a.ID == id })
	if i < 0 {
		return storage.Account{}, fmt.Errorf("accounts: account: %w", storage.ErrNotFound)
	}
	return all[i], nil
}
