package web_test

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// out says whether the client has to sign in.
func out(c *webtest.Client) bool {
	a := c.Get("/account")
	return a.Status == http.StatusSeeOther && strings.HasPrefix(a.Location, "/sign-in")
}

func TestSessionsAreListedAndEnded(t *testing.T) {
	covers.Rows(t, "S41", "A37", "A39")
	t.Parallel()
	s := webtest.New(t)
	first, second := s.SignedIn(t, s.Biller), s.SignedIn(t, s.Biller)
	page := second.Get("/account")
	if n := strings.Count(page.Body, "/account/sessions/ses_"); n != 1 {
		t.Errorf("%d other sessions listed, want 1", n)
	}
	// A changed factor offers to end the others.
	setup := second.Get("/account/factors/totp")
	key := found(t, totpKey, setup.Body)
	added := second.Post("/account/factors/totp", "token", found(t, tokenField, setup.Body), "code", totpCode(t, s, key))
	if !strings.Contains(added.Body, "End all other sessions") || !strings.Contains(added.Body, `action="/account/sessions/end-others"`) {
		t.Error("the new factor doesn't offer to end other sessions")
	}
	if out(first) {
		t.Error("the other session ended by itself")
	}
	if a := second.Post("/account/sessions/end-others"); a.Location != "/account?done=sessions-ended" {
		t.Errorf("ending the others: %d to %q", a.Status, a.Location)
	}
	if !out(first) || out(second) {
		t.Error("ending the others ended not just them")
	}
	// An administrator ends all.
	admin := s.SignedIn(t, s.Administrator)
	person := found(t, `href="(/people/usr_[0-9a-z]+)"[^>]*>Beatrix`, admin.Get("/people").Body)
	if a := admin.Post(person + "/sessions/end"); a.Status != http.StatusSeeOther {
		t.Errorf("an administrator ends a person's sessions: %d", a.Status)
	}
	if !out(second) {
		t.Error("a session survives the administrator's end of all")
	}
	// At most five at a time; the one used longest ago ends.
	var clients []*webtest.Client
	for range 6 {
		clients = append(clients, s.SignedIn(t, s.Viewer))
		s.Clock.Advance(time.Minute)
	}
	if !out(clients[0]) || out(clients[1]) || out(clients[5]) {
		t.Error("of six sessions not just the oldest ended")
	}
	if page := clients[5].Get("/dashboard"); !strings.Contains(page.Body, `action="/sign-out"`) {
		t.Error("the page has no way to sign out")
	}
}

func TestASharedComputerIsLeftEarly(t *testing.T) {
	covers.Rows(t, "S40", "A33", "A35")
	t.Parallel()
	s := webtest.New(t)
	c := s.Client(t)
	if page := c.Get("/sign-in"); !strings.Contains(page.Body, "Others use this computer, too") {
		t.Error("the sign-in page doesn't ask whether others use the computer")
	}
	signIn := func() {
		if a := c.Post("/sign-in", "username", s.Biller, "password", accountstest.Password, "shared", "yes"); a.Status != http.StatusSeeOther {
			t.Fatalf("signing in: %d", a.Status)
		}
	}
	signIn()
	for _, cookie := range c.Cookies() {
		if strings.Contains(cookie.Name, "device") {
			t.Error("a shared computer becomes a known device")
		}
	}
	if page := c.Get("/account"); !strings.Contains(page.Body, "shared computer") || page.Header.Get("Cache-Control") != "no-store" {
		t.Error("the session isn't marked, or its pages may be kept")
	}
	s.Clock.Advance(5*time.Minute + time.Second)
	if !out(c) {
		t.Error("it lasts more than five minutes without use")
	}
	signIn()
	if a := c.Post("/sign-out"); !strings.Contains(a.Header.Get("Clear-Site-Data"), "cache") || !out(c) {
		t.Error("signing out leaves the session or the browser's data")
	}
}

