package accounts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ErrPolicyChanged says that a policy is not what it was when somebody made his change from it.
var ErrPolicyChanged = errors.New("accounts: the policy was changed since")

// A PolicyChange is what somebody wants a policy to be.
type PolicyChange struct {
	Policy SecurityPolicy
	Seen   string // [SecurityPolicy.Version] of the stored policy that the change was made from
	Reason string // for who decides, where the change takes a second person
}

// Version names what a stored policy sets, so that a change can say from which one it was made.
func (p SecurityPolicy) Version() string {
	raw, _ := json.Marshal(p) // of numbers, texts and switches: never fails
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:12])
}

// WritePolicy stores the policy of a place, whatever was set there. It asks nobody: it is for the command line and
// for set-up; see SetPolicy.
func (s *Service) WritePolicy(ctx context.Context, actor storage.Actor, place Place, policy SecurityPolicy) error {
	if err := policy.Validate(); err != nil {
		return err
	}
	return s.db.InSystem(ctx, actor, func(t *storage.Tx) error { return s.writePolicy(ctx, t, place, policy, nil) })
}

// writePolicy stores a policy that may take the place of what is set now only; nil: of whatever is.
func (s *Service) writePolicy(ctx context.Context, t *storage.Tx, place Place, policy SecurityPolicy, mayReplace func(SecurityPolicy) error) error {
	stored, err := t.LockSecurityPolicies(ctx, place.Operator, place.Account)
	if err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	before := stored.Operator
	if place.Account != 0 {
		before = stored.Account
	}
	if mayReplace != nil {
		if err := mayReplace(s.decodePolicy(before)); err != nil {
			return err
		}
	}
	policy.RequireMFA.Earlier = s.decodePolicy(before).RequireMFA.earlierOf(policy.RequireMFA.Roles)
	if err := storePolicy(ctx, t, place, policy); err != nil {
		return err
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

// storePolicy stores a policy of a place that is locked.
func storePolicy(ctx context.Context, t *storage.Tx, place Place, policy SecurityPolicy) error {
	raw, err := json.Marshal(policy)
	if err == nil {
		err = t.SetSecurityPolicy(ctx, place.Operator, place.Account, storage.JSON(raw))
	}
	if err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	return nil
}

// maySetPolicy says whether the principal may change the policy of a place.
func maySetPolicy(p *Principal, place Place) error {
	if place.Account != 0 && p.CanAt(ManagePolicies, place.Account) || place.Operator != 0 && p.CanAtOperator(ManagePolicies, place.Operator) {
		return nil
	}
	return &DeniedError{ManagePolicies}
}

// SetPolicy changes the policy of a place. A change that protects less waits for a second person, if the place has one:
// then approval is the request's id, and nothing has changed yet. Errors: a *DeniedError, an *InputError, ErrPolicyChanged if
// another policy is set than the change was made from, storage.ErrConflict if such a change waits already.
func (s *Service) SetPolicy(ctx context.Context, p *Principal, place Place, c PolicyChange) (approval int64, err error) {
	if err := maySetPolicy(p, place); err != nil {
		return 0, err
	}
	if err := c.Policy.Validate(); err != nil {
		return 0, err
	}
	operator, before, err := s.storedPolicies(ctx, place)
	if err != nil {
		return 0, err
	}
	if before.Version() != c.Seen {
		return 0, ErrPolicyChanged
	}
	if weaker := weakeningsAt(place, operator, before, c.Policy); len(weaker) > 0 {
		needed, err := s.NeedsApproval(ctx, place)
		if err != nil {
			return 0, err
		}
		if needed {
			return s.requestPolicy(ctx, p, place, c, weaker)
		}
	}
	return 0, s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		return s.writePolicy(ctx, t, place, c.Policy, isStill(c.Seen))
	})
}

// weakeningsAt says in which respects a place protects less by the policy after than by the one before. An account's hold
// as they narrow its operator's: what it gives up that the operator doesn't ask for is lost. What the operator asks for, too, stays as
// long as he does, so that is said as well: else his policy, made stricter for a moment, were the way to drop the account's.
func weakeningsAt(place Place, operator, before, after SecurityPolicy) []string {
	if place.Account == 0 {
		return Weakenings(before, after)
	}
	operator = operator.withDefaults()
	all := Weakenings(operator.narrow(before), operator.narrow(after))
	for _, later := range Weakenings(loosest.narrow(before), loosest.narrow(after)) {
		what, _, _ := strings.Cut(later, " from ")
		if !slices.ContainsFunc(all, func(now string) bool { return strings.HasPrefix(now, what) }) {
			all = append(all, "Once the operator asks for less: "+later)
		}
	}
	return all
}

// loosest is the least that an operator's policy can ask for.
var loosest = SecurityPolicy{
	WarnDays: 1, Lockout: Lockout{Failures: MaxFailures, Minutes: 15}, IdleMinutes: 60, SessionHours: 24, Sessions: 100,
	RecoveryCodeMinutes: 1440, IdentityProofs: 1, ContactConfirmDays: 730, TwoPerson: TwoPersonOff,
}

// isStill lets a change replace only the policy that it was made from.
func isStill(seen string) func(SecurityPolicy) error {
	return func(set SecurityPolicy) error {
		if set.Version() != seen {
			return ErrPolicyChanged
		}
		return nil
	}
}

// policyPayload is a policy that waits for a second person.
type policyPayload struct {
	Policy SecurityPolicy `json:"policy"`
	Seen   string         `json:"seen"`
}

func (s *Service) requestPolicy(ctx context.Context, p *Principal, place Place, c PolicyChange, weaker []string) (int64, error) {
	n := NewApproval{
		Kind: ApprovePolicy, Operator: place.Operator, Account: place.Account, Reason: c.Reason, Payload: policyPayload{c.Policy, c.Seen},
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
	return s.RequestApproval(ctx, p, n)
}

// approvedPolicy stores the policy that a second person has approved. It is a whole policy, and what he read of it is
// how it differs from the one that was set then: so it takes the place of that one only, else ErrPolicyChanged.
func (s *Service) approvedPolicy(ctx context.Context, t *storage.Tx, a storage.Approval) error {
	var asked policyPayload
	if err := json.Unmarshal([]byte(a.Payload), &asked); err != nil {
		return fmt.Errorf("accounts: policy: %w", err)
	}
	if err := asked.Policy.Validate(); err != nil {
		return err
	}
	return s.writePolicy(ctx, t, placeOf(a), asked.Policy, isStill(asked.Seen))
}
