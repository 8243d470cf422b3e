package accounts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// A GrantedRole is one role that a person has at a place.
type GrantedRole struct {
	ID          int64 // of the membership
	Role        Role
	Title       string
	Permissions []Permission
	Limit       storage.RowLimit // of the account's rows
	Starts      time.Time        // zero: at once
	Ends        time.Time        // zero: no end is planned
	BreakGlass  int64            // 0: not taken in an emergency
}

func (g GrantedRole) holds(permission Permission) bool {
	return slices.Contains(g.Permissions, permission)
}

// A roleReader reads the roles that organizations made: within a transaction it is that one, so that nobody who has one
// connection waits for a second.
type roleReader interface {
	CustomRoles(ctx context.Context, ids []int64) ([]storage.CustomRole, error)
}

// addAccess fills in what the memberships grant at this moment: a role that begins later or is over grants
// nothing, nor does one of the other plane.
func (s *Service) addAccess(ctx context.Context, from roleReader, p *Principal, memberships []storage.Membership, accounts []storage.SignInAccount, operators []storage.SignInOperator) error {
	grants, err := s.grantsOf(ctx, from, memberships)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if held := grantsAt(grants, memberships, storage.Membership{AccountID: a.ID}); len(held) > 0 {
			p.Accounts = append(p.Accounts, AccountAccess{
				ID: a.ID, Name: a.Name, OperatorID: a.OperatorID, TimeZone: a.TimeZone,
				Role: held[0].Role, RoleTitle: titles(held), Permissions: together(held), Grants: held,
			})
		}
	}
	for _, o := range operators {
		if held := grantsAt(grants, memberships, storage.Membership{OperatorID: o.ID}); len(held) > 0 {
			p.Operators = append(p.Operators, OperatorAccess{
				ID: o.ID, Name: o.Name, TimeZone: o.TimeZone, UnroutedAccount: o.UnroutedAccount,
				Role: held[0].Role, RoleTitle: titles(held), Permissions: together(held), Grants: held,
			})
		}
	}
	return nil
}

// grantsOf returns what each membership grants, in their order; one that grants nothing now has no permissions.
func (s *Service) grantsOf(ctx context.Context, from roleReader, memberships []storage.Membership) ([]GrantedRole, error) {
	custom, err := customRoles(ctx, from, memberships)
	if err != nil {
		return nil, err
	}
	now := s.now()
	grants := make([]GrantedRole, len(memberships))
	for i, m := range memberships {
		g := GrantedRole{ID: m.ID, Role: Role(m.Role), Limit: m.Limit, BreakGlass: m.BreakGlass}
		if m.StartsAt != nil {
			g.Starts = *m.StartsAt
		}
		if m.EndsAt != nil {
			g.Ends = *m.EndsAt
		}
		var of bool
		g.Title, g.Permissions, of = g.Role.Title(), g.Role.Permissions(), g.Role.Operator()
		if g.Role.Custom() {
			r := custom[g.Role]
			g.Title, g.Permissions, of = r.Name, r.Permissions, r.OfOperator
		}
		if !m.Holds(now) || of != (m.OperatorID != 0) {
			g.Permissions = nil
		}
		grants[i] = g
	}
	return grants, nil
}

// customRoles reads the roles among the memberships that the organization made; no query if there are none.
func customRoles(ctx context.Context, from roleReader, memberships []storage.Membership) (map[Role]RoleDefinition, error) {
	var ids []int64
	for _, m := range memberships {
		if id, ok := customID(Role(m.Role)); ok {
			ids = append(ids, id)
		}
	}
	found := map[Role]RoleDefinition{}
	if len(ids) == 0 {
		return found, nil
	}
	rows, err := from.CustomRoles(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("accounts: roles: %w", err)
	}
	for _, row := range rows {
		d := definitionOf(row)
		if row.RetiredAt != nil {
			d.Permissions = nil
		}
		found[d.Role] = d
	}
	return found, nil
}

func customID(r Role) (int64, bool) {
	text, ok := strings.CutPrefix(string(r), customPrefix)
	id, err := strconv.ParseInt(text, 10, 64)
	return id, ok && err == nil
}

// grantsAt returns the grants at a place that grant something, those with most permissions first.
func grantsAt(grants []GrantedRole, memberships []storage.Membership, place storage.Membership) []GrantedRole {
	var held []GrantedRole
	for i, m := range memberships {
		if m.AccountID == place.AccountID && m.OperatorID == place.OperatorID && len(grants[i].Permissions) > 0 {
			held = append(held, grants[i])
		}
	}
	slices.SortStableFunc(held, func(a, b GrantedRole) int { return len(b.Permissions) - len(a.Permissions) })
	return held
}

func titles(grants []GrantedRole) string {
	var out []string
	for _, g := range grants {
		if !slices.Contains(out, g.Title) {
			out = append(out, g.Title)
		}
	}
	return strings.Join(out, ", ")
}

func together(grants []GrantedRole) []Permission {
	return slices.DeleteFunc(Permissions(), func(p Permission) bool {
		return !slices.ContainsFunc(grants, func(g GrantedRole) bool { return g.holds(p) })
	})
}
