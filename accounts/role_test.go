package accounts_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// staff adds people with roles of which the world has none: user id → principal.
func staff(t *testing.T, w *accountstest.World) map[string]*accounts.Principal {
	t.Helper()
	people := map[string]*accounts.Principal{}
	for login, grants := range map[string][]accounts.Grant{
		"Oda.Owner":    {{Role: accounts.RoleOwner, Operator: w.Operator}},
		"Ari.Auditor":  {{Role: accounts.RoleAuditor, Operator: w.Operator}},
		"Olga.Owner":   {{Role: accounts.RoleAccountOwner, Account: w.Account}},
		"Abe.Admin":    {{Role: accounts.RoleAccountAdministrator, Account: w.Account}},
		"Fay.Frontend": {{Role: accounts.RoleFrontDesk, Account: w.Account}},
	} {
		w.AddUser(t, login, login, grants...)
		people[login] = w.Principal(t, login)
	}
	people["admin"], people["biller"] = w.Principal(t, w.Administrator), w.Principal(t, w.Biller)
	people["other"] = w.Principal(t, w.OtherBiller)
	return people
}

func userOf(t *testing.T, w *accountstest.World, login string) storage.UserID {
	t.Helper()
	id, err := w.Accounts.UserByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestWhoGivesWhichRole(t *testing.T) {
	covers.Rows(t, "A45", "A46")
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	at := func(role accounts.Role) accounts.RoleGrant { return accounts.RoleGrant{Role: role, Account: w.Account} }
	atOperator := func(role accounts.Role) accounts.RoleGrant {
		return accounts.RoleGrant{Role: role, Operator: w.Operator}
	}
	var denied *accounts.DeniedError
	var input *accounts.InputError
	for _, c := range []struct {
		rule, by, to string
		grant        accounts.RoleGrant
		is           error
		as           any
	}{
		{"an account's owner gives what he holds", "Olga.Owner", "Vic.Viewer", at(accounts.RoleBiller), nil, nil},
		{"the same role twice", "Olga.Owner", "Vic.Viewer", at(accounts.RoleBiller), storage.ErrConflict, nil},
		{"an account's administrator gives nothing that he doesn't hold", "Abe.Admin", "Vic.Viewer", at(accounts.RoleFrontDesk), nil, &denied},
		{"but his own role", "Abe.Admin", "Vic.Viewer", at(accounts.RoleAccountAdministrator), nil, nil},
		{"an operator's administrator appoints people of accounts", "admin", "Vic.Viewer", at(accounts.RoleFrontDesk), nil, nil},
		{"but no owner of the operator", "admin", "Vic.Viewer", atOperator(accounts.RoleOwner), nil, &denied},
		{"an owner does", "Oda.Owner", "Ada.Admin", atOperator(accounts.RoleOwner), nil, nil},
		{"nobody gives himself a role", "admin", "Ada.Admin", at(accounts.RoleBiller), accounts.ErrOwnRole, nil},
		{"an account's owner neither", "Olga.Owner", "Olga.Owner", at(accounts.RoleBiller), accounts.ErrOwnRole, nil},
		{"but an operator's owner at an account", "Oda.Owner", "Oda.Owner", at(accounts.RoleBiller), nil, nil},
		{"a biller gives nothing", "biller", "Vic.Viewer", at(accounts.RoleViewer), storage.ErrNotFound, nil},
		{"people of other accounts are not there", "Olga.Owner", "Olga.Other", at(accounts.RoleViewer), storage.ErrNotFound, nil},
		{"other accounts are not there", "Olga.Owner", "Vic.Viewer", accounts.RoleGrant{Role: accounts.RoleViewer, Account: w.Other}, storage.ErrNotFound, nil},
		{"a role of the other plane", "Oda.Owner", "Vic.Viewer", at(accounts.RoleAuditor), nil, &input},
		{"a role that isn't there", "Oda.Owner", "Vic.Viewer", at("custom:4711"), nil, &input},
		{"a limit that is no NPI", "Oda.Owner", "Vic.Viewer", accounts.RoleGrant{Role: accounts.RoleAccountAuditor, Account: w.Account, Limit: storage.RowLimit{NPIs: []string{"1234567890"}}}, nil, &input},
	} {
		_, err := w.Accounts.GiveRole(t.Context(), people[c.by], userOf(t, w, c.to), c.grant)
		switch {
		case c.as != nil && !errors.As(err, c.as):
			t.Errorf("%s: %v, want %T", c.rule, err, c.as)
		case c.as == nil && !errors.Is(err, c.is):
			t.Errorf("%s: %v, want %v", c.rule, err, c.is)
		}
	}
	if p := w.Principal(t, "Vic.Viewer"); !p.CanAt(accounts.ExportData, w.Account) || p.Accounts[0].RoleTitle != "Biller, Viewer, Account administrator, Front desk" {
		t.Errorf("after all, Vic is %q", p.Accounts[0].RoleTitle)
	}
}

func TestRolesBeginAndEnd(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	user := userOf(t, w, w.Viewer)
	token := w.SignIn(t, w.Viewer).Token
	can := func() bool {
		p, err := w.Accounts.Authenticate(t.Context(), token, here)
		if err != nil {
			t.Fatal(err)
		}
		return p.Can(accounts.ExportData)
	}
	g := accounts.RoleGrant{Role: accounts.RoleBiller, Account: w.Account, Starts: w.Clock.Now().Add(time.Minute), Ends: w.Clock.Now().Add(2 * time.Minute)}
	if _, err := w.Accounts.GiveRole(t.Context(), people["Olga.Owner"], user, g); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		when string
		want bool
	}{{"before its start", false}, {"while it holds", true}, {"after its end", false}} {
		if got := can(); got != c.want {
			t.Errorf("%s the role grants: %t", c.when, got)
		}
		w.Clock.Advance(time.Minute)
	}
}

