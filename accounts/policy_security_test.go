package accounts_test

import (
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
)

// setPolicy stores the operator's policy.
func setPolicy(t *testing.T, w *accountstest.World, policy accounts.SecurityPolicy) {
	t.Helper()
	if err := w.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: w.Operator}, policy); err != nil {
		t.Fatal(err)
	}
}
