package accounts

import (
	"slices"

	"github.com/ediport/ediport/storage"
)

// reach returns the rows that a permission opens by these roles together; held says whether any of them grants it.
func reach(grants []GrantedRole, permission Permission) (rows storage.RowLimit, held bool) {
	for _, g := range grants {
		switch {
		case !g.holds(permission):
		case g.Limit.None():
			return storage.RowLimit{}, true
		default:
			rows, held = rows.Union(g.Limit), true
		}
	}
	return rows, held
}

// showing returns those of the roles that show patients in the rows that they open.
func showing(grants []GrantedRole) []GrantedRole {
	return slices.DeleteFunc(slices.Clone(grants), func(g GrantedRole) bool { return !g.holds(ViewPatients) })
}

// lasting returns the principal's roles at a place, without those taken in an emergency: they are for his own eyes
// only, and nothing that he may do to others rests on them.
func (p *Principal) lasting(account storage.AccountID, operator storage.OperatorID) []GrantedRole {
	var grants []GrantedRole
	for _, a := range p.Accounts {
		if account != 0 && a.ID == account {
			grants = a.Grants
		}
	}
	for _, o := range p.Operators {
		if account == 0 && o.ID == operator {
			grants = o.Grants
		}
	}
	return slices.DeleteFunc(slices.Clone(grants), func(g GrantedRole) bool { return g.BreakGlass != 0 })
}

// A lack is what somebody misses of what somebody else has, or is to have.
type lack struct {
	permission Permission // "": nothing
	rows       bool       // he holds it, but for fewer rows
}

// lacks returns the first thing that the principal lacks of what a role with these permissions, limited to these rows, opens
// at a place. Each permission is looked at by itself: what one role of his opens doesn't widen what another one
// does, and rows that he sees without patients aren't rows that he sees with them.
func (p *Principal) lacks(account storage.AccountID, operator storage.OperatorID, permissions []Permission, limit storage.RowLimit) lack {
	grants, opening := p.lasting(account, operator), dataPermissions
	if account == 0 {
		opening = planePermissions
	}
	for _, permission := range permissions {
		rows, held := reach(grants, permission)
		if !held || !p.within(permission) {
			return lack{permission: permission}
		}
		if !slices.Contains(opening, permission) {
			continue
		}
		if !limit.Within(rows) {
			return lack{permission, true}
		}
		if slices.Contains(permissions, ViewPatients) {
			if shown, held := reach(showing(grants), permission); !held || !limit.Within(shown) {
				return lack{permission: ViewPatients}
			}
		}
	}
	return lack{}
}

// holdsAll says whether the principal holds the permissions at a place, for whatever rows.
func (p *Principal) holdsAll(account storage.AccountID, operator storage.OperatorID, permissions []Permission) error {
	grants := p.lasting(account, operator)
	for _, permission := range permissions {
		if _, held := reach(grants, permission); !held || !p.within(permission) {
			return &DeniedError{permission}
		}
	}
	return nil
}
