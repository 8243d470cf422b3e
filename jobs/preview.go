package jobs

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Firing is one due time to come, as it is shown while a schedule is edited.
type Firing struct {
	Due   time.Time // UTC
	Start time.Time // Due and its delay; Due if the schedule is not stored yet
	Local string    // Due by the zone's clocks: "Mon 2026-11-30 06:30 EST"
	Notes []string  // what is special about it, as sentences without a full stop
}

const localLayout = "Mon 2006-01-02 15:04 MST"

// maxNotes bounds what is told about days that were left out before one due time.
const maxNotes = 5

// preview returns the next n due times of a rule. An interval counts from anchor.
func (r Rule) preview(anchor, after time.Time, n int) []Firing {
	firings := make([]Firing, 0, n)
	for f := range r.after(anchor, after) {
		if len(firings) == n {
			break
		}
		shown := Firing{Due: f.at, Start: f.at, Local: f.at.In(r.Spec.zone).Format(localLayout)}
		if r.Seed != 0 {
			shown.Start = f.at.Add(r.start(f.at))
		}
		shown.Notes = append(r.leftOut(after, f.at), r.about(f)...)
		firings = append(firings, shown)
		after = f.at
	}
	return firings
}

// about says what clocks and calendars did to a due time.
func (r Rule) about(f firing) (notes []string) {
	if f.wall.IsZero() {
		return nil
	}
	if day := dateOf(f.wall, time.UTC); day != f.day {
		_, why := r.days.closed(f.day)
		notes = append(notes, fmt.Sprintf("moved from %s (%s)", f.day.long(), why))
	}
	shown := wallOf(f.at, r.Spec.zone)
	switch {
	case !shown.Equal(f.wall):
		notes = append(notes, fmt.Sprintf("clocks go forward: %s does not exist, runs at %s", clockText(f.wall), clockText(shown)))
	case !r.twice(f):
	case r.Spec.allHours:
		notes = append(notes, fmt.Sprintf("clocks go back: %s comes twice, runs both times", clockText(f.wall)))
	default:
		notes = append(notes, fmt.Sprintf("clocks go back: %s comes twice, runs the first time", clockText(f.wall)))
	}
	return notes
}

// twice tells whether clocks show a due time's time of day twice.
func (r Rule) twice(f firing) bool {
	_, before := f.at.Add(-3 * time.Hour).In(r.Spec.zone).Zone()
	_, after := f.at.Add(3 * time.Hour).In(r.Spec.zone).Zone()
	back := time.Duration(before-after) * time.Second
	return back > 0 && (shows(f.at.Add(back), f.wall, r.Spec.zone) || shows(f.at.Add(-back), f.wall, r.Spec.zone))
}

// leftOut says which due times between two are left out because of a holiday or a blackout. That
// weekends and closed hours are is no news.
func (r Rule) leftOut(after, before time.Time) (notes []string) {
	if r.days == nil && r.windows == nil {
		return nil
	}
	last := dateOf(before, r.Spec.zone)
	for day := dateOf(after, r.Spec.zone); !last.before(day) && len(notes) < maxNotes; day = day.add(1) {
		if why := r.whyLeftOut(day, after, before); why != "" {
			notes = append(notes, fmt.Sprintf("left out before: %s (%s)", day.long(), why))
		}
	}
	return notes
}

func (r Rule) whyLeftOut(day date, after, before time.Time) string {
	if r.days != nil && r.days.shift == ShiftSkip && (r.Spec.days == nil || r.Spec.matches(day)) {
		if closed, why := r.days.closed(day); closed && why != weekend {
			return why
		} else if closed {
			return ""
		}
	}
	if r.Spec.days == nil {
		return ""
	}
	for _, f := range r.on(day) {
		if f.at.After(after) && f.at.Before(before) && r.windows.blackedOut(f.at, r.Spec.zone) {
			return clockText(f.wall) + ", blackout"
		}
	}
	return ""
}

// MostPreviewed is how many due times Preview shows at most.
const MostPreviewed = 100

// Preview returns the next n due times of a schedule as it is typed, stored or not; what does not
// matter for them may be missing. ErrSpec says by field what is wrong. None: it would never run.
func (d *Desk) Preview(ctx context.Context, scope storage.Scope, s *storage.Schedule, n int) (firings []Firing, err error) {
	draft := *s
	scheduleDefaults(&draft)
	err = d.DB.InScopeRead(ctx, scope, func(tx *storage.Tx) error {
		var wrong []error
		complain := complaint{wrong: &wrong}
		complain.between("jitter_seconds", draft.JitterSeconds, 0, maxJitter)
		rule, err := d.timing(ctx, tx, &draft, complain)
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			return fail(ErrSpec, errors.Join(wrong...))
		}
		earlier, err := beatOf(ctx, tx, &draft)
		if err != nil {
			return err
		}
		now := d.DB.Now()
		firings = rule.preview(rule.anchor(earlier, now), now, min(n, MostPreviewed))
		return nil
	})
	return firings, err
}

// beatOf returns a due time of a stored schedule that is still due at the same times: an interval keeps its beat.
func beatOf(ctx context.Context, tx *storage.Tx, draft *storage.Schedule) (*time.Time, error) {
	if draft.ID == 0 {
		return nil, nil
	}
	stored, err := tx.Schedule(ctx, draft.ID)
	if err != nil || !sameTimes(stored, draft) {
		return nil, err
	}
	return stored.NextDueAt, nil
}

// NextTimes returns the next n due times of a schedule's time alone, in UTC. ErrSpec says what is
// wrong with it.
func (d *Desk) NextTimes(spec, zone string, n int) ([]time.Time, error) {
	s, err := ParseSpec(spec, zone)
	if err != nil {
		return nil, err
	}
	return s.NextTimes(d.DB.Now(), n), nil
}
