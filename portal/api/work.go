package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// connectionAnswer is a connection without its secrets.
type connectionAnswer struct {
	ID             storage.ConnectionID `json:"id" public:"con"`
	PartnerID      storage.PartnerID    `json:"partner_id" public:"prt"` // null: files tell
	AccountID      storage.AccountID    `json:"account_id" public:"acc"` // null: routed by content
	Name           string               `json:"name"`
	Protocol       string               `json:"protocol"`
	Host           string               `json:"host"`
	Port           int                  `json:"port"`
	Username       string               `json:"username"`
	Auth           string               `json:"auth"` // password, key, certificate, none
	HostKeys       []string             `json:"host_keys"`
	OfferedHostKey string               `json:"offered_host_key"` // waits for a person's yes
	PullFolder     string               `json:"pull_folder"`      // null: nothing is pulled
	PullGlobs      []string             `json:"pull_globs"`
	PushFolder     string               `json:"push_folder"` // null: nothing is pushed
	AfterSuccess   string               `json:"after_success"`
	ArchiveFolder  string               `json:"archive_folder"`
	StableSeconds  int                  `json:"stable_seconds"`
	Paused         bool                 `json:"paused"`
	PausedReason   string               `json:"paused_reason"`
	Version        int                  `json:"version"`
	UpdatedAt      time.Time            `json:"updated_at"`
}

// scheduleAnswer says when a kind of job runs.
type scheduleAnswer struct {
	ID           storage.ScheduleID   `json:"id" public:"sch"`
	Name         string               `json:"name"`
	Kind         string               `json:"kind"`
	ConnectionID storage.ConnectionID `json:"connection_id" public:"con"`
	AccountID    storage.AccountID    `json:"account_id" public:"acc"`
	Spec         string               `json:"spec"` // cron expression, or @every 15m
	Zone         string               `json:"zone"`
	MissedPolicy string               `json:"missed_policy"` // once, skip, all
	Paused       bool                 `json:"paused"`
	NextDueAt    *time.Time           `json:"next_due_at"`
	LastDueAt    *time.Time           `json:"last_due_at"`
	Version      int                  `json:"version"`
}

// runAnswer is one execution.
type runAnswer struct {
	ID              storage.RunID        `json:"id" public:"run"`
	ScheduleID      storage.ScheduleID   `json:"schedule_id" public:"sch"` // null: started by hand
	ConnectionID    storage.ConnectionID `json:"connection_id" public:"con"`
	Kind            string               `json:"kind"`
	Direction       string               `json:"direction"` // pull, push; null: moves no files
	State           string               `json:"state"`     // queued, running, succeeded, failed, cancelled, skipped
	DueAt           time.Time            `json:"due_at"`
	QueuedAt        time.Time            `json:"queued_at"`
	StartedAt       *time.Time           `json:"started_at"`
	EndedAt         *time.Time           `json:"ended_at"`
	CancelRequested bool                 `json:"cancel_requested"`
	ErrorCode       string               `json:"error_code"`
	Counts          json.RawMessage      `json:"counts"`
	Progress        json.RawMessage      `json:"progress"`
}

// runLine is a line of a run's log.
type runLine struct {
	At     time.Time       `json:"at"`
	Level  string          `json:"level"` // info, warn, error
	Code   string          `json:"code"`
	Detail json.RawMessage `json:"detail"` // numbers and ids of ours, never a name
}

// runDetail is a run with the beginning of its log.
type runDetail struct {
	runAnswer
	Log []runLine `json:"log"` // the first 500 lines
}

func connectionOf(c storage.Connection) connectionAnswer {
	return connectionAnswer{
		ID: c.ID, PartnerID: c.Partner, AccountID: c.Account, Name: c.Name, Protocol: c.Protocol, Host: c.Host, Port: c.Port,
		Username: c.Username, Auth: c.Auth, HostKeys: c.HostKeys, OfferedHostKey: c.OfferedHostKey, PullFolder: c.PullFolder,
		PullGlobs: c.PullGlobs, PushFolder: c.PushFolder, AfterSuccess: c.AfterSuccess, ArchiveFolder: c.ArchiveFolder,
		StableSeconds: c.StableSeconds, Paused: c.Paused, PausedReason: c.PausedReason, Version: c.Version, UpdatedAt: c.UpdatedAt,
	}
}

