package jobs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// Windows say when a schedule may run, by the clocks of its zone. A due time outside the open windows
// or inside a blackout is left out; it is not made up for later.
type Windows struct {
	Open         []Window             `json:"open,omitempty"` // none: at any time
	Blackout     []Window             `json:"blackout,omitempty"`
	BusinessDays bool                 `json:"business_days,omitempty"` // Monday to Friday without holidays
	Calendars    []storage.CalendarID `json:"calendars,omitempty"`     // whose holidays; none: those of the United States
	Shift        string               `json:"shift,omitempty"`         // what happens to other days; "": ShiftSkip
}

// What happens to due times on a day that is no business day.
const (
	ShiftSkip     = "skip"     // they are left out
	ShiftNext     = "next"     // they move to the next business day, at the same time of day
	ShiftPrevious = "previous" // they move to the business day before
)

// A Window is a part of each day, or one stretch of time.
type Window struct {
	Days  []string `json:"days,omitempty"`  // mon … sun, on which it begins; none: all
	From  string   `json:"from,omitempty"`  // "06:00"; "": midnight
	To    string   `json:"to,omitempty"`    // "18:00", exclusive; at or before From: on the next day; "": the day's end
	First string   `json:"first,omitempty"` // first date on which it begins, "2026-12-24"
	Last  string   `json:"last,omitempty"`  // the last such date
	Start string   `json:"start,omitempty"` // one stretch instead: from "2026-12-24T18:00" …
	End   string   `json:"end,omitempty"`   // … until "2026-12-27T06:00", exclusive
}

// WindowsOf reads a schedule's windows; ErrSpec if they can't be.
func WindowsOf(s *storage.Schedule) (w Windows, err error) {
	if len(s.Windows) == 0 {
		return w, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(s.Windows))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&w); err != nil {
		return w, fail(ErrSpec, fmt.Errorf("windows: %w", err))
	}
	return w, nil
}

// A windows is Windows, read. nil permits everything.
type windows struct {
	open, blackout []span
	boundaries     []int // minutes of the day at which something opens or closes
}

func compileWindows(w Windows) (*windows, error) {
	if len(w.Open) == 0 && len(w.Blackout) == 0 {
		return nil, nil
	}
	var wrong []error
	read := func(field string, all []Window) (spans []span) {
		for i, window := range all {
			s, err := window.span()
			if err != nil {
				wrong = append(wrong, fmt.Errorf("windows.%s[%d].%w", field, i, err))
			}
			spans = append(spans, s)
		}
		return spans
	}
	compiled := &windows{open: read("open", w.Open), blackout: read("blackout", w.Blackout)}
	if len(wrong) > 0 {
		return nil, fail(ErrSpec, errors.Join(wrong...))
	}
	for _, s := range slices.Concat(compiled.open, compiled.blackout) {
		compiled.boundaries = append(compiled.boundaries, s.boundaries()...)
	}
	slices.Sort(compiled.boundaries)
	return compiled, nil
}

// permit tells whether a moment lies in an open window and in no blackout.
func (w *windows) permit(at time.Time, zone *time.Location) bool {
	if w == nil {
		return true
	}
	wall := wallOf(at, zone)
	holds := func(s span) bool { return s.holds(wall) }
	return (len(w.open) == 0 || slices.ContainsFunc(w.open, holds)) && !slices.ContainsFunc(w.blackout, holds)
}

// mayOpen is false for a day of which no moment is permitted.
func (w *windows) mayOpen(day date) bool {
	if w == nil {
		return true
	}
	touches := func(s span) bool { return s.touches(day) }
	covers := func(s span) bool { return s.covers(day) }
	return (len(w.open) == 0 || slices.ContainsFunc(w.open, touches)) && !slices.ContainsFunc(w.blackout, covers)
}

// blackedOut tells whether a moment lies in a blackout.
func (w *windows) blackedOut(at time.Time, zone *time.Location) bool {
	if w == nil {
		return false
	}
	wall := wallOf(at, zone)
	return slices.ContainsFunc(w.blackout, func(s span) bool { return s.holds(wall) })
}

