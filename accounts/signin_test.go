package accounts_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

var here = accounts.Origin{Address: "192.0.2.1", UserAgent: "test", Incident: "TEST1-TEST2"}

func TestSignInByUserIDAndEMail(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S4", "S5", "A2")
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
		signedIn, err := w.Try(t, accounts.Credentials{Name: c.name, Password: c.password}, here)
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
	covers.Rows(t, "A17")
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

func TestAttemptsAtTheSameTimeAreAllCounted(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A15")
	w := accountstest.New(t)
	const many = 20
	errs := make(chan error)
	for range many {
		go func() {
			_, err := w.Accounts.SignIn(t.Context(), accounts.Credentials{Name: w.Biller, Password: "wrong"}, here)
			errs <- err
		}()
	}
	refused := 0
	for range many {
		var (
			throttled *accounts.ThrottledError
			work      *accounts.ChallengeError
		)
		switch err := <-errs; {
		case errors.Is(err, accounts.ErrRefused):
			refused++
		case !errors.As(err, &throttled) && !errors.As(err, &work):
			t.Errorf("an attempt among many: %v", err)
		}
	}
	if refused < 3 || refused > 6 {
		t.Errorf("of %d attempts at once %d were tried, want 3 to 6", many, refused)
	}
	if _, err := w.Try(t, accounts.Credentials{Name: w.Biller, Password: "wrong"}, here); err == nil {
		t.Error("a wrong password signs in")
	}
}

func TestHashIsUpgradedAtSignIn(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A9")
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
