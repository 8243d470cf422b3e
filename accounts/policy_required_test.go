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

// withCustom adds a user whom an owner gave a role that the owner made, and returns the role.
func withCustom(t *testing.T, w *accountstest.World, owner *accounts.Principal, login string, f accounts.RoleForm) accounts.Role {
	t.Helper()
	id, err := w.Accounts.CreateRole(t.Context(), owner, f)
	if err != nil {
		t.Fatal(err)
	}
	w.AddUser(t, login, "Custom "+login)
	user, err := w.Accounts.UserByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	m := storage.NewMembership{OperatorID: f.Operator, AccountID: f.Account, Role: string(accounts.CustomRole(id))}
	err = w.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		_, err := tx.AddMembership(t.Context(), user, m, w.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return accounts.CustomRole(id)
}

// ownerOf adds somebody who may do everything at the operator and the account.
func ownerOf(t *testing.T, w *accountstest.World) *accounts.Principal {
	t.Helper()
	return w.Principal(t, w.AddUser(t, "Olive.Owner", "Olive Ferrante", accounts.Grant{Role: accounts.RoleOwner, Operator: w.Operator},
		accounts.Grant{Role: accounts.RoleAccountOwner, Account: w.Account}))
}

func step(t *testing.T, w *accountstest.World, login string) accounts.Step {
	t.Helper()
	signedIn, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: login, Password: accountstest.Password}, accounts.Origin{Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	return signedIn.Step
}

func TestWhoeverAdministersTheExchangeNeedsAFactor(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	owner := ownerOf(t, w)
	cases := []struct {
		name        string
		permissions []accounts.Permission
		want        accounts.Step
	}{
		{"People", []accounts.Permission{accounts.ViewAccounts, accounts.ManagePeople}, accounts.StepEnrol},
		{"Roles", []accounts.Permission{accounts.ViewAccounts, accounts.ManageRoles}, accounts.StepEnrol},
		{"Policies", []accounts.Permission{accounts.ManagePolicies}, accounts.StepEnrol},
		{"Connections", []accounts.Permission{accounts.ViewConnections, accounts.ManageConnections}, accounts.StepEnrol},
		{"Schedules", []accounts.Permission{accounts.ViewSchedules, accounts.ManageSchedules}, accounts.StepEnrol},
		{"Approvals", []accounts.Permission{accounts.DecideApprovals}, accounts.StepEnrol},
		{"Emergency", []accounts.Permission{accounts.BreakGlass}, accounts.StepEnrol},
		{"Audit", []accounts.Permission{accounts.ViewAudit, accounts.ExportAudit}, accounts.StepEnrol},
		{"Looking", []accounts.Permission{accounts.ViewFiles, accounts.ViewSchedules, accounts.ViewConnections, accounts.ViewAudit}, accounts.StepNone},
	}
	for _, c := range cases {
		withCustom(t, w, owner, "Cus."+c.name, accounts.RoleForm{Name: c.name, Operator: w.Operator, OfOperator: true, Permissions: c.permissions})
	}
	w.Strict(t)
	for _, c := range cases {
		if got := step(t, w, "Cus."+c.name); got != c.want {
			t.Errorf("a role of the exchange for %s: the step %q comes first, want %q", c.name, got, c.want)
		}
	}
	if got := step(t, w, w.AddUser(t, "Opa.Operator", "Opa Lindahl", accounts.Grant{Role: accounts.RoleOperator, Operator: w.Operator})); got != accounts.StepEnrol {
		t.Errorf("an operator: the step %q comes first", got)
	}
}

func TestAPolicyAsksCustomRolesOfAnAccountForAFactor(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	const desk = "Des.Desk"
	role := withCustom(t, w, ownerOf(t, w), desk, accounts.RoleForm{
		Name: "Desk", Account: w.Account, Permissions: []accounts.Permission{accounts.ViewEligibility},
	})
	w.Strict(t)
	if got := step(t, w, desk); got != accounts.StepNone {
		t.Errorf("without a policy: the step %q comes first", got)
	}
	policy := accounts.SecurityPolicy{RequireMFA: accounts.RequiredMFA{Roles: []accounts.Role{role}}}
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Account: w.Account}, policy); err != nil {
		t.Fatal(err)
	}
	if got := step(t, w, desk); got != accounts.StepEnrol {
		t.Errorf("with the policy: the step %q comes first, want %q", got, accounts.StepEnrol)
	}
	if got := step(t, w, w.Biller); got != accounts.StepNone {
		t.Errorf("another role of the account: the step %q comes first", got)
	}
}

