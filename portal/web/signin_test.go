package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
)

func TestSignInAndOut(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S1", "S2", "S9", "S40")
	s := webtest.New(t)
	c := s.Client(t)
	if a := c.Get("/"); a.Status != http.StatusOK || !strings.Contains(a.Body, `href="/sign-in"`) {
		t.Errorf("the root: %d, want a page that leads to the sign-in page", a.Status)
	}
	if a := c.Get("/account"); a.Location != "/sign-in?next=%2Faccount" {
		t.Errorf("a page without session: to %q, want the sign-in page that leads back", a.Location)
	}
	a := c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password, "next", "/account")
	if a.Status != http.StatusSeeOther || a.Location != "/account" {
		t.Fatalf("signing in: %d to %q, want 303 to /account", a.Status, a.Location)
	}
	if a := c.Get("/account"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Beatrix Lindqvist") {
		t.Errorf("my account: %d, want 200 with my name", a.Status)
	}
	if a := c.Get("/sign-in?next=/account/password"); a.Location != "/account/password" {
		t.Errorf("the sign-in page when signed in: to %q, want on to the page", a.Location)
	}
	a = c.Post("/sign-out")
	if a.Location != "/sign-in?done=signed-out" || a.Header.Get("Clear-Site-Data") == "" {
		t.Errorf("signing out: to %q, Clear-Site-Data %q", a.Location, a.Header.Get("Clear-Site-Data"))
	}
	if a := c.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("after signing out: %d, want 303", a.Status)
	}
}

func TestFailedSignInSaysTheSameForKnownAndUnknown(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A17", "S4", "S5", "A8")
	s := webtest.New(t)
	known := s.Client(t).Post("/sign-in", "username", s.Biller, "password", "wrong")
	unknown := s.Client(t).Post("/sign-in", "username", "Nob.Nobody", "password", "wrong")
	if known.Status != http.StatusUnauthorized || unknown.Status != known.Status {
		t.Errorf("status %d and %d, want 401 for both", known.Status, unknown.Status)
	}
	if a, b := strings.ReplaceAll(known.Body, s.Biller, "X"), strings.ReplaceAll(unknown.Body, "Nob.Nobody", "X"); a != b {
		t.Error("the pages differ in more than the name that was typed")
	}
	if strings.Contains(known.Body, "wrong\"") {
		t.Error("the page shows the password again")
	}
}

func TestSessionFixation(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	planted := s.SignIn(t, s.Viewer).Token // a session that an attacker has
	c := s.Client(t)
	r := c.Request(http.MethodPost, "/sign-in", strings.NewReader("username="+s.Biller+"&password="+accountstest.Password))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.AddCookie(&http.Cookie{Name: "ediport", Value: planted})
	if a := c.Do(r); a.Status != http.StatusSeeOther {
		t.Fatalf("signing in with a planted cookie: %d", a.Status)
	}
	for _, cookie := range c.Cookies() {
		if cookie.Value == planted {
			t.Error("the planted token is still in use")
		}
	}
	other := s.Client(t)
	r = other.Request(http.MethodGet, "/account", nil)
	r.AddCookie(&http.Cookie{Name: "ediport", Value: planted})
	if a := other.Do(r); a.Status != http.StatusSeeOther {
		t.Errorf("the planted session after the sign-in: %d, want 303 to the sign-in page", a.Status)
	}
}

func TestOpenRedirect(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for _, next := range []string{
		"https://evil.example/", "//evil.example/", `/\evil.example`, `\\evil.example`, "/\t/evil.example", "javascript:alert(1)",
		"///evil.example", "http:/evil.example", "/sign-out", "/sign-in?next=/x", "/%5cevil.example", "/%2f/evil.example", "/\n/evil", "evil.example", "",
	} {
		a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", accountstest.Password, "next", next)
		if a.Location != "/dashboard" {
			t.Errorf("next=%q leads to %q, want /dashboard", next, a.Location)
		}
	}
	a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", accountstest.Password, "next", "/remittances?status=denied")
	if a.Location != "/remittances?status=denied" {
		t.Errorf("a path of ours leads to %q", a.Location)
	}
}

func TestSessionEndsIdleAndAbsolute(t *testing.T) {
	covers.Rows(t, "H4", "A33")
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	for range 47 { // kept alive for 11:45 h
		s.Clock.Advance(14*time.Minute + 59*time.Second)
		if a := c.Get("/account"); a.Status != http.StatusOK {
			t.Fatalf("after 14:59 minutes without a request: %d, want 200", a.Status)
		}
	}
	s.Clock.Advance(14*time.Minute + 59*time.Second) // 11:59:12 h
	if a := c.Get("/account"); a.Status != http.StatusOK {
		t.Fatalf("shortly before 12 hours: %d, want 200", a.Status)
	}
	s.Clock.Advance(time.Minute)
	if a := c.Get("/account"); a.Location != "/sign-in?next=%2Faccount&why=expired" {
		t.Errorf("after 12 hours: to %q, want the sign-in page that says so", a.Location)
	}
	c = s.SignedIn(t, s.Biller)
	s.Clock.Advance(15 * time.Minute)
	if a := c.Get("/account"); a.Location != "/sign-in?next=%2Faccount&why=expired" {
		t.Errorf("after 15 minutes without a request: to %q, want the sign-in page", a.Location)
	}
	if a := c.Get("/sign-in?next=%2Faccount&why=expired"); !strings.Contains(a.Body, "Your session has ended") {
		t.Error("the sign-in page doesn't say that the session has ended")
	}
	if a := c.Post("/account/sessions/end-others"); a.Status != http.StatusUnauthorized {
		t.Errorf("a POST after the end: %d, want 401", a.Status)
	}
}

func TestCookie(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		tls  bool
		want string
	}{
		{false, "ediport="},
		{true, "__Host-ediport="},
	} {
		s := webtest.New(t, func(o *web.Options) { o.TLS = c.tls })
		a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", accountstest.Password)
		cookie := a.Header.Get("Set-Cookie")
		if !strings.HasPrefix(cookie, c.want) || !strings.Contains(cookie+";", "; Path=/;") ||
			!strings.Contains(cookie, "HttpOnly") || !strings.Contains(cookie, "SameSite=Lax") ||
			strings.Contains(cookie, "Domain") || strings.Contains(cookie, "Expires") || strings.Contains(cookie, "Secure") != c.tls {
			t.Errorf("TLS %v: cookie attributes are wrong", c.tls)
		}
	}
}
