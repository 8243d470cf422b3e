package accounts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/storage"
)

var here = accounts.Origin{Address: "192.0.2.1", UserAgent: "test", Incident: "TEST1-TEST2"}

func TestSignInByUserIDAndEMail(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	for _, c := range []struct {
		rule, name, password string
		ok                   bool
	}{
		{"user id as created", "Bea.Biller", accountstest.Password, true},
		{"user id in other case", "bea.biller", accountstest.Password, false},
		{"e-mail address in any case", "bea.BILLER@example.ORG", accountstest.Password, true},
		{"blanks around the name", "  Bea.Biller ", accountstest.Password, true},
		{"password in other case", "Bea.Biller", strings.ToUpper(accountstest.Password), false},
		{"password of nobody", "nobody", accountstest.Password, false},
		{"NUL in the name", "Bea\x00", accountstest.Password, false},
		{"bytes that are no text", "Bea\xff", accountstest.Password, false},
		{"empty", "", "", false},
		{"endless password", "Bea.Biller", strings.Repeat("x", 1_000_000), false},
	} {
		signedIn, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: c.name, Password: c.password}, here)
		if c.ok && (err != nil || len(signedIn.Token) != 43) {
			t.Errorf("%s: SignIn = %d bytes of token, %v; want a session", c.rule, len(signedIn.Token), err)
		}
		if !c.ok && !errors.Is(err, accounts.ErrRefused) {
			t.Errorf("%s: SignIn = %v, want ErrRefused", c.rule, err)
		}
	}
}

func TestKnownAndUnknownNamesCostOneHashEach(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	if err := w.Accounts.Disable(t.Context(), accountstest.Actor, userID(t, w, w.Viewer)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{w.Biller, w.Viewer, "unknown", "unknown@example.org", "Bea.Biller@example.org", strings.Repeat("n", 400), ""} {
		before := w.Accounts.Hasher().Computed()
		_, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: name, Password: "wrong wrong wrong"}, here)
		if !errors.Is(err, accounts.ErrRefused) {
			t.Errorf("a wrong password for a name of %d characters: %v, want ErrRefused", len(name), err)
		}
		if cost := w.Accounts.Hasher().Computed() - before; cost != 1 {
			t.Errorf("a wrong password for a name of %d characters cost %d hashes, want 1", len(name), cost)
		}
	}
	before := w.Accounts.Hasher().Computed()
	w.SignIn(t, w.Biller)
	if cost := w.Accounts.Hasher().Computed() - before; cost != 1 {
		t.Errorf("the right password cost %d hashes, want 1", cost)
	}
}

func userID(t *testing.T, w *accountstest.World, login string) storage.UserID {
	t.Helper()
	id, err := w.Accounts.UserByLogin(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestThrottleByName(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	for _, name := range []string{w.Biller, "unknown"} {
		fail := func() error {
			elsewhere := accounts.Origin{Address: "192.0.2.100, for " + name}
			_, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: name, Password: "wrong"}, elsewhere)
			return err
		}
		for i := range 5 {
			if err := fail(); !errors.Is(err, accounts.ErrRefused) {
				t.Fatalf("failure %d: %v, want ErrRefused", i+1, err)
			}
		}
		want := []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute}
		for i, wait := range want {
			var throttled *accounts.ThrottledError
			if err := fail(); !errors.As(err, &throttled) || throttled.Wait != wait {
				t.Fatalf("after %d failures: %v, want to wait %v", i+5, err, wait)
			}
			w.Clock.Advance(wait)
			if err := fail(); !errors.Is(err, accounts.ErrRefused) {
				t.Fatalf("after waiting %v: %v, want ErrRefused", wait, err)
			}
		}
		w.Clock.Advance(15 * time.Minute)
	}
	// The right password has to wait, too, costs no hash, and is taken afterwards.
	right := accounts.Credentials{Name: w.Biller, Password: accountstest.Password}
	if _, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: w.Biller, Password: "wrong"}, here); !errors.Is(err, accounts.ErrRefused) {
		t.Fatalf("one more failure: %v, want ErrRefused", err)
	}
	before := w.Accounts.Hasher().Computed()
	var throttled *accounts.ThrottledError
	if _, err := w.Accounts.SignIn(t.Context(), right, here); !errors.As(err, &throttled) {
		t.Fatalf("the right password while blocked: %v, want to wait", err)
	}
	if cost := w.Accounts.Hasher().Computed() - before; cost != 0 {
		t.Errorf("a blocked attempt cost %d hashes, want 0", cost)
	}
	w.Clock.Advance(15 * time.Minute)
	if _, err := w.Accounts.SignIn(t.Context(), right, here); err != nil {
		t.Fatalf("the right password after the wait: %v", err)
	}
	if _, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: w.Biller, Password: "wrong"}, here); !errors.Is(err, accounts.ErrRefused) {
		t.Errorf("the first failure after a success: %v, want ErrRefused", err)
	}
}

