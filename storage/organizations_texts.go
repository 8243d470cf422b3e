package storage

import (
	"context"
	"errors"
	"fmt"
)

const (
	selectTexts = `
SELECT s.value::text
FROM setting s
WHERE s.key = 'texts' AND s.operator_id = CASE WHEN $1::bigint <> 0 THEN $1::bigint ELSE (SELECT min(o.operator_id) FROM operator o) END`

	upsertTexts = `
INSERT INTO setting (operator_id, key, value, updated_by)
VALUES ($1, 'texts', $2::jsonb, nullif($3::bigint, 0))
ON CONFLICT (operator_id, key) DO UPDATE SET value = excluded.value, updated_at = now(), updated_by = excluded.updated_by`
)

// Texts returns what an operator says on every page, "" if nothing was set; operator 0 is the first one of the
// installation, for pages before anybody is known.
func (db *DB) Texts(ctx context.Context, operator OperatorID) (texts JSON, err error) {
	err = db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error { return t.get(ctx, &texts, selectTexts, int64(operator)) })
	if errors.Is(err, ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("storage: texts: %w", err)
	}
	return texts, nil
}

// SetTexts stores what the scope's operator says on every page.
func (t *Tx) SetTexts(ctx context.Context, texts JSON) error {
	if err := t.execOne(ctx, upsertTexts, t.scope.Operator, string(texts), userOf(t.scope.Actor)); err != nil {
		return fmt.Errorf("storage: texts: %w", err)
	}
	return nil
}
