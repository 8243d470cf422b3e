package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

func setPolicy(t *testing.T, s *webtest.Site, policy accounts.SecurityPolicy) {
	t.Helper()
	if err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: s.Operator}, policy); err != nil {
		t.Fatal(err)
	}
}

func TestTheFifthFailureLocksAndTimeUnlocks(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S24", "S25", "S27", "S21", "C6", "A15", "A16")
	s := webtest.New(t)
	c := s.Client(t)
	c.Fail(s.Biller, 4)
	wrong := c.Try(s.Biller, "wrong wrong wrong")
	for _, want := range []string{"15 to 30 minutes", "opens by itself", "1 555 0100"} {
		if !strings.Contains(wrong.Body, want) {
			t.Errorf("the fifth failure doesn't say %q", want)
		}
	}
	if strings.Contains(wrong.Body, "is locked") || wrong.Status != http.StatusUnauthorized {
		t.Errorf("a stranger learns of the lock, status %d", wrong.Status)
	}
	a := c.Try(s.Biller, accountstest.Password)
	if a.Status != http.StatusForbidden || !strings.Contains(a.Body, "locked until") || !strings.Contains(a.Body, "administrator") {
		t.Errorf("the right password for a locked account: %d, want 403 with the time and what to do", a.Status)
	}
	s.Clock.Advance(15*time.Minute - time.Second)
	if a := c.Try(s.Biller, accountstest.Password); a.Status != http.StatusForbidden {
		t.Errorf("a second before the end of the lock: %d, want 403", a.Status)
	}
	s.Clock.Advance(time.Second)
	if a := c.Try(s.Biller, accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("at the end of the lock: %d to %q, want the dashboard", a.Status, a.Location)
	}
}

func TestLockedKnownAndUnknownLookAlike(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A17", "S27")
	s := webtest.New(t)
	answers := map[string][]string{}
	const unknown = "Nob.Nobody"
	for _, name := range []string{s.Biller, unknown} {
		c := s.Client(t)
		for range 8 {
			a := c.Post("/sign-in", "username", name, "password", "wrong wrong wrong")
			body := challengeText.ReplaceAllString(strings.ReplaceAll(a.Body, name, "NAME"), "CHALLENGE")
			answers[name] = append(answers[name], http.StatusText(a.Status), a.Header.Get("Retry-After"), body)
		}
	}
	for i := range answers[unknown] {
		if answers[s.Biller][i] != answers[unknown][i] {
			t.Errorf("answer %d differs between a name that exists and one that doesn't", i/3)
		}
	}
}

func TestManualUnlockByPolicy(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S26", "C9")
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{Lockout: accounts.Lockout{Manual: true}})
	c := s.Client(t)
	c.Fail(s.Biller, 5)
	s.Clock.Advance(24 * time.Hour)
	if a := c.Try(s.Biller, accountstest.Password); !strings.Contains(a.Body, "locked until somebody unlocks it") {
		t.Errorf("a day later: %d, want to be told that somebody has to unlock", a.Status)
	}
	admin := s.SignedIn(t, s.Administrator)
	a := admin.Get("/people/locked")
	if !strings.Contains(a.Body, "by your policy somebody unlocks") {
		t.Error("the page doesn't say the cause")
	}
	unlock := unlockPath.FindString(a.Body)
	if a := admin.Post(unlock, "reason", "called back"); a.Status != http.StatusSeeOther {
		t.Fatalf("unlocking: %d", a.Status)
	}
	if a := c.Try(s.Biller, accountstest.Password); a.Status != http.StatusSeeOther {
		t.Errorf("after being unlocked: %d, want 303", a.Status)
	}
}

func TestAKnownBrowserGetsInWhileStrangersAreLockedOut(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A16")
	s := webtest.New(t)
	own := s.SignedIn(t, s.Biller)
	if a := own.Post("/sign-out"); a.Status != http.StatusSeeOther {
		t.Fatal("not signed out")
	}
	s.Client(t).Fail(s.Biller, 5)
	if a := own.Try(s.Biller, accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("from the known browser: %d to %q, want the dashboard", a.Status, a.Location)
	}
	if a := s.Client(t).Try(s.Biller, accountstest.Password); a.Status != http.StatusForbidden {
		t.Errorf("from another one: %d, want 403", a.Status)
	}
	shared := s.Client(t)
	if a := shared.Try(s.Viewer, accountstest.Password, "shared", "yes"); a.Status != http.StatusSeeOther {
		t.Fatalf("signing in on a shared computer: %d", a.Status)
	}
	for _, cookie := range shared.Cookies() {
		if strings.Contains(cookie.Name, "device") {
			t.Error("a shared computer is remembered")
		}
	}
}

