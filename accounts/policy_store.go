package accounts

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/ediport/ediport/storage"
)

// Policy returns the policy of a place with its defaults filled in: an operator's own, an account's as it
// narrows its operator's. storage.ErrNotFound if there is no such place.
func (s *Service) Policy(ctx context.Context, place Place) (SecurityPolicy, error) {
	var stored storage.SecurityPolicies
	err := s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		stored, err = t.SecurityPolicies(ctx, place.Operator, place.Account)
		return err
	})
	if err != nil {
		return SecurityPolicy{}, fmt.Errorf("accounts: policy: %w", err)
	}
	return s.resolve(stored.Operator, stored.Account), nil
}

// StoredPolicy returns what is set at a place, without defaults and what it inherits.
func (s *Service) StoredPolicy(ctx context.Context, place Place) (SecurityPolicy, error) {
	_, policy, err := s.storedPolicies(ctx, place)
	return policy, err
}

// storedPolicies returns what is set at the operator of a place, and at the place.
func (s *Service) storedPolicies(ctx context.Context, place Place) (operator, policy SecurityPolicy, err error) {
	var stored storage.SecurityPolicies
	err = s.db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(t *storage.Tx) (err error) {
		stored, err = t.SecurityPolicies(ctx, place.Operator, place.Account)
		return err
	})
	if err != nil {
		return operator, policy, fmt.Errorf("accounts: policy: %w", err)
	}
	operator = s.decodePolicy(stored.Operator)
	if place.Account != 0 {
		return operator, s.decodePolicy(stored.Account), nil
	}
	return operator, operator, nil
}

// PolicyFor returns the policy that holds for a person: in each field the strictest of the places where
// he has a role, RequireMFA.All telling whether he needs a second factor. The defaults hold for who has no role.
func (s *Service) PolicyFor(ctx context.Context, user storage.UserID) (SecurityPolicy, error) {
	memberships, err := s.store.Memberships(ctx, user)
	if err != nil {
		return SecurityPolicy{}, fmt.Errorf("accounts: policy: %w", err)
	}
	accounts, operators, err := s.store.Places(ctx, memberships)
	if err != nil {
		return SecurityPolicy{}, fmt.Errorf("accounts: policy: %w", err)
	}
	return s.policyAt(memberships, accounts, operators), nil
}

// policyAt is PolicyFor where the person's places have been read already.
func (s *Service) policyAt(memberships []storage.Membership, accounts []storage.SignInAccount, operators []storage.SignInOperator) SecurityPolicy {
	var all []SecurityPolicy
	mfa := false
	for _, a := range accounts {
		p := s.resolve(a.OperatorPolicy, a.Policy)
		mfa = mfa || s.requiresMFA(p, memberships, storage.Membership{AccountID: a.ID}, s.madeRoles(a.CustomRoles))
		all = append(all, p)
	}
	for _, o := range operators {
		p := s.resolve(o.Policy, "")
		mfa = mfa || s.requiresMFA(p, memberships, storage.Membership{OperatorID: o.ID}, s.madeRoles(o.CustomRoles))
		all = append(all, p)
	}
	if len(all) == 0 {
		return DefaultPolicy()
	}
	out := all[0]
	for _, p := range all[1:] {
		out = out.stricter(p)
	}
	out.RequireMFA.All = mfa
	return out
}

// resolve reads what is stored at an operator and an account of it.
func (s *Service) resolve(operator, account storage.JSON) SecurityPolicy {
	p := s.decodePolicy(operator).withDefaults()
	if account != "" {
		p = p.narrow(s.decodePolicy(account))
	}
	return p
}

// decodePolicy reads a stored policy. One that can't be read must keep nobody out: the defaults hold, and the log says so.
func (s *Service) decodePolicy(stored storage.JSON) SecurityPolicy {
	var p SecurityPolicy
	if stored == "" || stored == "null" {
		return p
	}
	if err := json.Unmarshal([]byte(stored), &p); err != nil {
		s.log.Error("a stored security policy is not readable; the defaults hold", "error", err)
		return SecurityPolicy{}
	}
	return p
}
