package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/problem"
	"github.com/ediport/ediport/storage"
)

// A scheduleForm is a new or changed schedule as typed, by the names of its settings.
type scheduleForm struct {
	formValues
	Action      string
	ID          storage.ScheduleID // 0: a new one
	Connections []option
	Calendars   []option
	Firings     []jobs.Firing // the next ones of what is typed
	Problem     string        // why there are none
}

// Kinds returns what a schedule can do.
func (scheduleForm) Kinds() []option {
	return []option{{jobs.KindPull, "Pull files"}, {jobs.KindPush, "Send what waits to be sent"}}
}

// Patterns returns the ways to say when.
func (scheduleForm) Patterns() []option {
	return []option{{patternTimes, "At times of day"}, {patternEvery, "Every so many minutes"}, {patternCron, "As a cron expression"}}
}

// DayOptions returns the days for times of day.
func (scheduleForm) DayOptions() []option {
	return []option{
		{"*", "Every day"},
		{"1-5", "Monday to Friday"},
		{"1", "Mondays"},
		{"2", "Tuesdays"},
		{"3", "Wednesdays"},
		{"4", "Thursdays"},
		{"5", "Fridays"},
		{"6", "Saturdays"},
		{"0", "Sundays"},
		{"6,0", "Saturdays and Sundays"},
	}
}

// Policies returns what can be done about missed runs.
func (scheduleForm) Policies() []option {
	return []option{{"once", "Run once for all that were missed"}, {"skip", "Leave them out"}, {"all", "Run each of them, up to a number"}}
}

// Shifts returns what can become of a due time on a day without business.
func (scheduleForm) Shifts() []option {
	return []option{{jobs.ShiftSkip, "Leave the run out"}, {jobs.ShiftNext, "Run on the next business day"}, {jobs.ShiftPrevious, "Run on the business day before"}}
}

// Priorities returns whose turn comes first when much waits.
func (scheduleForm) Priorities() []option {
	return []option{{"1", "First"}, {"2", "Usual"}, {"3", "After the others"}, {"4", "Last"}}
}

// Zones returns zones to choose from; others can be typed.
func (scheduleForm) Zones() []string {
	return []string{"America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles", "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "UTC"}
}

// Chosen tells whether one of several choices of a field is made.
func (f scheduleForm) Chosen(name, value string) bool { return slices.Contains(f.values[name], value) }

// The ways to say when.
const (
	patternTimes = "times"
	patternEvery = "every"
	patternCron  = "cron"
)

// firingsShown is how many of the next due times stand beside the form.
const firingsShown = 10

func (p *Portal) newSchedule(w http.ResponseWriter, r *http.Request) error {
	form := scheduleForm{formValues: formValues{values: url.Values{
		"zone": {principalOf(r).Zone().String()}, "missed": {"once"}, "connection": {r.URL.Query().Get("connection")}, "kind": {jobs.KindPull},
		"pattern": {patternTimes}, "days": {"*"}, "shift": {jobs.ShiftSkip}, "priority": {"2"},
	}}}
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
	values, err := p.scheduleValues(s)
	if err != nil {
		return err
	}
	form := scheduleForm{formValues: formValues{values: values}, ID: s.ID}
	p.preview(r, &form, s)
	return p.renderSchedule(w, r, form, nil)
}

// scheduleValues returns a schedule as the form shows it.
func (p *Portal) scheduleValues(s *storage.Schedule) (url.Values, error) {
	windows, err := jobs.WindowsOf(s)
	if err != nil {
		return nil, err
	}
	v := url.Values{
		"version": {strconv.Itoa(s.Version)}, "name": {s.Name}, "connection": {p.id(storage.PublicConnection, int64(s.Connection))}, "kind": {s.Kind},
		"zone": {s.Zone}, "missed": {s.Missed}, "missed_limit": {usualNumber(s.MissedLimit, 10)}, "jitter_seconds": {usualNumber(s.JitterSeconds, 0)},
		"priority": {strconv.Itoa(s.Priority)}, "business_days": {yesIf(windows.BusinessDays)}, "shift": {windows.Shift},
		"open": {windowLines(windows.Open)}, "blackout": {windowLines(windows.Blackout)},
	}
	for _, id := range windows.Calendars {
		v.Add("calendars", p.id(storage.PublicCalendar, int64(id)))
	}
	spreadSpec(v, s.Spec)
	return v, nil
}

func (p *Portal) schedule(r *http.Request, id storage.ScheduleID) (s *storage.Schedule, err error) {
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		s, err = tx.Schedule(r.Context(), id)
		return err
	})
	return s, err
}

