package api_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/portal/original/originaltest"
	"github.com/ediport/ediport/storage"
)

// newLoadedSite is a site with all files of the fixtures, routed to its two accounts.
func newLoadedSite(t *testing.T) *site {
	t.Helper()
	arch := originaltest.NewArchive(t)
	s := newSite(t, func(o *api.Options) { o.Archive = arch })
	originaltest.Identify(t, s.DB, s.Operator, s.Account, fixtures.AccountA)
	originaltest.Identify(t, s.DB, s.Operator, s.Other, fixtures.AccountB)
	originaltest.LoadAll(t, s.DB, arch, s.Operator)
	return s
}

// post sends a JSON body.
func (s *site) post(t *testing.T, path, token, body string) answer {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "http://localhost"+path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+token)
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	a := answer{status: w.Code, header: w.Header(), body: w.Body.String()}
	if err := json.Unmarshal(w.Body.Bytes(), &a.value); err != nil {
		t.Fatalf("POST %s: the answer is no JSON object: %v", path, err)
	}
	return a
}

// walk reads a list to its end in pages of two and returns its items.
func (s *site) walk(t *testing.T, path, token string) []map[string]any {
	t.Helper()
	items := []map[string]any{}
	cursor := ""
	for range 1000 {
		a := s.ask(t, http.MethodGet, path+"?limit=2"+cursor, "Bearer "+token)
		if a.status != http.StatusOK {
			t.Fatalf("GET %s: %d %s", path, a.status, a.body)
		}
		page := a.value["items"].([]any)
		if len(page) > 2 {
			t.Fatalf("GET %s: %d items, want at most 2", path, len(page))
		}
		for _, i := range page {
			items = append(items, i.(map[string]any))
		}
		next := a.value["next_cursor"].(string)
		if next == "" {
			return items
		}
		cursor = "&cursor=" + next
	}
	t.Fatalf("GET %s has no end", path)
	return nil
}

// Lists of every kind show to each his own rows, whose ids lead to their details and originals, and
// to nothing for anybody else.
func TestResultsOfAccounts(t *testing.T) {
	t.Parallel()
	s := newLoadedSite(t)
	biller, other, both := s.token(t, s.Biller), s.token(t, s.OtherBiller), s.token(t, s.Both)
	for _, path := range []string{"remittances", "claims", "eligibility", "claim-statuses", "authorizations", "files"} {
		path = "/api/v1/" + path
		mine, theirs := s.walk(t, path, biller), s.walk(t, path, other)
		if len(mine) == 0 {
			t.Errorf("%s: nothing to see", path)
		}
		if all := s.walk(t, path, both); path != "/api/v1/files" && len(all) != len(mine)+len(theirs) {
			t.Errorf("%s: both see %d, one by one %d and %d", path, len(all), len(mine), len(theirs))
		}
		ofTheirs := map[string]bool{}
		for _, i := range theirs {
			ofTheirs[i["id"].(string)] = true
		}
		for _, i := range mine {
			id := i["id"].(string)
			noNumbers(t, path, i)
			if ofTheirs[id] && path != "/api/v1/files" {
				t.Errorf("%s: a row is seen by both", path)
			}
			for _, below := range []string{"", "/raw"} {
				a := s.ask(t, http.MethodGet, path+"/"+id+below, "Bearer "+biller)
				if a.status != http.StatusOK {
					t.Errorf("%s of an own row: %d %s", path+below, a.status, a.body)
				}
				noNumbers(t, path+below, a.value)
				a = s.ask(t, http.MethodGet, path+"/"+id+below, "Bearer "+other)
				if want := http.StatusNotFound; a.status != want && !ofTheirs[id] {
					t.Errorf("%s of a foreign row: %d, want %d", path+below, a.status, want)
				}
				if below == "/raw" && a.status == http.StatusOK && strings.Contains(a.body, fixtures.AccountANPI) {
					t.Errorf("%s: a neighbour's provider is shown", path)
				}
			}
		}
	}
}

var rowNumber = regexp.MustCompile(`^[a-z]{3}_[0-9a-z]{26}$`)

