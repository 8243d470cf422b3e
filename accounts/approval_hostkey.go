package accounts

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// HostKeysTakeTwo tells whether other host keys for an operator's connection take a second person.
func (s *Service) HostKeysTakeTwo(ctx context.Context, operator storage.OperatorID) (bool, error) {
	return s.NeedsApproval(ctx, Place{Operator: operator})
}

// ShownKeyReason is why a key is asked for that the server showed, where nobody says more.
const ShownKeyReason = "The server shows a new key, which was compared with what the partner says."

// A HostKeyRequest asks for other host keys of a connection.
type HostKeyRequest struct {
	Connection storage.ConnectionID
	Summary    string // what would be changed, with the fingerprints
	Reason     string
	Change     any // JSON: the change and what the connection was when it was looked at
}

// RequestHostKeys asks a second person for other host keys. The error is storage.ErrConflict if a change of the
// connection's host keys waits already, an *InputError without a reason, or if it is too long.
func (s *Service) RequestHostKeys(ctx context.Context, p *Principal, operator storage.OperatorID, r HostKeyRequest) error {
	_, err := s.RequestApproval(ctx, p, NewApproval{
		Kind: ApproveHostKey, Operator: operator, ObjectKind: "connection", ObjectID: int64(r.Connection), Summary: r.Summary, Payload: r.Change,
		Reason: r.Reason,
	})
	return err
}

// HostKeyAct makes the act of approved host keys of what carries the request's change out in a transaction.
func HostKeyAct(pin func(ctx context.Context, t *storage.Tx, id storage.ConnectionID, change []byte) error) ApprovalAct {
	return func(ctx context.Context, t *storage.Tx, a storage.Approval) error {
		if err := pin(ctx, t, storage.ConnectionID(a.ObjectID), []byte(a.Payload)); err != nil {
			return fmt.Errorf("host keys: %w", err)
		}
		return nil
	}
}
