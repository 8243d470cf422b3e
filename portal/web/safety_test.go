package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/webtest"
)

func TestHeaders(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A61", "H9")
	s := webtest.New(t, func(o *web.Options) { o.TLS = true })
	for _, path := range []string{"/sign-in", "/account", "/nothing", "/static/nothing.css"} {
		h := s.Client(t).Get(path).Header
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "same-origin",
			"Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin", "Strict-Transport-Security": "max-age=31536000",
		} {
			if got := h.Get(name); got != want {
				t.Errorf("%s: %s %q, want %q", path, name, got, want)
			}
		}
		csp := h.Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") || !strings.Contains(csp, "default-src 'none'") || !strings.Contains(csp, "frame-ancestors 'none'") {
			t.Errorf("%s: Content-Security-Policy %q is not strict", path, csp)
		}
	}
}

// inline finds what the policy would block: scripts and styles that stand in the page.
var inline = regexp.MustCompile(`(?i)<style|<script(>|[^>]*>[^<])| style=| on[a-z]+=|javascript:|https?://`)

func TestPagesHaveNothingInlineAndNothingForeign(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Both)
	for _, path := range []string{"/dashboard", "/account", "/account/password", "/account/tokens/new", "/nothing", "/sign-in/help"} {
		if found := inline.FindString(c.Get(path).Body); found != "" {
			t.Errorf("%s holds %q", path, found)
		}
	}
	if found := inline.FindString(s.Client(t).Get("/sign-in").Body); found != "" {
		t.Errorf("/sign-in holds %q", found)
	}
}

func TestStaticFilesAreKeptForEverUnderTheirHash(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.Client(t)
	paths := regexp.MustCompile(`/static/[a-z]+\.[0-9a-f]{12}\.(css|js|svg)`).FindAllString(c.Get("/sign-in").Body, -1)
	if len(paths) != 5 {
		t.Fatalf("the page names %d static files, want 5: styles, icon, and the scripts of pages, signing in and passkeys", len(paths))
	}
	for _, path := range paths {
		a := c.Get(path)
		if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") || a.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s: %d, Cache-Control %q", path, a.Status, a.Header.Get("Cache-Control"))
		}
	}
	if a := c.Get("/static/portal.css"); a.Status != http.StatusNotFound {
		t.Errorf("a static file without hash: %d, want 404", a.Status)
	}
}

func TestRequestsFromOtherSitesChangeNothing(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		for _, path := range []string{"/sign-out", "/sign-in", "/account/sessions/end-others", "/session/account"} {
			r := c.Request(http.MethodPost, path, strings.NewReader(""))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			if a := c.Do(r); a.Status != http.StatusForbidden || !strings.Contains(a.Body, "request.cross_origin") {
				t.Errorf("POST %s with %s %s: %d, want 403", path, header[0], header[1], a.Status)
			}
		}
	}
	if a := c.Get("/account"); a.Status != http.StatusOK {
		t.Errorf("afterwards the session answers %d, want 200", a.Status)
	}
}

func TestForeignHostNamesAreRefused(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	for host, want := range map[string]int{
		"evil.example": http.StatusMisdirectedRequest, "localhost.evil.example": http.StatusMisdirectedRequest,
		"localhost": http.StatusOK, "LOCALHOST:1": http.StatusOK, "localhost.": http.StatusOK,
	} {
		c := s.Client(t)
		r := c.Request(http.MethodGet, "/sign-in", nil)
		r.Host = host
		if a := c.Do(r); a.Status != want {
			t.Errorf("host %s: %d, want %d", host, a.Status, want)
		}
	}
}

func TestLargeBodiesAreRefused(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", strings.Repeat("x", 100_000))
	if a.Status != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of 100 kB: %d, want 413", a.Status)
	}
}

func TestOneSeesAndEndsOnlyOnesOwnSessionsAndTokens(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	mine, other := s.SignedIn(t, s.Biller), s.SignedIn(t, s.OtherBiller)
	s.SignIn(t, s.OtherBiller)
	if a := other.Post("/account/tokens", "name", "import", "days", "30", "scopes", "remittances.view"); !strings.Contains(a.Body, "edp_") {
		t.Fatalf("making a token: %d", a.Status)
	}
	actions := regexp.MustCompile(`/account/(?:sessions|tokens)/[a-z]{3}_[0-9a-z]+/(?:end|revoke)`).FindAllString(other.Get("/account").Body, -1)
	if len(actions) != 2 {
		t.Fatalf("the page offers %d actions, want to end a session and to revoke a token", len(actions))
	}
	for _, path := range actions {
		if a := mine.Post(path); a.Status != http.StatusNotFound {
			t.Errorf("somebody else's %s: %d, want 404", path, a.Status)
		}
		if a := other.Post(path); a.Status != http.StatusSeeOther {
			t.Errorf("one's own %s: %d, want 303", path, a.Status)
		}
		if a := other.Post(path); a.Status != http.StatusNotFound {
			t.Errorf("once more %s: %d, want 404", path, a.Status)
		}
	}
}

