package web_test

import (
	"bytes"
	"fmt"
	"html"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// TestAPageFollowsARun reads the stream of a run that is cancelled meanwhile.
func TestAPageFollowsARun(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	_, _, run := addJobs(t, s)
	stream := make(chan webtest.Answer, 1)
	go func() { stream <- c.Get(run + "/events") }()
	path(t, s.SignedIn(t, s.Administrator).Post(run+"/cancel"), run)
	got := <-stream // it ends by itself
	if kind := got.Header.Get("Content-Type"); got.Status != http.StatusOK || kind != "text/event-stream" {
		t.Fatalf("the stream: %d, %s", got.Status, kind)
	}
	for _, want := range []string{"event: run-head", "event: run-status", "event: run-facts", "event: over", "cancelled", "A person cancelled the run."} {
		if !strings.Contains(got.Body, want) {
			t.Errorf("the stream lacks %q", want)
		}
	}
	for line := range strings.Lines(got.Body) {
		if line != "\n" && !regexp.MustCompile(`^(event|id|data):`).MatchString(line) {
			t.Fatalf("the stream has a line that is none of an event: %q", line)
		}
	}
}

func TestFilesAreFoundByHashRunAndState(t *testing.T) {
	t.Parallel()
	s := webtest.Loaded(t)
	c := s.SignedIn(t, s.Administrator)
	file := s.DB.PublicIDs().Format(storage.PublicFile, int64(s.Files["07-835-two-payees.x12"]))
	body := c.Get("/files/" + file).Body
	sum := regexp.MustCompile(`[0-9a-f]{64}`).FindString(body)
	if sum == "" || !strings.Contains(body, "Downloaded and archived") || !strings.Contains(body, "Loaded") {
		t.Fatal("the file's page lacks its fingerprint or what happened to it")
	}
	for query, want := range map[string]int{
		"sha256=" + sum: 1, "sha256=" + strings.ToUpper(sum[:9]): 1, "sha256=" + sum + "&state=held": 0, "name=07-835": 1, "name=07-835&direction=out": 0,
		"partner=prt_00000000000000000000000000": 0, "run=run_00000000000000000000000000": 0, "": len(s.Files), "from=2000-01-01&until=2000-01-02": len(s.Files), "to=2000-01-02": 0,
	} {
		a := c.Get("/files?" + query)
		if got := strings.Count(a.Body, `<th scope="row">`); a.Status != http.StatusOK || got != want {
			t.Errorf("files by %s: %d with %d rows, want %d", query, a.Status, got, want)
		}
	}
	if a := c.Get("/files?sha256=zebra"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="f-sha256-error"`) {
		t.Errorf("a hash that is none: %d, want 422 at its field", a.Status)
	}
	if a := s.SignedIn(t, s.Biller).Get("/files?sha256=" + sum); strings.Contains(a.Body, "SHA-256") || strings.Contains(a.Body, "All connections") {
		t.Error("a biller is told of fingerprints or connections")
	}
}

// upload sends a file with fields from our own page.
func upload(t *testing.T, c *webtest.Client, name string, content []byte, pairs ...string) webtest.Answer {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for i := 0; i+1 < len(pairs); i += 2 {
		if err := form.WriteField(pairs[i], pairs[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	part, err := form.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := part.Write(content); err != nil {
		t.Fatal(err)
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := c.Request(http.MethodPost, "/upload", &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return c.Do(r)
}

func TestAFileIsHandedIn(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	content := []byte("no X12 at all")
	at := path(t, upload(t, c, `C:\inbox\..\notes "1".txt`, content, "target", ""), "/files/fil_")
	if body := html.UnescapeString(c.Get(at).Body); !strings.Contains(body, `notes "1".txt`) || !strings.Contains(body, "handed in by upload") || strings.Contains(body, "inbox") {
		t.Error("the file's page lacks its name or how it came")
	}
	if a := c.Get("/jobs"); !strings.Contains(a.Body, "loading") {
		t.Error("no job loads the file")
	}
	for what, a := range map[string]webtest.Answer{"an empty file": upload(t, c, "a.x12", nil, "target", ""), "no file": c.Post("/upload", "target", "")} {
		if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="file-error"`) {
			t.Errorf("%s: %d, want 422 at the file", what, a.Status)
		}
	}
	if a := upload(t, s.SignedIn(t, s.Biller), "a.x12", content, "target", ""); a.Status != http.StatusForbidden {
		t.Errorf("a biller hands a file in: %d, want 403", a.Status)
	}
}

