package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

const redisposeSets = `
WITH old AS (
	SELECT id, disposition FROM transaction_set WHERE operator_id = $1 AND file_id = $2 AND id = ANY ($3::bigint[])
), changed AS (
	UPDATE transaction_set s SET disposition = $4, disposition_reason = nullif($5, '')
	FROM old
	WHERE s.operator_id = $1 AND s.file_id = $2 AND s.id = old.id
	RETURNING old.disposition
)
SELECT disposition, count(*) AS sets
FROM changed
GROUP BY disposition`

// RedisposeSets gives sets of a file that are written already another disposition, because of what their sender is told, and
// returns how many had which before. Flush the loader before.
func (t *LoadTx) RedisposeSets(ctx context.Context, file FileID, sets []int64, disposition, reason string) (map[string]int, error) {
	var old []struct {
		Disposition string `db:"disposition"`
		Sets        int    `db:"sets"`
	}
	if err := t.list(ctx, &old, redisposeSets, t.operator, file, pq.Array(sets), disposition, reason); err != nil {
		return nil, fmt.Errorf("storage: dispose sets: %w", err)
	}
	was := map[string]int{}
	for _, o := range old {
		was[o.Disposition] = o.Sets
	}
	return was, nil
}

const (
	rollUpGroups = `
UPDATE functional_group g SET disposition = (
	SELECT s.disposition FROM transaction_set s
	WHERE s.operator_id = $1 AND s.file_id = $2 AND s.group_id = g.id
	ORDER BY array_position(ARRAY['held', 'loaded_with_findings', 'loaded', 'unsupported'], s.disposition) NULLS LAST
	LIMIT 1)
WHERE g.operator_id = $1 AND g.file_id = $2 AND g.interchange_id = $3
	AND EXISTS (SELECT 1 FROM transaction_set s WHERE s.operator_id = $1 AND s.file_id = $2 AND s.group_id = g.id)`

	rollUpInterchange = `
UPDATE interchange SET disposition = $4
WHERE operator_id = $1 AND file_id = $2 AND id = $3`
)

// RollUpDispositions makes the groups of an interchange agree with their sets, and gives it a disposition.
func (t *LoadTx) RollUpDispositions(ctx context.Context, file FileID, interchange int64, disposition string) error {
	if _, err := t.exec(ctx, rollUpGroups, t.operator, file, interchange); err != nil {
		return fmt.Errorf("storage: dispose groups: %w", err)
	}
	if err := t.execOne(ctx, rollUpInterchange, t.operator, file, interchange, disposition); err != nil {
		return fmt.Errorf("storage: dispose interchange: %w", err)
	}
	return nil
}
