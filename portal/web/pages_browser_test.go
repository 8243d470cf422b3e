package web_test

import (
	"os"
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

// A sight is a page to look at.
type sight struct{ name, path string }

func lookAt(b *browsertest.Browser, s *webtest.Site, sights []sight) {
	for _, p := range sights {
		b.Do(chromedp.Navigate(s.URL+p.path), chromedp.WaitVisible(css("h1")))
		lookOrMeasure(b, p.name)
	}
}

// lookOrMeasure takes the page's pictures if somebody wants them; else it only checks that the page fits.
func lookOrMeasure(b *browsertest.Browser, name string) {
	if os.Getenv("EDIPORT_SCREENSHOTS") != "" {
		look(b, name)
		return
	}
	b.FitsWidth(name + " on a desktop")
	b.Size(browsertest.Narrow)
	b.FitsWidth(name + " on a narrow phone")
	b.Size(browsertest.Desktop)
}

// as opens a browser in which somebody is signed in.
func as(t *testing.T, s *webtest.Site, login string) *browsertest.Browser {
	t.Helper()
	b := browsertest.Open(t)
	b.Do(chromedp.Navigate(s.URL + "/sign-in"))
	signInWith(b, login, accountstest.Password)
	b.Do(chromedp.WaitVisible(css(".side")))
	return b
}

// TestResultsInARealBrowser looks at the pages of a biller with the fixtures in them.
func TestResultsInARealBrowser(t *testing.T) {
	s := webtest.Loaded(t)
	c := s.SignedIn(t, s.Biller)
	denied := rowWith(t, c, "/claims", "N115")
	lookAt(as(t, s, s.Biller), s, []sight{
		{"dashboard-biller", "/dashboard"},
		{"remittances", "/remittances"},
		{"nothing-fits", "/remittances?trace=none"},
		{"payment", rowWith(t, c, "/remittances", "TMHP26110200417")},
		{"claim-denied", denied},
		{"claim-reversed", rowWith(t, c, "/claims", "Undone by")},
		{"claims", "/claims"},
		{"files-biller", "/files"},
	})
	b := as(t, s, s.Biller)
	lookAt(b, s, []sight{
		{"eligibility", "/eligibility"},
		{"answer-benefits", rowWith(t, c, "/eligibility", "HARBOR EPO")},
		{"claim-status", "/claim-status"},
		{"status", rowWith(t, c, "/claim-status", "F2")},
		{"authorizations", "/authorizations"},
		{"authorization", rowWith(t, c, "/authorizations", "TMAUTH261119388A")},
	})
	b.Do(chromedp.Navigate(s.URL+denied+"/x12"), chromedp.Click(css(".segments li:not(.context):not(.gap) summary")), chromedp.WaitVisible(css(".segments .elements table")))
	lookOrMeasure(b, "original-open")
	searchInBrowser(t, b, s)
}

// TestExchangeInARealBrowser looks at the pages of an administrator.
func TestExchangeInARealBrowser(t *testing.T) {
	s := webtest.Loaded(t)
	c := s.SignedIn(t, s.Administrator)
	file := func(name string) string {
		return "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(s.Files[name]))
	}
	connection, schedule, run := addJobs(t, s)
	lookAt(as(t, s, s.Administrator), s, []sight{
		{"dashboard-administrator", "/dashboard"},
		{"files", "/files"},
		{"file", file("07-835-two-payees.x12")},
		{"file-faulty", file("08-835-wrong-segment-count.x12")},
		{"set", rowWith(t, c, "/files", "Who got what")},
		{"unrouted", "/unrouted"},
		{"unit", rowWith(t, c, "/unrouted", "Give it to an account")},
	})
	lookAt(as(t, s, s.Administrator), s, []sight{
		{"schedules", "/schedules"},
		{"schedule", schedule},
		{"schedule-new", "/schedules/new"},
		{"connections", "/connections"},
		{"connection", connection},
		{"connection-new", "/connections/new"},
		{"run", run},
		{"runs", "/runs"},
	})
}

// searchInBrowser finds a claim by the patient's name, and sees that the name stays out of the URL.
func searchInBrowser(t *testing.T, b *browsertest.Browser, s *webtest.Site) {
	t.Helper()
	b.Do(chromedp.Navigate(s.URL+"/claims"), chromedp.SetValue(css("#s-name"), "THISTLEWICK"), chromedp.Click(css(".search button[type=submit]")),
		chromedp.WaitVisible(css("a[href='/claims']")), chromedp.WaitVisible(css("tbody tr")))
	lookOrMeasure(b, "claims-found")
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
