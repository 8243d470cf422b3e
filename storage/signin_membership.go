package storage

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// A Membership is a role of a person at one place: an account or an operator. There may be several.
type Membership struct {
	ID         int64      `db:"id"`
	AccountID  AccountID  `db:"account_id"`  // 0: of an operator
	OperatorID OperatorID `db:"operator_id"` // 0: of an account
	Role       string     `db:"role"`
	StartsAt   *time.Time `db:"starts_at"`      // nil: at once
	EndsAt     *time.Time `db:"ends_at"`        // nil: no end is planned
	Limit      RowLimit   `db:"row_limit"`      // of the account's rows
	BreakGlass int64      `db:"break_glass_id"` // 0: not taken in an emergency
}

// Holds says whether the membership grants anything at an instant.
func (m Membership) Holds(at time.Time) bool {
	return (m.StartsAt == nil || !m.StartsAt.After(at)) && (m.EndsAt == nil || m.EndsAt.After(at))
}

// A NewMembership is a membership to add or change; an empty role ends it. Its ID is not read.
type NewMembership Membership

const (
	endMembership = `
UPDATE membership SET ended_at = $4
WHERE user_id = $1 AND coalesce(account_id, 0) = $2 AND coalesce(operator_id, 0) = $3 AND ended_at IS NULL`

	insertMembership = `
INSERT INTO membership (id, user_id, account_id, operator_id, role, created_at, created_by, starts_at, ends_at, row_limit, break_glass_id)
VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6, nullif($7::bigint, 0), $8, $9, $10::jsonb, nullif($11::bigint, 0))`

	membershipColumns = `id, coalesce(account_id, 0) AS account_id, coalesce(operator_id, 0) AS operator_id, role,
	starts_at, ends_at, row_limit, coalesce(break_glass_id, 0) AS break_glass_id`

	// Those that begin later or are over are left out by [Membership.Holds], which knows the caller's clock.
	selectMemberships = `
SELECT ` + membershipColumns + `
FROM membership
WHERE user_id = $1 AND ended_at IS NULL
ORDER BY id`
)

func (t *Tx) setMembership(ctx context.Context, user int64, m NewMembership, now time.Time) error {
	if _, err := t.exec(ctx, endMembership, user, int64(m.AccountID), int64(m.OperatorID), now); err != nil || m.Role == "" {
		return err
	}
	if _, err := t.exec(ctx, keepUser, user); err != nil {
		return err
	}
	id, err := t.NewID(ctx, IDMembership)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, insertMembership, id, user, int64(m.AccountID), int64(m.OperatorID), m.Role, now, userOf(t.scope.Actor),
		m.StartsAt, m.EndsAt, m.Limit, m.BreakGlass)
	return err
}

// SetMembership gives a user a role at a place in place of all that he had there, or ends them, and appends the event.
func (s *SignIn) SetMembership(ctx context.Context, actor Actor, user UserID, m NewMembership, now time.Time, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.setMembership(ctx, int64(user), m, now); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "user", int64(user)
		event.Account, event.Operator = m.AccountID, m.OperatorID
		return t.Audit(ctx, event)
	})
}

// A SignInAccount is what is known of an account when one of its people signs in.
type SignInAccount struct {
	ID         AccountID  `db:"id"`
	OperatorID OperatorID `db:"operator_id"`
	Name       string     `db:"name"`
	TimeZone   string     `db:"time_zone"` // the account's, else its operator's

	OperatorPolicy JSON `db:"operator_policy"` // of sign-in, "" for none
	Policy         JSON `db:"account_policy"`  // the account's own, "" for none
	CustomRoles    JSON `db:"custom_roles"`    // that can be held at it: [{"id": 1, "permissions": ["eligibility.view"]}]
}

// A SignInOperator is what is known of an operator when one of its people signs in.
type SignInOperator struct {
	ID              OperatorID `db:"operator_id"`
	Name            string     `db:"name"`
	UnroutedAccount AccountID  `db:"unrouted_account_id"`
	TimeZone        string     `db:"time_zone"`
	Policy          JSON       `db:"operator_policy"` // of sign-in, "" for none
	CustomRoles     JSON       `db:"custom_roles"`    // that are held for it: [{"id": 1, "permissions": ["files.view"]}]
}

const (
	selectPlacesAccounts = `
SELECT a.id, a.operator_id, a.name, coalesce(a.time_zone, o.time_zone) AS time_zone,
	` + operatorPolicy + ` AS operator_policy, ` + accountPolicy + ` AS account_policy, ` + accountRoles + ` AS custom_roles
FROM account a JOIN operator o ON o.operator_id = a.operator_id
WHERE a.id = ANY ($1) AND a.closed_at IS NULL
ORDER BY a.name, a.id`

	// accountRoles are the roles that can be held at account a, with what they grant. They stand in the same statement, so
	// that a sign-in asks as much for people who have none.
	accountRoles = `coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.id,
			'permissions', CASE WHEN r.retired_at IS NULL THEN r.permissions ELSE '{}' END))::text
		FROM custom_role r
		WHERE r.operator_id = a.operator_id AND NOT r.of_operator AND (r.account_id IS NULL OR r.account_id = a.id)), '')`

	// The roles as above.
	selectPlacesOperators = `
SELECT o.operator_id, o.name, o.unrouted_account_id, o.time_zone, ` + operatorPolicy + ` AS operator_policy,
	coalesce((SELECT jsonb_agg(jsonb_build_object('id', r.id,
			'permissions', CASE WHEN r.retired_at IS NULL THEN r.permissions ELSE '{}' END))::text
		FROM custom_role r
		WHERE r.operator_id = o.operator_id AND r.of_operator), '') AS custom_roles
FROM operator o
WHERE o.operator_id = ANY ($1)
ORDER BY o.name, o.operator_id`
)

// Places returns the open accounts and the operators of the memberships, each by name. It reads in
// the system's scope: who signs in has no scope yet, and the ids come from his memberships.
func (s *SignIn) Places(ctx context.Context, memberships []Membership) ([]SignInAccount, []SignInOperator, error) {
	var (
		accounts  []SignInAccount
		operators []SignInOperator
	)
	err := s.db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) (err error) {
		accounts, operators, err = t.places(ctx, memberships)
		return err
	})
	return accounts, operators, err
}

func (t *Tx) places(ctx context.Context, memberships []Membership) ([]SignInAccount, []SignInOperator, error) {
	var (
		accountIDs, operatorIDs []int64
		accounts                []SignInAccount
		operators               []SignInOperator
	)
	for _, m := range memberships {
		if m.AccountID != 0 {
			accountIDs = append(accountIDs, int64(m.AccountID))
		} else {
			operatorIDs = append(operatorIDs, int64(m.OperatorID))
		}
	}
	if err := t.list(ctx, &accounts, selectPlacesAccounts, pq.Array(accountIDs)); err != nil {
		return nil, nil, err
	}
	err := t.list(ctx, &operators, selectPlacesOperators, pq.Array(operatorIDs))
	return accounts, operators, err
}
