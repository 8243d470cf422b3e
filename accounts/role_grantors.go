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
			able, err := s.peopleWho(ctx, t, place, p.UserID, func(q *Principal) bool {
				if place.Account != 0 && q.appoints(place.Operator) {
					return true
				}
				return q.holdsAll(place.Account, place.Operator, []Permission{ManageRoles, permission}) == nil
			})
			if err != nil {
				return err
			}
			found = append(found, able...)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: who can grant: %w", err)
	}
	return firstTen(found), nil
}

// firstTen leaves out who is named already.
func firstTen(found []Grantor) []Grantor {
	var named []Grantor
	for _, g := range found {
		if !slices.Contains(named, g) && len(named) < 10 {
			named = append(named, g)
		}
	}
	return named
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

// peopleWho returns the people but one, of those with a role at the place or at its operator that isn't for data alone, who
// are able to do something there.
func (s *Service) peopleWho(ctx context.Context, t *storage.Tx, place Place, but storage.UserID, able func(*Principal) bool) ([]Grantor, error) {
	people, err := t.PeopleAt(ctx, place.Operator, place.Account, s.now())
	if err != nil {
		return nil, err
	}
	var found []Grantor
	for _, person := range people {
		if person.ID == but {
			continue
		}
		q, err := s.standIn(ctx, t, person.ID, place)
		if err != nil {
			return nil, err
		}
		if g := (Grantor{person.Name, person.Place}); able(q) {
			found = append(found, g)
		}
	}
	return found, nil
}

// standIn returns a person as he would ask, with his roles at the place and at its operator.
func (s *Service) standIn(ctx context.Context, t *storage.Tx, user storage.UserID, place Place) (*Principal, error) {
	all, err := t.Memberships(ctx, user)
	if err != nil {
		return nil, err
	}
	q := &Principal{UserID: user}
	accounts, operators := []storage.SignInAccount{}, []storage.SignInOperator{{ID: place.Operator}}
	if place.Account != 0 {
		accounts = append(accounts, storage.SignInAccount{ID: place.Account, OperatorID: place.Operator})
	}
	return q, s.addAccess(ctx, t, q, all, accounts, operators)
}
