package web_test

import (
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/portal/web/webtest"
	"github.com/ediport/ediport/storage"
)

// files counts the site's files in a state.
func filesIn(t *testing.T, s *webtest.Site, state string) int {
	t.Helper()
	return len(walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM file WHERE operator_id = $1 AND state = $2`, s.Operator, state))
}

// sevenYearsAgo makes all files of the site old.
func sevenYearsAgo(t *testing.T, s *webtest.Site) {
	t.Helper()
	old := walktest.Texts(t, s.LoaderDSN, `UPDATE file SET received_at = received_at - interval '7 years' WHERE operator_id = $1 RETURNING id::text`, s.Operator)
	if len(old) == 0 {
		t.Fatal("there are no files")
	}
}

// A purge takes two people: whoever asks sees first what would go, somebody else approves, and only then it is gone, for good and
// with proof.
func TestAPurgeTakesTwoPeople(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := webtest.Loaded(t)
	sevenYearsAgo(t, s)
	ada := s.SignedIn(t, s.Administrator)
	claim := walktest.Texts(t, s.LoaderDSN, `SELECT c.id::text FROM claim_payment c WHERE c.account_id = $1 ORDER BY c.id LIMIT 1`, s.Account)
	biller := s.SignedIn(t, s.Biller)
	page := biller.Get("/remittances")
	link := regexp.MustCompile(`/remittances/pay_[0-9a-z]+`).FindString(page.Body)
	if len(claim) != 1 || link == "" || biller.Get(link).Status != http.StatusOK {
		t.Fatal("there is no remittance to begin with")
	}
	if a := biller.Get("/purge"); a.Status != http.StatusForbidden {
		t.Errorf("the page, for a biller: %d", a.Status)
	}

	before := s.Clock.Now().AddDate(-6, 0, -2).Format(time.DateOnly)
	preview := ada.Get("/purge?kind=835&before=" + before)
	if preview.Status != http.StatusOK || !strings.Contains(preview.Body, "files would go") || !strings.Contains(preview.Body, "Ask a second person") {
		t.Fatalf("preview: %d\n%s", preview.Status, preview.Body)
	}
	for what, c := range map[string]struct{ path, says string }{
		"too young":    {"/purge?kind=835&before=" + s.Clock.Now().AddDate(-5, 0, 0).Format(time.DateOnly), "six years"},
		"unknown kind": {"/purge?kind=837&before=" + before, "Choose from the list"},
		"no kind":      {"/purge?before=" + before, "Choose what"},
		"no day":       {"/purge?kind=835", "Enter the day"},
	} {
		if a := ada.Get(c.path); a.Status != http.StatusUnprocessableEntity || !strings.Contains(a.Body, c.says) {
			t.Errorf("%s: %d, want 422 with %q", what, a.Status, c.says)
		}
	}
	if a := ada.Post("/purge", "kind", "835", "before", before); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("without a reason: %d", a.Status)
	}
	mustDo(t, "asking", ada.Post("/purge", "kind", "835", "before", before, "reason", "Kept for longer than the contract says."))
	if a := ada.Post("/purge", "kind", "835", "before", before, "reason", "Once more."); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("asking twice: %d", a.Status)
	}
	waiting := regexp.MustCompile(`/approvals/apv_[0-9a-z]+`).FindString(ada.Get("/approvals").Body)
	if a := ada.Post(waiting + "/approve"); a.Status != http.StatusConflict {
		t.Errorf("deciding on one's own request: %d", a.Status)
	}
	if n := filesIn(t, s, "purged"); n != 0 || len(purgeRuns(t, s)) != 0 {
		t.Fatalf("%d files went before anybody approved", n)
	}
	both := s.SignedIn(t, s.Both)
	mustDo(t, "approving", both.Post(waiting+"/approve", "note", "as agreed"))
	runs := purgeRuns(t, s)
	if len(runs) != 1 {
		t.Fatalf("%d runs of kind purge", len(runs))
	}
	remittances := 0
	for _, e := range fixtures.Catalog() {
		if e.Set == "835" {
			remittances++
		}
	}

	s.Work(t)
	scope := storage.Scope{Operator: s.Operator}
	desk := jobs.Desk{DB: s.DB}
	run, err := desk.Wait(t.Context(), scope, runs[0].ID)
	if err != nil || run.State != storage.RunSucceeded {
		t.Fatalf("the run: %+v, %v", run, err)
	}
	if n := filesIn(t, s, "purged"); n != remittances {
		t.Errorf("%d files are purged, want the %d remittances", n, remittances)
	}
	biller = s.SignedIn(t, s.Biller)
	if a := biller.Get(link); a.Status != http.StatusNotFound {
		t.Errorf("a purged remittance: %d", a.Status)
	}
	if a := biller.Get(link + "/x12"); a.Status != http.StatusNotFound {
		t.Errorf("its original: %d", a.Status)
	}
	if a := biller.Get("/eligibility"); !strings.Contains(a.Body, "/eligibility/elg_") {
		t.Error("answers that were not meant are gone")
	}
	ada = s.SignedIn(t, s.Administrator)
	file := "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(s.Files[fixtures.Catalog()[0].Name]))
	for _, path := range []string{
		file, file + "/x12", file + "/findings", "/files", "/purge", "/runs", "/approvals", "/audit",
		"/runs/" + s.DB.PublicIDs().Format(storage.PublicRun, int64(run.ID)),
	} {
		if a := ada.Get(path); a.Status != http.StatusOK {
			t.Errorf("%s afterwards: %d", path, a.Status)
		}
	}
	if a := ada.Get("/purge"); !strings.Contains(a.Body, "files purged") {
		t.Error("the page does not say what went")
	}
	again, err := fixtures.Open(fixtures.Catalog()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	sent := "/files/" + s.DB.PublicIDs().Format(storage.PublicFile, int64(s.Receive(t, "again", again)))
	if a := ada.Get(sent); a.Status != http.StatusOK || !strings.Contains(a.Body, "came before") {
		t.Errorf("the same file again: %d", a.Status)
	}
	for action, want := range map[string]string{"file.purged": "835", "purge.finished": "succeeded"} {
		events := walktest.Texts(t, s.LoaderDSN, `SELECT detail::text FROM audit_event WHERE action = $1 AND operator_id = $2 AND detail ? 'approved_by'`, action, s.Operator)
		if len(events) == 0 || !strings.Contains(events[0], want) {
			t.Errorf("%s in the audit: %v", action, events)
		}
		if slices.ContainsFunc(events, func(e string) bool {
			return strings.Contains(e, `"approved_by": 0`) || strings.Contains(e, `"requested_by": 0`)
		}) {
			t.Errorf("%s does not say who: %v", action, events)
		}
	}
	sealer := accounts.NewAuditSealer(s.DB, s.Ring, slog.New(slog.DiscardHandler))
	if _, err := sealer.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	if report, err := sealer.Verify(t.Context()); err != nil || len(report.Faults) != 0 || report.Events == 0 {
		t.Errorf("the audit after a purge: %+v, %v", report, err)
	}
}

// Whoever is alone is told how to go on, and nothing waits for somebody who doesn't exist.
func TestAPurgeIsNotOnePersonsToDecide(t *testing.T) {
	covers.Rows(t, "A50")
	t.Parallel()
	s := webtest.Loaded(t)
	sevenYearsAgo(t, s)
	id, err := s.Accounts.UserByLogin(t.Context(), s.Both)
	if err != nil {
		t.Fatal(err)
	}
	ada := s.SignedIn(t, s.Administrator)
	mustDo(t, "disabling the other administrator", ada.Post("/people/"+s.DB.PublicIDs().Format(storage.PublicUser, int64(id))+"/disable"))
	before := s.Clock.Now().AddDate(-6, 0, -2).Format(time.DateOnly)
	if a := ada.Get("/purge?kind=835&before=" + before); a.Status != http.StatusOK || !strings.Contains(a.Body, "ediport purge") || strings.Contains(a.Body, "Ask a second person") {
		t.Errorf("preview for one alone: %d", a.Status)
	}
	if a := ada.Post("/purge", "kind", "835", "before", before, "reason", "I say so."); a.Status != http.StatusConflict || !strings.Contains(a.Body, "ediport purge") {
		t.Errorf("asking alone: %d", a.Status)
	}
	if n := filesIn(t, s, "purged"); n != 0 || len(purgeRuns(t, s)) != 0 {
		t.Errorf("%d files went", n)
	}
}

func purgeRuns(t *testing.T, s *webtest.Site) (runs []storage.Run) {
	t.Helper()
	err := s.DB.InScopeRead(t.Context(), storage.Scope{Operator: s.Operator}, func(tx *storage.Tx) (err error) {
		runs, _, err = tx.Runs(t.Context(), storage.RunFilter{Kind: jobs.KindPurge}, "")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return runs
}
