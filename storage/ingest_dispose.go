package storage

import (
	"context"
	"fmt"
)

const disposeGroups = `
UPDATE functional_group
SET disposition = $3
WHERE operator_id = $1 AND interchange_id = $2 AND file_id = $4`

const disposeSets = `
UPDATE transaction_set
SET disposition = $3, disposition_reason = nullif($4, '')
WHERE operator_id = $1 AND file_id = $5 AND interchange_id = $2`

// DisposeInterchange gives all groups and sets of an interchange that are written already one disposition: duplicate, or
// held with a reason. Flush the loader before.
func (t *LoadTx) DisposeInterchange(ctx context.Context, file FileID, interchange int64, disposition, reason string) error {
	if _, err := t.exec(ctx, disposeGroups, t.operator, interchange, disposition, file); err != nil {
		return fmt.Errorf("storage: dispose interchange: %w", err)
	}
	if _, err := t.exec(ctx, disposeSets, t.operator, interchange, disposition, reason, file); err != nil {
		return fmt.Errorf("storage: dispose interchange: %w", err)
	}
	return nil
}
