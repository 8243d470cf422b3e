package accounts

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// Limits of emergency access.
const (
	MaxBreakGlass     = 60 * time.Minute
	defaultBreakGlass = 30 * time.Minute
)

// AlarmBreakGlass is the code of the incident that emergency access opens.
const AlarmBreakGlass = "access.break_glass"

// An Emergency is access to take to an account in an emergency.
type Emergency struct {
	Account storage.AccountID
	Role    Role   // a preset role of an account, of those in EmergencyRoles
	Reason  string // what the emergency is; stands in the audit, without data of patients
	Minutes int    // up to 60; 0: 30
}

// EmergencyRoles are the roles that can be taken in an emergency: those that open data, none that changes people.
func EmergencyRoles() []Role {
	return []Role{RoleViewer, RoleBiller, RoleFrontDesk, RoleAuthorizationCoordinator}
}

// BreakGlass gives the principal a role at an account at once, for at most an hour, because of an emergency; the
// law wants that there is such a way. An incident tells the exchange, a mail each owner of account and
// operator, every act on the account carries its id in the audit, and somebody else reviews it
// afterwards. Errors: *InputError, *DeniedError, storage.ErrNotFound, storage.ErrConflict if he has the role there.
// Source: 45 CFR 164.312(a)(2)(ii).
func (s *Service) BreakGlass(ctx context.Context, p *Principal, e Emergency) (id int64, err error) {
	e.Reason = strings.TrimSpace(e.Reason)
	life := time.Duration(e.Minutes) * time.Minute
	if life == 0 {
		life = defaultBreakGlass
	}
	switch {
	case len(e.Reason) < 10 || len(e.Reason) > 500:
		return 0, &InputError{"reason", "Say in 10 to 500 characters what the emergency is, without naming a patient."}
	case life < time.Minute || life > MaxBreakGlass:
		return 0, &InputError{"minutes", "Emergency access lasts 1 to 60 minutes."}
	case !slices.Contains(EmergencyRoles(), e.Role):
		return 0, &InputError{"role", "Choose one of the roles in the list."}
	case p.TokenID != 0 || !p.Can(BreakGlass):
		return 0, &DeniedError{BreakGlass}
	}
	err = s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		operator, err := t.LockPlace(ctx, e.Account, 0)
		if err != nil {
			return err
		}
		if !p.CanAtOperator(BreakGlass, operator) {
			return storage.ErrNotFound
		}
		now := s.now()
		row := storage.BreakGlass{OperatorID: operator, AccountID: e.Account, UserID: p.UserID, Role: string(e.Role), Reason: e.Reason, StartedAt: now, EndsAt: now.Add(life)}
		if id, err = t.AddBreakGlass(ctx, row); err != nil {
			return err
		}
		m := storage.NewMembership{AccountID: e.Account, Role: string(e.Role), EndsAt: &row.EndsAt, BreakGlass: id}
		if err := t.EndOverMemberships(ctx, p.UserID, now); err != nil {
			return err
		}
		if _, err := t.AddMembership(ctx, p.UserID, m, now); err != nil {
			return err
		}
		row.ID = id
		return s.alarm(ctx, t, p, row)
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: emergency access: %w", err)
	}
	return id, nil
}

// alarm leaves the event, opens the incident, and tells the owners.
func (s *Service) alarm(ctx context.Context, t *storage.Tx, p *Principal, b storage.BreakGlass) error {
	err := t.Audit(ctx, storage.AuditEvent{
		Action: "break_glass.opened", Operator: b.OperatorID, Account: b.AccountID, ObjectKind: "break_glass", ObjectID: b.ID,
		Detail: map[string]any{"role": b.Role, "reason": b.Reason, "minutes": int(b.EndsAt.Sub(b.StartedAt).Minutes())},
	})
	if err != nil {
		return err
	}
	if _, _, err := t.RaiseIncident(ctx, b.OperatorID, subjectOf(b), storage.Raise{Code: AlarmBreakGlass, Source: alarmSource}); err != nil {
		return err
	}
	place, err := t.PlaceName(ctx, b.AccountID, 0)
	if err != nil {
		return err
	}
	owners, err := t.HoldersOf(ctx, b.OperatorID, b.AccountID, []string{string(RoleOwner), string(RoleAdministrator), string(RoleAccountOwner)}, s.now())
	if err != nil {
		return err
	}
	values := map[string]string{"who": p.Name, "place": place, "until": b.EndsAt.UTC().Format(time.RFC3339)}
	for _, owner := range owners {
		if owner != p.UserID {
			if err := s.notice(ctx, t, owner, NoticeBreakGlass, values); err != nil {
				return err
			}
		}
	}
	return nil
}

