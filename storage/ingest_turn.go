package storage

import (
	"context"
	"fmt"
)

// TakeTurn waits until no other load of the operator that took its turn is under way: loads that met, each holding what the
// other waits for, go one after the other the next time.
func (t *LoadTx) TakeTurn(ctx context.Context) error {
	t.waitLong()
	// A turn lasts as long as the other's file; the role's limit is for locks that nobody should hold so long.
	if _, err := t.exec(ctx, `SELECT set_config('lock_timeout', '0', true)`); err != nil {
		return fmt.Errorf("storage: load's turn: %w", err)
	}
	_, err := t.exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('ediport load', $1))`, t.operator)
	if err != nil {
		return fmt.Errorf("storage: load's turn: %w", err)
	}
	return nil
}
