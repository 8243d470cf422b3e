package accounts_test

import (
	"encoding/base32"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
)

// enrolled sets an authenticator app up for a user and returns its key and the recovery codes.
func enrolled(t *testing.T, w *accountstest.World, login string) (key string, codes []string) {
	t.Helper()
	p := w.Principal(t, login)
	setup, err := w.Accounts.BeginTOTP(t.Context(), p, "Northwind Exchange")
	if err != nil {
		t.Fatal(err)
	}
	if _, codes, err = w.Accounts.ConfirmTOTP(t.Context(), p, setup.Token, codeAt(t, w, setup.Key, 0), "phone"); err != nil {
		t.Fatal(err)
	}
	w.Clock.Advance(2 * time.Minute) // past the step of that code
	return setup.Key, codes
}

// codeAt returns the code of the time that is so many steps from now.
func codeAt(t *testing.T, w *accountstest.World, key string, steps int) string {
	t.Helper()
	code, err := totp.GenerateCode(key, w.Clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestTOTPSkewReplayAndDrift(t *testing.T) {
	covers.Rows(t, "S33", "A21")
	t.Parallel()
	w := accountstest.New(t)
	key, _ := enrolled(t, w, w.Biller)
	for _, c := range []struct {
		rule  string
		steps int
		hint  string // "" means that it works
	}{
		{"of this moment", 0, ""},
		{"one step late", -1, ""},
		{"one step early", 1, ""},
		{"two steps late", -2, "about 60 seconds behind this server"},
		{"three steps early", 3, "about 2 minutes ahead of this server"},
		{"ten steps late", -10, "about 5 minutes behind this server"},
		{"eleven steps late", -11, "That code is not right"},
	} {
		w.Clock.Advance(time.Hour) // each case has steps of its own
		p := w.Principal(t, w.Biller)
		if p.Step != accounts.StepFactor {
			t.Fatalf("after the password: step %q, want %q", p.Step, accounts.StepFactor)
		}
		code := codeAt(t, w, key, c.steps)
		signedIn, err := w.Accounts.ProveTOTP(t.Context(), p, code)
		var input *accounts.InputError
		switch {
		case c.hint == "" && err != nil:
			t.Errorf("%s: %v", c.rule, err)
		case c.hint != "" && (!errors.As(err, &input) || !strings.Contains(input.Reason, c.hint)):
			t.Errorf("%s: %v, want a sentence with %q", c.rule, err, c.hint)
		case c.hint != "":
			continue
		}
		again := w.Principal(t, w.Biller)
		if _, err := w.Accounts.ProveTOTP(t.Context(), again, code); !errors.As(err, &input) || !strings.Contains(input.Reason, "used already") {
			t.Errorf("%s, again: %v, want a sentence that it was used already", c.rule, err)
		}
		if _, err := w.Accounts.Authenticate(t.Context(), signedIn.Token, accounts.Origin{}); err != nil {
			t.Errorf("%s: the session: %v", c.rule, err)
		}
	}
}

// A code of the future that was recognized as such can't be waited for.
func TestACodeGivenTooEarlyIsSpent(t *testing.T) {
	t.Parallel()
	w := accountstest.New(t)
	key, _ := enrolled(t, w, w.Biller)
	code := codeAt(t, w, key, 4)
	if _, err := w.Accounts.ProveTOTP(t.Context(), w.Principal(t, w.Biller), code); err == nil {
		t.Fatal("a code four steps early works")
	}
	w.Clock.Advance(2 * time.Minute)
	if _, err := w.Accounts.ProveTOTP(t.Context(), w.Principal(t, w.Biller), code); err == nil {
		t.Error("the same code works when its time has come")
	}
	w.Clock.Advance(time.Minute)
	if _, err := w.Accounts.ProveTOTP(t.Context(), w.Principal(t, w.Biller), codeAt(t, w, key, 0)); err != nil {
		t.Errorf("the code after it: %v", err)
	}
}

func TestSecondFactorsAreKeptSealedAndHashed(t *testing.T) {
	covers.Rows(t, "A22", "A23")
	t.Parallel()
	w := accountstest.New(t)
	key, codes := enrolled(t, w, w.Biller)
	seed, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(key)
	if err != nil || len(seed) < 20 {
		t.Fatalf("the seed has %d bytes (%v), want at least 20", len(seed), err)
	}
	dump := dumpSignIn(t, w)
	if strings.Contains(dump, key) || strings.Contains(dump, string(seed)) {
		t.Error("the seed stands in the database")
	}
	if len(codes) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(codes))
	}
	for _, code := range codes {
		if len(strings.ReplaceAll(code, "-", "")) != 13 { // 64 bits at 5 a letter
			t.Errorf("a recovery code has %d letters, want 13", len(strings.ReplaceAll(code, "-", "")))
		}
		if strings.Contains(dump, code) || strings.Contains(dump, strings.ReplaceAll(code, "-", "")) {
			t.Error("a recovery code stands in the database")
		}
	}
}

