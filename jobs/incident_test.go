package jobs

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// incidents are the operator's, newest first.
func (h *house) incidents(f storage.IncidentFilter) (all []storage.Incident) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		all, _, err = tx.Incidents(h.t.Context(), f, "")
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// A connection that fails three times is told once; when it works again, that is told once.
func TestOneIncidentForManyFailures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("here"))
	c := h.connect(server, with(func(f *PullFolder) { f.Path = server.Path("nowhere") }))
	h.start()
	var last *storage.Run
	for range 3 {
		if last = h.pull(c); last.State != storage.RunFailed {
			t.Fatalf("run: %s %s, want failed", last.State, last.ErrorCode)
		}
	}
	open := h.incidents(storage.IncidentFilter{Connection: c.ID, Open: true})
	if len(open) != 1 || open[0].Code != "transfer.folder_missing" || open[0].Count != 3 || open[0].Run != last.ID || open[0].SubjectName != c.Name {
		t.Fatalf("open incidents: %+v, want one, met 3 times, lastly by the last run", open)
	}
	if n := h.number(`SELECT count(*) FROM outbox WHERE topic = 'incident.opened' AND kind = 'mail'`); n != 1 {
		t.Errorf("%d mails wait for 3 failures, want 1", n)
	}
	if err := h.desk.AcknowledgeIncident(t.Context(), h.scope, open[0].ID); err != nil {
		t.Error(err)
	}
	changed := h.connection(c.ID)
	SetFolders(changed, PullFolder{Path: server.Path("outbound"), StableSeconds: AtOnce})
	if err := h.desk.ChangeConnection(t.Context(), h.scope, changed, Secrets{}); err != nil {
		t.Fatal(err)
	}
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s", run.State, run.ErrorCode)
	}
	if open := h.incidents(storage.IncidentFilter{Open: true}); len(open) != 0 {
		t.Errorf("after a good run %+v is open", open)
	}
	if n := h.number(`SELECT count(*) FROM outbox WHERE topic = 'incident.resolved' AND kind = 'mail'`); n != 1 {
		t.Errorf("%d mails say that it is over, want 1", n)
	}
	if err := h.desk.CloseIncident(t.Context(), h.scope, open[0].ID); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("closing what is over: %v, want a conflict", err)
	}
}

// A file that can't be loaded is an incident of the file, until it is loaded.
func TestIncidentOfAFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("no use"))
	c := h.connect(server)
	h.start(func(cfg *Config) {
		cfg.Ingest = func(context.Context, storage.OperatorID, storage.FileID) error {
			return permanentError{errors.New("never")}
		}
	})
	run := h.pull(c)
	h.eventually("an incident is open", func() bool { return len(h.incidents(storage.IncidentFilter{Open: true})) == 1 })
	i := h.incidents(storage.IncidentFilter{Open: true})[0]
	if i.SubjectKind != storage.SubjectFile || i.Code != "file.unreadable" || i.Connection != c.ID || i.Run != run.ID || i.SubjectName != "" {
		t.Errorf("the incident: %+v, want one of the file, with connection and run, without a name", i)
	}
}

// A file that doesn't come by its time is told once, and its coming too.
func TestOverdueFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, func(c *storage.Connection) { c.ExpectedBy, c.ExpectedZone = "@hourly", "UTC" })
	look := func() int {
		t.Helper()
		if err := watchOverdue(t.Context(), h.db); err != nil {
			t.Fatal(err)
		}
		return len(h.incidents(storage.IncidentFilter{Connection: c.ID, Open: true}))
	}
	if n := look(); n != 0 {
		t.Errorf("%d incidents before the first time has passed", n)
	}
	h.exec(`UPDATE connection SET created_at = now() - interval '3 hours'`)
	if n := look() + look(); n != 2 {
		t.Errorf("two looks see %d incidents, want the same one", n)
	}
	h.exec(`UPDATE connection SET last_file_at = now()`)
	if n := look(); n != 0 {
		t.Errorf("%d incidents after the file came", n)
	}
}

// A lockedBuffer takes the log of several goroutines.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// One id leads from the run to its files, log lines, incident and audit, and no number leaves.
func TestOneIDFromRunToLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("no use"))
	c := h.connect(server)
	var log lockedBuffer
	n := h.start(func(cfg *Config) {
		cfg.Log = slog.New(slog.NewJSONHandler(&log, nil))
		cfg.Ingest = func(context.Context, storage.OperatorID, storage.FileID) error {
			return permanentError{errors.New("never")}
		}
	})
	run := h.pull(c)
	name := n.runName(run.ID)
	h.eventually("the failure to load is logged", func() bool { return strings.Contains(log.String(), "job failed for good") })
	line := ""
	for l := range strings.SplitSeq(log.String(), "\n") {
		if strings.Contains(l, "job failed for good") {
			line = l
		}
	}
	if !strings.Contains(line, `"run_id":"`+name+`"`) || !strings.Contains(line, `"file_id":"fil_`) {
		t.Errorf("the log line %s doesn't lead to run %s and its file", line, name)
	}
	if n := h.number(`SELECT count(*) FROM file WHERE run_id = $1`, run.ID); n != 1 {
		t.Errorf("%d files name the run", n)
	}
	if n := h.number(`SELECT count(*) FROM audit_event WHERE correlation_id = $1`, name); n == 0 && h.number(`SELECT count(*) FROM audit_event WHERE correlation_id LIKE 'run-%'`) > 0 {
		t.Error("the audit names runs otherwise")
	}
}

func TestMetricsCount(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("one"))
	server.WriteFile("outbound/b.835", []byte("three"))
	c := h.connect(server)
	registry := prometheus.NewRegistry()
	h.start(func(cfg *Config) { cfg.Metrics = NewMetrics(registry) })
	h.pull(c)
	h.allLoaded(2)
	h.eventually("all is counted", func() bool {
		got := gathered(t, registry)
		return got["ediport_runs_total kind=pull outcome=succeeded"] == 1 && got["ediport_files_total direction=in"] == 2 &&
			got["ediport_file_bytes_total direction=in"] == 8 && got["ediport_job_attempts_total kind=ingest outcome=done"] == 2
	})
	var none *Metrics // counts nothing, and does no harm
	none.RunEnded("pull", "failed", time.Second)
	none.FileMoved("in", 1)
	none.JobTried("pull", "done", time.Second)
}

// gathered are the counters by name and labels.
func gathered(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]float64{}
	for _, f := range families {
		if f.GetType() != dto.MetricType_COUNTER {
			continue
		}
		for _, m := range f.GetMetric() {
			name := f.GetName()
			for _, l := range m.GetLabel() {
				name += " " + l.GetName() + "=" + l.GetValue()
			}
			all[name] = m.GetCounter().GetValue()
		}
	}
	return all
}
