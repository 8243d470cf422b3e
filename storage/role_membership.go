package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// What follows is for transactions of InSystem: places and people are named in each query.

const (
	lockOperatorPlace = `SELECT operator_id FROM operator WHERE operator_id = $1 FOR UPDATE`
	lockAccountPlace  = `SELECT operator_id FROM account WHERE id = $1 FOR UPDATE`

	// People who may sign in and hold a role at a place at an instant, besides one of them.
	countHolders = `
SELECT count(DISTINCT m.user_id)
FROM membership m JOIN app_user u ON u.id = m.user_id
WHERE coalesce(m.account_id, 0) = $1 AND coalesce(m.operator_id, 0) = $2 AND m.role = $3 AND m.user_id <> $4
	AND m.ended_at IS NULL AND coalesce(m.starts_at <= $5, true) AND m.ends_at IS NULL AND m.break_glass_id IS NULL AND u.state = 'active'`

	endMembershipByID = `
UPDATE membership SET ended_at = $3
WHERE user_id = $1 AND id = $2 AND ended_at IS NULL`

	updateMembership = `
UPDATE membership SET starts_at = $3, ends_at = $4, row_limit = $5::jsonb
WHERE user_id = $1 AND id = $2 AND ended_at IS NULL`
)

// LockPlace keeps others from changing who holds what at a place until the transaction ends, and returns the
// place's operator; ErrNotFound.
func (t *Tx) LockPlace(ctx context.Context, account AccountID, operator OperatorID) (OperatorID, error) {
	var of OperatorID
	query, id := lockOperatorPlace, int64(operator)
	if account != 0 {
		query, id = lockAccountPlace, int64(account)
	}
	if err := t.get(ctx, &of, query, id); err != nil {
		return 0, fmt.Errorf("storage: place: %w", err)
	}
	return of, nil
}

// Memberships returns a user's memberships, those that begin later too.
func (t *Tx) Memberships(ctx context.Context, user UserID) ([]Membership, error) {
	memberships := []Membership{}
	if err := t.list(ctx, &memberships, selectMemberships, int64(user)); err != nil {
		return nil, fmt.Errorf("storage: memberships: %w", err)
	}
	return memberships, nil
}

const selectOperatorsOf = `
SELECT coalesce(a.operator_id, nullif(x.operator_id, 0), 0)
FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS x (account_id, operator_id, n)
LEFT JOIN account a ON a.id = x.account_id
ORDER BY x.n`

// OperatorsOf returns the operator of each membership's place.
func (t *Tx) OperatorsOf(ctx context.Context, memberships []Membership) ([]OperatorID, error) {
	var accounts, operators, ids []int64
	for _, m := range memberships {
		accounts, operators = append(accounts, int64(m.AccountID)), append(operators, int64(m.OperatorID))
	}
	if err := t.list(ctx, &ids, selectOperatorsOf, pq.Array(accounts), pq.Array(operators)); err != nil {
		return nil, fmt.Errorf("storage: memberships: %w", err)
	}
	out := make([]OperatorID, len(memberships))
	for i := range out {
		out[i] = OperatorID(ids[i])
	}
	return out, nil
}

// OthersWith returns how many active people but the user hold the role at the place for good.
func (t *Tx) OthersWith(ctx context.Context, m Membership, user UserID, now time.Time) (int, error) {
	var n int
	err := t.get(ctx, &n, countHolders, int64(m.AccountID), int64(m.OperatorID), m.Role, int64(user), now)
	if err != nil {
		return 0, fmt.Errorf("storage: memberships: %w", err)
	}
	return n, nil
}

const keepUser = `SELECT FROM app_user WHERE id = $1 FOR KEY SHARE`

// KeepUser keeps others from changing how a user is let in until the transaction ends, see LockUser: whoever looks at what
// the user may do before he changes that, sees what is given meanwhile. Several may give at the same time. Whoever gives a role
// does so, too, when he adds the membership; who locks a role besides does it before, so that nobody waits for each other.
func (t *Tx) KeepUser(ctx context.Context, user UserID) error {
	if _, err := t.exec(ctx, keepUser, int64(user)); err != nil {
		return fmt.Errorf("storage: user: %w", err)
	}
	return nil
}

// AddMembership gives a user one more role; ErrConflict if he has it at the place already.
func (t *Tx) AddMembership(ctx context.Context, user UserID, m NewMembership, now time.Time) (int64, error) {
	id, err := t.NewID(ctx, IDMembership)
	if err == nil {
		_, err = t.exec(ctx, keepUser, int64(user))
	}
	if err == nil {
		_, err = t.exec(ctx, insertMembership, id, int64(user), int64(m.AccountID), int64(m.OperatorID), m.Role, now, userOf(t.scope.Actor),
			m.StartsAt, m.EndsAt, m.Limit, m.BreakGlass)
	}
	if err != nil {
		return 0, fmt.Errorf("storage: membership: %w", err)
	}
	return id, nil
}

