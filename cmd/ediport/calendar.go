package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// calendar finds a calendar by its name or public id.
func (e *environment) calendar(ctx context.Context, name string) (*storage.Calendar, error) {
	var all []storage.Calendar
	err := e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
		all, err = tx.Calendars(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	id, _ := e.db.PublicIDs().Parse(storage.PublicCalendar, name)
	for i := range all {
		if all[i].Name == name || int64(all[i].ID) == id {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no calendar %q; `ediport calendar list` shows them", name)
}

func (p *program) calendarCommand() *cobra.Command {
	c := &cobra.Command{Use: "calendar", Short: "Holidays and dates of one's own, for schedules: list, add, change, delete", Args: cobra.NoArgs}
	c.AddCommand(p.calendarListCommand(), p.calendarEditCommand("add", "Add a calendar"), p.calendarEditCommand("change", "Change a calendar: what is not named stays"),
		p.calendarDeleteCommand())
	return c
}

func (p *program) calendarListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the calendars", Args: cobra.NoArgs}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		var all []storage.Calendar
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			all, err = tx.Calendars(cmd.Context())
			return err
		})
		if err != nil {
			return err
		}
		return p.show(e, *asJSON, "calendars", all, "", rowsOf(all, func(c storage.Calendar) []string {
			return []string{c.Name, c.Holidays, string(c.Days)}
		}))
	})
	return c
}

// calendarFlags are what can be said of a calendar on the command line.
type calendarFlags struct {
	holidays     string
	closed, open []string
}

func (f *calendarFlags) apply(cmd *cobra.Command, c *storage.Calendar, fresh bool) (err error) {
	if fresh || given(cmd, "holidays") {
		c.Holidays = f.holidays
	}
	if !given(cmd, "closed", "open") {
		return nil
	}
	days := []jobs.CalendarDay{}
	for _, list := range []struct {
		closed bool
		days   []string
	}{{true, f.closed}, {false, f.open}} {
		for _, d := range list.days {
			date, name, _ := strings.Cut(d, "=")
			days = append(days, jobs.CalendarDay{Date: date, Closed: list.closed, Name: name})
		}
	}
	c.Days, err = json.Marshal(days)
	return err
}

func (p *program) calendarEditCommand(name, short string) *cobra.Command {
	var f calendarFlags
	fresh := name == "add"
	c := &cobra.Command{
		Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1),
		Example: "  ediport calendar " + name + " ours --closed 2026-12-24='Christmas Eve' --open 2026-11-11",
	}
	c.Flags().StringVar(&f.holidays, "holidays", jobs.HolidaysFederal, "built-in holidays: us_federal, or '' for none")
	c.Flags().StringSliceVar(&f.closed, "closed", nil, "dates of one's own without business, DATE or DATE=NAME; all dates are named at once")
	c.Flags().StringSliceVar(&f.open, "open", nil, "dates with business although a holiday or weekend")
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		calendar := &storage.Calendar{Operator: e.operator.ID, Name: args[0]}
		var err error
		if !fresh {
			if calendar, err = e.calendar(cmd.Context(), args[0]); err != nil {
				return err
			}
		}
		if err := f.apply(cmd, calendar, fresh); err != nil {
			return err
		}
		if fresh {
			err = e.desk().AddCalendar(cmd.Context(), e.scope(), calendar)
		} else {
			err = e.desk().ChangeCalendar(cmd.Context(), e.scope(), calendar)
		}
		if err == nil {
			fmt.Fprintf(p.stdout, "calendar %s: %s\n", calendar.Name, map[bool]string{true: "added", false: "changed"}[fresh])
		}
		return err
	})
	return c
}

func (p *program) calendarDeleteCommand() *cobra.Command {
	return &cobra.Command{
		Use: "delete NAME", Short: "Delete a calendar that no schedule uses", Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			c, err := e.calendar(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := e.desk().DeleteCalendar(cmd.Context(), e.scope(), c.ID); err != nil {
				return overAlready(err, "the calendar")
			}
			fmt.Fprintf(p.stdout, "%s: deleted\n", c.Name)
			return nil
		}),
	}
}
