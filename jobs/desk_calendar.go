package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ediport/ediport/storage"
)

// ErrCalendar is in every error about a calendar that can't be used.
var ErrCalendar error = newKind("calendar.invalid", true, "the calendar is incomplete or wrong")

// maxCalendarDays is how many own dates a calendar may have.
const maxCalendarDays = 2000

// AddCalendar adds a calendar and gives it its id. ErrCalendar says by field what is wrong with it;
// storage.ErrConflict: the name is taken.
func (d *Desk) AddCalendar(ctx context.Context, scope storage.Scope, c *storage.Calendar) error {
	if err := checkCalendar(c); err != nil {
		return err
	}
	return d.audited(ctx, scope, "calendar.added", "calendar", func(tx *storage.Tx) (int64, error) {
		err := tx.AddCalendar(ctx, c)
		return int64(c.ID), err
	})
}

// ChangeCalendar writes c over the calendar of its id and gives the schedules that go by it their new
// due times; those that have come and wait for the next tick still run.
func (d *Desk) ChangeCalendar(ctx context.Context, scope storage.Scope, c *storage.Calendar) error {
	if err := checkCalendar(c); err != nil {
		return err
	}
	return d.audited(ctx, scope, "calendar.changed", "calendar", func(tx *storage.Tx) (int64, error) {
		users, err := schedulesBy(ctx, tx, c.ID)
		if err != nil {
			return 0, err
		}
		for _, id := range users {
			if _, err := d.settled(ctx, tx, id); err != nil {
				return 0, err
			}
		}
		if err := tx.ChangeCalendar(ctx, c); err != nil {
			return 0, err
		}
		return int64(c.ID), d.planAgain(ctx, tx, func(s *storage.Schedule) bool { return slices.Contains(users, s.ID) })
	})
}

// DeleteCalendar deletes a calendar that no schedule goes by, else storage.ErrConflict.
func (d *Desk) DeleteCalendar(ctx context.Context, scope storage.Scope, id storage.CalendarID) error {
	return d.audited(ctx, scope, "calendar.deleted", "calendar", func(tx *storage.Tx) (int64, error) {
		users, err := schedulesBy(ctx, tx, id)
		if err != nil {
			return 0, err
		}
		if len(users) > 0 {
			return 0, fmt.Errorf("jobs: calendar in use: %w", storage.ErrConflict)
		}
		return int64(id), tx.DeleteCalendar(ctx, id)
	})
}

// schedulesBy returns the schedules that go by a calendar.
func schedulesBy(ctx context.Context, tx *storage.Tx, id storage.CalendarID) (users []storage.ScheduleID, err error) {
	all, err := tx.Schedules(ctx)
	for i := range all {
		if w, err := WindowsOf(&all[i]); err == nil && slices.Contains(w.Calendars, id) {
			users = append(users, all[i].ID)
		}
	}
	return users, err
}

// checkCalendar returns everything that is wrong with a calendar, by field, in one ErrCalendar.
func checkCalendar(c *storage.Calendar) error {
	c.Name = strings.TrimSpace(c.Name)
	var wrong []error
	complain := complaint{wrong: &wrong}
	complain.about(c.Name == "", "name", "give the calendar a name")
	complain.about(c.Holidays != "" && c.Holidays != HolidaysFederal, "holidays", "choose %s or none", HolidaysFederal)
	days, err := DaysOf(c)
	if detail, ok := errors.AsType[*Error](err); ok {
		wrong = append(wrong, detail.Err)
	}
	complain.about(len(days) > maxCalendarDays, "days", "at most %d", maxCalendarDays)
	seen := map[string]bool{}
	for i, day := range days {
		_, err := parseDate(day.Date)
		complain.about(err != nil, fmt.Sprintf("days[%d].date", i), "not a date such as 2026-11-27")
		complain.about(seen[day.Date], fmt.Sprintf("days[%d].date", i), "it is there twice")
		complain.about(len(day.Name) > 100, fmt.Sprintf("days[%d].name", i), "at most 100 letters")
		seen[day.Date] = true
	}
	if len(wrong) > 0 {
		return fail(ErrCalendar, errors.Join(wrong...))
	}
	return nil
}
