package jobs

import "time"

// Missed says what happens to due times that nobody was there for.
type Missed string

// The policies for missed due times.
const (
	MissedOnce Missed = "once" // one run makes up for all of them
	MissedSkip Missed = "skip" // none
	MissedAll  Missed = "all"  // each one, one after the other, the last hundred at most
)

// Grace is how late a run may start without counting as missed.
const Grace = 5 * time.Minute

// maxCatchUp is how many missed runs MissedAll makes up for.
const maxCatchUp = 100

// A Plan says what to do about a schedule whose due time has come.
type Plan struct {
	Run     time.Time   // the due time to run now; zero: none
	Skipped []time.Time // at most one of the missed due times, to be shown as skipped
	Missed  int         // how many due times are skipped or covered by Run
	Next    time.Time   // the next due time; zero: never again. With MissedAll it may have passed already
}

// Next is the pure function behind the ticker: given a schedule whose next due time was due, and the
// time now, it says which due time to run, what is skipped, and when the schedule is due next. If
// due lies in the future, nothing runs and Next is due.
func Next(spec Spec, missed Missed, due, now time.Time) Plan {
	due, now = due.UTC(), now.UTC()
	if due.After(now) {
		return Plan{Next: due}
	}
	if missed == MissedAll {
		return nextOfAll(spec, due, now)
	}
	last, passed := spec.latest(due, now)
	plan := Plan{Missed: passed - 1, Next: spec.Next(last)}
	if missed == MissedOnce || now.Sub(last) <= Grace {
		plan.Run = last
	} else {
		plan.Missed++
	}
	switch {
	case plan.Run.IsZero():
		plan.Skipped = []time.Time{last}
	case plan.Missed > 0:
		plan.Skipped = []time.Time{due}
	}
	return plan
}

// nextOfAll takes the oldest due time and leaves the others for the next ticks, unless they are too many.
func nextOfAll(spec Spec, due, now time.Time) Plan {
	last, passed := spec.latest(due, now)
	if passed <= maxCatchUp {
		return Plan{Run: due, Next: spec.Next(due)}
	}
	plan := Plan{Missed: passed - maxCatchUp, Skipped: []time.Time{due}}
	if spec.cron == nil {
		plan.Run = last.Add(-(maxCatchUp - 1) * spec.every)
		plan.Next = spec.Next(plan.Run)
		return plan
	}
	for range plan.Missed {
		due = spec.Next(due)
	}
	plan.Run, plan.Next = due, spec.Next(due)
	return plan
}

// maxCount is how far due times that have passed are counted one by one.
const maxCount = 100_000

// latest returns the last due time that is not after now, counting from one that is due, and how
// many there are from that one on, maxCount at most.
func (s Spec) latest(due, now time.Time) (last time.Time, passed int) {
	if s.cron == nil {
		n := int(now.Sub(due) / s.every)
		return due.Add(time.Duration(n) * s.every), n + 1
	}
	last, passed = due, 1
	for next := s.Next(last); !next.IsZero() && !next.After(now); next = s.Next(last) {
		last = next
		if passed++; passed < maxCount {
			continue
		}
		// Months of minutes: counting ends, the time must still be the last one.
		if recent := s.Next(now.Add(-25 * time.Hour)); recent.After(last) && !recent.After(now) {
			last = recent
		}
		passed = maxCount
	}
	return last, passed
}
