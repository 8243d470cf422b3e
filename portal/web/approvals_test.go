package web_test

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// Where the second person was just disabled, the page says that requests wait, and what helps.
func TestApprovalsSayThatNobodyElseDecides(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	admin := s.SignedIn(t, s.Administrator)
	const stuck = "Nobody else can decide at the moment"
	if strings.Contains(admin.Get("/approvals").Body, stuck) {
		t.Error("with a second person: nobody else decides")
	}
	user, err := s.Accounts.UserByLogin(t.Context(), s.Both)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.Disable(t.Context(), accountstest.Actor, user); err != nil {
		t.Fatal(err)
	}
	if page := admin.Get("/approvals").Body; !strings.Contains(page, stuck) || strings.Contains(page, "Nothing waits for a second person") {
		t.Error("the page does not say that requests wait for nobody who is there")
	}
}
