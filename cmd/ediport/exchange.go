package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

func (e *environment) desk() *jobs.Desk {
	return &jobs.Desk{DB: e.db, Keys: e.ring, Archive: e.archive}
}

// scope is what the command line may see of the exchange plane.
func (e *environment) scope() storage.Scope {
	return storage.Scope{Operator: e.operator.ID, Actor: cli()}
}

func (p *program) pullCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "pull CONNECTION", Short: "Pull a partner's files now and wait until they are loaded", Args: cobra.ExactArgs(1),
		Long: "pull asks for a run and waits for its end. Where no other process works, this one does for so long.\n" +
			"Exit codes: 0 the run succeeded, 2 it did not.",
	}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		connection, err := e.connection(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return p.work(cmd.Context(), e, *asJSON, func(ctx context.Context) (storage.RunID, error) {
			return e.desk().RunNow(ctx, e.scope(), connection.ID)
		})
	})
	return c
}

func (p *program) pushCommand() *cobra.Command {
	var in jobs.HandIn
	var queue bool
	c := &cobra.Command{
		Use: "push CONNECTION [FILE…]", Short: "Hand files in to be sent to a partner, and send what waits",
		Long: "push keeps each file (- is standard input, named by --name) in the archive, queues it for the connection, and sends what waits\n" +
			"there, acknowledgments included. Where no other process works, this one does for so long.\n" +
			"Exit codes: 0 everything was sent, 2 something was not.",
		Example: "  ediport push tamarind claims.x12\n  ediport push tamarind --queue *.x12",
		Args:    cobra.MinimumNArgs(1),
	}
	f := c.Flags()
	f.StringVar(&in.Name, "name", "", "name under which the one file is delivered")
	f.BoolVar(&in.Template, "template", false, "name files by the connection's template")
	f.BoolVar(&in.AsIs, "as-is", false, "take files that are no X12, too")
	f.BoolVar(&in.Again, "again", false, "take files that were sent before, too")
	f.BoolVar(&queue, "queue", false, "only queue: `ediport serve` or `ediport work` sends")
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		connection, err := e.connection(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		if in.Name != "" && len(args) != 2 {
			return errors.New("--name is for one file")
		}
		for _, file := range args[1:] {
			if err := p.handIn(cmd.Context(), e, connection, file, in, *asJSON); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
		if queue {
			return nil
		}
		return p.work(cmd.Context(), e, *asJSON, func(ctx context.Context) (storage.RunID, error) {
			return e.desk().PushNow(ctx, e.scope(), connection.ID)
		})
	})
	return c
}

// handIn queues one file.
func (p *program) handIn(ctx context.Context, e *environment, c *storage.Connection, path string, in jobs.HandIn, asJSON bool) error {
	in.Source, in.Content = "cli", p.stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // only read
		in.Content = f
		if in.Name == "" {
			in.Name = filepath.Base(path)
		}
	}
	id, err := e.desk().HandIn(ctx, e.scope(), c.ID, in)
	if err != nil {
		return err
	}
	if !asJSON {
		fmt.Fprintf(p.stdout, "queued as %s\n", e.public(storage.PublicFile, int64(id)))
	}
	return nil
}

// work asks for a run and waits for its end.
func (p *program) work(ctx context.Context, e *environment, asJSON bool, ask func(context.Context) (storage.RunID, error)) error {
	node, err := jobs.Start(ctx, e.jobs(p.config, false, true))
	if err != nil {
		return err
	}
	defer func() { _ = node.Stop(context.WithoutCancel(ctx)) }()
	id, err := ask(ctx)
	if err != nil && !errors.Is(err, jobs.ErrRunOpen) {
		return sentence(err)
	}
	run, err := e.awaitRun(ctx, id)
	if err != nil {
		return err
	}
	return p.tellRun(e, run, asJSON)
}

// tellRun says how a run ended.
func (p *program) tellRun(e *environment, run *storage.Run, asJSON bool) error {
	err := p.showOne(e, asJSON, *run, func() [][]string {
		return [][]string{{fmt.Sprintf("run %s: %s %s", e.public(storage.PublicRun, int64(run.ID)), run.State, run.Counts)}}
	})
	if err != nil || run.State == storage.RunSucceeded {
		return err
	}
	if problem, ok := jobs.Explain(run.ErrorCode); ok && !asJSON {
		fmt.Fprintf(p.stderr, "ediport: %s %s\n", problem.Sentence, problem.Next)
	}
	return &exitError{code: exitFailed}
}

// awaitRun looks at a run until it has ended.
func (e *environment) awaitRun(ctx context.Context, id storage.RunID) (*storage.Run, error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		var run *storage.Run
		err := e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
			run, err = tx.Run(ctx, e.operator.ID, id)
			return err
		})
		if err != nil || run.EndedAt != nil {
			return run, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}
