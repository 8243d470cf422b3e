package web_test

import (
	"net/http"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// Whoever may do different things in two exchanges, in neither of them all, lands on a dashboard after the sign-in.
func TestTheDashboardOfWhoWorksForTwoExchanges(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	var second storage.OperatorID
	err := s.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) (err error) {
		second, _, err = tx.NewOperator(t.Context(), "Southmoor Exchange", "America/New_York")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.AddUser(t, "Apart.Here", "Apart",
		accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator}, accounts.Grant{Role: accounts.RoleOperator, Operator: second})
	if a := s.SignedIn(t, "Apart.Here").Get("/dashboard"); a.Status != http.StatusOK {
		t.Errorf("the dashboard: %d", a.Status)
	}
}
