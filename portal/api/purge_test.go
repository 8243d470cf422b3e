package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/walktest"
	"github.com/ediport/ediport/storage"
)

// A program counts what would go, and asks; only a second person's approval begins the purge.
func TestPurgeByProgramTakesTwoPeople(t *testing.T) {
	t.Parallel()
	covers.Rows(t, "A50")
	s := newLoadedSite(t)
	if old := walktest.Texts(t, s.LoaderDSN, `UPDATE file SET received_at = received_at - interval '7 years' WHERE operator_id = $1 RETURNING id::text`, s.Operator); len(old) == 0 {
		t.Fatal("there are no files")
	}
	token := s.token(t, s.Administrator)
	const purges = "/api/v1/purges"
	before := s.Clock.Now().AddDate(-6, 0, -2).Format(time.DateOnly)
	if a := s.send(t, http.MethodPost, purges, s.token(t, s.Biller), `{"kinds": ["835"], "before": "`+before+`"}`); a.status != http.StatusForbidden {
		t.Errorf("by a biller: %d", a.status)
	}
	for what, body := range map[string]string{
		"kinds": `{"before": "` + before + `"}`, "before": `{"kinds": ["835"], "before": "soon"}`, "account_id": `{"kinds": ["835"], "before": "` + before + `", "account_id": "acc_1"}`,
		"reason": `{"kinds": ["835"], "before": "` + before + `"}`,
	} {
		if a := s.send(t, http.MethodPost, purges, token, body); a.status != http.StatusBadRequest && a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `"`+what+`"`) {
			t.Errorf("a wrong %s: %d %s", what, a.status, a.body)
		}
	}
	young := s.Clock.Now().AddDate(-5, 0, 0).Format(time.DateOnly)
	if a := s.send(t, http.MethodPost, purges, token, `{"kinds": ["835"], "before": "`+young+`", "dry_run": true}`); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, "six years") {
		t.Errorf("too young: %d %s", a.status, a.body)
	}
	dry := s.send(t, http.MethodPost, purges, token, `{"kinds": ["835"], "before": "`+before+`", "dry_run": true}`)
	if dry.status != http.StatusOK || !strings.Contains(dry.body, `"verdict":"purge"`) && !strings.Contains(dry.body, `"verdict": "purge"`) {
		t.Fatalf("counting: %d %s", dry.status, dry.body)
	}
	ask := func() answer {
		return s.send(t, http.MethodPost, purges, token, `{"kinds": ["835"], "before": "`+before+`", "reason": "the contract ended"}`, "Idempotency-Key", "p1")
	}
	asked := ask()
	id, _ := asked.value["id"].(string)
	if asked.status != http.StatusAccepted || asked.value["kind"] != "purge" {
		t.Fatalf("asking: %d %s", asked.status, asked.body)
	}
	if again := ask(); again.status != http.StatusAccepted || again.body != asked.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("asking again with the same key: %d %s", again.status, again.body)
	}
	if a := s.send(t, http.MethodPost, purges, token, `{"kinds": ["271"], "before": "`+before+`", "reason": "once more"}`); a.status != http.StatusConflict || a.value["code"] != "approval.waiting" {
		t.Errorf("asking twice: %d %s", a.status, a.body)
	}
	row, err := s.DB.PublicIDs().Parse(storage.PublicApproval, id)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Accounts.DecideApproval(t.Context(), s.Principal(t, s.Administrator), row, true, ""); err == nil {
		t.Error("approved by who asked")
	}
	if runs := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM run WHERE kind = $1`, jobs.KindPurge); len(runs) != 0 {
		t.Fatal("it began before anybody approved it")
	}
	if err := s.Accounts.DecideApproval(t.Context(), s.Principal(t, s.Both), row, true, ""); err != nil {
		t.Fatal(err)
	}
	if runs := walktest.Texts(t, s.LoaderDSN, `SELECT id::text FROM run WHERE kind = $1 AND args->>'approval_id' = $2::text`, jobs.KindPurge, row); len(runs) != 1 {
		t.Errorf("%d runs after the approval, want 1", len(runs))
	}
}
