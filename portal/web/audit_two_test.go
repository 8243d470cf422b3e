package web_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// The audit is taken out on two people's word: exactly what was asked for, by who asked, within a day, each time with an event.
func TestAuditExportTakesTwoPeople(t *testing.T) {
	covers.Rows(t, "A50", "A51")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Aud.Itor", "Audra Iverson", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // the site's own is closed by it
	for i, days := range []int{60, 10} {
		_, err := db.ExecContext(t.Context(), `INSERT INTO audit_event (operator_id, id, at, actor_kind, action, result, correlation_id, detail)
			VALUES ($1, $2, $3, 'system', 'job.retried', 'ok', $4, '{}')`,
			int64(s.Operator), 9_000_000_000_000+i, s.Clock.Now().AddDate(0, 0, -days), []string{"TOO-OLD", "IN-RANGE"}[i])
		if err != nil {
			t.Fatal(err)
		}
	}
	day := func(days int) string { return s.Clock.Now().AddDate(0, 0, -days).Format(time.DateOnly) }
	form := []string{"from", day(20), "to", day(5), "format", "csv"}
	auditor, ada, bo := s.SignedIn(t, "Aud.Itor"), s.SignedIn(t, s.Administrator), s.SignedIn(t, s.Both)

	if a := auditor.Get("/audit/export"); !strings.Contains(a.Body, "Ask for approval") {
		t.Error("the form does not say that it takes two people")
	}
	if a := auditor.Post("/audit/export", form...); a.Status != http.StatusUnprocessableEntity || strings.Contains(a.Body, "IN-RANGE") {
		t.Fatalf("on one person's word, without a reason: status %d", a.Status)
	}
	form = append(form, "reason", "the yearly review")
	if a := auditor.Post("/audit/export", form...); !strings.Contains(a.Location, "/approvals?done=export-requested") {
		t.Fatalf("asking for it: status %d to %q", a.Status, a.Location)
	}
	if a := auditor.Post("/audit/export", form...); a.Status != http.StatusUnprocessableEntity {
		t.Errorf("asking twice: status %d", a.Status)
	}
	path := regexp.MustCompile(`/approvals/apv_[0-9a-z]+`).FindString(auditor.Get("/approvals").Body)
	if path == "" {
		t.Fatal("who asked does not see the request")
	}
	if a := auditor.Post(path + "/export"); a.Status != http.StatusConflict {
		t.Errorf("before it is approved: status %d", a.Status)
	}
	if a := auditor.Post(path + "/approve"); a.Status != http.StatusForbidden {
		t.Errorf("approving by an auditor: status %d", a.Status)
	}
	mustDo(t, "asking by an administrator", ada.Post("/audit/export", form...))
	own := regexp.MustCompile(`(/approvals/apv_[0-9a-z]+)/withdraw`).FindStringSubmatch(ada.Get("/approvals").Body)
	if own == nil {
		t.Fatal("the administrator's request is not there")
	}
	if a := ada.Post(own[1] + "/approve"); a.Status != http.StatusConflict {
		t.Errorf("approving one's own: status %d", a.Status)
	}
	if page := bo.Get("/approvals").Body; !strings.Contains(page, "the yearly review") || !strings.Contains(page, "Take out the audit as csv") {
		t.Error("who decides is not told what and why")
	}
	mustDo(t, "approving", bo.Post(path+"/approve"))
	if page := auditor.Get("/approvals").Body; !strings.Contains(page, path+"/export") {
		t.Error("the page of approvals does not lead to the download")
	}
	if a := auditor.Get(path + "/export"); a.Status != http.StatusOK || !strings.Contains(a.Body, "Bo Castellano") {
		t.Errorf("the page of the approved export: status %d", a.Status)
	}
	for _, time := range []string{"first", "second"} {
		a := auditor.Post(path + "/export")
		if a.Status != http.StatusOK || !strings.Contains(a.Header.Get("Content-Disposition"), "audit.csv") || !strings.Contains(a.Body, "IN-RANGE") {
			t.Errorf("the %s download: status %d, or without the events", time, a.Status)
		}
		if strings.Contains(a.Body, "TOO-OLD") || strings.Contains(a.Body, "approval.requested") {
			t.Errorf("the %s download holds what was not asked for", time)
		}
	}
	for _, other := range []*webtest.Client{ada, bo} {
		if a := other.Post(path + "/export"); a.Status != http.StatusNotFound {
			t.Errorf("another person's download: status %d", a.Status)
		}
	}
	var named int
	if err := db.GetContext(t.Context(), &named, `SELECT count(*) FROM audit_event WHERE action = 'audit.exported' AND detail ->> 'approval_id' IS NOT NULL`); err != nil || named != 2 {
		t.Errorf("%d downloads are in the audit with their approval, want 2: %v", named, err)
	}
	s.Clock.Advance(11 * time.Minute)
	if a := auditor.Post(path + "/export"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/step/up") {
		t.Errorf("without a fresh proof: status %d to %q", a.Status, a.Location)
	}
	s.Clock.Advance(24 * time.Hour)
	if a := s.SignedIn(t, "Aud.Itor").Post(path + "/export"); a.Status != http.StatusConflict || strings.Contains(a.Body, "IN-RANGE") {
		t.Errorf("after a day: status %d", a.Status)
	}
}
