package accounts

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// A PersonDetail is a person as whoever manages people sees him: what state he is in, never a secret.
type PersonDetail struct {
	Person
	Self          bool // it is who looks
	Memberships   []PersonMembership
	Elsewhere     bool // has roles at places that who looks doesn't see
	Lock          Lock
	Factors       []Factor // second factors: kind, label, when; no secret
	RecoveryCodes int      // left
	Sessions      int      // open
	Tokens        int      // valid
	Mail          []MailState

	MayManage   bool // unlock
	MayEnd      bool // end sessions
	ManagesAll  bool // all the person's places are his to manage, so that he may disable him and start a reset
	MayTakeOver bool // change the address, reset the second step: see [Service.MayTakeOver]
	MayGiveMore bool // roles
}

// A PersonMembership is one role of a person, in words.
type PersonMembership struct {
	GrantedRole
	Account  storage.AccountID  // 0: at the operator
	Operator storage.OperatorID // that serves the place
	Place    string
	MayTake  bool // who looks may take it away
}

// PersonDetail returns a person with a role at a place whose people the principal sees; else storage.ErrNotFound.
func (s *Service) PersonDetail(ctx context.Context, p *Principal, user storage.UserID) (PersonDetail, error) {
	row, err := s.store.Person(ctx, p.Scope(ViewAccounts), user)
	if err != nil {
		return PersonDetail{}, err
	}
	d := PersonDetail{Self: user == p.UserID}
	if d.Person, err = s.person(ctx, row); err != nil {
		return d, err
	}
	if err := s.personRights(ctx, p, row, &d); err != nil {
		return d, fmt.Errorf("accounts: person: %w", err)
	}
	if err := s.personState(ctx, p, user, &d); err != nil {
		return d, fmt.Errorf("accounts: person: %w", err)
	}
	return d, nil
}

// personRights fills in the roles and what the principal may do about them.
func (s *Service) personRights(ctx context.Context, p *Principal, row storage.Person, d *PersonDetail) error {
	user := storage.UserID(row.ID)
	return s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		all, operators, err := membershipsWithOperators(ctx, t, user)
		if err != nil {
			return err
		}
		grants, err := s.grantsOf(ctx, t, row.Memberships())
		if err != nil {
			return err
		}
		for i, r := range row.Roles {
			m := PersonMembership{GrantedRole: grants[i], Account: r.AccountID, Operator: r.Served, Place: r.Place}
			m.MayTake = s.mayChange(ctx, t, p, user, all, r.Membership, r.Served, ManageRoles) == nil
			d.MayGiveMore = d.MayGiveMore || p.reaches(ManageRoles, r.Membership, r.Served)
			d.Memberships = append(d.Memberships, m)
		}
		d.Elsewhere = len(all) > len(row.Roles)
		d.MayManage = s.mayManage(ctx, t, p, user, all, operators, ManagePeople) == nil
		d.MayEnd = s.mayManage(ctx, t, p, user, all, operators, EndSessions) == nil
		d.ManagesAll = s.mayManageWholly(ctx, t, p, user, all, operators) == nil
		granted, err := s.everGranted(ctx, t, all)
		if err != nil {
			return err
		}
		first, _ := p.lacksOfAny(all, operators, granted)
		d.MayTakeOver = d.ManagesAll && first < 0
		return nil
	})
}

// personState fills in what keeps the person out or lets him in.
func (s *Service) personState(ctx context.Context, p *Principal, user storage.UserID, d *PersonDetail) (err error) {
	if d.Lock, err = s.LockOf(ctx, user); err != nil {
		return err
	}
	if d.Factors, err = s.FactorsOf(ctx, user); err != nil {
		return err
	}
	if d.RecoveryCodes, err = s.RecoveryCodesLeft(ctx, user); err != nil {
		return err
	}
	sessions, err := s.store.Sessions(ctx, user, s.now())
	if err != nil {
		return err
	}
	tokens, err := s.store.Tokens(ctx, user)
	if err != nil {
		return err
	}
	d.Sessions = len(sessions)
	for _, t := range tokens {
		if t.ExpiresAt == nil || t.ExpiresAt.After(s.now()) {
			d.Tokens++
		}
	}
	d.Mail, err = s.MailOf(ctx, p.Scope(ViewAccounts), user)
	return err
}
