package accounts

import (
	"fmt"
	"slices"

	"github.com/ediport/ediport/storage"
)

// asksByMember says whether the principal may ask by member id who saw a patient of the account. Who types a member id
// and reads which rows were shown knows whose they are: that takes the right to see patients.
func (p *Principal) asksByMember(a storage.Account) bool {
	return p.auditsPatients(a) || p.CanAt(ViewAudit, a.ID) && p.SeesPatients(a.ID)
}

// auditsPatients says whether the principal reads the audit of the account's operator and may see patients there.
func (p *Principal) auditsPatients(a storage.Account) bool {
	return p.CanAtOperator(ViewAudit, a.Operator) && p.CanAtOperator(ViewPatients, a.Operator)
}

// reportScope returns the scope in which the rows of a report are looked up, none of whose data leaves it: the accounts
// whose audit is the principal's, each within the row limits of his roles there. The error is storage.ErrNotFound
// if nothing is left.
func (p *Principal) reportScope(byMember bool, accounts ...storage.Account) (storage.Scope, error) {
	scope := storage.Scope{Actor: p.Actor(), Limits: map[storage.AccountID]storage.RowLimit{}}
	for _, a := range accounts {
		limit, reaches := p.auditReach(a, byMember)
		if !reaches {
			continue
		}
		scope.Home = a.Operator
		scope.Accounts = append(scope.Accounts, a.ID)
		if !limit.None() {
			scope.Limits[a.ID] = limit
		}
	}
	if len(scope.Accounts) == 0 {
		return scope, fmt.Errorf("accounts: account: %w", storage.ErrNotFound)
	}
	return scope, nil
}

// auditReach returns to which rows of an account the principal's reports are limited, and false if they reach none: to
// those whose audit he reads and, if any, to those that his roles show him. The operator's auditors are not limited; by
// member id that takes the right to see patients there.
func (p *Principal) auditReach(a storage.Account, byMember bool) (storage.RowLimit, bool) {
	if p.CanAtOperator(ViewAudit, a.Operator) && (!byMember || p.auditsPatients(a)) {
		return storage.RowLimit{}, true
	}
	i := slices.IndexFunc(p.Accounts, func(access AccountAccess) bool { return access.ID == a.ID })
	if i < 0 || !p.CanAt(ViewAudit, a.ID) {
		return storage.RowLimit{}, false
	}
	grants := p.Accounts[i].Grants
	audit := storage.RowLimit{}
	for _, g := range grants {
		if !g.holds(ViewAudit) {
			continue
		}
		if g.Limit.None() {
			audit = storage.RowLimit{}
			break
		}
		audit = audit.Union(g.Limit)
	}
	return inBoth(audit, limitOf(grants, viewPermissions))
}

// inBoth returns the limit that opens what both open; false if that is nothing.
func inBoth(a, b storage.RowLimit) (storage.RowLimit, bool) {
	switch {
	case a.None():
		return b, true
	case b.None():
		return a, true
	}
	common := func(a, b []string) []string {
		return slices.DeleteFunc(slices.Clone(a), func(v string) bool { return !slices.Contains(b, v) })
	}
	both := storage.RowLimit{NPIs: common(a.NPIs, b.NPIs), TaxIDs: common(a.TaxIDs, b.TaxIDs)}
	return both, !both.None()
}
