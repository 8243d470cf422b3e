package storage

import (
	"context"
	"fmt"
)

// operatorTables are where the rows of an operator's exchange stand, by the kind of their public ids.
var operatorTables = map[string]string{
	PublicConnection: "connection", PublicDropBox: "dropbox", PublicSchedule: "schedule", PublicCalendar: "calendar", PublicRun: "run", PublicIncident: "incident",
	PublicFile: "file", PublicSet: "transaction_set", PublicAcknowledgment: "acknowledgment", PublicAccount: "account",
}

// OfOperator says whether the scope's operator has a row of the kind; of kinds that aren't of an operator's exchange it has none.
func (db *DB) OfOperator(ctx context.Context, scope Scope, kind string, id int64) (found bool, err error) {
	table, known := operatorTables[kind]
	if !known {
		return false, nil
	}
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		return t.get(ctx, &found, `SELECT EXISTS (SELECT FROM `+table+` WHERE id = $1 AND operator_id = $2)`, id, int64(scope.Operator))
	})
	if err != nil {
		return false, fmt.Errorf("storage: %s of an operator: %w", kind, err)
	}
	return found, nil
}
