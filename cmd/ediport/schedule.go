package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

func (p *program) scheduleCommand() *cobra.Command {
	c := &cobra.Command{Use: "schedule", Short: "When partners' files are pulled and pushed: list, add, change, run, pause, preview", Args: cobra.NoArgs}
	c.AddCommand(p.scheduleAddCommand(), p.scheduleChangeCommand(), p.schedulePreviewCommand(), p.scheduleListCommand(),
		p.scheduleActCommand("run", "Run a schedule's work now", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			run, err := e.desk().RunScheduleNow(ctx, e.scope(), id)
			if errors.Is(err, jobs.ErrRunOpen) {
				return "is under way already: " + e.public(storage.PublicRun, int64(run)), nil
			}
			return "queued as " + e.public(storage.PublicRun, int64(run)) + "; `ediport serve` or `ediport work` executes it", err
		}),
		p.scheduleActCommand("pause", "Stop a schedule", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			return "paused", e.desk().PauseSchedule(ctx, e.scope(), id, true)
		}),
		p.scheduleActCommand("resume", "Let a paused schedule go on", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			return "resumed", e.desk().PauseSchedule(ctx, e.scope(), id, false)
		}),
		p.scheduleActCommand("delete", "Delete a schedule; its runs stay", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			return "deleted", e.desk().DeleteSchedule(ctx, e.scope(), id)
		}),
		p.schedulePauseAllCommand(), p.scheduleResumeAllCommand())
	return c
}

// scheduleFlags are what can be said of a schedule on the command line.
type scheduleFlags struct {
	connection, kind, spec, zone, missed, windows, shift string
	missedLimit, priority                                int
	jitter                                               time.Duration
	businessDays                                         bool
	calendars                                            []string
}

func (f *scheduleFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.connection, "connection", "", "connection to pull from or push to")
	flags.StringVar(&f.kind, "kind", "pull", "pull or push")
	flags.StringVar(&f.spec, "at", "", "cron expression of five fields, @daily, @every 15m, or fixed times: 'at 06:30,12:00'")
	flags.StringVar(&f.zone, "zone", "America/New_York", "time zone of the times")
	flags.StringVar(&f.missed, "missed", "once", "what to do about times missed while nothing ran: once, skip or all")
	flags.IntVar(&f.missedLimit, "missed-limit", 10, "with --missed all: how many are made up for")
	flags.BoolVar(&f.businessDays, "business-days", false, "Monday to Friday without holidays only")
	flags.StringSliceVar(&f.calendars, "calendar", nil, "calendar of holidays (default: US federal); may be given several times")
	flags.StringVar(&f.shift, "shift", "", "what becomes of a time off business days: skip, next or previous")
	flags.StringVar(&f.windows, "windows", "", "file of JSON with open and blackout windows")
	flags.DurationVar(&f.jitter, "jitter", 0, "a start is put off by up to this, such as 2m")
	flags.IntVar(&f.priority, "priority", 2, "1 is first, 4 last")
}

func (f *scheduleFlags) apply(ctx context.Context, cmd *cobra.Command, e *environment, s *storage.Schedule, fresh bool) error {
	said := func(flag string) bool { return fresh || given(cmd, flag) }
	for flag, value := range map[string]struct{ to, from *string }{
		"kind": {&s.Kind, &f.kind}, "at": {&s.Spec, &f.spec}, "zone": {&s.Zone, &f.zone}, "missed": {&s.Missed, &f.missed},
	} {
		if said(flag) {
			*value.to = *value.from
		}
	}
	if said("connection") && f.connection != "" {
		c, err := e.connection(ctx, f.connection)
		if err != nil {
			return err
		}
		s.Connection = c.ID
	}
	if said("missed-limit") {
		s.MissedLimit = f.missedLimit
	}
	if said("priority") {
		s.Priority = f.priority
	}
	if said("jitter") {
		s.JitterSeconds = int(f.jitter.Seconds())
	}
	return f.applyWindows(ctx, cmd, e, s)
}