// EndMembership takes one role of a user away; ErrNotFound.
func (t *Tx) EndMembership(ctx context.Context, user UserID, id int64, now time.Time) error {
	if err := t.execOne(ctx, endMembershipByID, int64(user), id, now); err != nil {
		return fmt.Errorf("storage: membership: %w", err)
	}
	return nil
}

// ChangeMembership writes when a role of a user begins and ends, and which rows it reaches; ErrNotFound.
func (t *Tx) ChangeMembership(ctx context.Context, user UserID, m Membership) error {
	if _, err := t.exec(ctx, keepUser, int64(user)); err != nil {
		return fmt.Errorf("storage: membership: %w", err)
	}
	if err := t.execOne(ctx, updateMembership, int64(user), m.ID, m.StartsAt, m.EndsAt, m.Limit); err != nil {
		return fmt.Errorf("storage: membership: %w", err)
	}
	return nil
}

// LockUser returns a user for changing him; ErrNotFound.
func (t *Tx) LockUser(ctx context.Context, user UserID) (SignInUser, error) {
	var u SignInUser
	if err := t.get(ctx, &u, `SELECT `+userColumns+` FROM app_user u WHERE u.id = $1 FOR UPDATE OF u`, int64(user)); err != nil {
		return u, fmt.Errorf("storage: user: %w", err)
	}
	return u, nil
}

// SetUserState makes a user active or disabled. Who is disabled is out at the next request, everywhere.
func (t *Tx) SetUserState(ctx context.Context, user UserID, state string) error {
	if err := t.execOne(ctx, disableUser, int64(user), state); err != nil {
		return fmt.Errorf("storage: user: %w", err)
	}
	return nil
}

const selectPlaceName = `
SELECT coalesce((SELECT name FROM account WHERE id = $1), (SELECT name FROM operator WHERE operator_id = $2), '')`

// PlaceName returns the name of an account, or else of an operator.
func (t *Tx) PlaceName(ctx context.Context, account AccountID, operator OperatorID) (name string, err error) {
	if err = t.get(ctx, &name, selectPlaceName, int64(account), int64(operator)); err != nil {
		return "", fmt.Errorf("storage: place: %w", err)
	}
	return name, nil
}

const endOverMemberships = `
UPDATE membership SET ended_at = ends_at
WHERE user_id = $1 AND ended_at IS NULL AND ends_at <= $2`

// EndOverMemberships closes the roles of a user whose planned end has come, so that he can be given them anew.
func (t *Tx) EndOverMemberships(ctx context.Context, user UserID, now time.Time) error {
	if _, err := t.exec(ctx, endOverMemberships, int64(user), now); err != nil {
		return fmt.Errorf("storage: memberships: %w", err)
	}
	return nil
}

const selectHolders = `
SELECT DISTINCT m.user_id
FROM membership m JOIN app_user u ON u.id = m.user_id AND u.state = 'active'
WHERE (m.operator_id = $1 OR m.account_id = nullif($2::bigint, 0)) AND m.role = ANY ($3::text[])
	AND m.ended_at IS NULL AND coalesce(m.starts_at <= $4, true) AND coalesce(m.ends_at > $4, true)
ORDER BY m.user_id
LIMIT 100`

// HoldersOf returns the active people who hold one of the roles at the operator or the account (0: none).
func (t *Tx) HoldersOf(ctx context.Context, operator OperatorID, account AccountID, roles []string, now time.Time) ([]UserID, error) {
	var ids []UserID
	if err := t.list(ctx, &ids, selectHolders, int64(operator), int64(account), pq.Array(roles), now); err != nil {
		return nil, fmt.Errorf("storage: people: %w", err)
	}
	return ids, nil
}

// A PersonAt is a person with a role at a place.
type PersonAt struct {
	ID    UserID `db:"id"`
	Name  string `db:"name"`
	Place string `db:"place"`
}

const selectPeopleAt = `
SELECT DISTINCT u.name, u.id, coalesce(a.name, o.name) AS place
FROM membership m
JOIN app_user u ON u.id = m.user_id AND u.state = 'active'
LEFT JOIN account a ON a.id = m.account_id
LEFT JOIN operator o ON o.operator_id = m.operator_id
WHERE (m.operator_id = $1 OR m.account_id = nullif($2::bigint, 0)) AND m.ended_at IS NULL
	AND coalesce(m.starts_at <= $3, true) AND coalesce(m.ends_at > $3, true) AND m.break_glass_id IS NULL
	AND m.role NOT IN ('biller', 'viewer', 'front_desk', 'authorization_coordinator')
ORDER BY u.name, u.id
LIMIT 200`

// PeopleAt returns the active people with a role at the operator or the account (0: none) that may be one of those
// who give roles, by name, at most 200.
func (t *Tx) PeopleAt(ctx context.Context, operator OperatorID, account AccountID, now time.Time) ([]PersonAt, error) {
	people := []PersonAt{}
	if err := t.list(ctx, &people, selectPeopleAt, int64(operator), int64(account), now); err != nil {
		return nil, fmt.Errorf("storage: people: %w", err)
	}
	return people, nil
}
