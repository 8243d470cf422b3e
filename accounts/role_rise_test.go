package accounts_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// oneNPI and anotherNPI are two providers of an account.
const oneNPI, anotherNPI = "1234567893", "2990000012"

// risers is a world in which people may give roles, each with less than all.
type risers struct {
	*accountstest.World
	owner *accounts.Principal // of the operator
}

func newRisers(t *testing.T) risers {
	t.Helper()
	w := accountstest.New(t)
	w.AddUser(t, "Oda.Owner", "Oda Owner", accounts.Grant{Role: accounts.RoleOwner, Operator: w.Operator})
	return risers{w, w.Principal(t, "Oda.Owner")}
}

// role makes a role of the account, or with all one for all accounts, and returns it.
func (w risers) role(t *testing.T, name string, all bool, permissions ...accounts.Permission) accounts.Role {
	t.Helper()
	w.owns(t)
	f := accounts.RoleForm{Name: name, Account: w.Account, Permissions: permissions}
	maker := w.Principal(t, "Olga.Owner")
	if all {
		f.Account, f.Operator, maker = 0, w.Operator, w.owner
	}
	id, err := w.Accounts.CreateRole(t.Context(), maker, f)
	if err != nil {
		t.Fatal(err)
	}
	return accounts.CustomRole(id)
}

