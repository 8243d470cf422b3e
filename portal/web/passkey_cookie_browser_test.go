package web_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// A passkey signs in beside whatever cookie the browser still has: a session that somebody planted ends and isn't gone on with,
// one that is long over is in nobody's way, and the new session's cookie comes whether the browser can be remembered or not.
func TestAPasskeyReplacesTheCookieOfBefore(t *testing.T) {
	covers.Rows(t, "S50")
	t.Parallel()
	s := webtest.New(t)
	b := browsertest.Open(t)
	key := b.Authenticator()
	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Press("Set up a passkey")
	b.Enter("Name", "front desk laptop")
	b.Press("Set up")
	b.Sees("Your second step is set up")
	b.Press("I have kept them")
	b.Sees("front desk laptop")
	planted := s.SignedIn(t, s.Viewer)
	stale := []*http.Cookie{{Name: "ediport", Value: strings.Repeat("a", 43)}}
	for _, c := range []struct {
		name    string
		cookies []*http.Cookie
		prepare func()
	}{
		{"of somebody's session", planted.Cookies(), func() {}},
		{"of no session", stale, func() {}},
		{"of no session, in a browser that can't be remembered", stale, func() { asOwner(t, s, "REVOKE INSERT, UPDATE ON known_device FROM ediport_app") }},
	} {
		c.prepare()
		key.Present(false)
		b.Press("Sign out")
		b.Sees("You are signed out")
		b.Take(s.URL, c.cookies)
		key.Present(true)
		b.Press("Sign in with a passkey")
		b.Sees("Dashboard")
		b.Do(chromedp.Navigate(s.URL + "/account"))
		if whose := says[string](b, `document.querySelector(".who").textContent`); !strings.Contains(whose, s.Biller) {
			t.Fatalf("with a cookie %s: the session is of %q, want %s", c.name, whose, s.Biller)
		}
	}
	if !out(planted) {
		t.Error("the planted session is still open")
	}
}
