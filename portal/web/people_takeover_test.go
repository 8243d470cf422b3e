package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// An account's administrator who sees no patients helps a biller to a new password, and can't come in as him.
func TestAnAdministratorHelpsWithoutComingIn(t *testing.T) {
	covers.Rows(t, "A45", "A31", "S17")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	s.AddUser(t, "Olga.Owner", "Olga Owner", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	abe, path := s.SignedIn(t, "Abe.Admin"), person(t, s, s.Biller)
	for _, act := range [][]string{{"/email", "email", "abe@clinic.example"}, {"/factors/reset", "reason", "called back"}} {
		a := abe.Post(path+act[0], act[1:]...)
		if a.Status != http.StatusConflict || !strings.Contains(a.Body, "remittances.view") || !strings.Contains(a.Body, "Olga Owner (Lakeside Family Practice)") {
			t.Errorf("%s: %d, want 409 that says what he lacks and who can do it", act[0], a.Status)
		}
	}
	page := abe.Get(path).Body
	if strings.Contains(page, path+"/email") || strings.Contains(page, path+"/factors/reset") || !strings.Contains(page, "by an owner or an administrator") {
		t.Error("his page offers what it refuses, or doesn't say who else does it")
	}
	if !strings.Contains(page, `action="`+path+`/reset"`) {
		t.Fatal("his page doesn't offer the reset")
	}
	mustDo(t, "starting a reset", abe.Post(path+"/reset"))
	if m, _ := told(t, office, "An administrator started a password reset for you"); m.To != s.Biller+"@example.org" {
		t.Errorf("the code went to %s", m.To)
	}
	if page := s.SignedIn(t, "Olga.Owner").Get(path).Body; !strings.Contains(page, path+"/email") {
		t.Error("the owner's page doesn't offer another address")
	}
}

// People of other places are not there, whatever is wrong with what was typed.
func TestActsOnStrangersAreNotFound(t *testing.T) {
	covers.Rows(t, "A46")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Abe.Admin", "Abe Admin", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account})
	abe, path := s.SignedIn(t, "Abe.Admin"), person(t, s, s.OtherBiller)
	for _, act := range [][]string{
		{"/factors/reset"},
		{"/factors/reset", "reason", "called back"},
		{"/email"},
		{"/email", "email", "not an address"},
		{"/reset"},
		{"/unlock"},
		{"/disable"},
		{"/enable"},
		{"/roles", "role", "viewer"},
		{"/sessions/end"},
		{"/invitation/resend"},
		{"/invitation/revoke"},
	} {
		if a := abe.Post(path+act[0], act[1:]...); a.Status != http.StatusNotFound {
			t.Errorf("%s: %d, want 404", act, a.Status)
		}
	}
}
