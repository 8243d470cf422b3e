package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// AddSchedule adds a schedule, gives it its id and its next due time. ErrSpec says by field what is
// wrong with it; storage.ErrConflict: the name is taken.
func (d *Desk) AddSchedule(ctx context.Context, scope storage.Scope, s *storage.Schedule) error {
	return d.audited(ctx, scope, "schedule.added", "schedule", func(tx *storage.Tx) (int64, error) {
		id, err := tx.NewID(ctx, storage.IDSchedule)
		if err != nil {
			return 0, err
		}
		s.ID = storage.ScheduleID(id) // starts are spread by it
		rule, err := d.rule(ctx, tx, s)
		if err != nil {
			return 0, err
		}
		d.plan(s, rule, nil)
		return id, tx.AddSchedule(ctx, s)
	})
}

// ChangeSchedule writes s over the schedule of its id. If when it runs was changed, its next due time
// is computed anew; one that has come under the old settings and waits for the next tick still runs.
func (d *Desk) ChangeSchedule(ctx context.Context, scope storage.Scope, s *storage.Schedule) error {
	return d.audited(ctx, scope, "schedule.changed", "schedule", func(tx *storage.Tx) (int64, error) {
		rule, err := d.rule(ctx, tx, s)
		if err != nil {
			return 0, err
		}
		before, err := d.settled(ctx, tx, s.ID)
		if err != nil {
			return 0, err
		}
		if sameTimes(before, s) && before.NextDueAt != nil && !s.Paused {
			s.NextDueAt, s.DelaySeconds = before.NextDueAt, before.DelaySeconds
		} else {
			d.plan(s, rule, nil)
		}
		return int64(s.ID), tx.ChangeSchedule(ctx, s)
	})
}

// settled locks a schedule and turns a due time that has come into its run, as the next tick would.
func (d *Desk) settled(ctx context.Context, tx *storage.Tx, id storage.ScheduleID) (*storage.Schedule, error) {
	s, err := tx.LockSchedule(ctx, id)
	if err != nil {
		return nil, err
	}
	now := tx.Now()
	if start := s.StartsAt(); s.Paused || start == nil || start.After(now) {
		return s, nil
	}
	switch pause, err := tx.SchedulesPaused(ctx); {
	case err != nil:
		return nil, err
	case pause != nil:
		return s, nil
	}
	if err := fire(ctx, tx, s, now); err != nil {
		return nil, err
	}
	return tx.LockSchedule(ctx, id)
}

// sameTimes tells whether two versions of a schedule are due at the same times.
func sameTimes(a, b *storage.Schedule) bool {
	wa, errA := WindowsOf(a)
	wb, errB := WindowsOf(b)
	return a.Spec == b.Spec && a.Zone == b.Zone && a.JitterSeconds == b.JitterSeconds &&
		errA == nil && errB == nil && slices.Equal(encodeSettings(wa), encodeSettings(wb))
}

// PauseSchedule stops a schedule, or lets it go on: due times of the pause are not made up for.
func (d *Desk) PauseSchedule(ctx context.Context, scope storage.Scope, id storage.ScheduleID, paused bool) error {
	action := "schedule.paused"
	if !paused {
		action = "schedule.resumed"
	}
	return d.audited(ctx, scope, action, "schedule", func(tx *storage.Tx) (int64, error) {
		s, err := tx.LockSchedule(ctx, id)
		if err != nil {
			return 0, err
		}
		s.Paused = paused
		rule, err := d.rule(ctx, tx, s)
		if err != nil && !paused {
			return 0, err
		}
		d.plan(s, rule, nil)
		return int64(id), tx.ChangeSchedule(ctx, s)
	})
}

// PauseAllSchedules keeps all of the operator's schedules from running; what is under way goes on.
func (d *Desk) PauseAllSchedules(ctx context.Context, scope storage.Scope, reason string) error {
	return d.audited(ctx, scope, "schedules.paused", "operator", func(tx *storage.Tx) (int64, error) {
		return int64(scope.Operator), tx.PauseSchedules(ctx, strings.TrimSpace(reason))
	})
}

// ResumeAllSchedules ends PauseAllSchedules. Due times of the pause are not made up for, and schedules
// that were paused one by one stay so.
func (d *Desk) ResumeAllSchedules(ctx context.Context, scope storage.Scope) error {
	return d.audited(ctx, scope, "schedules.resumed", "operator", func(tx *storage.Tx) (int64, error) {
		paused, err := tx.ResumeSchedules(ctx)
		if err != nil || !paused {
			return int64(scope.Operator), err
		}
		return int64(scope.Operator), d.planAgain(ctx, tx, func(*storage.Schedule) bool { return true })
	})
}

// DeleteSchedule deletes a schedule; its runs stay.
func (d *Desk) DeleteSchedule(ctx context.Context, scope storage.Scope, id storage.ScheduleID) error {
	return d.audited(ctx, scope, "schedule.deleted", "schedule", func(tx *storage.Tx) (int64, error) {
		return int64(id), tx.DeleteSchedule(ctx, id)
	})
}

