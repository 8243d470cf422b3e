package storage

import (
	"context"
	"fmt"
)

// An Operator is the organization that runs the exchange.
type Operator struct {
	ID       OperatorID `db:"operator_id"`
	Name     string     `db:"name"`
	Unrouted AccountID  `db:"unrouted_account_id"`
	TimeZone string     `db:"time_zone"`
}

// An Account is an organization that owns rows.
type Account struct {
	ID       AccountID  `db:"id"`
	Operator OperatorID `db:"operator_id"`
	Kind     string     `db:"kind"` // practice, billing_service, clearinghouse; unrouted for the operator's own
	Name     string     `db:"name"`
}

// Operators returns all operators, the first one made first, in a transaction of InSystem.
func (t *Tx) Operators(ctx context.Context) ([]Operator, error) {
	var list []Operator
	err := t.list(ctx, &list, `SELECT operator_id, name, unrouted_account_id, time_zone FROM operator ORDER BY operator_id`)
	if err != nil {
		return nil, fmt.Errorf("storage: operators: %w", err)
	}
	return list, nil
}

// AccountsOf returns an operator's accounts by name, the closed ones left out, in a transaction of InSystem.
func (t *Tx) AccountsOf(ctx context.Context, operator OperatorID) ([]Account, error) {
	var list []Account
	err := t.list(ctx, &list, `SELECT id, operator_id, kind, name FROM account WHERE operator_id = $1 AND closed_at IS NULL ORDER BY name, id`, operator)
	if err != nil {
		return nil, fmt.Errorf("storage: accounts: %w", err)
	}
	return list, nil
}
