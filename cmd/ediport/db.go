package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/storage/cluster"
)

func (p *program) dbCommand() *cobra.Command {
	c := &cobra.Command{Use: "db", Short: "The database: schema, roles, address", Args: cobra.NoArgs}
	c.AddCommand(
		&cobra.Command{
			Use: "migrate", Short: "Bring the schema up to date", Args: cobra.NoArgs,
			RunE: p.onDatabase(func(ctx context.Context, e *environment) error {
				if err := e.db.Migrate(ctx); err != nil {
					return err
				}
				return p.printStatus(ctx, e, false)
			}),
		},
		&cobra.Command{
			Use: "setup", Short: "Make the loader's and the application's role (needs the owner's URL)", Args: cobra.NoArgs,
			RunE: p.onDatabase(func(ctx context.Context, e *environment) error { return e.db.Setup(ctx) }),
		},
		p.dbStatusCommand(), p.dbURLCommand(),
		&cobra.Command{
			Use: "fetch", Short: "Find or fetch the programs of the private Postgres", Args: cobra.NoArgs, Hidden: true,
			RunE: func(cmd *cobra.Command, _ []string) error {
				found, err := cluster.Fetch(cmd.Context(), cluster.Options{Dir: p.config.Data, BinDir: p.config.PostgresBin, AllowFetch: true, Logger: p.logger()})
				if err != nil {
					return err
				}
				fmt.Fprintln(p.stdout, found.Dir)
				return nil
			},
		},
	)
	return c
}

func (p *program) dbStatusCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use: "status", Short: "Show the version of the schema", Args: cobra.NoArgs,
		RunE: p.onDatabase(func(ctx context.Context, e *environment) error { return p.printStatus(ctx, e, asJSON) }),
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (p *program) dbURLCommand() *cobra.Command {
	return &cobra.Command{
		Use: "url", Short: "Print the owner's URL, for psql and other programs", Args: cobra.NoArgs,
		RunE: p.onDatabase(func(_ context.Context, e *environment) error {
			if e.cluster == nil {
				return errors.New("the database is the one that you configured")
			}
			fmt.Fprintln(p.stdout, e.cluster.URL(databaseName, "ediport"))
			if e.cluster.Supervised() {
				fmt.Fprintln(p.stderr, "note: no ediport runs here, so Postgres stops with this command; start `ediport serve` first")
			}
			return nil
		}),
	}
}

// onDatabase runs fn with keys and database, whatever the version of its schema.
func (p *program) onDatabase(fn func(context.Context, *environment) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) (err error) {
		ctx := cmd.Context()
		e := &environment{log: p.logger()}
		defer func() { err = errors.Join(err, e.close()) }()
		var created bool
		if e.ring, created, err = p.openKeys(e.log); err != nil {
			return err
		}
		if e.cluster, err = p.openCluster(ctx, e.log, cluster.Attach); err != nil {
			return err
		}
		if e.db, err = p.openStore(e); err != nil {
			return err
		}
		if e.cluster != nil {
			if err := e.db.Setup(ctx); err != nil {
				return err
			}
		}
		if err := p.refuseLostKey(ctx, e, created); err != nil {
			return err
		}
		return fn(ctx, e)
	}
}

func (p *program) printStatus(ctx context.Context, e *environment, asJSON bool) error {
	s, err := e.db.Status(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(p.stdout, map[string]any{"version": s.Version, "latest": s.Latest, "queue_lag": s.QueueLag, "current": s.Current()})
	}
	state := "up to date"
	if !s.Current() {
		state = "behind: run `ediport db migrate`"
	}
	fmt.Fprintf(p.stdout, "schema version %d of %d, %s\n", s.Version, s.Latest, state)
	return nil
}
