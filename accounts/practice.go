package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Practice is what an organization tells of itself: where it is, how it is reached, and who works there.
type Practice struct {
	Address1  string             `json:"address_1"`
	Address2  string             `json:"address_2"`
	City      string             `json:"city"`
	State     string             `json:"state"` // two letters
	Zip       string             `json:"zip"`   // five or nine digits
	Phone     string             `json:"phone"`
	Fax       string             `json:"fax"`
	Email     string             `json:"email"`
	Contact   string             `json:"contact"` // name of whom to ask
	Providers []PracticeProvider `json:"providers"`
}

// A PracticeProvider is somebody who works at a practice.
type PracticeProvider struct {
	NPI  string `json:"npi"`
	Name string `json:"name"`
}

// A PracticeVersion is a practice's details from a day on.
type PracticeVersion struct {
	storage.PracticeVersion
	Practice Practice
}

// PracticeHistory is all versions of an account's details.
type PracticeHistory struct {
	Current  *PracticeVersion // what holds today; nil: nothing was ever said
	Open     *PracticeVersion // what waits for a decision; nil: nothing
	Versions []PracticeVersion
}

// PracticeHistory returns the details of an account that the scope may see.
func (s *Service) PracticeHistory(ctx context.Context, scope storage.Scope, account storage.AccountID, zone *time.Location) (h PracticeHistory, err error) {
	var rows []storage.PracticeVersion
	err = s.db.InScopeRead(ctx, scope, func(t *storage.Tx) error {
		rows, err = t.Practices(ctx, account)
		return err
	})
	if err != nil {
		return h, fmt.Errorf("accounts: %w", err)
	}
	today := storage.Day(s.now().In(zone).Format(time.DateOnly))
	for _, row := range rows {
		v := PracticeVersion{PracticeVersion: row}
		if err := json.Unmarshal([]byte(row.Details), &v.Practice); err != nil {
			return h, fmt.Errorf("accounts: practice: %w", err)
		}
		h.Versions = append(h.Versions, v)
		switch {
		case row.State == storage.PracticeRequested:
			h.Open = &v
		case row.State == storage.PracticeApproved && row.EffectiveOn <= today && h.Current == nil: // the latest day comes first
			h.Current = &v
		}
	}
	return h, nil
}

// PracticeZone returns the time zone by whose days an account's details begin to hold: its own, else that of its operator,
// wherever the reader is.
func (p *Principal) PracticeZone(account storage.AccountItem) *time.Location {
	names := []string{account.TimeZone}
	for _, a := range p.Accounts {
		if a.ID == account.ID {
			names = append(names, a.TimeZone)
		}
	}
	for _, o := range p.Operators {
		if o.ID == account.OperatorID {
			names = append(names, o.TimeZone)
		}
	}
	for _, name := range names {
		if zone, err := time.LoadLocation(name); err == nil && name != "" {
			return zone
		}
	}
	return p.Zone()
}

// A PracticeRequest asks for other details from a day on.
type PracticeRequest struct {
	Practice    Practice
	EffectiveOn storage.Day
	Reason      string
}

// RequestPractice asks for other details of an account. Somebody of the operator who manages its accounts decides at once by
// asking; a request of anybody else waits for the operator. storage.ErrConflict: another one waits.
func (s *Service) RequestPractice(ctx context.Context, p *Principal, account storage.AccountID, in PracticeRequest) error {
	if err := in.validate(); err != nil {
		return err
	}
	scope := p.Scope(ManagePractice, ManageAccounts)
	details, err := json.Marshal(in.Practice)
	if err != nil {
		return fmt.Errorf("accounts: practice: %w", err)
	}
	v := storage.PracticeVersion{
		AccountID: account, State: storage.PracticeRequested, EffectiveOn: in.EffectiveOn, Details: storage.JSON(details),
		Reason: in.Reason, RequestedBy: p.UserID,
	}
	err = s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		action, err := s.placePractice(ctx, t, p, &v)
		if err != nil {
			return err
		}
		id, err := t.AddPractice(ctx, v)
		if err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{
			Action: action, Account: account, ObjectKind: "practice", ObjectID: id, Detail: map[string]any{"effective_on": string(in.EffectiveOn)},
		})
	})
	if err != nil {
		return fmt.Errorf("accounts: asking for other details: %w", err)
	}
	return nil
}

// placePractice finds out in whose name the version is asked for: that of who manages the operator's accounts is approved at
// once. To change details isn't to decide on them.
func (s *Service) placePractice(ctx context.Context, t *storage.Tx, p *Principal, v *storage.PracticeVersion) (action string, err error) {
	scope := t.Scope()
	if scope.Operator != 0 {
		err := t.AccountIsOpen(ctx, v.AccountID)
		if err == nil {
			now := t.Now()
			v.OperatorID, action = scope.Operator, "practice.requested"
			if p.CanAtOperator(ManageAccounts, scope.Operator) {
				v.State, v.DecidedBy, v.DecidedAt, action = storage.PracticeApproved, p.UserID, &now, "practice.approved"
			}
			return action, nil
		}
		if !errors.Is(err, storage.ErrNotFound) {
			return "", err
		}
	}
	i := slices.IndexFunc(p.Accounts, func(a AccountAccess) bool { return a.ID == v.AccountID })
	if i < 0 || !slices.Contains(scope.Accounts, v.AccountID) {
		return "", fmt.Errorf("accounts: account: %w", storage.ErrNotFound)
	}
	v.OperatorID = p.Accounts[i].OperatorID
	action = "practice.requested"
	return action, nil
}

// DecidePractice approves or rejects what an account's people asked for; storage.ErrNotFound if nothing such waits.
func (s *Service) DecidePractice(ctx context.Context, p *Principal, account storage.AccountID, id int64, approve bool, note string) error {
	scope := p.Scope(ManageAccounts)
	state, action := storage.PracticeRejected, "practice.rejected"
	if approve {
		state, action = storage.PracticeApproved, "practice.approved"
	}
	if note = strings.TrimSpace(note); !approve && note == "" {
		return &InputError{"note", "Say why, so that they know what to change."}
	}
	return s.endPractice(ctx, scope, account, id, state, action, p.UserID, note)
}

// WithdrawPractice takes back what the account's people asked for.
func (s *Service) WithdrawPractice(ctx context.Context, p *Principal, account storage.AccountID, id int64) error {
	scope := p.Scope(ManagePractice)
	return s.endPractice(ctx, scope, account, id, storage.PracticeWithdrawn, "practice.withdrawn", p.UserID, "")
}

func (s *Service) endPractice(ctx context.Context, scope storage.Scope, account storage.AccountID, id int64, state, action string, by storage.UserID, note string) error {
	if len(note) > maxPracticeWords {
		return &InputError{"note", "Keep it under 500 characters."}
	}
	err := s.db.InScope(ctx, scope, func(t *storage.Tx) error {
		if err := t.DecidePractice(ctx, account, id, state, by, note); err != nil {
			return err
		}
		return t.Audit(ctx, storage.AuditEvent{Action: action, Account: account, ObjectKind: "practice", ObjectID: id})
	})
	if err != nil {
		return fmt.Errorf("accounts: practice: %w", err)
	}
	return nil
}
