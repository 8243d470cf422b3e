package storage

import (
	"context"
	"fmt"
)

const (
	lockSighting = `
SELECT ` + sightingColumns + `
FROM remote_seen
WHERE operator_id = $1 AND connection_id = $2 AND path = $3 AND size = $4 AND mtime = $5
FOR UPDATE`

	takeSighting = `
UPDATE remote_seen SET file_id = $6, taken_at = now(), error_code = NULL
WHERE operator_id = $1 AND connection_id = $2 AND path = $3 AND size = $4 AND mtime = $5`
)

// LockSighting locks what is known about a remote file until the transaction ends and returns it: a
// File in it means that it was taken already. ErrNotFound if it was never seen.
func (t *LoadTx) LockSighting(ctx context.Context, connection ConnectionID, s Sighting) (Sighting, error) {
	var locked Sighting
	err := t.get(ctx, &locked, lockSighting, t.operator, connection, s.Path, s.Size, s.ModTime)
	if err != nil {
		return Sighting{}, fmt.Errorf("storage: sighting: %w", err)
	}
	return locked, nil
}

// TakeSighting records that a remote file has become a file of ours.
func (t *LoadTx) TakeSighting(ctx context.Context, connection ConnectionID, s Sighting, file FileID) error {
	if err := t.execOne(ctx, takeSighting, t.operator, connection, s.Path, s.Size, s.ModTime, file); err != nil {
		return fmt.Errorf("storage: sighting: %w", err)
	}
	return nil
}
