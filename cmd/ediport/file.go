package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

func (p *program) fileCommand() *cobra.Command {
	c := &cobra.Command{Use: "file", Short: "Where is my file? list, show, send again, void", Args: cobra.NoArgs}
	c.AddCommand(p.fileListCommand(), p.fileShowCommand(), p.fileVoidCommand(),
		p.fileActCommand("send-again", "Queue an outbound file once more, the same bytes", "queued", (*jobs.Desk).SendAgain),
		p.fileActCommand("confirm-sent", "Say that an uncertain file has arrived", "counts as sent", (*jobs.Desk).ConfirmSent))
	return c
}

// fileFlags select files.
type fileFlags struct {
	filter              storage.FileFilter
	connection, partner string
	run                 string
	from, to            string
}

func (f *fileFlags) add(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&f.filter.Name, "name", "", "beginning of the name")
	flags.StringVar(&f.connection, "connection", "", "only of this connection")
	flags.StringVar(&f.partner, "partner", "", "only of this partner")
	flags.StringVar(&f.run, "run", "", "only those that this run brought")
	flags.StringSliceVar(&f.filter.States, "state", nil, "only in these states: "+strings.Join(storage.FileStates, ", "))
	flags.StringVar(&f.filter.Direction, "direction", "", "in or out")
	flags.StringVar(&f.filter.SHA256, "sha256", "", "hash of the bytes, or its beginning")
	flags.StringVar(&f.from, "from", "", "received at or after: 2026-01-31 or 2026-01-31T06:00:00Z")
	flags.StringVar(&f.to, "to", "", "received before")
}

// check refuses what no file can be.
func (f *fileFlags) check() error {
	return errors.Join(among("state", storage.FileStates, f.filter.States...), among("direction", []string{"in", "out"}, f.filter.Direction))
}

func (f *fileFlags) resolve(ctx context.Context, e *environment) (storage.FileFilter, error) {
	filter := f.filter
	if f.connection != "" {
		c, err := e.connection(ctx, f.connection)
		if err != nil {
			return filter, err
		}
		filter.Connection = c.ID
	}
	if f.partner != "" {
		partner, err := e.partner(ctx, f.partner)
		if err != nil {
			return filter, err
		}
		filter.Partner = partner.ID
	}
	if f.run != "" {
		run, err := e.parseID(storage.PublicRun, "run", f.run)
		if err != nil {
			return filter, err
		}
		filter.Run = storage.RunID(run)
	}
	var err error
	if filter.ReceivedFrom, err = instant(f.from); err != nil {
		return filter, err
	}
	filter.ReceivedTo, err = instant(f.to)
	return filter, err
}

// instant reads a day, in the machine's zone, or an instant; "" is none.
func instant(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	if day, err := time.ParseInLocation("2006-01-02", text, time.Local); err == nil {
		return day, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return at, fmt.Errorf("%q is neither a day such as 2026-01-31 nor an instant such as 2026-01-31T06:00:00Z", text)
	}
	return at, nil
}

func (p *program) fileListCommand() *cobra.Command {
	var f fileFlags
	c := &cobra.Command{
		Use: "list", Short: "List files, newest first", Args: cobra.NoArgs,
		Example: "  ediport file list --partner Tamarind --from 2026-01-31\n  ediport file list --direction out --state uncertain",
	}
	f.add(c)
	page, asJSON := addPageFlags(c), jsonFlag(c)
	c.PreRunE = func(*cobra.Command, []string) error { return f.check() }
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		filter, err := f.resolve(cmd.Context(), e)
		if err != nil {
			return err
		}
		files, next, err := e.db.Files(cmd.Context(), e.scope(), filter, page.page())
		if err != nil {
			return err
		}
		defer p.more(*asJSON, next)
		return p.show(e, *asJSON, "files", files, next, rowsOf(files, func(f storage.FileItem) []string {
			return []string{e.public(storage.PublicFile, int64(f.ID)), f.Direction, f.State, at(&f.ReceivedAt), strconv.FormatInt(f.Size, 10), f.ConnectionName, f.Name}
		}))
	})
	return c
}

func (p *program) fileShowCommand() *cobra.Command {
	c := &cobra.Command{Use: "show FILE", Short: "Show a file and its way", Args: cobra.ExactArgs(1)}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		id, err := e.parseID(storage.PublicFile, "file", args[0])
		if err != nil {
			return err
		}
		file, err := e.db.FileDetail(cmd.Context(), e.scope(), storage.FileID(id))
		if err != nil {
			return err
		}
		return p.showOne(e, *asJSON, file, func() [][]string { return e.fileLines(file) })
	})
	return c
}

func (e *environment) fileLines(f storage.FileDetail) [][]string {
	lines := [][]string{
		{"file", e.public(storage.PublicFile, int64(f.ID))},
		{"name", f.Name},
		{"direction", f.Direction},
		{"state", f.State, f.StateReason},
		{"connection", f.ConnectionName},
		{"partner", f.PartnerName},
		{"run", e.public(storage.PublicRun, int64(f.RunID))},
		{"size", strconv.FormatInt(f.Size, 10)},
		{"sha256", f.SHA256},
		{"remote path", f.RemotePath},
	}
	for _, event := range f.Events {
		line := []string{at(&event.At), event.State, event.Reason}
		if problem, known := jobs.Explain(event.Reason); known {
			line = append(line, problem.Sentence)
		}
		lines = append(lines, line)
	}
	return lines
}

func (p *program) fileActCommand(name, short, done string, act func(*jobs.Desk, context.Context, storage.Scope, storage.FileID) error) *cobra.Command {
	return &cobra.Command{
		Use: name + " FILE", Short: short, Args: cobra.ExactArgs(1),
		RunE: p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
			id, err := e.parseID(storage.PublicFile, "file", args[0])
			if err != nil {
				return err
			}
			if err := act(e.desk(), cmd.Context(), e.scope(), storage.FileID(id)); err != nil {
				return overAlready(err, "the file "+args[0])
			}
			fmt.Fprintf(p.stdout, "%s: %s\n", args[0], done)
			return nil
		}),
	}
}

func (p *program) fileVoidCommand() *cobra.Command {
	var why string
	c := p.fileActCommand("void", "Keep an outbound file from being sent, for a reason", "void", func(d *jobs.Desk, ctx context.Context, scope storage.Scope, id storage.FileID) error {
		if why == "" {
			return errors.New("say why, with --reason: it stands beside the file's control numbers")
		}
		return d.VoidOutbound(ctx, scope, id, why)
	})
	c.Flags().StringVar(&why, "reason", "", "why")
	return c
}
