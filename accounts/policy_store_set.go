package accounts

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/ediport/ediport/storage"
)

// WritePolicy stores the policy of a place. It asks nobody: it is for the command line, for set-up, and
// for a change that was approved; see SetPolicy.
func (s *Service) WritePolicy(ctx context.Context, actor storage.Actor, place Place, policy SecurityPolicy) error {
	if err := policy.Validate(); err != nil {
		return err
	}
	return s.db.InSystem(ctx, actor, func(t *storage.Tx) error { return s.writePolicy(ctx, t, place, policy) })
}

func (s *Service) writePolicy(ctx context.Context, t *storage.Tx, place Place, policy SecurityPolicy) error {
	raw, err := json.Marshal(policy)
	if err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	stored, err := t.SecurityPolicies(ctx, place.Operator, place.Account)
	if err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	before := stored.Operator
	if place.Account != 0 {
		before = stored.Account
	}
	if err := t.SetSecurityPolicy(ctx, place.Operator, place.Account, storage.JSON(raw)); err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	event := storage.AuditEvent{
		Action: "policy.changed", Operator: stored.OperatorID, Account: place.Account,
		Detail: map[string]any{"before": s.decodePolicy(before), "after": policy},
	}
	event.ObjectKind, event.ObjectID = "operator", int64(place.Operator)
	if place.Account != 0 {
		event.ObjectKind, event.ObjectID = "account", int64(place.Account)
	}
	return t.Audit(ctx, event)
}

// maySetPolicy says whether the principal may change the policy of a place.
func maySetPolicy(p *Principal, place Place) error {
	if place.Account != 0 && p.CanAt(ManagePolicies, place.Account) || place.Operator != 0 && p.CanAtOperator(ManagePolicies, place.Operator) {
		return nil
	}
	return &DeniedError{ManagePolicies}
}

// SetPolicy changes the policy of a place. A change that protects less waits for a second person, if the place has one:
// then waits is true, and nothing has changed yet. The reason is needed for that only. Errors: a *DeniedError,
// an *InputError, storage.ErrConflict if such a change waits already.
func (s *Service) SetPolicy(ctx context.Context, p *Principal, place Place, policy SecurityPolicy, reason string) (waits bool, err error) {
	if err := maySetPolicy(p, place); err != nil {
		return false, err
	}
	if err := policy.Validate(); err != nil {
		return false, err
	}
	before, err := s.StoredPolicy(ctx, place)
	if err != nil {
		return false, err
	}
	if weaker := Weakenings(before, policy); len(weaker) > 0 {
		needed, err := s.NeedsApproval(ctx, place)
		if err != nil {
			return false, err
		}
		if needed {
			return true, s.requestPolicy(ctx, p, place, policy, weaker, reason)
		}
	}
	return false, s.WritePolicy(ctx, p.Actor(), place, policy)
}

func (s *Service) requestPolicy(ctx context.Context, p *Principal, place Place, policy SecurityPolicy, weaker []string, reason string) error {
	n := NewApproval{
		Kind: ApprovePolicy, Operator: place.Operator, Account: place.Account, Reason: reason, Payload: policy,
		ObjectKind: "operator", ObjectID: int64(place.Operator), Summary: strings.Join(weaker, " "),
	}
	if place.Account != 0 {
		n.ObjectKind, n.ObjectID = "account", int64(place.Account)
		for _, a := range p.Accounts {
			if a.ID == place.Account {
				n.Operator = a.OperatorID
			}
		}
	}
	_, err := s.RequestApproval(ctx, p, n)
	return err
}

// approvedPolicy stores the policy that a second person has approved.
func (s *Service) approvedPolicy(ctx context.Context, t *storage.Tx, a storage.Approval) error {
	var policy SecurityPolicy
	if err := json.Unmarshal([]byte(a.Payload), &policy); err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	if err := policy.Validate(); err != nil {
		return err
	}
	place := Place{Operator: a.OperatorID}
	if a.ObjectKind == "account" {
		place = Place{Account: storage.AccountID(a.ObjectID)}
	}
	return s.writePolicy(ctx, t, place, policy)
}
