package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

// A program of whoever manages people unlocks one of them, with a reason, and nobody else's people.
func TestAPersonIsUnlockedByAPI(t *testing.T) {
	covers.Rows(t, "S66", "A46")
	t.Parallel()
	s := newSite(t)
	s.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	token := s.token(t, "Abe.Admin", accounts.ViewAccounts, accounts.ManagePeople, accounts.ViewAudit)
	path := func(login string) string {
		return "/api/v1/people/" + s.DB.PublicIDs().Format(storage.PublicUser, int64(s.Principal(t, login).UserID))
	}
	biller, stranger := path(s.Biller), path(s.OtherBiller)
	elsewhere := accounts.Origin{Address: "198.51.100.9"}
	for range 5 {
		if _, err := s.Try(t, accounts.Credentials{Name: s.Biller, Password: "not the one"}, elsewhere); err == nil {
			t.Fatal("a wrong password lets somebody in")
		}
	}
	if a := s.ask(t, http.MethodGet, biller, "Bearer "+token); a.status != http.StatusOK || a.value["locked_until"] == nil || a.value["login"] != s.Biller {
		t.Fatalf("a locked person: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, biller+"/unlock", token, `{"reason": ""}`); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"reason"`) {
		t.Errorf("without a reason: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, biller+"/unlock", token, `{"reason": "called back at the practice"}`); a.status != http.StatusOK || a.value["locked_until"] != nil {
		t.Errorf("unlocking: %d %s", a.status, a.body)
	}
	if _, err := s.Try(t, accounts.Credentials{Name: s.Biller, Password: accountstest.Password}, elsewhere); err != nil {
		t.Errorf("signing in afterwards: %v", err)
	}
	for _, body := range []string{`{"reason": "x"}`, `{"reason": ""}`, `{}`} {
		if a := s.send(t, http.MethodPost, stranger+"/unlock", token, body); a.status != http.StatusNotFound {
			t.Errorf("a stranger, %s: %d, want 404", body, a.status)
		}
	}
	if a := s.ask(t, http.MethodGet, stranger, "Bearer "+token); a.status != http.StatusNotFound {
		t.Errorf("looking at a stranger: %d, want 404", a.status)
	}
	if a := s.send(t, http.MethodPost, biller+"/unlock", s.token(t, s.Biller), `{"reason": "x"}`); a.status != http.StatusForbidden {
		t.Errorf("by a biller: %d, want 403", a.status)
	}
}
