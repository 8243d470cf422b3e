package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

func signInSeeing(b *browsertest.Browser, login, password, sees string) {
	b.Enter("User ID or e-mail address", login)
	b.Enter("Password", password)
	b.Press("Sign in")
	b.Sees(sees)
}

func TestLockoutInARealBrowser(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S1", "S2", "S7", "S9", "S24", "S25", "S27", "S66", "A18")
	s := webtest.In(t, accountstest.New(t).With(t, func(o *accounts.Options) { o.WorkBits = 12 }))
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL + "/"))
	look(b, "start")
	b.Press("Sign in")
	b.Sees("Help with signing in")
	for range 4 {
		signInSeeing(b, s.Biller, "wrong wrong wrong", "Sign-in failed.")
		b.Do(browsertest.Navigate(s.URL + "/sign-in"))
	}
	// From the fourth attempt on the browser does the security check by itself.
	signInSeeing(b, s.Biller, "wrong wrong wrong", "opens by itself")
	signInSeeing(b, s.Biller, accountstest.Password, "Your account is locked for now")
	look(b, "sign-in-locked")
	s.Clock.Advance(15 * time.Minute)
	b.Do(browsertest.Navigate(s.URL + "/sign-in?next=/account"))
	signInSeeing(b, s.Biller, accountstest.Password, "Beatrix Lindqvist")

	// The same again; now an administrator unlocks.
	b.Click(".side-foot button")
	b.Sees("You are signed out")
	stranger := s.Client(t)
	stranger.Fail(s.Viewer, 5)
	signInSeeing(b, s.Administrator, accountstest.Password, "Dashboard")
	b.Do(browsertest.Navigate(s.URL + "/people/locked"))
	b.Sees("Too many failed attempts in a row")
	look(b, "people-locked")
	if wide := browsertest.Get(b, chromedp.Evaluate[float64](`document.querySelector("main [name=reason]").getBoundingClientRect().width`)); wide < 280 {
		t.Errorf("the reason has %v pixels, want room for a sentence", wide)
	}
	b.Enter("Reason for unlocking Victor Okafor", "called back at the practice")
	b.Press("Unlock")
	b.Sees("Nobody is locked")
	look(b, "people-none-locked")
	if a := stranger.Try(s.Viewer, accountstest.Password); a.Location != "/dashboard" {
		t.Errorf("signing in after being unlocked: %d to %q", a.Status, a.Location)
	}
}

func TestTheSecurityCheckByKeyboardAlone(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S6", "S7", "A8", "A18", "C5")
	s := webtest.In(t, accountstest.New(t).With(t, func(o *accounts.Options) { o.WorkBits = 14 }))
	setPolicy(t, s, accounts.SecurityPolicy{ChallengeAlways: true})
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL+"/sign-in"), chromedp.WaitVisible(css("#username")), chromedp.Focus(css("#username")))
	b.Do(chromedp.KeyEvent(s.Biller + "\t" + accountstest.Password + "\t"))
	pressed := func() string {
		return browsertest.Get(b, chromedp.Evaluate[string](`document.activeElement.getAttribute("aria-pressed") + " " + document.activeElement.getAttribute("aria-label")`))
	}
	if got := pressed(); got != "false Show password" {
		t.Errorf("behind the password stands %q, want the button that shows it", got)
	}
	b.Do(chromedp.KeyEvent(" "))
	if got := pressed(); got != "true Hide password" {
		t.Errorf("after pressing it: %q", got)
	}
	b.Do(chromedp.Focus(css("#password")), chromedp.KeyEvent("\r"))
	b.Sees("Dashboard")
}

func TestPasswordFeedbackInARealBrowser(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S18", "S19", "S20")
	s := webtest.New(t)
	setPolicy(t, s, accounts.SecurityPolicy{Classes: 3, MaxAgeDays: 60})
	s.Clock.Advance(61 * 24 * time.Hour)
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL + "/sign-in"))
	signInSeeing(b, s.Biller, accountstest.Password, "Your password has expired")
	look(b, "password-expired")
	b.Enter("New password", "lakeside family")
	b.Sees("your organization asks for 3")
	b.Enter("New password", "Velvet canyon marble window 9")
	b.Sees("This password is very good.")
	look(b, "password-feedback")
	b.Enter("Current password", accountstest.Password)
	b.Press("Change password")
	b.Sees("Your password is changed")
}

func TestPolicyPageInARealBrowser(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "C1", "C2")
	s := webtest.New(t)
	s.AddUser(t, "Odd.Owner", "Oda Owner", accounts.Grant{Role: accounts.RoleOwner, Operator: s.Operator})
	setPolicy(t, s, accounts.SecurityPolicy{MaxAgeDays: 90, Classes: 3, ProviderSignIn: true})
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL + "/sign-in?next=/policies"))
	signInSeeing(b, "Odd.Owner", accountstest.Password, "Passwords expire after 90 days.")
	look(b, "policy")
	b.Enter("Former passwords that are refused", "5")
	b.Press("Save policy")
	b.Sees("The last 5 passwords are refused.")
}