const alarmSource = "break_glass"

func subjectOf(b storage.BreakGlass) storage.Subject {
	return storage.Subject{Kind: storage.SubjectAccount, ID: int64(b.AccountID)}
}

// EndBreakGlass ends the principal's own emergency access before its time; storage.ErrNotFound.
func (s *Service) EndBreakGlass(ctx context.Context, p *Principal, id int64) error {
	return s.changeBreakGlass(ctx, p, id, func(t *storage.Tx, b storage.BreakGlass) error {
		if b.UserID != p.UserID {
			return storage.ErrNotFound
		}
		if err := t.EndBreakGlass(ctx, b, s.now()); err != nil {
			return err
		}
		return t.Audit(ctx, breakGlassEvent("break_glass.ended", b))
	})
}

// ReviewBreakGlass notes that the principal has looked at what somebody else did in an emergency. Errors:
// *InputError without words, ErrOwnRequest for one's own, a *DeniedError, storage.ErrNotFound if it was reviewed.
func (s *Service) ReviewBreakGlass(ctx context.Context, p *Principal, id int64, review string) error {
	review = strings.TrimSpace(review)
	if review == "" || len(review) > 500 {
		return &InputError{"review", "Say in up to 500 characters what you found."}
	}
	return s.changeBreakGlass(ctx, p, id, func(t *storage.Tx, b storage.BreakGlass) error {
		if b.UserID == p.UserID {
			return ErrOwnRequest
		}
		if !p.CanAtOperator(ReviewBreakGlass, b.OperatorID) && !p.CanAt(ReviewBreakGlass, b.AccountID) {
			return &DeniedError{ReviewBreakGlass}
		}
		if err := t.ReviewBreakGlass(ctx, b, p.UserID, review, s.now()); err != nil {
			return err
		}
		if err := endAlarm(ctx, t, b); err != nil {
			return err
		}
		return t.Audit(ctx, breakGlassEvent("break_glass.reviewed", b))
	})
}

// endAlarm ends the incident once nothing of the account is left to review.
func endAlarm(ctx context.Context, t *storage.Tx, b storage.BreakGlass) error {
	all, err := t.BreakGlasses(ctx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(all, func(other storage.BreakGlass) bool { return other.AccountID == b.AccountID && other.ReviewedAt == nil }) {
		return nil
	}
	_, err = t.ResolveIncidents(ctx, b.OperatorID, subjectOf(b), alarmSource)
	return err
}

func breakGlassEvent(action string, b storage.BreakGlass) storage.AuditEvent {
	return storage.AuditEvent{Action: action, Operator: b.OperatorID, Account: b.AccountID, ObjectKind: "break_glass", ObjectID: b.ID}
}

func (s *Service) changeBreakGlass(ctx context.Context, p *Principal, id int64, change func(*storage.Tx, storage.BreakGlass) error) error {
	err := s.db.InScope(ctx, p.breakGlassScope(), func(t *storage.Tx) error {
		b, err := t.BreakGlassOf(ctx, id)
		if err != nil {
			return err
		}
		return change(t, b)
	})
	if err != nil {
		return fmt.Errorf("accounts: emergency access: %w", err)
	}
	return nil
}

// BreakGlasses returns the emergency access that the principal may review, or took, what is not reviewed first.
func (s *Service) BreakGlasses(ctx context.Context, p *Principal) (all []storage.BreakGlass, err error) {
	err = s.db.InScopeRead(ctx, p.breakGlassScope(), func(t *storage.Tx) error {
		all, err = t.BreakGlasses(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: emergency access: %w", err)
	}
	return all, nil
}

func (p *Principal) breakGlassScope() storage.Scope { return p.Scope(ReviewBreakGlass, BreakGlass) }