func TestRecoveryCodesWorkOnce(t *testing.T) {
	covers.Rows(t, "S35", "A23")
	t.Parallel()
	w := accountstest.New(t)
	_, codes := enrolled(t, w, w.Biller)
	prove := func(code string) error {
		_, err := w.Accounts.ProveRecoveryCode(t.Context(), w.Principal(t, w.Biller), code)
		return err
	}
	if err := prove(strings.ToUpper(strings.ReplaceAll(codes[0], "-", " "))); err != nil {
		t.Errorf("a code in capitals with blanks: %v", err)
	}
	if prove(codes[0]) == nil {
		t.Error("a code works twice")
	}
	user := w.Principal(t, w.Biller).UserID
	if left, err := w.Accounts.RecoveryCodesLeft(t.Context(), user); err != nil || left != 9 {
		t.Errorf("%d codes left (%v), want 9", left, err)
	}
	p := full(t, w, w.Biller, codes[1])
	fresh, err := w.Accounts.NewRecoveryCodes(t.Context(), p)
	if err != nil || len(fresh) != 10 {
		t.Fatalf("new codes: %d, %v", len(fresh), err)
	}
	if prove(codes[2]) == nil {
		t.Error("an old code works after new ones were made")
	}
	if err := prove(fresh[9]); err != nil {
		t.Errorf("a new code: %v", err)
	}
}

// full signs a user in completely by a recovery code.
func full(t *testing.T, w *accountstest.World, login, code string) *accounts.Principal {
	t.Helper()
	signedIn, err := w.Accounts.ProveRecoveryCode(t.Context(), w.Principal(t, login), code)
	if err != nil {
		t.Fatal(err)
	}
	p, err := w.Accounts.Authenticate(t.Context(), signedIn.Token, accounts.Origin{Address: "192.0.2.7"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestWrongCodesWait(t *testing.T) {
	covers.Rows(t, "A23")
	t.Parallel()
	w := accountstest.New(t)
	key, codes := enrolled(t, w, w.Biller)
	p := w.Principal(t, w.Biller)
	for range 5 {
		if _, err := w.Accounts.ProveTOTP(t.Context(), p, "000000"); err == nil {
			t.Fatal("000000 is the code")
		}
	}
	var throttled *accounts.ThrottledError
	other := w.Service(t, accountstest.CheapHash) // another node
	if _, err := other.ProveTOTP(t.Context(), p, codeAt(t, w, key, 0)); !errors.As(err, &throttled) || throttled.Wait != 30*time.Second {
		t.Errorf("the right code after five wrong ones: %v, want to wait 30 s", err)
	}
	if _, err := w.Accounts.ProveRecoveryCode(t.Context(), p, codes[0]); !errors.As(err, &throttled) {
		t.Errorf("a recovery code after five wrong codes: %v, want to wait", err)
	}
	w.Clock.Advance(31 * time.Second)
	if _, err := w.Accounts.ProveTOTP(t.Context(), p, codeAt(t, w, key, 0)); err != nil {
		t.Errorf("after the wait: %v", err)
	}
}
