package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/lib/pq"
)

// An AccountRef names an account.
type AccountRef struct {
	ID   AccountID `db:"id" public:"acc"`
	Name string    `db:"name"`
}

const (
	maxUnits  = 500
	unitJoins = `
	LEFT JOIN account a ON a.id = t.account_id
	LEFT JOIN file f ON f.operator_id = t.operator_id AND f.id = t.file_id
	LEFT JOIN transaction_set s ON s.operator_id = t.operator_id AND s.id = t.set_id`
)

// ownUnits bounds routing units to those that the scope may see, besides the operator in the key.
func (t *Tx) ownUnits() []condition {
	if t.scope.Operator != 0 {
		return nil
	}
	return []condition{where("t.account_id = ANY (?::bigint[])", t.scope.accountArray())}
}

func (t *Tx) unitsOfSet(ctx context.Context, operator OperatorID, set int64) ([]UnitItem, error) {
	var b bindings
	condition := "t.operator_id = " + b.add(operator) + " AND t.set_id = " + b.add(set) + b.and(t.ownUnits()...) + " ORDER BY t.ordinal LIMIT " + b.add(maxUnits)
	units, err := childrenOf[UnitItem](ctx, t, "units", "routing_unit t"+unitJoins, condition, b.args...)
	if err != nil {
		return nil, err
	}
	return units, t.completeUnits(ctx, units)
}

// completeUnits fills in ages and the names of candidates; users of accounts learn of no candidates.
func (t *Tx) completeUnits(ctx context.Context, units []UnitItem) error {
	var ids []int64
	for i := range units {
		u := &units[i]
		u.Age, u.CandidateAccounts = t.Now().Sub(u.ReceivedAt), []AccountRef{}
		if t.scope.Operator == 0 {
			u.Candidates = nil
		}
		ids = append(ids, u.Candidates...)
	}
	if len(ids) == 0 {
		return nil
	}
	names, err := childrenOf[AccountRef](ctx, t, "candidates", "account t", "t.operator_id = $1 AND t.id = ANY ($2::bigint[]) ORDER BY t.name, t.id", t.scope.Operator, pq.Array(ids))
	if err != nil {
		return err
	}
	for i := range units {
		for _, n := range names {
			if slices.Contains(units[i].Candidates, int64(n.ID)) {
				units[i].CandidateAccounts = append(units[i].CandidateAccounts, n)
			}
		}
	}
	return nil
}

// A UnitFilter selects routing units of one set.
type UnitFilter struct {
	Set int64
}

// SetUnits returns the routing units of a set in file order, as far as they are the scope's to see.
func (db *DB) SetUnits(ctx context.Context, scope Scope, f UnitFilter, page Page) (rows []UnitItem, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		operator, err := t.operatorOfSet(ctx, f.Set)
		if err != nil {
			return err
		}
		rows, next, err = listRows[UnitItem](ctx, t, listPlan{
			name: "units", filter: f, part: "t.operator_id", parts: []int64{int64(operator)}, from: "routing_unit t", joins: unitJoins,
			orderings: []ordering{{keys: []orderKey{{"t.ordinal", "int"}}}},
			ranges:    []condition{where("t.set_id = ?", f.Set)}, filters: t.ownUnits(),
		}, page)
		if err != nil {
			return err
		}
		return t.completeUnits(ctx, rows)
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// An UnroutedFilter selects units of the queue.
type UnroutedFilter struct {
	Usage string // "": P
}

// UnroutedUnits returns what belongs to no account of the operator yet, oldest first.
func (db *DB) UnroutedUnits(ctx context.Context, scope Scope, f UnroutedFilter, page Page) (rows []UnitItem, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		unrouted, err := t.unroutedAccount(ctx)
		if err != nil {
			return err
		}
		usage, filters := usageFilter(f.Usage)
		f.Usage = usage
		rows, next, err = listRows[UnitItem](ctx, t, listPlan{
			name: "unrouted", filter: f, part: "t.account_id", parts: []int64{int64(unrouted)}, from: "routing_unit t", joins: unitJoins,
			orderings: byID, filters: filters,
		}, page)
		if err != nil {
			return err
		}
		return t.completeUnits(ctx, rows)
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// unroutedAccount returns the account of the scope's operator that holds what is of no account yet.
func (t *Tx) unroutedAccount(ctx context.Context) (id AccountID, err error) {
	if t.scope.Operator == 0 {
		return 0, ErrNotFound
	}
	if err = t.get(ctx, &id, `SELECT unrouted_account_id FROM operator WHERE operator_id = $1`, t.scope.Operator); err != nil {
		return 0, fmt.Errorf("storage: unrouted account: %w", err)
	}
	return id, nil
}

// Unit returns one routing unit.
func (db *DB) Unit(ctx context.Context, scope Scope, id int64) (u UnitItem, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		if u, err = t.unit(ctx, id); err != nil {
			return err
		}
		one := []UnitItem{u}
		err = t.completeUnits(ctx, one)
		u = one[0]
		return err
	})
	return u, err
}

func (t *Tx) unit(ctx context.Context, id int64) (UnitItem, error) {
	const from = "routing_unit t" + unitJoins
	if t.scope.Operator != 0 {
		return detailOf[UnitItem](ctx, t, "unit", from, "t.operator_id = $1 AND t.id = $2", t.scope.Operator, id)
	}
	return detailOf[UnitItem](ctx, t, "unit", from, "t.account_id = ANY ($1::bigint[]) AND t.id = $2", t.scope.accountArray(), id)
}

// RerouteUnit gives a routing unit with all its rows to an account of the scope's operator, audited with
// both sides, and threads its claims anew, in one transaction. What may be moved is what belongs
// to no account yet, or to an account in the scope; anything else is ErrNotFound.
func (db *DB) RerouteUnit(ctx context.Context, scope Scope, unit int64, to AccountID) error {
	if scope.Operator == 0 {
		return ErrNotFound
	}
	return db.InLoad(ctx, scope.Operator, scope.Actor, func(t *LoadTx) error {
		var at struct {
			Account  AccountID `db:"account_id"`
			Unrouted AccountID `db:"unrouted_account_id"`
		}
		if err := t.get(ctx, &at, lockUnitAccount, scope.Operator, unit); err != nil {
			return fmt.Errorf("storage: unit: %w", err)
		}
		if at.Account != at.Unrouted && !slices.Contains(scope.Accounts, at.Account) {
			return ErrNotFound
		}
		moved, err := t.Reroute(ctx, unit, to)
		if err != nil || len(moved) == 0 {
			return err
		}
		_, err = t.LinkPayments(ctx, moved)
		return err
	})
}

const lockUnitAccount = `
SELECT u.account_id, o.unrouted_account_id
FROM routing_unit u
JOIN operator o ON o.operator_id = u.operator_id
WHERE u.operator_id = $1 AND u.id = $2
FOR UPDATE OF u`
