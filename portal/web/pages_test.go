package web_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// links finds where a page leads to.
var links = regexp.MustCompile(`(?:href|action)="(/[^"#]*)(?:#[^"]*)?"`)

// followed finds what a click on a page asks for; forms change something.
var followed = regexp.MustCompile(`href="(/[^"#]*)(?:#[^"]*)?"`)

// crawl asks for all that can be reached from the starts by links, and returns the pages by path.
func crawl(t *testing.T, c *webtest.Client, starts ...string) map[string]webtest.Answer {
	t.Helper()
	return crawlWithin(t, c, "/", starts...)
}

// crawlWithin is crawl that stays below a path.
func crawlWithin(t *testing.T, c *webtest.Client, within string, starts ...string) map[string]webtest.Answer {
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
		for _, m := range followed.FindAllStringSubmatch(a.Body, -1) {
			next := html.UnescapeString(m[1])
			if strings.HasPrefix(next, "/static/") || next == "/" || !strings.HasPrefix(next, within) {
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

// ofBiller are the pages that the biller of a site made by Loaded reaches. Such sites are copies, so that the walk over one
// does for all tests that want to know what there is.
var ofBiller struct {
	once  sync.Once
	pages map[string]webtest.Answer
}

// billersPages returns all that the biller of a site made by Loaded reaches, as long as nothing was changed there.
func billersPages(t *testing.T, s *webtest.Site) map[string]webtest.Answer {
	t.Helper()
	ofBiller.once.Do(func() { ofBiller.pages = crawl(t, s.SignedIn(t, s.Biller), "/dashboard") })
	return ofBiller.pages
}

func TestEveryPageOfEveryRow(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	mine := billersPages(t, s)
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
	figuresLeadToTheirSegments(t, s.SignedIn(t, s.Biller), mine)
	figuresLeadToTheirSegments(t, s.SignedIn(t, s.Administrator), exchange)
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
		t.Errorf("%s: %s shows the neighbour's %s", who, path, id)
	}
}

// source is a link to a segment.
var source = regexp.MustCompile(`href="(/[^"#]*/x12[^"#]*)#(s[0-9]+)"`)

// figuresLeadToTheirSegments follows every link to a segment, which must be there.
func figuresLeadToTheirSegments(t *testing.T, c *webtest.Client, pages map[string]webtest.Answer) {
	t.Helper()
	originals := map[string]string{}
	followed := 0
	for path, a := range pages {
		for _, m := range source.FindAllStringSubmatch(a.Body, -1) {
			at := html.UnescapeString(m[1])
			body, ok := originals[at]
			if page, seen := pages[at]; !ok && seen {
				body, ok = page.Body, true
			}
			if !ok {
				body = c.Get(at).Body
				originals[at] = body
			}
			followed++
			if !strings.Contains(body, `id="`+m[2]+`"`) {
				t.Errorf("%s leads to %s#%s, which isn't there", path, at, m[2])
			}
		}
	}
	if followed == 0 {
		t.Error("no page leads to a segment")
	}
}

func TestPaymentAddsUpOnItsPage(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	c := s.SignedIn(t, s.Biller)
	body := c.Get(rowWith(t, c, "/remittances", "TMHP26110200417")).Body
	for _, want := range []string{"$1,350.00", "$942.15", "$407.85", "−$1.87", "$409.72", "balanced", "Interest owed"} {
		if !strings.Contains(body, want) {
			t.Errorf("the payment's page doesn't hold %s", want)
		}
	}
	claim := c.Get(rowWith(t, c, "/claims", "N115")).Body
	for _, want := range []string{"CO 50", "medically necessary", "contractual obligation", `class="badge bad">denied`} {
		if !strings.Contains(claim, want) {
			t.Errorf("the denied claim's page doesn't hold %s", want)
		}
	}
	reversed := c.Get(rowWith(t, c, "/claims", "Undone by")).Body
	reversal := c.Get(rowWith(t, c, "/claims", "It undoes <a")).Body
	if !strings.Contains(reversed, "reversal</a>") || !strings.Contains(reversal, "the claim payment of") {
		t.Error("a reversal and what it undoes don't lead to each other")
	}
}

func TestPatientsAreFoundByPostOnly(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	c := s.SignedIn(t, s.Biller)
	for _, tc := range []struct{ path, field, value, finds string }{
		{"/claims", "name", "THISTLEWICK", "CHF-20421"},
		{"/claims", "name", "THISTLEWICK, BA", "CHF-20421"},
		{"/claims", "member", "TMH700100317", "CHF-20425"},
		{"/claims", "control", "CHF-20425", "FERNWHISTLE"},
		{"/claims", "payer_control", "TM261020004103", "FERNWHISTLE"},
		{"/eligibility", "name", "SALTMARROW", "TANSY"},
		{"/eligibility", "trace", "CHF261119000002", "TANSY"},
		{"/claim-status", "control", "CHF-20488", "QUILLFEATHER"},
		{"/authorizations", "certification", "TMAUTH261119388", "SALTMARROW"},
	} {
		a := c.Post(tc.path, tc.field, tc.value)
		if a.Status != http.StatusOK || !strings.Contains(a.Body, tc.finds) {
			t.Errorf("searching %s by %s: %d, want %s", tc.path, tc.field, a.Status, tc.finds)
		}
		if tc.field != "trace" {
			if a := c.Get(tc.path + "?" + tc.field + "=x"); a.Status != http.StatusBadRequest {
				t.Errorf("GET %s with %s: %d, want 400", tc.path, tc.field, a.Status)
			}
		}
		if a := s.SignedIn(t, s.OtherBiller).Post(tc.path, tc.field, tc.value); strings.Contains(a.Body, tc.finds+"</a>") {
			t.Errorf("searching %s by %s finds the neighbour's rows", tc.path, tc.field)
		}
	}
	if a := c.Post("/claims"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "at least one") {
		t.Errorf("a search for nothing: %d, want 422", a.Status)
	}
	if a := c.Post("/claims", "name", "NOBODY"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Nothing found") {
		t.Errorf("a search that finds nothing: %d, want its empty state", a.Status)
	}
}

func TestUnroutedIsRoutedByAnAdministrator(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	admin, biller := s.SignedIn(t, s.Administrator), s.SignedIn(t, s.Biller)
	unit := rowWith(t, admin, "/unrouted", fixtures.Unknown.NPI)
	if a := biller.Get(unit); a.Status != http.StatusForbidden {
		t.Errorf("a biller asks for an unrouted part: %d, want 403", a.Status)
	}
	const count = "/remittances?usage=*"
	before := len(rowsOn(biller.Get(count).Body))
	if a := admin.Post(unit+"/route", "account", ""); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("routing to no account: %d, want 422", a.Status)
	}
	a := admin.Post(unit+"/route", "account", s.DB.PublicIDs().Format(storage.PublicAccount, int64(s.Account)))
	if a.Location != "/unrouted?done=unit-routed" {
		t.Fatalf("routing: %d to %q", a.Status, a.Location)
	}
	if after := len(rowsOn(biller.Get(count).Body)); after != before+1 {
		t.Errorf("the biller sees %d payments, want %d", after, before+1)
	}
	if strings.Contains(admin.Get("/unrouted").Body, unit) {
		t.Error("it still waits")
	}
}

func TestFiltersSayWhatTheyCannotRead(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Both)
	for _, path := range []string{"/remittances?from=tomorrow", "/remittances?amount=much", "/claims?to=1-1-1", "/files?from=x", "/eligibility?from=x"} {
		if a := c.Get(path); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, "error") {
			t.Errorf("%s: %d, want 422", path, a.Status)
		}
	}
	for _, path := range []string{"/remittances?account=nonsense", "/files?connection=con_0", "/remittances?cursor=broken"} {
		if a := c.Get(path); a.Status >= http.StatusInternalServerError {
			t.Errorf("%s: %d", path, a.Status)
		}
	}
}

