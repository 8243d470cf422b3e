package web

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// A runRow is a run with its connection's name and what its error code says.
type runRow struct {
	storage.Run
	ConnectionName string
	Why            *reason
	Counts         []fact
}

func runRows(runs []storage.Run, connections map[storage.ConnectionID]storage.Connection) []runRow {
	rows := make([]runRow, len(runs))
	for i := range runs {
		rows[i] = runRow{runs[i], connections[runs[i].Connection].Name, reasonOf(runs[i].ErrorCode), countsOf(runs[i].Kind, runs[i].Counts)}
	}
	return rows
}

// countNames are the counts of a run in the order in which they are shown. Zeros are left out, but for
// what the run is for.
var countNames = []option{
	{"listed", "seen"},
	{"waiting", "still being written"},
	{"downloaded", "downloaded"},
	{"same_bytes", "with the same bytes as before"},
	{"empty", "empty"},
	{"failed", "failed"},
	{"finished", "finished at the server"},
	{"queued", "waiting to be sent"},
	{"sent", "sent"},
	{"uncertain", "uncertain whether they arrived"},
	{"purged", "files purged"},
	{"kept", "left alone"},
	{"rows", "rows of data purged"},
}

// always is the count that is shown even if it is zero, by kind of run.
var always = map[string]string{jobs.KindPull: "downloaded", jobs.KindPush: "sent", jobs.KindPurge: "purged"}

func countsOf(kind string, raw json.RawMessage) []fact {
	var counts map[string]json.Number
	if len(raw) == 0 || json.Unmarshal(raw, &counts) != nil {
		return nil
	}
	var facts []fact
	for _, c := range countNames {
		if n := counts[c.Value].String(); n != "" && (n != "0" || c.Value == always[kind]) {
			facts = append(facts, fact{c.Label, n})
		}
	}
	return facts
}

// listRuns shows what ran, newest first.
func (p *Portal) listRuns(w http.ResponseWriter, r *http.Request) error {
	q := p.queryOf(r)
	f := storage.RunFilter{Connection: storage.ConnectionID(q.id("connection", storage.PublicConnection)), Schedule: storage.ScheduleID(q.id("schedule", storage.PublicSchedule))}
	if state := q.choice("state", runStates...); state != "" {
		f.States = []string{state}
	}
	data := listData{Filtered: q.given("state", "connection", "schedule")}
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		if len(q.errors) > 0 {
			return nil
		}
		connections, err := connectionsByID(r.Context(), tx)
		if err != nil {
			return err
		}
		runs, next, err := tx.Runs(r.Context(), f, cursorOf(r))
		data.Rows, data.Pager = runRows(runs, connections), pager(r, next)
		return err
	})
	if err != nil {
		return err
	}
	states := []option{{"", "All states"}}
	for _, s := range runStates {
		states = append(states, option{s, strings.ToUpper(s[:1]) + s[1:]})
	}
	data.Filter = []filterField{q.choices("state", "State", states...)}
	return p.render(w, r, "runs/list", Page{Title: "Runs", Data: data, Errors: q.errors, Status: q.status()})
}

var runStates = []string{storage.RunQueued, storage.RunRunning, storage.RunSucceeded, storage.RunFailed, storage.RunCancelled, storage.RunSkipped}

// runData is the page of a run.
type runData struct {
	runRow
	ScheduleName string
	Progress     jobs.Progress
	Tally        jobs.Counts
	Percent      int // of what is known to be done; 0 to 100
	Log          []runLine
	LogMore      bool
	Retry        *storage.QueuedJob // that waits for its next try; nil: it doesn't
}

type runLine struct {
	storage.RunLine
	Why    *reason
	Detail []runDetail
}

// loadRetry finds when a run that failed for now is tried again.
func (d *runData) loadRetry(ctx context.Context, tx *storage.Tx) error {
	if d.State != storage.RunQueued || d.JobID == 0 {
		return nil
	}
	job, err := tx.Job(ctx, d.JobID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil
	case err == nil && job.State == storage.JobRetryable:
		d.Retry = job
	}
	return err
}

// LastLine returns the line of the log behind which the page is to be followed; 0 before the first.
func (d *runData) LastLine() int64 {
	if len(d.Log) == 0 {
		return 0
	}
	return d.Log[len(d.Log)-1].ID
}

// A runDetail is a number or file that a line of a run's log speaks of.
type runDetail struct {
	Name, Text string
	Path       string // of the file; "" for a number
}

// logShown is how many lines of a log stand on the run's page.
const logShown = 500

