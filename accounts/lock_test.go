package accounts_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

var (
	elsewhere = accounts.Origin{Address: "198.51.100.9", UserAgent: "another", Incident: "TEST3-TEST4"}
	nowhere   = accounts.Origin{Address: "203.0.113.5", UserAgent: "a third", Incident: "TEST5-TEST6"}
)

func right(login string) accounts.Credentials {
	return accounts.Credentials{Name: login, Password: accountstest.Password}
}

func wrong(name string) accounts.Credentials {
	return accounts.Credentials{Name: name, Password: "wrong wrong wrong"}
}

// fail fails so often, one failure after the other, waiting where it has to.
func fail(t *testing.T, w *accountstest.World, name string, times int, o accounts.Origin) {
	t.Helper()
	for i := range times {
		_, err := w.Try(t, wrong(name), o)
		var throttled *accounts.ThrottledError
		if errors.As(err, &throttled) {
			w.Clock.Advance(throttled.Wait)
			_, err = w.Try(t, wrong(name), o)
		}
		if !errors.Is(err, accounts.ErrRefused) {
			t.Fatalf("failure %d: %v, want ErrRefused", i+1, err)
		}
	}
}

func lockCause(t *testing.T, err error) *accounts.StateError {
	t.Helper()
	var state *accounts.StateError
	if !errors.As(err, &state) {
		t.Fatalf("SignIn = %v, want a *StateError", err)
	}
	return state
}

func TestTheFifthFailureLocks(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S24", "S25", "A16", "S21")
	w := accountstest.New(t)
	fail(t, w, w.Biller, 4, elsewhere)
	if _, err := w.Try(t, right(w.Biller), elsewhere); err != nil {
		t.Fatalf("the right password after four failures: %v", err)
	}
	// The count is the person's, whatever name was typed.
	fail(t, w, w.Biller, 3, elsewhere)
	fail(t, w, "Bea.Biller@example.org", 2, elsewhere)
	locked := w.Clock.Now()
	state := lockCause(t, second(w.Try(t, right(w.Biller), here)))
	if state.Cause != accounts.StateLocked || !state.Until.Equal(locked.Add(15*time.Minute)) || state.Zone.String() != "America/New_York" {
		t.Errorf("after the fifth failure: %s until %v in %v, want locked for 15 minutes in New York", state.Cause, state.Until, state.Zone)
	}
	w.Clock.Advance(15*time.Minute - time.Second)
	lockCause(t, second(w.Try(t, right(w.Biller), here)))
	w.Clock.Advance(time.Second)
	if _, err := w.Try(t, right(w.Biller), here); err != nil {
		t.Errorf("the right password when the lock has ended: %v", err)
	}
}

func second(_ accounts.SignedIn, err error) error { return err }

func TestStrangersLearnNothingOfALock(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A17", "S27")
	w := accountstest.New(t)
	for _, name := range []string{w.Biller, "nobody.at.all"} {
		var answers []string
		for range 9 {
			before := w.Accounts.Hasher().Computed()
			_, err := w.Try(t, wrong(name), elsewhere)
			cost := w.Accounts.Hasher().Computed() - before
			answers = append(answers, err.Error())
			var throttled *accounts.ThrottledError
			if errors.As(err, &throttled) {
				answers = append(answers, throttled.Wait.String())
				w.Clock.Advance(throttled.Wait)
				cost++ // it looks at nothing
			}
			if cost != 1 {
				t.Errorf("an attempt on %s cost %d hashes, want 1", name, cost)
			}
		}
		got, want := strings.Join(answers, ", "), strings.Repeat("accounts: sign-in refused, ", 6)+
			"accounts: too many attempts, 30s, accounts: sign-in refused, accounts: too many attempts, 1m0s"
		if got != want {
			t.Errorf("%s: %s; want %s", name, got, want)
		}
	}
}

