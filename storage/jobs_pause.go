package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// A SchedulePause is the pause of all schedules of an operator.
type SchedulePause struct {
	Reason string // a person's words
	At     time.Time
	By     UserID // 0: by the command line
}

const (
	pauseSchedules = `
INSERT INTO setting (operator_id, key, value, updated_by)
VALUES ($1, 'schedules.paused', $2::jsonb, nullif($3::bigint, 0))
ON CONFLICT (operator_id, key) DO UPDATE SET value = excluded.value, updated_at = now(), updated_by = excluded.updated_by`

	resumeSchedules = `DELETE FROM setting WHERE operator_id = $1 AND key = 'schedules.paused'`

	selectSchedulePause = `
SELECT value, updated_at, coalesce(updated_by, 0) AS updated_by FROM setting
WHERE operator_id = $1 AND key = 'schedules.paused'`
)

type schedulePauseValue struct {
	Reason string `json:"reason"`
}

// PauseSchedules keeps all schedules of the scope's operator from running, until ResumeSchedules.
func (t *Tx) PauseSchedules(ctx context.Context, reason string) error {
	value, err := json.Marshal(schedulePauseValue{reason})
	if err != nil {
		return fmt.Errorf("storage: pause of schedules: %w", err)
	}
	var by int64
	if actor := t.scope.Actor; actor.Kind == ActorUser {
		by = actor.ID
	}
	if _, err := t.exec(ctx, pauseSchedules, t.scope.Operator, string(value), by); err != nil {
		return fmt.Errorf("storage: pause of schedules: %w", err)
	}
	return nil
}

// ResumeSchedules ends PauseSchedules; it is false if there was no pause.
func (t *Tx) ResumeSchedules(ctx context.Context) (bool, error) {
	n, err := t.exec(ctx, resumeSchedules, t.scope.Operator)
	if err != nil {
		return false, fmt.Errorf("storage: pause of schedules: %w", err)
	}
	return n > 0, nil
}

// SchedulesPaused returns the pause of all schedules of the scope's operator, nil if there is none.
func (t *Tx) SchedulesPaused(ctx context.Context) (*SchedulePause, error) {
	var row struct {
		Value json.RawMessage `db:"value"`
		At    time.Time       `db:"updated_at"`
		By    UserID          `db:"updated_by"`
	}
	switch err := t.get(ctx, &row, selectSchedulePause, t.scope.Operator); {
	case errors.Is(err, ErrNotFound):
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("storage: pause of schedules: %w", err)
	}
	var value schedulePauseValue
	if err := json.Unmarshal(row.Value, &value); err != nil {
		return nil, fmt.Errorf("storage: pause of schedules: %w", err)
	}
	return &SchedulePause{Reason: value.Reason, At: row.At, By: row.By}, nil
}
