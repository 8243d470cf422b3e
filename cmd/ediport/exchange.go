package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

func (e *environment) desk() *jobs.Desk { return &jobs.Desk{DB: e.db, Keys: e.ring} }

// scope is what the command line may see of the exchange plane.
func (e *environment) scope() storage.Scope {
	return storage.Scope{Operator: e.operator.ID, Actor: cli()}
}

func (p *program) connectionCommand() *cobra.Command {
	c := &cobra.Command{Use: "connection", Short: "Partners' SFTP servers: add, test, list", Args: cobra.NoArgs}
	c.AddCommand(p.connectionAddCommand(), p.connectionTestCommand(), p.connectionListCommand())
	return c
}

func (p *program) connectionAddCommand() *cobra.Command {
	var c storage.Connection
	var keyFile, passwordFile string
	cmd := &cobra.Command{
		Use:   "add NAME",
		Short: "Add a partner's server",
		Long: "add stores how to reach a partner's SFTP server. The host key must be pinned: get its SHA-256 fingerprint from the partner, or see\n" +
			"what the server offers with `ediport connection test` and compare. Password and passphrase come from a file or from\n" +
			"EDIPORT_SFTP_PASSWORD and EDIPORT_SFTP_PASSPHRASE, never from a flag.",
		Example: "  EDIPORT_SFTP_PASSWORD=… ediport connection add tamarind --host sftp.tamarind.example --user cedar --host-key SHA256:… --folder /outbound --glob '*.x12' --after archive --archive-folder /archive",
		Args:    cobra.ExactArgs(1),
	}
	f := cmd.Flags()
	f.StringVar(&c.Host, "host", "", "name or address of the server")
	f.IntVar(&c.Port, "port", 22, "port")
	f.StringVar(&c.Username, "user", "", "user at the server")
	f.StringSliceVar((*[]string)(&c.HostKeys), "host-key", nil, "SHA-256 fingerprint of the host key; may be given several times")
	f.StringVar(&c.PullFolder, "folder", ".", "remote folder to pull from")
	f.StringSliceVar((*[]string)(&c.PullGlobs), "glob", []string{"*"}, "files to take, in order; a leading ! leaves out")
	f.StringVar(&c.AfterSuccess, "after", "leave", "what becomes of a file at the server: leave, archive or delete")
	f.StringVar(&c.ArchiveFolder, "archive-folder", "", "where archived files go at the server")
	f.IntVar(&c.StableSeconds, "stable-seconds", 30, "how long size and time must stand still before a file is taken")
	f.StringVar(&keyFile, "private-key", "", "file with the private key to sign in with")
	f.StringVar(&passwordFile, "password-file", "", "file with the password")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		c.Name = args[0]
		secrets, err := p.secrets(keyFile, passwordFile)
		if err != nil {
			return err
		}
		c.Auth = jobs.AuthPassword
		if keyFile != "" {
			c.Auth = jobs.AuthKey
		}
		return p.withEnvironment(cmd.Context(), func(e *environment) error {
			if err := e.desk().AddConnection(cmd.Context(), e.scope(), &c, secrets); err != nil {
				return sentence(err)
			}
			fmt.Fprintf(p.stdout, "added connection %s; try it with `ediport connection test %s`\n", c.Name, c.Name)
			return nil
		})
	}
	return cmd
}

// secrets reads what signs in, from files or the environment.
func (p *program) secrets(keyFile, passwordFile string) (jobs.Secrets, error) {
	s := jobs.Secrets{
		Password: transfer.Secret(p.getenv("EDIPORT_SFTP_PASSWORD")), Passphrase: transfer.Secret(p.getenv("EDIPORT_SFTP_PASSPHRASE")),
	}
	if passwordFile != "" {
		b, err := os.ReadFile(passwordFile)
		if err != nil {
			return s, err
		}
		s.Password = transfer.Secret(strings.TrimRight(string(b), "\r\n"))
	}
	if keyFile != "" {
		b, err := os.ReadFile(keyFile)
		if err != nil {
			return s, err
		}
		s.PrivateKey = transfer.Secret(b)
	}
	return s, nil
}

