package storage

import (
	"context"
	"fmt"
	"time"
)

// A HostKeyApproval says who approved a host key of a connection, and when.
type HostKeyApproval struct {
	HostKey string    `db:"host_key"` // "ssh-ed25519 SHA256:…"
	At      time.Time `db:"at"`
	By      UserID    `db:"actor_id"` // 0: by the command line
	ByName  string    `db:"-"`        // "": by the command line, or not known any more
}

// ActionHostKeyApproved is the audit's word for an approval; its detail holds the key as host_key.
const ActionHostKeyApproved = "connection.host_key_approved"

const selectHostKeyApprovals = `
SELECT coalesce(detail->>'host_key', '') AS host_key, at, CASE WHEN actor_kind = 'user' THEN coalesce(actor_id, 0) ELSE 0 END AS actor_id
FROM audit_event
WHERE operator_id = $1 AND object_id = $2 AND action = '` + ActionHostKeyApproved + `' AND object_kind = 'connection' AND result = 'ok'
ORDER BY id DESC
LIMIT 50`

// HostKeyApprovals returns the approvals of a connection's host keys, newest first, the last 50.
func (t *Tx) HostKeyApprovals(ctx context.Context, id ConnectionID) ([]HostKeyApproval, error) {
	all := []HostKeyApproval{}
	if err := t.list(ctx, &all, selectHostKeyApprovals, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: approvals of host keys: %w", err)
	}
	var people []UserID
	for _, a := range all {
		people = append(people, a.By)
	}
	names, err := t.UserNames(ctx, people...)
	for i := range all {
		all[i].ByName = names[all[i].By]
	}
	return all, err
}
