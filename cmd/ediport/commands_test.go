package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// json runs a command with --json and returns its document.
func (x *exchange) json(args ...string) map[string]any {
	x.t.Helper()
	out := x.do(append(args, "--json")...)
	var document map[string]any
	if err := json.Unmarshal([]byte(out), &document); err != nil {
		x.t.Fatalf("ediport %s --json: %v in %s", strings.Join(args, " "), err, out)
	}
	return document
}

// list is one list of a command's document.
func (x *exchange) list(name string, args ...string) (rows []map[string]any) {
	x.t.Helper()
	items, ok := x.json(args...)[name].([]any)
	if !ok {
		x.t.Fatalf("ediport %s --json has no list %s", strings.Join(args, " "), name)
	}
	for _, item := range items {
		rows = append(rows, item.(map[string]any))
	}
	return rows
}

// fails runs a command that must fail and returns what it complains about.
func (x *exchange) fails(code int, args ...string) string {
	x.t.Helper()
	c := x.command(args...)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	err := c.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != code {
		x.t.Errorf("ediport %s: %v, want exit code %d\n%s", strings.Join(args, " "), err, code, complaint.String())
	}
	return complaint.String()
}

// An administrator runs the whole exchange from the command line: connection, schedule, pull, push,
// and what came of it.
func TestExchangeByCommands(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts a server and runs many commands")
	}
	x := newExchange(t)
	monitoring := freeAddress(t)
	drops := freeAddress(t)
	x.env = append(x.env, "EDIPORT_METRICS_TOKEN=of-tests", "EDIPORT_METRICS_LISTEN="+monitoring, "EDIPORT_DROPBOX_LISTEN="+drops)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/note.txt", []byte("no X12, kept all the same"))
	p := x.serve()
	x.addPartner(server.Host, server.Port, server, "", "")

	t.Run("connection", func(t *testing.T) { x.connectionCommands(t, server) })
	t.Run("schedule", func(t *testing.T) { x.scheduleCommands(t) })
	t.Run("pull", func(t *testing.T) { x.pullCommands(t) })
	t.Run("push", func(t *testing.T) { x.pushCommands(t, server) })
	t.Run("partner", func(t *testing.T) { x.partnerCommands(t) })
	t.Run("dropbox", func(t *testing.T) { x.dropBoxCommands(t, drops) })
	t.Run("monitoring", func(t *testing.T) { x.monitoring(t, p.address, "http://"+monitoring) })
	p.stop(t)
}

func (x *exchange) connectionCommands(t *testing.T, server *sshdtest.Server) {
	t.Helper()
	shown := x.json("connection", "show", "partner")
	if shown["auth"] != "key" || shown["has_secrets"] != true || strings.Contains(x.do("connection", "show", "partner"), "PRIVATE KEY") {
		t.Errorf("connection show: %v", shown)
	}
	server.WriteFile("inbound/.keep", nil)
	x.do("connection", "change", "partner", "--push-folder", server.Path("inbound"), "--stable-seconds", "-1")
	if shown = x.json("connection", "show", "partner"); !strings.Contains(x.do("connection", "show", "partner"), "inbound") {
		t.Errorf("after the change: %v", shown)
	}
	if test := x.json("connection", "test", "partner"); test["ok"] != true {
		t.Errorf("connection test: %v", test)
	}
	x.do("connection", "pause", "partner", "--reason", "house moving")
	if rows := x.list("connections", "connection", "list"); len(rows) != 1 || rows[0]["paused_reason"] != "house moving" {
		t.Errorf("connection list: %v", rows)
	}
	if said := x.fails(2, "pull", "partner"); !strings.Contains(said, "The connection is paused.") {
		t.Errorf("pull over a paused connection says %q", said)
	}
	x.do("connection", "resume", "partner")
	if key := x.do("connection", "key", "partner"); !strings.HasPrefix(key, "ssh-") {
		t.Errorf("connection key: %q", key)
	}
	beside := "ssh-ed25519 SHA256:LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ"
	if said, err := x.command("connection", "approve", "partner", beside).CombinedOutput(); err != nil || !strings.Contains(string(said), "without a second person") {
		t.Errorf("another host key by the command line: %v: %s", err, said)
	}
	if said, err := x.command("connection", "change", "partner", "--host-key", server.Fingerprint()).CombinedOutput(); err != nil || !strings.Contains(string(said), "without a second person") {
		t.Errorf("host keys by the command line: %v: %s", err, said)
	}
	if said := x.fails(2, "connection", "add", "broken", "--host", "h"); !strings.Contains(said, "username:") || strings.Contains(said, "jobs:") {
		t.Errorf("an incomplete connection: %q", said)
	}
	x.fails(2, "connection", "show", "nowhere")
}

