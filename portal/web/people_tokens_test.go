package web_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// tokenOf makes an API token for a user, and returns what says whether it works.
func tokenOf(t *testing.T, s *webtest.Site, login string) func() bool {
	t.Helper()
	secret, _, err := s.Accounts.CreateToken(t.Context(), s.Principal(t, login), accounts.NewToken{
		Name: "nightly", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: 24 * time.Hour,
	})
	if err != nil {
		t.Fatal(err)
	}
	return func() bool {
		_, err := s.Accounts.AuthenticateToken(t.Context(), secret, accounts.Origin{Address: "192.0.2.7"})
		if err != nil && !errors.Is(err, accounts.ErrNoSession) {
			t.Fatal(err)
		}
		return err == nil
	}
}

// Who ends a person's sessions is told of the tokens that go on, and ends them, too, if he wants.
func TestEndingSessionsSaysWhatBecomesOfTokens(t *testing.T) {
	covers.Rows(t, "A37", "A73")
	t.Parallel()
	s := webtest.New(t)
	works, path := tokenOf(t, s, s.Biller), person(t, s, s.Biller)
	admin := s.SignedIn(t, s.Administrator)
	if a := admin.Get(path); !strings.Contains(a.Body, "End the API tokens, too (1)") {
		t.Error("the page doesn't offer to end the token")
	}
	if a := admin.Post(path + "/sessions/end"); a.Status != http.StatusSeeOther || !works() {
		t.Errorf("ending the sessions alone: %d, the token works: %v", a.Status, works())
	}
	if a := admin.Post(path+"/sessions/end", "tokens", "yes"); a.Status != http.StatusSeeOther || works() {
		t.Errorf("ending the tokens, too: %d, the token works: %v", a.Status, works())
	}
	if a := admin.Get(path); strings.Contains(a.Body, "End the API tokens, too") {
		t.Error("the page offers to end tokens that there aren't")
	}
	if got := loaded(t, s, `SELECT coalesce(detail->>'tokens', '-') FROM audit_event WHERE action = 'sessions.ended_by_administrator' ORDER BY id`); strings.Join(got, " ") != "- 1" {
		t.Errorf("the audit counts the tokens %v", got)
	}
}

// A token may do work for organizations that an account's administrator doesn't manage.
func TestAnAccountsAdministratorDoesNotEndTokensOfOthers(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	two := s.AddUser(t, "Two.Places", "Tova Brandt", accounts.Grant{Role: accounts.RoleBiller, Account: s.Account}, accounts.Grant{Role: accounts.RoleBiller, Account: s.Other})
	works, path := tokenOf(t, s, two), person(t, s, two)
	c := s.SignedIn(t, s.AddUser(t, "Ann.Admin", "Ann Okonkwo", accounts.Grant{Role: accounts.RoleAccountAdministrator, Account: s.Account}))
	if a := c.Get(path); strings.Contains(a.Body, "End the API tokens, too") || !strings.Contains(a.Body, "The API tokens (1) stay") {
		t.Error("the page doesn't say that the token stays")
	}
	if a := c.Post(path+"/sessions/end", "tokens", "yes"); a.Status != http.StatusConflict || !works() {
		t.Errorf("ending the token: %d, it works: %v", a.Status, works())
	}
	if a := c.Post(path + "/sessions/end"); a.Status != http.StatusSeeOther || !works() {
		t.Errorf("ending the sessions: %d, the token works: %v", a.Status, works())
	}
}

// Whoever found the phone may have made tokens.
func TestResettingFactorsEndsTokens(t *testing.T) {
	covers.Rows(t, "A27")
	t.Parallel()
	s := webtest.New(t)
	enrolApp(t, s, s.SignedIn(t, s.Biller))
	path := person(t, s, s.Biller)
	loaded(t, s, `UPDATE credential SET revoked_at = now() WHERE kind <> 'password'`)
	works := tokenOf(t, s, s.Biller)
	loaded(t, s, `UPDATE credential SET revoked_at = NULL WHERE kind <> 'password'`)
	if a := s.SignedIn(t, s.Administrator).Post(path+"/factors/reset", "reason", "called back"); a.Status != http.StatusSeeOther {
		t.Fatalf("resetting: %d", a.Status)
	}
	if works() {
		t.Error("a token survives the reset of the second steps")
	}
	again := tokenOf(t, s, s.Viewer)
	user, err := s.Accounts.UserByLogin(t.Context(), s.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.ResetFactors(t.Context(), accountstest.Actor, user, "by the command line"); err != nil || again() {
		t.Errorf("by the command line: %v, the token works: %v", err, again())
	}
}
