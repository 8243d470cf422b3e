package accounts_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

const week = 7 * 24 * time.Hour

// takesTwo says whether the operator's acts take two people now.
func takesTwo(t *testing.T, w *accountstest.World) bool {
	t.Helper()
	needed, err := w.Accounts.NeedsApproval(t.Context(), accounts.Place{Operator: w.Operator})
	if err != nil {
		t.Fatal(err)
	}
	return needed
}

// Of two who decide, one must not get rid of the other and then act alone.
func TestOneOfTwoCantSwitchTheSecondPersonOff(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]func(*testing.T, *accountstest.World, *accounts.Principal, storage.UserID) error{
		"disabled": func(t *testing.T, w *accountstest.World, by *accounts.Principal, user storage.UserID) error {
			return w.Accounts.DisablePerson(t.Context(), by, user, "on holiday")
		},
		"without the role": takeRoles,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := accountstest.New(t)
			ada := w.Principal(t, w.Administrator)
			if !takesTwo(t, w) {
				t.Fatal("two people don't take two")
			}
			if err := without(t, w, ada, userID(t, w, w.Both)); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(week - time.Hour)
			if !takesTwo(t, w) {
				t.Error("one acts alone, having got rid of the other")
			}
			if second, err := w.Accounts.SecondPerson(t.Context(), ada, w.Operator); err != nil || second {
				t.Errorf("there is a second person who may decide: %v, %v", second, err)
			}
			w.Clock.Advance(2 * time.Hour)
			if takesTwo(t, w) {
				t.Error("somebody who left a week ago is still waited for")
			}
		})
	}
}

// takeRoles takes the person's roles at the operator away.
func takeRoles(t *testing.T, w *accountstest.World, by *accounts.Principal, user storage.UserID) error {
	t.Helper()
	var all []storage.Membership
	err := w.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		all, err = tx.Memberships(t.Context(), user)
		return err
	})
	for _, m := range all {
		if m.OperatorID != 0 {
			err = errors.Join(err, w.Accounts.TakeRole(t.Context(), by, user, m.ID))
		}
	}
	return err
}

// A role that decided, and was changed or retired by the other, counts as one taken away.
func TestARoleThatDecidedLatelyCounts(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	for _, login := range []string{w.Administrator, w.Both} {
		if err := w.Accounts.Disable(t.Context(), accountstest.Actor, userID(t, w, login)); err != nil {
			t.Fatal(err)
		}
	}
	owner := ownerOf(t, w)
	f := accounts.RoleForm{Name: "Second", Operator: w.Operator, OfOperator: true, Permissions: []accounts.Permission{accounts.DecideApprovals, accounts.ViewAudit}}
	role := withCustom(t, w, owner, "Sec.Ond", f)
	id, err := strconv.ParseInt(strings.TrimPrefix(string(role), "custom:"), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(2 * week)
	if !takesTwo(t, w) {
		t.Fatal("an owner and somebody with a made role don't take two")
	}
	if err := w.Accounts.ChangeRole(t.Context(), owner, id, f.Name, []accounts.Permission{accounts.ViewAudit}); err != nil {
		t.Fatal(err)
	}
	if !takesTwo(t, w) {
		t.Error("a role that has just lost the right doesn't count")
	}
	w.Clock.Advance(week + time.Hour)
	if takesTwo(t, w) {
		t.Error("a role that lost the right a week ago still counts")
	}
	for _, permissions := range [][]accounts.Permission{f.Permissions, nil} {
		if permissions == nil {
			err = w.Accounts.RetireRole(t.Context(), owner, id)
		} else {
			err = w.Accounts.ChangeRole(t.Context(), owner, id, f.Name, permissions)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Hour)
	}
	if !takesTwo(t, w) {
		t.Error("a role that was just retired doesn't count")
	}
}

// purgeOf asks for a purge, which does nothing when it is approved.
func purgeOf(t *testing.T, w *accountstest.World, p *accounts.Principal, operator storage.OperatorID) int64 {
	t.Helper()
	w.Accounts.OnApproval(accounts.ApprovePurge, func(context.Context, *storage.Tx, storage.Approval) error { return nil })
	id, err := w.Accounts.RequestApproval(t.Context(), p, accounts.NewApproval{
		Kind: accounts.ApprovePurge, Operator: operator, ObjectKind: "operator", ObjectID: int64(operator), Summary: "Old data.", Reason: "too old", Payload: struct{}{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// What somebody asked for, who may not do it any more, isn't done on his word.
func TestAnApprovalNeedsWhoAskedStill(t *testing.T) {
	t.Parallel()
	for name, without := range map[string]func(*testing.T, *accountstest.World, *accounts.Principal, storage.UserID) error{
		"disabled": func(t *testing.T, w *accountstest.World, by *accounts.Principal, user storage.UserID) error {
			return w.Accounts.DisablePerson(t.Context(), by, user, "left")
		},
		"without the role": takeRoles,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := accountstest.New(t)
			ada, bo := w.Principal(t, w.Administrator), w.Principal(t, w.Both)
			id := purgeOf(t, w, ada, w.Operator)
			owner := ownerOf(t, w)
			if err := without(t, w, owner, ada.UserID); err != nil {
				t.Fatal(err)
			}
			if err := w.Accounts.DecideApproval(t.Context(), bo, id, true, ""); !errors.Is(err, accounts.ErrAskerMayNot) {
				t.Errorf("approving what nobody who may asks for: %v, want ErrAskerMayNot", err)
			}
			if err := w.Accounts.DecideApproval(t.Context(), bo, id, false, ""); err != nil {
				t.Errorf("rejecting it: %v", err)
			}
		})
	}
}

// Whoever decides at one exchange and only looks at another sees the requests of the one, and decides on them.
func TestApprovalsOfTwoExchanges(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	ctx := t.Context()
	var second storage.OperatorID
	err := w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(ctx, "Southwind Exchange", "America/Chicago")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	const two = "Two.Sides" // who has a right at each of them that he lacks at the other
	withCustom(t, w, ownerOf(t, w), two, accounts.RoleForm{
		Name: "Policies", Operator: w.Operator, OfOperator: true, Permissions: []accounts.Permission{accounts.ManagePolicies},
	})
	admin := storage.NewMembership{OperatorID: second, Role: string(accounts.RoleAdministrator)}
	err = w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) error {
		_, err := tx.AddMembership(ctx, userID(t, w, two), admin, w.Clock.Now())
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	south := w.AddUser(t, "Sue.South", "Susan South", accounts.Grant{Role: accounts.RoleAdministrator, Operator: second})
	id, elsewhere := purgeOf(t, w, w.Principal(t, south), second), purgeOf(t, w, w.Principal(t, w.Administrator), w.Operator)
	p := w.Principal(t, two)
	all, err := w.Accounts.Approvals(ctx, p)
	if err != nil || len(all) != 1 || all[0].ID != id {
		t.Errorf("the requests are %+v, %v; want that of the second exchange", all, err)
	}
	if err := w.Accounts.DecideApproval(ctx, p, elsewhere, true, ""); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("deciding at the exchange where he only works: %v, want ErrNotFound", err)
	}
	if err := w.Accounts.DecideApproval(ctx, p, id, true, ""); err != nil {
		t.Errorf("deciding where he may: %v", err)
	}
}
