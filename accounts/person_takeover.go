package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// A SeesMoreError says that whoever did this could come in as a person who may do more than he.
type SeesMoreError struct {
	Permission Permission // the first that he lacks of what the person has
	Rows       bool       // he holds it, but for fewer rows
	Able       []Grantor  // who lacks nothing of it and manages people at that place; at most 10
}

func (e *SeesMoreError) Error() string {
	return "accounts: the person holds more: " + string(e.Permission)
}

// ErrOwnAddress says that somebody wants to send a code to an address that he has given a person shortly before.
var ErrOwnAddress = errors.New("accounts: a code to an address that one has changed oneself")

// ownAddressFor is how long whoever changed a person's address starts no reset for that person. By then the person has
// read the notice that went to the old address.
const ownAddressFor = 72 * time.Hour

// MayTakeOver is [Service.MayManageWholly] for acts after which their doer could come in as the person, because they move what
// opens his account: another address, no second step, an invitation sent again. He needs to be able to give each of
// the person's roles, those that begin later too: by holding all they open, as widely, or by appointing the people
// of the accounts. The error is a *SeesMoreError then.
func (s *Service) MayTakeOver(ctx context.Context, p *Principal, user storage.UserID) error {
	return s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error { return s.mayTakeOverIn(ctx, t, p, user) })
}

// mayTakeOverIn is MayTakeOver in the transaction of the act. It waits for whoever is giving the person a role, or one of the
// person's roles more permissions, and has whoever comes later wait: what was given in the same moment counts.
func (s *Service) mayTakeOverIn(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID) error {
	if _, err := t.LockUser(ctx, user); err != nil {
		return err
	}
	all, operators, err := membershipsWithOperators(ctx, t, user)
	if err != nil {
		return err
	}
	if err := s.mayManageWholly(ctx, t, p, user, all, operators); err != nil {
		return err
	}
	return s.mayTakeOver(ctx, t, p, user, all, operators)
}

func (s *Service) mayTakeOver(ctx context.Context, t *storage.Tx, p *Principal, user storage.UserID, all []storage.Membership, operators []storage.OperatorID) error {
	var made []int64
	for _, m := range all {
		if id, custom := customID(Role(m.Role)); custom {
			made = append(made, id)
		}
	}
	if err := t.KeepRoles(ctx, made); err != nil {
		return err
	}
	granted, err := s.everGranted(ctx, t, all)
	if err != nil {
		return err
	}
	i, missing := p.lacksOfAny(all, operators, granted)
	if i < 0 {
		return nil
	}
	able, err := s.peopleWho(ctx, t, Place{Operator: operators[i], Account: all[i].AccountID}, user, func(q *Principal) bool {
		return q.reaches(ManagePeople, all[i], operators[i]) && q.lacksOf(all[i], operators[i], granted[i]).permission == ""
	})
	if err != nil {
		return err
	}
	return &SeesMoreError{Permission: missing.permission, Rows: missing.rows, Able: firstTen(able)}
}

// lacksOfAny returns the first of the memberships of which the principal lacks something; -1: none.
func (p *Principal) lacksOfAny(all []storage.Membership, operators []storage.OperatorID, granted [][]Permission) (int, lack) {
	for i, m := range all {
		if missing := p.lacksOf(m, operators[i], granted[i]); missing.permission != "" {
			return i, missing
		}
	}
	return -1, lack{}
}

// lacksOf returns what the principal lacks of a membership with these permissions.
func (p *Principal) lacksOf(m storage.Membership, operator storage.OperatorID, permissions []Permission) lack {
	if m.AccountID != 0 && p.appoints(operator) {
		return lack{}
	}
	return p.lacks(m.AccountID, m.OperatorID, permissions, m.Limit)
}

// everGranted returns the permissions of each membership, whether it has begun or not.
func (s *Service) everGranted(ctx context.Context, t *storage.Tx, all []storage.Membership) ([][]Permission, error) {
	dateless := slices.Clone(all)
	for i := range dateless {
		dateless[i].StartsAt, dateless[i].EndsAt = nil, nil
	}
	grants, err := s.grantsOf(ctx, t, dateless)
	if err != nil {
		return nil, err
	}
	granted := make([][]Permission, len(grants))
	for i, g := range grants {
		granted[i] = g.Permissions
	}
	return granted, nil
}

// mayReset says whether the principal may have a code sent to the person's address, by which a password is chosen. It is
// the person's alone if he has confirmed that he reads it; else whoever starts the reset vouches for it, which
// takes as much as a change of the address. Who has just changed it does not: ErrOwnAddress.
func (s *Service) mayReset(ctx context.Context, t *storage.Tx, p *Principal, to storage.MailRecipient) error {
	all, operators, err := membershipsWithOperators(ctx, t, to.ID)
	if err != nil {
		return err
	}
	if err := s.mayManageWholly(ctx, t, p, to.ID, all, operators); err != nil {
		return err
	}
	if to.Confirmed == "" {
		if err := s.mayTakeOver(ctx, t, p, to.ID, all, operators); err != nil {
			return err
		}
	}
	changed, err := t.AddressChangedBy(ctx, to.ID, p.UserID, s.now().Add(-ownAddressFor))
	if err != nil {
		return fmt.Errorf("accounts: address: %w", err)
	}
	if changed {
		return ErrOwnAddress
	}
	return nil
}
