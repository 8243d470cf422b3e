package accounts

import (
	"context"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// An EarlierRole is what a role granted when a policy named it. Whoever covers that stays asked for a second factor, whatever becomes of
// the role afterwards: else giving it a rare permission, or retiring it, would free people of whom the policy's owners think that
// they are asked.
type EarlierRole struct {
	Role        Role         `json:"role"`
	Permissions []Permission `json:"permissions"`
}

// grants returns what the named roles grant at a place that has the made ones, and what they granted when they were named.
func (r RequiredMFA) grants(made madeRoles) (all [][]Permission) {
	for _, role := range r.Roles {
		grants, _ := made.grants(role)
		all = append(all, grants)
	}
	for _, earlier := range r.Earlier {
		if _, ofPlace := made[earlier.Role]; ofPlace {
			all = append(all, earlier.Permissions)
		}
	}
	return all
}

// earlierOf returns what is remembered of those roles that are still named.
func (r RequiredMFA) earlierOf(named []Role) []EarlierRole {
	return slices.DeleteFunc(slices.Clone(r.Earlier), func(e EarlierRole) bool { return !slices.Contains(named, e.Role) })
}

// A lockedPolicy is the policy of a place that nobody else changes for now.
type lockedPolicy struct {
	place  Place
	stored storage.JSON
}

// lockPoliciesNaming returns the policies of an operator and its accounts that name a role. One that names it only afterwards
// means the role as it is then.
func lockPoliciesNaming(ctx context.Context, t *storage.Tx, operator storage.OperatorID, role Role) ([]lockedPolicy, error) {
	accounts, err := t.PoliciesNaming(ctx, operator, string(role))
	if err != nil {
		return nil, fmt.Errorf("accounts: policy: %w", err)
	}
	var all []lockedPolicy
	for _, account := range accounts {
		locked := lockedPolicy{place: Place{Account: account}}
		if account == 0 {
			locked.place.Operator = operator
		}
		stored, err := t.LockSecurityPolicies(ctx, locked.place.Operator, account)
		if err != nil {
			return nil, fmt.Errorf("accounts: policy: %w", err)
		}
		if locked.stored = stored.Operator; account != 0 {
			locked.stored = stored.Account
		}
		all = append(all, locked)
	}
	return all, nil
}

// rememberNamed has policies that name a role remember what it granted until now, and returns how many do that didn't before.
func (s *Service) rememberNamed(ctx context.Context, t *storage.Tx, policies []lockedPolicy, earlier EarlierRole) (n int, err error) {
	for _, locked := range policies {
		policy := s.decodePolicy(locked.stored)
		mfa := &policy.RequireMFA
		remembered := slices.ContainsFunc(mfa.Earlier, func(e EarlierRole) bool { return e.Role == earlier.Role })
		if remembered || !slices.Contains(mfa.Roles, earlier.Role) {
			continue
		}
		mfa.Earlier = append(mfa.Earlier, earlier)
		if err := storePolicy(ctx, t, locked.place, policy); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// retiredNamed returns the roles that a policy names although they are retired, so that they can be taken out of it.
func (s *Service) retiredNamed(ctx context.Context, t *storage.Tx, place Place, stored storage.SecurityPolicies) ([]RoleDefinition, error) {
	policy := s.decodePolicy(stored.Operator)
	if place.Account != 0 {
		policy = s.decodePolicy(stored.Account)
	}
	var ids []int64
	for _, role := range policy.RequireMFA.Roles {
		if id, ok := customID(role); ok {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	rows, err := t.CustomRoles(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("accounts: roles: %w", err)
	}
	var retired []RoleDefinition
	for _, row := range rows {
		if row.RetiredAt != nil && row.OperatorID == stored.OperatorID {
			role := definitionOf(row)
			role.Name += " (retired)"
			retired = append(retired, role)
		}
	}
	return retired, nil
}

func sameSet(a, b []Permission) bool { return len(without(a, b...)) == 0 && len(without(b, a...)) == 0 }
