package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

var incidentShown = regexp.MustCompile(`<code class="incident">([0-9A-Z-]{11})</code>`)

// Each error page shows what support needs, and the log has a line with the same incident number.
func TestErrorPagesAreFitForAScreenshot(t *testing.T) {
	covers.Rows(t, "S43", "S44", "A75")
	t.Parallel()
	s := webtest.New(t)
	biller := s.SignedIn(t, s.Biller)
	const agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	ask := func(c *webtest.Client, method, path string, headers ...string) webtest.Answer {
		r := c.Request(method, path, strings.NewReader(strings.Repeat("a=b&", 40_000)))
		r.Header.Set("User-Agent", agent)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		return c.Do(r)
	}
	numbers := map[string]bool{}
	for _, c := range []struct {
		name, method, path string
		client             *webtest.Client
		headers            []string
		status             int
		want               []string
	}{
		{"not found", http.MethodGet, "/claims/clm_nothing", biller, nil, http.StatusNotFound, []string{"not_found", "Check the address"}},
		{"denied", http.MethodGet, "/audit", biller, nil, http.StatusForbidden, []string{"access.denied", "read the audit", "audit.view", "Roles that have it: Owner, Administrator, Auditor", "Who can give you one: ", s.Biller}},
		{"too large", http.MethodPost, "/claims", biller, []string{"Sec-Fetch-Site", "same-origin"}, http.StatusRequestEntityTooLarge, []string{"request.too_large", "Send less"}},
		{"other site", http.MethodPost, "/claims", biller, []string{"Sec-Fetch-Site", "cross-site"}, http.StatusForbidden, []string{"request.cross_origin"}},
		{"session expired", http.MethodPost, "/claims", s.Client(t), []string{"Sec-Fetch-Site", "same-origin"}, http.StatusUnauthorized, []string{"signin.needed", `href="/sign-in"`}},
	} {
		a := ask(c.client, c.method, c.path, c.headers...)
		if a.Status != c.status {
			t.Errorf("%s: status %d, want %d", c.name, a.Status, c.status)
		}
		for _, want := range append(c.want, "<code>"+c.path+"</code>", "Firefox 140", `class="instant"`, `class="zone"`) {
			if !strings.Contains(a.Body, want) {
				t.Errorf("%s: the page does not show %q", c.name, want)
			}
		}
		number := incidentShown.FindStringSubmatch(a.Body)
		if number == nil || numbers[number[1]] {
			t.Errorf("%s: no incident number of its own", c.name)
			continue
		}
		numbers[number[1]] = true
	}
	s.Server.Close() // what is logged is complete
	for number := range numbers {
		if !regexp.MustCompile(`msg="request refused" incident=` + number + ` route=\S.* code=\S+ status=4`).MatchString(s.Log.String()) {
			t.Errorf("the log has no line of incident %s", number)
		}
	}
}

// While the database is being upgraded, the page says so and when to come back, and nothing of the error itself.
func TestDatabaseUpgradedIsMaintenance(t *testing.T) {
	covers.Rows(t, "S44", "A75")
	t.Parallel()
	s := webtest.New(t)
	biller := s.SignedIn(t, s.Biller)
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing that could be lost
	if _, err := db.ExecContext(t.Context(), `ALTER TABLE session RENAME TO session_of_another_version`); err != nil {
		t.Fatal(err)
	}
	a := biller.Get("/dashboard")
	if a.Status != http.StatusServiceUnavailable || !strings.Contains(a.Body, "Back in a moment") || a.Header.Get("Retry-After") == "" || incidentShown.FindString(a.Body) == "" {
		t.Errorf("status %d, Retry-After %q", a.Status, a.Header.Get("Retry-After"))
	}
	if strings.Contains(a.Body, "SQLSTATE") || strings.Contains(a.Body, "relation") {
		t.Error("the page quotes the error")
	}
}
