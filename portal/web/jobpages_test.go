package web_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/portal/web/webtest"
)

// addJobs adds a connection, a schedule and a run by the pages' own forms, and returns their paths.
func addJobs(t *testing.T, s *webtest.Site) (connection, schedule, run string) {
	t.Helper()
	c := s.SignedIn(t, s.Administrator)
	connection = path(t, c.Post("/connections", connectionForm()...), "/connections/con_")
	_, id, _ := strings.Cut(connection, "/connections/")
	schedule = path(t, c.Post("/schedules", "name", "Every morning", "connection", id, "pattern", "times", "times", "06:30", "days", "1-5", "zone", "America/New_York", "missed", "once"), "/schedules/sch_")
	run = path(t, c.Post(schedule+"/run"), "/runs/run_")
	return connection, schedule, run
}

func connectionForm(change ...string) []string {
	return append([]string{
		"name", "Tamarind", "host", "127.0.0.1", "port", "1", "username", "lakeside", "auth", "password", "password", "SENTINEL-SECRET",
		"folders[0].path", "outbound", "folders[0].globs", "*.x12\n!*.tmp", "folders[0].after", "leave", "folders[0].stable_seconds", "5", "folders[0].max_files", "50",
		"network.max_file_bytes", "100", "network.concurrency", "2",
	}, change...)
}

// path returns where a POST leads, without what it did.
func path(t *testing.T, a webtest.Answer, prefix string) string {
	t.Helper()
	if a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, prefix) {
		t.Fatalf("a POST answers %d to %q, want 303 to %s…: %s", a.Status, a.Location, prefix, errorsOf(a.Body))
	}
	at, _, _ := strings.Cut(a.Location, "?")
	return at
}

var errorText = regexp.MustCompile(`(?s)<p class="error"[^>]*>(.*?)</p>`)

func errorsOf(body string) []string {
	var all []string
	for _, m := range errorText.FindAllStringSubmatch(body, -1) {
		all = append(all, html.UnescapeString(m[1]))
	}
	return all
}

func TestConnectionScheduleAndRunByForm(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection, schedule, run := addJobs(t, s)
	for page, wants := range map[string][]string{
		"/connections":          {"Tamarind", "127.0.0.1:1"},
		connection:              {"Tamarind", "outbound", "None yet: test the connection", "Every morning"},
		connection + "/edit":    {"Change connection", "*.x12\n!*.tmp"},
		"/schedules":            {"Every morning", "Monday to Friday at 06:30", "queued"},
		schedule:                {"06:30", "Next ten times", "queued"},
		schedule + "/edit":      {"Next ten times", `value="06:30"`},
		run:                     {"It waits for its turn", "data-events", "Tamarind"},
		"/runs":                 {"Tamarind", "queued"},
		"/runs?state=succeeded": {"Nothing fits the filter"},
		"/dashboard":            {"Last runs"},
	} {
		a := c.Get(page)
		for _, want := range wants {
			if a.Status != http.StatusOK || !strings.Contains(html.UnescapeString(a.Body), want) {
				t.Errorf("%s: %d, want it to hold %q", page, a.Status, want)
			}
		}
		if strings.Contains(a.Body, "SENTINEL-SECRET") {
			t.Errorf("%s shows the password", page)
		}
	}
	if a := c.Post(schedule + "/run"); !strings.HasPrefix(a.Location, run) || !strings.HasSuffix(a.Location, "done=run-open") {
		t.Errorf("a second run leads to %q, want the one that is open", a.Location)
	}
	path(t, c.Post(run+"/cancel"), run)
	if a := c.Get(run); !strings.Contains(a.Body, "cancelled") {
		t.Error("a cancelled run doesn't say so")
	}
	path(t, c.Post(schedule+"/pause"), schedule)
	if a := c.Get(schedule); !strings.Contains(a.Body, "/resume") {
		t.Error("a paused schedule can't be resumed")
	}
	path(t, c.Post(schedule+"/resume"), schedule)
	path(t, c.Post(connection+"/pause", "reason", "The partner moves"), connection)
	if a := c.Get(connection); !strings.Contains(a.Body, "The partner moves") {
		t.Error("a paused connection doesn't say why")
	}
	if a := c.Post(schedule + "/run"); a.Status != http.StatusConflict || !strings.Contains(a.Body, "run.connection_paused") {
		t.Errorf("running a paused connection: %d, want 409 that says why", a.Status)
	}
	path(t, c.Post(connection+"/resume"), connection)
	if a := c.Post(connection + "/delete"); a.Status != http.StatusConflict {
		t.Errorf("deleting a connection that a schedule uses: %d, want 409", a.Status)
	}
	path(t, c.Post(schedule+"/delete"), "/schedules")
	path(t, c.Post(connection+"/delete"), "/connections")
	if a := c.Get(connection); a.Status != http.StatusNotFound {
		t.Errorf("a deleted connection: %d, want 404", a.Status)
	}
}