func TestAnOutboundFileIsSentAgainOrMadeVoid(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection := path(t, c.Post("/connections", connectionForm("push.folder", "to")...), "/connections/con_")
	_, id, _ := strings.Cut(connection, "/connections/")
	a := upload(t, c, "note.txt", []byte("not X12"), "target", id)
	if a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, `id="as_is-said"`) {
		t.Fatalf("a file that is no X12: %d, want to be asked whether it is meant", a.Status)
	}
	file := path(t, upload(t, c, "note.txt", []byte("not X12"), "target", id, "as_is", "yes"), "/files/fil_")
	body := c.Get(file).Body
	for _, want := range []string{"Delivery", "Generated, waits to be sent", "handed in", "note.txt", "Make it void"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of a file to be sent lacks %q", want)
		}
	}
	if a := upload(t, c, "note.txt", []byte("not X12"), "target", id, "as_is", "yes"); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, file) {
		t.Errorf("the same bytes once more: %d, want 422 with the file before", a.Status)
	}
	if !strings.Contains(c.Get(connection).Body, "Waiting to be sent") {
		t.Error("the connection doesn't show what waits to be sent")
	}
	if a := c.Post(file+"/void", "reason", " "); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("void without a reason: %d, want 422", a.Status)
	}
	path(t, c.Post(file+"/void", "reason", "Sent by telefax instead"), file)
	body = c.Get(file).Body
	if !strings.Contains(body, "Made void") || !strings.Contains(body, "Sent by telefax instead") {
		t.Error("a void file doesn't say so, and why")
	}
	path(t, c.Post(file+"/send-again"), file)
	if body = c.Get(file).Body; strings.Count(body, "Generated, waits to be sent") != 2 {
		t.Error("a file that is sent again doesn't wait to be sent")
	}
}

