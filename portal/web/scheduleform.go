package web

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// A scheduleForm is a new or changed schedule as typed.
type scheduleForm struct {
	ID          storage.ScheduleID // 0: a new one
	Name        string
	Connection  string // public id
	Spec        string
	Zone        string
	Missed      string
	Version     int
	Connections []option
	Next        []dueTime // the next due times of what is typed; nil: not asked for, or it has none
	Problem     string
}

// A dueTime is when a schedule is due, by its own zone's clock.
type dueTime struct {
	At   time.Time
	Zone *time.Location
}

// scheduleExamples are offered for the time of a schedule.
var scheduleExamples = []option{
	{"@every 15m", "every 15 minutes"},
	{"@hourly", "every full hour"},
	{"30 6 * * 1-5", "at 06:30 on weekdays"},
	{"0 22 * * *", "each night at 22:00"},
	{"0 5 1 * *", "at 05:00 on the first of the month"},
}

// Examples returns expressions to choose from.
func (scheduleForm) Examples() []option { return scheduleExamples }

// Policies returns what can be done about missed runs.
func (scheduleForm) Policies() []option {
	return []option{{"once", "Run once for all that were missed"}, {"skip", "Skip them"}, {"all", "Run each of them"}}
}

const timesShown = 5

// nextTimes returns the next due times of a schedule's settings, or what is wrong with them.
func (p *Portal) nextTimes(spec, zone string) ([]dueTime, string) {
	location, err := time.LoadLocation(zone)
	if err != nil {
		location = time.UTC
	}
	times, err := p.Desk.NextTimes(spec, zone, timesShown)
	if err != nil {
		return nil, specSentence(err)
	}
	due := make([]dueTime, len(times))
	for i, t := range times {
		due[i] = dueTime{t, location}
	}
	return due, ""
}

// specSentence says what is wrong with a schedule's time, for who typed it.
func specSentence(err error) string {
	if detail, ok := errors.AsType[*jobs.Error](err); ok && detail.Err != nil {
		text := detail.Err.Error()
		return strings.ToUpper(text[:1]) + text[1:] + "."
	}
	return "The time can’t be understood."
}

func (p *Portal) newSchedule(w http.ResponseWriter, r *http.Request) error {
	form := scheduleForm{Zone: principalOf(r).Zone().String(), Missed: "once", Connection: r.URL.Query().Get("connection")}
	return p.renderSchedule(w, r, form, nil)
}

func (p *Portal) editSchedule(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicSchedule)
	if err != nil {
		return err
	}
	s, err := p.schedule(r, storage.ScheduleID(id))
	if err != nil {
		return err
	}
	form := scheduleForm{
		ID: s.ID, Name: s.Name, Connection: p.id(storage.PublicConnection, int64(s.Connection)), Spec: s.Spec, Zone: s.Zone,
		Missed: s.Missed, Version: s.Version,
	}
	form.Next, form.Problem = p.nextTimes(s.Spec, s.Zone)
	return p.renderSchedule(w, r, form, nil)
}

func (p *Portal) schedule(r *http.Request, id storage.ScheduleID) (s *storage.Schedule, err error) {
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		s, err = tx.Schedule(r.Context(), id)
		return err
	})
	return s, err
}

// parseSchedule reads the form.
func parseSchedule(values url.Values) scheduleForm {
	version, err := strconv.Atoi(values.Get("version"))
	if err != nil {
		version = 0 // fits no row: a conflict
	}
	return scheduleForm{
		Name: strings.TrimSpace(values.Get("name")), Connection: values.Get("connection"), Spec: strings.TrimSpace(values.Get("spec")),
		Zone: strings.TrimSpace(values.Get("zone")), Missed: values.Get("missed"), Version: version,
	}
}

// validate says what is wrong with the fields.
func (f *scheduleForm) validate(p *Portal) FieldErrors {
	wrong := FieldErrors{}
	if f.Name == "" {
		wrong["name"] = "Give the schedule a name."
	}
	if _, err := p.DB.PublicIDs().Parse(storage.PublicConnection, f.Connection); err != nil {
		wrong["connection"] = "Choose a connection."
	}
	zone, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "" || zone == time.Local {
		wrong["zone"] = "This is no time zone; examples: America/New_York, UTC."
	} else if f.Next, f.Problem = p.nextTimes(f.Spec, f.Zone); f.Problem != "" {
		wrong["spec"] = f.Problem
	}
	if len(wrong) == 0 {
		return nil
	}
	return wrong
}

// saveSchedule adds a schedule, or writes over one; with "preview" it only shows the next due times.
func (p *Portal) saveSchedule(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form := parseSchedule(values)
	if r.PathValue("id") != "" {
		id, err := p.pathID(r, storage.PublicSchedule)
		if err != nil {
			return err
		}
		form.ID = storage.ScheduleID(id)
	}
	if wrong := form.validate(p); wrong != nil || values.Has("preview") {
		return p.renderSchedule(w, r, form, wrong)
	}
	s := &storage.Schedule{ID: form.ID, Kind: jobs.KindPull, Version: form.Version}
	if form.ID != 0 {
		if s, err = p.schedule(r, form.ID); err != nil {
			return err
		}
		s.Version = form.Version
	} else {
		s.CreatedBy = principalOf(r).UserID
	}
	connection, err := p.DB.PublicIDs().Parse(storage.PublicConnection, form.Connection)
	if err != nil {
		return err
	}
	s.Name, s.Connection, s.Spec, s.Zone, s.Missed = form.Name, storage.ConnectionID(connection), form.Spec, form.Zone, form.Missed
	return p.storeSchedule(w, r, form, s)
}

func (p *Portal) storeSchedule(w http.ResponseWriter, r *http.Request, form scheduleForm, s *storage.Schedule) error {
	save, code := p.Desk.AddSchedule, "schedule-added"
	if form.ID != 0 {
		save, code = p.Desk.ChangeSchedule, "schedule-changed"
	}
	err := save(r.Context(), scopeOf(r), s)
	switch {
	case errors.Is(err, jobs.ErrSpec):
		return p.renderSchedule(w, r, form, FieldErrors{"spec": specSentence(err)})
	case errors.Is(err, storage.ErrConflict) && form.ID == 0:
		return p.renderSchedule(w, r, form, FieldErrors{"name": "There is a schedule of this name already."})
	case err != nil:
		return err
	}
	return p.done(w, r, "/schedules/"+p.id(storage.PublicSchedule, int64(s.ID)), code)
}

func (p *Portal) renderSchedule(w http.ResponseWriter, r *http.Request, form scheduleForm, wrong FieldErrors) error {
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		var err error
		form.Connections, err = p.connectionOptions(r.Context(), tx)
		return err
	})
	if err != nil {
		return err
	}
	page := Page{Title: "New schedule", Crumbs: scheduleCrumbs, Data: form, Errors: wrong}
	if form.ID != 0 {
		page.Title = "Change schedule"
	}
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "schedules/form", page)
}

// connectionOptions returns the connections to choose from.
func (p *Portal) connectionOptions(ctx context.Context, tx *storage.Tx) ([]option, error) {
	all, err := tx.Connections(ctx)
	options := []option{{"", "Choose a connection"}}
	for _, c := range all {
		options = append(options, option{p.id(storage.PublicConnection, int64(c.ID)), c.Name})
	}
	return options, err
}
