package web_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
)

// TestEveryPageIsAccessible opens every page that there is in a real browser, on a desktop and on the narrowest phone,
// and has it checked against WCAG 2.2 AA.
func TestEveryPageIsAccessible(t *testing.T) {
	covers.Rows(t, "S3", "S52")
	w := walktest.New(t)
	checked := 0
	look := func(t *testing.T, b *browsertest.Browser, paths []string) {
		t.Helper()
		for _, path := range paths {
			checked++
			b.Size(browsertest.Desktop)
			b.Do(chromedp.Navigate(w.URL+path), chromedp.WaitVisible(css("h1")))
			b.Accessible(path + " on a desktop")
			b.FitsWidth(path + " on a desktop")
			b.Size(browsertest.Narrow)
			b.Accessible(path + " on a narrow phone")
			b.FitsWidth(path + " on a narrow phone")
		}
		b.Size(browsertest.Desktop)
	}
	t.Run("signed out", func(t *testing.T) {
		b := browsertest.Open(t)
		look(t, b, pagesFor(t, w, w.Client(t), true))
		b.Do(chromedp.Navigate(w.URL + "/sign-in"))
		signInWith(b, w.Nobody, "wrong")
		b.Do(chromedp.WaitVisible(css("#refused")))
		b.Accessible("a refused sign-in")
	})
	inside := append(pagesFor(t, w, w.SignedIn(t, w.All.Login), false), "/nothing-here")
	for part := range slices.Chunk(inside, 12) { // a browser each, so that a slow machine has its patience anew
		t.Run("from "+part[0], func(t *testing.T) {
			b := browsertest.Open(t)
			b.Do(chromedp.Navigate(w.URL + "/sign-in"))
			signInWith(b, w.All.Login, accountstest.Password)
			b.Do(chromedp.WaitVisible(css(".side")))
			look(t, b, part)
		})
	}
	if checked < 50 {
		t.Errorf("%d pages were checked, want at least 50", checked)
	}
}

// pagesFor returns the paths of all pages: those that are open, or those that need somebody signed in.
func pagesFor(t *testing.T, w *walktest.World, c *webtest.Client, open bool) (paths []string) {
	t.Helper()
	needs := web.RoutePatterns()
	for _, pattern := range slices.Sorted(maps.Keys(needs)) {
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(kind string) string { return w.Own(t, kind) })
		if method != http.MethodGet || open != (needs[pattern] == "open") || strings.HasSuffix(path, "/events") {
			continue
		}
		if a := c.Get(path); strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") && a.Status == http.StatusOK {
			paths = append(paths, path)
		}
	}
	return paths
}
