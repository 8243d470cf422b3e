package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ediport/ediport/accounts"
	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

var calendarCrumbs = []Crumb{{"Schedules", "/schedules"}, {"Calendars", "/calendars"}}

// A calendarRow is a calendar with its own days.
type calendarRow struct {
	storage.Calendar
	Days []jobs.CalendarDay
}

// listCalendars shows the calendars whose holidays schedules can mind.
func (p *Portal) listCalendars(w http.ResponseWriter, r *http.Request) error {
	var rows []calendarRow
	err := p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		all, err := tx.Calendars(r.Context())
		if err != nil {
			return err
		}
		rows = make([]calendarRow, len(all))
		for i := range all {
			rows[i].Calendar = all[i]
			if rows[i].Days, err = jobs.DaysOf(&all[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return p.render(w, r, "calendars/list", Page{Title: "Calendars", Crumbs: scheduleCrumbs, Data: rows})
}

// A calendarForm is a calendar as typed.
type calendarForm struct {
	formValues
	Action   string
	ID       storage.CalendarID // 0: a new one
	Federal  []jobs.CalendarDay // the built-in holidays of this year and the next
	Editable bool
}

func (p *Portal) newCalendar(w http.ResponseWriter, r *http.Request) error {
	form := calendarForm{formValues: formValues{values: url.Values{"holidays": {"yes"}}}}
	return p.renderCalendar(w, r, form, nil)
}

// showCalendar shows a calendar, to be changed by who may.
func (p *Portal) showCalendar(w http.ResponseWriter, r *http.Request) error {
	c, err := p.calendar(r)
	if err != nil {
		return err
	}
	days, err := jobs.DaysOf(c)
	if err != nil {
		return err
	}
	form := calendarForm{ID: c.ID, formValues: formValues{values: url.Values{
		"name": {c.Name}, "holidays": {yesIf(c.Holidays == jobs.HolidaysFederal)}, "days": {dayLines(days)}, "version": {strconv.Itoa(c.Version)},
	}}}
	return p.renderCalendar(w, r, form, nil)
}

func (p *Portal) calendar(r *http.Request) (c *storage.Calendar, err error) {
	id, err := p.pathID(r, storage.PublicCalendar)
	if err != nil {
		return nil, err
	}
	err = p.DB.InScopeRead(r.Context(), scopeOf(r), func(tx *storage.Tx) error {
		c, err = tx.Calendar(r.Context(), storage.CalendarID(id))
		return err
	})
	return c, err
}

// dayLines writes own dates as people type them, one a line.
func dayLines(days []jobs.CalendarDay) string {
	var all []string
	for _, d := range days {
		line := d.Date
		if !d.Closed {
			line += " open"
		}
		all = append(all, strings.TrimSpace(line+" "+d.Name))
	}
	return strings.Join(all, "\n")
}

// parseDays reads own dates, one a line: "2026-12-24 Christmas Eve", "2026-11-27 open".
func parseDays(text string) (days []jobs.CalendarDay, wrong string) {
	days = []jobs.CalendarDay{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		date, name, _ := strings.Cut(line, " ")
		if _, err := time.Parse(time.DateOnly, date); err != nil {
			return nil, "Each line begins with a day, such as 2026-12-24."
		}
		name, open := strings.CutPrefix(strings.TrimSpace(name), "open")
		if open && name != "" && name[0] != ' ' {
			name, open = "open"+name, false
		}
		days = append(days, jobs.CalendarDay{Date: date, Closed: !open, Name: strings.TrimSpace(name)})
	}
	slices.SortFunc(days, func(a, b jobs.CalendarDay) int { return strings.Compare(a.Date, b.Date) })
	return days, ""
}

// saveCalendar adds a calendar, or writes over one.
func (p *Portal) saveCalendar(w http.ResponseWriter, r *http.Request) error {
	values, err := formOf(r)
	if err != nil {
		return err
	}
	form, c := calendarForm{formValues: formValues{values: trimmedValues(values)}}, &storage.Calendar{}
	save, code := p.Desk.AddCalendar, "calendar-added"
	if r.PathValue("id") != "" {
		if c, err = p.calendar(r); err != nil {
			return err
		}
		form.ID = c.ID
		save, code = p.Desk.ChangeCalendar, "calendar-changed"
	}
	if wrong := form.apply(c); wrong != nil {
		return p.renderCalendar(w, r, form, wrong)
	}
	err = save(r.Context(), scopeOf(r), c)
	switch {
	case errors.Is(err, jobs.ErrSpec):
		wrong := specErrors(err, form.values)
		if sentence, ok := wrong["spec"]; ok {
			wrong = FieldErrors{"days": sentence}
		}
		return p.renderCalendar(w, r, form, wrong)
	case errors.Is(err, storage.ErrConflict) && form.ID == 0:
		return p.renderCalendar(w, r, form, FieldErrors{"name": "There is a calendar of this name already."})
	case err != nil:
		return err
	}
	return p.done(w, r, "/calendars", code)
}

func (f *calendarForm) apply(c *storage.Calendar) FieldErrors {
	read := &formReader{values: f.values, wrong: FieldErrors{}}
	c.Name, c.Holidays = f.V("name"), ""
	if c.Name == "" {
		read.wrong["name"] = "Give the calendar a name."
	}
	if f.V("holidays") != "" {
		c.Holidays = jobs.HolidaysFederal
	}
	if f.ID != 0 {
		c.Version = read.number("version", "The version")
	}
	days, wrong := parseDays(f.V("days"))
	if wrong != "" {
		read.wrong["days"] = wrong
	}
	raw, err := json.Marshal(days)
	if err != nil {
		read.wrong["days"] = "The days can’t be kept."
	}
	c.Days = raw
	if len(read.wrong) == 0 {
		return nil
	}
	return read.wrong
}

func (p *Portal) renderCalendar(w http.ResponseWriter, r *http.Request, form calendarForm, wrong FieldErrors) error {
	year := p.Now().In(principalOf(r).Zone()).Year()
	form.Federal = append(slices.Clone(jobs.FederalHolidays(year)), jobs.FederalHolidays(year+1)...)
	form.Editable = principalOf(r).Can(accounts.ManageSchedules)
	form.errors, form.Action = wrong, "/calendars"
	page := Page{Title: "New calendar", Crumbs: calendarCrumbs, Errors: wrong}
	if form.ID != 0 {
		page.Title = form.V("name")
		form.Action += "/" + p.id(storage.PublicCalendar, int64(form.ID))
	}
	page.Data = form
	if wrong != nil {
		page.Status = http.StatusUnprocessableEntity
	}
	return p.render(w, r, "calendars/form", page)
}

// deleteCalendar deletes a calendar that no schedule minds.
func (p *Portal) deleteCalendar(w http.ResponseWriter, r *http.Request) error {
	id, err := p.pathID(r, storage.PublicCalendar)
	if err != nil {
		return err
	}
	if err := p.Desk.DeleteCalendar(r.Context(), scopeOf(r), storage.CalendarID(id)); err != nil {
		return err
	}
	return p.done(w, r, "/calendars", "calendar-deleted")
}