func scheduleOf(s storage.Schedule) scheduleAnswer {
	return scheduleAnswer{
		ID: s.ID, Name: s.Name, Kind: s.Kind, ConnectionID: s.Connection, AccountID: s.Account, Spec: s.Spec, Zone: s.Zone,
		MissedPolicy: s.Missed, Paused: s.Paused, NextDueAt: s.NextDueAt, LastDueAt: s.LastDueAt, Version: s.Version,
	}
}

func runOf(r storage.Run) runAnswer {
	return runAnswer{
		ID: r.ID, ScheduleID: r.Schedule, ConnectionID: r.Connection, Kind: r.Kind, Direction: r.Direction, State: r.State,
		DueAt: r.DueAt, QueuedAt: r.QueuedAt, StartedAt: r.StartedAt, EndedAt: r.EndedAt, CancelRequested: r.CancelRequested,
		ErrorCode: r.ErrorCode, Counts: r.Counts, Progress: r.Progress,
	}
}

func mapped[S, T any](rows []S, of func(S) T) []T {
	out := make([]T, len(rows))
	for i, r := range rows {
		out[i] = of(r)
	}
	return out
}

// The lists of connections and schedules are short: an operator's come at once.

func (a *API) listConnections(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	var rows []storage.Connection
	err := a.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) (err error) {
		rows, err = tx.Connections(r.Context())
		return err
	})
	return mapped(rows, connectionOf), "", err
}

func (a *API) listSchedules(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	var rows []storage.Schedule
	err := a.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) (err error) {
		rows, err = tx.Schedules(r.Context())
		return err
	})
	return mapped(rows, scheduleOf), "", err
}

func (a *API) listRuns(r *http.Request, q *params) (any, storage.Cursor, error) {
	f := storage.RunFilter{
		Connection: storage.ConnectionID(q.id("connection_id", storage.PublicConnection)), Schedule: storage.ScheduleID(q.id("schedule_id", storage.PublicSchedule)),
		Kind: q.text("kind"),
	}
	if state := q.text("state"); state != "" {
		f.States = []string{state}
	}
	page := q.page()
	f.Limit = page.Limit
	if err := q.done(); err != nil {
		return nil, "", err
	}
	var (
		rows []storage.Run
		next storage.Cursor
	)
	err := a.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) (err error) {
		rows, next, err = tx.Runs(r.Context(), f, page.Cursor)
		return err
	})
	return mapped(rows, runOf), next, err
}

func (a *API) connection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (out connectionAnswer, err error) {
	err = a.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) error {
		c, err := tx.Connection(ctx, id)
		if err == nil {
			out = connectionOf(*c)
		}
		return err
	})
	return out, err
}

func (a *API) schedule(ctx context.Context, scope storage.Scope, id storage.ScheduleID) (out scheduleAnswer, err error) {
	err = a.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) error {
		s, err := tx.Schedule(ctx, id)
		if err == nil {
			out = scheduleOf(*s)
		}
		return err
	})
	return out, err
}

const maxRunLines = 500

func (a *API) run(ctx context.Context, scope storage.Scope, id storage.RunID) (out runDetail, err error) {
	err = a.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) error {
		r, err := tx.Run(ctx, scope.Operator, id)
		if err != nil {
			return err
		}
		lines, err := tx.RunLog(ctx, id, 0, maxRunLines)
		out = runDetail{runOf(*r), mapped(lines, func(l storage.RunLine) runLine { return runLine{l.At, l.Level, l.Code, l.Detail} })}
		return err
	})
	return out, err
}

// queued names the run that was asked for.
type queued struct {
	RunID storage.RunID `json:"run_id" public:"run"`
	New   bool          `json:"new"` // false: the connection's run that is under way already
}

// runSchedule starts a schedule's job now. It may be repeated: while a run is under way it is the answer.
func (a *API) runSchedule(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathID(r, storage.PublicSchedule)
	if err != nil {
		return err
	}
	if a.Desk == nil {
		return errors.New("portal: the API has no desk for jobs")
	}
	run, err := a.Desk.RunScheduleNow(r.Context(), scopeOf(r), storage.ScheduleID(id))
	switch {
	case errors.Is(err, jobs.ErrRunOpen) && run != 0:
		return a.json(w, r, http.StatusOK, a.render(queued{RunID: run}))
	case errors.Is(err, jobs.ErrConnectionPaused):
		return problem.Conflict.With("The connection is paused, so nothing runs on it.")
	case errors.Is(err, jobs.ErrNothingToPull):
		return problem.Conflict.With("The connection has no folder to pull from.")
	case err != nil:
		return err
	}
	return a.json(w, r, http.StatusAccepted, a.render(queued{run, true}))
}
