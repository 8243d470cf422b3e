package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
)

// A token is no way around the second factor that its owner needs, and says what it waits for.
func TestTokensWaitForTheirOwners(t *testing.T) {
	covers.Rows(t, "A19", "A73")
	t.Parallel()
	w := accountstest.New(t)
	before := siteOn(t, w)
	administrator, biller := before.token(t, w.Administrator), before.token(t, w.Biller)
	if a := before.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+administrator); a.status != http.StatusOK {
		t.Fatalf("where factors are optional: %d", a.status)
	}
	s := siteOn(t, w.Strict(t))
	a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+administrator)
	next, _ := a.value["next_step"].(string)
	if a.status != http.StatusForbidden || a.value["code"] != "token.owner_factor" || !strings.Contains(next, "set up a passkey") {
		t.Errorf("an administrator's without a second factor: %d %v", a.status, a.value)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+biller); a.status != http.StatusOK {
		t.Errorf("a biller's: %d", a.status)
	}
	user, err := w.Accounts.UserByLogin(t.Context(), w.Biller)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Accounts.SetPassword(t.Context(), accountstest.Actor, user, "marble-canyon-violet-31"); err != nil {
		t.Fatal(err)
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/me", "Bearer "+biller); a.status != http.StatusForbidden || a.value["code"] != "token.owner_password" {
		t.Errorf("of somebody whose password was set by somebody else: %d %v", a.status, a.value)
	}
}