// apply writes what is typed over s and says what is wrong with the fields.
func (f *scheduleForm) apply(p *Portal, s *storage.Schedule) FieldErrors {
	read := &formReader{values: f.values, wrong: FieldErrors{}}
	s.Name, s.Zone, s.Missed, s.Kind = f.V("name"), f.V("zone"), f.V("missed"), f.V("kind")
	if s.Kind == "" {
		s.Kind = jobs.KindPull
	}
	if s.Name == "" {
		read.wrong["name"] = "Give the schedule a name."
	}
	connection, err := p.DB.PublicIDs().Parse(storage.PublicConnection, f.V("connection"))
	if err != nil {
		read.wrong["connection"] = "Choose a connection."
	}
	s.Connection = storage.ConnectionID(connection)
	zone, err := time.LoadLocation(s.Zone)
	if err != nil || s.Zone == "" || zone == time.Local {
		read.wrong["zone"] = "This is no time zone; examples: America/New_York, UTC."
	}
	var wrong string
	if s.Spec, wrong = specOf(f.values); wrong != "" {
		read.wrong[specField(f.values)] = wrong
	}
	s.MissedLimit, s.JitterSeconds = read.number("missed_limit", "The number of runs"), read.number("jitter_seconds", "The time")
	s.Priority = read.number("priority", "The priority")
	f.applyWindows(p, s, read)
	s.Version = read.number("version", "The version")
	if len(read.wrong) == 0 {
		return nil
	}
	return read.wrong
}

func (f *scheduleForm) applyWindows(p *Portal, s *storage.Schedule, read *formReader) {
	windows := jobs.Windows{BusinessDays: f.V("business_days") != ""}
	if windows.BusinessDays {
		windows.Shift = f.V("shift")
	}
	for _, text := range f.values["calendars"] {
		id, err := p.DB.PublicIDs().Parse(storage.PublicCalendar, text)
		if err != nil {
			read.wrong["calendars"] = "Choose calendars of the list."
		}
		windows.Calendars = append(windows.Calendars, storage.CalendarID(id))
	}
	var wrong string
	if windows.Open, wrong = parseWindows(f.V("open")); wrong != "" {
		read.wrong["open"] = wrong
	}
	if windows.Blackout, wrong = parseWindows(f.V("blackout")); wrong != "" {
		read.wrong["blackout"] = wrong
	}
	raw, err := json.Marshal(windows)
	if err != nil {
		read.wrong["open"] = "The windows can’t be kept."
	}
	s.Windows = raw
}

// preview fills in the next due times of a schedule, stored or not, or why there are none.
func (p *Portal) preview(r *http.Request, form *scheduleForm, s *storage.Schedule) {
	firings, err := p.Desk.Preview(r.Context(), scopeOf(r), s, firingsShown)
	switch {
	case errors.Is(err, jobs.ErrSpec):
		for _, sentence := range specErrors(err, form.values) {
			form.Problem = sentence
		}
	case err != nil:
		form.Problem = "The next times can’t be told now."
		p.Log.Warn("next times of a schedule", "error", err)
	case len(firings) == 0:
		form.Problem = "It would never run."
	}
	form.Firings = firings
}