func TestTokenCanDoNoMoreThanItsOwner(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	a := s.SignedIn(t, s.Viewer).Post("/account/tokens", "name", "x", "days", "30", "scopes", "files.manage")
	if a.Status != http.StatusForbidden {
		t.Errorf("a token with a permission that its owner lacks: %d, want 403", a.Status)
	}
	a = s.SignedIn(t, s.Viewer).Post("/account/tokens", "name", "", "days", "1000")
	if a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a token without name: %d, want 422", a.Status)
	}
}

func TestPasswordChange(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c, elsewhere := s.SignedIn(t, s.Biller), s.SignedIn(t, s.Biller)
	const changed = "violin-granite-seventeen-otters"
	for rule, pair := range map[string][2]string{
		"current password wrong": {"wrong", changed}, "too short": {accountstest.Password, "short"},
		"one's own name": {accountstest.Password, "BeatrixLindqvist1"},
	} {
		if a := c.Post("/account/password", "current", pair[0], "password", pair[1]); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `aria-invalid="true"`) {
			t.Errorf("%s: %d, want 422 with the field marked", rule, a.Status)
		}
	}
	if a := c.Post("/account/password", "current", accountstest.Password, "password", changed); a.Location != "/account?done=password-changed" {
		t.Fatalf("changing the password: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/account?done=password-changed"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Your password is changed") {
		t.Errorf("the session that changed it: %d, want to go on", a.Status)
	}
	if a := elsewhere.Get("/account"); a.Status != http.StatusSeeOther {
		t.Errorf("the other session: %d, want it ended", a.Status)
	}
	if a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", accountstest.Password); a.Status != http.StatusUnauthorized {
		t.Errorf("the old password: %d, want 401", a.Status)
	}
	if a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", changed); a.Status != http.StatusSeeOther {
		t.Errorf("the new password: %d, want 303", a.Status)
	}
}

func TestPasswordThatSomebodyElseKnowsMustBeChangedFirst(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	id, err := s.Accounts.UserByLogin(t.Context(), s.Viewer)
	if err != nil {
		t.Fatal(err)
	}
	const given = "granite-violin-sixteen-otters"
	if err := s.Accounts.SetPassword(t.Context(), accountstest.Actor, id, given); err != nil {
		t.Fatal(err)
	}
	c := s.Client(t)
	if a := c.Post("/sign-in", "username", s.Viewer, "password", given, "next", "/account"); a.Location != "/account/password" {
		t.Fatalf("signing in with a given password leads to %q", a.Location)
	}
	for _, path := range []string{"/dashboard", "/account", "/nothing"} {
		if a := c.Get(path); a.Location != "/account/password" && a.Location != "/account/password?next="+url.QueryEscape(path) {
			t.Errorf("%s before the change leads to %q", path, a.Location)
		}
	}
	if a := c.Post("/account/password", "current", given, "password", "violin-granite-seventeen-otters"); a.Location != "/account?done=password-changed" {
		t.Fatalf("changing it: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/account"); a.Status != http.StatusOK {
		t.Errorf("after the change: %d, want 200", a.Status)
	}
}

func TestAccountSwitcherNarrows(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S39")
	s := webtest.New(t)
	c := s.SignedIn(t, s.Both)
	options := regexp.MustCompile(`<option value="(acc_[0-9a-z]+)"( selected)?>`).FindAllStringSubmatch(c.Get("/account").Body, -1)
	if len(options) != 2 || options[0][2] != "" {
		t.Fatalf("the switcher offers %d accounts, want 2, none chosen", len(options))
	}
	if a := c.Post("/session/account", "account", options[1][1], "next", "/account"); a.Location != "/account" {
		t.Fatalf("narrowing: %d", a.Status)
	}
	if !strings.Contains(c.Get("/account").Body, `"`+options[1][1]+`" selected`) {
		t.Error("the choice does not show")
	}
	if a := s.SignedIn(t, s.Viewer).Post("/session/account", "account", options[0][1]); a.Status != http.StatusNotFound {
		t.Errorf("narrowing to somebody else's account: %d, want 404", a.Status)
	}
}

func TestLogHoldsNeitherNamesNorSecrets(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	c.Get("/account?name=SENTINEL-NAME")
	c.Post("/sign-in", "username", "SENTINEL-USER", "password", "SENTINEL-PASSWORD")
	s.Server.Close()
	log := s.Log.String()
	if !strings.Contains(log, "incident=") {
		t.Fatal("nothing was logged")
	}
	for _, secret := range []string{"SENTINEL", "Beatrix", s.Biller, c.Cookies()[0].Value} {
		if strings.Contains(log, secret) {
			t.Errorf("the log holds something of %d characters that it must not", len(secret))
		}
	}
}
