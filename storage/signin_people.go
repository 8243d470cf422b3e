package storage

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// A Person is a user as an administrator of an operator sees him.
type Person struct {
	SignInUser
	CreatedAt time.Time    `db:"created_at"`
	Roles     []PersonRole `db:"-"` // at the operator and its accounts
}

// A PersonRole is a role at a place of the operator.
type PersonRole struct {
	UserID int64  `db:"user_id"`
	Place  string `db:"place"` // name of the account or operator
	Role   string `db:"role"`
}

const (
	// placeOf is joined to a membership m: the place, if it is the operator's or one of its accounts.
	placeOf = `
LEFT JOIN account a ON a.id = m.account_id AND a.operator_id = $1
LEFT JOIN operator o ON o.operator_id = m.operator_id AND o.operator_id = $1`

	selectPeople = `
SELECT ` + userColumns + `, u.created_at
FROM app_user u
WHERE (u.name, u.id) > ($2, $3) AND EXISTS (
	SELECT 1 FROM membership m` + placeOf + `
	WHERE m.user_id = u.id AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL))
ORDER BY u.name, u.id
LIMIT $4`

	selectPerson = `
SELECT ` + userColumns + `, u.created_at
FROM app_user u
WHERE u.id = $2 AND EXISTS (
	SELECT 1 FROM membership m` + placeOf + `
	WHERE m.user_id = u.id AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL))`

	selectPeopleRoles = `
SELECT m.user_id, coalesce(a.name, o.name) AS place, m.role
FROM membership m` + placeOf + `
WHERE m.user_id = ANY ($2) AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL)
ORDER BY m.user_id, m.account_id IS NOT NULL, place`
)

// peoplePosition is where the list of people goes on.
type peoplePosition struct {
	Name string `json:"name"`
	ID   int64  `json:"id"`
}

// People returns the users who have a role at the scope's operator or one of its accounts, by name, at
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
		if err := t.list(ctx, &people, selectPeople, int64(scope.Operator), from.Name, from.ID, limit+1); err != nil {
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
		return t.addPeopleRoles(ctx, scope.Operator, people)
	})
	return people, next, err
}

// Person returns a user who has a role at the scope's operator or one of its accounts; else ErrNotFound.
func (s *SignIn) Person(ctx context.Context, scope Scope, id UserID) (Person, error) {
	people := make([]Person, 1)
	err := s.db.InScopeRead(ctx, scope, func(t *Tx) error {
		if err := t.get(ctx, &people[0], selectPerson, int64(scope.Operator), int64(id)); err != nil {
			return err
		}
		return t.addPeopleRoles(ctx, scope.Operator, people)
	})
	return people[0], err
}

func (t *Tx) addPeopleRoles(ctx context.Context, operator OperatorID, people []Person) error {
	ids := make([]int64, len(people))
	at := map[int64]int{}
	for i := range people {
		ids[i] = people[i].ID
		at[people[i].ID] = i
	}
	var roles []PersonRole
	if err := t.list(ctx, &roles, selectPeopleRoles, int64(operator), pq.Array(ids)); err != nil {
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
