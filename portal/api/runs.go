package api

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// runAnswer is one execution. Its id stands beside all that it did: files, log lines, audit.
type runAnswer struct {
	ID              storage.RunID        `json:"id" public:"run"`
	ScheduleID      storage.ScheduleID   `json:"schedule_id" public:"sch"` // null: of no schedule
	Manual          bool                 `json:"manual"`                   // a person asked for it
	ConnectionID    storage.ConnectionID `json:"connection_id" public:"con"`
	Kind            string               `json:"kind"`
	Direction       string               `json:"direction"` // pull, push; null: moves no files
	State           string               `json:"state"`     // queued, running, succeeded, failed, cancelled, skipped
	DueAt           time.Time            `json:"due_at"`
	QueuedAt        time.Time            `json:"queued_at"`
	StartedAt       *time.Time           `json:"started_at"`
	EndedAt         *time.Time           `json:"ended_at"`
	NodeID          string               `json:"node_id"` // which process has it, or had it last; null: none yet
	CancelRequested bool                 `json:"cancel_requested"`
	ErrorCode       string               `json:"error_code"`
	Error           string               `json:"error"`     // what happened, in words; null: nothing
	NextStep        string               `json:"next_step"` // what to do; null: nothing
	Counts          json.RawMessage      `json:"counts"`
	Progress        json.RawMessage      `json:"progress"`
}

// runLine is a line of a run's log.
type runLine struct {
	At       time.Time       `json:"at"`
	Level    string          `json:"level"` // info, warn, error
	Code     string          `json:"code"`
	Sentence string          `json:"sentence"`
	Detail   json.RawMessage `json:"detail"` // numbers and ids of ours, never a name
}

// runDetail is a run with the beginning of its log.
type runDetail struct {
	runAnswer
	Log []runLine `json:"log"` // the first 500 lines; all: GET /runs/{id}/log
}

func runOf(r storage.Run) runAnswer {
	out := runAnswer{
		ID: r.ID, ScheduleID: r.Schedule, Manual: r.Manual, ConnectionID: r.Connection, Kind: r.Kind, Direction: r.Direction, State: r.State,
		DueAt: r.DueAt, QueuedAt: r.QueuedAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt, NodeID: r.NodeID, CancelRequested: r.CancelRequested,
		ErrorCode: r.ErrorCode, Counts: r.Counts, Progress: r.Progress,
	}
	if r.ErrorCode != "" {
		problem, _ := jobs.Explain(r.ErrorCode)
		out.Error, out.NextStep = problem.Sentence, problem.Next
	}
	return out
}

// lineOf makes the answer of a line: row ids in its detail leave as opaque strings, as everywhere.
func lineOf(ids *storage.PublicIDs) func(storage.RunLine) runLine {
	return func(l storage.RunLine) runLine {
		problem, known := jobs.Explain(l.Code)
		if !known {
			problem.Sentence = ""
		}
		return runLine{l.At, l.Level, l.Code, problem.Sentence, PublicDetail(ids, l.Detail)}
	}
}

// detailKinds are the kinds of the row ids that a line's detail may hold, by the end of their key.
var detailKinds = map[string]string{
	"file_id": storage.PublicFile, "run_id": storage.PublicRun, "connection_id": storage.PublicConnection, "schedule_id": storage.PublicSchedule,
}

// PublicDetail returns the detail of a line with ids as people see them instead of those of rows.
func PublicDetail(ids *storage.PublicIDs, detail json.RawMessage) json.RawMessage {
	var fields map[string]any
	d := json.NewDecoder(bytes.NewReader(detail))
	d.UseNumber()
	if d.Decode(&fields) != nil {
		return nil
	}
	for key, value := range fields {
		number, ok := value.(json.Number)
		if !ok || key != "id" && !strings.HasSuffix(key, "_id") {
			continue
		}
		delete(fields, key)
		for end, kind := range detailKinds {
			if id, err := number.Int64(); err == nil && strings.HasSuffix(key, end) {
				fields[key] = ids.Format(kind, id)
			}
		}
	}
	text, err := json.Marshal(fields)
	if err != nil {
		return nil // can't be: it was JSON before
	}
	return text
}

func mapped[S, T any](rows []S, of func(S) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = of(r)
	}
	return out
}

// listed is a page of a list that a transaction reads.
type listed[T any] struct {
	rows []T
	next storage.Cursor
}

func (a *API) listRuns(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.RunFilter{
		Connection: storage.ConnectionID(q.id("connection_id", storage.PublicConnection)), Schedule: storage.ScheduleID(q.id("schedule_id", storage.PublicSchedule)),
		Kind: q.choice("kind", jobs.RunKinds...), States: q.words("state", storage.RunStates),
	}
	page := q.page()
	f.Limit = page.Limit
	if err := q.done(); err != nil {
		return nil, "", err
	}
	got, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) (l listed[storage.Run], err error) {
		l.rows, l.next, err = tx.Runs(r.Context(), f, page.Cursor)
		return l, err
	})
	return mapped(got.rows, runOf), got.next, err
}

const maxRunLines = 500

func (a *API) run(ctx context.Context, scope storage.Scope, id storage.RunID) (runDetail, error) {
	return inScope(ctx, a, scope, func(tx *storage.Tx) (out runDetail, err error) {
		r, err := tx.Run(ctx, scope.Operator, id)
		if err != nil {
			return out, err
		}
		lines, err := tx.RunLog(ctx, id, 0, maxRunLines)
		return runDetail{runOf(*r), mapped(lines, lineOf(a.DB.PublicIDs()))}, err
	})
}

// runLogCursor is where a run's log goes on.
type runLogCursor struct {
	After int64 `json:"after"`
}

// listRunLog pages through a run's log, oldest first. At the end of an open run's log it gives the
// cursor of what comes next.
func (a *API) listRunLog(r *http.Request, q *params) (any, storage.Cursor, error) {
	id, err := a.pathID(r, storage.PublicRun)
	if err != nil {
		return nil, "", err
	}
	page := q.page()
	if err := q.done(); err != nil {
		return nil, "", err
	}
	scope := scopeOf(r)
	var at runLogCursor
	if page.Cursor != "" {
		if err := a.DB.Cursors().Open("run_log", scope, id, page.Cursor, &at); err != nil {
			return nil, "", err
		}
	}
	open := false
	lines, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) ([]storage.RunLine, error) {
		run, err := tx.Run(r.Context(), scope.Operator, storage.RunID(id))
		if err != nil {
			return nil, err
		}
		open = run.Open()
		return tx.RunLog(r.Context(), run.ID, at.After, page.Limit)
	})
	if err != nil {
		return nil, "", err
	}
	if len(lines) > 0 {
		at.After = lines[len(lines)-1].ID
	}
	if len(lines) < page.Limit && !open {
		return mapped(lines, lineOf(a.DB.PublicIDs())), "", nil
	}
	next, err := a.DB.Cursors().Seal("run_log", scope, id, at)
	return mapped(lines, lineOf(a.DB.PublicIDs())), next, err
}
