package storage

import (
	"context"
	"fmt"
)

const selectOutboundAccount = `
SELECT coalesce(
	(SELECT name FROM account WHERE operator_id = $1 AND id = $2),
	(SELECT name FROM operator WHERE operator_id = $1), '')`

// OutboundAccount returns the name of the account for which a connection delivers, and the operator's where
// that is no single one.
func (t *Tx) OutboundAccount(ctx context.Context, account AccountID) (string, error) {
	var name string
	if err := t.get(ctx, &name, selectOutboundAccount, t.scope.Operator, account); err != nil {
		return "", fmt.Errorf("storage: account of an outbound file: %w", err)
	}
	return name, nil
}
