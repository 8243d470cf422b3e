package accounts

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// MayManage says whether the principal's permission (ManagePeople, ManageRoles, EndSessions) reaches a person.
// The error is storage.ErrNotFound for people with no role at a place whose people the principal
// sees, a *DeniedError without the permission at any of the places they share, ErrOutranked if the
// person administers more than he at one of them.
func (s *Service) MayManage(ctx context.Context, p *Principal, user storage.UserID, permission Permission) error {
	return s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		all, operators, err := membershipsWithOperators(ctx, t, user)
		if err != nil {
			return err
		}
		return s.mayManage(ctx, t, p, user, all, operators, permission)
	})
}

func membershipsWithOperators(ctx context.Context, t *storage.Tx, user storage.UserID) ([]storage.Membership, []storage.OperatorID, error) {
	all, err := t.Memberships(ctx, user)
	if err != nil {
		return nil, nil, err
	}
	operators, err := t.OperatorsOf(ctx, all)
	return all, operators, err
}

func (s *Service) mayManage(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID, all []storage.Membership, operators []storage.OperatorID, permission Permission) error {
	refused := storage.ErrNotFound
	reached := false
	for i, m := range all {
		if !p.reaches(ViewAccounts, m, operators[i]) {
			continue
		}
		if !p.reaches(permission, m, operators[i]) {
			refused = &DeniedError{permission}
			continue
		}
		if err := s.mayChange(ctx, t, p, user, all, m, operators[i], permission); err != nil {
			return err
		}
		reached = true
	}
	if !reached {
		return refused
	}
	return nil
}

// MayManageWholly is [Service.MayManage] for acts that reach all of a person's places, as whatever opens his account
// does: the error is ErrElsewhere if one of them is not the principal's to manage.
func (s *Service) MayManageWholly(ctx context.Context, p *Principal, user storage.UserID) error {
	return s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		all, operators, err := membershipsWithOperators(ctx, t, user)
		if err != nil {
			return err
		}
		return s.mayManageWholly(ctx, t, p, user, all, operators)
	})
}

// mayManageWholly is mayManage for acts that reach all of a person's places: each of them must be the
// principal's to manage.
func (s *Service) mayManageWholly(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID, all []storage.Membership, operators []storage.OperatorID) error {
	if err := s.mayManage(ctx, t, p, user, all, operators, ManagePeople); err != nil {
		return err
	}
	for i, m := range all {
		if !p.reaches(ManagePeople, m, operators[i]) {
			return ErrElsewhere
		}
	}
	return nil
}

// DisablePerson keeps a person out: sessions and tokens stop at their next request. Errors as of
// [Service.MayManage]; ErrLastOwner; ErrElsewhere for a person who has roles at other places, too; ErrOwnRole for
// oneself.
func (s *Service) DisablePerson(ctx context.Context, p *Principal, user storage.UserID, reason string) error {
	if user == p.UserID {
		return ErrOwnRole
	}
	return s.setPersonState(ctx, p, user, "disabled", storage.AuditEvent{
		Action: "user.disabled", Detail: map[string]any{"reason": reason},
	})
}

// EnablePerson lets a disabled person in again. Sessions that he had stay ended. Errors as of [Service.DisablePerson].
func (s *Service) EnablePerson(ctx context.Context, p *Principal, user storage.UserID) error {
	return s.setPersonState(ctx, p, user, "active", storage.AuditEvent{Action: "user.enabled"})
}

func (s *Service) setPersonState(ctx context.Context, p *Principal, user storage.UserID, state string, event storage.AuditEvent) error {
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		all, operators, err := membershipsWithOperators(ctx, t, user)
		if err != nil {
			return err
		}
		if err := s.mayManageWholly(ctx, t, p, user, all, operators); err != nil {
			return err
		}
		if state == "disabled" {
			if err := s.notLastAnywhere(ctx, t, user, all); err != nil {
				return err
			}
			event.Then = s.accessTold(user, NoticeAccessEnded, map[string]string{"place": "the whole exchange", "by": p.Name}, all...)
		}
		event.Operator, event.ObjectKind, event.ObjectID = operators[0], "user", int64(user)
		into, err := stateOf(ctx, t, user, state)
		if err != nil {
			return err
		}
		if err := t.SetUserState(ctx, user, into); err != nil {
			return err
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("accounts: person: %w", err)
	}
	return nil
}

// notLastAnywhere locks all places of a person, always in the same order, and returns ErrLastOwner if one of
// them would be left without an owner.
func (s *Service) notLastAnywhere(ctx context.Context, t *storage.Tx, user storage.UserID, all []storage.Membership) error {
	sorted := slices.SortedFunc(slices.Values(all), func(a, b storage.Membership) int {
		return cmp.Or(cmp.Compare(a.AccountID, b.AccountID), cmp.Compare(a.OperatorID, b.OperatorID))
	})
	for _, m := range sorted {
		if _, err := t.LockPlace(ctx, m.AccountID, m.OperatorID); err != nil {
			return err
		}
	}
	for _, m := range all {
		if err := s.notLast(ctx, t, user, m, all); err != nil {
			return err
		}
	}
	return nil
}

// EndPersonSessions signs a person out everywhere, at once, and with tokens ends his API tokens, too. Errors as of
// [Service.MayManage]; with tokens, which may do work for other places, as of [Service.MayManageWholly], too.
func (s *Service) EndPersonSessions(ctx context.Context, p *Principal, user storage.UserID, tokens bool, reason string) error {
	if err := s.MayManage(ctx, p, user, EndSessions); err != nil {
		return err
	}
	if tokens {
		if err := s.MayManageWholly(ctx, p, user); err != nil {
			return err
		}
	}
	return s.EndSessionsOf(ctx, p.Actor(), user, tokens, reason)
}
