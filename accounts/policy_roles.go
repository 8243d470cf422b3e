package accounts

import (
	"context"
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// PolicyRoles returns the roles that the policy of a place can ask for a second factor: an account's are those held
// there, an operator's all that it and its accounts have. The presets come first, retired ones that it names last. The error is a *DeniedError for who
// may not change the policy.
func (s *Service) PolicyRoles(ctx context.Context, p *Principal, place Place) ([]RoleDefinition, error) {
	if err := maySetPolicy(p, place); err != nil {
		return nil, err
	}
	var roles []RoleDefinition
	for _, r := range Roles() {
		roles = append(roles, presetDefinition(r))
	}
	err := s.db.InSystem(ctx, p.Actor(), func(t *storage.Tx) error {
		stored, err := t.SecurityPolicies(ctx, place.Operator, place.Account)
		if err != nil {
			return err
		}
		rows, err := t.CustomRolesOf(ctx, stored.OperatorID, []storage.AccountID{place.Account}, place.Account == 0)
		if err != nil {
			return err
		}
		for _, row := range rows {
			roles = append(roles, definitionOf(row))
		}
		retired, err := s.retiredNamed(ctx, t, place, stored)
		roles = append(roles, retired...)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: policy: %w", err)
	}
	return slices.DeleteFunc(roles, func(d RoleDefinition) bool { return place.Account != 0 && d.OfOperator }), nil
}

// A PolicyPlace is a place whose policy somebody may read and change.
type PolicyPlace struct {
	Place
	Name string
}

// PolicyPlaces returns the places whose policies the principal may read and change, the operators first, by name.
func (p *Principal) PolicyPlaces() []PolicyPlace {
	var places []PolicyPlace
	for _, o := range p.Operators {
		if p.CanAtOperator(ManagePolicies, o.ID) {
			places = append(places, PolicyPlace{Place{Operator: o.ID}, o.Name})
		}
	}
	for _, a := range p.Accounts {
		if p.CanAt(ManagePolicies, a.ID) {
			places = append(places, PolicyPlace{Place{Account: a.ID}, a.Name})
		}
	}
	return places
}

// Choose returns who is to be asked for a second factor: those of the offered roles that are chosen, and those that were
// asked before and are not offered.
func (r RequiredMFA) Choose(offered []RoleDefinition, chosen func(RoleDefinition) bool) []Role {
	roles := slices.Clone(r.Roles)
	for _, role := range offered {
		roles = slices.DeleteFunc(roles, func(c Role) bool { return c == role.Role })
		if chosen(role) {
			roles = append(roles, role.Role)
		}
	}
	return roles
}