func TestDelaysGrowByAddress(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A15")
	w := accountstest.New(t)
	guess := 0
	next := func() error {
		guess++
		_, err := w.Try(t, wrong("guess"+strings.Repeat("x", guess)), elsewhere)
		return err
	}
	for i := range 20 {
		if err := next(); !errors.Is(err, accounts.ErrRefused) {
			t.Fatalf("failure %d of the address: %v, want ErrRefused", i+1, err)
		}
	}
	want := []time.Duration{30, 60, 120, 240, 480, 960, 1920, 3600, 3600}
	for i, seconds := range want {
		wait := seconds * time.Second
		var throttled *accounts.ThrottledError
		if err := next(); !errors.As(err, &throttled) || throttled.Wait != wait {
			t.Fatalf("after %d failures of the address: %v, want to wait %v", i+20, err, wait)
		}
		if _, err := w.Try(t, right(w.Viewer), here); err != nil {
			t.Fatalf("from another address: %v", err)
		}
		w.Clock.Advance(wait)
		if err := next(); !errors.Is(err, accounts.ErrRefused) {
			t.Fatalf("after waiting %v: %v, want ErrRefused", wait, err)
		}
	}
}

func TestAtMostAHundredFailures(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A15")
	w := accountstest.New(t)
	fail(t, w, w.Biller, accounts.MaxFailures, elsewhere)
	w.Clock.Advance(48 * time.Hour)
	before := w.Accounts.Hasher().Computed()
	if err := second(w.Try(t, right(w.Biller), elsewhere)); !errors.Is(err, accounts.ErrRefused) || errorIsState(err) {
		t.Errorf("the right password after a hundred failures: %v, want ErrRefused without a word", err)
	}
	if cost := w.Accounts.Hasher().Computed() - before; cost != 1 {
		t.Errorf("that cost %d hashes, want 1 of nobody's", cost)
	}
	if lock, err := w.Accounts.LockOf(t.Context(), userID(t, w, w.Biller)); err != nil || lock.Reason != accounts.LockedByLimit || !lock.Until.IsZero() {
		t.Errorf("LockOf = %+v, %v; want a lock by the limit", lock, err)
	}
	admin := w.Principal(t, w.Administrator).Scope(accounts.ManagePeople)
	if err := w.Accounts.UnlockPerson(t.Context(), admin, userID(t, w, w.Biller), "called back at the practice"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Try(t, right(w.Biller), elsewhere); err != nil {
		t.Errorf("after being unlocked: %v", err)
	}
}

func TestLocksSurviveARestartAndHoldForAllNodes(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A15")
	w := accountstest.New(t)
	fail(t, w, w.Biller, 5, elsewhere)
	other := *w
	other.Accounts = w.Service(t, accountstest.CheapHash)
	lockCause(t, second(other.Try(t, right(w.Biller), here)))
}

func TestAKnownDeviceGetsInWhileStrangersAreLockedOut(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A16")
	w := accountstest.New(t)
	biller := userID(t, w, w.Biller)
	device, err := w.Accounts.RememberDevice(t.Context(), biller, "", here)
	if err != nil {
		t.Fatal(err)
	}
	known := func(c accounts.Credentials) accounts.Credentials { c.Device = device; return c }
	fail(t, w, w.Biller, 6, elsewhere)
	if _, err := w.Try(t, known(right(w.Biller)), here); err != nil {
		t.Fatalf("from the known device: %v", err)
	}
	w.Clock.Advance(time.Minute) // for what the name has to wait
	lockCause(t, second(w.Try(t, right(w.Biller), nowhere)))
	if _, err := w.Try(t, known(right(w.Viewer)), nowhere); err != nil {
		t.Errorf("somebody else by the same browser: %v", err)
	}
	// Its own failures lock, too, and then it is known no longer.
	w.Clock.Advance(16 * time.Minute)
	for i := range 5 {
		if err := second(w.Try(t, known(wrong(w.Biller)), here)); !errors.Is(err, accounts.ErrRefused) {
			t.Fatalf("failure %d of the device: %v", i+1, err)
		}
	}
	lockCause(t, second(w.Try(t, known(right(w.Biller)), here)))
	devices, err := w.Accounts.Devices(t.Context(), &accounts.Principal{UserID: biller})
	if err != nil || len(devices) != 0 {
		t.Errorf("%d known devices are left, %v; want none", len(devices), err)
	}
}

func TestManualUnlockByPolicy(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S26", "C9", "S66", "A15")
	w := accountstest.New(t)
	setPolicy(t, w, accounts.SecurityPolicy{Lockout: accounts.Lockout{Failures: 3, Manual: true}})
	fail(t, w, w.Biller, 3, elsewhere)
	w.Clock.Advance(30 * 24 * time.Hour)
	if state := lockCause(t, second(w.Try(t, right(w.Biller), here))); !state.Until.IsZero() {
		t.Errorf("locked until %v, want until somebody unlocks", state.Until)
	}
	scope := w.Principal(t, w.Administrator).Scope(accounts.ManagePeople)
	locked, err := w.Accounts.Locked(t.Context(), scope)
	if err != nil || len(locked) != 1 || locked[0].Login != w.Biller || locked[0].Lock.Reason != accounts.LockedByPolicy ||
		locked[0].Lock.Address != elsewhere.Address || !locked[0].Lock.Until.IsZero() {
		t.Fatalf("Locked = %+v, %v; want the biller, by policy, from there", locked, err)
	}
	biller := userID(t, w, w.Biller)
	var input *accounts.InputError
	if err := w.Accounts.UnlockPerson(t.Context(), scope, biller, "  "); !errors.As(err, &input) {
		t.Errorf("unlocking without a reason: %v, want an InputError", err)
	}
	if err := w.Accounts.UnlockPerson(t.Context(), scope, userID(t, w, w.Nobody), "x"); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("unlocking somebody of no place of the administrator's: %v, want ErrNotFound", err)
	}
	if err := w.Accounts.UnlockPerson(t.Context(), scope, biller, "called back"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Try(t, right(w.Biller), here); err != nil {
		t.Errorf("after being unlocked: %v", err)
	}
	events := rows(t, w, `SELECT action || ' ' || coalesce(detail ->> 'reason', '') FROM audit_event WHERE action IN ('user.locked', 'user.unlocked') ORDER BY id`)
	if strings.Join(events, ", ") != "user.locked manual, user.unlocked called back" {
		t.Errorf("events %q", events)
	}
	mails := rows(t, w, `SELECT topic FROM outbox WHERE user_id = `+"$1"+` AND topic IN ('locked', 'unlocked') ORDER BY id`, int64(biller))
	if strings.Join(mails, " ") != "locked unlocked" {
		t.Errorf("mails %q, want locked and unlocked", mails)
	}
}

func TestCausesAfterTheRightPasswordOnly(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S21", "C6")
	w := accountstest.New(t)
	if err := w.Accounts.Disable(t.Context(), accountstest.Actor, userID(t, w, w.Viewer)); err != nil {
		t.Fatal(err)
	}
	if err := second(w.Try(t, wrong(w.Viewer), here)); errorIsState(err) {
		t.Errorf("a stranger learns the state: %v", err)
	}
	if state := lockCause(t, second(w.Try(t, right(w.Viewer), here))); state.Cause != accounts.StateDisabled {
		t.Errorf("cause %s, want disabled", state.Cause)
	}
	setPolicy(t, w, accounts.SecurityPolicy{DetailedMessages: true})
	if state := lockCause(t, second(w.Try(t, wrong(w.Viewer), here))); state.Cause != accounts.StateDisabled {
		t.Errorf("with detailed messages: cause %s, want disabled", state.Cause)
	}
	fail(t, w, w.Biller, 4, elsewhere)
	if state := lockCause(t, second(w.Try(t, wrong(w.Biller), elsewhere))); state.Cause != accounts.StateLocked {
		t.Errorf("with detailed messages: cause %s, want locked", state.Cause)
	}
}

func errorIsState(err error) bool {
	var state *accounts.StateError
	return errors.As(err, &state)
}
