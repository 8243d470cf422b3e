package jobs

import (
	"cmp"
	"encoding/binary"
	"hash/fnv"
	"iter"
	"slices"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Rule is all there is to say about when a schedule's runs are due and when they start: its time,
// the days and hours that count, what is done about missed runs, and how far starts are spread. What
// it says depends on nothing else, so that every node, and one that takes over, comes to the same.
type Rule struct {
	Spec        Spec
	Missed      Missed
	MissedLimit int           // of MissedAll; 0: storage.DefaultMissedLimit
	Jitter      time.Duration // a start is put off by up to this
	Seed        int64         // of the jitter: the schedule's id

	windows *windows      // nil: at any time
	days    *businessDays // nil: on any day
}

// RuleOf reads a schedule's rule, given its operator's calendars. ErrSpec says by field what is wrong.
func RuleOf(s *storage.Schedule, calendars []storage.Calendar) (Rule, error) {
	spec, err := ParseSpec(s.Spec, s.Zone)
	if err != nil {
		return Rule{}, err
	}
	w, err := WindowsOf(s)
	if err != nil {
		return Rule{}, err
	}
	r := Rule{
		Spec: spec, Missed: Missed(s.Missed), MissedLimit: s.MissedLimit,
		Jitter: time.Duration(s.JitterSeconds) * time.Second, Seed: int64(s.ID),
	}
	if r.windows, err = compileWindows(w); err != nil {
		return Rule{}, err
	}
	if r.days, err = compileDays(w, calendars); err != nil {
		return Rule{}, err
	}
	return r, nil
}

// A firing is one due time and how it came about.
type firing struct {
	at   time.Time // UTC
	wall time.Time // what the spec asks for by the zone's clocks, as if in UTC; zero: an interval's
	day  date      // the day the spec asks for, before it was moved to a business day
}

// horizonDays is how far a rule looks ahead: the 29th of February may be eight years away.
const horizonDays = 366 * 8

// Next returns the first due time after a moment, in UTC; the zero time if there is none within eight
// years. An interval counts from after.
func (r Rule) Next(after time.Time) time.Time { return r.next(after, after) }

// next is Next for an interval that counts from an earlier due time.
func (r Rule) next(anchor, after time.Time) time.Time {
	for due := range r.after(anchor, after) {
		return due.at
	}
	return time.Time{}
}

// after yields the due times after a moment, ascending. An interval counts from anchor.
func (r Rule) after(anchor, after time.Time) iter.Seq[firing] {
	if r.Spec.days == nil {
		return r.beats(anchor.UTC(), after.UTC())
	}
	return r.daily(after.UTC())
}

// daily goes from day to day. What a gap of the clocks moves over midnight waits for its day.
func (r Rule) daily(after time.Time) iter.Seq[firing] {
	return func(yield func(firing) bool) {
		var moved []firing
		today := dateOf(after, r.Spec.zone).add(-1)
		for idle := 0; idle < horizonDays; idle++ {
			firings := append(moved, r.on(today)...)
			slices.SortStableFunc(firings, func(a, b firing) int { return a.at.Compare(b.at) })
			end := wallTime(today.add(1).utc(), r.Spec.zone)
			moved = nil
			for _, f := range firings {
				switch {
				case !f.at.Before(end):
					moved = append(moved, f)
				case f.at.After(after) && r.windows.permit(f.at, r.Spec.zone):
					if !yield(f) {
						return
					}
					after, idle = f.at, 0
				}
			}
			today = today.add(1)
		}
	}
}

// on returns the due times of one day: its own, and those moved here from days that are no business days.
func (r Rule) on(day date) []firing {
	// What a gap of the clocks moves over midnight counts on the day after.
	if !r.windows.mayOpen(day) && !r.windows.mayOpen(day.add(1)) {
		return nil
	}
	if r.days == nil {
		return r.Spec.on(day, day)
	}
	if closed, _ := r.days.closed(day); closed {
		return nil
	}
	firings := r.Spec.on(day, day)
	for source := range r.days.movedTo(day) {
		firings = append(firings, r.Spec.on(source, day)...)
	}
	return firings
}

// on returns the due times that the spec has on a day, at the clocks of another or the same day.
func (s Spec) on(source, day date) []firing {
	if !s.matches(source) {
		return nil
	}
	if s.allHours && source == day {
		return s.realMinutes(day)
	}
	firings := make([]firing, len(s.times))
	for i, minute := range s.times {
		wall := day.at(minute)
		firings[i] = firing{at: wallTime(wall, s.zone).UTC(), wall: wall, day: source}
	}
	return firings
}

// realMinutes walks through the minutes as they pass, so that an hour that comes twice counts twice.
func (s Spec) realMinutes(day date) (firings []firing) {
	end := wallTime(day.add(1).utc(), s.zone)
	for at := wallTime(day.utc(), s.zone); at.Before(end); at = at.Add(time.Minute) {
		wall := wallOf(at, s.zone)
		if s.days.Minute&(1<<uint(wall.Minute())) != 0 {
			firings = append(firings, firing{at: at.UTC(), wall: wall, day: day})
		}
	}
	return firings
}

// beats are the due times of an interval. Closed days and hours leave beats out and don't shift the others.
func (r Rule) beats(anchor, after time.Time) iter.Seq[firing] {
	return func(yield func(firing) bool) {
		at := beatFrom(anchor, r.Spec.every, after.Add(1))
		last := at
		for at.Sub(last) < horizonDays*24*time.Hour {
			if opens := r.opens(at); !opens.IsZero() {
				at = beatFrom(anchor, r.Spec.every, opens)
				continue
			}
			if !yield(firing{at: at, day: dateOf(at, r.Spec.zone)}) {
				return
			}
			last, at = at, at.Add(r.Spec.every)
		}
	}
}

// beatFrom returns the first beat after the anchor that is not before a moment.
func beatFrom(anchor time.Time, every time.Duration, from time.Time) time.Time {
	if !from.After(anchor) {
		return anchor.Add(every)
	}
	return anchor.Add((from.Sub(anchor) + every - 1) / every * every)
}

// opens is zero if a moment counts, else a later moment before which none does.
func (r Rule) opens(at time.Time) time.Time {
	day := dateOf(at, r.Spec.zone)
	closed := !r.windows.mayOpen(day)
	if r.days != nil && !closed {
		closed, _ = r.days.closed(day)
	}
	if closed {
		return wallTime(day.add(1).utc(), r.Spec.zone)
	}
	if r.windows.permit(at, r.Spec.zone) {
		return time.Time{}
	}
	return r.windows.boundary(at, r.Spec.zone)
}

// delay is how long after a due time its run starts. It stays below half of the time to the next one,
// so that starts keep their order, and is none if it would leave the hours that count.
func (r Rule) delay(due, next time.Time) time.Duration {
	most := r.Jitter
	if !next.IsZero() {
		most = min(most, next.Sub(due)/2)
	}
	if most < time.Second {
		return 0
	}
	sum := fnv.New64a()
	_ = binary.Write(sum, binary.BigEndian, []int64{r.Seed, due.Unix()}) // a hash takes everything
	delay := time.Duration(sum.Sum64()%uint64(most/time.Second+1)) * time.Second
	if !r.opens(due.Add(delay)).IsZero() {
		return 0
	}
	return delay
}

// start returns the delay of a due time that an interval may count from.
func (r Rule) start(due time.Time) time.Duration {
	if due.IsZero() || r.Jitter < time.Second {
		return 0
	}
	return r.delay(due, r.next(due, due))
}

func (r Rule) missedLimit() int { return cmp.Or(r.MissedLimit, storage.DefaultMissedLimit) }

// check refuses what can't be meant together.
func (r Rule) check(w Windows, complain complaint) {
	complain.about(r.Spec.days == nil && w.Shift != "" && w.Shift != ShiftSkip, "windows.shift",
		"an interval has no day to be moved from; choose %s", ShiftSkip)
	complain.about(w.Shift != "" && w.Shift != ShiftSkip && !w.BusinessDays, "windows.shift", "it needs business_days")
	complain.about(len(w.Calendars) > 0 && !w.BusinessDays, "windows.calendars", "they need business_days")
}
