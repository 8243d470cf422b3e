package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// Exit codes of every command.
const (
	exitFine    = 0
	exitFinding = 1 // something was read and has a finding of severity error
	exitFailed  = 2 // could not be read or run
)

// An exitError ends the program with a code; its text, if any, goes to standard error.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return ""
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// A program is what all commands share: where they read and write, and how they are configured.
type program struct {
	ctx            context.Context // of the whole run; nil: nothing ends it
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
	config         config
	stays          bool // the command runs until it is stopped
	quiet          bool // no progress bar
}

// run is the program: args without the program's name, and everything it reads from or writes to. It returns the exit code.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) int {
	p := &program{ctx: ctx, getenv: getenv, stdin: stdin, stdout: stdout, stderr: stderr}
	root := p.rootCommand()
	root.SetArgs(args)
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	var exit *exitError
	switch {
	case err == nil:
		return exitFine
	case errors.As(err, &exit):
		if exit.err != nil {
			fmt.Fprintln(stderr, "ediport:", exit.err)
		}
		return exit.code
	default:
		fmt.Fprintln(stderr, "ediport:", err)
		return exitFailed
	}
}

func (p *program) rootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:           "ediport",
		Short:         "X12 batch exchange for US health care",
		Long:          "ediport pulls X12 files over SFTP, checks them against their guides, loads them into Postgres and shows what they say.",
		SilenceUsage:  true,
		SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			p.stays = cmd.Name() == "serve" || cmd.Name() == "work" || cmd.Name() == "demo"
			return errors.Join(p.loadConfig(cmd), p.loadCodes())
		},
	}
	root.CompletionOptions.HiddenDefaultCmd = true
	p.addConfigFlags(root)
	root.PersistentFlags().BoolVarP(&p.quiet, "quiet", "q", false, "show no progress on long work")
	root.AddGroup(
		&cobra.Group{ID: "files", Title: "X12 files:"},
		&cobra.Group{ID: "exchange", Title: "The exchange:"},
		&cobra.Group{ID: "people", Title: "Accounts and people:"},
		&cobra.Group{ID: "run", Title: "Running ediport:"},
	)
	for _, c := range []struct {
		group string
		make  func() *cobra.Command
	}{
		{"files", p.inspectCommand},
		{"files", p.validateCommand},
		{"files", p.convertCommand},
		{"files", p.diffCommand},
		{"files", p.generateCommand},
		{"files", p.deidentifyCommand},
		{"exchange", p.ingestCommand},
		{"exchange", p.pullCommand},
		{"exchange", p.connectionCommand},
		{"exchange", p.dropBoxCommand},
		{"exchange", p.pushCommand},
		{"exchange", p.partnerCommand},
		{"exchange", p.scheduleCommand},
		{"exchange", p.calendarCommand},
		{"exchange", p.numberCommand},
		{"exchange", p.fileCommand},
		{"exchange", p.runCommand},
		{"exchange", p.jobCommand},
		{"exchange", p.nodeCommand},
		{"exchange", p.incidentCommand},
		{"exchange", p.purgeCommand},
		{"people", p.accountCommand},
		{"people", p.userCommand},
		{"people", p.roleCommand},
		{"people", p.auditCommand},
		{"run", p.serveCommand},
		{"run", p.workCommand},
		{"run", p.demoCommand},
		{"run", p.dbCommand},
		{"run", p.benchCommand},
	} {
		command := c.make()
		command.GroupID = c.group
		root.AddCommand(command)
	}
	return root
}
