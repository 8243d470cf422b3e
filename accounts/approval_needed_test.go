package accounts_test

import (
	"context"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

// Whether an act takes two people is only looked at: each page of the audit that a program reads asks it, so it waits neither for other
// readers nor for somebody who gives a role at the same time.
func TestAskingForTheSecondPersonWaitsForNobody(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute) // that a wait fails, and doesn't hang
	defer cancel()
	for _, login := range []string{"Acc.One", "Acc.Two"} {
		w.AddUser(t, login, "Owner "+login, accounts.Grant{Role: accounts.RoleAccountOwner, Account: w.Account})
	}
	err := w.DB.InSystem(ctx, accountstest.Actor, func(tx *storage.Tx) error {
		if _, err := tx.LockPlace(ctx, w.Account, 0); err != nil {
			return err
		}
		needed, err := w.Accounts.NeedsApproval(ctx, accounts.Place{Account: w.Account})
		if err == nil && !needed {
			t.Error("an account with two owners needs no second person")
		}
		return err
	})
	if err != nil {
		t.Errorf("while the place is locked: %v", err)
	}
	if _, err := w.Accounts.NeedsApproval(ctx, accounts.Place{Account: 1 << 60}); err == nil {
		t.Error("an account that there is not: no error")
	}
}
