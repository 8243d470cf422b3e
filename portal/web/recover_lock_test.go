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

// recoverBy recovers a biller's password by mail, to the chosen one.
func recoverBy(t *testing.T, c *webtest.Client, code string) {
	t.Helper()
	if a := c.Post("/recover/code", "code", code); a.Location != "/recover/new" {
		t.Fatalf("the code: %d to %q", a.Status, a.Location)
	}
	if a := c.Post("/recover/new", "password", chosen); a.Location != "/sign-in?done=password-recovered" {
		t.Fatalf("choosing a password: %d to %q", a.Status, a.Location)
	}
}

// A hundred failures end the password, not the person: who proves himself anew gets in, without an administrator.
func TestAHundredFailuresAreRecoveredFrom(t *testing.T) {
	covers.Rows(t, "A15", "A16", "S11")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	loaded(t, s, `UPDATE app_user SET failures_in_a_row = 99 WHERE login = '`+s.Biller+`'`)
	s.Client(t).Fail(s.Biller, 1)
	if got := loaded(t, s, `SELECT locked_reason FROM app_user WHERE locked_until = 'infinity'`); strings.Join(got, " ") != accounts.LockedByLimit {
		t.Fatalf("after 100 failures: locked by %v", got)
	}
	c := s.Client(t)
	if a := c.Try(s.Biller, accountstest.Password); a.Status == http.StatusSeeOther {
		t.Fatal("the password works after 100 failures")
	}
	recoverBy(t, c, recoverWith(t, c, office, s.Biller))
	if a := c.Post("/sign-in", "username", s.Biller, "password", chosen); a.Location != "/dashboard" {
		t.Errorf("the new password: %d to %q, want the dashboard at once", a.Status, a.Location)
	}
	if n := loaded(t, s, `SELECT login FROM app_user WHERE failures_in_a_row > 0 OR locked_until IS NOT NULL`); len(n) != 0 {
		t.Error("the lock or the failures are still there")
	}
}

// Where the policy has somebody unlock, nobody unlocks himself, neither by asking for a code nor by one he has.
func TestRecoveryLeavesAManualLockAlone(t *testing.T) {
	covers.Rows(t, "S26", "C9")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	setPolicy(t, s, accounts.SecurityPolicy{Lockout: accounts.Lockout{Manual: true}})
	c := s.Client(t)
	code := recoverWith(t, c, office, s.Biller)
	s.Client(t).Fail(s.Biller, 5)
	if a := s.Client(t).Post("/recover/password", "name", s.Biller, "identifier", clinicNPI); a.Location != "/recover/code" {
		t.Errorf("asking for a code while locked: %d to %q, want the same as always", a.Status, a.Location)
	}
	if got := loaded(t, s, `SELECT detail->>'reason' FROM audit_event WHERE action = 'recovery.refused'`); strings.Join(got, " ") != "locked" {
		t.Errorf("refused: %v, want once, for the lock", got)
	}
	recoverBy(t, c, code)
	if a := c.Try(s.Biller, chosen); !strings.Contains(a.Body, "locked until somebody unlocks it") {
		t.Errorf("with the new password: %d, want the lock to hold", a.Status)
	}
}

// A code by mail stands in for the password only.
func TestRecoveryStillAsksForTheSecondFactor(t *testing.T) {
	covers.Rows(t, "A29", "A25")
	t.Parallel()
	s := webtest.New(t)
	office := mailed(t, s)
	key, _ := enrolApp(t, s, s.SignedIn(t, s.Biller))
	half := s.SignedIn(t, s.Biller)
	for range 5 {
		half.Post("/step/factor", "method", "totp", "code", "000000")
	}
	c := s.Client(t)
	recoverBy(t, c, recoverWith(t, c, office, s.Biller))
	if a := c.Get("/claims"); !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("after the recovery: %d to %q, want to sign in", a.Status, a.Location)
	}
	if a := c.Post("/sign-in", "username", s.Biller, "password", chosen); a.Status != http.StatusSeeOther {
		t.Fatalf("the new password: %d", a.Status)
	}
	for _, path := range []string{"/claims", "/account", "/dashboard", "/account/factors/totp"} {
		if a := c.Get(path); !strings.HasPrefix(a.Location, "/step/factor") {
			t.Errorf("GET %s after the recovery: %d to %q, want the second step", path, a.Status, a.Location)
		}
	}
	if a := c.Post("/step/factor", "method", "totp", "code", totpCode(t, s, key)); a.Status != http.StatusTooManyRequests {
		t.Errorf("a code after five wrong ones: %d, want 429: a recovery doesn't reset that count", a.Status)
	}
	s.Clock.Advance(time.Minute)
	if a := c.Post("/step/factor", "method", "totp", "code", totpCode(t, s, key), "next", "/claims"); a.Location != "/claims" {
		t.Errorf("the second step: %d to %q", a.Status, a.Location)
	}
	if a := c.Get("/claims"); a.Status != http.StatusOK {
		t.Errorf("afterwards: %d", a.Status)
	}
}
