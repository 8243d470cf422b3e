package web

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

var scheduleCrumbs = []Crumb{{"Schedules", "/schedules"}}

// A scheduleRow is a schedule with its connection and that one's last run, by this schedule, another one
// or by hand: nothing runs beside it.
type scheduleRow struct {
	storage.Schedule
	ConnectionName string
	Blocked        bool         // the connection is paused
	Last           *storage.Run // nil: never ran
	BusinessDays   bool
}

// schedulesData is the list of schedules.
type schedulesData struct {
	Rows     []scheduleRow
	Pause    *storage.SchedulePause // nil: they go on
	PausedBy string
}

// listSchedules shows when what is due, and how it went the last time.
func (p *Portal) listSchedules(w http.ResponseWriter, r *http.Request) error {
	var data schedulesData
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) (err error) {
		data, err = loadSchedules(r.Context(), tx)
		return err
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "schedules/list", Page{Title: "Schedules", Data: data})
}

func loadSchedules(ctx context.Context, tx *storage.Tx) (data schedulesData, err error) {
	connections, err := connectionsByID(ctx, tx)
	if err != nil {
		return data, err
	}
	schedules, err := tx.Schedules(ctx)
	if err != nil {
		return data, err
	}
	for _, s := range schedules {
		windows, err := jobs.WindowsOf(&s)
		if err != nil {
			return data, err
		}
		row := scheduleRow{Schedule: s, ConnectionName: connections[s.Connection].Name, Blocked: connections[s.Connection].Paused, BusinessDays: windows.BusinessDays}
		if row.Last, err = lastRun(ctx, tx, storage.RunFilter{Connection: s.Connection, Kind: s.Kind}); err != nil {
			return data, err
		}
		data.Rows = append(data.Rows, row)
	}
	if data.Pause, err = tx.SchedulesPaused(ctx); err != nil || data.Pause == nil {
		return data, err
	}
	names, err := tx.UserNames(ctx, data.Pause.By)
	data.PausedBy = names[data.Pause.By]
	return data, err
}

func connectionsByID(ctx context.Context, tx *storage.Tx) (map[storage.ConnectionID]storage.Connection, error) {
	all, err := tx.Connections(ctx)
	byID := make(map[storage.ConnectionID]storage.Connection, len(all))
	for _, c := range all {
		byID[c.ID] = c
	}
	return byID, err
}

// lastRun returns the newest run that matches; nil if there is none.
func lastRun(ctx context.Context, tx *storage.Tx, f storage.RunFilter) (*storage.Run, error) {
	f.Limit = 1
	runs, _, err := tx.Runs(ctx, f, "")
	if err != nil || len(runs) == 0 {
		return nil, err
	}
	return &runs[0], nil
}

// scheduleData is the page of a schedule.
type scheduleData struct {
	scheduleRow
	Windows   jobs.Windows
	Calendars []storage.Calendar // whose holidays it minds; none: the federal ones
	Pause     *storage.SchedulePause
	Firings   []jobs.Firing
	Problem   string // why the next times can't be told
	Runs      []runRow
	Pager     Pager
}

// OpenText returns the windows within which it runs, one a line.
func (d *scheduleData) OpenText() string { return windowLines(d.Windows.Open) }

// BlackoutText returns the windows within which it doesn't run, one a line.
func (d *scheduleData) BlackoutText() string { return windowLines(d.Windows.Blackout) }

// showSchedule shows a schedule, its next due times and the runs of its connection.
func (p *Portal) showSchedule(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicSchedule)
	if err != nil {
		return err
	}
	data := &scheduleData{}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error { return loadSchedule(r, tx, storage.ScheduleID(id), data) })
	if err != nil {
		return err
	}
	form := scheduleForm{}
	going := data.Schedule
	going.Paused = false
	p.preview(r, &form, &going)
	data.Firings, data.Problem = form.Firings, form.Problem
	return p.render(w, r, "schedules/show", Page{Title: data.Name, Crumbs: scheduleCrumbs, Data: data})
}

func loadSchedule(r *http.Request, tx *storage.Tx, id storage.ScheduleID, data *scheduleData) error {
	ctx := r.Context()
	s, err := tx.Schedule(ctx, id)
	if err != nil {
		return err
	}
	connections, err := connectionsByID(ctx, tx)
	if err != nil {
		return err
	}
	runs, next, err := tx.Runs(ctx, storage.RunFilter{Connection: s.Connection, Kind: s.Kind}, cursorOf(r))
	if err != nil {
		return err
	}
	c := connections[s.Connection]
	data.scheduleRow = scheduleRow{Schedule: *s, ConnectionName: c.Name, Blocked: c.Paused}
	data.Runs, data.Pager = runRows(runs, connections), pager(r, next)
	if data.Windows, err = jobs.WindowsOf(s); err != nil {
		return err
	}
	data.Calendars = nil
	for _, calendar := range data.Windows.Calendars {
		c, err := tx.Calendar(ctx, calendar)
		if err != nil {
			return err
		}
		data.Calendars = append(data.Calendars, *c)
	}
	data.Pause, err = tx.SchedulesPaused(ctx)
	return err
}

// runSchedule runs a schedule's work at once, besides its due times.
func (p *Portal) runSchedule(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicSchedule)
	if err != nil {
		return err
	}
	run, err := p.Desk.RunScheduleNow(r.Context(), scopeOf(r), storage.ScheduleID(id))
	return p.toRun(w, r, run, err)
}

// toRun goes on to the run that was asked for, or to the one that was under way already.
func (p *Portal) toRun(w http.ResponseWriter, r *http.Request, run storage.RunID, err error) error {
	switch {
	case errors.Is(err, jobs.ErrRunOpen) && run != 0:
		return p.done(w, r, "/runs/"+p.id(storage.PublicRun, int64(run)), "run-open")
	case err != nil:
		return jobProblem(err)
	}
	return p.done(w, r, "/runs/"+p.id(storage.PublicRun, int64(run)), "run-queued")
}

// setSchedulePaused returns the handler that stops a schedule or lets it go on.
func (p *Portal) setSchedulePaused(paused bool) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		id, err := p.pathID(r, storage.PublicSchedule)
		if err != nil {
			return err
		}
		if err := p.Desk.PauseSchedule(r.Context(), scopeOf(r), storage.ScheduleID(id), paused); err != nil {
			return jobProblem(err)
		}
		code := "schedule-resumed"
		if paused {
			code = "schedule-paused"
		}
		return p.done(w, r, "/schedules/"+r.PathValue("id"), code)
	}
}

// deleteSchedule deletes a schedule; its runs stay.
func (p *Portal) deleteSchedule(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicSchedule)
	if err != nil {
		return err
	}
	if err := p.Desk.DeleteSchedule(r.Context(), scopeOf(r), storage.ScheduleID(id)); err != nil {
		return err
	}
	return p.done(w, r, "/schedules", "schedule-deleted")
}

// pauseAll stops all schedules.
func (p *Portal) pauseAll(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	if err := p.Desk.PauseAllSchedules(r.Context(), scopeOf(r), strings.TrimSpace(values.Get("reason"))); err != nil {
		return jobProblem(err)
	}
	return p.done(w, r, "/schedules", "schedules-paused")
}

// resumeAll lets all schedules go on, but for those that are paused by themselves.
func (p *Portal) resumeAll(w http.ResponseWriter, r *http.Request) error {
	if err := p.Desk.ResumeAllSchedules(r.Context(), scopeOf(r)); err != nil {
		return jobProblem(err)
	}
	return p.done(w, r, "/schedules", "schedules-resumed")
}
