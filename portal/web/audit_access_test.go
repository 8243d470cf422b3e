package web_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/accounts/accountstest"
	"github.com/ediport/ediport/accounts/accountstest/covers"
	"github.com/ediport/ediport/portal/web/webtest"
)

// Who saw a patient's rows is found by member id and from the row: alone, in a list, as original; each person has a report.
func TestWhoSawAPatient(t *testing.T) {
	covers.Rows(t, "A51", "H6")
	t.Parallel()
	s := webtest.Loaded(t)
	s.AddUser(t, "Acc.Itor", "Accalia Ito", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Account})
	s.AddUser(t, "Olga.Owner", "Ottilie Owens", accounts.Grant{Role: accounts.RoleAccountOwner, Account: s.Account})
	s.AddUser(t, "Other.Itor", "Odo Ingram", accounts.Grant{Role: accounts.RoleAccountAuditor, Account: s.Other})
	biller, viewer := s.SignedIn(t, s.Biller), s.SignedIn(t, s.Viewer)
	list := biller.Get("/eligibility")
	claim := regexp.MustCompile(`/eligibility/elg_[a-z0-9]+`).FindString(list.Body)
	member := regexp.MustCompile(`data-label="Member ID"><code>([^<]+)</code>`).FindStringSubmatch(list.Body)
	if claim == "" || member == nil {
		t.Fatal("no answer with a member id in the list")
	}
	if a := biller.Get(claim); a.Status != http.StatusOK || strings.Contains(a.Body, "Who has seen this") {
		t.Errorf("the row: status %d, or a biller is offered the report", a.Status)
	}
	if a := viewer.Get(claim + "/x12"); a.Status != http.StatusOK {
		t.Errorf("the original: status %d", a.Status)
	}
	id := strings.TrimPrefix(claim, "/eligibility/")
	account := regexp.MustCompile(`value="(acc_[a-z0-9]+)"[^>]*>Lakeside`)
	for _, login := range []string{"Olga.Owner", s.Administrator} { // who may see patients; auditors: TestWhoMayAskByMemberID
		auditor := s.SignedIn(t, login)
		choice := account.FindStringSubmatch(auditor.Get("/audit/patients").Body)
		if choice == nil {
			t.Fatalf("%s can't choose the account", login)
		}
		for name, page := range map[string]webtest.Answer{
			"by row":       auditor.Get("/audit/seen/" + id),
			"by member id": auditor.Post("/audit/patients", "member", member[1], "account", choice[1]),
		} {
			for _, want := range []string{"Beatrix Lindqvist", "Victor Okafor", "patient.view", "patient.list"} {
				if page.Status != http.StatusOK || !strings.Contains(page.Body, want) {
					t.Errorf("%s, %s: status %d, does not show %q", login, name, page.Status, want)
				}
			}
		}
		if a := auditor.Post("/audit/patients", "member", "NOBODY-1", "account", choice[1]); !strings.Contains(a.Body, "No row that names this member") {
			t.Errorf("%s: a member whom nobody knows was seen by somebody", login)
		}
		if !strings.Contains(auditor.Get("/audit").Body, "audit.patient_report") {
			t.Errorf("%s: the question is not in the audit", login)
		}
	}
	if a := s.SignedIn(t, "Other.Itor").Get("/audit/seen/" + id); a.Status != http.StatusNotFound {
		t.Errorf("another account's auditor: status %d", a.Status)
	}
	if a := s.SignedIn(t, "Acc.Itor").Get("/audit/patients?member=" + member[1]); a.Status != http.StatusBadRequest {
		t.Errorf("a member id in the URL: status %d", a.Status)
	}
	auditor := s.SignedIn(t, "Acc.Itor")
	person := regexp.MustCompile(`/audit/people/usr_[a-z0-9]+`).FindString(auditor.Get("/audit?who=" + s.Biller).Body)
	report := auditor.Get(person)
	for _, want := range []string{"Activity of Beatrix Lindqvist", "Bea.Biller", "Signed in", "Saw a list of patients’ rows", "Last signed in"} {
		if !strings.Contains(report.Body, want) {
			t.Errorf("the report of a person does not show %q", want)
		}
	}
}