// raise raises an incident of a connection, given by its page.
func raise(t *testing.T, s *webtest.Site, connection, code string) {
	t.Helper()
	id, err := s.DB.PublicIDs().Parse(storage.PublicConnection, strings.TrimPrefix(connection, "/connections/"))
	if err != nil {
		t.Fatal(err)
	}
	scope := storage.Scope{Operator: s.Operator, Actor: accountstest.Actor}
	err = s.DB.InScope(t.Context(), scope, func(tx *storage.Tx) error {
		_, _, err := tx.RaiseIncident(t.Context(), s.Operator, storage.OfConnection(storage.ConnectionID(id)), storage.Raise{Code: code, Source: "pull"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestIncidentsAreShownLookedAfterAndClosed(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection, _, _ := addJobs(t, s)
	raise(t, s, connection, "transfer.auth_failed")
	link := regexp.MustCompile(`/incidents/icd_[0-9a-z]{26}`).FindString(c.Get("/incidents").Body)
	for _, page := range []string{"/incidents", "/dashboard", connection, "/connections", link} {
		if a := c.Get(page); a.Status != http.StatusOK || !strings.Contains(a.Body, link) {
			t.Errorf("%s doesn't show the incident", page)
		}
	}
	if body := html.UnescapeString(c.Get(link).Body); !strings.Contains(body, "The server refused the sign-in") || !strings.Contains(body, "What to do:") {
		t.Error("the incident doesn't say what is wrong and what to do")
	}
	path(t, c.Post(link+"/acknowledge"), link)
	if a := c.Get(link); !strings.Contains(a.Body, "Ada Marchetti, since") {
		t.Error("nobody looks after the incident")
	}
	path(t, c.Post(link+"/close"), link)
	if a := c.Get("/incidents"); strings.Contains(a.Body, link) {
		t.Error("a closed incident is shown as open")
	}
	if a := c.Get("/incidents?state=all"); !strings.Contains(a.Body, link) {
		t.Error("a closed incident is shown nowhere")
	}
	if a := s.SignedIn(t, s.Biller).Get("/dashboard"); strings.Contains(a.Body, "Goes wrong now") {
		t.Error("a biller is shown incidents of the exchange")
	}
}

func TestJobsAreListedAndDiscarded(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	_, _, run := addJobs(t, s)
	a := c.Get("/jobs")
	job := regexp.MustCompile(`/jobs/job_[0-9a-z]{26}`).FindString(a.Body)
	if !strings.Contains(a.Body, "pulling") || !strings.Contains(a.Body, run) || job == "" {
		t.Fatal("the run's job isn't listed")
	}
	path(t, c.Post(job+"/discard"), "/jobs")
	if a := c.Get(run); !strings.Contains(a.Body, "cancelled") {
		t.Error("the run of a discarded job isn't cancelled")
	}
	if a := c.Get("/nodes"); !strings.Contains(a.Body, "No process is working") {
		t.Error("a node is shown where none is")
	}
}

func TestASchedulesRarerSettingsStayByForm(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection, _, _ := addJobs(t, s)
	_, id, _ := strings.Cut(connection, "/connections/")
	year := time.Now().Year() + 1
	path(t, c.Post("/calendars", "name", "Tamarind closed", "holidays", "yes", "days", fmt.Sprintf("%d-12-24 Christmas Eve\n%d-11-27 open", year, year)), "/calendars")
	calendar := regexp.MustCompile(`cal_[0-9a-z]{26}`).FindString(c.Get("/calendars").Body)
	if body := c.Get("/calendars/" + calendar).Body; !strings.Contains(body, "Christmas Eve") || !strings.Contains(body, "11-27 open") || !strings.Contains(body, "Thanksgiving") {
		t.Error("the calendar's page lacks its days")
	}
	schedule := path(t, c.Post("/schedules", "name", "Noon", "connection", id, "kind", "pull", "pattern", "times", "times", "06:30, 12:45", "days", "*", "zone", "America/New_York",
		"business_days", "yes", "calendars", calendar, "shift", "next", "open", "mon-fri 06:00-18:00", "blackout", "2026-12-24 18:00 to 2026-12-27 06:00\nsat,sun",
		"missed", "all", "missed_limit", "3", "jitter_seconds", "60", "priority", "1"), "/schedules/sch_")
	body := html.UnescapeString(c.Get(schedule + "/edit").Body)
	for _, want := range []string{
		`value="06:30, 12:45"`, "mon,tue,wed,thu,fri 06:00-18:00", "2026-12-24 18:00 to 2026-12-27 06:00\nsat,sun", `value="3"`, `value="60"`, `value="next" selected`,
		`value="` + calendar + `" checked`, `value="1" selected`, `name="business_days" value="yes" checked`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the form lacks %s", want)
		}
	}
	body = html.UnescapeString(c.Get(schedule).Body)
	for _, want := range []string{"each day at 06:30, 12:45", "Tamarind closed", "moved to the next business day", "at most 3"} {
		if !strings.Contains(body, want) {
			t.Errorf("the schedule's page lacks %s", want)
		}
	}
	if a := c.Post("/calendars/" + calendar + "/delete"); a.Status != http.StatusConflict {
		t.Errorf("deleting a calendar in use: %d, want 409", a.Status)
	}
	path(t, c.Post("/schedules/pause-all", "reason", "The partner moves"), "/schedules")
	if a := c.Get("/schedules"); !strings.Contains(a.Body, "All schedules are paused") || !strings.Contains(a.Body, "The partner moves") || !strings.Contains(a.Body, "Ada Marchetti") {
		t.Error("the list doesn't say that all schedules are paused, by whom and why")
	}
	path(t, c.Post("/schedules/resume-all"), "/schedules")
	if a := c.Get("/schedules"); strings.Contains(a.Body, "All schedules are paused") {
		t.Error("the schedules are still paused")
	}
}

// changeHostKey has the administrator approve a host key, and the server show another one then.
func changeHostKey(t *testing.T, s *webtest.Site, connection string) [2]string {
	t.Helper()
	keys := [2]string{"ssh-ed25519 SHA256:" + strings.Repeat("A", 43), "ssh-ed25519 SHA256:" + strings.Repeat("B", 42) + "A"}
	c := s.SignedIn(t, s.Administrator)
	path(t, c.Post(connection+"/approve", "key", keys[0]), connection)
	if body := html.UnescapeString(c.Get(connection).Body); !strings.Contains(body, keys[0]) || !strings.Contains(body, "by Ada Marchetti") {
		t.Error("the page doesn't say who approved the key")
	}
	id, err := s.DB.PublicIDs().Parse(storage.PublicConnection, strings.TrimPrefix(connection, "/connections/"))
	if err != nil {
		t.Fatal(err)
	}
	err = s.DB.InScope(t.Context(), storage.Scope{Operator: s.Operator, Actor: accountstest.Actor}, func(tx *storage.Tx) error {
		return tx.PauseConnection(t.Context(), storage.ConnectionID(id), "transfer.host_key_changed", keys[1])
	})
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestAHostKeyIsApprovedWithItsHistory(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	connection, _, _ := addJobs(t, s)
	keys := changeHostKey(t, s, connection)
	body := html.UnescapeString(c.Get(connection).Body)
	for _, want := range []string{"host key changed", "Approved until now", "Shown now", keys[0], keys[1], "by Ada Marchetti"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of a changed key lacks %q", want)
		}
	}
	c.Post(connection+"/approve", "key", keys[1]) // another key takes somebody else's yes
	waiting := regexp.MustCompile(`/approvals/apv_[0-9a-z]+`).FindString(c.Get("/approvals").Body)
	mustDo(t, "approving the other key", s.SignedIn(t, s.Both).Post(waiting+"/approve", "note", "called the partner"))
	body = html.UnescapeString(c.Get(connection).Body)
	if strings.Contains(body, "host key changed") || !strings.Contains(body, keys[0]) || !strings.Contains(body, keys[1]) {
		t.Error("after the approval both keys should be kept, and the connection go on")
	}
}

func TestAKeyPairIsMadeHere(t *testing.T) {
	t.Parallel()
	s := webtest.New(t)
	c := s.SignedIn(t, s.Administrator)
	form := replace(replace(connectionForm(), "auth", "key"), "key_source", "new")
	connection := path(t, c.Post("/connections", form...), "/connections/con_")
	public := regexp.MustCompile(`ssh-ed25519 [A-Za-z0-9+/=]+`)
	first := public.FindString(html.UnescapeString(c.Get(connection).Body))
	if first == "" {
		t.Fatal("the page doesn't show the public key")
	}
	path(t, c.Post(connection+"/key"), connection)
	if second := public.FindString(html.UnescapeString(c.Get(connection).Body)); second == "" || second == first {
		t.Error("a new key pair has the old public key")
	}
	for _, page := range []string{connection, connection + "/edit"} {
		if strings.Contains(c.Get(page).Body, "PRIVATE KEY") {
			t.Errorf("%s shows the private key", page)
		}
	}
}
