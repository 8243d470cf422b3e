package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// found returns what the pattern's group matches in the page.
func found(t *testing.T, pattern, body string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		t.Fatalf("the page has nothing like %s", pattern)
	}
	return html.UnescapeString(m[1])
}

const (
	tokenField = `name="token" value="([^"]+)"`
	totpKey    = `id="totp-key">([A-Z2-7 ]+)<`
	oneCode    = `<li><code>([0-9a-z-]+)</code>`
)

func totpCode(t *testing.T, s *webtest.Site, key string) string {
	t.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(key, " ", ""), s.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// enrolApp sets an authenticator app up by the pages, and returns its key and a recovery code.
func enrolApp(t *testing.T, s *webtest.Site, c *webtest.Client) (key, recovery string) {
	t.Helper()
	page := c.Get("/account/factors/totp")
	if page.Status != http.StatusOK {
		t.Fatalf("setting up an app: %d to %q", page.Status, page.Location)
	}
	key = found(t, totpKey, page.Body)
	a := c.Post("/account/factors/totp", "token", found(t, tokenField, page.Body), "code", totpCode(t, s, key), "label", "my phone")
	if a.Status != http.StatusOK {
		t.Fatalf("confirming the app: %d", a.Status)
	}
	s.Clock.Advance(time.Minute)
	return key, found(t, oneCode, a.Body)
}

func TestASecondFactorIsAskedForAndCantBeSkipped(t *testing.T) {
	covers.Rows(t, "H8", "S32", "S38", "A32", "A90")
	t.Parallel()
	s := webtest.New(t)
	key, recovery := enrolApp(t, s, s.SignedIn(t, s.Biller))

	c := s.Client(t)
	if a := c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password, "next", "/claims"); a.Location != "/claims" {
		t.Fatalf("after the password: to %q", a.Location)
	}
	before := c.Cookies()
	for _, path := range []string{"/claims", "/account", "/dashboard", "/account/factors/totp", "/step/up", "/account/password", "/step/enrol", "/nothing"} {
		if a := c.Get(path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/step/factor") {
			t.Errorf("GET %s with half a sign-in: %d to %q, want the second step", path, a.Status, a.Location)
		}
	}
	for _, path := range []string{"/account/tokens", "/account/factors/totp", "/account/recovery-codes", "/account/password", "/claims"} {
		if a := c.Post(path, "x", "y"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/step/factor") {
			t.Errorf("POST %s with half a sign-in: %d to %q, want the second step", path, a.Status, a.Location)
		}
	}
	page := c.Get("/step/factor?next=%2Fclaims")
	if page.Status != http.StatusOK || !strings.Contains(page.Body, "Try another way") || !strings.Contains(page.Body, "Use a recovery code") ||
		strings.Contains(page.Body, "passkey or security key</a>") || strings.Contains(page.Body, `aria-label="Main"`) {
		t.Errorf("the second step: %d; want the person's own methods and no menu", page.Status)
	}
	if a := c.Post("/step/factor", "method", "password", "password", accountstest.Password); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("the password once more: %d, want 422", a.Status)
	}
	if a := c.Post("/step/factor", "method", "totp", "code", "000000"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "code-error") {
		t.Errorf("a wrong code: %d, want 422 with the reason at the field", a.Status)
	}
	a := c.Post("/step/factor", "method", "totp", "code", totpCode(t, s, key), "next", "/claims")
	if a.Location != "/claims" {
		t.Fatalf("the right code: %d to %q, want /claims", a.Status, a.Location)
	}
	if after := c.Cookies(); after[0].Value == before[0].Value {
		t.Error("the cookie is the same as before the second step")
	}
	if a := c.Get("/claims"); a.Status != http.StatusOK {
		t.Errorf("after the second step: %d", a.Status)
	}

	other := s.SignedIn(t, s.Biller)
	if a := other.Post("/step/factor", "method", "recovery_code", "code", recovery, "next", "//evil.example"); a.Location != "/dashboard" {
		t.Errorf("a recovery code: %d to %q, want /dashboard", a.Status, a.Location)
	}
	if a := other.Get("/account"); !strings.Contains(a.Body, "9 recovery codes") {
		t.Error("the account page doesn't say how many recovery codes are left")
	}
}

func TestAdministratorsSetUpASecondStepFirst(t *testing.T) {
	covers.Rows(t, "S32", "A19")
	t.Parallel()
	s := webtest.In(t, accountstest.New(t).Strict(t))
	c := s.SignedIn(t, s.Administrator)
	if a := c.Get("/people"); a.Location != "/step/enrol?next=%2Fpeople" {
		t.Fatalf("an administrator without a second step: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/step/enrol"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Set up a passkey") || !strings.Contains(a.Body, "Sign out") {
		t.Errorf("the page that asks for one: %d, want 200 with a way out", a.Status)
	}
	enrolApp(t, s, c)
	if a := c.Get("/people"); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d to %q", a.Status, a.Location)
	}
}