func TestConnectionTestShowsItsSteps(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection, _, _ := addJobs(t, s) // nobody listens on port 1
	for what, a := range map[string]webtest.Answer{
		"a stored one": c.Post(connection + "/test"), "one being typed": c.Post("/connections", connectionForm("test", "yes")...),
	} {
		if a.Status != http.StatusOK || !strings.Contains(a.Body, "The test ") || !strings.Contains(a.Body, "Reaching the server") || !strings.Contains(a.Body, "not tried") {
			t.Errorf("testing %s: %d, want the steps with the one that failed", what, a.Status)
		}
		if strings.Contains(a.Body, "SENTINEL-SECRET") {
			t.Errorf("testing %s shows the password", what)
		}
	}
}

func TestFormsSayWhatIsWrongByField(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection, schedule, _ := addJobs(t, s)
	_, id, _ := strings.Cut(connection, "/connections/")
	for name, tc := range map[string]struct {
		path, field string
		form        []string
	}{
		"no name":                {"/connections", "name", []string{"port", "22"}},
		"a port in words":        {"/connections", "port", []string{"name", "x", "port", "twenty-two"}},
		"no password":            {"/connections", "password", []string{"name", "x", "host", "h", "username", "u", "auth", "password", "port", "22"}},
		"archive without folder": {"/connections", "folders[0].archive_folder", replace(connectionForm("name", "other"), "folders[0].after", "archive")},
		"a name that is taken":   {"/connections", "name", connectionForm()},
		"a broken cron field":    {"/schedules", "spec", []string{"name", "x", "connection", id, "spec", "61 6 * * *", "zone", "UTC", "missed", "once"}},
		"an unknown zone":        {"/schedules", "zone", []string{"name", "x", "connection", id, "spec", "@daily", "zone", "Mars/Olympus", "missed", "once"}},
		"no connection":          {"/schedules", "connection", []string{"name", "x", "spec", "@daily", "zone", "UTC", "missed", "once"}},
		"a schedule of the name": {"/schedules", "name", []string{"name", "Every morning", "connection", id, "spec", "@daily", "zone", "UTC", "missed", "once"}},
	} {
		form := tc.form
		if name == "archive without folder" {
			form = replace(form, "name", "other")
		}
		a := c.Post(tc.path, form...)
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="`+tc.field+`-error"`) {
			t.Errorf("%s: %d with %q, want 422 with %s marked", name, a.Status, errorsOf(a.Body), tc.field)
		}
	}
	a := c.Post("/schedules", "name", "Nightly", "connection", id, "spec", "0 22 * * *", "zone", "America/Chicago", "missed", "skip", "preview", "yes")
	if a.Status != http.StatusOK || strings.Count(a.Body, " 22:00 C") != 10 {
		t.Errorf("the preview: %d with %d times, want 10 at 22:00", a.Status, strings.Count(a.Body, " 22:00 C"))
	}
	if strings.Contains(c.Get("/schedules").Body, "Nightly") {
		t.Error("the preview has added a schedule")
	}
	a = c.Post(schedule, "version", "7", "name", "Every evening", "connection", id, "spec", "0 18 * * *", "zone", "UTC", "missed", "once")
	if a.Status != http.StatusConflict {
		t.Errorf("a change of an old version: %d, want 409", a.Status)
	}
	path(t, c.Post(schedule, "version", "1", "name", "Every evening", "connection", id, "spec", "0 18 * * *", "zone", "UTC", "missed", "once"), schedule)
	if !strings.Contains(c.Get(schedule).Body, "Every evening") {
		t.Error("the change is not there")
	}
}

// replace returns the pairs with another value of a name.
func replace(pairs []string, name, value string) []string {
	var out []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] != name {
			out = append(out, pairs[i], pairs[i+1])
		}
	}
	return append(out, name, value)
}
