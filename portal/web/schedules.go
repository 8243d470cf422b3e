package web

import (
	"context"
	"errors"
	"net/http"

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
}

// listSchedules shows when what is due, and how it went the last time.
func (p *Portal) listSchedules(w http.ResponseWriter, r *http.Request) error {
	var rows []scheduleRow
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		connections, err := connectionsByID(r.Context(), tx)
		if err != nil {
			return err
		}
		schedules, err := tx.Schedules(r.Context())
		if err != nil {
			return err
		}
		for _, s := range schedules {
			row := scheduleRow{Schedule: s, ConnectionName: connections[s.Connection].Name, Blocked: connections[s.Connection].Paused}
			if row.Last, err = lastRun(r.Context(), tx, storage.RunFilter{Connection: s.Connection}); err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "schedules/list", Page{Title: "Schedules", Data: rows})
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
	Next    []dueTime
	Problem string // why the next times can't be told
	Runs    []runRow
	Pager   Pager
}

// showSchedule shows a schedule, its next due times and the runs of its connection.
func (p *Portal) showSchedule(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicSchedule)
	if err != nil {
		return err
	}
	var data scheduleData
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		s, err := tx.Schedule(r.Context(), storage.ScheduleID(id))
		if err != nil {
			return err
		}
		connections, err := connectionsByID(r.Context(), tx)
		if err != nil {
			return err
		}
		runs, next, err := tx.Runs(r.Context(), storage.RunFilter{Connection: s.Connection}, cursorOf(r))
		if err != nil {
			return err
		}
		c := connections[s.Connection]
		data.scheduleRow = scheduleRow{Schedule: *s, ConnectionName: c.Name, Blocked: c.Paused}
		data.Runs, data.Pager = runRows(runs, connections), pager(r, next)
		return nil
	})
	if err != nil {
		return err
	}
	data.Next, data.Problem = p.nextTimes(data.Spec, data.Zone)
	return p.render(w, r, "schedules/show", Page{Title: data.Name, Crumbs: scheduleCrumbs, Data: data})
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
