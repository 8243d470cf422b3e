package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A Schedule says when a kind of job runs. Who adds or changes one computes NextDueAt: the database
// knows no calendars.
type Schedule struct {
	Operator      OperatorID      `db:"operator_id"`
	ID            ScheduleID      `db:"id"`
	Name          string          `db:"name"`
	Kind          string          `db:"kind"`          // of job: pull, push
	Connection    ConnectionID    `db:"connection_id"` // 0: the kind needs none
	Account       AccountID       `db:"account_id"`    // 0: not of one account
	Spec          string          `db:"spec"`
	Zone          string          `db:"zone"`
	Missed        string          `db:"missed_policy"`  // once, skip, all
	MissedLimit   int             `db:"missed_limit"`   // of all: how many are made up for
	Windows       json.RawMessage `db:"windows"`        // when it may run
	JitterSeconds int             `db:"jitter_seconds"` // a start is put off by up to this
	Priority      int             `db:"priority"`       // 1 is first, 4 last
	Args          json.RawMessage `db:"args"`
	Paused        bool            `db:"paused"`
	NextDueAt     *time.Time      `db:"next_due_at"`   // nil: paused, or never again
	DelaySeconds  int             `db:"delay_seconds"` // from the next due time to its start
	LastDueAt     *time.Time      `db:"last_due_at"`   // nil: never ran
	Version       int             `db:"version"`
	CreatedBy     UserID          `db:"created_by"` // 0: by the command line
	CreatedAt     time.Time       `db:"created_at"`
	UpdatedAt     time.Time       `db:"updated_at"`
}

// What 0 stands for in a schedule's missed limit and priority.
const (
	DefaultMissedLimit = 10
	DefaultPriority    = 2
)

// StartsAt returns when the schedule's next run starts; nil if it has no due time.
func (s *Schedule) StartsAt() *time.Time {
	if s.NextDueAt == nil {
		return nil
	}
	start := s.NextDueAt.Add(time.Duration(s.DelaySeconds) * time.Second)
	return &start
}

const scheduleColumns = `operator_id, id, name, kind, coalesce(connection_id, 0) AS connection_id, coalesce(account_id, 0) AS account_id,
	spec, zone, missed_policy, missed_limit, windows, jitter_seconds, priority, args, paused, next_due_at, delay_seconds, last_due_at, version, coalesce(created_by, 0) AS created_by, created_at, updated_at`

const (
	insertSchedule = `
INSERT INTO schedule (operator_id, id, name, kind, connection_id, account_id, spec, zone, missed_policy, args, paused, next_due_at,
	missed_limit, windows, jitter_seconds, priority, delay_seconds, created_by)
VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), nullif($6::bigint, 0), $7, $8, $9, $10::jsonb, $11, $12,
	$13, $14::jsonb, $15, $16, $17, nullif($18::bigint, 0))`

	updateSchedule = `
UPDATE schedule SET name = $3, kind = $4, connection_id = nullif($5::bigint, 0), account_id = nullif($6::bigint, 0),
	spec = $7, zone = $8, missed_policy = $9, args = $10::jsonb, paused = $11, next_due_at = $12,
	missed_limit = $13, windows = $14::jsonb, jitter_seconds = $15, priority = $16, delay_seconds = $17,
	version = version + 1, updated_at = now()
WHERE operator_id = $1 AND id = $2 AND version = $18`

	planSchedule = `
UPDATE schedule SET next_due_at = $3, delay_seconds = $4
WHERE operator_id = $1 AND id = $2`

	selectSchedule  = `SELECT ` + scheduleColumns + ` FROM schedule WHERE operator_id = $1 AND id = $2`
	selectSchedules = `SELECT ` + scheduleColumns + ` FROM schedule WHERE operator_id = $1 ORDER BY name, id`
	deleteSchedule  = `DELETE FROM schedule WHERE operator_id = $1 AND id = $2`

	// Of all operators, by the database's clock. Locked ones are being changed, or turned into runs,
	// by somebody else: the next tick looks again.
	lockDueSchedule = `
SELECT ` + scheduleColumns + `, now() AS now
FROM schedule
WHERE next_due_at <= now() AND next_due_at + delay_seconds * interval '1 second' <= now() AND NOT paused AND id > $1
	AND NOT EXISTS (SELECT 1 FROM setting WHERE setting.operator_id = schedule.operator_id AND setting.key = 'schedules.paused')
ORDER BY id
LIMIT 1
FOR UPDATE SKIP LOCKED`

	advanceSchedule = `
UPDATE schedule SET last_due_at = coalesce($3, last_due_at), next_due_at = $4, delay_seconds = $5
WHERE operator_id = $1 AND id = $2`
)

