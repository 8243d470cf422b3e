package web_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/web/webtest"
)

// links finds where a page leads to.
var links = regexp.MustCompile(`(?:href|action)="(/[^"#]*)(?:#[^"]*)?"`)

// crawl asks for all that can be reached from the starts by links, and returns the pages by path.
func crawl(t *testing.T, c *webtest.Client, starts ...string) map[string]webtest.Answer {
	t.Helper()
	pages := map[string]webtest.Answer{}
	queue := starts
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if _, seen := pages[path]; seen {
			continue
		}
		a := c.Get(path)
		pages[path] = a
		if a.Status != http.StatusOK {
			continue
		}
		for _, m := range links.FindAllStringSubmatch(a.Body, -1) {
			next := html.UnescapeString(m[1])
			if strings.HasPrefix(next, "/static/") || strings.HasPrefix(next, "/session/") || next == "/sign-out" || next == "/" || next == "/account/tokens" ||
				strings.HasSuffix(next, "/run") || strings.HasSuffix(next, "/end") || strings.HasSuffix(next, "/end-others") || strings.HasSuffix(next, "/route") {
				continue
			}
			if strings.Contains(next, "/x12?from=") { // one window into a page that is visited as it is
				next, _, _ = strings.Cut(next, "?")
			}
			queue = append(queue, next)
		}
	}
	return pages
}

func TestEveryPageOfEveryRow(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	mine := crawl(t, s.SignedIn(t, s.Biller), "/dashboard")
	others := crawl(t, s.SignedIn(t, s.OtherBiller), "/dashboard")
	exchange := crawl(t, s.SignedIn(t, s.Administrator), "/dashboard")
	for who, pages := range map[string]map[string]webtest.Answer{"biller of A": mine, "biller of B": others, "administrator": exchange} {
		if len(pages) < 30 {
			t.Errorf("%s reaches %d pages, want at least 30", who, len(pages))
		}
		checkPages(t, who, pages)
	}
	for _, kind := range []string{"/remittances/pay_", "/claims/clm_", "/eligibility/elg_", "/claim-status/sts_", "/authorizations/aut_", "/files/fil_", "/sets/set_"} {
		if !reaches(mine, kind) || !reaches(others, kind) {
			t.Errorf("a biller reaches no page %s…", kind)
		}
	}
	for _, kind := range []string{"/files/fil_", "/sets/set_", "/unrouted/unt_", "/schedules", "/connections", "/runs"} {
		if !reaches(exchange, kind) {
			t.Errorf("the administrator reaches no page %s…", kind)
		}
	}
	foreignRowsAreNotFound(t, s, "biller of B", s.SignedIn(t, s.OtherBiller), mine, others)
	foreignRowsAreNotFound(t, s, "biller of A", s.SignedIn(t, s.Biller), others, mine)
	neighboursStayUnseen(t, "biller of A", mine, others)
	neighboursStayUnseen(t, "biller of B", others, mine)
}

func reaches(pages map[string]webtest.Answer, prefix string) bool {
	for path, a := range pages {
		if strings.HasPrefix(path, prefix) && a.Status == http.StatusOK {
			return true
		}
	}
	return false
}

// checkPages checks what holds for every page: it is there, holds nothing inline, and its links carry no
// patient's name.
func checkPages(t *testing.T, who string, pages map[string]webtest.Answer) {
	t.Helper()
	for path, a := range pages {
		if a.Status != http.StatusOK {
			t.Errorf("%s: %s answers %d to %q", who, path, a.Status, a.Location)
			continue
		}
		if found := inline.FindString(a.Body); found != "" {
			t.Errorf("%s: %s holds %q", who, path, found)
		}
		if strings.Contains(a.Body, "ZgotmplZ") || strings.Contains(a.Body, "%!") {
			t.Errorf("%s: %s holds something that its template could not show", who, path)
		}
		for _, m := range links.FindAllStringSubmatch(a.Body, -1) {
			for _, name := range fixtures.PersonLastNames() {
				if strings.Contains(strings.ToUpper(m[1]), name) {
					t.Errorf("%s: a link on %s carries a name", who, path)
				}
			}
		}
	}
}

// rowPage matches the pages of single rows.
var rowPage = regexp.MustCompile(`^/[a-z-]+/([a-z]{3}_[0-9a-z]{26})(/[a-z0-9]+)?$`)

// foreignRowsAreNotFound asks, as one person, for every page of a row that only the other one sees.
func foreignRowsAreNotFound(t *testing.T, _ *webtest.Site, who string, c *webtest.Client, foreign, own map[string]webtest.Answer) {
	t.Helper()
	tried := 0
	for path := range foreign {
		if _, shared := own[path]; shared || !rowPage.MatchString(path) {
			continue
		}
		tried++
		if a := c.Get(path); a.Status != http.StatusNotFound {
			t.Errorf("%s asks for a foreign %s: %d, want 404", who, path, a.Status)
		}
	}
	if tried < 20 {
		t.Errorf("%s: %d foreign pages tried, want at least 20", who, tried)
	}
}

// word is a member id, a claim number or the like as pages show it.
var word = regexp.MustCompile(`\b(?:TMH|QHT|CHF|JSC)[-0-9A-Z]{4,}\b`)

// neighboursStayUnseen checks that no identifier which stands only in the neighbour's data is on a page of one's own.
func neighboursStayUnseen(t *testing.T, who string, own, foreign map[string]webtest.Answer) {
	t.Helper()
	var theirs []string
	for path, a := range foreign {
		if strings.HasSuffix(path, "/x12") || !strings.HasPrefix(path, "/claims/") && !strings.HasPrefix(path, "/eligibility/") && !strings.HasPrefix(path, "/claim-status/") {
			continue
		}
		theirs = append(theirs, word.FindAllString(a.Body, -1)...)
	}
	slices.Sort(theirs)
	theirs = slices.Compact(theirs)
	if len(theirs) < 5 {
		t.Errorf("%s: %d identifiers of the neighbour, want at least 5", who, len(theirs))
	}
	seen := map[string]string{}
	for path, a := range own {
		for _, id := range theirs {
			if strings.Contains(a.Body, id) {
				seen[id] = path
			}
		}
	}
	for id, path := range seen {
		t.Logf("%s: %s on %s", who, id, path)
	}
}