// plan computes the next due time of a schedule. An interval keeps the beat of an earlier due time.
func (d *Desk) plan(s *storage.Schedule, rule Rule, earlier *time.Time) {
	s.NextDueAt, s.DelaySeconds = nil, 0
	if s.Paused {
		return
	}
	now := d.DB.Now()
	next := rule.next(rule.anchor(earlier, now), now)
	if next.IsZero() {
		return
	}
	s.NextDueAt, s.DelaySeconds = &next, int(rule.start(next).Seconds())
}

// anchor is what an interval counts from so that a due time is one of its beats.
func (r Rule) anchor(due *time.Time, now time.Time) time.Time {
	if due == nil || r.Spec.days != nil {
		return now
	}
	return due.Add(-r.Spec.every)
}

// planAgain computes the next due times of schedules anew after something that they go by has changed.
func (d *Desk) planAgain(ctx context.Context, tx *storage.Tx, which func(*storage.Schedule) bool) error {
	all, err := tx.Schedules(ctx)
	if err != nil {
		return err
	}
	calendars, err := tx.Calendars(ctx)
	if err != nil {
		return err
	}
	for i := range all {
		if all[i].Paused || !which(&all[i]) {
			continue
		}
		s, err := tx.LockSchedule(ctx, all[i].ID)
		if err != nil {
			return err
		}
		rule, err := RuleOf(s, calendars)
		if err != nil {
			continue // it has no due time and stands out in the list
		}
		d.plan(s, rule, s.NextDueAt)
		if err := tx.PlanSchedule(ctx, s); err != nil {
			return err
		}
	}
	return nil
}

// rule fills in the usual values, checks a schedule and returns its rule. ErrSpec says by field what is wrong.
func (d *Desk) rule(ctx context.Context, tx *storage.Tx, s *storage.Schedule) (Rule, error) {
	scheduleDefaults(s)
	var wrong []error
	complain := complaint{wrong: &wrong}
	checkSchedule(s, complain)
	rule, err := d.timing(ctx, tx, s, complain)
	if err != nil {
		return Rule{}, err
	}
	complain.about(rule != nil && rule.Next(d.DB.Now()).IsZero(), "spec", "with these settings it would never run")
	if len(wrong) > 0 {
		return Rule{}, fail(ErrSpec, errors.Join(wrong...))
	}
	return *rule, nil
}

// timing reads the rule of a schedule; it is nil after a complaint.
func (d *Desk) timing(ctx context.Context, tx *storage.Tx, s *storage.Schedule, complain complaint) (*Rule, error) {
	calendars, err := tx.Calendars(ctx)
	if err != nil {
		return nil, err
	}
	rule, err := RuleOf(s, calendars)
	if err != nil {
		*complain.wrong = append(*complain.wrong, byField(err))
		return nil, nil
	}
	w, err := WindowsOf(s)
	if err != nil {
		return nil, err
	}
	rule.check(w, complain)
	return &rule, nil
}

// byField is the detail of an error about a schedule, which begins with its field.
func byField(err error) error {
	detail, ok := errors.AsType[*Error](err)
	if !ok || detail.Err == nil {
		return err
	}
	if text := detail.Err.Error(); strings.HasPrefix(text, "windows") || strings.HasPrefix(text, "days") {
		return detail.Err
	}
	if errors.Is(detail.Err, errZone) {
		return fmt.Errorf("zone: %w", detail.Err)
	}
	return fmt.Errorf("spec: %w", detail.Err)
}

func scheduleDefaults(s *storage.Schedule) {
	s.Name = strings.TrimSpace(s.Name)
	for field, standard := range map[*string]string{&s.Kind: KindPull, &s.Missed: string(MissedOnce), &s.Zone: "America/New_York"} {
		if *field == "" {
			*field = standard
		}
	}
	if s.MissedLimit == 0 {
		s.MissedLimit = storage.DefaultMissedLimit
	}
	if s.Priority == 0 {
		s.Priority = storage.DefaultPriority
	}
}

// maxJitter is how far a schedule's starts may be spread, in seconds.
const maxJitter = 3600

func checkSchedule(s *storage.Schedule, complain complaint) {
	_, _, known := runJob(s.Kind, s.Operator, s.Priority)
	complain.about(s.Name == "", "name", "give the schedule a name")
	complain.about(!known, "kind", "choose %s or %s", KindPull, KindPush)
	complain.about(s.Connection == 0, "connection", "choose a connection")
	complain.oneOf("missed", s.Missed, string(MissedOnce), string(MissedSkip), string(MissedAll))
	complain.between("missed_limit", s.MissedLimit, 1, maxMissedLimit)
	complain.between("jitter_seconds", s.JitterSeconds, 0, maxJitter)
	complain.between("priority", s.Priority, 1, 4)
}
