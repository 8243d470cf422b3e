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

// A sight is a page to look at.
type sight struct{ name, path string }

func lookAt(b *browsertest.Browser, s *webtest.Site, sights []sight) {
	for _, p := range sights {
		b.Do(browsertest.Navigate(s.URL+p.path), chromedp.WaitVisible(css("h1")))
		look(b, p.name)
	}
}

// as opens a browser in which somebody is signed in.
func as(t *testing.T, s *webtest.Site, login string) *browsertest.Browser {
	t.Helper()
	b := browsertest.Open(t)
	b.Do(browsertest.Navigate(s.URL + "/sign-in"))
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
	b.Do(browsertest.Navigate(s.URL + denied + "/x12"))
	b.Click(".segments li:not(.context):not(.gap) summary")
	b.Do(chromedp.WaitVisible(css(".segments .elements table")))
	look(b, "original-open")
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
	sends := path(t, c.Post("/connections", replace(connectionForm("push.folder", "to", "push.acknowledgment_folder", "acks"), "name", "Quarry Hill")...), "/connections/con_")
	changeHostKey(t, s, sends)
	raise(t, s, sends, "transfer.host_key_changed")
	calendar := path(t, c.Post("/calendars", "name", "Quarry Hill closed", "holidays", "yes", "days", "2026-12-24 Christmas Eve\n2026-11-27 open"), "/calendars")
	partnersKey, _ := publicKeyLine(t, 3)
	box := path(t, c.Post("/dropboxes", "name", "Tamarind", "keys", partnersKey, "sources", "192.0.2.0/24"), "/dropboxes/dbx_")
	outbound := path(t, upload(t, c, "requests 2026-11.x12", []byte("no X12"), "target", strings.TrimPrefix(sends, "/connections/"), "as_is", "yes"), "/files/fil_")
	lookAt(as(t, s, s.Administrator), s, []sight{
		{"dashboard-administrator", "/dashboard"},
		{"files", "/files"},
		{"file", file("07-835-two-payees.x12")},
		{"file-faulty", file("08-835-wrong-segment-count.x12")},
		{"set", rowWith(t, c, "/files", "Who got what")},
		{"file-outbound", outbound},
		{"unrouted", "/unrouted"},
		{"unit", rowWith(t, c, "/unrouted", "Give it to an account")},
	})
	b := as(t, s, s.Administrator)
	editFolders(t, b, s, connection)
	lookAt(b, s, []sight{
		{"schedules", "/schedules"},
		{"schedule", schedule},
		{"schedule-new", "/schedules/new"},
		{"connections", "/connections"},
		{"connection", connection},
		{"connection-new", "/connections/new"},
		{"connection-edit", connection + "/edit"},
		{"connection-host-keys", connection + "/host-keys"},
		{"schedule-edit", schedule + "/edit"},
		{"calendars", calendar},
		{"calendar-new", "/calendars/new"},
		{"dropbox-new", "/dropboxes/new"},
		{"dropboxes", "/dropboxes"},
		{"dropbox", box},
		{"run", run},
		{"runs", "/runs"},
		{"jobs", "/jobs?state=*"},
		{"nodes", "/nodes"},
		{"incidents", "/incidents"},
		{"acknowledgments", "/acknowledgments"},
		{"acknowledgments-ours", "/acknowledgments?side=ours"},
		{"acknowledgment", rowWith(t, c, "/acknowledgments", "Set by set")},
		{"incident", rowWith(t, c, "/incidents", "I look after it")},
		{"connection-sends", sends},
		{"upload", "/upload"},
	})
}

// editFolders adds a folder to a connection and removes another, in place: what is typed stays.
func editFolders(t *testing.T, b *browsertest.Browser, s *webtest.Site, connection string) {
	t.Helper()
	b.Do(browsertest.Navigate(s.URL + connection + "/edit"))
	b.Enter("User", "cedar")
	b.Press("Add a folder")
	b.Await("a second folder", `document.querySelectorAll(".folder").length === 2 && document.activeElement.name === "folders[1].path"`)
	b.Do(chromedp.SendKeys(css("[name='folders[1].path']"), "second"))
	b.Press("Remove this folder") // the first one
	b.Await("one folder", `document.querySelectorAll("#folder-list .folder").length === 1`)
	b.Press("Save")
	b.Sees("The connection is changed.")
	b.Sees("second")
	b.Sees("cedar")
}

// searchInBrowser finds a claim by the patient's name, and sees that the name stays out of the URL.
func searchInBrowser(t *testing.T, b *browsertest.Browser, s *webtest.Site) {
	t.Helper()
	b.Do(browsertest.Navigate(s.URL+"/claims"), chromedp.SetValue(css("#s-name"), "THISTLEWICK"))
	b.Click(".search button[type=submit]")
	b.Do(chromedp.WaitVisible(css("a[href='/claims']")), chromedp.WaitVisible(css("tbody tr")))
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
