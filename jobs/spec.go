package jobs

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // schedules name their zone; the machine may not know it

	"github.com/robfig/cron/v3"
)

// A Spec says when a schedule is due, by the clocks of a time zone: a cron expression of five fields,
// a word such as @daily, times of day such as "at 06:30,12:00", or an interval such as @every 15m. It
// is immutable.
//
// Daylight saving: a time that the spring gap leaves out runs as long after the gap's begin as it
// would have (02:30 becomes 03:30); a time of day that autumn has twice runs once, the first time;
// what runs in every hour of the day runs in each real hour, also in the doubled one. An interval is
// real time and knows nothing of clocks.
type Spec struct {
	text     string
	zone     *time.Location
	every    time.Duration // of @every, else 0
	days     *cron.SpecSchedule
	times    []int // minutes of the day, ascending
	allHours bool  // every hour has them: an hour that comes twice counts twice
}

// ErrSpec is in every error about a schedule that can't be used.
var ErrSpec error = newKind("schedule.spec_invalid", true, "the schedule's time can't be understood")

var errZone = errors.New("is no time zone; examples: America/New_York, UTC")

const (
	minEvery = time.Second
	maxEvery = 366 * 24 * time.Hour
	allHours = 1<<24 - 1
	starBit  = 1 << 63 // cron's mark for a field given as *
)

var specParser = cron.NewParser(cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow | cron.Descriptor)

// ParseSpec reads a schedule's time: "30 6 * * 1-5", "@daily", "at 06:30,12:00", "@every 15m". The zone
// is an IANA name, "" is UTC. The error is ErrSpec with what is wrong, in words for the person who typed it.
func ParseSpec(text, zone string) (Spec, error) {
	location, err := time.LoadLocation(zone)
	if err != nil || zone == "Local" {
		return Spec{}, fail(ErrSpec, fmt.Errorf("%q %w", zone, errZone))
	}
	spec := Spec{text: strings.TrimSpace(text), zone: location}
	if strings.Contains(spec.text, "TZ=") {
		return Spec{}, fail(ErrSpec, errors.New("the time zone has a field of its own"))
	}
	if interval, ok := strings.CutPrefix(spec.text, "@every "); ok {
		return spec.withInterval(strings.TrimSpace(interval))
	}
	cronText, isTimes := spec.text, false
	if list, ok := strings.CutPrefix(spec.text, "at "); ok {
		if spec.times, err = parseTimes(list); err != nil {
			return Spec{}, fail(ErrSpec, err)
		}
		cronText, isTimes = "0 0 * * *", true
	}
	parsed, err := specParser.Parse(cronText)
	if err != nil {
		return Spec{}, fail(ErrSpec, fmt.Errorf("%w; examples: \"30 6 * * 1-5\" (at 06:30 on weekdays), \"at 06:30,12:00\", @hourly, @every 15m", err))
	}
	var ok bool
	if spec.days, ok = parsed.(*cron.SpecSchedule); !ok {
		return Spec{}, fail(ErrSpec, errors.New("neither a cron expression, times of day, nor an interval"))
	}
	if !isTimes {
		spec.times, spec.allHours = cronTimes(spec.days), spec.days.Hour&allHours == allHours
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

// maxTimes is how many times of day one schedule may list.
const maxTimes = 96

// parseTimes reads "06:30,12:00" into minutes of the day, ascending, each once.
func parseTimes(list string) ([]int, error) {
	texts := strings.FieldsFunc(list, func(r rune) bool { return r == ',' || r == ' ' })
	if len(texts) == 0 || len(texts) > maxTimes {
		return nil, fmt.Errorf("between one and %d times of day, as in: at 06:30,12:00", maxTimes)
	}
	times := make([]int, 0, len(texts))
	for _, text := range texts {
		minute, err := parseClock(text)
		if err != nil || minute == minutesOfDay {
			return nil, fmt.Errorf("%q is no time of day; example: 06:30", text)
		}
		times = append(times, minute)
	}
	slices.Sort(times)
	return slices.Compact(times), nil
}

const minutesOfDay = 24 * 60

var errClock = errors.New("not a time of day from 00:00 to 24:00")

// parseClock reads "06:30" as minutes since midnight; "24:00" is the end of the day.
func parseClock(text string) (int, error) {
	hours, minutes, ok := strings.Cut(text, ":")
	hour, err := strconv.ParseUint(hours, 10, 8)
	minute, err2 := strconv.ParseUint(minutes, 10, 8)
	total := int(hour)*60 + int(minute)
	if !ok || err != nil || err2 != nil || len(minutes) != 2 || len(hours) > 2 || minute > 59 || total > minutesOfDay {
		return 0, errClock
	}
	return total, nil
}

// cronTimes are the minutes of the day at which a cron expression's hours and minutes meet.
func cronTimes(parsed *cron.SpecSchedule) []int {
	var times []int
	for minute := range minutesOfDay {
		if parsed.Hour&(1<<uint(minute/60)) != 0 && parsed.Minute&(1<<uint(minute%60)) != 0 {
			times = append(times, minute)
		}
	}
	return times
}

// String returns the expression as it was given.
func (s Spec) String() string { return s.text }

// Next returns the first due time after a moment, in UTC, or the zero time if there is none within
// eight years (the 29th of February may be that far away). An interval counts from after.
func (s Spec) Next(after time.Time) time.Time { return Rule{Spec: s}.Next(after) }

// NextTimes returns the next n due times after a moment; fewer if there are no more.
func (s Spec) NextTimes(after time.Time, n int) []time.Time {
	times := make([]time.Time, 0, n)
	for due := range (Rule{Spec: s}).after(after, after) {
		if len(times) == n {
			break
		}
		times = append(times, due.at)
	}
	return times
}

// matches is cron's rule for days: if both day fields are restricted, either is enough.
func (s Spec) matches(d date) bool {
	if s.days.Month&(1<<uint(d.month)) == 0 {
		return false
	}
	dom := s.days.Dom&(1<<uint(d.day)) != 0
	dow := s.days.Dow&(1<<uint(d.weekday())) != 0
	if s.days.Dom&starBit != 0 || s.days.Dow&starBit != 0 {
		return dom && dow
	}
	return dom || dow
}