func (x *exchange) scheduleCommands(t *testing.T) {
	t.Helper()
	x.do("calendar", "add", "ours", "--closed", "2026-12-24=Eve")
	x.do("schedule", "add", "morning", "--connection", "partner", "--at", "30 6 * * *", "--business-days", "--calendar", "ours", "--shift", "next", "--jitter", "1m")
	if preview := x.list("times", "schedule", "preview", "morning", "--times", "5"); len(preview) != 5 {
		t.Errorf("schedule preview: %v", preview)
	}
	if said := x.do("schedule", "preview", "--at", "@every 2h", "--zone", "UTC"); len(strings.Split(strings.TrimSpace(said), "\n")) != 10 {
		t.Errorf("preview of what is not stored:\n%s", said)
	}
	x.do("schedule", "change", "morning", "--at", "0 7 * * *")
	x.do("schedule", "pause", "morning")
	rows := x.list("schedules", "schedule", "list")
	if len(rows) != 1 || rows[0]["paused"] != true || rows[0]["spec"] != "0 7 * * *" || rows[0]["jitter_seconds"] != 60.0 {
		t.Errorf("schedule list: %v", rows)
	}
	x.do("schedule", "resume", "morning")
	x.do("schedule", "pause-all", "--reason", "freeze")
	if said := x.do("schedule", "list"); !strings.Contains(said, "freeze") {
		t.Errorf("schedule list doesn't tell of the pause: %s", said)
	}
	x.do("schedule", "resume-all")
	if said := x.fails(2, "schedule", "change", "morning", "--at", "noon"); !strings.Contains(said, "spec:") {
		t.Errorf("a time that can't be understood: %q", said)
	}
	x.fails(2, "calendar", "delete", "ours")
	x.do("schedule", "delete", "morning")
	x.do("calendar", "delete", "ours")
}

func (x *exchange) pullCommands(t *testing.T) {
	t.Helper()
	if said := x.do("pull", "partner"); !strings.Contains(said, "succeeded") {
		t.Errorf("pull: %s", said)
	}
	runs := x.list("runs", "run", "list", "--connection", "partner", "--state", "succeeded")
	if len(runs) != 1 {
		t.Fatalf("run list: %v", runs)
	}
	id := runs[0]["id"].(string)
	shown := x.json("run", "show", id)
	if log, _ := shown["log"].([]any); len(log) < 3 {
		t.Errorf("run show: %v", shown)
	}
	if followed := x.do("run", "follow", id); !strings.Contains(followed, "The remote folder was read.") {
		t.Errorf("run follow:\n%s", followed)
	}
	x.fails(2, "run", "cancel", id)
	x.await(`SELECT count(*) FROM file WHERE direction = 'in' AND state IN ('stored', 'loaded')`, "1")
	files := x.list("files", "file", "list", "--name", "note", "--direction", "in")
	if len(files) != 1 || files[0]["run_id"] != id {
		t.Fatalf("file list: %v, want the file with its run %s", files, id)
	}
	file := x.json("file", "show", files[0]["id"].(string))
	if events, _ := file["events"].([]any); len(events) < 2 {
		t.Errorf("file show: %v", file)
	}
	if rows := x.list("jobs", "job", "list", "--kind", "ingest"); len(rows) != 1 || rows[0]["state"] != "completed" {
		t.Errorf("job list: %v", rows)
	}
	if rows := x.list("nodes", "node", "list"); len(rows) < 1 {
		t.Errorf("node list: %v", rows)
	}
	if rows := x.list("incidents", "incident", "list"); len(rows) != 0 {
		t.Errorf("incident list: %v", rows)
	}
	x.fails(2, "file", "show", "run_1")
}

