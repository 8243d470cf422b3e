package storage

import (
	"context"
	"fmt"
)

// selectExpecting finds the connections from which files are expected, and whether an incident of a
// code is open on each.
const selectExpecting = `
SELECT c.operator_id, c.id, i.id IS NOT NULL AS open
FROM connection c
LEFT JOIN incident i ON i.operator_id = c.operator_id AND i.subject_kind = 'connection' AND i.subject_id = c.id
	AND i.code = $1 AND i.resolved_at IS NULL
WHERE c.expected_by IS NOT NULL OR i.id IS NOT NULL
ORDER BY c.operator_id, c.id`

// An Expecting is a connection from which files are expected.
type Expecting struct {
	Operator   OperatorID   `db:"operator_id"`
	Connection ConnectionID `db:"id"`
	Open       bool         `db:"open"` // an incident says already that none came
}

// Expecting returns the connections of all operators from which files are expected, in a transaction
// of InSystem; code is that of the incident which says that none came.
func (t *Tx) Expecting(ctx context.Context, code string) ([]Expecting, error) {
	all := []Expecting{}
	if err := t.list(ctx, &all, selectExpecting, code); err != nil {
		return nil, fmt.Errorf("storage: connections that expect files: %w", err)
	}
	return all, nil
}