func (f *scheduleFlags) applyWindows(ctx context.Context, cmd *cobra.Command, e *environment, s *storage.Schedule) error {
	if !given(cmd, "windows", "business-days", "calendar", "shift") {
		return nil
	}
	if f.windows != "" {
		text, err := os.ReadFile(f.windows)
		if err != nil {
			return err
		}
		s.Windows = text
	}
	w, err := jobs.WindowsOf(s)
	if err != nil {
		return err
	}
	if given(cmd, "business-days") {
		w.BusinessDays = f.businessDays
	}
	if given(cmd, "shift") {
		w.Shift = f.shift
	}
	if given(cmd, "calendar") {
		w.Calendars = nil
		for _, name := range f.calendars {
			c, err := e.calendar(ctx, name)
			if err != nil {
				return err
			}
			w.Calendars = append(w.Calendars, c.ID)
		}
	}
	s.Windows, err = json.Marshal(w)
	return err
}

func (p *program) scheduleAddCommand() *cobra.Command {
	var f scheduleFlags
	c := &cobra.Command{
		Use: "add NAME", Short: "Add a schedule", Args: cobra.ExactArgs(1),
		Example: "  ediport schedule add morning --connection tamarind --at '30 6 * * *' --zone America/New_York --business-days\n" +
			"  ediport schedule add often --connection tamarind --at '@every 15m' --jitter 1m",
	}
	f.add(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		s := storage.Schedule{Operator: e.operator.ID, Name: args[0]}
		if f.connection == "" {
			return errors.New("a schedule needs a connection: name it with --connection")
		}
		if err := f.apply(cmd.Context(), cmd, e, &s, true); err != nil {
			return err
		}
		if err := e.desk().AddSchedule(cmd.Context(), e.scope(), &s); err != nil {
			return err
		}
		return p.tellNext(cmd.Context(), e, &s, "added")
	})
	return c
}

// tellNext says when a schedule runs next.
func (p *program) tellNext(ctx context.Context, e *environment, s *storage.Schedule, done string) error {
	firings, err := e.desk().Preview(ctx, e.scope(), s, 3)
	if err != nil {
		return err
	}
	var next []string
	for _, f := range firings {
		next = append(next, f.Local)
	}
	fmt.Fprintf(p.stdout, "%s schedule %s; next: %s\n", done, s.Name, strings.Join(next, ", "))
	return nil
}

func (p *program) scheduleChangeCommand() *cobra.Command {
	var f scheduleFlags
	var name string
	c := &cobra.Command{
		Use: "change NAME", Short: "Change a schedule: what is not named stays", Args: cobra.ExactArgs(1),
		Example: "  ediport schedule change morning --at '0 7 * * *'",
	}
	f.add(c)
	c.Flags().StringVar(&name, "name", "", "a new name")
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		s, err := e.schedule(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if given(cmd, "name") {
			s.Name = name
		}
		if err := f.apply(cmd.Context(), cmd, e, s, false); err != nil {
			return err
		}
		if err := e.desk().ChangeSchedule(cmd.Context(), e.scope(), s); err != nil {
			return err
		}
		return p.tellNext(cmd.Context(), e, s, "changed")
	})
	return c
}

func (p *program) schedulePreviewCommand() *cobra.Command {
	var f scheduleFlags
	var times int
	c := &cobra.Command{
		Use: "preview [NAME]", Short: "Show when a schedule runs next, or would run with other settings", Args: cobra.MaximumNArgs(1),
		Example: "  ediport schedule preview morning\n  ediport schedule preview --at '30 2 * * *' --zone America/New_York --times 20",
	}
	f.add(c)
	c.Flags().IntVar(&times, "times", 10, "how many, 1 to 100")
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		s := &storage.Schedule{Operator: e.operator.ID, Name: "preview"}
		if len(args) == 1 {
			var err error
			if s, err = e.schedule(cmd.Context(), args[0]); err != nil {
				return err
			}
		}
		if err := f.apply(cmd.Context(), cmd, e, s, len(args) == 0); err != nil {
			return err
		}
		s.Connection = cmp.Or(s.Connection, 1) // when it runs does not depend on it
		firings, err := e.desk().Preview(cmd.Context(), e.scope(), s, min(max(times, 1), jobs.MostPreviewed))
		if err != nil {
			return err
		}
		if *asJSON {
			return printJSON(p.stdout, map[string]any{"times": firingsJSON(firings)})
		}
		return p.printTable(rowsOf(firings, func(f jobs.Firing) []string {
			return []string{f.Local, f.Due.UTC().Format(time.RFC3339), strings.Join(f.Notes, "; ")}
		})())
	})
	return c
}