func TestSecretsOfSessionsHave256Bits(t *testing.T) {
	covers.Rows(t, "A60", "A32")
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	cookies := c.Cookies()
	if len(cookies) != 2 {
		t.Fatalf("%d cookies, want those of session and device", len(cookies))
	}
	for _, cookie := range cookies {
		raw, err := base64.RawURLEncoding.DecodeString(cookie.Value)
		if err != nil || len(raw) != 32 {
			t.Errorf("cookie %s has %d bytes (%v), want 32", cookie.Name, len(raw), err)
		}
		if n := counted(t, s, `SELECT count(*) FROM session WHERE position(convert_to($1, 'UTF8') IN token_hash) > 0 OR data::text LIKE '%' || $1 || '%'`, cookie.Value); n != 0 {
			t.Errorf("the value of cookie %s stands in the database", cookie.Name)
		}
	}
}

func counted(t *testing.T, s *webtest.Site, query string, args ...any) int {
	t.Helper()
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // read only
	var n int
	if err := db.GetContext(t.Context(), &n, query, args...); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestFactorsAreSealedOnceAndEndAtOnce(t *testing.T) {
	covers.Rows(t, "A21", "A22", "A23", "A27", "A29", "S35")
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Biller)
	key, recovery := enrolApp(t, s, c)
	if n := counted(t, s, `SELECT count(*) FROM credential c WHERE c::text LIKE '%' || $1 || '%' OR c::text LIKE '%' || $2 || '%'`,
		strings.ReplaceAll(key, " ", ""), strings.ReplaceAll(recovery, "-", "")); n != 0 {
		t.Error("the key or a recovery code stands in the database")
	}
	half := func() *webtest.Client { return s.SignedIn(t, s.Biller) }
	code := totpCode(t, s, key)
	if a := half().Post("/step/factor", "method", "totp", "code", code); a.Status != http.StatusSeeOther {
		t.Errorf("a code: %d", a.Status)
	}
	if a := half().Post("/step/factor", "method", "totp", "code", code); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "used already") {
		t.Errorf("the same code again: %d, want 422 that says so", a.Status)
	}
	for i, want := range []int{http.StatusSeeOther, http.StatusUnprocessableEntity} {
		if a := half().Post("/step/factor", "method", "recovery_code", "code", recovery); a.Status != want {
			t.Errorf("a recovery code, use %d: %d, want %d", i+1, a.Status, want)
		}
	}
	// A new password isn't a second step.
	user := s.Principal(t, s.Biller).UserID
	const fresh = "walnut-harbor-piano-31"
	if err := s.Accounts.SetPassword(t.Context(), accountstest.Actor, user, fresh); err != nil {
		t.Fatal(err)
	}
	after := s.Client(t)
	after.Post("/sign-in", "username", s.Biller, "password", fresh)
	if a := after.Get("/account/password"); !strings.HasPrefix(a.Location, "/step/factor") {
		t.Errorf("after a reset password: %d to %q, want the second step", a.Status, a.Location)
	}
	// Reset by an administrator: all of it ends, and the person begins by a code that is mailed.
	admin := s.SignedIn(t, s.Administrator)
	person := found(t, `href="(/people/usr_[0-9a-z]+)"[^>]*>Beatrix`, admin.Get("/people").Body)
	if a := admin.Post(person+"/factors/reset", "reason", ""); a.Status != http.StatusConflict {
		t.Errorf("a reset without a reason: %d, want 409", a.Status)
	}
	if a := admin.Post(person+"/factors/reset", "reason", "called back"); a.Status != http.StatusSeeOther {
		t.Fatalf("the reset: %d", a.Status)
	}
	if !out(c) || !out(after) {
		t.Error("a session survives the reset")
	}
	if a := s.Client(t).Post("/sign-in", "username", s.Biller, "password", fresh); a.Status == http.StatusSeeOther {
		t.Error("the old password alone lets somebody in after the reset")
	}
}
