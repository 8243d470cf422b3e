package storage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// accountParts returns the accounts of the scope, or the one of them that a filter asks for.
func (s Scope) accountParts(only AccountID) []int64 {
	parts := []int64{}
	for _, a := range s.Accounts {
		if (only == 0 || only == a) && !slices.Contains(parts, int64(a)) {
			parts = append(parts, int64(a))
		}
	}
	return parts
}

// operatorParts returns the operator whose exchange plane is open, none for users of accounts.
func (s Scope) operatorParts() []int64 {
	if s.Operator == 0 {
		return nil
	}
	return []int64{int64(s.Operator)}
}

func (s Scope) accountArray() any { return pq.Array(s.accountParts(0)) }

// usageFilter narrows a list to a usage: P unless another is asked for, "*" is all.
func usageFilter(usage string) (string, []condition) {
	switch usage {
	case "*":
		return usage, nil
	case "":
		usage = "P"
	}
	return usage, []condition{where("t.usage = ?", usage)}
}

// auditView leaves the event of one row of a patient having been shown.
func (t *Tx) auditView(ctx context.Context, kind string, id int64, account AccountID) error {
	var detail map[string]any
	if t.masked(account) {
		detail = map[string]any{"masked": true}
	}
	return t.Audit(ctx, AuditEvent{
		Action: "patient.view", Operator: t.scope.home(), Account: account, ObjectKind: kind, ObjectID: id, Detail: detail,
	})
}

// patientList reads a page of rows that speak of patients, and leaves its events in the same
// transaction, or before anybody sees what the replica gave.
func patientList[T any](ctx context.Context, db *DB, scope Scope, plan listPlan, page Page, of func(*T) (AccountID, int64)) (rows []T, next Cursor, err error) {
	read := func(t *Tx) (err error) {
		rows, next, err = listRows[T](ctx, t, plan, page)
		return err
	}
	audit := func(t *Tx) error {
		shown := shownRows{}
		for i := range rows {
			shown.add(of(&rows[i]))
		}
		return t.auditList(ctx, plan.name, filterNames(plan.filter), shown)
	}
	if db.mayReadReplica(ctx, scope) {
		if err = db.InScopeRead(ctx, scope, read); err == nil {
			err = db.InScope(ctx, scope, audit)
		}
	} else {
		err = db.InScope(ctx, scope, func(t *Tx) error {
			if err := read(t); err != nil {
				return err
			}
			return audit(t)
		})
	}
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// plainList reads a page of rows that don't.
func plainList[T any](ctx context.Context, db *DB, scope Scope, plan listPlan, page Page) (rows []T, next Cursor, err error) {
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		rows, next, err = listRows[T](ctx, t, plan, page)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

// prefixRange is "begins with" as two comparisons, which, other than LIKE, row-level security lets
// an index answer.
func prefixRange(expr, prefix string) []condition {
	if prefix == "" {
		return nil
	}
	return []condition{where(expr+" >= ?", prefix), where(expr+" < ?", prefixEnd(prefix))}
}

// prefixEnd returns the least text behind all that begin with prefix, in the byte order of the C
// collation: the last character, raised by one.
func prefixEnd(prefix string) string {
	runes := []rune(prefix)
	for len(runes) > 0 {
		last := len(runes) - 1
		switch {
		case runes[last] == 0xD7FF: // over the surrogates
			runes[last] = 0xE000
		case runes[last] < 0x10FFFF:
			runes[last]++
		default:
			runes = runes[:last]
			continue
		}
		return string(runes)
	}
	return strings.Repeat("\U0010FFFF", 8)
}

// detailOf reads one row of T; ErrNotFound.
func detailOf[T any](ctx context.Context, t *Tx, what, from, condition string, args ...any) (row T, err error) {
	if err = t.get(ctx, &row, "SELECT "+selectDetail[T]()+"\nFROM "+from+"\nWHERE "+condition, args...); err != nil {
		return row, fmt.Errorf("storage: %s: %w", what, err)
	}
	return row, nil
}

// childrenOf reads rows of T below a detail.
func childrenOf[T any](ctx context.Context, t *Tx, what, from, condition string, args ...any) ([]T, error) {
	rows := []T{}
	if err := t.list(ctx, &rows, "SELECT "+selectDetail[T]()+"\nFROM "+from+"\nWHERE "+condition, args...); err != nil {
		return nil, fmt.Errorf("storage: %s: %w", what, err)
	}
	return rows, nil
}
