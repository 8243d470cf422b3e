package storage

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// A Person is a user as an administrator of an operator or account sees him.
type Person struct {
	SignInUser
	CreatedAt time.Time    `db:"created_at"`
	Roles     []PersonRole `db:"-"` // at the scope's operator, its accounts, and the scope's accounts
}

// Memberships returns the roles as memberships, in their order.
func (p *Person) Memberships() []Membership {
	memberships := make([]Membership, len(p.Roles))
	for i, r := range p.Roles {
		memberships[i] = r.Membership
	}
	return memberships
}

// A PersonRole is a role at a place that the scope names.
type PersonRole struct {
	Membership
	UserID int64      `db:"user_id"`
	Place  string     `db:"place"`  // name of the account or operator
	Served OperatorID `db:"served"` // operator of the place
}

const (
	// placeOf is joined to a membership m: the place, if it is the operator's, one of its accounts, or one of
	// the scope's.
	placeOf = `
LEFT JOIN account a ON a.id = m.account_id AND (a.operator_id = $1 OR a.id = ANY ($2::bigint[]))
LEFT JOIN operator o ON o.operator_id = m.operator_id AND o.operator_id = $1`

	selectPeople = `
SELECT ` + userColumns + `, u.created_at
FROM app_user u
WHERE (u.name, u.id) > ($3, $4) AND EXISTS (
	SELECT 1 FROM membership m` + placeOf + `
	WHERE m.user_id = u.id AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL))
ORDER BY u.name, u.id
LIMIT $5`

	selectPerson = `
SELECT ` + userColumns + `, u.created_at
FROM app_user u
WHERE u.id = $3 AND EXISTS (
	SELECT 1 FROM membership m` + placeOf + `
	WHERE m.user_id = u.id AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL))`

	selectPeopleRoles = `
SELECT m.user_id, coalesce(a.name, o.name) AS place, coalesce(a.operator_id, o.operator_id) AS served, m.id, coalesce(m.account_id, 0) AS account_id,
	coalesce(m.operator_id, 0) AS operator_id, m.role, m.starts_at, m.ends_at, m.row_limit, coalesce(m.break_glass_id, 0) AS break_glass_id
FROM membership m` + placeOf + `
WHERE m.user_id = ANY ($3) AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL)
ORDER BY m.user_id, m.account_id IS NOT NULL, place, m.id`
)

// peoplePosition is where the list of people goes on.
type peoplePosition struct {
	Name string `json:"name"`
	ID   int64  `json:"id"`
}

// People returns the users who have a role at the scope's operator, one of its accounts, or one of the scope's accounts, by name, at
// most limit, and the cursor of the next page, "" at the end. The error is ErrCursor for a foreign cursor.
func (s *SignIn) People(ctx context.Context, scope Scope, cursor Cursor, limit int) ([]Person, Cursor, error) {
	const list = "people"
	people, from, next := []Person{}, peoplePosition{}, Cursor("")
	if cursor != "" {
		if err := s.db.Cursors().Open(list, scope, nil, cursor, &from); err != nil {
			return nil, "", err
		}
	}
	err := s.db.InScopeRead(ctx, scope, func(t *Tx) error {
		if err := t.list(ctx, &people, selectPeople, int64(scope.Operator), scope.accountArray(), from.Name, from.ID, limit+1); err != nil {
			return err
		}
		if len(people) > limit {
			people = people[:limit]
			last := people[limit-1]
			var err error
			if next, err = s.db.Cursors().Seal(list, scope, nil, peoplePosition{last.Name, last.ID}); err != nil {
				return err
			}
		}
		return t.addPeopleRoles(ctx, people)
	})
	return people, next, err
}

// Person returns a user who has a role at the scope's operator or one of its accounts; else ErrNotFound.
func (s *SignIn) Person(ctx context.Context, scope Scope, id UserID) (Person, error) {
	people := make([]Person, 1)
	err := s.db.InScopeRead(ctx, scope, func(t *Tx) error {
		if err := t.get(ctx, &people[0], selectPerson, int64(scope.Operator), scope.accountArray(), int64(id)); err != nil {
			return err
		}
		return t.addPeopleRoles(ctx, people)
	})
	return people[0], err
}

func (t *Tx) addPeopleRoles(ctx context.Context, people []Person) error {
	ids := make([]int64, len(people))
	at := map[int64]int{}
	for i := range people {
		ids[i] = people[i].ID
		at[people[i].ID] = i
	}
	var roles []PersonRole
	if err := t.list(ctx, &roles, selectPeopleRoles, int64(t.scope.Operator), t.scope.accountArray(), pq.Array(ids)); err != nil {
		return err
	}
	for _, r := range roles {
		people[at[r.UserID]].Roles = append(people[at[r.UserID]].Roles, r)
	}
	return nil
}

const selectBlocked = `
SELECT max(blocked_until)
FROM sign_in_throttle
WHERE kind = 'user' AND bucket = ANY ($1) AND blocked_until > $2`

// BlockedUntil returns until when the next attempt in one of the buckets has to wait; nil if it needn't.
func (s *SignIn) BlockedUntil(ctx context.Context, buckets []ThrottleBucket, now time.Time) (*time.Time, error) {
	keys := make([][]byte, len(buckets))
	for i, b := range buckets {
		keys[i] = b.Bucket
	}
	var until *time.Time
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.get(ctx, &until, selectBlocked, pq.ByteaArray(keys), now)
	})
	return until, err
}
