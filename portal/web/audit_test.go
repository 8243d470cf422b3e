package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// An auditor sees who signed in and who was denied what; an account's auditor only what concerns the account.
func TestAuditShowsWhoDidWhat(t *testing.T) {
	covers.Rows(t, "A51", "A52")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Aud.Itor", "Audra Iverson", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	s.AddUser(t, "Acc.Itor", "Accalia Ito", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Other})
	biller := s.SignedIn(t, s.Biller)
	if a := biller.Get("/audit"); a.Status != http.StatusForbidden {
		t.Errorf("a biller's audit: status %d", a.Status)
	}
	s.Client(t).Post("/sign-in", "username", s.Biller, "password", "wrong-"+s.Biller)
	auditor := s.SignedIn(t, "Aud.Itor")
	page := auditor.Get("/audit")
	for _, want := range []string{"Beatrix Lindqvist (Bea.Biller)", "signin.succeeded", "access.denied", "permission: audit.view", "signin.failed", "Lakeside Family Practice", "127.0.0.1"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the audit does not show %q", want)
		}
	}
	denied := auditor.Get("/audit?result=denied&action=access.")
	if !strings.Contains(denied.Body, "access.denied") || strings.Contains(denied.Body, "signin.succeeded") {
		t.Error("the filter does not narrow to what was denied")
	}
	other := s.SignedIn(t, "Acc.Itor").Get("/audit")
	if other.Status != http.StatusOK || strings.Contains(other.Body, "Bea.Biller") || !strings.Contains(other.Body, "Acc.Itor") {
		t.Errorf("the other account's auditor: status %d, or events of another account", other.Status)
	}
}
