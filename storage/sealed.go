package storage

import (
	"context"
	"fmt"
)

// A Sealed says under which master keys the database's secrets and files are.
type Sealed struct {
	InUse  bool     // there is an operator, so something may be sealed
	KeyIDs []string // of the last file of each operator that has one
}

const selectSealed = `
SELECT coalesce((
	SELECT f.key_id
	FROM file f
	WHERE f.operator_id = o.operator_id AND f.key_id IS NOT NULL
	ORDER BY f.id DESC
	LIMIT 1), '')
FROM operator o`

// Sealed tells what a master key must open, so that a start with another one can be refused. An empty database is no error.
func (db *DB) Sealed(ctx context.Context) (Sealed, error) {
	pool := db.owner
	if pool == nil {
		pool = db.loader
	}
	var s Sealed
	var there bool
	if err := pool.GetContext(ctx, &there, `SELECT to_regclass('operator') IS NOT NULL AND to_regclass('file') IS NOT NULL`); err != nil {
		return s, fmt.Errorf("storage: sealed: %w", cleanError(err))
	}
	if !there {
		return s, nil
	}
	var ids []string
	if err := pool.SelectContext(ctx, &ids, selectSealed); err != nil {
		return s, fmt.Errorf("storage: sealed: %w", cleanError(err))
	}
	s.InUse = len(ids) > 0
	for _, id := range ids {
		if id != "" {
			s.KeyIDs = append(s.KeyIDs, id)
		}
	}
	return s, nil
}
