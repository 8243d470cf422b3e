package storage

import (
	"context"
	"fmt"
)

// SecurityPolicies are the stored policies of a place, as JSON; "" where nothing is set.
type SecurityPolicies struct {
	OperatorID OperatorID `db:"operator_id"`
	Operator   JSON       `db:"operator_policy"`
	Account    JSON       `db:"account_policy"` // "" for an operator
}

const (
	// operatorPolicy is the stored policy of operator o.
	operatorPolicy = `coalesce((SELECT s.value::text FROM setting s WHERE s.operator_id = o.operator_id AND s.key = 'security_policy'), '')`

	// accountPolicy is the stored policy of account a.
	accountPolicy = `coalesce((a.settings -> 'security_policy')::text, '')`

	selectAccountPolicies = `
SELECT o.operator_id, ` + operatorPolicy + ` AS operator_policy, ` + accountPolicy + ` AS account_policy
FROM account a JOIN operator o ON o.operator_id = a.operator_id
WHERE a.id = $1`

	selectOperatorPolicies = `
SELECT o.operator_id, ` + operatorPolicy + ` AS operator_policy, '' AS account_policy
FROM operator o
WHERE o.operator_id = $1`

	lockAccountPolicy  = `SELECT id FROM account WHERE id = $1 FOR UPDATE`
	lockOperatorPolicy = `SELECT operator_id FROM operator WHERE operator_id = $1 FOR UPDATE`

	setOperatorPolicy = `
INSERT INTO setting (operator_id, key, value, updated_by)
VALUES ($1, 'security_policy', $2::jsonb, nullif($3::bigint, 0))
ON CONFLICT (operator_id, key) DO UPDATE SET value = excluded.value, updated_at = now(), updated_by = excluded.updated_by`

	setAccountPolicy = `
UPDATE account SET settings = settings || jsonb_build_object('security_policy', $2::jsonb)
WHERE id = $1`

	selectAllOperatorPolicies = `SELECT value::text FROM setting WHERE key = 'security_policy'`
)

// SecurityPolicies returns the stored policies of an account (operator 0) or an operator (account 0);
// ErrNotFound if there is no such place. The transaction is the system's.
func (t *Tx) SecurityPolicies(ctx context.Context, operator OperatorID, account AccountID) (SecurityPolicies, error) {
	var p SecurityPolicies
	var err error
	if account != 0 {
		err = t.get(ctx, &p, selectAccountPolicies, int64(account))
	} else {
		err = t.get(ctx, &p, selectOperatorPolicies, int64(operator))
	}
	if err != nil {
		return p, fmt.Errorf("storage: security policy: %w", err)
	}
	return p, nil
}

// LockSecurityPolicies is SecurityPolicies for changing them: nobody else changes the place's until the transaction ends.
func (t *Tx) LockSecurityPolicies(ctx context.Context, operator OperatorID, account AccountID) (SecurityPolicies, error) {
	lock, id := lockOperatorPolicy, int64(operator)
	if account != 0 {
		lock, id = lockAccountPolicy, int64(account)
	}
	var found int64
	if err := t.get(ctx, &found, lock, id); err != nil {
		return SecurityPolicies{}, fmt.Errorf("storage: security policy: %w", err)
	}
	return t.SecurityPolicies(ctx, operator, account)
}

// SetSecurityPolicy stores the policy of an account (operator 0) or an operator (account 0), which
// LockSecurityPolicies has locked. The caller appends the event.
func (t *Tx) SetSecurityPolicy(ctx context.Context, operator OperatorID, account AccountID, policy JSON) error {
	var err error
	if account != 0 {
		err = t.execOne(ctx, setAccountPolicy, int64(account), string(policy))
	} else {
		err = t.execOne(ctx, setOperatorPolicy, int64(operator), string(policy), userOf(t.scope.Actor))
	}
	if err != nil {
		return fmt.Errorf("storage: security policy: %w", err)
	}
	return nil
}

// OperatorPolicies returns the stored policies of all operators: what holds before anybody is known.
// The transaction is the system's.
func (t *Tx) OperatorPolicies(ctx context.Context) ([]JSON, error) {
	var all []JSON
	if err := t.list(ctx, &all, selectAllOperatorPolicies); err != nil {
		return nil, fmt.Errorf("storage: security policy: %w", err)
	}
	return all, nil
}

// Memberships returns what a person may do where, as of now.
func (s *SignIn) Memberships(ctx context.Context, user UserID) ([]Membership, error) {
	memberships := []Membership{}
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &memberships, selectMemberships, int64(user))
	})
	return memberships, err
}
