// Package approval tells of a request that waits for a second person what both doors show: accounts knows who may decide and what
// policies were, jobs knows what connections were.
package approval

import (
	"context"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// OutOfDate tells whether a request that waits is out of date: what it would change is not any more what it was when it was
// asked for. To approve it is refused then; it can be rejected, or withdrawn by who made it.
func OutOfDate(ctx context.Context, s *accounts.Service, desk *jobs.Desk, p *accounts.Principal, a storage.Approval) (bool, error) {
	if accounts.ApprovalKind(a.Kind) != accounts.ApproveHostKey {
		return s.PolicyMoved(ctx, a)
	}
	scope := storage.Scope{Operator: a.OperatorID, Actor: p.Actor()}
	return desk.HostKeysMoved(ctx, scope, storage.ConnectionID(a.ObjectID), []byte(a.Payload))
}
