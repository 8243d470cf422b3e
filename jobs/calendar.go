package jobs

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2/us"

	"github.com/ediport/ediport/storage"
)

// HolidaysFederal are the holidays of the federal government of the United States, on the days on
// which they are observed: one on a Saturday the Friday before, one on a Sunday the Monday after.
const HolidaysFederal = "us_federal"

// A CalendarDay is a date of a calendar that differs from the rest: closed, or open although it is a
// holiday or in a weekend.
type CalendarDay struct {
	Date   string `json:"date"` // 2026-11-27
	Closed bool   `json:"closed"`
	Name   string `json:"name,omitempty"`
}

// DaysOf reads a calendar's own dates; ErrCalendar if they can't be.
func DaysOf(c *storage.Calendar) ([]CalendarDay, error) {
	days := []CalendarDay{}
	if len(c.Days) == 0 {
		return days, nil
	}
	decoder := json.NewDecoder(bytes.NewReader(c.Days))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&days); err != nil {
		return nil, fail(ErrCalendar, fmt.Errorf("days: %w", err))
	}
	return days, nil
}

// FederalHolidays returns a year's dates of HolidaysFederal, in order.
func FederalHolidays(year int) []CalendarDay {
	var days []CalendarDay
	for d, name := range federal(year) {
		days = append(days, CalendarDay{Date: d.String(), Closed: true, Name: name})
	}
	slices.SortFunc(days, func(a, b CalendarDay) int { return cmp.Compare(a.Date, b.Date) })
	return days
}

var federalYears sync.Map // int → map[date]string

// federal returns the observed holidays of a year. New Year's Day may be observed in the year before.
func federal(year int) map[date]string {
	if known, ok := federalYears.Load(year); ok {
		return known.(map[date]string)
	}
	days := map[date]string{}
	for _, holiday := range us.Holidays {
		for _, of := range []int{year, year + 1} {
			_, observed := holiday.Calc(of)
			if d := (date{observed.Year(), observed.Month(), observed.Day()}); d.year == year && !observed.IsZero() {
				days[d] = holiday.Name
			}
		}
	}
	federalYears.Store(year, days)
	return days
}

// businessDays are Monday to Friday without what calendars close, and with what they open.
type businessDays struct {
	shift     string
	calendars []calendarRule
}

type calendarRule struct {
	federal bool
	own     map[date]CalendarDay
}

// compileDays reads the business days of windows; nil if every day counts.
func compileDays(w Windows, calendars []storage.Calendar) (*businessDays, error) {
	if !w.BusinessDays {
		return nil, nil
	}
	days := &businessDays{shift: cmp.Or(w.Shift, ShiftSkip)}
	if !slices.Contains([]string{ShiftSkip, ShiftNext, ShiftPrevious}, days.shift) {
		return nil, fail(ErrSpec, fmt.Errorf("windows.shift: choose %s, %s or %s", ShiftSkip, ShiftNext, ShiftPrevious))
	}
	if len(w.Calendars) == 0 {
		days.calendars = []calendarRule{{federal: true}}
		return days, nil
	}
	for _, id := range w.Calendars {
		i := slices.IndexFunc(calendars, func(c storage.Calendar) bool { return c.ID == id })
		if i < 0 {
			return nil, fail(ErrSpec, errors.New("windows.calendars: there is no such calendar"))
		}
		rule, err := readCalendar(&calendars[i])
		if err != nil {
			return nil, err
		}
		days.calendars = append(days.calendars, rule)
	}
	return days, nil
}

func readCalendar(c *storage.Calendar) (calendarRule, error) {
	rule := calendarRule{federal: c.Holidays == HolidaysFederal, own: map[date]CalendarDay{}}
	days, err := DaysOf(c)
	if err != nil {
		return rule, err
	}
	for i, day := range days {
		d, err := parseDate(day.Date)
		if err != nil {
			return rule, fail(ErrCalendar, fmt.Errorf("days[%d].date: not a date such as 2026-11-27", i))
		}
		rule.own[d] = day
	}
	return rule, nil
}

// closed tells whether a day is no business day, and why. One calendar that closes it is enough;
// nobody's closing it, one that opens it opens also a weekend.
func (b *businessDays) closed(d date) (closed bool, why string) {
	opened := false
	for _, c := range b.calendars {
		if own, ok := c.own[d]; ok {
			if own.Closed {
				return true, cmp.Or(strings.TrimSpace(own.Name), "closed")
			}
			opened = true
		} else if name := federal(d.year)[d]; c.federal && name != "" {
			return true, name
		}
	}
	weekday := d.weekday()
	if !opened && (weekday == time.Saturday || weekday == time.Sunday) {
		return true, weekend
	}
	return false, ""
}

const weekend = "weekend"

// maxMove is how many days in a row may be closed for due times to be moved over them.
const maxMove = 31

// movedTo yields the closed days whose due times move to a business day.
func (b *businessDays) movedTo(day date) iter.Seq[date] {
	step := map[string]int{ShiftNext: -1, ShiftPrevious: 1}[b.shift]
	return func(yield func(date) bool) {
		for i := 1; step != 0 && i <= maxMove; i++ {
			source := day.add(step * i)
			if closed, _ := b.closed(source); !closed || !yield(source) {
				return
			}
		}
	}
}