func (x *exchange) pushCommands(t *testing.T, server *sshdtest.Server) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "claims.txt")
	content := []byte("not X12 either")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	if said := x.fails(2, "push", "partner", path); !strings.Contains(said, "X12") {
		t.Errorf("a file that is no X12: %q", said)
	}
	x.do("push", "partner", "--as-is", path)
	x.await(`SELECT state FROM file WHERE direction = 'out'`, "sent")
	if got, err := os.ReadFile(server.Path("inbound", "claims.txt")); err != nil || !bytes.Equal(got, content) {
		t.Errorf("the partner has %q, %v", got, err)
	}
	sent := x.list("files", "file", "list", "--direction", "out")
	if len(sent) != 1 || sent[0]["state"] != "sent" {
		t.Fatalf("file list --direction out: %v", sent)
	}
	id := sent[0]["id"].(string)
	x.fails(2, "file", "void", id, "--reason", "too late")
	x.fails(2, "file", "void", id)
	x.fails(2, "file", "confirm-sent", id)
}

func (x *exchange) partnerCommands(t *testing.T) {
	t.Helper()
	x.do("partner", "add", "Tamarind Health Plan", "--acknowledge-answers")
	x.do("partner", "set", "Tamarind Health Plan", "--reuse", "hold")
	shown := x.json("partner", "show", "Tamarind Health Plan")
	if shown["reuse_policy"] != "hold" || shown["acknowledge_answers"] != true {
		t.Errorf("partner show: %v", shown)
	}
	if rows := x.list("partners", "partner", "list"); len(rows) != 1 {
		t.Errorf("partner list: %v", rows)
	}
	x.fails(2, "partner", "set", "Tamarind Health Plan", "--reuse", "shrug")
}

// freeAddress is one of this machine that nobody listens on.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	return l.Addr().String()
}

// awaitTrue asks again and again until something is so. Whoever asks says what was found if it never is.
func awaitTrue(t *testing.T, so func() bool) {
	t.Helper()
	limit := time.NewTimer(eventually)
	defer limit.Stop()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for !so() {
		select {
		case <-limit.C:
			return
		case <-tick.C:
		}
	}
}

func (x *exchange) monitoring(t *testing.T, portal, monitoring string) {
	t.Helper()
	get := func(url, token string) (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		body, err := io.ReadAll(answer.Body)
		if err != nil {
			t.Fatal(err)
		}
		return answer.StatusCode, string(body)
	}
	if status, _ := get(portal+"/metrics", ""); status != http.StatusUnauthorized {
		t.Errorf("/metrics without a token: %d", status)
	}
	const pushed = `ediport_runs_total{kind="push",outcome="succeeded"} `
	var status int
	var body string
	awaitTrue(t, func() bool { // the file is sent a moment before its run has ended and is counted
		status, body = get(portal+"/metrics", "of-tests")
		return status != http.StatusOK || strings.Contains(body, pushed)
	})
	for _, want := range []string{`ediport_nodes{state="live"} `, pushed, `name="partner"`} {
		if status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("/metrics: %d, without %s", status, want)
		}
	}
	if status, _ := get(portal+"/healthz", ""); status != http.StatusOK {
		t.Errorf("/healthz: %d", status)
	}
	status, body = get(monitoring+"/readyz", "of-tests")
	for _, part := range []string{"database", "schema", "node", "replica"} {
		if status != http.StatusOK || !strings.Contains(body, `{"name":"`+part+`","ok":true`) {
			t.Errorf("/readyz: %d %s, want %s to be well", status, body, part)
		}
	}
	if status, _ := get(monitoring+"/readyz", ""); status != http.StatusUnauthorized {
		t.Errorf("details of /readyz without the token: %d", status)
	}
}
