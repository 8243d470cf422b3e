package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

// overAlready says a conflict of acts on what has a state of its own.
func overAlready(err error, what string) error {
	if errors.Is(err, storage.ErrConflict) {
		return fmt.Errorf("%s is in another state by now, in which that can't be done", what)
	}
	if errors.Is(err, storage.ErrNotFound) {
		return fmt.Errorf("there is no such thing as %s", strings.TrimPrefix(what, "the "))
	}
	return err
}

func (p *program) jobCommand() *cobra.Command {
	c := &cobra.Command{Use: "job", Short: "The queue: list, try again, cancel, discard", Args: cobra.NoArgs}
	c.AddCommand(p.jobListCommand(),
		p.jobActCommand("retry", "Let a dead or waiting job go at once", "goes at once", (*jobs.Desk).RetryJob),
		p.jobActCommand("cancel", "Stop a running job within seconds, or cancel one that waits", "is being stopped", (*jobs.Desk).CancelJob),
		p.jobActCommand("discard", "Put a dead job aside, or cancel one that waits", "discarded", (*jobs.Desk).DiscardJob))
	return c
}

func (p *program) jobListCommand() *cobra.Command {
	var f storage.JobFilter
	c := &cobra.Command{Use: "list", Short: "List jobs, newest first", Args: cobra.NoArgs, Example: "  ediport job list --dead"}
	c.Flags().StringVar(&f.Kind, "kind", "", "only of this kind: "+strings.Join(jobs.Kinds, ", "))
	c.Flags().StringSliceVar(&f.States, "state", nil, "only in these states: "+strings.Join(storage.JobStates, ", "))
	c.Flags().BoolVar(&f.Dead, "dead", false, "only those that were given up and want a person")
	page, asJSON := addPageFlags(c), jsonFlag(c)
	c.PreRunE = func(*cobra.Command, []string) error {
		return errors.Join(among("kind", jobs.Kinds, f.Kind), among("state", storage.JobStates, f.States...))
	}
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		f.Limit = page.page().Limit
		var all []storage.QueuedJob
		var next storage.Cursor
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			all, next, err = tx.Jobs(cmd.Context(), f, page.page().Cursor)
			return err
		})
		if err != nil {
			return err
		}
		defer p.more(*asJSON, next)
		return p.show(e, *asJSON, "jobs", all, next, rowsOf(all, func(j storage.QueuedJob) []string {
			what := e.public(storage.PublicRun, int64(j.Run))
			if j.Run == 0 {
				what = e.public(storage.PublicFile, int64(j.File))
			}
			state := j.State
			if j.State == storage.JobRetryable {
				state += ", next " + at(&j.ScheduledAt)
			}
			return []string{
				e.public(storage.PublicJob, j.ID), j.Kind, state, strconv.Itoa(j.Attempt) + "/" + strconv.Itoa(j.MaxAttempts), what, strings.Join(j.Codes, " "),
			}
		}))
	})
	return c
}

func (p *program) jobActCommand(name, short, done string, act func(*jobs.Desk, context.Context, storage.Scope, int64) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " JOB…", Short: short, Args: cobra.MinimumNArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			for _, text := range args {
				id, err := e.parseID(storage.PublicJob, "job", text)
				if err != nil {
					return err
				}
				if err := act(e.desk(), cmd.Context(), e.scope(), id); err != nil {
					return overAlready(err, "the job "+text)
				}
				fmt.Fprintf(p.stdout, "%s: %s\n", text, done)
			}
			return nil
		}),
	}
}

func (p *program) nodeCommand() *cobra.Command {
	c := &cobra.Command{Use: "node", Short: "The processes that schedule and work", Args: cobra.NoArgs}
	list := &cobra.Command{Use: "list", Short: "List the processes", Args: cobra.NoArgs}
	asJSON := jsonFlag(list)
	list.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		var all []storage.NodeState
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			all, err = tx.NodeStates(cmd.Context())
			return err
		})
		if err != nil {
			return err
		}
		return p.show(e, *asJSON, "nodes", all, "", rowsOf(all, func(n storage.NodeState) []string {
			state := "live"
			switch {
			case n.Late:
				state = "silent"
			case n.Stopping:
				state = "stopping"
			}
			return []string{n.ID, n.Version, state, "since " + at(&n.StartedAt), strings.Join(n.Kinds, " "), fmt.Sprintf("clock %+d ms", n.ClockSkewMS)}
		}))
	})
	c.AddCommand(list)
	return c
}

func (p *program) incidentCommand() *cobra.Command {
	c := &cobra.Command{Use: "incident", Short: "What goes wrong: list, acknowledge, close", Args: cobra.NoArgs}
	c.AddCommand(p.incidentListCommand(),
		p.incidentActCommand("acknowledge", "Say that you look after an incident", "acknowledged", (*jobs.Desk).AcknowledgeIncident),
		p.incidentActCommand("close", "End an incident; if what caused it goes on, a new one is opened", "closed", (*jobs.Desk).CloseIncident))
	return c
}

func (p *program) incidentListCommand() *cobra.Command {
	var all bool
	c := &cobra.Command{Use: "list", Short: "List the incidents that go on, newest first", Args: cobra.NoArgs}
	c.Flags().BoolVar(&all, "all", false, "also those that are over")
	page, asJSON := addPageFlags(c), jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		var list []storage.Incident
		var next storage.Cursor
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			list, next, err = tx.Incidents(cmd.Context(), storage.IncidentFilter{Open: !all, Limit: page.page().Limit}, page.page().Cursor)
			return err
		})
		if err != nil {
			return err
		}
		defer p.more(*asJSON, next)
		return p.show(e, *asJSON, "incidents", list, next, rowsOf(list, func(i storage.Incident) []string {
			problem, _ := jobs.Explain(i.Code)
			return []string{
				e.public(storage.PublicIncident, i.ID), i.SubjectKind + " " + i.SubjectName, at(&i.LastAt), strconv.Itoa(i.Count) + "×", problem.Sentence, problem.Next,
			}
		}))
	})
	return c
}

func (p *program) incidentActCommand(name, short, done string, act func(*jobs.Desk, context.Context, storage.Scope, int64) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " INCIDENT", Short: short, Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			id, err := e.parseID(storage.PublicIncident, "incident", args[0])
			if err != nil {
				return err
			}
			if err := act(e.desk(), cmd.Context(), e.scope(), id); err != nil {
				return overAlready(err, "the incident "+args[0])
			}
			fmt.Fprintf(p.stdout, "%s: %s\n", args[0], done)
			return nil
		}),
	}
}
