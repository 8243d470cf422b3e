package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/portal/api"
	"github.com/ediport/ediport/storage"
)

func (p *program) runCommand() *cobra.Command {
	c := &cobra.Command{Use: "run", Short: "What was executed: list, show, follow, cancel", Args: cobra.NoArgs}
	c.AddCommand(p.runListCommand(), p.runShowCommand(), p.runFollowCommand(), p.runCancelCommand())
	return c
}

func (p *program) runListCommand() *cobra.Command {
	var connection, kind string
	var states []string
	c := &cobra.Command{Use: "list", Short: "List runs, newest first", Args: cobra.NoArgs, Example: "  ediport run list --connection tamarind --state failed"}
	c.Flags().StringVar(&connection, "connection", "", "only of this connection")
	c.Flags().StringVar(&kind, "kind", "", "only of this kind: "+strings.Join(jobs.RunKinds, ", "))
	c.Flags().StringSliceVar(&states, "state", nil, "only in these states: "+strings.Join(storage.RunStates, ", "))
	page, asJSON := addPageFlags(c), jsonFlag(c)
	c.PreRunE = func(*cobra.Command, []string) error {
		return errors.Join(among("kind", jobs.RunKinds, kind), among("state", storage.RunStates, states...))
	}
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		f := storage.RunFilter{Kind: kind, States: states, Limit: page.page().Limit}
		if connection != "" {
			c, err := e.connection(cmd.Context(), connection)
			if err != nil {
				return err
			}
			f.Connection = c.ID
		}
		var runs []storage.Run
		var next storage.Cursor
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			runs, next, err = tx.Runs(cmd.Context(), f, page.page().Cursor)
			return err
		})
		if err != nil {
			return err
		}
		defer p.more(*asJSON, next)
		return p.show(e, *asJSON, "runs", runs, next, rowsOf(runs, func(r storage.Run) []string {
			return []string{e.public(storage.PublicRun, int64(r.ID)), r.Kind, r.State, at(&r.QueuedAt), at(r.EndedAt), r.ErrorCode, string(r.Counts)}
		}))
	})
	return c
}

// runOf loads a run and its log behind a line.
func (e *environment) runOf(ctx context.Context, text string, after int64) (run *storage.Run, lines []storage.RunLine, err error) {
	id, err := e.parseID(storage.PublicRun, "run", text)
	if err != nil {
		return nil, nil, err
	}
	err = e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
		if run, err = tx.Run(ctx, e.operator.ID, storage.RunID(id)); err != nil {
			return err
		}
		lines, err = tx.RunLog(ctx, run.ID, after, 500)
		return err
	})
	return run, lines, err
}

// logLine returns a function that shows a line of a run's log.
func logLine(ids *storage.PublicIDs) func(storage.RunLine) []string {
	return func(l storage.RunLine) []string {
		problem, known := jobs.Explain(l.Code)
		if !known {
			problem.Sentence = ""
		}
		detail := string(api.PublicDetail(ids, l.Detail))
		if detail == "{}" {
			detail = ""
		}
		return []string{at(&l.At), l.Level, l.Code, problem.Sentence, detail}
	}
}

func (p *program) runShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show RUN", Short: "Show a run with its log, and what to do if it failed", Args: cobra.ExactArgs(1)}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		run, lines, err := e.runOf(cmd.Context(), args[0], 0)
		if err != nil {
			return err
		}
		if *asJSON {
			return p.runJSON(e, run, lines)
		}
		facts := [][]string{
			{"run", e.public(storage.PublicRun, int64(run.ID))},
			{"state", run.State},
			{"queued", at(&run.QueuedAt)},
			{"started", at(run.StartedAt)},
			{"ended", at(run.EndedAt)},
			{"node", run.NodeID},
			{"counts", string(run.Counts)},
		}
		if problem, known := jobs.Explain(run.ErrorCode); known && run.ErrorCode != "" {
			facts = append(facts, []string{"what happened", problem.Sentence}, []string{"what to do", problem.Next})
		}
		if err := p.printTable(facts); err != nil {
			return err
		}
		fmt.Fprintln(p.stdout)
		return p.printTable(rowsOf(lines, logLine(e.db.PublicIDs()))())
	})
	return c
}

// runJSON prints a run with its log, in the API's shape.
func (p *program) runJSON(e *environment, run *storage.Run, lines []storage.RunLine) error {
	head, err := api.Document(e.db.PublicIDs(), *run)
	if err != nil {
		return err
	}
	log, err := api.Document(e.db.PublicIDs(), lines)
	if err != nil {
		return err
	}
	return printJSON(p.stdout, map[string]json.RawMessage{"run": head, "log": log})
}

func (p *program) runFollowCommand() *cobra.Command {
	return &cobra.Command{
		Use: "follow RUN", Short: "Print a run's log as it comes, until the run has ended", Args: cobra.ExactArgs(1),
		Long: "follow prints the log of a run as it grows.\nExit codes: 0 the run succeeded, 2 it did not.",
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			tick := time.NewTicker(500 * time.Millisecond)
			defer tick.Stop()
			for after := int64(0); ; {
				run, lines, err := e.runOf(cmd.Context(), args[0], after)
				if err != nil {
					return err
				}
				for _, l := range lines {
					after = l.ID
				}
				if err := p.printTable(rowsOf(lines, logLine(e.db.PublicIDs()))()); err != nil {
					return err
				}
				if !run.Open() && len(lines) == 0 {
					return p.tellRun(e, run, false)
				}
				select {
				case <-cmd.Context().Done():
					return cmd.Context().Err()
				case <-tick.C:
				}
			}
		}),
	}
}

func (p *program) runCancelCommand() *cobra.Command {
	return &cobra.Command{
		Use: "cancel RUN", Short: "End a run that waits, or stop one that is under way", Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			id, err := e.parseID(storage.PublicRun, "run", args[0])
			if err != nil {
				return err
			}
			if err := e.desk().Cancel(cmd.Context(), e.scope(), storage.RunID(id)); err != nil {
				return overAlready(err, "the run")
			}
			fmt.Fprintln(p.stdout, "the run is being stopped; what it took stays")
			return nil
		}),
	}
}
