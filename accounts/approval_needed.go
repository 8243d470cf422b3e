package accounts

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// decidersKept is how long whoever could decide counts for whether two people are needed. So one of two can't disable the
// other, act alone and enable him again; the other and the owners have been told by then.
const decidersKept = 7 * 24 * time.Hour

// NeedsApproval says whether acts that weaken protection take a second person at a place: the policy wants
// it, and there are two people who can decide, or could in the last 7 days. Where there has been only one, nothing waits for
// somebody who doesn't exist; see [Service.SecondPerson] for whether a request waits in vain.
func (s *Service) NeedsApproval(ctx context.Context, place Place) (bool, error) {
	policy, err := s.Policy(ctx, place)
	if err != nil {
		return false, err
	}
	since := s.now().Add(-decidersKept)
	n, err := s.deciders(ctx, place, &since)
	return n >= 2 && policy.TwoPerson.For(n), err
}

// SecondPerson says whether somebody else than the principal could decide on a request at the operator.
func (s *Service) SecondPerson(ctx context.Context, p *Principal, operator storage.OperatorID) (bool, error) {
	n, err := s.deciders(ctx, Place{Operator: operator}, nil)
	if p.CanAtOperator(DecideApprovals, operator) {
		n--
	}
	return n > 0, err
}

// deciders counts the people who can decide at a place, and unless since is nil, those who could since then.
func (s *Service) deciders(ctx context.Context, place Place, since *time.Time) (n int, err error) {
	q := storage.DecidersQuery{Operator: place.Operator, Account: place.Account, Permission: string(DecideApprovals), Now: s.now(), Since: since}
	for _, r := range Roles() {
		if slices.Contains(r.Permissions(), DecideApprovals) {
			q.Roles = append(q.Roles, string(r))
		}
	}
	err = s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) error {
		if place.Account != 0 {
			of, err := t.SecurityPolicies(ctx, 0, place.Account) // no lock: who asks waits for nobody, and changes nothing here
			if err != nil {
				return err
			}
			q.Operator = of.OperatorID
		}
		n, err = t.Deciders(ctx, q)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("accounts: approvals: %w", err)
	}
	return n, nil
}

// askerStillMay returns ErrAskerMayNot if who asked is not active any more, or could not ask for it now.
func (s *Service) askerStillMay(ctx context.Context, a storage.Approval) error {
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) error {
		user, err := t.LockUser(ctx, a.RequestedBy)
		if err != nil {
			return err
		}
		q, err := s.standIn(ctx, t, a.RequestedBy, Place{Operator: a.OperatorID, Account: a.AccountID})
		if err != nil {
			return err
		}
		if user.State != "active" || !q.mayAskFor(a) {
			return ErrAskerMayNot
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("accounts: approval: %w", err)
	}
	return nil
}

// mayAskFor says whether the principal holds what it takes to ask for it where it was asked for.
func (p *Principal) mayAskFor(a storage.Approval) bool {
	permission, known := map[ApprovalKind]Permission{
		ApproveHostKey: ManageConnections, ApprovePolicy: ManagePolicies, ApprovePurge: PurgeData, ApproveExport: ExportAudit,
	}[ApprovalKind(a.Kind)]
	if a.AccountID != 0 {
		return known && p.CanAt(permission, a.AccountID)
	}
	return known && p.CanAtOperator(permission, a.OperatorID)
}