func TestTokensWaitForTheirOwnersFactor(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	token := func(login string, scope accounts.Permission) string {
		secret, _, err := w.Accounts.CreateToken(t.Context(), w.Principal(t, login), accounts.NewToken{
			Name: "nightly", Scopes: []accounts.Permission{scope}, Life: time.Hour,
		})
		if err != nil {
			t.Fatal(err)
		}
		return secret
	}
	admin, biller := token(w.Administrator, accounts.ViewFiles), token(w.Biller, accounts.ViewRemittances)
	use := func(secret string) error {
		_, err := w.Accounts.AuthenticateToken(t.Context(), secret, accounts.Origin{Address: "192.0.2.7"})
		return err
	}
	if use(admin) != nil || use(biller) != nil {
		t.Fatal("the tokens don't work")
	}
	w.Strict(t)
	w.Clock.Advance(time.Hour / 2)
	if err := use(admin); !errors.Is(err, accounts.ErrTokenFactor) {
		t.Errorf("an administrator without a second factor: %v, want ErrTokenFactor", err)
	}
	if err := use(biller); err != nil {
		t.Errorf("a biller, who needs none: %v", err)
	}
	policy := accounts.SecurityPolicy{RequireMFA: accounts.RequiredMFA{All: true}}
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: w.Operator}, policy); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(time.Minute * 20)
	if err := use(biller); !errors.Is(err, accounts.ErrTokenFactor) {
		t.Errorf("a biller once all need one: %v, want ErrTokenFactor", err)
	}
	use(biller) //nolint:errcheck // refused as before
	refused := rows(t, w, `SELECT detail->>'reason' FROM audit_event WHERE action = 'token.refused'`)
	if len(refused) != 2 || refused[0] != "owner_without_factor" {
		t.Errorf("the audit says %v, want two refusals for want of a factor", refused)
	}
	if used := rows(t, w, `SELECT id::text FROM audit_event WHERE action = 'token.used'`); len(used) != 3 {
		t.Errorf("the audit says that tokens were used %d times, want the three that were not refused", len(used))
	}
	if touched := rows(t, w, `SELECT id::text FROM api_token WHERE last_used_at < $1`, w.Clock.Now().Add(-45*time.Minute)); len(touched) != 1 {
		t.Error("a refusal counts as the administrator's token's last use")
	}
}

func TestTokensWaitForTheirOwnersPassword(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	secret, _, err := w.Accounts.CreateToken(t.Context(), w.Principal(t, w.Biller), accounts.NewToken{
		Name: "nightly", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: 300 * 24 * time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	use := func() error {
		_, err := w.Accounts.AuthenticateToken(t.Context(), secret, accounts.Origin{Address: "192.0.2.7"})
		return err
	}
	policy := accounts.SecurityPolicy{MaxAgeDays: 30}
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: w.Operator}, policy); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(31 * 24 * time.Hour)
	if got := step(t, w, w.Biller); got != accounts.StepPassword {
		t.Fatalf("after 31 days: the step %q comes first", got)
	}
	if err := use(); err != nil {
		t.Errorf("with a password that has become old: %v", err)
	}
	user, err := w.Accounts.UserByLogin(t.Context(), w.Biller)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Accounts.SetPassword(t.Context(), accountstest.Actor, user, "marble-canyon-violet-31"); err != nil {
		t.Fatal(err)
	}
	if err := use(); !errors.Is(err, accounts.ErrTokenPassword) {
		t.Errorf("with a password that somebody else has set: %v, want ErrTokenPassword", err)
	}
}

// A role goes by what it grants: the copy of a role that the policy names is asked for a second factor under any name, and so is
// whoever has the copy in two halves.
func TestAPolicyAsksCopiesOfTheRolesThatItNames(t *testing.T) {
	covers.Rows(t, "A19")
	t.Parallel()
	w := accountstest.New(t)
	owner := ownerOf(t, w)
	all := accounts.RoleAccountAdministrator.Permissions()
	made := map[string][]accounts.Permission{
		"Copy": all, "More": append(slices.Clone(all), accounts.ViewEligibility), "Less": all[:len(all)-1], "Other": {accounts.ViewEligibility},
	}
	for name, permissions := range made {
		withCustom(t, w, owner, "Cus."+name, accounts.RoleForm{Name: name, Account: w.Account, Permissions: permissions})
	}
	first := withCustom(t, w, owner, "Cus.Halves", accounts.RoleForm{Name: "First half", Account: w.Account, Permissions: all[:len(all)-1]})
	second := withCustom(t, w, owner, "Cus.Second", accounts.RoleForm{Name: "Second half", Account: w.Account, Permissions: all[len(all)-1:]})
	err := w.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		m := storage.NewMembership{AccountID: w.Account, Role: string(second)}
		_, err := tx.AddMembership(t.Context(), userID(t, w, "Cus.Halves"), m, w.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	retired := withCustom(t, w, owner, "Cus.Retired", accounts.RoleForm{Name: "Retired", Account: w.Account, Permissions: []accounts.Permission{accounts.ViewEligibility}})
	if err := w.Accounts.RetireRole(t.Context(), owner, accounts.RoleDefinition{Role: retired}.ID()); err != nil {
		t.Fatal(err)
	}
	w.Strict(t)
	for _, place := range []accounts.Place{{Account: w.Account}, {Operator: w.Operator}} {
		policy := accounts.SecurityPolicy{RequireMFA: accounts.RequiredMFA{Roles: []accounts.Role{accounts.RoleAccountAdministrator, retired}}}
		if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, policy); err != nil {
			t.Fatal(err)
		}
		for name, want := range map[string]accounts.Step{
			"Copy": accounts.StepEnrol, "More": accounts.StepEnrol, "Halves": accounts.StepEnrol,
			"Less": accounts.StepNone, "Other": accounts.StepNone, "Second": accounts.StepNone,
		} {
			if got := step(t, w, "Cus."+name); got != want {
				t.Errorf("by %v, a role called %s: the step %q comes first, want %q", place, name, got, want)
			}
		}
		if got := step(t, w, w.Biller); got != accounts.StepNone {
			t.Errorf("by %v, a biller: the step %q comes first", place, got)
		}
		if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, accounts.SecurityPolicy{}); err != nil {
			t.Fatal(err)
		}
	}
	policy := accounts.SecurityPolicy{RequireMFA: accounts.RequiredMFA{Roles: []accounts.Role{first}}}
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Account: w.Account}, policy); err != nil {
		t.Fatal(err)
	}
	if got := step(t, w, "Cus.More"); got != accounts.StepEnrol {
		t.Errorf("a role with more than a made one that the policy names: the step %q comes first", got)
	}
}
