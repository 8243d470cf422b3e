package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A Calendar says which dates are no business days: built-in holidays, and dates of one's own.
type Calendar struct {
	Operator  OperatorID      `db:"operator_id"`
	ID        CalendarID      `db:"id"`
	Name      string          `db:"name"`
	Holidays  string          `db:"holidays"` // built in; "": none
	Days      json.RawMessage `db:"days"`
	Version   int             `db:"version"`
	CreatedAt time.Time       `db:"created_at"`
	UpdatedAt time.Time       `db:"updated_at"`
}

const calendarColumns = `operator_id, id, name, holidays, days, version, created_at, updated_at`

const (
	insertCalendar = `
INSERT INTO calendar (operator_id, id, name, holidays, days)
VALUES ($1, $2, $3, $4, $5::jsonb)`

	updateCalendar = `
UPDATE calendar SET name = $3, holidays = $4, days = $5::jsonb, version = version + 1, updated_at = now()
WHERE operator_id = $1 AND id = $2 AND version = $6`

	selectCalendar  = `SELECT ` + calendarColumns + ` FROM calendar WHERE operator_id = $1 AND id = $2`
	selectCalendars = `SELECT ` + calendarColumns + ` FROM calendar WHERE operator_id = $1 ORDER BY name, id`
	deleteCalendar  = `DELETE FROM calendar WHERE operator_id = $1 AND id = $2`
)

func (c *Calendar) values() []any {
	return []any{c.Operator, c.ID, c.Name, c.Holidays, documentOr(c.Days, "[]")}
}

// AddCalendar adds a calendar of the scope's operator and gives it its id. A name that is taken is
// ErrConflict.
func (t *Tx) AddCalendar(ctx context.Context, c *Calendar) error {
	id, err := t.NewID(ctx, IDCalendar)
	if err != nil {
		return fmt.Errorf("storage: calendar: %w", err)
	}
	c.Operator, c.ID, c.Version = t.scope.Operator, CalendarID(id), 1
	if _, err := t.exec(ctx, insertCalendar, c.values()...); err != nil {
		return fmt.Errorf("storage: calendar: %w", err)
	}
	return nil
}

// ChangeCalendar writes all of c over the calendar of its id, if it is still c.Version, else ErrConflict.
func (t *Tx) ChangeCalendar(ctx context.Context, c *Calendar) error {
	c.Operator = t.scope.Operator
	n, err := t.exec(ctx, updateCalendar, append(c.values(), c.Version)...)
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("storage: calendar: %w", err)
	}
	c.Version++
	return nil
}

// Calendar returns one calendar of the scope's operator; ErrNotFound.
func (t *Tx) Calendar(ctx context.Context, id CalendarID) (*Calendar, error) {
	c := &Calendar{}
	if err := t.get(ctx, c, selectCalendar, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: calendar: %w", err)
	}
	return c, nil
}

// Calendars returns the calendars of the scope's operator by name.
func (t *Tx) Calendars(ctx context.Context) ([]Calendar, error) {
	return t.CalendarsOf(ctx, t.scope.Operator)
}

// CalendarsOf is Calendars for an operator that a transaction of InSystem names.
func (t *Tx) CalendarsOf(ctx context.Context, operator OperatorID) ([]Calendar, error) {
	all := []Calendar{}
	if err := t.list(ctx, &all, selectCalendars, operator); err != nil {
		return nil, fmt.Errorf("storage: calendars: %w", err)
	}
	return all, nil
}

// DeleteCalendar deletes a calendar; ErrNotFound. That no schedule goes by it is the caller's to see.
func (t *Tx) DeleteCalendar(ctx context.Context, id CalendarID) error {
	if err := t.execOne(ctx, deleteCalendar, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: calendar: %w", err)
	}
	return nil
}
