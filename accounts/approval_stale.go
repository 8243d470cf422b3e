package accounts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// PolicyMoved tells whether a request for a weaker policy is out of date: another policy is set than the one that it
// was made from, so that approving it is refused with ErrPolicyChanged. Other kinds of requests never are.
func (s *Service) PolicyMoved(ctx context.Context, a storage.Approval) (bool, error) {
	if ApprovalKind(a.Kind) != ApprovePolicy {
		return false, nil
	}
	var asked policyPayload
	if err := json.Unmarshal([]byte(a.Payload), &asked); err != nil {
		return false, fmt.Errorf("accounts: policy: %w", err)
	}
	set, err := s.StoredPolicy(ctx, placeOf(a))
	return set.Version() != asked.Seen, err
}

// placeOf returns whose policy a request is about.
func placeOf(a storage.Approval) Place {
	if a.ObjectKind == "account" {
		return Place{Account: storage.AccountID(a.ObjectID)}
	}
	return Place{Operator: a.OperatorID}
}
