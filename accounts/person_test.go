package accounts_test

import (
	"errors"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
)

// Whoever opens somebody's account opens all of it: an administrator of one of a person's places alone must not.
func TestOnePlaceDoesNotOpenTheOthers(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	w.AddUser(t, "Pat.Admin", "Pat Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: w.Account})
	w.AddUser(t, "Two.Places", "Two Places",
		accounts.Grant{Role: accounts.RoleBiller, Account: w.Account}, accounts.Grant{Role: accounts.RoleBiller, Account: w.Other})
	p := w.Principal(t, "Pat.Admin")
	user, err := w.Accounts.UserByLogin(t.Context(), "Two.Places")
	if err != nil {
		t.Fatal(err)
	}
	for act, err := range map[string]error{
		"a reset":            w.Accounts.StartReset(t.Context(), p, user),
		"another address":    w.Accounts.ChangeEmailOf(t.Context(), p, user, "pat@clinic.example"),
		"no second step":     w.Accounts.ResetPersonFactors(t.Context(), p, user, "lost the phone"),
		"another invitation": w.Accounts.ResendInvitation(t.Context(), p, user),
	} {
		if !errors.Is(err, accounts.ErrElsewhere) {
			t.Errorf("%s: %v, want ErrElsewhere", act, err)
		}
	}
}
