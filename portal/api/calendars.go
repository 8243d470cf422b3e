package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// calendarAnswer says which dates are no business days.
type calendarAnswer struct {
	ID        storage.CalendarID `json:"id" public:"cal"`
	Name      string             `json:"name"`
	Holidays  string             `json:"holidays"` // built in: us_federal; null: none
	Days      json.RawMessage    `json:"days"`     // list of {date, closed, name}: own dates
	Version   int                `json:"version"`  // raised by each change
	UpdatedAt time.Time          `json:"updated_at"`
}

func calendarOf(c storage.Calendar) calendarAnswer {
	return calendarAnswer{ID: c.ID, Name: c.Name, Holidays: c.Holidays, Days: c.Days, Version: c.Version, UpdatedAt: c.UpdatedAt}
}

type calendarInput struct {
	Name     *string             `json:"name"`
	Holidays *string             `json:"holidays"`
	Days     *[]jobs.CalendarDay `json:"days"`
	Version  int                 `json:"version"`
}

func (in *calendarInput) seen() int { return in.Version }

func (in *calendarInput) apply(c *storage.Calendar) (err error) {
	set(&c.Name, in.Name)
	set(&c.Holidays, in.Holidays)
	if in.Days != nil {
		c.Days, err = json.Marshal(*in.Days)
	}
	return err
}

func (a *API) listCalendars(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) ([]storage.Calendar, error) { return tx.Calendars(r.Context()) })
	return mapped(rows, calendarOf), "", err
}

func (a *API) calendar(ctx context.Context, scope storage.Scope, id storage.CalendarID) (out calendarAnswer, err error) {
	c, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.Calendar, error) { return tx.Calendar(ctx, id) })
	if err != nil {
		return out, err
	}
	return calendarOf(*c), nil
}

func (a *API) addCalendar(r *http.Request, scope storage.Scope) (int64, error) {
	var in calendarInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	c := &storage.Calendar{Operator: scope.Operator}
	if err := in.apply(c); err != nil {
		return 0, err
	}
	err := a.Desk.AddCalendar(r.Context(), scope, c)
	return int64(c.ID), err
}

func (a *API) changeCalendar(r *http.Request, scope storage.Scope) (int64, error) {
	var in calendarInput
	id, err := a.readChange(r, storage.PublicCalendar, &in)
	if err != nil {
		return 0, err
	}
	c, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) (*storage.Calendar, error) {
		return tx.Calendar(r.Context(), storage.CalendarID(id))
	})
	if err != nil {
		return 0, err
	}
	c.Version = in.Version
	if err := in.apply(c); err != nil {
		return 0, err
	}
	return id, a.Desk.ChangeCalendar(r.Context(), scope, c)
}