func TestWhatCameTwiceLeadsToTheFirst(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	content, err := fixtures.Open("01-835-payment-with-denials.x12")
	if err != nil {
		t.Fatal(err)
	}
	page := func(id storage.FileID) string {
		return "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(id))
	}
	first := page(s.Files["01-835-payment-with-denials.x12"])
	again := page(s.Receive(t, "again.x12", content))
	admin := s.SignedIn(t, s.Administrator)
	if a := admin.Get(again); !strings.Contains(a.Body, `href="`+first+`"`) || !strings.Contains(a.Body, "came before") {
		t.Error("a file that came twice doesn't lead to the first")
	}
	// The same payment in another interchange: another control number, and a date that nothing depends on.
	other := strings.NewReplacer("*260001101*", "*260001999*", "IEA*1*260001101", "IEA*1*260001999").Replace(string(content))
	s.Receive(t, "resent.x12", []byte(other))
	biller := s.SignedIn(t, s.Biller)
	duplicate := biller.Get(rowWith(t, biller, "/remittances", "left out of all totals.</span>")).Body
	original := biller.Get(rowWith(t, biller, "/remittances", "It came again in")).Body
	if !strings.Contains(duplicate, "The same payment came before") || !strings.Contains(original, "resent.x12") {
		t.Error("a payment that came twice and the first one don't lead to each other")
	}
}

func TestFileThatIsNoX12AndOneThatBreaksOff(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	content, err := fixtures.Open("08-835-wrong-segment-count.x12")
	if err != nil {
		t.Fatal(err)
	}
	admin := s.SignedIn(t, s.Administrator)
	page := func(id storage.FileID) string {
		return "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(id))
	}
	note := page(s.Receive(t, "note.txt", []byte("No payments today.")))
	cut := page(s.Receive(t, "cut.x12", []byte(strings.Replace(string(content), "*000000043*", "*000000044*", 1)[:len(content)/2])))
	for path, want := range map[string]string{note: "not x12", cut: "held"} {
		pages := crawlWithin(t, admin, path, path)
		checkPages(t, "administrator", pages)
		if !strings.Contains(pages[path].Body, want) {
			t.Errorf("%s doesn't say %q", path, want)
		}
	}
	if a := admin.Get(note + "/x12"); a.Status != http.StatusOK || !strings.Contains(a.Body, "No segments") && !strings.Contains(a.Body, "notice") {
		t.Errorf("the X12 of what is none: %d, want a page that says so", a.Status)
	}
}
