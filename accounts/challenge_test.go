package accounts_test

import (
	"errors"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
)

// challenged returns the challenge that an attempt meets.
func challenged(t *testing.T, w *accountstest.World, c accounts.Credentials, o accounts.Origin) accounts.Challenge {
	t.Helper()
	_, err := w.Accounts.SignIn(t.Context(), c, o)
	var work *accounts.ChallengeError
	if !errors.As(err, &work) {
		t.Fatalf("SignIn = %v, want a *ChallengeError", err)
	}
	return work.Challenge
}

func TestWorkIsAskedForAfterThreeFailures(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S7", "A18", "A17")
	w := accountstest.New(t)
	for _, name := range []string{w.Biller, "nobody.at.all"} {
		for range 3 {
			if _, err := w.Accounts.SignIn(t.Context(), wrong(name), elsewhere); !errors.Is(err, accounts.ErrRefused) {
				t.Fatalf("a first failure of %s: %v", name, err)
			}
		}
		before := w.Accounts.Hasher().Computed()
		challenged(t, w, wrong(name), elsewhere)
		if cost := w.Accounts.Hasher().Computed() - before; cost != 0 {
			t.Errorf("an attempt without work cost %d hashes, want 0", cost)
		}
		asked, err := w.Accounts.ChallengeFor(t.Context(), accounts.Credentials{Name: name}, elsewhere)
		if err != nil || asked == nil {
			t.Errorf("ChallengeFor(%s) = %v, %v; want one", name, asked, err)
		}
	}
	if asked, err := w.Accounts.ChallengeFor(t.Context(), accounts.Credentials{Name: w.Viewer}, here); err != nil || asked != nil {
		t.Errorf("ChallengeFor somebody without failures = %v, %v; want none", asked, err)
	}
}

func TestWorkCountsOnceForOneNameFromOneAddress(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A18")
	w := accountstest.New(t)
	fail(t, w, w.Biller, 3, elsewhere)
	work := challenged(t, w, right(w.Biller), elsewhere)
	solved := right(w.Biller)
	solved.Challenge, solved.Solution = work.Text, accountstest.Solve(work)
	for _, c := range []struct {
		rule   string
		change func(*accounts.Credentials, *accounts.Origin)
	}{
		{"no solution", func(c *accounts.Credentials, _ *accounts.Origin) { c.Solution = "" }},
		{"a wrong one", func(c *accounts.Credentials, _ *accounts.Origin) { c.Solution = unsolved(work) }},
		{"no number", func(c *accounts.Credentials, _ *accounts.Origin) { c.Solution = "abc" }},
		{"from elsewhere", func(_ *accounts.Credentials, o *accounts.Origin) { o.Address = here.Address }},
		{"easier than it was given", func(c *accounts.Credentials, _ *accounts.Origin) { c.Challenge = easier(work) }},
		{"not ours", func(c *accounts.Credentials, _ *accounts.Origin) { c.Challenge = "1.2.3.4" }},
	} {
		credentials, origin := solved, elsewhere
		c.change(&credentials, &origin)
		var asked *accounts.ChallengeError
		if _, err := w.Accounts.SignIn(t.Context(), credentials, origin); !errors.As(err, &asked) {
			t.Errorf("%s: %v, want to be asked again", c.rule, err)
		}
	}
	fail(t, w, w.Viewer, 3, elsewhere)
	others := solved
	others.Name = w.Viewer
	challenged(t, w, others, elsewhere)
	late := challenged(t, w, right(w.Biller), elsewhere)
	if _, err := w.Accounts.SignIn(t.Context(), solved, elsewhere); err != nil {
		t.Fatalf("with the work done: %v", err)
	}
	fail(t, w, w.Biller, 3, elsewhere)
	challenged(t, w, solved, elsewhere) // the same once more
	w.Clock.Advance(11 * time.Minute)
	solved.Challenge, solved.Solution = late.Text, accountstest.Solve(late)
	challenged(t, w, solved, elsewhere)
}

// unsolved returns a number that doesn't solve the challenge.
func unsolved(c accounts.Challenge) string {
	for _, n := range []string{"1", "2", "3", "4", "5", "6", "7"} {
		if !accounts.Solves(c.Nonce, n, c.Bits) {
			return n
		}
	}
	return ""
}

