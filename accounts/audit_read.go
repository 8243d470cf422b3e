package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// What a program reads of the audit page by page where taking it out takes two people: what has just happened, in small
// pages. Whoever wants more asks for an export.
const (
	AuditWindow  = 24 * time.Hour
	MaxAuditPage = 100
)

// ErrAuditOlder says that a program wants to read, page by page, what is only to be had by an export that two people agreed on.
var ErrAuditOlder = errors.New("accounts: older than what is read page by page")

// ReadAudit is AuditRecords for a person or a program, and leaves an event that says so; what can't be recorded is not shown. Where
// taking the audit out takes two people, a program gets what happened in the last AuditWindow, at most MaxAuditPage events at a
// time, and all events of one request by its incident number. Without such bounds its pages would be the export. Errors: an
// *InputError for a larger page, ErrAuditOlder for a time that begins earlier.
func (s *Service) ReadAudit(ctx context.Context, p *Principal, scope storage.Scope, f storage.AuditFilter, page storage.Page) ([]AuditRecord, storage.Cursor, error) {
	var since time.Time
	if p.TokenID != 0 && f.CorrelationID == "" {
		var err error
		if since, err = s.readSince(ctx, scope, f, page.Limit); err != nil {
			return nil, "", err
		}
	}
	records, next, err := s.AuditRecords(ctx, scope, f, page)
	if err != nil {
		return nil, "", err
	}
	for i, r := range records {
		if r.At.Before(since) { // newest first: what follows is older
			records, next = records[:i], ""
			break
		}
	}
	detail := map[string]any{"events": len(records)}
	if by := narrowedBy(f); len(by) > 0 {
		detail["by"] = by
	}
	if n := len(records); n > 0 {
		detail["newest"], detail["oldest"] = records[0].At.Format(time.RFC3339), records[n-1].At.Format(time.RFC3339)
	}
	if err := s.auditTold(ctx, scope, "audit.read", detail); err != nil {
		return nil, "", err
	}
	return records, next, nil
}

// readSince returns since when a program may read; zero: from the beginning.
func (s *Service) readSince(ctx context.Context, scope storage.Scope, f storage.AuditFilter, limit int) (time.Time, error) {
	two, err := s.exportTakesTwo(ctx, scope)
	if err != nil || !two {
		return time.Time{}, err
	}
	if limit > MaxAuditPage {
		return time.Time{}, &InputError{"limit", fmt.Sprintf("At most %d events at a time are read where taking the audit out takes two people.", MaxAuditPage)}
	}
	since := s.now().Add(-AuditWindow)
	if f.From != nil && f.From.Before(since.Add(-time.Hour)) { // whoever pages on has asked a while ago
		return since, ErrAuditOlder
	}
	return since, nil
}

// exportTakesTwo says whether taking out what the scope reads takes two people, for the operator or for one of the accounts.
func (s *Service) exportTakesTwo(ctx context.Context, scope storage.Scope) (bool, error) {
	if scope.Operator != 0 {
		return s.NeedsApproval(ctx, Place{Operator: scope.Operator})
	}
	for _, account := range scope.Accounts {
		if two, err := s.NeedsApproval(ctx, Place{Account: account}); two || err != nil {
			return two, err
		}
	}
	return false, nil
}

// auditTold leaves an event about the audit with those whose it is: the operator, or each of the accounts, which has auditors of
// its own.
func (s *Service) auditTold(ctx context.Context, scope storage.Scope, action string, detail map[string]any) error {
	whose := scope.Accounts
	if scope.Operator != 0 {
		whose = []storage.AccountID{0}
	}
	err := s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		for _, account := range whose {
			if err := t.Audit(ctx, storage.AuditEvent{Action: action, Account: account, Detail: detail}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("accounts: audit: %w", err)
	}
	return nil
}

// narrowedBy names what a filter goes by, never the values: a user id may have been mistyped.
func narrowedBy(f storage.AuditFilter) (by []string) {
	for _, one := range []struct {
		name  string
		given bool
	}{
		{"person", f.Person != 0},
		{"action", f.Action != ""},
		{"object", f.ObjectKind != ""},
		{"result", f.Result != ""},
		{"incident", f.CorrelationID != ""},
		{"address", f.Address != ""},
		{"account", f.Account != 0},
		{"time", f.From != nil || f.To != nil},
	} {
		if one.given {
			by = append(by, one.name)
		}
	}
	return by
}
