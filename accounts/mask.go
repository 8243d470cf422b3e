package accounts

import (
	"slices"

	"github.com/ediport/ediport/storage"
)

// dataPermissions open rows that speak of patients.
var dataPermissions = []Permission{
	ViewRemittances, ViewEligibility, ViewClaimStatus, ViewAuthorizations, ViewOriginals, SendRequests, WorkItems, ExportData,
}

// planePermissions open files and unrouted rows, in which patients stand.
var planePermissions = []Permission{ViewFiles, ManageFiles, RouteUnrouted}

// SeesPatients says whether the principal sees the patients in all of the account's rows that he sees; the
// operator's unrouted account is one, too.
func (p *Principal) SeesPatients(account storage.AccountID) bool {
	for _, a := range p.Accounts {
		if a.ID == account {
			return p.seesPatients(a.Grants, dataPermissions, dataPermissions)
		}
	}
	for _, o := range p.Operators {
		if o.UnroutedAccount == account {
			return p.seesPatients(o.Grants, planePermissions, planePermissions)
		}
	}
	return false
}

// seesPatients says whether each of the permissions, as far as it opens data and is held, is held by roles that
// show patients, too, and these reach all the rows: another role's right does not show what this one hides. A
// token shows patients only if that is among its scopes.
func (p *Principal) seesPatients(grants []GrantedRole, opening, permissions []Permission) bool {
	some := false
	for _, permission := range permissions {
		if !slices.Contains(opening, permission) || !p.within(permission) {
			continue
		}
		rows, held := reach(grants, permission)
		if !held {
			continue
		}
		some = true
		if shown, held := reach(showing(grants), permission); !held || !rows.Within(shown) {
			return false
		}
	}
	return some && p.within(ViewPatients)
}

// narrowFields says in the scope whose patients are masked.
func (p *Principal) narrowFields(scope *storage.Scope, permissions []Permission) {
	for _, o := range p.Operators {
		if o.ID == scope.Operator {
			scope.MaskedPlane = !p.seesPatients(o.Grants, planePermissions, permissions)
			if scope.MaskedPlane && slices.Contains(scope.Accounts, o.UnroutedAccount) {
				scope.Masked = appendNew(scope.Masked, o.UnroutedAccount)
			}
		}
	}
	for _, a := range p.Accounts {
		if slices.Contains(scope.Accounts, a.ID) && !p.seesPatients(a.Grants, dataPermissions, permissions) {
			scope.Masked = appendNew(scope.Masked, a.ID)
		}
	}
}

// narrowRows says in the scope of which accounts only some providers' rows are open, and which of them are
// open because of an emergency.
func (p *Principal) narrowRows(scope *storage.Scope, permissions []Permission) {
	for _, a := range p.Accounts {
		if !slices.Contains(scope.Accounts, a.ID) {
			continue
		}
		if limit := limitOf(a.Grants, permissions); !limit.None() {
			if scope.Limits == nil {
				scope.Limits = map[storage.AccountID]storage.RowLimit{}
			}
			scope.Limits[a.ID] = limit
		}
		for _, g := range a.Grants {
			if g.BreakGlass != 0 {
				if scope.BreakGlass == nil {
					scope.BreakGlass = map[storage.AccountID]int64{}
				}
				scope.BreakGlass[a.ID] = g.BreakGlass
			}
		}
	}
}

// limitOf returns the row limit under the permissions: one permission reaches what any role reaches that grants it, several
// together what each of them reaches.
func limitOf(grants []GrantedRole, permissions []Permission) storage.RowLimit {
	var limit storage.RowLimit
	for _, permission := range permissions {
		if !slices.Contains(dataPermissions, permission) {
			continue
		}
		if rows, held := reach(grants, permission); held {
			limit = limit.Intersect(rows)
		}
	}
	return limit
}
