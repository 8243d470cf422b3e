package web_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/portal/web/browsertest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// taskPage tells people what the test below does.
const taskPage = "../../docs/tasks/connect-and-schedule.md"

// A task is done by an administrator who goes by what the pages say. Whatever he presses or fills in
// must stand in the task's page; EDIPORT_TASK_PICTURES names a folder for its pictures.
type task struct {
	*browsertest.Browser
	t    *testing.T
	page string
}

func (k *task) named(text string) {
	k.t.Helper()
	if !strings.Contains(k.page, "**"+text+"**") {
		k.t.Errorf("%s doesn't name **%s**", taskPage, text)
	}
}

func (k *task) press(text string) {
	k.t.Helper()
	k.named(text)
	k.Press(text)
}

func (k *task) enter(label, text string) {
	k.t.Helper()
	k.named(label)
	k.Enter(label, text)
}

func (k *task) picture(name string) {
	k.t.Helper()
	k.FitsWidth(name)
	if !strings.Contains(k.page, "images/"+name+".png") {
		k.t.Errorf("%s doesn't show %s", taskPage, name)
	}
	if dir := os.Getenv("EDIPORT_TASK_PICTURES"); dir != "" {
		k.Picture(filepath.Join(dir, name+".png"))
	}
}

// TestAnAdministratorConnectsAndSchedules does the task of the page in a real browser against a real
// server: connect it, approve its host key, pull from it at 06:30 on business days, and read why
// yesterday's run of another connection failed.
func TestAnAdministratorConnectsAndSchedules(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(taskPage)
	if err != nil {
		t.Fatal(err)
	}
	const password = "only for this test"
	server := sshdtest.Start(t, sshdtest.Options{Password: password})
	s := webtest.New(t)
	s.Work(t)
	for _, name := range []string{"01-835-payment-with-denials.x12", "11-271-active-member.x12"} {
		content, err := fixtures.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		server.WriteFile("outbound/"+name, content)
	}
	yesterday := failedYesterday(t, s, server)

	k := &task{browsertest.Open(t), t, string(page)}
	k.Do(browsertest.Navigate(s.URL + "/sign-in"))
	signInWith(k.Browser, s.Administrator, accountstest.Password)

	k.press("Connections")
	k.press("New connection")
	k.enter("Name", "Tamarind Clearing")
	k.enter("Host", server.Host)
	k.enter("Port", fmt.Sprint(server.Port))
	k.enter("User", server.User)
	k.enter("Password", password)
	k.enter("Folder", "outbound")
	k.enter("Names of files to take", "*.x12")
	k.press("When a file is complete, order, and rarer settings")
	k.enter("Take a file when it stands still for seconds", "1")
	k.picture("connect-1-form")
	k.press("Add connection")
	k.press("Test connection")
	k.Sees("Is this the partner’s server?")
	k.Sees(server.Fingerprint())
	k.picture("connect-2-host-key")
	k.press("It is the same: approve this key")
	k.Sees("The host key is approved")
	k.press("Test connection")
	k.Sees("The test went well")
	k.picture("connect-3-test")

	scheduleTask(k)

	k.press("Runs")
	k.named("State")
	k.Choose("State", "Failed")
	k.press("Filter")
	k.Await("the filtered list", `location.search.includes("state=failed") && document.readyState === "complete"`)
	k.Sees("Quarry Hill Health")
	k.Press(yesterday)
	k.Sees("Why it failed: The remote folder does not exist.")
	k.Sees("What to do:")
	k.picture("connect-6-why")
}

// scheduleTask schedules a pull from the connection that is open, and runs it at once.
func scheduleTask(k *task) {
	k.t.Helper()
	k.press("New schedule")
	k.enter("Name", "Tamarind, every morning")
	k.enter("Times of day", "06:30")
	k.named("On business days only")
	k.Tick("On business days only")
	k.enter("Time zone", "America/New_York")
	k.Await("ten times at 06:30 in New York, none on a weekend", `(() => {
  const times = [...document.querySelectorAll("#firings time")].map((e) => e.innerText);
  return times.length === 10 && times.every((t) => /^(Mon|Tue|Wed|Thu|Fri) \d{4}-\d\d-\d\d 06:30 E[SD]T$/.test(t));
})()`)
	k.picture("connect-4-schedule")
	k.press("Add schedule")
	k.Sees("The schedule is added.")
	k.press("Run now")
	k.Sees("The run is queued and begins in a moment.")
	k.Sees("The run ended well.") // without a click: the page follows the run
	k.Await("two files downloaded", `[...document.querySelectorAll(".stat")].some((e) => /Downloaded\s+2/.test(e.innerText))`)
	k.picture("connect-5-run")
}

// failedYesterday leaves a connection whose run failed for a real reason, with its times put back by
// a day. It returns the run's time as pages show it.
func failedYesterday(t *testing.T, s *webtest.Site, server *sshdtest.Server) string {
	t.Helper()
	desk := &jobs.Desk{DB: s.DB, Keys: s.Ring}
	scope := storage.Scope{Operator: s.Operator, Actor: accountstest.Actor}
	c := &storage.Connection{
		Name: "Quarry Hill Health", Host: server.Host, Port: server.Port, Username: server.User, Auth: jobs.AuthKey,
		HostKeys: []string{"ssh-ed25519 " + server.Fingerprint()},
	}
	jobs.SetFolders(c, jobs.PullFolder{Path: "to-us"}) // which the partner has renamed
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	if err := desk.AddConnection(ctx, scope, c, jobs.Secrets{PrivateKey: transfer.Secret(server.ClientKey)}); err != nil {
		t.Fatal(err)
	}
	plan := &storage.Schedule{Name: "Quarry Hill, every morning", Connection: c.ID, Spec: "30 6 * * 1-5", Zone: "America/New_York"}
	if err := desk.AddSchedule(ctx, scope, plan); err != nil {
		t.Fatal(err)
	}
	id, err := desk.RunScheduleNow(ctx, scope, plan.ID)
	if err != nil {
		t.Fatal(err)
	}
	run, err := desk.Wait(ctx, scope, id)
	if err != nil || run.State != storage.RunFailed {
		t.Fatalf("the run: %v, %v; want it failed", run.State, err)
	}
	owner, err := sql.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close() //nolint:errcheck // nothing is pending
	for _, statement := range []string{
		`UPDATE run SET queued_at = queued_at - interval '1 day', due_at = due_at - interval '1 day', started_at = started_at - interval '1 day', ended_at = ended_at - interval '1 day'`,
		`UPDATE run_log SET at = at - interval '1 day'`,
		`UPDATE incident SET first_at = first_at - interval '1 day', last_at = last_at - interval '1 day'`,
	} {
		if _, err := owner.ExecContext(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	return run.QueuedAt.AddDate(0, 0, -1).In(zone).Format("2006-01-02 15:04:05 MST")
}