func (s *Schedule) values() []any {
	return []any{
		s.Operator, s.ID, s.Name, s.Kind, s.Connection, s.Account, s.Spec, s.Zone, s.Missed, objectOr(s.Args), s.Paused, s.NextDueAt,
		cmp.Or(s.MissedLimit, DefaultMissedLimit), objectOr(s.Windows), s.JitterSeconds, cmp.Or(s.Priority, DefaultPriority), s.DelaySeconds,
	}
}

// AddSchedule adds a schedule of the scope's operator and gives it its id, unless it has a new one
// already. A name that is taken is ErrConflict.
func (t *Tx) AddSchedule(ctx context.Context, s *Schedule) error {
	if s.ID == 0 {
		id, err := t.NewID(ctx, IDSchedule)
		if err != nil {
			return fmt.Errorf("storage: schedule: %w", err)
		}
		s.ID = ScheduleID(id)
	}
	s.Operator, s.Version = t.scope.Operator, 1
	if _, err := t.exec(ctx, insertSchedule, append(s.values(), s.CreatedBy)...); err != nil {
		return fmt.Errorf("storage: schedule: %w", err)
	}
	return nil
}

// ChangeSchedule writes all of s over the schedule of its id, if it is still s.Version, else ErrConflict.
func (t *Tx) ChangeSchedule(ctx context.Context, s *Schedule) error {
	s.Operator = t.scope.Operator
	n, err := t.exec(ctx, updateSchedule, append(s.values(), s.Version)...)
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("storage: schedule: %w", err)
	}
	s.Version++
	return nil
}

// Schedule returns one schedule; ErrNotFound.
func (t *Tx) Schedule(ctx context.Context, id ScheduleID) (*Schedule, error) {
	s := &Schedule{}
	if err := t.get(ctx, s, selectSchedule, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: schedule: %w", err)
	}
	return s, nil
}

// Schedules returns the operator's schedules by name.
func (t *Tx) Schedules(ctx context.Context) ([]Schedule, error) {
	all := []Schedule{}
	if err := t.list(ctx, &all, selectSchedules, t.scope.Operator); err != nil {
		return nil, fmt.Errorf("storage: schedules: %w", err)
	}
	return all, nil
}

// DeleteSchedule deletes a schedule; its runs stay.
func (t *Tx) DeleteSchedule(ctx context.Context, id ScheduleID) error {
	if err := t.execOne(ctx, deleteSchedule, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: schedule: %w", err)
	}
	return nil
}

// LockSchedule is Schedule, locked for the transaction.
func (t *Tx) LockSchedule(ctx context.Context, id ScheduleID) (*Schedule, error) {
	s := &Schedule{}
	if err := t.get(ctx, s, selectSchedule+` FOR UPDATE`, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: schedule: %w", err)
	}
	return s, nil
}

// PlanSchedule writes the next due time of a schedule and its delay, and nothing else.
func (t *Tx) PlanSchedule(ctx context.Context, s *Schedule) error {
	if err := t.execOne(ctx, planSchedule, t.scope.Operator, s.ID, s.NextDueAt, s.DelaySeconds); err != nil {
		return fmt.Errorf("storage: schedule: %w", err)
	}
	return nil
}

// LockDueSchedule returns the first schedule with an id above after, of any operator, whose start
// has come by the database's clock, that clock's time, and locks it for the transaction, which is one of InSystem. None
// is ErrNotFound.
func (t *Tx) LockDueSchedule(ctx context.Context, after ScheduleID) (*Schedule, time.Time, error) {
	var due struct {
		Schedule
		Now time.Time `db:"now"`
	}
	if err := t.get(ctx, &due, lockDueSchedule, after); err != nil {
		return nil, time.Time{}, fmt.Errorf("storage: due schedule: %w", err)
	}
	return &due.Schedule, due.Now, nil
}

// AdvanceSchedule writes what a tick made of a schedule: the due time that ran (zero: none did), the
// next one (zero: never again) and the delay of its start.
func (t *Tx) AdvanceSchedule(ctx context.Context, s *Schedule, ran, next time.Time, delay time.Duration) error {
	if err := t.execOne(ctx, advanceSchedule, s.Operator, s.ID, timeOrNil(ran), timeOrNil(next), int(delay.Seconds())); err != nil {
		return fmt.Errorf("storage: schedule: %w", err)
	}
	return nil
}

func timeOrNil(at time.Time) *time.Time {
	if at.IsZero() {
		return nil
	}
	return &at
}