// boundary returns a later moment before which nothing opens or closes. Clocks are changed at full
// and half hours, so none of those is passed over.
func (w *windows) boundary(at time.Time, zone *time.Location) time.Time {
	next := at.Truncate(30 * time.Minute).Add(30 * time.Minute)
	day := dateOf(at, zone)
	for _, minute := range w.boundaries {
		if b := wallTime(day.at(minute), zone); b.After(at) {
			return earlier(next, b)
		}
	}
	return next
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// A span is a Window, read.
type span struct {
	weekdays    [7]bool
	from, to    int   // minutes of the day; to may be up to a day after from's day
	first, last *date // nil: without end
	start, end  time.Time
}

var weekdayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// span reads the window; its error begins with the field's name.
func (w Window) span() (s span, err error) {
	if w.Start != "" || w.End != "" {
		return w.stretch()
	}
	for i := range s.weekdays {
		s.weekdays[i] = len(w.Days) == 0
	}
	for _, name := range w.Days {
		i := slices.Index(weekdayNames, strings.ToLower(name))
		if i < 0 {
			return s, errors.New("days: choose among mon, tue, wed, thu, fri, sat and sun")
		}
		s.weekdays[i] = true
	}
	s.to = minutesOfDay
	if w.From != "" {
		if s.from, err = parseClock(w.From); err != nil || s.from == minutesOfDay {
			return s, fmt.Errorf("from: %w", errClock)
		}
	}
	if w.To != "" {
		if s.to, err = parseClock(w.To); err != nil {
			return s, fmt.Errorf("to: %w", err)
		}
	}
	if s.to <= s.from {
		s.to += minutesOfDay
	}
	return s, w.dates(&s)
}

func (w Window) dates(s *span) error {
	for _, bound := range []struct {
		field, text string
		into        **date
	}{{"first", w.First, &s.first}, {"last", w.Last, &s.last}} {
		if bound.text == "" {
			continue
		}
		d, err := parseDate(bound.text)
		if err != nil {
			return fmt.Errorf("%s: not a date such as 2026-12-24", bound.field)
		}
		*bound.into = &d
	}
	if s.first != nil && s.last != nil && s.last.before(*s.first) {
		return errors.New("last: it is before the first date")
	}
	return nil
}

func (w Window) stretch() (s span, err error) {
	if len(w.Days) > 0 || w.From+w.To+w.First+w.Last != "" {
		return s, errors.New("start: a stretch of time has a start and an end and nothing else")
	}
	const layout = "2006-01-02T15:04"
	if s.start, err = time.Parse(layout, w.Start); err != nil {
		return s, errors.New("start: not a date and time such as 2026-12-24T18:00")
	}
	if s.end, err = time.Parse(layout, w.End); err != nil || !s.end.After(s.start) {
		return s, errors.New("end: not a date and time after the start, such as 2026-12-27T06:00")
	}
	return s, nil
}

// holds tells whether clocks that show wall are inside.
func (s span) holds(wall time.Time) bool {
	if !s.end.IsZero() {
		return !wall.Before(s.start) && wall.Before(s.end)
	}
	day := dateOf(wall, time.UTC)
	minute := wall.Hour()*60 + wall.Minute()
	return (minute >= s.from && minute < s.to && s.begins(day)) ||
		(minute+minutesOfDay < s.to && s.begins(day.add(-1)))
}

// touches tells whether any part of a day is inside.
func (s span) touches(day date) bool {
	if !s.end.IsZero() {
		return s.start.Before(day.add(1).utc()) && s.end.After(day.utc())
	}
	return s.begins(day) || (s.to > minutesOfDay && s.begins(day.add(-1)))
}

// covers tells whether a whole day is inside.
func (s span) covers(day date) bool {
	if !s.end.IsZero() {
		return !s.start.After(day.utc()) && !s.end.Before(day.add(1).utc())
	}
	return s.from == 0 && s.to >= minutesOfDay && s.begins(day)
}

// begins tells whether the window opens on a day.
func (s span) begins(day date) bool {
	return s.weekdays[day.weekday()] && (s.first == nil || !day.before(*s.first)) && (s.last == nil || !s.last.before(day))
}

func (s span) boundaries() []int {
	if !s.end.IsZero() {
		return []int{s.start.Hour()*60 + s.start.Minute(), s.end.Hour()*60 + s.end.Minute()}
	}
	return []int{s.from, s.to % minutesOfDay}
}
