package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// The operator's support contact, hours and privacy policy stand on every page, before signing in, on errors and in help.
func TestOperatorsTextsOnEveryPage(t *testing.T) {
	covers.Rows(t, "S68", "S71")
	t.Parallel()
	s := webtest.New(t)
	admin, stranger, biller := s.SignedIn(t, s.Administrator), s.Client(t), s.SignedIn(t, s.Biller)
	for _, bad := range []string{"javascript:alert(1)", "http://example.org", "https://user:pw@example.org/", "//example.org", "https://exa mple.org"} {
		if a := admin.Post("/settings/texts", "privacy_url", bad); a.Status != http.StatusUnprocessableEntity {
			t.Errorf("%s is taken: status %d", bad, a.Status)
		}
	}
	if a := biller.Post("/settings/texts", "support", "mine"); a.Status != http.StatusForbidden {
		t.Errorf("a biller sets the texts: status %d", a.Status)
	}
	saved := admin.Post("/settings/texts", "support", "Call <Northwind> at +1 555 0142", "hours", "Weekdays 7 to 7", "privacy", "We keep little.\r\n\r\nAnd <i>not</i> for long.", "privacy_url", "https://www.example.org/privacy")
	if saved.Status != http.StatusSeeOther {
		t.Fatalf("saving: status %d", saved.Status)
	}
	for name, page := range map[string]webtest.Answer{
		"sign-in": stranger.Get("/sign-in"), "help": stranger.Get("/sign-in/help"), "privacy": stranger.Get("/privacy"),
		"dashboard": biller.Get("/dashboard"), "not found": biller.Get("/no-such-page"), "denied": biller.Get("/audit"),
	} {
		for _, want := range []string{"Call &lt;Northwind&gt; at &#43;1 555 0142", "Weekdays 7 to 7", `href="/privacy"`} {
			if !strings.Contains(page.Body, want) {
				t.Errorf("%s does not show %q", name, want)
			}
		}
	}
	privacy := stranger.Get("/privacy")
	for _, want := range []string{"<p>We keep little.</p>", "<p>And &lt;i&gt;not&lt;/i&gt; for long.</p>", `href="https://www.example.org/privacy"`} {
		if privacy.Status != http.StatusOK || !strings.Contains(privacy.Body, want) {
			t.Errorf("the privacy page does not show %q", want)
		}
	}
}
