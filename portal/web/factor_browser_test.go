package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

func text(b *browsertest.Browser, selector string) string {
	return browsertest.Get(b, chromedp.Evaluate[string](`document.querySelector("`+selector+`").textContent`))
}

func TestPasskeysInARealBrowser(t *testing.T) {
	covers.Rows(t, "S36", "A20")
	t.Parallel()
	s := webtest.New(t)
	b := browsertest.Open(t)
	key := b.Authenticator()
	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Press("Set up a passkey")
	b.Enter("Name", "front desk laptop")
	look(b, "passkey-new")
	b.Press("Set up")
	b.Sees("Your second step is set up")
	look(b, "recovery-codes")
	b.Press("I have kept them")
	b.Sees("front desk laptop")
	look(b, "account-factors")
	key.Present(false)
	b.Press("Sign out")

	// Without user ID and password.
	b.Sees("You are signed out")
	look(b, "sign-in-passkey")
	key.Present(true)
	key.Unlocks(false)
	b.Press("Sign in with a passkey")
	b.Sees("Try once more")
	key.Unlocks(true)
	b.Press("Sign in with a passkey")
	b.Sees("Dashboard")
	b.Do(chromedp.Navigate(s.URL + "/account"))
	b.Sees("front desk laptop")
	key.Present(false)
	b.Press("Sign out")

	// By the list of the user ID field, without a press. A page's offer ends with it, so the next ones make none.
	b.Sees("You are signed out")
	key.TakesOffers()
	key.Present(true)
	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	b.Sees("front desk laptop")
	key.RefusesOffers()
	key.Present(false)
	b.Press("Sign out")

	// As the second step after the password.
	b.Sees("You are signed out")
	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Sees("Now the second step")
	look(b, "step-passkey")
	key.Present(true)
	b.Press("Use passkey")
	b.Sees("front desk laptop")

	// Renamed and removed.
	b.Press("front desk laptop")
	b.Enter("New name", "old laptop")
	b.Press("Rename")
	b.Sees("It has its new name.")
	b.Press("Remove")
	b.Sees("It is removed and can't be used any more.")
	key.Present(false)
	b.Press("Sign out")
	b.Sees("You are signed out")
	key.Present(true)
	b.Press("Sign in with a passkey")
	b.Sees("That passkey can’t be used here")
}

func TestAnAuthenticatorAppInARealBrowser(t *testing.T) {
	covers.Rows(t, "S32", "S33", "S35", "S38")
	t.Parallel()
	s := webtest.New(t)
	b := browsertest.Open(t)
	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Press("Add an authenticator app")
	b.Sees("Scan this picture")
	look(b, "totp-new")
	key := strings.ReplaceAll(text(b, "#totp-key"), " ", "")
	code := func(late time.Duration) string {
		made, err := totp.GenerateCode(key, s.Clock.Now().Add(-late))
		if err != nil {
			t.Fatal(err)
		}
		return made
	}
	b.Enter("Code", code(0))
	b.Press("Turn on")
	b.Sees("Your second step is set up")
	recovery := text(b, ".codes code")
	b.Press("I have kept them")
	b.Sees("10 recovery codes")
	b.Press("Sign out")
	b.Sees("You are signed out")
	s.Clock.Advance(10 * time.Minute)

	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/account"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Enter("Code from your authenticator app", code(3*time.Minute))
	b.Press("Continue")
	b.Sees("a clock that is about 3 minutes behind this server’s, where it is")
	b.Sees("Set the clock of your phone")
	look(b, "step-drift")
	b.Press("Use a recovery code")
	b.Enter("Recovery code", recovery)
	look(b, "step-recovery")
	b.Press("Continue")
	b.Sees("9 recovery codes")
	b.Press("Make new codes")
	b.Sees("The codes you had before are void")
}

func TestTypingSurvivesTheSessionsEndInARealBrowser(t *testing.T) {
	covers.Rows(t, "S42", "A34", "A35")
	t.Parallel()
	s := webtest.New(t)
	b := browsertest.Open(t)
	b.Do(chromedp.Navigate(s.URL + "/sign-in?next=/calendars/new"))
	signInWith(b, s.Administrator, accountstest.Password)
	b.Enter("Name", "Closed over the holidays")
	s.Clock.Advance(16 * time.Minute)
	b.Pass(16 * time.Minute)
	b.Sees("Your session has ended")
	signInWith(b, s.Administrator, accountstest.Password)
	b.Sees("What you typed was kept")
	if got := browsertest.Get(b, chromedp.Evaluate[string](`document.querySelector("#name").value`)); got != "Closed over the holidays" {
		t.Errorf("after signing in again the name is %q, want what was typed", got)
	}
	look(b, "kept-form")
	b.Do(chromedp.Navigate(s.URL + "/account"))
	b.Sees("Ada Marchetti")
	b.Press("Sign out")
	b.Sees("You are signed out")
	b.Do(chromedp.NavigateBack(), chromedp.WaitVisible(css("#username")))
	if body := browsertest.Get(b, chromedp.Evaluate[string]("document.body.innerText")); strings.Contains(body, "Ada Marchetti") {
		t.Error("Back shows the page of who signed out")
	}
}