// connection finds a connection by its name or public id.
func (e *environment) connection(ctx context.Context, name string) (*storage.Connection, error) {
	var all []storage.Connection
	err := e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) (err error) {
		all, err = tx.Connections(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	id, _ := e.db.PublicIDs().Parse(storage.PublicConnection, name)
	for i := range all {
		if all[i].Name == name || int64(all[i].ID) == id {
			return &all[i], nil
		}
	}
	return nil, fmt.Errorf("there is no connection %q; `ediport connection list` shows them", name)
}

func (p *program) connectionTestCommand() *cobra.Command {
	return &cobra.Command{
		Use: "test NAME", Short: "Try a connection step by step", Args: cobra.ExactArgs(1),
		Long: "test walks through name, network, SSH, host key, sign-in and folder, and says in plain words which step failed and what to do.\n" +
			"Exit codes: 0 all steps work, 1 one failed, 2 it could not be tried.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error { return p.testConnection(cmd.Context(), e, args[0]) })
		},
	}
}

func (p *program) testConnection(ctx context.Context, e *environment, name string) error {
	c, err := e.connection(ctx, name)
	if err != nil {
		return err
	}
	steps, err := e.desk().TestConnection(ctx, e.scope(), c.ID)
	if err != nil {
		return err
	}
	failed := false
	for _, s := range steps {
		fmt.Fprintf(p.stdout, "%-8s %-12s %s\n", s.State, s.Name, s.Sentence)
		if s.Remedy != "" {
			fmt.Fprintf(p.stdout, "%-8s %-12s → %s\n", "", "", s.Remedy)
		}
		failed = failed || s.State == transfer.StateFailed
	}
	if failed {
		return &exitError{code: exitFinding}
	}
	return nil
}

func (p *program) connectionListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the connections", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error {
				return e.db.InScope(cmd.Context(), e.scope(), func(tx *storage.Tx) error {
					all, err := tx.Connections(cmd.Context())
					for _, c := range all {
						state := "active"
						if c.Paused {
							state = "paused: " + c.PausedReason
						}
						fmt.Fprintf(p.stdout, "%-20s %s@%s:%d  %s  %s\n", c.Name, c.Username, c.Host, c.Port, c.PullFolder, state)
					}
					return err
				})
			})
		},
	}
}

func (p *program) scheduleCommand() *cobra.Command {
	c := &cobra.Command{Use: "schedule", Short: "When partners' files are pulled: list, add, run, pause, resume", Args: cobra.NoArgs}
	c.AddCommand(p.scheduleAddCommand(), p.scheduleListCommand(),
		p.scheduleActCommand("run", "Run a schedule's work now", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			_, err := e.desk().RunScheduleNow(ctx, e.scope(), id)
			if errors.Is(err, jobs.ErrRunOpen) {
				return "is under way already", nil
			}
			return "queued; `ediport serve` or `ediport work` executes it", err
		}),
		p.scheduleActCommand("pause", "Stop a schedule", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			return "paused", e.desk().PauseSchedule(ctx, e.scope(), id, true)
		}),
		p.scheduleActCommand("resume", "Let a paused schedule go on", func(ctx context.Context, e *environment, id storage.ScheduleID) (string, error) {
			return "resumed", e.desk().PauseSchedule(ctx, e.scope(), id, false)
		}))
	return c
}