// easier returns the challenge with fewer bits, as somebody would forge it.
func easier(c accounts.Challenge) string {
	forged := []byte(c.Text)
	for i := range forged {
		if forged[i] == '.' {
			forged[i+1] = '1'
			return string(forged)
		}
	}
	return ""
}

func TestWhoCannotComputeWaitsOneAtATime(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S7", "A18")
	w := accountstest.New(t)
	fail(t, w, w.Biller, 3, elsewhere)
	first, another := right(w.Biller), right(w.Biller)
	first.Challenge = challenged(t, w, first, elsewhere).Text
	another.Challenge = challenged(t, w, another, elsewhere).Text
	w.Clock.Advance(accounts.ChallengeWait - time.Second)
	challenged(t, w, first, elsewhere)
	w.Clock.Advance(time.Second)
	another.Password = "wrong wrong wrong"
	if _, err := w.Accounts.SignIn(t.Context(), another, elsewhere); !errors.Is(err, accounts.ErrRefused) {
		t.Fatalf("having waited: %v, want to be tried", err)
	}
	challenged(t, w, first, elsewhere) // the same wait doesn't serve two
	w.Clock.Advance(accounts.ChallengeWait)
	if _, err := w.Accounts.SignIn(t.Context(), first, elsewhere); err != nil {
		t.Errorf("having waited again: %v", err)
	}
}

func TestNewPlacesAreAskedForWork(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S7")
	w := accountstest.New(t).With(t, func(o *accounts.Options) { o.ChallengeNewPlaces = true })
	for _, name := range []string{w.Biller, "nobody.at.all"} {
		challenged(t, w, right(name), elsewhere)
	}
	if _, err := w.Try(t, right(w.Biller), elsewhere); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{w.Viewer, "nobody.at.all"} {
		if _, err := w.Accounts.SignIn(t.Context(), right(name), elsewhere); name == w.Viewer && err != nil || errors.As(err, new(*accounts.ChallengeError)) {
			t.Errorf("%s, from where somebody signed in: %v", name, err)
		}
	}
	device, err := w.Accounts.RememberDevice(t.Context(), userID(t, w, w.Biller), "", elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	known := right(w.Biller)
	known.Device = device
	if _, err := w.Accounts.SignIn(t.Context(), known, nowhere); err != nil {
		t.Errorf("from a new place with a known device: %v", err)
	}
	atTheMachine := accounts.Origin{Address: "127.0.0.1"}
	if _, err := w.Accounts.SignIn(t.Context(), right(w.Biller), atTheMachine); err != nil {
		t.Errorf("at the machine itself: %v", err)
	}
	w.Clock.Advance(91 * 24 * time.Hour)
	challenged(t, w, right(w.Viewer), elsewhere)
}

func TestAlwaysByPolicyAndWhenManyFail(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "C5", "A15")
	w := accountstest.New(t)
	many := make([]accounts.Origin, 100)
	for i := range many {
		many[i].Address = "198.51.100." + string(rune('0'+i%10)) + string(rune('0'+i/10))
		if _, err := w.Try(t, wrong("guess"+string(rune('a'+i%26))+string(rune('a'+i/26))), many[i]); !errors.Is(err, accounts.ErrRefused) {
			t.Fatalf("guess %d: %v", i, err)
		}
	}
	hard := challenged(t, w, right(w.Viewer), here)
	w.Clock.Advance(11 * time.Minute)
	if _, err := w.Accounts.SignIn(t.Context(), right(w.Viewer), here); err != nil {
		t.Fatalf("when it is quiet again: %v", err)
	}
	setPolicy(t, w, accounts.SecurityPolicy{ChallengeAlways: true})
	if usual := challenged(t, w, right(w.Viewer), here); usual.Bits >= hard.Bits {
		t.Errorf("%d bits by policy, %d while many fail; want more then", usual.Bits, hard.Bits)
	}
	if _, err := w.Try(t, right(w.Viewer), here); err != nil {
		t.Errorf("with the work done: %v", err)
	}
}
