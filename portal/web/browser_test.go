package web_test

import (
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

func css(selector string) chromedp.CSS { return chromedp.CSS(selector) }

// signInWith fills in the sign-in form of the page that is open, and waits for the next page.
func signInWith(b *browsertest.Browser, login, password string) {
	b.Do(chromedp.WaitVisible(css("#username")),
		chromedp.SetValue(css("#username"), login), chromedp.SetValue(css("#password"), password))
	b.Click("button[type=submit]")
}

func TestInARealBrowser(t *testing.T) {
	t.Parallel()
	s := webtest.New(t, func(o *web.Options) { o.Demo = true })
	b := browsertest.Open(t)

	b.Do(browsertest.Navigate(s.URL+"/account"), chromedp.WaitVisible(css("#username")))
	look(b, "sign-in")
	showPassword(t, b)
	signInWith(b, s.Both, "wrong")
	b.Do(chromedp.WaitVisible(css("#refused")))
	look(b, "sign-in-refused")
	signInWith(b, s.Both, accountstest.Password)
	b.Do(chromedp.WaitVisible(css(".facts")))
	if at := browsertest.Get(b, chromedp.Location()); at != s.URL+"/account" {
		t.Errorf("signing in leads to %s, want the page that was asked for", at)
	}
	s.SignIn(t, s.Both)
	b.Do(chromedp.Reload(), chromedp.WaitVisible(css(".facts")))
	look(b, "account")

	b.Do(browsertest.Navigate(s.URL+"/dashboard"), chromedp.WaitVisible(css("h1")))
	look(b, "dashboard")
	b.Do(browsertest.Navigate(s.URL+"/people"), chromedp.WaitVisible(css("table")))
	look(b, "people")
	b.Do(browsertest.Navigate(s.URL+"/account/tokens/new"), chromedp.WaitVisible(css("#name")))
	look(b, "token-new")
	b.Do(chromedp.SetValue(css("#name"), "nightly import"))
	b.Click("input[value='remittances.view']")
	b.Click("main button[type=submit]")
	b.Do(chromedp.WaitVisible(css("#secret")))
	if secret := browsertest.Get(b, chromedp.Value(css("#secret"))); !strings.HasPrefix(secret, "edp_") {
		t.Error("the token just made is not shown")
	}
	look(b, "token-made")
	b.Do(browsertest.Navigate(s.URL+"/account/password"), chromedp.WaitVisible(css("#current")))
	look(b, "password")
	b.Do(browsertest.Navigate(s.URL+"/nothing-here"), chromedp.WaitVisible(css(".trouble")))
	look(b, "not-found")
	phoneMenu(b)

	b.Size(browsertest.Desktop)
	b.Click(".side-foot button")
	b.Do(chromedp.WaitVisible(css(".notice.ok")))
	b.Do(chromedp.NavigateBack(), chromedp.WaitVisible(css("#username")))
}

func TestTheIdleWarningKeepsTheSession(t *testing.T) {
	covers.Rows(t, "A34")
	t.Parallel()
	s := webtest.New(t)
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL + "/sign-in"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Do(chromedp.WaitVisible(css(".side-foot")), chromedp.WaitNotVisible(css(".idle-box")))
	s.Clock.Advance(13*time.Minute + 10*time.Second)
	b.Pass(13*time.Minute + 10*time.Second)
	b.Do(chromedp.WaitVisible(css(".idle-box")))
	b.Screenshot("idle-1280")
	b.Click(".idle-keep")
	b.Do(chromedp.WaitNotVisible(css(".idle-box")))
	s.Clock.Advance(13 * time.Minute) // longer than without having stayed
	b.Do(browsertest.Navigate(s.URL+"/account"), chromedp.WaitVisible(css(".facts")))
	s.Clock.Advance(15 * time.Minute)
	b.Pass(15*time.Minute + time.Second)
	b.Do(chromedp.WaitVisible(css("#username")), chromedp.WaitVisible(css(".notice.info")))
	if at := browsertest.Get(b, chromedp.Location()); at != s.URL+"/sign-in?next=%2Faccount&why=expired" {
		t.Errorf("when the session has ended the page shows %s", at)
	}
}

// look checks that the page fits, and takes its picture in all sizes and both looks if somebody wants it.
func look(b *browsertest.Browser, name string) {
	b.Screenshot(name + "-1280")
	b.FitsWidth(name + " on a desktop")
	b.Size(browsertest.Phone)
	b.Screenshot(name + "-390")
	b.Size(browsertest.Narrow)
	b.FitsWidth(name + " on a narrow phone")
	b.Size(browsertest.Desktop)
	b.Dark(true)
	b.Screenshot(name + "-dark")
	b.Dark(false)
}

func showPassword(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	kind := func() string {
		return browsertest.Get(b, chromedp.JavascriptAttribute[string](css("#password"), "type"))
	}
	b.Click(".reveal")
	if kind() != "text" {
		t.Error("Show doesn't show the password")
	}
	b.Click(".reveal")
	if kind() != "password" {
		t.Error("Hide doesn't hide the password")
	}
}

func phoneMenu(b *browsertest.Browser) {
	b.Size(browsertest.Narrow)
	b.Do(browsertest.Navigate(browsertest.Get(b, chromedp.Location())), chromedp.WaitVisible(css(".bar .menu-button")),
		chromedp.WaitNotVisible(css("#menu")))
	b.Click(".bar .menu-button")
	b.Do(chromedp.WaitVisible(css("#menu nav")))
	b.Screenshot("menu-360")
	b.Click("#menu .menu-button")
	b.Do(chromedp.WaitNotVisible(css("#menu")))
}