func TestTheSecurityCheck(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S7", "A18", "C5")
	s := webtest.New(t)
	c := s.Client(t)
	for range 3 {
		c.Post("/sign-in", "username", s.Biller, "password", "wrong wrong wrong")
	}
	a := c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password)
	if a.Status != http.StatusUnauthorized || !strings.Contains(a.Body, "One more step") || !strings.Contains(a.Body, "<noscript>") {
		t.Errorf("without the work: %d, want 401 with what comes next, also without scripts", a.Status)
	}
	challenge := challengeText.FindStringSubmatch(a.Body)
	if challenge == nil {
		t.Fatal("the page holds no challenge")
	}
	if a := c.Post("/sign-in/challenge", "username", s.Biller); a.Status != http.StatusOK || !strings.Contains(a.Body, `"nonce"`) {
		t.Errorf("the script's question: %d, want a challenge", a.Status)
	}
	if a := c.Post("/sign-in/challenge", "username", s.Viewer); strings.Contains(a.Body, "nonce") {
		t.Error("somebody without failures has to work")
	}
	s.Clock.Advance(accounts.ChallengeWait)
	a = c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password, "challenge", challenge[1], "next", "/account")
	if a.Location != "/account" {
		t.Errorf("having waited: %d to %q, want the page that was wanted", a.Status, a.Location)
	}
	setPolicy(t, s, accounts.SecurityPolicy{ChallengeAlways: true})
	if a := s.Client(t).Post("/sign-in", "username", s.Viewer, "password", accountstest.Password); !strings.Contains(a.Body, "One more step") {
		t.Errorf("always by policy: %d, want to be asked for work", a.Status)
	}
	if a := s.Client(t).Try(s.Viewer, accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("with the work done: %d to %q", a.Status, a.Location)
	}
}

func TestStaleAndBrokenCookiesAreTakenBack(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S50", "S2")
	s := webtest.New(t)
	for _, value := range []string{"", "x", strings.Repeat("a", 43), strings.Repeat("z", 3000), "%00%ff", "a b"} {
		c := s.Client(t)
		for _, path := range []string{"/sign-in?next=%2Faccount", "/sign-in"} {
			r := c.Request(http.MethodGet, path, nil)
			r.Header.Set("Cookie", "ediport="+value+"; ediport-device="+value+"; other=1")
			a := c.Do(r)
			if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Set-Cookie"), "ediport=; Path=/; Max-Age=0") {
				t.Errorf("%d bytes of cookie: %d, Set-Cookie %q; want the form, and the cookie taken back", len(value), a.Status, a.Header.Get("Set-Cookie"))
			}
		}
		r := c.Request(http.MethodPost, "/sign-in", strings.NewReader("username="+s.Biller+"&password="+accountstest.Password+"&next=/account"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Cookie", "ediport="+value+"; ediport-device="+value)
		if a := c.Do(r); a.Location != "/account" {
			t.Errorf("signing in with %d bytes of cookie: %d to %q, want the page that was wanted", len(value), a.Status, a.Location)
		}
	}
	if a := s.SignedIn(t, s.Viewer).Get("/account"); a.Status != http.StatusOK {
		t.Errorf("a good cookie is taken back: %d", a.Status)
	}
}

func TestPasswordManagersFindTheirFields(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A8", "S6", "S2")
	s := webtest.New(t)
	a := s.Client(t).Get("/sign-in")
	for _, want := range []string{`autocomplete="username webauthn"`, `autocomplete="current-password"`, `type="password"`, `class="reveal"`, `aria-pressed="false"`, `<label for="password">`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	if strings.Contains(a.Body, "http://") || strings.Contains(a.Body, "https://") || strings.Contains(a.Body, "onpaste") {
		t.Error("the page asks other sites for something, or minds pasting")
	}
}