func firingsJSON(firings []jobs.Firing) []map[string]any {
	out := []map[string]any{}
	for _, f := range firings {
		notes := f.Notes
		if notes == nil {
			notes = []string{}
		}
		out = append(out, map[string]any{"due_at": f.Due.UTC(), "start_at": f.Start.UTC(), "local": f.Local, "notes": notes})
	}
	return out
}

func (p *program) scheduleListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the schedules", Args: cobra.NoArgs}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		var all []storage.Schedule
		var pause *storage.SchedulePause
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			if pause, err = tx.SchedulesPaused(cmd.Context()); err != nil {
				return err
			}
			all, err = tx.Schedules(cmd.Context())
			return err
		})
		if err != nil {
			return err
		}
		if pause != nil && !*asJSON {
			fmt.Fprintf(p.stdout, "all schedules are paused since %s: %s\n", at(&pause.At), pause.Reason)
		}
		return p.show(e, *asJSON, "schedules", all, "", rowsOf(all, func(s storage.Schedule) []string {
			next := "paused"
			if start := s.StartsAt(); start != nil {
				next = "next " + instants([]time.Time{*start}, s.Zone)
			}
			return []string{s.Name, s.Kind, s.Spec, s.Zone, next}
		}))
	})
	return c
}

// instants shows times in a zone.
func instants(times []time.Time, zone string) string {
	at, err := time.LoadLocation(zone)
	if err != nil {
		at = time.UTC
	}
	var shown []string
	for _, t := range times {
		shown = append(shown, t.In(at).Format("2006-01-02 15:04 MST"))
	}
	return strings.Join(shown, ", ")
}

func (p *program) scheduleActCommand(name, short string, act func(context.Context, *environment, storage.ScheduleID) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			s, err := e.schedule(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			done, err := act(cmd.Context(), e, s.ID)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "%s: %s\n", s.Name, done)
			return nil
		}),
	}
}

func (p *program) schedulePauseAllCommand() *cobra.Command {
	var why string
	c := &cobra.Command{
		Use: "pause-all", Short: "Keep all schedules from running, until resume-all", Args: cobra.NoArgs,
		RunE: p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
			if err := e.desk().PauseAllSchedules(cmd.Context(), e.scope(), why); err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, "all schedules are paused")
			return nil
		}),
	}
	c.Flags().StringVar(&why, "reason", "", "why, for those who see it")
	return c
}

func (p *program) scheduleResumeAllCommand() *cobra.Command {
	return &cobra.Command{
		Use: "resume-all", Short: "End pause-all; times of the pause are not made up for", Args: cobra.NoArgs,
		RunE: p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
			if err := e.desk().ResumeAllSchedules(cmd.Context(), e.scope()); err != nil {
				return err
			}
			fmt.Fprintln(p.stdout, "schedules run again, but those that are paused one by one")
			return nil
		}),
	}
}

// schedule finds a schedule by its name or public id.
func (e *environment) schedule(ctx context.Context, name string) (*storage.Schedule, error) {
	var all []storage.Schedule
	err := e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
		all, err = tx.Schedules(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	id, _ := e.db.PublicIDs().Parse(storage.PublicSchedule, name)
	for i := range all {
		if all[i].Name == name || int64(all[i].ID) == id {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no schedule %q; `ediport schedule list` shows them", name)
}
