package accounts_test

import (
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
)

// Whoever a policy asks for a second factor because his role covers one that it names is asked, too, when that one is given a rare
// permission, or is retired: nobody has changed the policy. What frees him is to take the role out of it.
func TestChangingANamedRoleFreesNobodyFromTheFactor(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	owner := ownerOf(t, w)
	desk := []accounts.Permission{accounts.ViewEligibility, accounts.ViewAuthorizations}
	withCustom(t, w, owner, "Cus.Like", accounts.RoleForm{Name: "Like it", Account: w.Account, Permissions: desk})
	withCustom(t, w, owner, "Cus.Less", accounts.RoleForm{Name: "Less", Account: w.Account, Permissions: desk[:1]})
	next := w.Principal(t, w.AddUser(t, "Next.Owner", "Nora Door", accounts.Grant{Role: accounts.RoleAccountOwner, Account: w.Other}))
	withCustom(t, w, next, "Cus.Next", accounts.RoleForm{Name: "Like it next door", Account: w.Other, Permissions: desk})
	w.Strict(t)
	want := func(when string, place accounts.Place, like, less accounts.Step) {
		t.Helper()
		if got := step(t, w, "Cus.Like"); got != like {
			t.Errorf("by %v, %s: the step %q comes first, want %q", place, when, got, like)
		}
		if got := step(t, w, "Cus.Less"); got != less {
			t.Errorf("by %v, with less than it grants, %s: the step %q comes first, want %q", place, when, got, less)
		}
		if got := step(t, w, "Cus.Next"); got != accounts.StepNone {
			t.Errorf("by %v, at an account that has no such role, %s: the step %q comes first", place, when, got)
		}
	}
	for name, place := range map[string]accounts.Place{"Named one": {Account: w.Account}, "Named two": {Operator: w.Operator}} {
		id, err := w.Accounts.CreateRole(t.Context(), owner, accounts.RoleForm{Name: name, Account: w.Account, Permissions: desk})
		if err != nil {
			t.Fatal(err)
		}
		named := accounts.RequiredMFA{Roles: []accounts.Role{accounts.CustomRole(id)}}
		write := func(policy accounts.SecurityPolicy) {
			t.Helper()
			if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, policy); err != nil {
				t.Fatal(err)
			}
		}
		change := func(name string, permissions ...accounts.Permission) {
			t.Helper()
			if err := w.Accounts.ChangeRole(t.Context(), owner, id, name, permissions); err != nil {
				t.Fatal(err)
			}
		}
		want("before", place, accounts.StepNone, accounts.StepNone)
		write(accounts.SecurityPolicy{RequireMFA: named})
		change(name+" anew", desk...)
		if stored, err := w.Accounts.StoredPolicy(t.Context(), place); err != nil || len(stored.RequireMFA.Earlier) != 0 {
			t.Errorf("another name of the role changed the policy: %+v, %v", stored.RequireMFA, err)
		}
		want("named", place, accounts.StepEnrol, accounts.StepNone)
		change(name, append(desk, accounts.ViewAudit)...)
		want("widened", place, accounts.StepEnrol, accounts.StepNone)
		write(accounts.SecurityPolicy{RequireMFA: named, History: 5})
		want("widened, and the policy changed in another respect", place, accounts.StepEnrol, accounts.StepNone)
		change(name, desk[0])
		want("narrowed", place, accounts.StepEnrol, accounts.StepEnrol)
		change(name, desk[0], accounts.ViewAudit)
		want("another", place, accounts.StepEnrol, accounts.StepNone)
		if err := w.Accounts.RetireRole(t.Context(), owner, id); err != nil {
			t.Fatal(err)
		}
		want("retired", place, accounts.StepEnrol, accounts.StepNone)
		write(accounts.SecurityPolicy{})
		want("not named any more", place, accounts.StepNone, accounts.StepNone)
		write(accounts.SecurityPolicy{RequireMFA: named})
		want("named again when it grants nothing", place, accounts.StepNone, accounts.StepNone)
		write(accounts.SecurityPolicy{})
	}
}

// A policy still offers a retired role that it names, so that it can be taken out; that counts as giving protection up.
func TestARetiredRoleIsTakenOutOfAPolicy(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	owner := ownerOf(t, w)
	place := accounts.Place{Account: w.Account}
	id, err := w.Accounts.CreateRole(t.Context(), owner, accounts.RoleForm{Name: "Short-lived", Account: w.Account, Permissions: []accounts.Permission{accounts.ViewEligibility}})
	if err != nil {
		t.Fatal(err)
	}
	offered := func() (name string) {
		t.Helper()
		roles, err := w.Accounts.PolicyRoles(t.Context(), owner, place)
		if err != nil {
			t.Fatal(err)
		}
		for _, role := range roles {
			if role.Role == accounts.CustomRole(id) {
				name += role.Name
			}
		}
		return name
	}
	before := accounts.SecurityPolicy{RequireMFA: accounts.RequiredMFA{Roles: []accounts.Role{accounts.CustomRole(id)}}}
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, before); err != nil {
		t.Fatal(err)
	}
	if name := offered(); name != "Short-lived" {
		t.Errorf("in use: the policy offers %q", name)
	}
	if err := w.Accounts.RetireRole(t.Context(), owner, id); err != nil {
		t.Fatal(err)
	}
	if name := offered(); name != "Short-lived (retired)" {
		t.Errorf("retired: the policy offers %q", name)
	}
	stored, err := w.Accounts.StoredPolicy(t.Context(), place)
	if err != nil {
		t.Fatal(err)
	}
	if weaker := accounts.Weakenings(stored, accounts.SecurityPolicy{}); len(weaker) != 1 {
		t.Errorf("taking it out: %v, want fewer factors", weaker)
	}
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, place, accounts.SecurityPolicy{}); err != nil {
		t.Fatal(err)
	}
	if name := offered(); name != "" {
		t.Errorf("taken out: the policy offers %q", name)
	}
}
