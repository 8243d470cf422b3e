package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/ediport/ediport/storage"
)

const aConnection = `{"name": "tamarind", "host": "sftp.tamarind.example", "username": "cedar", "auth": "password",
	"host_keys": ["SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"],
	"folders": [{"path": "/out", "globs": ["*.835"]}], "push": {"folder": "/in"}, "secrets": {"password": "SECRET-OF-TESTS"}}`

func TestConnections(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	made := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection)
	id, _ := made.value["id"].(string)
	if made.status != http.StatusCreated || !strings.HasPrefix(id, "con_") || strings.Contains(made.body, "SECRET") || made.value["has_secrets"] != true {
		t.Fatalf("added: %d %s", made.status, made.body)
	}
	path := "/api/v1/connections/" + id
	changed := s.send(t, http.MethodPatch, path, token, `{"version": 1, "expected_by": "0 7 * * 1-5"}`)
	if changed.status != http.StatusOK || changed.value["expected_by"] != "0 7 * * 1-5" || changed.value["host"] != "sftp.tamarind.example" || changed.value["has_secrets"] != true {
		t.Errorf("changed: %d %s", changed.status, changed.body)
	}
	if a := s.send(t, http.MethodPatch, path, token, `{"version": 1, "expected_by": ""}`); a.status != http.StatusConflict {
		t.Errorf("changed by an old version: %d, want 409", a.status)
	}
	if a := s.send(t, http.MethodPost, path+"/pause", token, `{"reason": "the partner moves house"}`); a.value["paused"] != true || a.value["paused_reason"] != "the partner moves house" {
		t.Errorf("paused: %s", a.body)
	}
	if a := s.send(t, http.MethodPost, path+"/pull", token, ""); a.status != http.StatusConflict || a.value["code"] != "run.connection_paused" {
		t.Errorf("pull over a paused connection: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, path+"/resume", token, ""); a.value["paused"] != false {
		t.Errorf("resumed: %s", a.body)
	}
	first := s.send(t, http.MethodPost, path+"/pull", token, "")
	again := s.send(t, http.MethodPost, path+"/pull", token, "")
	if first.status != http.StatusAccepted || again.status != http.StatusOK || first.value["run_id"] != again.value["run_id"] || again.value["new"] != false {
		t.Errorf("pulls: %d %s, then %d %s", first.status, first.body, again.status, again.body)
	}
	if a := s.send(t, http.MethodDelete, path, token, ""); a.status != http.StatusConflict {
		t.Errorf("deleted while a run is open: %d", a.status)
	}
	run := "/api/v1/runs/" + first.value["run_id"].(string)
	if a := s.send(t, http.MethodPost, run+"/cancel", token, ""); a.status != http.StatusOK || a.value["state"] != "cancelled" {
		t.Errorf("cancelled: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodDelete, path, token, ""); a.status != http.StatusNoContent {
		t.Errorf("deleted: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodGet, path, token, ""); a.status != http.StatusNotFound {
		t.Errorf("after it: %d", a.status)
	}
}

// What is wrong is named by field, as deep as it stands.
func TestInputProblems(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	for _, c := range []struct {
		name, method, path, body string
		status                   int
		field                    string
	}{
		{"unknown field", "POST", "/connections", `{"hots": "h"}`, 400, "hots"},
		{"unknown field below", "POST", "/connections", `{"folders": [{"pathh": "/"}]}`, 400, "pathh"},
		{"wrong type", "POST", "/connections", `{"port": "22"}`, 400, "port"},
		{"id of another kind", "POST", "/schedules", `{"connection_id": "run_1"}`, 400, "connection_id"},
		{"missing host", "POST", "/connections", `{"name": "x", "username": "u", "auth": "password", "secrets": {"password": "p"}}`, 422, "host"},
		{"folder without a path", "POST", "/connections", strings.Replace(aConnection, `"/out"`, `""`, 1), 422, "folders[0].path"},
		{"days of delay without deleting", "POST", "/connections", strings.Replace(aConnection, `"/out"`, `"/out", "delete_after_days": 3`, 1), 422, "folders[0].delete_after_days"},
		{"a name outside of the folder", "POST", "/connections", strings.Replace(aConnection, `"globs": ["*.835"]`, `"names": ["a", "../b"]`, 1), 422, "folders[0].names[1]"},
		{"an unknown way to archive", "POST", "/connections", strings.Replace(aConnection, `"/out"`, `"/out", "archive_by": "magic"`, 1), 422, "folders[0].archive_by"},
		{"permissions of folders in words", "POST", "/connections", strings.Replace(aConnection, `"/in"`, `"/in", "make_folders": true, "folder_mode": "rwx"`, 1), 422, "push.folder_mode"},
		{"no version", "PATCH", "/connections/con_x", `{"port": 22}`, 404, ""},
		{"schedule without a time", "POST", "/schedules", `{"name": "x", "spec": "at noon"}`, 422, "spec"},
		{"unknown zone", "POST", "/schedules/preview", `{"spec": "@daily", "zone": "Mars/Base"}`, 422, "zone"},
		{"too many times", "POST", "/schedules/preview", `{"spec": "@daily", "zone": "UTC", "times": 1000}`, 400, "times"},
		{"not one object", "POST", "/calendars", `[]`, 400, ""},
		{"file without a name", "POST", "/files", `x`, 400, "Content-Type"},
	} {
		a := s.send(t, c.method, "/api/v1"+c.path, token, c.body)
		fields, _ := a.value["fields"].(map[string]any)
		if a.status != c.status || c.field != "" && fields[c.field] == nil {
			t.Errorf("%s: %d %s, want %d about %s", c.name, a.status, a.body, c.status, c.field)
		}
	}
}

// A request that is sent again with its key is answered alike and done once, also when both come at
// the same time; the key of another request is refused.
func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	var answers [4]answer
	var sending sync.WaitGroup
	for i := range answers {
		sending.Go(func() {
			answers[i] = s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection, "Idempotency-Key", "k1")
		})
	}
	sending.Wait()
	replayed := 0
	for _, a := range answers {
		if a.status != http.StatusCreated || a.value["id"] != answers[0].value["id"] {
			t.Errorf("one of four: %d %s, want 201 and the same connection", a.status, a.body)
		}
		if a.header.Get("Idempotency-Replayed") != "" {
			replayed++
		}
	}
	if replayed != 3 {
		t.Errorf("%d of 4 answers say that they repeat, want 3", replayed)
	}
	list := s.send(t, http.MethodGet, "/api/v1/connections", token, "")
	if n := len(list.value["items"].([]any)); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
	other := strings.Replace(aConnection, "tamarind\"", "other\"", 1)
	if a := s.send(t, http.MethodPost, "/api/v1/connections", token, other, "Idempotency-Key", "k1"); a.status != http.StatusConflict {
		t.Errorf("another request with the same key: %d", a.status)
	}
	// Failures leave no trace: the key works for the request once it can be carried out.
	if a := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection, "Idempotency-Key", "k2"); a.status != http.StatusConflict {
		t.Errorf("a name that is taken: %d", a.status)
	}
	path := "/api/v1/connections/" + list.value["items"].([]any)[0].(map[string]any)["id"].(string)
	for range 2 {
		if a := s.send(t, http.MethodDelete, path, token, "", "Idempotency-Key", "k3"); a.status != http.StatusNoContent {
			t.Errorf("deleted: %d %s", a.status, a.body)
		}
	}
	if a := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection, "Idempotency-Key", "k2"); a.status != http.StatusCreated {
		t.Errorf("with the key of a failure: %d %s", a.status, a.body)
	}
}

