package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// People who may sign in and decide at the place, by a preset role or one that the organization made; and unless $6 is NULL, those
// who could at some time since: with what was taken from them stands when, and the audit, which nobody can change, has the rest.
const countDeciders = `
SELECT count(DISTINCT m.user_id)
FROM membership m
JOIN app_user u ON u.id = m.user_id
LEFT JOIN custom_role c ON m.role = 'custom:' || c.id AND (c.retired_at IS NULL OR c.retired_at > $6::timestamptz)
WHERE (m.operator_id = $1 OR m.account_id = $2) AND (m.ended_at IS NULL OR m.ended_at > $6)
	AND coalesce(m.starts_at <= $3, true) AND coalesce(m.ends_at > coalesce($6, $3), true)
	AND (u.state = 'active' OR u.state = 'disabled' AND EXISTS (
		SELECT FROM audit_event e
		WHERE e.object_id = u.id AND e.object_kind = 'user' AND e.at > $6 AND e.action = 'user.disabled' AND e.result = 'ok'))
	AND (m.role = ANY ($4::text[]) OR $5 = ANY (c.permissions) OR c.changed_at > $6 AND EXISTS (
		SELECT FROM audit_event e
		WHERE e.object_id = c.id AND e.object_kind = 'role' AND e.detail -> 'permissions' ? $5))`

// A DecidersQuery says who is counted as able to decide.
type DecidersQuery struct {
	Operator   OperatorID
	Account    AccountID // 0: none
	Roles      []string  // presets that decide
	Permission string    // by which made roles do
	Now        time.Time
	Since      *time.Time // count those, too, who could since then; nil: only those who can
}

// Deciders returns how many people hold one of the roles, or a made one with the permission, at the operator or the
// account. In a transaction of InSystem.
func (t *Tx) Deciders(ctx context.Context, q DecidersQuery) (n int, err error) {
	if err = t.get(ctx, &n, countDeciders, int64(q.Operator), int64(q.Account), q.Now, pq.Array(q.Roles), q.Permission, q.Since); err != nil {
		return 0, fmt.Errorf("storage: deciders: %w", err)
	}
	return n, nil
}