// noNumbers fails if an id is anything but opaque, or an amount anything but text.
func noNumbers(t *testing.T, path string, v any) {
	t.Helper()
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			noNumbers(t, path, x)
		}
	case map[string]any:
		for key, x := range v {
			text, isText := x.(string)
			_, isNumber := x.(float64)
			switch {
			case key == "extra": // what the file says, not rows of ours
				continue
			case key == "id" || strings.HasSuffix(key, "_id") && !slices.Contains([]string{"functional_id", "sender_id", "receiver_id", "payer_trace_id", "patient_member_id", "insured_member_id", "member_id", "subscriber_member_id", "payee_tax_id"}, key):
				if x != nil && (!isText || !rowNumber.MatchString(text)) {
					t.Errorf("%s: %s is no opaque id", path, key)
				}
			case slices.Contains([]string{"amount", "charge", "paid", "adjustments", "difference", "percent", "quantity", "allowed"}, key) && isNumber:
				t.Errorf("%s: %s is a number, want text", path, key)
			}
			noNumbers(t, path, x)
		}
	}
}

func TestClaimReads(t *testing.T) {
	t.Parallel()
	s := newLoadedSite(t)
	token := s.token(t, s.Biller)
	found := s.post(t, "/api/v1/claims/search", token, `{"name": "glimmerford, b", "limit": 10, "denied": false}`)
	if found.status != http.StatusOK || len(found.value["items"].([]any)) == 0 {
		t.Fatalf("search: %d %s", found.status, found.body)
	}
	found = s.post(t, "/api/v1/claims/search", token, `{"patient_control_number": "CHF-20501"}`)
	claim := found.value["items"].([]any)[0].(map[string]any)
	if claim["charge"] != "130.00" || claim["paid"] != "87.40" || claim["payment_date"] != "2026-11-12" || claim["reverses_claim_id"] != nil || claim["balanced"] != true {
		t.Errorf("the claim reads %v", claim)
	}
	d := s.ask(t, http.MethodGet, "/api/v1/claims/"+claim["id"].(string), "Bearer "+token)
	line := d.value["line_list"].([]any)[0].(map[string]any)
	if line["procedure_code"] != "99213" || len(line["adjustments"].([]any)) != 2 || line["adjustments"].([]any)[0].(map[string]any)["reason_text"] == nil {
		t.Errorf("its line reads %v", line)
	}
	raw := s.ask(t, http.MethodGet, "/api/v1/claims/"+claim["id"].(string)+"/raw", "Bearer "+token)
	hit := false
	for _, x := range raw.value["segments"].([]any) {
		segment := x.(map[string]any)
		hit = hit || segment["offset"] == claim["byte_offset"] && segment["tag"] == "CLP" && segment["context"] == false
	}
	if !hit {
		t.Error("the claim's byte offset leads to no CLP of its original")
	}
	claims := s.walk(t, "/api/v1/remittances/"+claim["payment_id"].(string)+"/claims", token)
	if len(claims) != 2 {
		t.Errorf("the remittance has %d claims, want 2", len(claims))
	}
}

func TestParameters(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Both)
	for _, c := range []struct{ rule, path, field string }{
		{"a patient's name in a URL", "/api/v1/claims?name=DOE", "name"},
		{"a member id in a URL", "/api/v1/eligibility?member_id=1", "member_id"},
		{"unknown parameter", "/api/v1/remittances?colour=red", "colour"},
		{"no day", "/api/v1/remittances?from=2026-02-30", "from"},
		{"no boolean", "/api/v1/remittances?balanced=maybe", "balanced"},
		{"no id", "/api/v1/remittances?account_id=7", "account_id"},
		{"id of another kind", "/api/v1/files?connection_id=acc_00000000000000000000000000", "connection_id"},
		{"no instant", "/api/v1/files?received_from=2026-01-01", "received_from"},
		{"limit", "/api/v1/files?limit=501", "limit"},
		{"twice", "/api/v1/files?name=a&name=b", "name"},
		{"no choice", "/api/v1/files?direction=up", "direction"},
		{"usage", "/api/v1/claims?usage=X", "usage"},
	} {
		a := s.ask(t, http.MethodGet, c.path, "Bearer "+token)
		fields, _ := a.value["fields"].(map[string]any)
		if a.status != http.StatusBadRequest || len(fields) != 1 || fields[c.field] == nil {
			t.Errorf("%s: %d %v, want 400 that names %s", c.rule, a.status, fields, c.field)
		}
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/claims?cursor=AAAA", "Bearer "+token); a.status != http.StatusBadRequest {
		t.Errorf("a made up cursor: %d, want 400", a.status)
	}
	for rule, body := range map[string]string{"no object": `[]`, "two": `{}{}`, "no JSON": `x`, "an array within": `{"name": []}`, "unknown": `{"x": 1}`} {
		if a := s.post(t, "/api/v1/claims/search", token, body); a.status != http.StatusBadRequest {
			t.Errorf("%s: %d, want 400", rule, a.status)
		}
	}
}