// An export wants a fresh proof, leaves an event, and has the fields that docs/audit.md names; hostile texts are harmless in it.
func TestAuditExport(t *testing.T) {
	covers.Rows(t, "A51", "A52", "A55")
	t.Parallel()
	s := webtest.New(t)
	s.AddUser(t, "Aud.Itor", "=cmd|' /C calc'!A0", accounts.Grant{Role: accounts.RoleAuditor, Operator: s.Operator})
	err := s.Accounts.WritePolicy(t.Context(), accountstest.Actor, accounts.Place{Operator: s.Operator}, accounts.SecurityPolicy{TwoPerson: accounts.TwoPersonOff})
	if err != nil { // the export waits for nobody
		t.Fatal(err)
	}
	hostile := "\x1b]0;owned\x07\r\ntime=2026-01-01 level=ERROR msg=forged " + strings.Repeat("long ", 2000)
	s.Client(t).Post("/sign-in", "username", hostile, "password", hostile)
	admin := s.SignedIn(t, s.Administrator)
	person := regexp.MustCompile(`/audit/people/(usr_[a-z0-9]+)`).FindStringSubmatch(admin.Get("/audit?who=Aud.Itor").Body)
	if person != nil {
		admin.Post("/people/"+person[1]+"/unlock", "reason", hostile[:400])
	}
	auditor := s.SignedIn(t, "Aud.Itor")
	s.Clock.Advance(11 * time.Minute)
	if a := auditor.Post("/audit/export", "format", "csv"); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/step/up") {
		t.Errorf("without a fresh proof: status %d to %s", a.Status, a.Location)
	}
	auditor = s.SignedIn(t, "Aud.Itor")
	page, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := auditor.Post("/audit/export", "format", "ndjson")
	if lines.Status != http.StatusOK || !strings.Contains(lines.Header.Get("Content-Disposition"), "audit.ndjson") {
		t.Fatalf("JSON lines: status %d", lines.Status)
	}
	seen := 0
	for line := range strings.Lines(lines.Body) {
		var event map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		for field := range event {
			if !bytes.Contains(page, []byte("`"+field+"`")) {
				t.Errorf("docs/audit.md does not explain %q", field)
			}
		}
		seen++
	}
	if seen < 10 || !strings.Contains(lines.Body, `"audit.exported"`) {
		t.Errorf("%d events, or not the export itself", seen)
	}
	table := auditor.Post("/audit/export", "format", "csv")
	rows, err := csv.NewReader(strings.NewReader(table.Body)).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	if !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, "'=cmd|' /C calc'!A0") }) {
		t.Error("a name that a spreadsheet takes for a formula is not made harmless")
	}
	s.Server.Close() // what is logged is complete
	for name, text := range map[string]string{"log": s.Log.String(), "JSON lines": lines.Body, "CSV": table.Body} {
		if strings.ContainsAny(text, "\x1b\x07\r") || strings.Contains(text, "\ntime=2026-01-01") || strings.Contains(text, "msg=forged") && name == "log" {
			t.Errorf("%s: control characters or a forged line came through", name)
		}
	}
	if strings.Contains(s.Log.String(), "long long") {
		t.Error("what was typed as user id stands in the log")
	}
}

// What people do by the pages is sealed, and the check names the event that somebody changed in the database.
func TestAuditOfThePagesIsSealed(t *testing.T) {
	covers.Rows(t, "A53", "H7")
	t.Parallel()
	s := webtest.New(t)
	var published bytes.Buffer
	sealer := accounts.NewAuditSealer(s.DB, s.Ring, slog.New(slog.NewTextHandler(&published, nil)))
	s.SignedIn(t, s.Biller).Get("/audit") // is denied
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // nothing that could be lost
	for unsealed := int64(1); unsealed > 0 && t.Context().Err() == nil; {
		if _, err := sealer.Seal(t.Context()); err != nil {
			t.Fatal(err)
		}
		report, err := sealer.Verify(t.Context())
		if err != nil || len(report.Faults) > 0 {
			t.Fatalf("%v: faults %v", err, report.Faults)
		}
		unsealed = report.Unsealed
	}
	if !strings.Contains(published.String(), "audit sealed") || !regexp.MustCompile(`root=[0-9a-f]{64}`).MatchString(published.String()) {
		t.Error("no root was published")
	}
	if _, err := db.ExecContext(t.Context(), `UPDATE audit_event SET result = 'ok' WHERE action = 'access.denied'`); err != nil {
		t.Fatal(err)
	}
	report, err := sealer.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(report.Faults) == 0 || report.Faults[0].Kind != "event_changed" || report.Faults[0].Action != "access.denied" {
		t.Errorf("faults %v", report.Faults)
	}
}

// docs/audit.md says of each place that is written to what it holds, who reads it, and how long it is kept.
func TestLogInventory(t *testing.T) {
	covers.Rows(t, "A56")
	t.Parallel()
	s := webtest.New(t)
	page, err := os.ReadFile("../../docs/audit.md")
	if err != nil {
		t.Fatal(err)
	}
	_, inventory, _ := strings.Cut(string(page), "## Logs and where else things are written")
	if a := s.SignedIn(t, s.Administrator).Get("/audit"); !strings.Contains(a.Body, "Audit") {
		t.Error("the audit can't be read by page")
	}
	db, err := sqlx.Open("postgres", s.LoaderDSN)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }() // only read
	var tables []string
	if err := db.SelectContext(t.Context(), &tables, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relname IN ('audit_event', 'audit_seal', 'run_log') ORDER BY 1`); err != nil {
		t.Fatal(err)
	}
	for _, want := range append(tables, "standard error", "/metrics", "Postgres", "incidents") {
		if !strings.Contains(inventory, want) {
			t.Errorf("the inventory lacks %s", want)
		}
	}
	for line := range strings.Lines(inventory) {
		if cells := strings.Split(line, "|"); strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| action") && !strings.HasPrefix(line, "| `") && len(cells) != 7 {
			t.Errorf("the inventory does not say everything of %s", strings.TrimSpace(cells[1]))
		}
	}
	if len(tables) != 3 {
		t.Errorf("tables %v", tables)
	}
}
