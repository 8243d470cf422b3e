package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// jobAnswer is a job as the queue has it.
type jobAnswer struct {
	ID              storage.JobID  `json:"id" public:"job"`
	Kind            string         `json:"kind"`
	State           string         `json:"state"`   // available, scheduled, retryable (waits for its next attempt), running, completed, cancelled, discarded
	Dead            bool           `json:"dead"`    // given up with an error: wants a person
	Attempt         int            `json:"attempt"` // the last or current one, from 1
	MaxAttempts     int            `json:"max_attempts"`
	Priority        int            `json:"priority"` // 1 is first, 4 last
	CreatedAt       time.Time      `json:"created_at"`
	ScheduledAt     time.Time      `json:"scheduled_at"` // not before; of a retryable one its next attempt
	AttemptedAt     *time.Time     `json:"attempted_at"`
	FinalizedAt     *time.Time     `json:"finalized_at"`
	NodeID          string         `json:"node_id"` // which process has it, or had it last
	RunID           storage.RunID  `json:"run_id" public:"run"`
	FileID          storage.FileID `json:"file_id" public:"fil"`
	Codes           []string       `json:"codes"` // why attempts failed, oldest first
	CancelRequested bool           `json:"cancel_requested"`
}

func jobOf(j storage.QueuedJob) jobAnswer {
	return jobAnswer{
		ID: storage.JobID(j.ID), Kind: j.Kind, State: j.State, Dead: j.Dead(), Attempt: j.Attempt, MaxAttempts: j.MaxAttempts, Priority: j.Priority,
		CreatedAt: j.CreatedAt, ScheduledAt: j.ScheduledAt, AttemptedAt: j.AttemptedAt, FinalizedAt: j.FinalizedAt, NodeID: j.NodeID,
		RunID: j.Run, FileID: j.File, Codes: j.Codes, CancelRequested: j.CancelRequested,
	}
}

func (a *API) listJobs(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.JobFilter{Kind: q.choice("kind", jobs.Kinds...), States: q.words("state", storage.JobStates), Dead: q.isTrue("dead")}
	page := q.page()
	f.Limit = page.Limit
	if err := q.done(); err != nil {
		return nil, "", err
	}
	got, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) (l listed[storage.QueuedJob], err error) {
		l.rows, l.next, err = tx.Jobs(r.Context(), f, page.Cursor)
		return l, err
	})
	return mapped(got.rows, jobOf), got.next, err
}

func (a *API) job(ctx context.Context, scope storage.Scope, id storage.JobID) (out jobAnswer, err error) {
	j, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.QueuedJob, error) { return tx.Job(ctx, int64(id)) })
	if err != nil {
		return out, err
	}
	return jobOf(*j), nil
}

// nodeAnswer is a process that works or schedules.
type nodeAnswer struct {
	ID          string    `json:"id"`
	Host        string    `json:"host"`
	Version     string    `json:"version"`
	Kinds       []string  `json:"kinds"` // of work it does
	StartedAt   time.Time `json:"started_at"`
	HeartbeatAt time.Time `json:"heartbeat_at"`
	Stopping    bool      `json:"stopping"`
	Late        bool      `json:"late"`          // no heartbeat for 15 seconds
	ClockSkewMS int       `json:"clock_skew_ms"` // its clock minus the database's
}

func nodeOf(n storage.NodeState) nodeAnswer {
	return nodeAnswer{n.ID, n.Host, n.Version, n.Kinds, n.StartedAt, n.HeartbeatAt, n.Stopping, n.Late, n.ClockSkewMS}
}

func (a *API) listNodes(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) ([]storage.NodeState, error) { return tx.NodeStates(r.Context()) })
	return mapped(rows, nodeOf), "", err
}

// incidentAnswer is something that goes wrong, from its first failure to the success that ends it.
type incidentAnswer struct {
	ID             storage.IncidentID   `json:"id" public:"icd"`
	Code           string               `json:"code"`
	Sentence       string               `json:"sentence"`
	NextStep       string               `json:"next_step"`
	SubjectKind    string               `json:"subject_kind"` // connection, schedule, file, run, installation
	SubjectName    string               `json:"subject_name"` // of a connection or schedule
	ConnectionID   storage.ConnectionID `json:"connection_id" public:"con"`
	ScheduleID     storage.ScheduleID   `json:"schedule_id" public:"sch"`
	FileID         storage.FileID       `json:"file_id" public:"fil"`
	RunID          storage.RunID        `json:"run_id" public:"run"` // the latest that met it
	Source         string               `json:"source"`              // what found it: pull, push, ingest, schedule, watch
	FirstAt        time.Time            `json:"first_at"`
	LastAt         time.Time            `json:"last_at"`
	Count          int                  `json:"count"` // how often it was met
	AcknowledgedAt *time.Time           `json:"acknowledged_at"`
	AcknowledgedBy storage.UserID       `json:"acknowledged_by" public:"usr"`
	ResolvedAt     *time.Time           `json:"resolved_at"` // null: it goes on
	ResolvedBy     storage.UserID       `json:"resolved_by" public:"usr"`
}

func incidentOf(i storage.Incident) incidentAnswer {
	problem, _ := jobs.Explain(i.Code)
	out := incidentAnswer{
		ID: storage.IncidentID(i.ID), Code: i.Code, Sentence: problem.Sentence, NextStep: problem.Next, SubjectKind: i.SubjectKind, SubjectName: i.SubjectName,
		ConnectionID: i.Connection, RunID: i.Run, Source: i.Source, FirstAt: i.FirstAt, LastAt: i.LastAt, Count: i.Count,
		AcknowledgedAt: i.AcknowledgedAt, AcknowledgedBy: i.AcknowledgedBy, ResolvedAt: i.ResolvedAt, ResolvedBy: i.ResolvedBy,
	}
	switch i.SubjectKind {
	case storage.SubjectSchedule:
		out.ScheduleID = storage.ScheduleID(i.SubjectID)
	case storage.SubjectFile:
		out.FileID = storage.FileID(i.SubjectID)
	}
	return out
}

func (a *API) listIncidents(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.IncidentFilter{
		Connection: storage.ConnectionID(q.id("connection_id", storage.PublicConnection)), Open: q.isTrue("open"), Unacknowledged: q.isTrue("unacknowledged"),
	}
	if file := q.id("file_id", storage.PublicFile); file != 0 {
		subject := storage.OfFile(storage.FileID(file))
		f.Subject = &subject
	}
	page := q.page()
	f.Limit = page.Limit
	if err := q.done(); err != nil {
		return nil, "", err
	}
	got, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) (l listed[storage.Incident], err error) {
		l.rows, l.next, err = tx.Incidents(r.Context(), f, page.Cursor)
		return l, err
	})
	return mapped(got.rows, incidentOf), got.next, err
}

func (a *API) incident(ctx context.Context, scope storage.Scope, id storage.IncidentID) (out incidentAnswer, err error) {
	i, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.Incident, error) { return tx.Incident(ctx, int64(id)) })
	if err != nil {
		return out, err
	}
	return incidentOf(*i), nil
}