func TestUnrouted(t *testing.T) {
	t.Parallel()
	s := newLoadedSite(t)
	admin, biller := s.token(t, s.Administrator), s.token(t, s.Biller)
	queue := s.walk(t, "/api/v1/unrouted", admin)
	if len(queue) == 0 {
		t.Fatal("nothing is unrouted")
	}
	var account string
	for _, a := range s.walk2(t, "/api/v1/accounts", admin) {
		if a["name"] == "Lakeside Family Practice" {
			account = a["id"].(string)
		}
	}
	path := "/api/v1/unrouted/" + queue[0]["id"].(string) + "/route"
	before := len(s.walk(t, "/api/v1/claims", biller))
	for rule, c := range map[string]struct {
		token, body string
		want        int
	}{
		"a biller":           {biller, `{"account_id": "` + account + `"}`, http.StatusForbidden},
		"no account":         {admin, `{}`, http.StatusBadRequest},
		"an unknown account": {admin, `{"account_id": "` + s.DB.PublicIDs().Format(storage.PublicAccount, 1<<40) + `"}`, http.StatusNotFound},
	} {
		if a := s.post(t, path, c.token, c.body); a.status != c.want {
			t.Errorf("%s: %d, want %d", rule, a.status, c.want)
		}
	}
	if a := s.post(t, path, admin, `{"account_id": "`+account+`"}`); a.status != http.StatusOK || a.value["account_id"] != account || a.value["routed_by"] != "person" {
		t.Fatalf("routing: %d %s", a.status, a.body)
	}
	if after := len(s.walk(t, "/api/v1/claims", biller)); after <= before {
		t.Errorf("the account has %d claims, before %d", after, before)
	}
	if left := s.walk(t, "/api/v1/unrouted", admin); len(left) != len(queue)-1 {
		t.Errorf("%d units are left of %d", len(left), len(queue))
	}
}

// walk2 reads a list that comes at once.
func (s *site) walk2(t *testing.T, path, token string) []map[string]any {
	t.Helper()
	a := s.ask(t, http.MethodGet, path, "Bearer "+token)
	if a.status != http.StatusOK {
		t.Fatalf("GET %s: %d %s", path, a.status, a.body)
	}
	var items []map[string]any
	for _, i := range a.value["items"].([]any) {
		items = append(items, i.(map[string]any))
	}
	return items
}

func TestExchange(t *testing.T) {
	t.Parallel()
	s := newLoadedSite(t)
	admin, biller := s.token(t, s.Administrator), s.token(t, s.Biller)
	files := s.walk(t, "/api/v1/files", admin)
	if len(files) != len(fixtures.Catalog()) {
		t.Errorf("%d files, want %d", len(files), len(fixtures.Catalog()))
	}
	for _, f := range files[:3] {
		path := "/api/v1/files/" + f["id"].(string)
		for _, below := range []string{"", "/sets", "/findings", "/raw"} {
			a := s.ask(t, http.MethodGet, path+below, "Bearer "+admin)
			if a.status != http.StatusOK {
				t.Errorf("%s: %d %s", below, a.status, a.body)
			}
			noNumbers(t, "files"+below, a.value)
		}
		for _, set := range s.walk(t, path+"/sets", admin) {
			for _, below := range []string{"", "/raw"} {
				if a := s.ask(t, http.MethodGet, "/api/v1/sets/"+set["id"].(string)+below, "Bearer "+admin); a.status != http.StatusOK {
					t.Errorf("set%s: %d %s", below, a.status, a.body)
				}
			}
		}
	}
	acks := s.walk(t, "/api/v1/acknowledgments", admin)
	if len(acks) == 0 {
		t.Error("no acknowledgments")
	}
	for _, k := range acks {
		if a := s.ask(t, http.MethodGet, "/api/v1/acknowledgments/"+k["id"].(string), "Bearer "+admin); a.status != http.StatusOK {
			t.Errorf("acknowledgment: %d %s", a.status, a.body)
		}
	}
	if a := s.ask(t, http.MethodGet, "/api/v1/held-sets", "Bearer "+admin); a.status != http.StatusOK {
		t.Errorf("held sets: %d", a.status)
	}
	if a := s.walk2(t, "/api/v1/accounts", biller); len(a) != 1 {
		t.Errorf("a biller sees %d accounts, want his own", len(a))
	}
}

