package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/storage"
)

// runDue turns each schedule whose due time has come into a run, each in a transaction of its own, so
// that one that can't be does not hold up the others. Two nodes doing this at once make each run once.
func runDue(ctx context.Context, db *storage.DB) error {
	var last storage.ScheduleID
	var failures []error
	for {
		var at storage.ScheduleID
		var fired *storage.Schedule
		err := db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error {
			s, now, err := tx.LockDueSchedule(ctx, last)
			if err != nil {
				return err
			}
			at, fired = s.ID, s
			if err := failpoint.Check("schedule.due"); err != nil {
				return err
			}
			return fire(ctx, tx, s, now)
		})
		if err == nil {
			failpoint.Reach("schedule.committed")
			if !guards.OneFiring {
				err = startApart(ctx, db, fired)
			}
		}
		switch {
		case errors.Is(err, storage.ErrNotFound) && at == 0:
			return errors.Join(failures...)
		case err != nil && at == 0:
			return errors.Join(append(failures, err)...)
		case err != nil:
			failures = append(failures, fmt.Errorf("jobs: schedule %d: %w", at, err))
		}
		last = at
	}
}

// fire turns one due schedule into a run with its job, and into its next due time.
func fire(ctx context.Context, tx *storage.Tx, s *storage.Schedule, now time.Time) error {
	calendars, err := tx.CalendarsOf(ctx, s.Operator)
	if err != nil {
		return err
	}
	rule, err := RuleOf(s, calendars)
	if err != nil {
		return stall(ctx, tx, s, now, err)
	}
	plan := Next(rule, *s.NextDueAt, now)
	for _, due := range plan.Skipped {
		if err := skip(ctx, tx, s, due, "run.missed", plan.Missed); err != nil {
			return err
		}
	}
	if !plan.Run.IsZero() && guards.OneFiring {
		started, err := startDue(ctx, tx, s, plan.Run)
		if err != nil {
			return err
		}
		if !started && Missed(s.Missed) == MissedAll {
			return nil // the open run first; this due time stays due
		}
	}
	if err := failpoint.Check("schedule.added"); err != nil {
		return err
	}
	return tx.AdvanceSchedule(ctx, s, plan.Run, plan.Next, plan.Delay)
}

// stall takes the due time from a schedule that can't be read any more, although it could when it was
// entered: it stands out in the list, and somebody is told.
func stall(ctx context.Context, tx *storage.Tx, s *storage.Schedule, now time.Time, failure error) error {
	code := Code(failure)
	_, _, err := tx.RaiseIncident(ctx, s.Operator, storage.OfSchedule(s.ID), storage.Raise{Code: code, Source: "schedule", Connection: s.Connection})
	return errors.Join(err, tx.AdvanceSchedule(ctx, s, time.Time{}, time.Time{}, 0), skip(ctx, tx, s, now, code, 0))
}

// startDue adds the run of a due time, or says in the list of runs why there is none. It is false if
// another run of the connection is still open.
func startDue(ctx context.Context, tx *storage.Tx, s *storage.Schedule, due time.Time) (bool, error) {
	code, err := obstacle(ctx, tx, s)
	if err != nil {
		return false, err
	}
	if code != "" {
		return true, skip(ctx, tx, s, due, code, 0)
	}
	run := newRun(s.Operator, s.Kind, s.Connection)
	run.Schedule, run.DueAt, run.Args = s.ID, dueOf(due), s.Args
	job, args, _ := runJob(s.Kind, s.Operator, s.Priority) // the kind is known, or it were an obstacle
	added, err := tx.AddRun(ctx, run, job, args)
	if err != nil || added {
		return true, err
	}
	switch _, err := tx.RunOfDue(ctx, s.Operator, s.ID, due); {
	case err == nil:
		return true, nil // it fired before
	case !errors.Is(err, storage.ErrNotFound):
		return false, err
	}
	if Missed(s.Missed) == MissedAll {
		return false, nil
	}
	return false, skip(ctx, tx, s, due, Code(ErrRunOpen), 0)
}

// newRun is a queued run of a kind of job that moves files of a connection.
func newRun(operator storage.OperatorID, kind string, connection storage.ConnectionID) *storage.Run {
	direction := storage.DirectionPull
	if kind == KindPush {
		direction = storage.DirectionPush
	}
	return &storage.Run{
		Operator: operator, Kind: kind, Connection: connection, Direction: direction, State: storage.RunQueued,
	}
}

// obstacle returns the code of what keeps a schedule from running now, "" if nothing does.
func obstacle(ctx context.Context, tx *storage.Tx, s *storage.Schedule) (string, error) {
	if _, _, known := runJob(s.Kind, s.Operator, s.Priority); !known {
		return "run.kind_unknown", nil
	}
	connection, err := tx.ConnectionOf(ctx, s.Operator, s.Connection)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return Code(ErrConnectionGone), nil
	case err != nil:
		return "", err
	case connection.Paused:
		return Code(ErrConnectionPaused), nil
	default:
		return "", nil
	}
}

// skip shows a due time that did not run, unless the one before was left out for the same reason: a
// month of pause is one line, not one for each minute.
func skip(ctx context.Context, tx *storage.Tx, s *storage.Schedule, due time.Time, code string, missed int) error {
	last, err := tx.LastRun(ctx, s.Operator, s.ID)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	if err == nil && last.State == storage.RunSkipped && last.ErrorCode == code {
		return nil
	}
	run := newRun(s.Operator, s.Kind, s.Connection)
	run.Schedule, run.DueAt, run.State, run.ErrorCode = s.ID, due, storage.RunSkipped, code
	if missed > 0 {
		run.Counts, _ = json.Marshal(map[string]int{"missed": missed}) // a map of numbers always fits
	}
	_, err = tx.AddRun(ctx, run, storage.Job{}, nil)
	return err
}

// endOrphans ends open runs whose job the queue gave up, so that their connection is free again.
func endOrphans(ctx context.Context, db *storage.DB) error {
	return db.InSystem(ctx, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) error {
		return tx.EndOrphanRuns(ctx, Code(ErrTakenOverTooOften))
	})
}
