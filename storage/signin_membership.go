package storage

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// A Membership says what a person may do at one place: an account or an operator.
type Membership struct {
	AccountID  AccountID  `db:"account_id"`  // 0: of an operator
	OperatorID OperatorID `db:"operator_id"` // 0: of an account
	Role       string     `db:"role"`
}

// A NewMembership is a membership to add or change; an empty role ends it.
type NewMembership Membership

const (
	endMembership = `
UPDATE membership SET ended_at = $4
WHERE user_id = $1 AND coalesce(account_id, 0) = $2 AND coalesce(operator_id, 0) = $3 AND ended_at IS NULL`

	insertMembership = `
INSERT INTO membership (id, user_id, account_id, operator_id, role, created_at, created_by)
VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6, nullif($7::bigint, 0))`

	selectMemberships = `
SELECT coalesce(account_id, 0) AS account_id, coalesce(operator_id, 0) AS operator_id, role
FROM membership
WHERE user_id = $1 AND ended_at IS NULL`
)

func (t *Tx) setMembership(ctx context.Context, user int64, m NewMembership, now time.Time) error {
	if _, err := t.exec(ctx, endMembership, user, int64(m.AccountID), int64(m.OperatorID), now); err != nil || m.Role == "" {
		return err
	}
	id, err := t.NewID(ctx, IDMembership)
	if err != nil {
		return err
	}
	_, err = t.exec(ctx, insertMembership, id, user, int64(m.AccountID), int64(m.OperatorID), m.Role, now, userOf(t.scope.Actor))
	return err
}

// SetMembership gives a user a role at a place in place of the one he had there, or ends it, and appends the event.
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
}

// A SignInOperator is what is known of an operator when one of its people signs in.
type SignInOperator struct {
	ID              OperatorID `db:"operator_id"`
	Name            string     `db:"name"`
	UnroutedAccount AccountID  `db:"unrouted_account_id"`
	TimeZone        string     `db:"time_zone"`
}

const (
	selectPlacesAccounts = `
SELECT a.id, a.operator_id, a.name, coalesce(a.time_zone, o.time_zone) AS time_zone
FROM account a JOIN operator o ON o.operator_id = a.operator_id
WHERE a.id = ANY ($1) AND a.closed_at IS NULL
ORDER BY a.name, a.id`

	selectPlacesOperators = `
SELECT operator_id, name, unrouted_account_id, time_zone
FROM operator
WHERE operator_id = ANY ($1)
ORDER BY name, operator_id`
)

// Places returns the open accounts and the operators of the memberships, each by name. It reads in
// the system's scope: who signs in has no scope yet, and the ids come from his memberships.
func (s *SignIn) Places(ctx context.Context, memberships []Membership) ([]SignInAccount, []SignInOperator, error) {
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
	err := s.db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		if err := t.list(ctx, &accounts, selectPlacesAccounts, pq.Array(accountIDs)); err != nil {
			return err
		}
		return t.list(ctx, &operators, selectPlacesOperators, pq.Array(operatorIDs))
	})
	return accounts, operators, err
}
