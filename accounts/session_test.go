package accounts_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/storage"
)

func alive(t *testing.T, w *accountstest.World, token string) bool {
	t.Helper()
	_, err := w.Accounts.Authenticate(t.Context(), token, accounts.Origin{})
	if err != nil && !errors.Is(err, accounts.ErrNoSession) {
		t.Fatal(err)
	}
	return err == nil
}

func TestAProofRotatesTheToken(t *testing.T) {
	covers.Rows(t, "A32")
	t.Parallel()
	w := accountstest.New(t)
	key, _ := enrolled(t, w, w.Biller)
	before := w.SignIn(t, w.Biller)
	p, err := w.Accounts.Authenticate(t.Context(), before.Token, accounts.Origin{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Accounts) != 0 || p.Can(accounts.ViewRemittances) {
		t.Error("half a sign-in grants something already")
	}
	after, err := w.Accounts.ProveTOTP(t.Context(), p, codeAt(t, w, key, 0))
	if err != nil {
		t.Fatal(err)
	}
	if alive(t, w, before.Token) {
		t.Error("the token from before the second step still works")
	}
	full, err := w.Accounts.Authenticate(t.Context(), after.Token, accounts.Origin{})
	if err != nil || full.Assurance != accounts.AssuranceMFA || !full.Can(accounts.ViewRemittances) || !full.SteppedUp(w.Clock.Now()) {
		t.Errorf("after the second step: assurance %q, %v", full.Assurance, err)
	}
	w.Clock.Advance(accounts.StepUpAge)
	if full.SteppedUp(w.Clock.Now()) {
		t.Error("a proof is fresh for more than ten minutes")
	}
}

func TestAdministratorsNeedASecondFactor(t *testing.T) {
	covers.Rows(t, "A19", "S32")
	t.Parallel()
	w := accountstest.New(t).Strict(t)
	for login, want := range map[string]accounts.Step{w.Administrator: accounts.StepEnrol, w.Both: accounts.StepEnrol, w.Biller: accounts.StepNone} {
		p := w.Principal(t, login)
		if p.Step != want || (want != accounts.StepNone && len(p.Operators)+len(p.Accounts) != 0) {
			t.Errorf("%s: step %q with %d places, want %q with none", login, p.Step, len(p.Operators)+len(p.Accounts), want)
		}
	}
	// A role that is given later asks for it at the next request.
	signedIn := w.SignIn(t, w.Biller)
	user := w.Principal(t, w.Biller).UserID
	if err := w.Accounts.Grant(t.Context(), accountstest.Actor, user, accounts.Grant{Role: accounts.RoleAdministrator, Operator: w.Operator}); err != nil {
		t.Fatal(err)
	}
	p, err := w.Accounts.Authenticate(t.Context(), signedIn.Token, accounts.Origin{})
	if err != nil || p.Step != accounts.StepEnrol || p.Can(accounts.ViewFiles) {
		t.Errorf("after becoming an administrator: step %q, %v; want %q and nothing else allowed", p.Step, err, accounts.StepEnrol)
	}
	setup, err := w.Accounts.BeginTOTP(t.Context(), p, "x")
	if err != nil {
		t.Fatal(err)
	}
	signedIn, _, err = w.Accounts.ConfirmTOTP(t.Context(), p, setup.Token, codeAt(t, w, setup.Key, 0), "")
	if err != nil {
		t.Fatal(err)
	}
	if p, err = w.Accounts.Authenticate(t.Context(), signedIn.Token, accounts.Origin{}); err != nil || p.Step != accounts.StepNone || !p.Can(accounts.ViewFiles) {
		t.Errorf("after setting one up: step %q, %v", p.Step, err)
	}
	factors, err := w.Accounts.FactorsOf(t.Context(), user)
	if err != nil || len(factors) != 1 {
		t.Fatal(len(factors), err)
	}
	if err := w.Accounts.RemoveFactor(t.Context(), p, factors[0].ID); !errors.Is(err, accounts.ErrLastFactor) {
		t.Errorf("removing an administrator's last factor: %v, want ErrLastFactor", err)
	}
}

func TestAPolicyAsksForASecondFactor(t *testing.T) {
	covers.Rows(t, "A19", "S32")
	t.Parallel()
	w := accountstest.New(t).Strict(t)
	err := w.DB.InSystem(t.Context(), accountstest.Actor, func(tx *storage.Tx) error {
		return tx.SetSecurityPolicy(t.Context(), w.Operator, w.Account, `{"require_mfa": {"roles": ["biller"]}}`)
	})
	if err != nil {
		t.Fatal(err)
	}
	for login, want := range map[string]accounts.Step{w.Biller: accounts.StepEnrol, w.Viewer: accounts.StepNone, w.OtherBiller: accounts.StepNone} {
		if p := w.Principal(t, login); p.Step != want {
			t.Errorf("%s: step %q, want %q", login, p.Step, want)
		}
	}
}

func TestParallelSessionsEndTheOldest(t *testing.T) {
	covers.Rows(t, "S41", "A39")
	t.Parallel()
	w := accountstest.New(t)
	var tokens []string
	for range 6 {
		tokens = append(tokens, w.SignIn(t, w.Biller).Token)
		w.Clock.Advance(time.Minute)
	}
	for i, token := range tokens {
		if got, want := alive(t, w, token), i > 0; got != want {
			t.Errorf("session %d of 6: open %v, want %v", i+1, got, want)
		}
	}
}

func TestSharedComputersEndEarly(t *testing.T) {
	covers.Rows(t, "S40", "A33")
	t.Parallel()
	w := accountstest.New(t)
	begin := func() string {
		c := accounts.Credentials{Name: w.Biller, Password: accountstest.Password, Shared: true}
		signedIn, err := w.Accounts.SignIn(t.Context(), c, accounts.Origin{Address: "192.0.2.7"})
		if err != nil {
			t.Fatal(err)
		}
		return signedIn.Token
	}
	token := begin()
	w.Clock.Advance(5*time.Minute - time.Second)
	if !alive(t, w, token) {
		t.Error("it ends before five minutes without use")
	}
	w.Clock.Advance(5 * time.Minute)
	if alive(t, w, token) {
		t.Error("it lasts more than five minutes without use")
	}
	token = begin()
	for range 15 {
		w.Clock.Advance(4 * time.Minute)
		alive(t, w, token)
	}
	if alive(t, w, token) {
		t.Error("it lasts more than an hour")
	}
}

func TestDisabledUsersAreOutAtOnce(t *testing.T) {
	covers.Rows(t, "A36")
	t.Parallel()
	w := accountstest.New(t)
	p := w.Principal(t, w.Biller)
	session := w.SignIn(t, w.Biller).Token
	secret, _, err := w.Accounts.CreateToken(t.Context(), p, accounts.NewToken{Name: "x", Scopes: []accounts.Permission{accounts.ViewRemittances}, Life: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Accounts.Disable(t.Context(), accountstest.Actor, p.UserID); err != nil {
		t.Fatal(err)
	}
	if alive(t, w, session) {
		t.Error("the session of a disabled user still works")
	}
	if _, err := w.Accounts.AuthenticateToken(t.Context(), secret, accounts.Origin{}); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("the token of a disabled user: %v, want ErrNoSession", err)
	}
}

func TestResettingFactorsEndsEverything(t *testing.T) {
	covers.Rows(t, "A27", "A37")
	t.Parallel()
	w := accountstest.New(t)
	_, codes := enrolled(t, w, w.Biller)
	p := full(t, w, w.Biller, codes[0])
	session := w.SignIn(t, w.Biller).Token
	var input *accounts.InputError
	if err := w.Accounts.ResetFactors(t.Context(), accountstest.Actor, p.UserID, " "); !errors.As(err, &input) {
		t.Errorf("without a reason: %v, want an InputError", err)
	}
	if err := w.Accounts.ResetFactors(t.Context(), accountstest.Actor, p.UserID, "called back on the number on file"); err != nil {
		t.Fatal(err)
	}
	if alive(t, w, session) {
		t.Error("a session survives the reset")
	}
	p = w.Principal(t, w.Biller)
	if p.Step != accounts.StepNone {
		t.Errorf("after the reset: step %q, want none for a role that needs no second factor", p.Step)
	}
	if _, err := w.Accounts.ProveRecoveryCode(t.Context(), p, codes[1]); err == nil {
		t.Error("an old recovery code works after the reset")
	}
	mails := rows(t, w, `SELECT topic FROM outbox WHERE kind = 'mail' AND topic LIKE 'factor%' ORDER BY id`)
	if want := []string{"factor_added", "factor_removed"}; !slices.Equal(mails, want) {
		t.Errorf("mails about factors: %q, want %q", mails, want)
	}
}
