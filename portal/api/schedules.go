package api

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// scheduleAnswer says when a kind of job runs.
type scheduleAnswer struct {
	ID            storage.ScheduleID   `json:"id" public:"sch"`
	Name          string               `json:"name"`
	Kind          string               `json:"kind"` // pull, push
	ConnectionID  storage.ConnectionID `json:"connection_id" public:"con"`
	AccountID     storage.AccountID    `json:"account_id" public:"acc"`
	Spec          string               `json:"spec"` // cron expression, @daily, @every 15m, or at 06:30,12:00
	Zone          string               `json:"zone"`
	MissedPolicy  string               `json:"missed_policy"` // once, skip, all
	MissedLimit   int                  `json:"missed_limit"`  // of all: how many are made up for
	Windows       windowsAnswer        `json:"windows"`
	JitterSeconds int                  `json:"jitter_seconds"` // a start is put off by up to this
	Priority      int                  `json:"priority"`       // 1 is first, 4 last
	Paused        bool                 `json:"paused"`
	NextDueAt     *time.Time           `json:"next_due_at"` // null: paused, or never again
	StartsAt      *time.Time           `json:"starts_at"`   // next_due_at, put off by jitter
	LastDueAt     *time.Time           `json:"last_due_at"`
	Version       int                  `json:"version"` // raised by each change
}

// windowsAnswer says when a schedule may run.
type windowsAnswer struct {
	Open         []jobs.Window  `json:"open"`          // objects as in the input; none: always
	Blackout     []jobs.Window  `json:"blackout"`      // as open; due times inside are left out
	BusinessDays bool           `json:"business_days"` // Monday to Friday without holidays
	Calendars    []calendarLink `json:"calendars"`     // whose holidays; none: the US federal ones
	Shift        string         `json:"shift"`         // off business days: skip, next, previous
}

// calendarLink names a calendar.
type calendarLink struct {
	ID storage.CalendarID `json:"id" public:"cal"`
}

func scheduleOf(s storage.Schedule) scheduleAnswer {
	out := scheduleAnswer{
		ID: s.ID, Name: s.Name, Kind: s.Kind, ConnectionID: s.Connection, AccountID: s.Account, Spec: s.Spec, Zone: s.Zone,
		MissedPolicy: s.Missed, MissedLimit: s.MissedLimit, JitterSeconds: s.JitterSeconds, Priority: s.Priority, Paused: s.Paused,
		NextDueAt: s.NextDueAt, StartsAt: s.StartsAt(), LastDueAt: s.LastDueAt, Version: s.Version,
		Windows: windowsAnswer{Calendars: []calendarLink{}},
	}
	if w, err := jobs.WindowsOf(&s); err == nil { // it was checked when it was stored
		out.Windows.Open, out.Windows.Blackout, out.Windows.BusinessDays, out.Windows.Shift = w.Open, w.Blackout, w.BusinessDays, w.Shift
		for _, id := range w.Calendars {
			out.Windows.Calendars = append(out.Windows.Calendars, calendarLink{id})
		}
	}
	return out
}

// scheduleInput is what is given to make or change one, or to see when it would run.
type scheduleInput struct {
	Name          *string       `json:"name"`
	Kind          *string       `json:"kind"`
	ConnectionID  *publicID     `json:"connection_id"`
	Spec          *string       `json:"spec"`
	Zone          *string       `json:"zone"`
	MissedPolicy  *string       `json:"missed_policy"`
	MissedLimit   *int          `json:"missed_limit"`
	Windows       *windowsInput `json:"windows"`
	JitterSeconds *int          `json:"jitter_seconds"`
	Priority      *int          `json:"priority"`
	Version       int           `json:"version"`
	Times         int           `json:"times"` // of a preview: how many
}

func (in *scheduleInput) seen() int { return in.Version }

type windowsInput struct {
	Open         []jobs.Window `json:"open"`
	Blackout     []jobs.Window `json:"blackout"`
	BusinessDays bool          `json:"business_days"`
	Calendars    []publicID    `json:"calendars"`
	Shift        string        `json:"shift"`
}

func (in *scheduleInput) apply(a *API, s *storage.Schedule) error {
	connection, err := a.bodyID("connection_id", storage.PublicConnection, in.ConnectionID, int64(s.Connection))
	if err != nil {
		return err
	}
	s.Connection = storage.ConnectionID(connection)
	set(&s.Name, in.Name)
	set(&s.Kind, in.Kind)
	set(&s.Spec, in.Spec)
	set(&s.Zone, in.Zone)
	set(&s.Missed, in.MissedPolicy)
	set(&s.MissedLimit, in.MissedLimit)
	set(&s.JitterSeconds, in.JitterSeconds)
	set(&s.Priority, in.Priority)
	if in.Windows == nil {
		return nil
	}
	w := jobs.Windows{Open: in.Windows.Open, Blackout: in.Windows.Blackout, BusinessDays: in.Windows.BusinessDays, Shift: in.Windows.Shift}
	for _, c := range in.Windows.Calendars {
		id, err := a.bodyID("windows.calendars", storage.PublicCalendar, &c, 0)
		if err != nil {
			return err
		}
		w.Calendars = append(w.Calendars, storage.CalendarID(id))
	}
	s.Windows, err = json.Marshal(w)
	return err
}

