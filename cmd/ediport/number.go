package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/storage"
)

func (p *program) numberCommand() *cobra.Command {
	c := &cobra.Command{Use: "number", Short: "Control numbers of what is sent: list, set the next", Args: cobra.NoArgs}
	c.AddCommand(p.numberListCommand(), p.numberSetCommand())
	return c
}

func (p *program) numberListCommand() *cobra.Command {
	c := &cobra.Command{
		Use: "list", Short: "List the sequences of control numbers and what comes next", Args: cobra.NoArgs,
		Long: "list shows each sequence by sender, receiver and usage of the interchange, and the kind of its groups.",
	}
	asJSON := jsonFlag(c)
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, _ []string) error {
		all, err := e.desk().Numbers(cmd.Context(), e.scope())
		if err != nil {
			return err
		}
		return p.show(e, *asJSON, "numbers", all, "", rowsOf(all, func(n storage.Number) []string {
			return []string{n.Kind, n.Key, strconv.Itoa(n.Next)}
		}))
	})
	return c
}

func (p *program) numberSetCommand() *cobra.Command {
	var of jobs.NumberOf
	c := &cobra.Command{
		Use: "set NEXT", Short: "Let a sequence go on with a number, as where another system counted before", Args: cobra.ExactArgs(1),
		Example: "  ediport number set 5001 --from ZZ:EDIPORTDEMO --to ZZ:TAMARIND\n  ediport number set 77 --from ZZ:EDIPORTDEMO --to ZZ:TAMARIND --group FA",
	}
	f := c.Flags()
	f.StringVar(&of.Sender, "from", "", "qualifier and identity of the sender, as in ISA05 and ISA06")
	f.StringVar(&of.Receiver, "to", "", "qualifier and identity of the receiver, as in ISA07 and ISA08")
	f.StringVar(&of.Usage, "usage", "P", "P for production, T for test")
	f.StringVar(&of.FunctionalID, "group", "", "of groups of this kind (GS01) instead of interchanges")
	for _, name := range []string{"from", "to"} {
		if err := c.MarkFlagRequired(name); err != nil {
			panic(err) // the flag stands above
		}
	}
	c.RunE = p.attached(func(cmd *cobra.Command, e *environment, args []string) error {
		next, err := strconv.Atoi(args[0])
		if err != nil {
			return fmt.Errorf("%q is no number", args[0])
		}
		if err := e.desk().SetNextNumber(cmd.Context(), e.scope(), of, next); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "the next number is %d\n", next)
		return nil
	})
	return c
}