func TestTheLastOwnerStays(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	olga, oda := userOf(t, w, "Olga.Owner"), userOf(t, w, "Oda.Owner")
	membership := func(user storage.UserID, role accounts.Role) int64 {
		d, err := w.Accounts.PersonDetail(t.Context(), people["Oda.Owner"], user)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range d.Memberships {
			if m.Role == role {
				return m.ID
			}
		}
		t.Fatalf("no membership %s", role)
		return 0
	}
	take := func(by string, user storage.UserID, role accounts.Role) error {
		return w.Accounts.TakeRole(t.Context(), people[by], user, membership(user, role))
	}
	if err := take("Oda.Owner", olga, accounts.RoleAccountOwner); !errors.Is(err, accounts.ErrLastOwner) {
		t.Errorf("taking the account's last owner's role: %v", err)
	}
	if err := take("Oda.Owner", oda, accounts.RoleOwner); !errors.Is(err, accounts.ErrLastOwner) {
		t.Errorf("the operator's last owner leaving: %v", err)
	}
	if err := w.Accounts.DisablePerson(t.Context(), people["admin"], olga, "left"); !errors.Is(err, accounts.ErrLastOwner) {
		t.Errorf("disabling the account's last owner: %v", err)
	}
	if err := take("admin", oda, accounts.RoleOwner); !errors.Is(err, accounts.ErrOutranked) {
		t.Errorf("an administrator taking an owner's role: %v", err)
	}
	if err := w.Accounts.DisablePerson(t.Context(), people["Abe.Admin"], olga, "left"); !errors.Is(err, accounts.ErrOutranked) {
		t.Errorf("an account's administrator disabling its owner: %v", err)
	}
	if _, err := w.Accounts.GiveRole(t.Context(), people["Olga.Owner"], userOf(t, w, w.Viewer), accounts.RoleGrant{Role: accounts.RoleAccountOwner, Account: w.Account}); err != nil {
		t.Fatal(err)
	}
	if err := take("Oda.Owner", olga, accounts.RoleAccountOwner); err != nil {
		t.Errorf("taking the role of one of two owners: %v", err)
	}
}

func TestCustomRoles(t *testing.T) {
	covers.Rows(t, "S65", "A45")
	t.Parallel()
	w := accountstest.New(t)
	people := staff(t, w)
	owner := people["Olga.Owner"]
	form := accounts.RoleForm{Name: " Posting ", Account: w.Account, Permissions: []accounts.Permission{accounts.ViewRemittances}}
	id, err := w.Accounts.CreateRole(t.Context(), owner, form)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Accounts.CreateRole(t.Context(), owner, accounts.RoleForm{Name: "posting", Account: w.Account, Permissions: form.Permissions}); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("the same name twice: %v", err)
	}
	var denied *accounts.DeniedError
	if _, err := w.Accounts.CreateRole(t.Context(), people["Abe.Admin"], accounts.RoleForm{Name: "Peek", Account: w.Account, Permissions: form.Permissions}); !errors.As(err, &denied) {
		t.Errorf("a role of permissions that its maker lacks: %v", err)
	}
	var input *accounts.InputError
	form.Name, form.Permissions = "Originals", []accounts.Permission{accounts.ViewOriginals}
	if _, err := w.Accounts.CreateRole(t.Context(), owner, form); !errors.As(err, &input) {
		t.Errorf("originals without patients: %v", err)
	}
	roles, err := w.Accounts.RolesFor(t.Context(), owner)
	i := slices.IndexFunc(roles, func(d accounts.RoleDefinition) bool { return d.Name == "Posting" })
	if err != nil || i < 0 {
		t.Fatalf("roles to give: %v, %v", roles, err)
	}
	role := roles[i].Role
	if _, err := w.Accounts.GiveRole(t.Context(), owner, userOf(t, w, "Fay.Frontend"), accounts.RoleGrant{Role: role, Account: w.Account}); err != nil {
		t.Fatal(err)
	}
	token := w.SignIn(t, "Fay.Frontend").Token
	principal := func() *accounts.Principal {
		p, err := w.Accounts.Authenticate(t.Context(), token, here)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := principal(); !p.Can(accounts.ViewRemittances) || p.SeesPatients(w.Account) {
		t.Errorf("with the role: remittances %t, all patients %t", p.Can(accounts.ViewRemittances), p.SeesPatients(w.Account))
	}
	if s := principal().Scope(accounts.ViewEligibility); len(s.Masked) != 0 {
		t.Error("the front desk's patients are masked by another role")
	}
	if s := principal().Scope(accounts.ViewRemittances); !slices.Equal(s.Masked, []storage.AccountID{w.Account}) {
		t.Error("a role without patients shows them")
	}
	if err := w.Accounts.ChangeRole(t.Context(), owner, id, "Posting", []accounts.Permission{accounts.ViewClaimStatus}); err != nil {
		t.Fatal(err)
	}
	if principal().Can(accounts.ViewRemittances) {
		t.Error("the changed role still grants what it did")
	}
	if err := w.Accounts.RetireRole(t.Context(), people["other"], id); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("retiring another account's role: %v", err)
	}
	if err := w.Accounts.RetireRole(t.Context(), owner, id); err != nil {
		t.Fatal(err)
	}
	if got := principal().Accounts[0].RoleTitle; got != "Front desk" {
		t.Errorf("after the role was retired: %q", got)
	}
}