func (a *API) listSchedules(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) ([]storage.Schedule, error) { return tx.Schedules(r.Context()) })
	return mapped(rows, scheduleOf), "", err
}

func (a *API) schedule(ctx context.Context, scope storage.Scope, id storage.ScheduleID) (out scheduleAnswer, err error) {
	s, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.Schedule, error) { return tx.Schedule(ctx, id) })
	if err != nil {
		return out, err
	}
	return scheduleOf(*s), nil
}

func (a *API) addSchedule(r *http.Request, scope storage.Scope) (int64, error) {
	var in scheduleInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	s := &storage.Schedule{Operator: scope.Operator}
	if err := in.apply(a, s); err != nil {
		return 0, err
	}
	err := a.Desk.AddSchedule(r.Context(), scope, s)
	return int64(s.ID), err
}

func (a *API) changeSchedule(r *http.Request, scope storage.Scope) (int64, error) {
	var in scheduleInput
	id, err := a.readChange(r, storage.PublicSchedule, &in)
	if err != nil {
		return 0, err
	}
	s, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) (*storage.Schedule, error) {
		return tx.Schedule(r.Context(), storage.ScheduleID(id))
	})
	if err != nil {
		return 0, err
	}
	s.Version = in.Version
	if err := in.apply(a, s); err != nil {
		return 0, err
	}
	return id, a.Desk.ChangeSchedule(r.Context(), scope, s)
}

func (a *API) pauseSchedule(paused bool) act {
	return simple(a, storage.PublicSchedule, func(ctx context.Context, scope storage.Scope, id storage.ScheduleID) error {
		return a.Desk.PauseSchedule(ctx, scope, id, paused)
	})
}

// firingAnswer is a time at which a schedule runs.
type firingAnswer struct {
	DueAt   time.Time `json:"due_at"`
	StartAt time.Time `json:"start_at"` // put off by jitter
	Local   string    `json:"local"`    // in the schedule's zone
	Notes   []string  `json:"notes"`    // what is special about it
}

// previewAnswer is when a schedule would run.
type previewAnswer struct {
	Times []firingAnswer `json:"times"`
}

const maxPreview = 100

// previewSchedule says when a schedule would run, whether it is stored or not.
func (a *API) previewSchedule(w http.ResponseWriter, r *http.Request) error {
	var in scheduleInput
	if err := readJSON(r, &in); err != nil {
		return err
	}
	s := &storage.Schedule{Operator: scopeOf(r).Operator}
	if err := in.apply(a, s); err != nil {
		return err
	}
	switch {
	case in.Times < 0 || in.Times > maxPreview:
		return wrong("times", "is a number from 1 to 100")
	case in.Times == 0:
		in.Times = 10
	}
	if s.Name == "" { // when it runs depends on neither
		s.Name = "preview"
	}
	s.Connection = cmp.Or(s.Connection, 1)
	firings, err := a.Desk.Preview(r.Context(), scopeOf(r), s, in.Times)
	if err != nil {
		return err
	}
	return a.json(w, r, http.StatusOK, a.render(previewAnswer{mapped(firings, func(f jobs.Firing) firingAnswer {
		return firingAnswer{f.Due, f.Start, f.Local, f.Notes}
	})}))
}

// schedulePauseAnswer says whether all schedules are paused.
type schedulePauseAnswer struct {
	Paused bool           `json:"paused"`
	Reason string         `json:"reason"`
	At     *time.Time     `json:"at"`
	By     storage.UserID `json:"by" public:"usr"` // null: nobody, or the command line
}

func (a *API) schedulePause(ctx context.Context, scope storage.Scope, _ int64) (any, error) {
	pause, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.SchedulePause, error) { return tx.SchedulesPaused(ctx) })
	if err != nil || pause == nil {
		return schedulePauseAnswer{}, err
	}
	return schedulePauseAnswer{true, pause.Reason, &pause.At, pause.By}, nil
}

func (a *API) showSchedulePause(w http.ResponseWriter, r *http.Request) error {
	return a.shown(w, r, http.StatusOK, 0, a.schedulePause)
}

func (a *API) pauseAll(r *http.Request, scope storage.Scope) (int64, error) {
	var words reason
	if err := readJSON(r, &words); err != nil {
		return 0, err
	}
	return 0, a.Desk.PauseAllSchedules(r.Context(), scope, words.Reason)
}

func (a *API) resumeAll(r *http.Request, scope storage.Scope) (int64, error) {
	return 0, a.Desk.ResumeAllSchedules(r.Context(), scope)
}
