package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

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

func (p *program) connectionActCommand(name, short, done string, act func(context.Context, *environment, storage.ConnectionID) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " NAME", Short: short, Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			c, err := e.connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := act(cmd.Context(), e, c.ID); err != nil {
				if name == "delete" && errors.Is(err, storage.ErrConflict) {
					return fmt.Errorf("connection %s is in use: delete its schedules, and wait for its runs and files, first", c.Name)
				}
				return err
			}
			fmt.Fprintf(p.stdout, "%s: %s\n", c.Name, done)
			return nil
		}),
	}
}

func (p *program) connectionPauseCommand() *cobra.Command {
	var why string
	c := p.connectionActCommand("pause", "Stop a connection's runs before they begin", "paused", func(ctx context.Context, e *environment, id storage.ConnectionID) error {
		return e.desk().PauseConnection(ctx, e.scope(), id, why)
	})
	c.Flags().StringVar(&why, "reason", "", "why, for those who see it")
	return c
}

func (p *program) connectionApproveCommand() *cobra.Command {
	return &cobra.Command{
		Use: "approve NAME HOST-KEY", Short: "Approve a host key that you have compared with the partner's", Args: cobra.ExactArgs(2),
		Long: "approve pins a host key, beside those that are pinned, and resumes the connection if it was paused for it. The key is written as\n" +
			"`ediport connection show` and `ediport connection test` do: ssh-ed25519 SHA256:…\n" +
			"In the portal and the API a key beside others waits for a second person. The command line asks nobody: whoever runs it on the\n" +
			"machine could write to the database. The audit says that nobody was asked.",
		Example: "  ediport connection approve tamarind 'ssh-ed25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU'",
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			c, err := e.connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if err := e.desk().ApproveHostKey(cmd.Context(), e.scope(), c.ID, args[1]); err != nil {
				return err
			}
			if len(c.HostKeys) > 0 {
				fmt.Fprintln(p.stderr, alone)
			}
			fmt.Fprintf(p.stdout, "%s: approved %s\n", c.Name, args[1])
			return nil
		}),
	}
}

func (p *program) connectionKeyCommand() *cobra.Command {
	var generate bool
	c := &cobra.Command{
		Use: "key NAME", Short: "Print the public half of a connection's key, or generate a new key", Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			c, err := e.connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if generate {
				public, err := e.desk().GenerateKey(cmd.Context(), e.scope(), c.ID)
				if err == nil {
					fmt.Fprintln(p.stdout, public)
				}
				return err
			}
			keys, err := e.desk().PublicKeys(cmd.Context(), e.scope(), c.ID)
			if err != nil {
				return err
			}
			if keys.SignIn == "" {
				return fmt.Errorf("connection %s has no key; --generate makes one", c.Name)
			}
			fmt.Fprintln(p.stdout, keys.SignIn)
			return nil
		}),
	}
	c.Flags().BoolVar(&generate, "generate", false, "make a new key, which replaces the one before: the partner must install the line printed")
	return c
}

func (p *program) connectionTestCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "test NAME", Short: "Try a connection step by step", Args: cobra.ExactArgs(1),
		Long: "test walks through name, network, SSH, host key, sign-in and folders, and writes and deletes a probe file where files are\n" +
			"delivered; it says in plain words which step failed and what to do.\n" +
			"Exit codes: 0 all steps work, 1 one failed, 2 it could not be tried.",
	}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		return p.testConnection(cmd.Context(), e, args[0], *asJSON)
	})
	return c
}

func (p *program) testConnection(ctx context.Context, e *environment, name string, asJSON bool) error {
	c, err := e.connection(ctx, name)
	if err != nil {
		return err
	}
	steps, err := e.desk().TestConnection(ctx, e.scope(), c.ID)
	if err != nil {
		return err
	}
	failed := false
	list := []map[string]string{}
	for _, s := range steps {
		failed = failed || s.State == transfer.StateFailed
		list = append(list, map[string]string{
			"name": s.Name, "state": s.State, "sentence": s.Sentence, "remedy": s.Remedy, "code": transfer.Code(s.Err),
		})
		if asJSON {
			continue
		}
		fmt.Fprintf(p.stdout, "%-8s %-12s %s\n", s.State, s.Name, s.Sentence)
		if s.Remedy != "" {
			fmt.Fprintf(p.stdout, "%-8s %-12s → %s\n", "", "", s.Remedy)
		}
	}
	if asJSON {
		err = printJSON(p.stdout, map[string]any{"ok": !failed, "steps": list})
	}
	if failed && err == nil {
		return &exitError{code: exitFinding}
	}
	return err
}

// foldersOf names the folders that a connection pulls from.
func foldersOf(c *storage.Connection) string {
	folders, err := jobs.FoldersOf(c)
	if err != nil {
		return "?"
	}
	var paths []string
	for _, f := range folders {
		paths = append(paths, f.Path)
	}
	return strings.Join(paths, ", ")
}

func stateOf(c *storage.Connection) string {
	switch {
	case c.Paused:
		return "paused: " + c.PausedReason
	case c.ErrorStreak > 0:
		return "failing: " + c.LastErrorCode
	default:
		return "active"
	}
}

func (p *program) connectionListCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "List the connections", Args: cobra.NoArgs}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		var all []storage.Connection
		err := e.read(cmd, func(tx *storage.Tx) (err error) {
			all, err = tx.Connections(cmd.Context())
			return err
		})
		if err != nil {
			return err
		}
		return p.show(e, *asJSON, "connections", all, "", rowsOf(all, func(c storage.Connection) []string {
			return []string{c.Name, fmt.Sprintf("%s@%s:%d", c.Username, c.Host, c.Port), foldersOf(&c), stateOf(&c), "last file " + at(c.LastFileAt)}
		}))
	})
	return c
}

func (p *program) connectionShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show NAME", Short: "Show a connection, without its secrets", Args: cobra.ExactArgs(1)}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		c, err := e.connection(cmd.Context(), args[0])
		if err != nil {
			return err
		}
		return p.showOne(e, *asJSON, *c, func() [][]string {
			lines := [][]string{
				{"id", e.public(storage.PublicConnection, int64(c.ID))},
				{"server", fmt.Sprintf("%s@%s:%d", c.Username, c.Host, c.Port)},
				{"sign-in", c.Auth},
				{"new credential", nextOf(c)},
				{"host keys", strings.Join(c.HostKeys, "; ")},
				{"folders", string(c.Folders)},
				{"push", string(c.Push)},
				{"network", string(c.Network)},
				{"state", stateOf(c)},
				{"last contact", at(c.LastContactAt)},
				{"last file", at(c.LastFileAt)},
				{"failed runs since", strconv.Itoa(c.ErrorStreak)},
			}
			if c.OfferedHostKey != "" {
				lines = append(lines, []string{"offered host key", c.OfferedHostKey + " (compare it, then `ediport connection approve`)"})
			}
			return lines
		})
	})
	return c
}
