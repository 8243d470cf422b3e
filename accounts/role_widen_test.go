package accounts_test

import (
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
)

// An owner may widen a role that he has himself; the other owners are told, so that it isn't done unseen.
func TestOwnersAreToldOfAWidenedRole(t *testing.T) {
	covers.Rows(t, "A45")
	t.Parallel()
	w := accountstest.New(t)
	owner := ownerOf(t, w)
	second := userOf(t, w, w.AddUser(t, "Sec.Owner", "Second Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: w.Account}))
	w.AddUser(t, "Exc.Owner", "Owner of the exchange", accounts.Grant{Role: accounts.RoleOwner, Operator: w.Operator})
	f := accounts.RoleForm{Name: "Desk", Account: w.Account, Permissions: []accounts.Permission{accounts.ViewEligibility}}
	role := accounts.RoleDefinition{Role: withCustom(t, w, owner, "Des.Desk", f)}
	told := func() []string {
		return rows(t, w, `SELECT user_id::text FROM outbox WHERE kind = 'mail' AND topic = 'access_of_others_changed' ORDER BY id`)
	}
	before := len(told())
	change := func(permissions ...accounts.Permission) {
		if err := w.Accounts.ChangeRole(t.Context(), owner, role.ID(), "Desk", permissions); err != nil {
			t.Fatal(err)
		}
	}
	change(accounts.ViewEligibility, accounts.ViewRemittances)
	if mails := told()[before:]; len(mails) != 1 || mails[0] != rows(t, w, `SELECT $1::text`, int64(second))[0] {
		t.Errorf("told are %v, want the account's other owner alone", mails)
	}
	change(accounts.ViewEligibility)
	if mails := told()[before:]; len(mails) != 1 {
		t.Errorf("of a role that grants less %d are told", len(mails)-1)
	}
}