// owns sees to it that the account has an owner.
func (w risers) owns(t *testing.T) {
	t.Helper()
	if _, err := w.Accounts.UserByLogin(t.Context(), "Olga.Owner"); err != nil {
		w.AddUser(t, "Olga.Owner", "Olga Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: w.Account})
	}
}

// person adds somebody with roles at the account, each reaching the providers named with it.
func (w risers) person(t *testing.T, login string, roles map[accounts.Role]storage.RowLimit) *accounts.Principal {
	t.Helper()
	w.AddUser(t, login, login, accounts.Grant{Role: accounts.RoleAccountAuditor, Account: w.Account})
	for role, limit := range roles {
		g := accounts.RoleGrant{Role: role, Account: w.Account, Limit: limit}
		if _, err := w.Accounts.GiveRole(t.Context(), w.owner, userOf(t, w.World, login), g); err != nil {
			t.Fatal(err)
		}
	}
	without(t, w.World, w.owner, login, accounts.RoleAccountAuditor)
	return w.Principal(t, login)
}

// without takes a role of somebody away.
func without(t *testing.T, w *accountstest.World, by *accounts.Principal, login string, role accounts.Role) {
	t.Helper()
	user := userOf(t, w, login)
	d, err := w.Accounts.PersonDetail(t.Context(), by, user)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range d.Memberships {
		if m.Role == role {
			if err := w.Accounts.TakeRole(t.Context(), by, user, m.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func npi(numbers ...string) storage.RowLimit { return storage.RowLimit{NPIs: numbers} }

var givesRoles = []accounts.Permission{accounts.ViewAccounts, accounts.ManageRoles}

// Whoever may change roles can't use that to get more himself.
func TestNobodyWidensARoleThatHeHas(t *testing.T) {
	covers.Rows(t, "A45")
	t.Parallel()
	w := newRisers(t)
	desk := w.role(t, "Desk lead", true, givesRoles...)
	// An operator's administrator sees no data of accounts, and a colleague gave him a role at one.
	ada := w.Principal(t, w.Administrator)
	if _, err := w.Accounts.GiveRole(t.Context(), w.Principal(t, w.Both), ada.UserID, accounts.RoleGrant{Role: desk, Account: w.Account}); err != nil {
		t.Fatal(err)
	}
	ada = w.Principal(t, w.Administrator)
	more := append(slices.Clone(givesRoles), accounts.ViewRemittances, accounts.ViewPatients)
	id := accounts.RoleDefinition{Role: desk}.ID()
	if err := w.Accounts.ChangeRole(t.Context(), ada, id, "Desk lead", more); !errors.Is(err, accounts.ErrOwnRole) {
		t.Errorf("an administrator widens a role of his own: %v, want ErrOwnRole", err)
	}
	if p := w.Principal(t, w.Administrator); p.CanAt(accounts.ViewRemittances, w.Account) {
		t.Error("he has got what he gave the role")
	}
	if err := w.Accounts.ChangeRole(t.Context(), ada, id, "Front lead", givesRoles); err != nil {
		t.Errorf("another name for it: %v", err)
	}
	if err := w.Accounts.ChangeRole(t.Context(), w.owner, id, "Front lead", more); err != nil {
		t.Errorf("the owner, who has it not: %v", err)
	}
}

// A role has no limits of its own, so who widens one holds what it gets without limits.
func TestARoleIsWidenedByWhoHoldsAllOfIt(t *testing.T) {
	covers.Rows(t, "A45", "A48")
	t.Parallel()
	w := newRisers(t)
	lead := w.role(t, "Lead", false, givesRoles...)
	money := w.role(t, "Money", false, accounts.ViewRemittances, accounts.ViewPatients)
	blind := w.role(t, "Blind", false, accounts.ViewRemittances)
	desk := w.role(t, "Desk", false, accounts.ViewEligibility, accounts.ViewPatients)
	more := []accounts.Permission{accounts.ViewEligibility, accounts.ViewRemittances, accounts.ViewPatients}
	var denied *accounts.DeniedError
	for login, c := range map[string]struct {
		roles map[accounts.Role]storage.RowLimit
		can   bool
	}{
		"All.Rows": {map[accounts.Role]storage.RowLimit{lead: {}, desk: {}, money: {}}, true},
		"One.Npi":  {map[accounts.Role]storage.RowLimit{lead: {}, desk: {}, money: npi(oneNPI)}, false},
		"No.Names": {map[accounts.Role]storage.RowLimit{lead: {}, desk: {}, blind: {}}, false},
	} {
		target := w.role(t, "For "+login, false, accounts.ViewEligibility)
		err := w.Accounts.ChangeRole(t.Context(), w.person(t, login, c.roles), accounts.RoleDefinition{Role: target}.ID(), "For "+login, more)
		if c.can && err != nil || !c.can && !errors.As(err, &denied) {
			t.Errorf("%s: %v", login, err)
		}
	}
}

// One gives each permission only as widely as one holds that very permission.
func TestARoleIsGivenAsWidelyAsItIsHeld(t *testing.T) {
	covers.Rows(t, "A45", "A48")
	t.Parallel()
	w := newRisers(t)
	lead := w.role(t, "Lead", false, givesRoles...)
	money := w.role(t, "Money", false, accounts.ViewRemittances, accounts.ViewPatients)
	desk := w.role(t, "Desk", false, accounts.ViewEligibility, accounts.ViewPatients)
	blind := w.role(t, "Blind", false, accounts.ViewRemittances)
	two := w.person(t, "Two.Roles", map[accounts.Role]storage.RowLimit{lead: {}, money: npi(oneNPI), desk: npi(anotherNPI)})
	masked := w.person(t, "No.Names", map[accounts.Role]storage.RowLimit{lead: {}, blind: {}, desk: {}})
	var (
		denied *accounts.DeniedError
		input  *accounts.InputError
	)
	for _, c := range []struct {
		rule  string
		by    *accounts.Principal
		role  accounts.Role
		limit storage.RowLimit
		as    any
	}{
		{"the rows of the other role", two, money, npi(anotherNPI), &input},
		{"the rows of both", two, money, npi(oneNPI, anotherNPI), &input},
		{"all rows", two, desk, storage.RowLimit{}, &input},
		{"his own rows", two, money, npi(oneNPI), nil},
		{"his own rows of the other role", two, desk, npi(anotherNPI), nil},
		{"names that he doesn't see in these rows", masked, money, storage.RowLimit{}, &denied},
		{"the rows without names", masked, blind, storage.RowLimit{}, nil},
	} {
		_, err := w.Accounts.GiveRole(t.Context(), c.by, userOf(t, w.World, w.Viewer), accounts.RoleGrant{Role: c.role, Account: w.Account, Limit: c.limit})
		if c.as == nil && err != nil || c.as != nil && !errors.As(err, c.as) {
			t.Errorf("%s: %v, want %T", c.rule, err, c.as)
		}
	}
}

// What one has for an hour in an emergency one gives to nobody.
func TestEmergencyAccessIsNotGivenOn(t *testing.T) {
	covers.Rows(t, "A45", "H3")
	t.Parallel()
	w := newRisers(t)
	helper, err := w.Accounts.CreateRole(t.Context(), w.owner, accounts.RoleForm{
		Name: "Helper", Operator: w.Operator, OfOperator: true, Permissions: []accounts.Permission{accounts.BreakGlass, accounts.ViewAccounts},
	})
	if err != nil {
		t.Fatal(err)
	}
	w.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: w.Account})
	abe := userOf(t, w.World, "Abe.Admin")
	if _, err := w.Accounts.GiveRole(t.Context(), w.owner, abe, accounts.RoleGrant{Role: accounts.CustomRole(helper), Operator: w.Operator}); err != nil {
		t.Fatal(err)
	}
	e := accounts.Emergency{Account: w.Account, Role: accounts.RoleBiller, Reason: "the practice burns down", Minutes: 30}
	if _, err := w.Accounts.BreakGlass(t.Context(), w.Principal(t, "Abe.Admin"), e); err != nil {
		t.Fatal(err)
	}
	p := w.Principal(t, "Abe.Admin")
	if !p.CanAt(accounts.ViewRemittances, w.Account) {
		t.Fatal("emergency access opens nothing: the test looks at the wrong thing")
	}
	var denied *accounts.DeniedError
	grant := accounts.RoleGrant{Role: accounts.RoleBiller, Account: w.Account}
	if _, err := w.Accounts.GiveRole(t.Context(), p, userOf(t, w.World, w.Viewer), grant); !errors.As(err, &denied) {
		t.Errorf("giving it on: %v, want a missing permission", err)
	}
	f := accounts.RoleForm{Name: "Peek", Account: w.Account, Permissions: []accounts.Permission{accounts.ViewRemittances}}
	if _, err := w.Accounts.CreateRole(t.Context(), p, f); !errors.As(err, &denied) {
		t.Errorf("making a role of it: %v, want a missing permission", err)
	}
	found, err := w.Accounts.Grantors(t.Context(), w.Principal(t, w.Viewer), accounts.ExportData)
	if err != nil || slices.ContainsFunc(found, func(g accounts.Grantor) bool { return g.Name == "Abe Admin" }) {
		t.Errorf("others are told that he could give it: %v, %v", found, err)
	}
}