// showRun shows what a run did. While it is under way, the page goes on by itself: see runEvents.
func (p *Portal) showRun(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicRun)
	if err != nil {
		return err
	}
	data, err := p.loadRun(r, storage.RunID(id), 0, logShown)
	if err != nil {
		return err
	}
	return p.render(w, r, "runs/show", Page{Title: "Run", Crumbs: runCrumbs, Data: data})
}

var runCrumbs = []Crumb{{"Runs", "/runs"}}

// loadRun reads a run, and up to limit lines of its log behind the one with the id after.
func (p *Portal) loadRun(r *http.Request, id storage.RunID, after int64, limit int) (*runData, error) {
	data := &runData{}
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		*data = runData{} // a read that is broken off at a replica begins anew
		if err := p.loadRunRow(r.Context(), tx, id, data); err != nil {
			return err
		}
		lines, err := tx.RunLog(r.Context(), id, after, limit+1)
		data.LogMore = len(lines) > limit
		for i, line := range lines {
			if i < limit {
				data.Log = append(data.Log, runLine{line, reasonOf(line.Code), p.detailsOf(line.Detail)})
			}
		}
		return err
	})
	return data, err
}

func (p *Portal) loadRunRow(ctx context.Context, tx *storage.Tx, id storage.RunID, data *runData) error {
	run, err := tx.Run(ctx, tx.Scope().Operator, id)
	if err != nil {
		return err
	}
	connections, err := connectionsByID(ctx, tx)
	if err != nil {
		return err
	}
	data.runRow = runRows([]storage.Run{*run}, connections)[0]
	if run.Schedule != 0 {
		s, err := tx.Schedule(ctx, run.Schedule)
		switch {
		case err == nil:
			data.ScheduleName = s.Name
		case !errors.Is(err, storage.ErrNotFound): // it may be deleted; its runs stay
			return err
		}
	}
	if err := decodeAll(run, &data.Tally, &data.Progress); err != nil {
		return err
	}
	if err := data.loadRetry(ctx, tx); err != nil {
		return err
	}
	if data.Progress.Bytes > 0 {
		data.Percent = int(min(100*data.Progress.BytesDone/data.Progress.Bytes, 100))
	}
	return nil
}

func decodeAll(run *storage.Run, counts *jobs.Counts, progress *jobs.Progress) error {
	for _, part := range []struct {
		raw  json.RawMessage
		into any
	}{{run.Counts, counts}, {run.Progress, progress}} {
		if len(part.raw) == 0 {
			continue
		}
		if err := json.Unmarshal(part.raw, part.into); err != nil {
			return fmt.Errorf("portal: run: %w", err)
		}
	}
	return nil
}

// detailsOf returns what a line of a log speaks of: files as links, the rest as it is.
func (p *Portal) detailsOf(raw json.RawMessage) []runDetail {
	var members map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	if len(raw) == 0 || decoder.Decode(&members) != nil {
		return nil
	}
	names := make([]string, 0, len(members))
	for name := range members {
		names = append(names, name)
	}
	slices.Sort(names)
	var details []runDetail
	for _, name := range names {
		if detail, ok := p.detail(name, members[name]); ok {
			details = append(details, detail)
		}
	}
	return details
}

func (p *Portal) detail(name string, v any) (runDetail, bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		switch {
		case strings.HasSuffix(name, "_id") && name != "file_id", err != nil && name == "file_id":
			return runDetail{}, false // numbers of rows stay in the house
		case name == "file_id":
			return runDetail{"file", "open", "/files/" + p.id(storage.PublicFile, n)}, true
		}
		if name == "epoch" {
			name = "attempt"
		}
		return runDetail{Name: inWords(name), Text: v.String()}, true
	case string:
		if why := reasonOf(v); name == "code" && why != nil && why.Sentence != "" {
			return runDetail{Text: why.Sentence}, true
		}
		return runDetail{Name: inWords(name), Text: v}, v != ""
	}
	return runDetail{}, false
}

// cancelRun ends a run that waits or is under way.
func (p *Portal) cancelRun(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicRun)
	if err != nil {
		return err
	}
	if err := p.Desk.Cancel(r.Context(), scopeOf(r), storage.RunID(id)); err != nil {
		return err
	}
	return p.done(w, r, "/runs/"+r.PathValue("id"), "run-cancelled")
}

// jobProblem turns what jobs refuse into a page that says why and what to do; other errors stay as they are.
func jobProblem(err error) error {
	if !errors.Is(err, jobs.ErrConnectionPaused) && !errors.Is(err, jobs.ErrNothingToPull) && !errors.Is(err, jobs.ErrSecrets) && !errors.Is(err, jobs.ErrSpec) {
		return err
	}
	said, _ := jobs.Explain(jobs.Code(err))
	q := problem.Conflict.With(said.Sentence)
	q.Code, q.Title, q.Next = said.Code, "This can’t be done now", said.Next
	return q
}
