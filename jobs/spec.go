package jobs

import (
	"errors"
	"fmt"
	"strings"
	"time"
	_ "time/tzdata" // schedules name their zone; the machine may not know it

	"github.com/robfig/cron/v3"
)

// A Spec says when a schedule is due: a cron expression of five fields, a word such as @daily, or an
// interval such as @every 15m, in a time zone. It is immutable.
//
// Daylight saving: a time that the spring gap leaves out runs as long after the gap's begin as it
// would have (02:30 becomes 03:30); a time of day that autumn has twice runs once, the first time;
// what runs in every hour of the day runs in each real hour, also in the doubled one.
type Spec struct {
	text  string
	zone  *time.Location
	every time.Duration // of @every, else 0
	cron  *cron.SpecSchedule
}

// ErrSpec is in every error about a schedule's time that can't be used.
var ErrSpec error = newKind("schedule.spec_invalid", true, "the schedule's time can't be understood")

const (
	minEvery = time.Second
	maxEvery = 366 * 24 * time.Hour
	allHours = 1<<24 - 1
	starBit  = 1 << 63 // cron's mark for a field given as *
)

var specParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseSpec reads a schedule's time: "30 6 * * 1-5", "@daily", "@every 15m". The zone is an IANA name,
// "" is UTC. The error is ErrSpec with what is wrong, in words for the person who typed it.
func ParseSpec(text, zone string) (Spec, error) {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return Spec{}, fail(ErrSpec, fmt.Errorf("%q is no time zone; examples: America/New_York, UTC", zone))
	}
	spec := Spec{text: strings.TrimSpace(text), zone: location}
	if strings.Contains(spec.text, "TZ=") {
		return Spec{}, fail(ErrSpec, errors.New("the time zone has a field of its own"))
	}
	if interval, ok := strings.CutPrefix(spec.text, "@every "); ok {
		return spec.withInterval(strings.TrimSpace(interval))
	}
	parsed, err := specParser.Parse(spec.text)
	if err != nil {
		return Spec{}, fail(ErrSpec, fmt.Errorf("%w; examples: \"30 6 * * 1-5\" (at 06:30 on weekdays), @hourly, @every 15m", err))
	}
	var ok bool
	if spec.cron, ok = parsed.(*cron.SpecSchedule); !ok {
		return Spec{}, fail(ErrSpec, errors.New("neither a cron expression nor an interval"))
	}
	return spec, nil
}

func (s Spec) withInterval(text string) (Spec, error) {
	every, err := time.ParseDuration(text)
	if err != nil || every < minEvery || every > maxEvery {
		return Spec{}, fail(ErrSpec, errors.New("an interval is between one second and a year; examples: @every 15m, @every 1h30m"))
	}
	s.every = every.Truncate(time.Second)
	return s, nil
}

// String returns the expression as it was given.
func (s Spec) String() string { return s.text }

// Next returns the first due time after a moment, in UTC, or the zero time if there is none within
// eight years (the 29th of February may be that far away). An interval counts from after.
func (s Spec) Next(after time.Time) time.Time {
	if s.cron == nil {
		return after.Add(s.every).UTC()
	}
	local := after.In(s.zone)
	year, month, day := local.Date()
	for range 366 * 8 {
		if s.matchesDay(year, month, day) {
			if due, ok := s.firstOn(year, month, day, after); ok {
				return due.UTC()
			}
		}
		// Dates are counted in UTC, where every day is one.
		year, month, day = time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC).Date()
	}
	return time.Time{}
}

// NextTimes returns the next n due times after a moment; fewer if there are no more.
func (s Spec) NextTimes(after time.Time, n int) []time.Time {
	times := make([]time.Time, 0, n)
	for range n {
		if after = s.Next(after); after.IsZero() {
			break
		}
		times = append(times, after)
	}
	return times
}

// matchesDay is cron's rule: if both day fields are restricted, either is enough.
func (s Spec) matchesDay(year int, month time.Month, day int) bool {
	if s.cron.Month&(1<<uint(month)) == 0 {
		return false
	}
	weekday := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
	dom := s.cron.Dom&(1<<uint(day)) != 0
	dow := s.cron.Dow&(1<<uint(weekday)) != 0
	if s.cron.Dom&starBit != 0 || s.cron.Dow&starBit != 0 {
		return dom && dow
	}
	return dom || dow
}

// firstOn returns the first due time on a matching day that is after a moment.
func (s Spec) firstOn(year int, month time.Month, day int, after time.Time) (time.Time, bool) {
	if s.cron.Hour&allHours == allHours {
		return s.firstRealMinute(year, month, day, after)
	}
	var first time.Time
	for hour := range 24 {
		if s.cron.Hour&(1<<uint(hour)) == 0 {
			continue
		}
		for minute := range 60 {
			if s.cron.Minute&(1<<uint(minute)) == 0 {
				continue
			}
			due := wallTime(time.Date(year, month, day, hour, minute, 0, 0, time.UTC), s.zone)
			if due.After(after) && (first.IsZero() || due.Before(first)) {
				first = due
			}
		}
	}
	return first, !first.IsZero()
}

// firstRealMinute walks through the minutes as they pass, so that an hour that comes twice counts twice.
func (s Spec) firstRealMinute(year int, month time.Month, day int, after time.Time) (time.Time, bool) {
	start := wallTime(time.Date(year, month, day, 0, 0, 0, 0, time.UTC), s.zone)
	end := wallTime(time.Date(year, month, day+1, 0, 0, 0, 0, time.UTC), s.zone)
	if !start.After(after) {
		start = after.Truncate(time.Minute).Add(time.Minute)
	}
	for t := start; t.Before(end); t = t.Add(time.Minute) {
		if s.cron.Minute&(1<<uint(t.In(s.zone).Minute())) != 0 {
			return t, true
		}
	}
	return time.Time{}, false
}

// wallTime returns the moment at which clocks in the zone show what wall (given in UTC) shows: the
// first one if there are two; if there is none, the one by the offset before the gap, which lies as
// far behind the gap's begin as the time that was left out.
func wallTime(wall time.Time, zone *time.Location) time.Time {
	_, before := wall.Add(-36 * time.Hour).In(zone).Zone()
	_, after := wall.Add(36 * time.Hour).In(zone).Zone()
	first, second := wall.Add(-time.Duration(before)*time.Second), wall.Add(-time.Duration(after)*time.Second)
	switch {
	case shows(first, wall, zone):
		return first
	case shows(second, wall, zone):
		return second
	default:
		return first
	}
}

func shows(t, wall time.Time, zone *time.Location) bool {
	_, offset := t.In(zone).Zone()
	return t.Add(time.Duration(offset) * time.Second).Equal(wall)
}
