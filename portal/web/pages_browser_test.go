package web_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// TestPagesInARealBrowser looks at the pages with the fixtures in them, as a biller and as an administrator.
func TestPagesInARealBrowser(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	b := browsertest.Open(t)
	visit := func(name, path string) {
		t.Helper()
		b.Do(chromedp.Navigate(s.URL+path), chromedp.WaitVisible(css("h1")))
		look(b, name)
	}
	b.Do(chromedp.Navigate(s.URL + "/sign-in"))
	signInWith(b, s.Biller, accountstest.Password)
	b.Do(chromedp.WaitVisible(css(".side")))
	c := s.SignedIn(t, s.Biller)
	for _, p := range []struct{ name, path string }{
		{"data-dashboard", "/dashboard"}, {"remittances", "/remittances"}, {"claims", "/claims"}, {"eligibility-list", "/eligibility"},
		{"claim-status-list", "/claim-status"}, {"authorizations-list", "/authorizations"}, {"files-biller", "/files"}, {"nothing-fits", "/remittances?trace=none"},
		{"payment", rowWith(t, c, "/remittances", "TMHP26110200417")}, {"payment-takeback", rowWith(t, c, "/remittances", "WO")},
		{"claim-denied", rowWith(t, c, "/claims", "N115")}, {"claim-reversed", rowWith(t, c, "/claims", "Undone by")},
		{"answer-benefits", rowWith(t, c, "/eligibility", "HARBOR EPO")}, {"answer-not-found", rowWith(t, c, "/eligibility", "find this person")},
		{"status", rowWith(t, c, "/claim-status", "F2")}, {"authorization", rowWith(t, c, "/authorizations", "TMAUTH261119388A")},
		{"original-claim", rowWith(t, c, "/claims", "N115") + "/x12"},
	} {
		visit(p.name, p.path)
	}
	b.Do(chromedp.Navigate(s.URL+rowWith(t, c, "/claims", "N115")+"/x12"), chromedp.Click(css(".segments li:not(.context):not(.gap) summary")), chromedp.WaitVisible(css(".segments .elements table")))
	look(b, "original-open")
	searchInBrowser(t, b, s)

	b.Do(chromedp.Click(css(".side-foot button")), chromedp.WaitVisible(css("#username")))
	signInWith(b, s.Administrator, accountstest.Password)
	b.Do(chromedp.WaitVisible(css(".side")))
	admin := s.SignedIn(t, s.Administrator)
	for _, p := range []struct{ name, path string }{
		{"admin-dashboard", "/dashboard"}, {"files", "/files"}, {"file", "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(s.Files["07-835-two-payees.x12"]))},
		{"file-faulty", "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(s.Files["08-835-wrong-segment-count.x12"]))},
		{"set", rowWith(t, admin, "/files", "Who got what")}, {"unrouted", "/unrouted"}, {"unit", rowWith(t, admin, "/unrouted", "Give it to an account")},
		{"schedules-empty", "/schedules"}, {"schedule-new", "/schedules/new"}, {"connections-empty", "/connections"}, {"connection-new", "/connections/new"},
	} {
		visit(p.name, p.path)
	}
}

// searchInBrowser finds a claim by the patient's name, and sees that the name stays out of the URL.
func searchInBrowser(t *testing.T, b *browsertest.Browser, s *webtest.Site) {
	t.Helper()
	b.Do(chromedp.Navigate(s.URL+"/claims"), chromedp.SetValue(css("#s-name"), "THISTLEWICK"), chromedp.Click(css(".search button[type=submit]")),
		chromedp.WaitVisible(css("a[href='/claims']")), chromedp.WaitVisible(css("tbody tr")))
	look(b, "claims-found")
	if at := browsertest.Get(b, chromedp.Location()); strings.Contains(at, "THISTLEWICK") || at != s.URL+"/claims" {
		t.Errorf("the search leads to %s, want no name in the URL", at)
	}
}

// rowWith returns the path of a page of single rows, at most two links below list, whose text holds mark.
func rowWith(t *testing.T, c *webtest.Client, list, mark string) string {
	t.Helper()
	var paths []string
	for _, from := range []string{list} {
		paths = append(paths, rowsOn(c.Get(from).Body)...)
	}
	for _, path := range slices.Clone(paths) {
		paths = append(paths, rowsOn(c.Get(path).Body)...)
	}
	slices.Sort(paths)
	for _, path := range slices.Compact(paths) {
		if (strings.HasPrefix(path, list) || list == "/files") && strings.Contains(c.Get(path).Body, mark) {
			return path
		}
	}
	t.Fatalf("no page below %s holds %q", list, mark)
	return ""
}

var rowLink = regexp.MustCompile(`href="(/[a-z-]+/[a-z]{3}_[0-9a-z]{26})"`)

func rowsOn(body string) []string {
	var paths []string
	for _, m := range rowLink.FindAllStringSubmatch(body, -1) {
		paths = append(paths, m[1])
	}
	return paths
}