func TestSensitiveActsNeedAFreshProof(t *testing.T) {
	covers.Rows(t, "A38", "S42", "A91")
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	s.Clock.Advance(11 * time.Minute)
	for _, path := range []string{"/account/factors/totp", "/account/factors/passkey", "/account/tokens/new"} {
		if a := c.Get(path); a.Location != "/step/up?next="+url.QueryEscape(path) {
			t.Errorf("GET %s eleven minutes after signing in: %d to %q, want the step-up", path, a.Status, a.Location)
		}
	}
	r := c.Request(http.MethodPost, "/account/tokens", strings.NewReader("name=nightly+import&days=30&scopes=remittances.view"))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Referer", s.URL+"/account/tokens/new")
	a := c.Do(r)
	if !strings.HasPrefix(a.Location, "/step/up?next=%2Faccount%2Ftokens%2Fnew%3Fkept%3Dkfm_") {
		t.Fatalf("POST of a token: %d to %q, want the step-up that leads back to the form", a.Status, a.Location)
	}
	up := c.Get(a.Location)
	next := found(t, `name="next" value="([^"]+)"`, up.Body)
	if a := c.Post("/step/up", "method", "password", "password", "wrong", "next", next); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("a wrong password: %d, want 422", a.Status)
	}
	before := c.Cookies()[0].Value
	if a := c.Post("/step/up", "method", "password", "password", accountstest.Password, "next", next); a.Location != next {
		t.Fatalf("the password: %d to %q, want %q", a.Status, a.Location, next)
	}
	if c.Cookies()[0].Value == before {
		t.Error("the token is the same as before the proof")
	}
	page := c.Get(next)
	for _, want := range []string{`value="nightly import"`, `value="30"`, `value="remittances.view" checked`, "What you typed was kept"} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the form that was kept lacks %s", want)
		}
	}
	if other := s.SignedIn(t, s.Viewer).Get(next); strings.Contains(other.Body, "nightly import") {
		t.Error("somebody else sees the kept form")
	}
}

func TestATypedFormSurvivesTheSessionsEnd(t *testing.T) {
	covers.Rows(t, "S42", "A34")
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	s.Clock.Advance(16 * time.Minute)
	form := url.Values{"name": {"Thanksgiving & more"}, "days": {"2026-11-26"}, "password": {"secret-thing"}}
	r := c.Request(http.MethodPost, "/calendars", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Referer", s.URL+"/calendars/new")
	a := c.Do(r)
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/sign-in?next=%2Fcalendars%2Fnew%3Fkept%3D") || !strings.Contains(a.Location, "why=expired") {
		t.Fatalf("a form after the session's end: %d to %q", a.Status, a.Location)
	}
	at, err := url.Parse(a.Location)
	if err != nil {
		t.Fatal(err)
	}
	next := at.Query().Get("next")
	if a := c.Post("/sign-in", "username", s.Administrator, "password", accountstest.Password, "next", next); a.Location != next {
		t.Fatalf("signing in again: %d to %q", a.Status, a.Location)
	}
	page := c.Get(next)
	if !strings.Contains(page.Body, `value="Thanksgiving &amp; more"`) || !strings.Contains(page.Body, "What you typed was kept") {
		t.Error("the form doesn't hold what was typed")
	}
	if strings.Contains(page.Body, "secret-thing") {
		t.Error("a password was kept")
	}
	// Who signed out leaves nothing behind.
	c.Post("/sign-out")
	r = c.Request(http.MethodPost, "/calendars", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Referer", s.URL+"/calendars/new")
	if a := c.Do(r); strings.Contains(a.Location, "kept") {
		t.Error("a form is kept for who signed out")
	}
}

func TestASetUpIsFinishedOnceAndInItsOwnSession(t *testing.T) {
	covers.Rows(t, "A90")
	t.Parallel()
	s := webtest.New(t)
	c, stranger := s.SignedIn(t, s.Biller), s.SignedIn(t, s.Viewer)
	page := c.Get("/account/factors/totp")
	key, token := found(t, totpKey, page.Body), found(t, tokenField, page.Body)
	if a := stranger.Post("/account/factors/totp", "token", token, "code", totpCode(t, s, key)); a.Location != "/account/factors/totp?done=setup-over" {
		t.Errorf("somebody else's set-up: %d to %q, want to begin anew", a.Status, a.Location)
	}
	wrong := c.Post("/account/factors/totp", "token", token, "code", "000000", "label", "my phone")
	if wrong.Status != http.StatusUnprocessableEntity || found(t, totpKey, wrong.Body) != key || !strings.Contains(wrong.Body, `value="my phone"`) {
		t.Errorf("a wrong code: %d, want 422 with the same key and what was typed", wrong.Status)
	}
	if a := c.Post("/account/factors/totp", "token", token, "code", totpCode(t, s, key)); a.Status != http.StatusOK {
		t.Fatalf("the right code: %d", a.Status)
	}
	s.Clock.Advance(time.Minute)
	if a := c.Post("/account/factors/totp", "token", token, "code", totpCode(t, s, key)); a.Location != "/account/factors/totp?done=setup-over" {
		t.Errorf("the same set-up again: %d to %q, want to begin anew", a.Status, a.Location)
	}
	if n := strings.Count(c.Get("/account").Body, "/remove\""); n != 1 {
		t.Errorf("%d second steps, want 1", n)
	}
}
