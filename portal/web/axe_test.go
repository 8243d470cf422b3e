package web_test

import (
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web"
	"github.com/ediport/ediport/portal/web/browsertest"
)

// noPages are the GET routes that show no page of ours, and what they answer with.
var noPages = map[string]string{
	"GET /static/{name}":         "a file of the layout",
	"GET /runs/{id}/events":      "a stream of events",
	"GET /mailbox/{id}/html":     "a mail as a mail program shows it",
	"GET /connections/{id}/test": "the way back to the connection",
	"GET /account/security":      "the way to a part of the account's page",
}

// TestEveryPageIsAccessible opens every page that there is in a real browser, on a desktop and on the narrowest phone. It
// has it checked against WCAG 2.2 AA and goes through it with the Tab key. A route or a template that no stage shows fails it.
func TestEveryPageIsAccessible(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "S3", "S6", "S52")
	h := newHouse(t)
	stages := h.stages(t)
	visited := map[string]bool{}
	for _, s := range stages {
		for _, p := range s.pages {
			visited[p.pattern] = true
		}
	}
	for pattern := range web.RoutePatterns() {
		if _, none := noPages[pattern]; strings.HasPrefix(pattern, http.MethodGet) && !none && !visited[pattern] {
			t.Errorf("%s is looked at by nobody: give it to a stage", pattern)
		}
	}
	h.forget() // what the preparation was shown
	t.Run("pages", func(t *testing.T) {
		for _, s := range stages {
			for part := range slices.Chunk(s.pages, 5) { // a window each, so that a slow machine has its patience anew
				t.Run(s.name+" from "+part[0].path, func(t *testing.T) {
					t.Parallel()
					b := browsertest.Open(t)
					b.Take(s.site.URL, s.cookies)
					for _, p := range part {
						visit := s.site.URL + p.path
						b.Size(browsertest.Desktop)
						b.Do(browsertest.Navigate(visit), chromedp.WaitVisible(css("h1")))
						p.arrived(t, b)
						examine(b, s.name+": "+p.path)
					}
				})
			}
		}
	})
	shown := h.shown(t)
	for _, name := range templates(t) {
		if !shown[name] {
			t.Errorf("the template %s was looked at by nobody: give a stage the page that shows it", name)
		}
	}
}

// A seenPage is a page to look at.
type seenPage struct {
	pattern string // of its route; "" for one more look at it
	path    string
	status  int                          // 0: 200
	then    func(b *browsertest.Browser) // what is done on it first
}

// arrived fails the test if the browser shows another page, as after a redirect.
func (p seenPage) arrived(t *testing.T, b *browsertest.Browser) {
	t.Helper()
	want := p.status
	if want == 0 {
		want = http.StatusOK
	}
	path, _, _ := strings.Cut(p.path, "?")
	status := browsertest.Get(b, chromedp.Evaluate[int](`performance.getEntriesByType("navigation")[0].responseStatus`))
	at := browsertest.Get(b, chromedp.Evaluate[string](`location.pathname`))
	if status != want || at != path {
		t.Errorf("%s answers %d at %s, want %d", p.path, status, at, want)
	}
	if p.then != nil {
		p.then(b)
	}
}

// examine checks the page that is open at both widths. What is folded away is looked at on the phone; what all pages have in
// common at their head is passed by the link for that on the desktop.
func examine(b *browsertest.Browser, what string) {
	b.Accessible(what + " on a desktop")
	b.FitsWidth(what + " on a desktop")
	b.Skips(what + " on a desktop")
	b.Tabs(what+" on a desktop", "main")
	b.Size(browsertest.Narrow)
	browsertest.Get(b, chromedp.Evaluate[bool](`(document.querySelectorAll("details").forEach((d) => { d.open = true; }), true)`))
	b.Accessible(what + " on a narrow phone")
	b.FitsWidth(what + " on a narrow phone")
	b.Tabs(what+" on a narrow phone", "body")
}

// templates returns the names of all pages' templates.
func templates(t *testing.T) (names []string) {
	t.Helper()
	const dir = "templates/pages"
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, strings.TrimSuffix(filepath.ToSlash(path), ".html"))
		}
		return err
	})
	if err != nil || len(names) < 60 {
		t.Fatalf("%d templates of pages: %v", len(names), err)
	}
	return names
}

// pagesFor returns the pages of all routes that are open, or of those that need somebody signed in.
func pagesFor(t *testing.T, w *walktest.World, open bool) (pages []seenPage) {
	t.Helper()
	needs := web.RoutePatterns()
	for _, pattern := range slices.Sorted(maps.Keys(needs)) {
		method, path := walktest.Fill(pattern, walktest.Blanks(t, pattern), func(kind string) string { return w.Own(t, kind) })
		if _, none := noPages[pattern]; method == http.MethodGet && open == (needs[pattern] == "open") && !none {
			pages = append(pages, seenPage{pattern: pattern, path: path})
		}
	}
	return pages
}
