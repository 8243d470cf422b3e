package storage

import (
	"context"
	"fmt"
)

// The kinds of numbers that go up by one.
const (
	NumberInterchange = "interchange" // ISA13; its key: ISA05–08, ISA15
	NumberGroup       = "group"       // GS06; its key: the interchange's and GS01
	NumberName        = "name"        // in file names; its key: the connection
)

const nextNumber = `
INSERT INTO sequence_number AS s (operator_id, kind, key, next)
VALUES ($1, $2, $3, 2)
ON CONFLICT (operator_id, kind, key) DO UPDATE SET next = CASE WHEN s.next >= 999999999 THEN 1 ELSE s.next + 1 END
RETURNING CASE WHEN next = 1 THEN 999999999 ELSE next - 1 END`

// NextNumber returns the next number of a sequence: 1 first, 999999999 is followed by 1. Until the
// transaction ends nobody else gets one of it, so that none is lost; several sequences are asked in
// the order of their keys.
func (t *Tx) NextNumber(ctx context.Context, kind, key string) (int, error) {
	var n int
	if err := t.get(ctx, &n, nextNumber, t.scope.Operator, kind, key); err != nil {
		return 0, fmt.Errorf("storage: next %s number: %w", kind, err)
	}
	return n, nil
}

const setNextNumber = `
INSERT INTO sequence_number (operator_id, kind, key, next)
VALUES ($1, $2, $3, $4)
ON CONFLICT (operator_id, kind, key) DO UPDATE SET next = excluded.next`

// SetNextNumber makes a sequence go on with a number, where another system counted before.
func (t *Tx) SetNextNumber(ctx context.Context, kind, key string, next int) error {
	if next < 1 || next > 999_999_999 {
		return fmt.Errorf("storage: next %s number: %w", kind, ErrConflict)
	}
	if _, err := t.exec(ctx, setNextNumber, t.scope.Operator, kind, key, next); err != nil {
		return fmt.Errorf("storage: next %s number: %w", kind, err)
	}
	return nil
}

// A Number is a sequence and what comes next in it.
type Number struct {
	Kind string `db:"kind" json:"kind"`
	Key  string `db:"key" json:"key"`
	Next int    `db:"next" json:"next"`
}

const (
	raiseNumber = `
INSERT INTO sequence_number AS s (operator_id, kind, key, next)
VALUES ($1, $2, $3, $4)
ON CONFLICT (operator_id, kind, key) DO UPDATE SET next = greatest(s.next, excluded.next)`

	selectNumbers = `
SELECT kind, key, next
FROM sequence_number
WHERE operator_id = $1 AND kind IN ('interchange', 'group')
ORDER BY key, kind`
)

// RaiseNumber makes a sequence go on behind a number that another system took, unless it is farther already. The last
// number of all, 999999999, raises nothing: what follows it is 1.
func (t *Tx) RaiseNumber(ctx context.Context, kind, key string, used int64) error {
	if used < 1 || used >= 999_999_999 {
		return nil
	}
	if _, err := t.exec(ctx, raiseNumber, t.scope.Operator, kind, key, used+1); err != nil {
		return fmt.Errorf("storage: %s number: %w", kind, err)
	}
	return nil
}

// Numbers returns the sequences of control numbers, by their keys.
func (t *Tx) Numbers(ctx context.Context) ([]Number, error) {
	all := []Number{}
	if err := t.list(ctx, &all, selectNumbers, t.scope.Operator); err != nil {
		return nil, fmt.Errorf("storage: numbers: %w", err)
	}
	return all, nil
}
