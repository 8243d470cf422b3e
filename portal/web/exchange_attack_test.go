package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/storage"
)

var formActions = regexp.MustCompile(`formaction="([^"]+)"`)

// A button that sends its form elsewhere is bound to the exchange of its page as the form is.
func TestButtonsStayInTheirExchange(t *testing.T) {
	t.Parallel()
	s := newTwoSides(t, accounts.RoleAdministrator)
	if _, err := s.Accounts.RequestAuditExport(t.Context(), s.Principal(t, s.Administrator), accounts.AuditExport{Format: "csv"}, "The auditor comes."); err != nil {
		t.Fatal(err)
	}
	s.choose(t, 0)
	found := formActions.FindStringSubmatch(s.person.Get("/approvals").Body)
	if found == nil || !strings.Contains(found[1], "/reject") {
		t.Fatalf("there is no button that rejects: %v", found)
	}
	reject := html.UnescapeString(found[1])
	s.choose(t, 1)
	if a := s.person.Post(reject); a.Status != http.StatusForbidden && a.Status != http.StatusConflict {
		t.Errorf("%q of the first, in the second: %d", reject, a.Status)
	}
	if a := s.person.Post("/connections?exchange="+url.QueryEscape(s.DB.PublicIDs().Format(storage.PublicOperator, int64(s.operators[0]))), "name", "x"); a.Status != http.StatusConflict {
		t.Errorf("a form of the first, in the second: %d", a.Status)
	}
	for _, button := range formActions.FindAllStringSubmatch(s.person.Get("/connections/new").Body, -1) {
		if !strings.Contains(button[1], "exchange="+s.DB.PublicIDs().Format(storage.PublicOperator, int64(s.operators[1]))) {
			t.Errorf("the button %q is of no exchange", button[1])
		}
	}
	s.choose(t, 0)
	if a := s.person.Post(reject, "note", "No."); a.Status != http.StatusSeeOther {
		t.Errorf("%q in the first: %d", reject, a.Status)
	}
}

// The switch leads to pages of ours only, whatever address the refused page had and whatever the form is made to say.
func TestTheSwitchLeadsToOwnPagesOnly(t *testing.T) {
	t.Parallel()
	s := newTwoSides(t, accounts.RoleAuditor)
	first := s.DB.PublicIDs().Format(storage.PublicOperator, int64(s.operators[0]))
	for _, next := range []string{"//evil.example", "https://evil.example/", `/\evil.example`, "/sign-out", "javascript:alert(1)", "/a\r\nSet-Cookie: x=1"} {
		if a := s.person.Post("/session/exchange", "operator", first, "next", next); a.Location != "/dashboard" {
			t.Errorf("to %q: it leads to %q", next, a.Location)
		}
	}
	s.choose(t, 1)
	a := s.person.Get(s.connections[0] + `?x="><script>alert(1)</script>&exchange=` + first)
	if a.Status != http.StatusNotFound || strings.Contains(a.Body, "<script>alert") {
		t.Errorf("markup in the address: %d, or it stands in the page", a.Status)
	}
	if to := s.take(a); !strings.HasPrefix(to, s.connections[0]+"?x=") {
		t.Errorf("the switch leads to %q", to)
	}
}

// Whoever has lost his role at an exchange is not offered it, from the next request on.
func TestTheSwitchEndsWithTheRole(t *testing.T) {
	t.Parallel()
	s := newTwoSides(t, accounts.RoleAuditor)
	if a := s.person.Get(s.connections[0]); !switchForm.MatchString(a.Body) {
		t.Fatalf("with the role: %d, without the offer", a.Status)
	}
	user, err := s.Accounts.UserByLogin(t.Context(), "Two.Sides")
	if err != nil {
		t.Fatal(err)
	}
	walktest.Texts(t, s.LoaderDSN, `UPDATE membership SET ended_at = now() WHERE user_id = $1 AND operator_id = $2 RETURNING role`, int64(user), int64(s.operators[0]))
	if a := s.person.Get(s.connections[0]); a.Status != http.StatusNotFound || strings.Contains(a.Body, "Northwind") {
		t.Errorf("without it: %d, with the offer", a.Status)
	}
}