// previewSchedule answers the form, while somebody types, with the next due times of what stands in it.
func (p *Portal) previewSchedule(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form, s := scheduleForm{formValues: formValues{values: trimmedValues(values)}}, &storage.Schedule{}
	wrong := form.apply(p, s)
	delete(wrong, "name") // nothing that decides when
	delete(wrong, "connection")
	if s.Name == "" {
		s.Name = "new"
	}
	switch {
	case len(wrong) > 0:
		for _, field := range []string{"times", "every", "spec", "zone", "open", "blackout"} {
			if form.Problem == "" {
				form.Problem = wrong[field]
			}
		}
	default:
		p.preview(r, &form, s)
	}
	text, err := p.fragment(r, "schedules/form", "firings", form)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(text))
	return err
}

func trimmedValues(values url.Values) url.Values {
	out := url.Values{}
	for name, all := range values {
		out[name] = trimmed(all)
	}
	return out
}

// saveSchedule adds a schedule, or writes over one; with "preview" it only shows the next due times.
func (p *Portal) saveSchedule(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form, s := scheduleForm{formValues: formValues{values: trimmedValues(values)}}, &storage.Schedule{CreatedBy: principalOf(r).UserID}
	if r.PathValue("id") != "" {
		id, err := p.pathID(r, storage.PublicSchedule)
		if err != nil {
			return err
		}
		form.ID = storage.ScheduleID(id)
		if s, err = p.schedule(r, form.ID); err != nil {
			return err
		}
	}
	wrong := form.apply(p, s)
	if values.Has("preview") {
		p.preview(r, &form, s)
	}
	if wrong != nil || values.Has("preview") {
		return p.renderSchedule(w, r, form, wrong)
	}
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
		return p.renderSchedule(w, r, form, specErrors(err, form.values))
	case errors.Is(err, storage.ErrConflict) && form.ID == 0:
		return p.renderSchedule(w, r, form, FieldErrors{"name": "There is a schedule of this name already."})
	case err != nil:
		return err
	}
	return p.done(w, r, "/schedules/"+p.id(storage.PublicSchedule, int64(s.ID)), code)
}

// specErrors puts the desk's complaints ("field: sentence", one a line) to the fields of the form.
func specErrors(err error, values url.Values) FieldErrors {
	detail, ok := errors.AsType[*jobs.Error](err)
	if !ok || detail.Err == nil {
		return FieldErrors{specField(values): problem.Invalid.Sentence}
	}
	wrong := FieldErrors{}
	for line := range strings.Lines(detail.Err.Error()) {
		line = strings.TrimSpace(line)
		field, sentence, found := strings.Cut(line, ": ")
		if !found || strings.Contains(field, " ") {
			field, sentence = "spec", line
		}
		field, _, _ = strings.Cut(strings.TrimPrefix(field, "windows."), "[")
		if field == "spec" {
			field = specField(values)
		}
		if sentence != "" {
			wrong[field] = capitalized(sentence) + "."
		}
	}
	return wrong
}

func (p *Portal) renderSchedule(w http.ResponseWriter, r *http.Request, form scheduleForm, wrong FieldErrors) error {
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		var err error
		if form.Connections, err = p.connectionOptions(r.Context(), tx); err != nil {
			return err
		}
		calendars, err := tx.Calendars(r.Context())
		form.Calendars = nil
		for _, c := range calendars {
			form.Calendars = append(form.Calendars, option{p.id(storage.PublicCalendar, int64(c.ID)), c.Name})
		}
		return err
	})
	if err != nil {
		return err
	}
	form.errors, form.Action = wrong, "/schedules"
	page := Page{Title: "New schedule", Crumbs: scheduleCrumbs, Errors: wrong}
	if form.ID != 0 {
		page.Title = "Change schedule"
		form.Action += "/" + p.id(storage.PublicSchedule, int64(form.ID))
	}
	page.Data = form
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