func TestSchedulesAndCalendars(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	con := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection).value["id"]
	cal := s.send(t, http.MethodPost, "/api/v1/calendars", token, `{"name": "ours", "holidays": "us_federal", "days": [{"date": "2026-12-24", "closed": true, "name": "Eve"}]}`)
	if cal.status != http.StatusCreated {
		t.Fatalf("calendar: %d %s", cal.status, cal.body)
	}
	body := fmt.Sprintf(`{"name": "morning", "connection_id": %q, "spec": "30 6 * * *", "zone": "America/New_York",
		"windows": {"business_days": true, "calendars": [%q], "shift": "next"}, "jitter_seconds": 60, "priority": 1}`, con, cal.value["id"])
	made := s.send(t, http.MethodPost, "/api/v1/schedules", token, body)
	if made.status != http.StatusCreated || made.value["next_due_at"] == nil || made.value["priority"] != 1.0 {
		t.Fatalf("schedule: %d %s", made.status, made.body)
	}
	windows := made.value["windows"].(map[string]any)
	if link := windows["calendars"].([]any)[0].(map[string]any); link["id"] != cal.value["id"] || windows["shift"] != "next" {
		t.Errorf("windows: %v", windows)
	}
	preview := s.send(t, http.MethodPost, "/api/v1/schedules/preview", token, `{"spec": "30 2 * * *", "zone": "America/New_York", "times": 12}`)
	if times, _ := preview.value["times"].([]any); preview.status != http.StatusOK || len(times) != 12 {
		t.Errorf("preview: %d %s", preview.status, preview.body)
	}
	if a := s.send(t, http.MethodDelete, "/api/v1/calendars/"+cal.value["id"].(string), token, ""); a.status != http.StatusConflict {
		t.Errorf("a calendar that is used was deleted: %d", a.status)
	}
	path := "/api/v1/schedules/" + made.value["id"].(string)
	if a := s.send(t, http.MethodPost, path+"/pause", token, ""); a.value["paused"] != true {
		t.Errorf("paused: %s", a.body)
	}
	if a := s.send(t, http.MethodPatch, path, token, `{"version": 2, "spec": "0 7 * * *"}`); a.status != http.StatusOK || a.value["spec"] != "0 7 * * *" {
		t.Errorf("changed: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, "/api/v1/schedules/pause", token, `{"reason": "freeze"}`); a.value["paused"] != true || a.value["reason"] != "freeze" {
		t.Errorf("all paused: %s", a.body)
	}
	if a := s.send(t, http.MethodPost, "/api/v1/schedules/resume", token, ""); a.value["paused"] != false {
		t.Errorf("all resumed: %s", a.body)
	}
	if a := s.send(t, http.MethodPost, path+"/run", token, ""); a.status != http.StatusAccepted {
		t.Errorf("run: %d %s", a.status, a.body)
	}
}

