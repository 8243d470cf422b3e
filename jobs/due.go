package jobs

import "time"

// Missed says what happens to due times that nobody was there for.
type Missed string

// The policies for missed due times.
const (
	MissedOnce Missed = "once" // one run makes up for all of them
	MissedSkip Missed = "skip" // none
	MissedAll  Missed = "all"  // each one, one after the other, the last ones up to a limit
)

// Grace is how late a run may start without counting as missed.
const Grace = 5 * time.Minute

// maxMissedLimit is how many missed runs MissedAll may be told to make up for.
const maxMissedLimit = 1000

// A Plan says what to do about a schedule whose due time has come.
type Plan struct {
	Run     time.Time     // the due time to run now; zero: none
	Skipped []time.Time   // at most one of the missed due times, to be shown as skipped
	Missed  int           // how many due times are skipped or covered by Run
	Next    time.Time     // the next due time; zero: never again. With MissedAll it may have passed already
	Delay   time.Duration // from Next to its start
}

// Next is the pure function behind the ticker: given a schedule's rule, its next due time and the
// time now, it says which due time to run, what is skipped, and when the schedule is due next. If
// the start of due lies in the future, nothing runs and Next is due.
func Next(rule Rule, due, now time.Time) Plan {
	plan := rule.plan(due.UTC(), now.UTC())
	plan.Delay = rule.start(plan.Next)
	return plan
}

func (r Rule) plan(due, now time.Time) Plan {
	if due.After(now) || due.Add(r.start(due)).After(now) {
		return Plan{Next: due}
	}
	last, next, passed := r.latest(due, now)
	if r.Missed == MissedAll {
		return r.planAll(due, last, next, passed)
	}
	plan := Plan{Missed: passed - 1, Next: next}
	if r.Missed == MissedOnce || now.Sub(last.Add(r.start(last))) <= Grace {
		plan.Run = last
	} else {
		plan.Missed++
	}
	switch {
	case plan.Run.IsZero():
		plan.Skipped = []time.Time{last}
	case plan.Missed > 0 && now.Sub(due) > Grace: // a beat quicker than the ticks is no news
		plan.Skipped = []time.Time{due}
	}
	return plan
}

// planAll takes the oldest due time and leaves the others for the next ticks, unless they are too many.
func (r Rule) planAll(due, last, next time.Time, passed int) Plan {
	excess := passed - r.missedLimit()
	switch {
	case excess <= 0:
		return Plan{Run: due, Next: r.next(due, due)}
	case passed > maxCount: // which ones were the last is not known, except the very last
		return Plan{Run: last, Next: next, Missed: passed - 1, Skipped: []time.Time{due}}
	}
	plan := Plan{Missed: excess, Skipped: []time.Time{due}}
	for f := range r.after(due, due) {
		if excess--; excess == 0 {
			plan.Run = f.at
		} else if excess < 0 {
			plan.Next = f.at
			break
		}
	}
	return plan
}

// maxCount is how many due times that have passed are counted one by one; lookBack is where the
// search for the last one begins if there are more.
const (
	maxCount = 100_000
	lookBack = 40 * 24 * time.Hour
)

// latest returns the last due time whose start is not after now, the one that follows, and how many
// have passed since the one that is due, that one included; more than maxCount are not counted.
func (r Rule) latest(due, now time.Time) (last, next time.Time, passed int) {
	last, next, passed = r.walk(due, due, now)
	if passed >= maxCount {
		var recent time.Time
		if recent, next, _ = r.walk(due, now.Add(-lookBack), now); !recent.IsZero() {
			last = recent
		}
	}
	if last.IsZero() {
		last = due
	}
	return last, next, passed + 1
}

// walk counts the due times after a moment that have started by now, maxCount at most, and returns
// the last of them and the one that follows.
func (r Rule) walk(anchor, from, now time.Time) (last, next time.Time, n int) {
	for f := range r.after(anchor, from) {
		if !next.IsZero() { // only now its delay is known
			if next.Add(r.delay(next, f.at)).After(now) {
				return last, next, n
			}
			if last, n = next, n+1; n == maxCount {
				return last, f.at, n
			}
		}
		if next = f.at; next.After(now) {
			return last, next, n
		}
	}
	if !next.IsZero() && !next.Add(r.delay(next, time.Time{})).After(now) { // the last one ever
		last, next, n = next, time.Time{}, n+1
	}
	return last, next, n
}
