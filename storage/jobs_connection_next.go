package storage

import (
	"context"
	"fmt"
	"time"
)

// One that was entered or removed meanwhile is another one, of which nothing is known.
const noteNext = `
UPDATE connection SET next_works_since = $4
WHERE operator_id = $1 AND id = $2 AND next_version = $3 AND next_version > 0
	AND (next_works_since IS NULL) <> ($4::timestamptz IS NULL)`

// NoteNextCredential records since when a partner takes the next credential that came with a version of the
// connection, or with nil that it takes the present one again, and tells whether that is new. It leaves the connection's version alone.
func (t *Tx) NoteNextCredential(ctx context.Context, id ConnectionID, version int, since *time.Time) (bool, error) {
	n, err := t.exec(ctx, noteNext, t.scope.Operator, id, version, since)
	if err != nil {
		return false, fmt.Errorf("storage: connection: %w", err)
	}
	return n > 0, nil
}
