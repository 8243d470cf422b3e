package accounts

import (
	"context"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Person is a user as an administrator sees him.
type Person struct {
	ID           storage.UserID
	Login, Name  string
	Email        string // "" for none
	State        string // invited, active, disabled
	Roles        []PersonRole
	Created      time.Time
	LastSignIn   time.Time // zero: never
	WaitingUntil time.Time // after failures the next attempt waits until then; zero: it needn't
}

// A PersonRole is a role at a place, in words.
type PersonRole struct {
	Role  Role
	Title string
	Place string
}

// People returns the users with a role at the scope's operator or its accounts, by name, at most
// limit, and the cursor of the next page, "" at the end.
func (s *Service) People(ctx context.Context, scope storage.Scope, cursor storage.Cursor, limit int) ([]Person, storage.Cursor, error) {
	rows, next, err := s.store.People(ctx, scope, cursor, limit)
	if err != nil {
		return nil, "", fmt.Errorf("accounts: people: %w", err)
	}
	people := make([]Person, len(rows))
	for i, row := range rows {
		if people[i], err = s.person(ctx, row); err != nil {
			return nil, "", err
		}
	}
	return people, next, nil
}

func (s *Service) person(ctx context.Context, row storage.Person) (Person, error) {
	p := Person{ID: storage.UserID(row.ID), Login: row.Login, Name: row.Name, State: row.State, Created: row.CreatedAt}
	if row.Email != nil {
		p.Email = *row.Email
	}
	if row.LastSignInAt != nil {
		p.LastSignIn = *row.LastSignInAt
	}
	grants, err := s.grantsOf(ctx, s.store, row.Memberships())
	if err != nil {
		return p, err
	}
	for i, r := range row.Roles {
		p.Roles = append(p.Roles, PersonRole{grants[i].Role, grants[i].Title, r.Place})
	}
	until, err := s.store.BlockedUntil(ctx, s.bucketsOf(row.SignInUser), s.now())
	if err != nil {
		return p, fmt.Errorf("accounts: people: %w", err)
	}
	if until != nil {
		p.WaitingUntil = *until
	}
	if locked := row.LockedUntil; locked != nil && locked.After(s.now()) && locked.After(p.WaitingUntil) {
		p.WaitingUntil = *locked
	}
	return p, nil
}

// bucketsOf returns the throttles of all names by which the user signs in.
func (s *Service) bucketsOf(user storage.SignInUser) []storage.ThrottleBucket {
	buckets := []storage.ThrottleBucket{s.bucket("user", throttleName(user.Login)), s.bucket("user", fmt.Sprintf("again/%d", user.ID))}
	if user.Email != nil {
		buckets = append(buckets, s.bucket("user", throttleName(*user.Email)))
	}
	return buckets
}