func (p *program) scheduleAddCommand() *cobra.Command {
	var s storage.Schedule
	var connection string
	c := &cobra.Command{
		Use:     "add NAME",
		Short:   "Add a schedule",
		Example: "  ediport schedule add morning --connection tamarind --at '30 6 * * 1-5' --zone America/New_York\n  ediport schedule add often --connection tamarind --at '@every 15m'",
		Args:    cobra.ExactArgs(1),
	}
	c.Flags().StringVar(&connection, "connection", "", "connection to pull from")
	c.Flags().StringVar(&s.Spec, "at", "", "cron expression of five fields, @daily or @every 15m")
	c.Flags().StringVar(&s.Zone, "zone", "America/New_York", "time zone of the expression")
	c.Flags().StringVar(&s.Missed, "missed", "once", "what to do about times missed while nothing ran: once, skip or all")
	c.RunE = func(cmd *cobra.Command, args []string) error {
		return p.withEnvironment(cmd.Context(), func(e *environment) error {
			ctx := cmd.Context()
			from, err := e.connection(ctx, connection)
			if err != nil {
				return err
			}
			s.Name, s.Connection = args[0], from.ID
			if err := e.desk().AddSchedule(ctx, e.scope(), &s); err != nil {
				return sentence(err)
			}
			next, err := e.desk().NextTimes(s.Spec, s.Zone, 3)
			if err != nil {
				return err
			}
			fmt.Fprintf(p.stdout, "added schedule %s; next: %s\n", s.Name, instants(next, s.Zone))
			return nil
		})
	}
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

func (p *program) scheduleListCommand() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List the schedules", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error {
				return e.db.InScope(cmd.Context(), e.scope(), func(tx *storage.Tx) error {
					all, err := tx.Schedules(cmd.Context())
					for _, s := range all {
						next := "paused"
						if s.NextDueAt != nil {
							next = "next " + instants([]time.Time{*s.NextDueAt}, s.Zone)
						}
						fmt.Fprintf(p.stdout, "%-20s %-6s %-16s %s  %s\n", s.Name, s.Kind, s.Spec, s.Zone, next)
					}
					return err
				})
			})
		},
	}
}

func (p *program) scheduleActCommand(name, short string, act func(context.Context, *environment, storage.ScheduleID) (string, error)) *cobra.Command {
	return &cobra.Command{
		Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error {
				id, err := e.schedule(cmd.Context(), args[0])
				if err != nil {
					return err
				}
				done, err := act(cmd.Context(), e, id)
				if err != nil {
					return sentence(err)
				}
				fmt.Fprintf(p.stdout, "%s: %s\n", args[0], done)
				return nil
			})
		},
	}
}

func (e *environment) schedule(ctx context.Context, name string) (storage.ScheduleID, error) {
	var found storage.ScheduleID
	err := e.db.InScope(ctx, e.scope(), func(tx *storage.Tx) error {
		all, err := tx.Schedules(ctx)
		for _, s := range all {
			if s.Name == name {
				found = s.ID
			}
		}
		return err
	})
	if err == nil && found == 0 {
		err = fmt.Errorf("there is no schedule %q; `ediport schedule list` shows them", name)
	}
	return found, err
}

func (p *program) pullCommand() *cobra.Command {
	return &cobra.Command{
		Use: "pull CONNECTION", Short: "Pull a partner's files now and wait until they are loaded", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.withEnvironment(cmd.Context(), func(e *environment) error { return p.pull(cmd.Context(), e, args[0]) })
		},
	}
}

// pull asks for a run and waits for its end. Where no other process works, this one does for so long.
func (p *program) pull(ctx context.Context, e *environment, name string) error {
	c, err := e.connection(ctx, name)
	if err != nil {
		return err
	}
	node, err := jobs.Start(ctx, e.jobs(p.config, false, true))
	if err != nil {
		return err
	}
	defer func() { _ = node.Stop(context.WithoutCancel(ctx)) }()
	id, err := e.desk().RunNow(ctx, e.scope(), c.ID)
	if err != nil && !errors.Is(err, jobs.ErrRunOpen) {
		return sentence(err)
	}
	run, err := e.awaitRun(ctx, id)
	if err != nil {
		return err
	}
	fmt.Fprintf(p.stdout, "run %s: %s %s\n", e.db.PublicIDs().Format(storage.PublicRun, int64(id)), run.State, run.Counts)
	if run.State != "succeeded" {
		if problem, ok := jobs.Explain(run.ErrorCode); ok {
			fmt.Fprintf(p.stderr, "ediport: %s %s\n", problem.Sentence, problem.Next)
		}
		return &exitError{code: exitFailed}
	}
	return nil
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