func TestThrottleByAddress(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	for i := range 20 {
		name := "guess-" + string(rune('a'+i))
		if _, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: name, Password: "wrong"}, here); !errors.Is(err, accounts.ErrRefused) {
			t.Fatalf("failure %d of the address: %v, want ErrRefused", i+1, err)
		}
	}
	var throttled *accounts.ThrottledError
	right := accounts.Credentials{Name: w.Biller, Password: accountstest.Password}
	if _, err := w.Accounts.SignIn(t.Context(), right, here); !errors.As(err, &throttled) {
		t.Errorf("from the blocked address: %v, want to wait", err)
	}
	elsewhere := here
	elsewhere.Address = "192.0.2.2"
	if _, err := w.Accounts.SignIn(t.Context(), right, elsewhere); err != nil {
		t.Errorf("from another address: %v", err)
	}
}

func TestAttemptsAtTheSameTimeAreAllCounted(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	errs := make(chan error)
	for range 20 {
		go func() {
			_, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: w.Biller, Password: "wrong"}, here)
			errs <- err
		}()
	}
	refused := 0
	for range 20 {
		var throttled *accounts.ThrottledError
		switch err := <-errs; {
		case errors.Is(err, accounts.ErrRefused):
			refused++
		case !errors.As(err, &throttled):
			t.Errorf("an attempt among many: %v", err)
		}
	}
	if refused != 5 {
		t.Errorf("of 20 attempts at once %d were tried, want 5", refused)
	}
}

func TestHashIsUpgradedAtSignIn(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	dearer := w.Service(t, accounts.HashParameters{MemoryKiB: 128, Passes: 2, Threads: 1})
	credentials := accounts.Credentials{Name: w.Biller, Password: accountstest.Password}
	for i, want := range []int64{2, 1} {
		before := dearer.Hasher().Computed()
		if _, err := dearer.SignIn(t.Context(), credentials, here); err != nil {
			t.Fatal(err)
		}
		if cost := dearer.Hasher().Computed() - before; cost != want {
			t.Errorf("sign-in %d with raised costs: %d hashes, want %d", i+1, cost, want)
		}
	}
	if hash := passwordHashes(t, w, w.Biller); len(hash) != 1 || !strings.Contains(hash[0], "m=128,t=2,p=1") {
		t.Errorf("%d valid hashes, or not of the new costs", len(hash))
	}
}

func TestSignInLeavesEvents(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	bad := accounts.Credentials{Name: w.Biller, Password: "wrong-secret-typed"}
	_, _ = w.Accounts.SignIn(t.Context(), bad, here)
	signedIn, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: w.Biller, Password: accountstest.Password}, here)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Accounts.SignOut(t.Context(), signedIn.Token, here); err != nil {
		t.Fatal(err)
	}
	events := auditEvents(t, w)
	want := []string{"signin.failed failed anonymous 192.0.2.1 TEST1-TEST2", "signin.succeeded ok user 192.0.2.1 TEST1-TEST2", "signin.ended ok user 192.0.2.1 TEST1-TEST2"}
	if got := events[len(events)-3:]; !slices.Equal(got, want) {
		t.Errorf("events\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if dump := dumpSignIn(t, w); strings.Contains(dump, "wrong-secret-typed") || strings.Contains(dump, signedIn.Token) {
		t.Error("the database holds what was typed, or the session's token")
	}
}
