package web_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// controls marks what can be used on the page, and returns how many presses of Tab lead through all of it. Of radio buttons of one name a Tab reaches one.
const controls = `(() => {
  const groups = new Set();
  let n = 0;
  for (const e of document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    e.removeAttribute("data-reached");
    if (!e.checkVisibility({ visibilityProperty: true }) || e.disabled || e.type === "hidden" || e.tabIndex < 0) continue;
    if (e.type === "radio") { if (groups.has(e.name)) continue; groups.add(e.name); }
    e.setAttribute("data-control", "yes");
    n += e.type === "date" || e.type === "time" ? 4 : 1; // their parts, and the picker's button, are a step each
  }
  return n;
})()`

// reached notes the control that has the focus, and returns "" or what is wrong with it.
const reached = `(() => {
  const e = document.activeElement;
  if (!e || e === document.body) return "";
  e.setAttribute("data-reached", "yes");
  if (e.type === "radio") for (const o of document.getElementsByName(e.name)) o.setAttribute("data-reached", "yes");
  const s = getComputedStyle(e), seen = (s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== "none";
  const r = e.getBoundingClientRect();
  const name = e.tagName + " " + (e.name || e.id || e.textContent.trim().slice(0, 30));
  if (!seen) return name + " shows no focus";
  if (r.width === 0 || r.height === 0) return name + " has the focus and can't be seen";
  return "";
})()`

const unreached = `[...document.querySelectorAll("[data-control]:not([data-reached])")].map((e) => e.tagName + " " + (e.name || e.id || e.textContent.trim().slice(0, 30))).join("; ")`

// TestPagesByKeyboardAlone goes through the core pages with the Tab key: it reaches every control, and each shows that it has the focus.
func TestPagesByKeyboardAlone(t *testing.T) {
	covers.Rows(t, "S6", "S52")
	s := webtest.New(t)
	b := browsertest.Open(t)
	walk := func(path string) {
		b.Do(browsertest.Navigate(s.URL+path), chromedp.WaitVisible(css("h1")))
		browsertest.Get(b, chromedp.Evaluate[bool](`(document.activeElement?.blur(), scrollTo(0, 0), true)`))
		n := browsertest.Get(b, chromedp.Evaluate[int](controls))
		if n < 3 {
			t.Errorf("%s: %d controls", path, n)
		}
		wrong := map[string]bool{}
		for range n + 3 {
			b.Do(chromedp.KeyEvent("\t"))
			if what := browsertest.Get(b, chromedp.Evaluate[string](reached)); what != "" && !wrong[what] {
				wrong[what] = true
				t.Errorf("%s: %s", path, what)
			}
		}
		if left := browsertest.Get(b, chromedp.Evaluate[string](unreached)); left != "" {
			t.Errorf("%s: the Tab key doesn't reach %s", path, left)
		}
	}
	for _, path := range []string{"/sign-in", "/recover/password"} {
		walk(path)
	}
	b.Do(browsertest.Navigate(s.URL + "/sign-in"))
	signInWith(b, s.Both, accountstest.Password)
	b.Do(chromedp.WaitVisible(css(".side")))
	for _, path := range []string{"/dashboard", "/claims", "/account", "/account/password", "/people", "/upload", "/connections/new"} {
		walk(path)
	}
}