func TestSchedulesAndRuns(t *testing.T) {
	t.Parallel()
	s := newSite(t, func(o *api.Options) { o.Desk = &jobs.Desk{DB: o.DB} })
	admin := s.token(t, s.Administrator)
	ctx := context.WithoutCancel(t.Context())
	scope := storage.Scope{Operator: s.Operator, Actor: originaltest.Actor}
	var run storage.RunID
	err := s.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		id, err := tx.NewID(ctx, storage.IDConnection)
		if err != nil {
			return err
		}
		c := storage.Connection{
			ID: storage.ConnectionID(id), Name: "Payer", Protocol: "sftp", Host: "sftp.example.org", Port: 22, Username: "u", Auth: "password",
			Secrets: []byte("sealed"), SecretsKeyID: "0", HostKeys: []string{}, Folders: json.RawMessage(`[{"path": "."}]`),
		}
		if err := tx.AddConnection(ctx, &c); err != nil {
			return err
		}
		sch := storage.Schedule{Name: "Nightly", Kind: "pull", Connection: c.ID, Spec: "@daily", Zone: "UTC", Missed: "once"}
		if err := tx.AddSchedule(ctx, &sch); err != nil {
			return err
		}
		r := storage.Run{Operator: s.Operator, Schedule: sch.ID, Kind: "pull", Connection: c.ID, Direction: "pull", State: storage.RunSkipped, DueAt: s.Clock.Now(), ErrorCode: "run.skipped"}
		if _, err := tx.AddRun(ctx, &r, storage.Job{}, nil); err != nil {
			return err
		}
		run = r.ID
		return tx.LogRun(ctx, s.Operator, run, storage.LogInfo, "run.skipped", nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"connections", "schedules", "runs"} {
		items := s.walk2(t, "/api/v1/"+path, admin)
		if len(items) != 1 {
			t.Fatalf("%s: %d", path, len(items))
		}
		a := s.ask(t, http.MethodGet, "/api/v1/"+path+"/"+items[0]["id"].(string), "Bearer "+admin)
		if a.status != http.StatusOK || a.value["id"] != items[0]["id"] || strings.Contains(a.body, "sealed") || strings.Contains(a.body, "c2VhbGVk") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		noNumbers(t, path, a.value)
		if path == "runs" && len(a.value["log"].([]any)) != 1 {
			t.Errorf("the run's log reads %v", a.value["log"])
		}
	}
	path := "/api/v1/schedules/" + s.walk2(t, "/api/v1/schedules", admin)[0]["id"].(string) + "/run"
	first, second := s.post(t, path, admin, ``), s.post(t, path, admin, ``)
	if first.status != http.StatusAccepted || first.value["new"] != true || !rowNumber.MatchString(first.value["run_id"].(string)) {
		t.Errorf("running now: %d %s", first.status, first.body)
	}
	if second.status != http.StatusOK || second.value["new"] != false || second.value["run_id"] != first.value["run_id"] {
		t.Errorf("running again: %d %s, want the run that is open", second.status, second.body)
	}
	if a := s.post(t, path, s.token(t, s.Biller), ``); a.status != http.StatusForbidden {
		t.Errorf("a biller runs a schedule: %d", a.status)
	}
}
