package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// hostKeyPayload is a host key that waits for a second person.
type hostKeyPayload struct {
	HostKey string `json:"host_key"`
}

// RequestHostKey asks a second person to approve a host key of a connection, if that is needed: the connection has
// another one, and there are two people who can decide. Without need it does nothing and returns false. The error
// is storage.ErrConflict if it is asked for already.
func (s *Service) RequestHostKey(ctx context.Context, p *Principal, scope storage.Scope, id storage.ConnectionID, key, reason string) (waits bool, err error) {
	var c *storage.Connection
	err = s.db.InScopeRead(ctx, scope, func(t *storage.Tx) error {
		c, err = t.Connection(ctx, id)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("accounts: approval: %w", err)
	}
	if len(c.HostKeys) == 0 || slices.Contains(c.HostKeys, key) {
		return false, nil
	}
	needed, err := s.NeedsApproval(ctx, Place{Operator: scope.Operator})
	if err != nil || !needed {
		return false, err
	}
	if reason == "" {
		reason = "The server shows a new key, which was compared with what the partner says."
	}
	_, err = s.RequestApproval(ctx, p, NewApproval{
		Kind: ApproveHostKey, Operator: scope.Operator, ObjectKind: "connection", ObjectID: int64(id), Reason: reason,
		Summary: fmt.Sprintf("Approve the host key %s of the connection %s, beside the one it has.", key, c.Name), Payload: hostKeyPayload{key},
	})
	return err == nil, err
}

// HostKeyAct makes the act of approved host keys of what pins a key in a transaction.
func HostKeyAct(pin func(ctx context.Context, t *storage.Tx, id storage.ConnectionID, key string) error) ApprovalAct {
	return func(ctx context.Context, t *storage.Tx, a storage.Approval) error {
		var payload hostKeyPayload
		if err := json.Unmarshal([]byte(a.Payload), &payload); err != nil {
			return fmt.Errorf("host key: %w", err)
		}
		return pin(ctx, t, storage.ConnectionID(a.ObjectID), payload.HostKey)
	}
}
