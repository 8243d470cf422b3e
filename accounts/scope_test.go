package accounts_test

import (
	"slices"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// secondOperator adds another exchange to the world, whose name comes after that of the first.
func secondOperator(t *testing.T, w *accountstest.World) (operator storage.OperatorID, unrouted storage.AccountID) {
	t.Helper()
	err := w.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		operator, unrouted, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return operator, unrouted
}

// What somebody may do in one exchange opens nothing of another one in which he may do something else.
func TestAScopeHoldsOneOperatorsPlane(t *testing.T) {
	covers.Rows(t, "A46")
	t.Parallel()
	w := accountstest.New(t)
	second, unrouted := secondOperator(t, w)
	first := make(map[storage.OperatorID]*accounts.Principal)
	for i, operator := range []storage.OperatorID{w.Operator, second} {
		login := []string{"Oda.One", "Oda.Two"}[i]
		w.AddUser(t, login, login, accounts.Grant{Role: accounts.RoleOwner, Operator: operator})
		first[operator] = w.Principal(t, login)
	}
	w.AddUser(t, "Apart.Here", "Apart", accounts.Grant{Role: accounts.RoleAuditor, Operator: w.Operator}, accounts.Grant{Role: accounts.RoleAuditor, Operator: second})
	only := func(operator storage.OperatorID, permissions ...accounts.Permission) {
		t.Helper()
		f := accounts.RoleForm{Name: "Only", Operator: operator, OfOperator: true, Permissions: permissions}
		id, err := w.Accounts.CreateRole(t.Context(), first[operator], f)
		if err == nil {
			_, err = w.Accounts.GiveRole(t.Context(), first[operator], userOf(t, w, "Apart.Here"), accounts.RoleGrant{Role: accounts.CustomRole(id), Operator: operator})
		}
		if err != nil {
			t.Fatal(err)
		}
		without(t, w, first[operator], "Apart.Here", accounts.RoleAuditor)
	}
	only(w.Operator, accounts.ViewFiles)
	only(second, accounts.ViewSchedules, accounts.ViewConnections)
	w.AddUser(t, "Above.There", "Above",
		accounts.Grant{Role: accounts.RoleAuditor, Operator: w.Operator}, accounts.Grant{Role: accounts.RoleOwner, Operator: second})
	apart, above := w.Principal(t, "Apart.Here"), w.Principal(t, "Above.There")
	for _, c := range []struct {
		rule     string
		scope    storage.Scope
		operator storage.OperatorID
		accounts []storage.AccountID
		masked   bool
	}{
		{"files of the one", apart.Scope(accounts.ViewFiles), w.Operator, []storage.AccountID{w.Unrouted}, true},
		{"runs of the other", apart.Scope(accounts.ViewSchedules), second, nil, true},
		{"no operator grants both", apart.Scope(accounts.ViewFiles, accounts.ViewSchedules), 0, nil, false},
		{"in any order", apart.Scope(accounts.ViewSchedules, accounts.ViewFiles), 0, nil, false},
		{"nor all", apart.ScopeOfAll(), 0, nil, false},
		{"one that both grant: the first by name", above.Scope(accounts.ViewFiles), w.Operator, []storage.AccountID{w.Unrouted}, true},
		{"of several the one that grants all", above.Scope(accounts.ViewFiles, accounts.ManageFiles), second, []storage.AccountID{unrouted}, false},
		{"everything", above.ScopeOfAll(), second, []storage.AccountID{unrouted}, false},
	} {
		if c.scope.Operator != c.operator || !slices.Equal(c.scope.Accounts, c.accounts) || c.scope.MaskedPlane != c.masked {
			t.Errorf("%s: operator %d, accounts %v, masked %t; want %d, %v, %t",
				c.rule, c.scope.Operator, c.scope.Accounts, c.scope.MaskedPlane, c.operator, c.accounts, c.masked)
		}
		if masked := slices.Equal(c.scope.Masked, c.scope.Accounts) && len(c.scope.Accounts) > 0; masked != (c.masked && len(c.accounts) > 0) {
			t.Errorf("%s: masked accounts %v", c.rule, c.scope.Masked)
		}
	}
}

// Two roles of a person don't add up to more than each of them opens.
func TestRolesTogetherOpenNoMoreThanEach(t *testing.T) {
	covers.Rows(t, "A47", "A48")
	t.Parallel()
	w := newRisers(t)
	blind := w.role(t, "Blind", false, accounts.ViewRemittances)
	money := w.role(t, "Money", false, accounts.ViewRemittances, accounts.ViewPatients)
	desk := w.role(t, "Desk", false, accounts.ViewEligibility, accounts.ViewPatients)
	p := w.person(t, "Most.Masked", map[accounts.Role]storage.RowLimit{blind: {}, money: npi(oneNPI)})
	if s := p.Scope(accounts.ViewRemittances); len(s.Limits) != 0 || !slices.Equal(s.Masked, []storage.AccountID{w.Account}) {
		t.Errorf("all rows without names and one provider's with them: limits %v, masked %v", s.Limits, s.Masked)
	}
	p = w.person(t, "Other.Rows", map[accounts.Role]storage.RowLimit{money: npi(oneNPI), desk: npi(oneNPI, anotherNPI)})
	if got := p.Scope(accounts.ViewRemittances, accounts.ViewEligibility).Limits[w.Account]; !slices.Equal(got.NPIs, []string{oneNPI}) {
		t.Errorf("payments of one provider and coverage of two: both of %v", got)
	}
	p = w.person(t, "No.Rows", map[accounts.Role]storage.RowLimit{money: npi(oneNPI), desk: npi(anotherNPI)})
	got, limited := p.Scope(accounts.ViewRemittances, accounts.ViewEligibility).Limits[w.Account]
	if !limited || got.None() || slices.Contains(got.NPIs, oneNPI) || slices.Contains(got.NPIs, anotherNPI) {
		t.Errorf("payments of one provider and coverage of another: both of %v", got)
	}
}
