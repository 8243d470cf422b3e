package metrics_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/dropbox"
	"github.com/ediport/ediport/portal/metrics"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/cluster/clustertest"
	"github.com/ediport/ediport/storage/storagetest"
)

func TestMain(m *testing.M) { clustertest.Main(m) }

// onlyWithReplica are absent here: there is none.
var onlyWithReplica = []string{"ediport_replica_in_use", "ediport_replica_lag_seconds"}

var documentedLine = regexp.MustCompile("(?m)^\\| `(ediport_[a-z_]+)` \\| (gauge|counter|histogram) \\| ([^|]*)\\|")

func documented(t *testing.T) map[string]string {
	t.Helper()
	page, err := os.ReadFile("../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, m := range documentedLine.FindAllStringSubmatch(string(page), -1) {
		labels := strings.FieldsFunc(m[3], func(r rune) bool { return r == '`' || r == ',' || r == ' ' })
		slices.Sort(labels)
		all[m[1]] = m[2] + " " + strings.Join(labels, ",")
	}
	return all
}

// The page names what is served, no more, no less.
func TestDocumentedMetrics(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	w := storagetest.World(t, db)
	registry := metrics.NewRegistry(db, slog.New(slog.DiscardHandler), "test")
	m := jobs.NewMetrics(registry)
	m.RunEnded("pull", "succeeded", time.Second)
	m.FileMoved("in", 100)
	m.JobTried("pull", "done", time.Second)
	dropbox.NewMetrics(registry)
	fill(t, db, w.Operator)

	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	want := documented(t)
	if len(want) < 20 {
		t.Fatalf("%d metrics found on the page", len(want))
	}
	seen := map[string]bool{}
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "ediport_") {
			continue
		}
		seen[f.GetName()] = true
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		slices.Sort(labels)
		got := strings.ToLower(f.GetType().String()) + " " + strings.Join(labels, ",")
		if want[f.GetName()] != got {
			t.Errorf("%s is a %q, docs/metrics.md says %q", f.GetName(), got, want[f.GetName()])
		}
	}
	for name := range want {
		if !seen[name] && !slices.Contains(onlyWithReplica, name) {
			t.Errorf("docs/metrics.md names %s, which is not served", name)
		}
	}
}

// fill puts a connection that was in touch, a job and an incident into the database.
func fill(t *testing.T, db *storage.DB, operator storage.OperatorID) {
	t.Helper()
	ctx := t.Context()
	err := db.InScope(ctx, storage.Scope{Operator: operator}, func(tx *storage.Tx) error {
		id, err := tx.NewID(ctx, storage.IDConnection)
		if err != nil {
			return err
		}
		c := &storage.Connection{ID: storage.ConnectionID(id), Name: "tamarind", Protocol: "sftp", Host: "h", Port: 22, Username: "u", Auth: "password", HostKeys: []string{}}
		if err := tx.AddConnection(ctx, c); err != nil {
			return err
		}
		if err := tx.NoteContact(ctx, c.ID); err != nil {
			return err
		}
		if err := tx.NoteConnectionSuccess(ctx, c.ID, true); err != nil {
			return err
		}
		_, err = tx.Enqueue(ctx, storage.Job{Kind: "pull", Queue: "pull", Args: struct{}{}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestHandler(t *testing.T) {
	t.Parallel()
	db := storagetest.Open(t)
	handler := metrics.Handler(metrics.NewRegistry(db, slog.New(slog.DiscardHandler), "test"), "the token")
	for token, want := range map[string]int{"": 401, "Bearer another": 401, "Basic the token": 401, "Bearer the token": 200, "bearer the token": 200} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		if token != "" {
			r.Header.Set("Authorization", token)
		}
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("Authorization %q: status %d, want %d", token, rec.Code, want)
		}
		if shown := strings.Contains(rec.Body.String(), "ediport_database_up 1"); shown != (want == 200) {
			t.Errorf("Authorization %q: figures shown: %v", token, shown)
		}
	}
}

// Without a database the process's own figures are still there, and say so.
func TestWithoutDatabase(t *testing.T) {
	t.Parallel()
	nowhere := "postgres://nobody@127.0.0.1:1/none?sslmode=disable&connect_timeout=2"
	db, err := storage.Open(storage.Config{LoaderURL: nowhere, AppURL: nowhere})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	registry := metrics.NewRegistry(db, slog.New(slog.DiscardHandler), "test")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	said := false
	for _, f := range families {
		switch f.GetName() {
		case "ediport_database_up":
			said = f.GetMetric()[0].GetGauge().GetValue() == 0
		case "ediport_queue_jobs":
			t.Error("queues are shown without a database")
		}
	}
	if !said {
		t.Error("the database's absence is not shown")
	}
}
