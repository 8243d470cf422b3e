package web_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// says returns what an expression is on the page.
func says[T any](b *browsertest.Browser, expression string) T {
	return browsertest.Get(b, chromedp.Evaluate[T](expression))
}

// tabTo presses the Tab key until what fits the selector has the focus.
func tabTo(t *testing.T, b *browsertest.Browser, selector string) {
	t.Helper()
	for range 60 {
		if says[bool](b, `document.activeElement.matches("`+selector+`")`) {
			return
		}
		b.Key("Tab", 1)
	}
	t.Fatalf("the Tab key doesn't lead to %s", selector)
}

// signedInAt opens a page in a browser in which somebody is signed in.
func signedInAt(t *testing.T, s *webtest.Site, login, path string) *browsertest.Browser {
	t.Helper()
	b := browsertest.Open(t)
	b.Take(s.URL, s.SignedIn(t, login).Cookies())
	b.Do(browsertest.Navigate(s.URL+path), chromedp.WaitVisible(css("h1")))
	return b
}

// The arrow keys go through the accounts, and nothing changes until their person says so; who chooses with a mouse needs no
// button.
func TestTheSwitcherByKeys(t *testing.T) {
	covers.Rows(t, "S6", "S39")
	t.Parallel()
	s := webtest.New(t)
	b := signedInAt(t, s, s.Both, "/account")
	const chosen = `document.getElementById("switcher").selectedIndex`
	watch := func() {
		says[bool](b, `(window.sent = 0, document.addEventListener("submit", () => sent++), true)`)
	}
	watch()
	tabTo(t, b, "#switcher")
	for n := 1; n <= 2; n++ {
		b.Key("ArrowDown", 1)
		if at, sent := says[int](b, chosen), says[int](b, `window.sent ?? -1`); at != n || sent != 0 {
			t.Fatalf("after %d arrow keys account %d is chosen, and the form sent %d times", n, at, sent)
		}
	}
	b.Key("Tab", 1)
	if at := says[string](b, `document.activeElement.textContent`); at != "Switch" {
		t.Fatalf("behind the accounts stands %q, want the button that takes the choice", at)
	}
	b.Key("Enter", 1)
	b.Await("the second account", `location.pathname === "/dashboard" && `+chosen+` === 2`)

	watch()
	b.Do(chromedp.Click(css("#switcher")))
	says[bool](b, `(document.querySelector("#switcher").selectedIndex = 0, document.querySelector("#switcher").dispatchEvent(new Event("change")), true)`)
	b.Await("all accounts, by the mouse", `window.sent === undefined && `+chosen+` === 0`)
}

// The menu of a narrow screen opens by Enter and Space, takes the Tab key, and closes by Escape and by its button.
func TestTheMenuByKeys(t *testing.T) {
	covers.Rows(t, "S6", "S52")
	t.Parallel()
	s := webtest.New(t)
	b := signedInAt(t, s, s.Both, "/account")
	b.Size(browsertest.Narrow)
	const open, on = `document.getElementById("menu").matches(":popover-open")`, `document.activeElement.matches(".bar .menu-button")`
	for _, by := range []struct{ opens, closes string }{{"Enter", "Escape"}, {" ", "Enter"}} {
		tabTo(t, b, ".bar .menu-button")
		b.Key(by.opens, 1)
		if !says[bool](b, open) {
			t.Fatalf("the key %q doesn't open the menu", by.opens)
		}
		b.Key("Tab", 1)
		if !says[bool](b, `document.activeElement.closest("#menu") !== null`) {
			t.Errorf("from the open menu's button the Tab key leads past the menu")
		}
		if by.closes == "Enter" {
			tabTo(t, b, "#menu .menu-button")
		}
		b.Key(by.closes, 1)
		if says[bool](b, open) || !says[bool](b, on) {
			t.Errorf("the key %q leaves the menu open, or the focus somewhere else: %s", by.closes, says[string](b, `document.activeElement.outerHTML.slice(0, 80)`))
		}
	}
}

// What is folded away opens and closes by Enter and Space, and rows of a form come and go; the focus stays with the person.
func TestFoldsAndRowsByKeys(t *testing.T) {
	covers.Rows(t, "S6")
	t.Parallel()
	s := webtest.New(t)
	b := signedInAt(t, s, s.Both, "/connections/new")
	tabTo(t, b, "main summary")
	for n, key := range []string{"Enter", " ", " ", "Enter"} {
		b.Key(key, 1)
		if open := says[bool](b, `document.activeElement.closest("details").open`); open != (n%2 == 0) {
			t.Errorf("after the key %q the fold's open is %v", key, open)
		}
	}
	const folders = `document.querySelectorAll("#folder-list .folder").length`
	before := says[int](b, folders)
	tabTo(t, b, "[data-add]")
	b.Key("Enter", 1)
	if n := says[int](b, folders); n != before+1 || !says[bool](b, `document.activeElement.matches("#folder-list .folder:last-child [name$='.path']")`) {
		t.Errorf("Enter on “Add a folder”: %d folders, want %d, and the focus in the new one", n, before+1)
	}
	tabTo(t, b, "[data-remove]")
	b.Key(" ", 1)
	if n := says[int](b, folders); n != before || !says[bool](b, `document.activeElement.closest("#folders") !== null`) {
		t.Errorf("Space on “Remove this folder”: %d folders, want %d, and the focus near it", n, before)
	}
}

// The warning before the session ends takes the focus, stays open for Enter, and gives the focus back.
func TestTheIdleWarningByKeys(t *testing.T) {
	covers.Rows(t, "S6", "A34")
	t.Parallel()
	s := webtest.New(t)
	b := signedInAt(t, s, s.Biller, "/account/password")
	tabTo(t, b, "#password")
	s.Clock.Advance(13*time.Minute + 10*time.Second)
	b.Pass(13*time.Minute + 10*time.Second)
	b.Await("the warning", `document.activeElement.matches(".idle-keep")`)
	b.Key("Enter", 1)
	b.Await("the field that had the focus", `document.querySelector(".idle-box").hidden && document.activeElement.id === "password"`)
}
