package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

const selectAddressChangedBy = `
SELECT EXISTS (
	SELECT FROM audit_event
	WHERE object_id = $1 AND object_kind = 'user' AND at > $3 AND action = 'email.changed' AND result = 'ok' AND actor_kind = 'user' AND actor_id = $2
)`

// AddressChangedBy says whether somebody else has changed a user's e-mail address since an instant, as the audit has it. In a
// transaction of InSystem.
func (t *Tx) AddressChangedBy(ctx context.Context, user, by UserID, since time.Time) (bool, error) {
	var changed bool
	if err := t.get(ctx, &changed, selectAddressChangedBy, int64(user), int64(by), since); err != nil {
		return false, fmt.Errorf("storage: address: %w", err)
	}
	return changed, nil
}

// KeepRoles keeps others from changing what custom roles grant until the transaction ends. In a transaction of InSystem.
func (t *Tx) KeepRoles(ctx context.Context, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	if _, err := t.exec(ctx, `SELECT FROM custom_role WHERE id = ANY ($1) ORDER BY operator_id, id FOR SHARE`, pq.Array(ids)); err != nil {
		return fmt.Errorf("storage: roles: %w", err)
	}
	return nil
}
