package accounts

import (
	"context"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// A Grantor is somebody who can give a permission.
type Grantor struct{ Name, Place string }

// Grantors returns who can give the principal a role with the permission, at the places where it can be held: people who
// manage roles there and hold the permission themselves, or who appoint the people of accounts. At most 10, by
// name; somebody without any role is told of nobody.
func (s *Service) Grantors(ctx context.Context, p *Principal, permission Permission) ([]Grantor, error) {
	var found []Grantor
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) error {
		for _, place := range p.placesFor(permission) {
			people, err := t.PeopleAt(ctx, place.Operator, place.Account, s.now())
			if err != nil {
				return err
			}
			for _, person := range people {
				gives, err := s.gives(ctx, t, person, place, permission)
				if err != nil {
					return err
				}
				g := Grantor{person.Name, person.Place}
				if gives && person.ID != p.UserID && !slices.Contains(found, g) {
					found = append(found, g)
				}
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: who can grant: %w", err)
	}
	return found[:min(len(found), 10)], nil
}

// placesFor are the principal's places at which the permission can be held, each with its operator.
func (p *Principal) placesFor(permission Permission) []Place {
	var places []Place
	if permission.HeldAt(false) {
		for _, a := range p.Accounts {
			if p.Narrowed == 0 || p.Narrowed == a.ID {
				places = append(places, Place{Operator: a.OperatorID, Account: a.ID})
			}
		}
	}
	if permission.HeldAt(true) {
		for _, o := range p.Operators {
			places = append(places, Place{Operator: o.ID})
		}
	}
	return places
}

// gives says whether a person who holds roles at the place, or at its operator, can give the permission there.
func (s *Service) gives(ctx context.Context, t *storage.Tx, person storage.PersonAt, place Place, permission Permission) (bool, error) {
	all, err := t.Memberships(ctx, person.ID)
	if err != nil {
		return false, err
	}
	grants, err := s.grantsOf(ctx, all)
	if err != nil {
		return false, err
	}
	held := func(account storage.AccountID, operator storage.OperatorID, wanted ...Permission) bool {
		at := grantsAt(grants, all, storage.Membership{AccountID: account, OperatorID: operator})
		permissions := together(at)
		return !slices.ContainsFunc(wanted, func(w Permission) bool { return !slices.Contains(permissions, w) })
	}
	if place.Account != 0 {
		return held(place.Account, 0, ManageRoles, permission) || held(0, place.Operator, ManageRoles, ManageAccounts), nil
	}
	return held(0, place.Operator, ManageRoles, permission), nil
}