func TestWorkAndIncidents(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token, biller := s.token(t, s.Administrator), s.token(t, s.Biller)
	con := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection).value["id"].(string)
	run := s.send(t, http.MethodPost, "/api/v1/connections/"+con+"/pull", token, "").value["run_id"].(string)
	jobs := s.send(t, http.MethodGet, "/api/v1/jobs?kind=pull", token, "")
	items, _ := jobs.value["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["run_id"] != run {
		t.Fatalf("jobs: %s", jobs.body)
	}
	job := "/api/v1/jobs/" + items[0].(map[string]any)["id"].(string)
	if a := s.send(t, http.MethodPost, job+"/cancel", token, ""); a.status != http.StatusOK || a.value["state"] != "cancelled" {
		t.Errorf("job cancelled: %d %s", a.status, a.body)
	}
	for _, query := range []string{
		"jobs?state=lost", "jobs?kind=pul", "runs?state=running,sleepy", "runs?kind=pul", "files?state=sleepy", "outbound?state=loaded",
		"eligibility?status=maybe", "authorizations?outcome=maybe",
	} {
		asks := token
		if strings.Contains(query, "maybe") {
			asks = biller
		}
		if a := s.send(t, http.MethodGet, "/api/v1/"+query, asks, ""); a.status != http.StatusBadRequest || !strings.Contains(a.body, "is one of ") {
			t.Errorf("%s: %d %s", query, a.status, a.body)
		}
	}
	scope := storage.Scope{Operator: s.Operator}
	err := s.DB.InScope(t.Context(), scope, func(tx *storage.Tx) error {
		id, err := s.DB.PublicIDs().Parse(storage.PublicRun, run)
		if err != nil {
			return err
		}
		if err := tx.LogRun(t.Context(), s.Operator, storage.RunID(id), "info", "pull.file_taken", map[string]any{"file_id": 4711, "bytes": 5, "odd_id": 3}); err != nil {
			return err
		}
		_, _, err = tx.RaiseIncident(t.Context(), s.Operator, storage.OfFile(9), storage.Raise{Code: "ingest.failed", Source: "ingest", Run: storage.RunID(id)})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	log := s.send(t, http.MethodGet, "/api/v1/runs/"+run+"/log", token, "")
	if !strings.Contains(log.body, `"fil_`) || strings.Contains(log.body, "4711") || strings.Contains(log.body, "odd_id") {
		t.Errorf("the log gives row numbers out: %s", log.body)
	}
	open := s.send(t, http.MethodGet, "/api/v1/incidents?open=true", token, "")
	items, _ = open.value["items"].([]any)
	if len(items) != 1 || items[0].(map[string]any)["run_id"] != run || items[0].(map[string]any)["next_step"] == "" {
		t.Fatalf("incidents: %s", open.body)
	}
	incident := "/api/v1/incidents/" + items[0].(map[string]any)["id"].(string)
	if a := s.send(t, http.MethodPost, incident+"/acknowledge", token, ""); a.value["acknowledged_at"] == nil {
		t.Errorf("acknowledged: %s", a.body)
	}
	if a := s.send(t, http.MethodPost, incident+"/close", token, ""); a.value["resolved_at"] == nil {
		t.Errorf("closed: %s", a.body)
	}
	if a := s.send(t, http.MethodPost, incident+"/close", token, ""); a.status != http.StatusConflict {
		t.Errorf("closed twice: %d", a.status)
	}
	if a := s.send(t, http.MethodGet, "/api/v1/nodes", token, ""); a.status != http.StatusOK {
		t.Errorf("nodes: %d %s", a.status, a.body)
	}
}

func TestFilesHandedIn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	con := s.send(t, http.MethodPost, "/api/v1/connections", token, aConnection).value["id"].(string)
	file := []string{"Content-Type", "application/octet-stream", "Content-Disposition", `attachment; filename="note.txt"`}
	path := "/api/v1/connections/" + con + "/files"
	if a := s.send(t, http.MethodPost, path, token, "no X12", file...); a.status != http.StatusUnprocessableEntity || a.value["code"] != "outbound.not_x12" {
		t.Errorf("no X12: %d %s", a.status, a.body)
	}
	made := s.send(t, http.MethodPost, path+"?as_is=true", token, "no X12", append(file, "Idempotency-Key", "h1")...)
	again := s.send(t, http.MethodPost, path+"?as_is=true", token, "no X12", append(file, "Idempotency-Key", "h1")...)
	if made.status != http.StatusCreated || made.value["final_name"] != "note.txt" || again.value["file_id"] != made.value["file_id"] {
		t.Fatalf("handed in: %d %s, then %d %s", made.status, made.body, again.status, again.body)
	}
	if a := s.send(t, http.MethodPost, path+"?as_is=true", token, "no X12", file...); a.status != http.StatusConflict || a.value["code"] != "outbound.sent_before" {
		t.Errorf("the same bytes: %d %s", a.status, a.body)
	}
	outbound := "/api/v1/outbound/" + made.value["file_id"].(string)
	if a := s.send(t, http.MethodPost, outbound+"/void", token, `{"reason": "a mistake"}`); a.status != http.StatusOK || a.value["state"] != "void" {
		t.Errorf("void: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPost, outbound+"/send-again", token, ""); a.status != http.StatusOK || a.value["state"] != "generated" {
		t.Errorf("sent again: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodGet, "/api/v1/outbound?open=true", token, ""); len(a.value["items"].([]any)) != 1 {
		t.Errorf("outbound: %s", a.body)
	}
	odd := []string{file[0], file[1], file[2], "attachment; filename*=UTF-8''a%00b"}
	if a := s.send(t, http.MethodPost, "/api/v1/files", token, "ISA", odd...); a.status != http.StatusUnprocessableEntity || a.value["code"] != "outbound.name" {
		t.Errorf("an impossible name: %d %s", a.status, a.body)
	}
	taken := s.send(t, http.MethodPost, "/api/v1/files", token, "ISA", file...)
	if taken.status != http.StatusCreated || taken.value["direction"] != "in" || taken.value["state"] != "downloaded" {
		t.Errorf("taken in: %d %s", taken.status, taken.body)
	}
	if a := s.send(t, http.MethodPost, "/api/v1/files", token, "", file...); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an empty file: %d %s", a.status, a.body)
	}
}

func TestPartners(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	token := s.token(t, s.Administrator)
	made := s.send(t, http.MethodPost, "/api/v1/partners", token, `{"name": "Tamarind", "acknowledge_answers": true}`)
	if made.status != http.StatusCreated || made.value["acknowledge_answers"] != true {
		t.Fatalf("added: %d %s", made.status, made.body)
	}
	path := "/api/v1/partners/" + made.value["id"].(string)
	if a := s.send(t, http.MethodPatch, path, token, `{"reuse_policy": "hold"}`); a.status != http.StatusOK || a.value["reuse_policy"] != "hold" || a.value["name"] != "Tamarind" {
		t.Errorf("changed: %d %s", a.status, a.body)
	}
	if a := s.send(t, http.MethodPatch, path, token, `{"reuse_policy": "shrug"}`); a.status != http.StatusUnprocessableEntity {
		t.Errorf("an unknown policy: %d %s", a.status, a.body)
	}
}
