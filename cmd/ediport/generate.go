package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/edi/roster"
)

// generateOptions are the flags of `ediport generate`.
type generateOptions struct {
	from, out        string
	sender, receiver string
	controlNumber    int
	now              string
	usage            string
	perSet           int
	originator       string
	ackRequested     bool
	lineBreak        string
	columns          bool
	defaults         map[string]*string // by column
}

func (p *program) generateCommand() *cobra.Command {
	o := generateOptions{defaults: map[string]*string{}}
	c := &cobra.Command{
		Use:   "generate 270|276|278 --from ROSTER.csv --sender ID --receiver ID",
		Short: "Make inquiries of a roster: coverage, claim status, authorization",
		Long: "generate turns each row of a CSV file (- is standard input) into an inquiry: 270 asks whether the patient is covered, 276\n" +
			"what became of a claim, 278 whether care may be given. --columns lists the columns of each kind; they may stand in any\n" +
			"order. All rows are checked first: what is wrong is listed by row and column, and nothing is written.\n\n" +
			"Each patient has a transaction set of their own, unless --per-set allows more. Control numbers and trace numbers come\n" +
			"from --control-number, else from the clock.\n\n" +
			"Exit codes: 0 fine, 1 rows have errors, 2 the roster could not be read.",
		Example: "  ediport generate 270 --columns\n" +
			"  ediport generate 270 --from roster.csv --sender MYSYSTEM --receiver ZZ:PAYER -o inquiries.270\n" +
			"  ediport generate 276 --from claims.csv --sender MYSYSTEM --receiver 30:123456789 --usage T | ediport validate -",
		Args:      cobra.MatchAll(cobra.ExactArgs(1), cobra.OnlyValidArgs),
		ValidArgs: []string{"270", "276", "278"},
		RunE: func(_ *cobra.Command, args []string) error {
			if o.columns {
				return p.printColumns(roster.Kind(args[0]))
			}
			return p.generate(roster.Kind(args[0]), o)
		},
	}
	f := c.Flags()
	f.StringVar(&o.from, "from", "", "roster, a CSV `file` with a header line")
	f.StringVarP(&o.out, "out", "o", "", "write to this `file` instead of standard output")
	f.StringVar(&o.sender, "sender", "", "`id` of the sender, ISA06, with its qualifier before it if that is not ZZ: 30:123456789")
	f.StringVar(&o.receiver, "receiver", "", "`id` of the receiver, ISA08, in the same way")
	f.IntVar(&o.controlNumber, "control-number", 0, "ISA13 and GS06, 1 to 999999999; 0 is taken from the clock")
	f.StringVar(&o.now, "now", "", "date and `time` of the file, such as 2026-11-21T08:30; default is the present")
	f.StringVar(&o.usage, "usage", "P", "P production or T test, ISA15")
	f.IntVar(&o.perSet, "per-set", 1, "patients in a transaction set of a 270 or 276, 1 to 99; rows share one if they follow each other and have the same payer and provider")
	f.StringVar(&o.originator, "originator", "", "who made the trace numbers, TRN03: ten characters; default is 9 and the sender")
	f.BoolVar(&o.ackRequested, "ta1", false, "ask for a TA1, ISA14")
	f.StringVar(&o.lineBreak, "line-break", "lf", "behind each segment: lf, crlf or none")
	f.BoolVar(&o.columns, "columns", false, "list the columns of a roster, and do nothing else")
	for _, column := range []string{"payer_id", "payer_name", "provider_npi", "provider_name", "service_types", "service_date"} {
		o.defaults[column] = f.String(strings.ReplaceAll(column, "_", "-"), "", "for rows without "+column)
	}
	_ = c.RegisterFlagCompletionFunc("usage", cobra.FixedCompletions([]string{"P", "T"}, cobra.ShellCompDirectiveNoFileComp))
	_ = c.RegisterFlagCompletionFunc("line-break", cobra.FixedCompletions([]string{"lf", "crlf", "none"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (p *program) printColumns(k roster.Kind) error {
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	for _, c := range k.Columns() {
		need := ""
		if c.Required {
			need = "required"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", c.Name, need, c.Doc)
	}
	return w.Flush()
}

func (p *program) generate(k roster.Kind, o generateOptions) error {
	options, err := o.options(k)
	if err != nil {
		return err
	}
	in, closeInput, err := p.open(o.from)
	if err != nil {
		return err
	}
	defer closeInput()
	var result roster.Result
	err = p.writeOut(o.out, func(w io.Writer) (err error) {
		result, err = roster.Generate(w, in, options)
		return err
	})
	var wrong *roster.Errors
	switch {
	case errors.As(err, &wrong):
		return &exitError{exitFinding, fmt.Errorf("nothing was written, because of\n%w", wrong)}
	case err != nil:
		return err
	}
	if !p.quiet {
		fmt.Fprintf(p.stderr, "ediport: %s in %s, control number %09d\n",
			inquiries(result.Inquiries), plural(result.Sets, "transaction set"), options.Envelope.Interchange)
	}
	return nil
}

func inquiries(n int) string {
	if n == 1 {
		return "1 inquiry"
	}
	return fmt.Sprintf("%d inquiries", n)
}

// options checks the flags, all at once.
func (o *generateOptions) options(k roster.Kind) (roster.Options, error) {
	var problems []error
	if o.from == "" {
		problems = append(problems, errors.New("--from is missing: the roster"))
	}
	e := parts.Envelope{Usage: o.usage, AckRequested: o.ackRequested}
	var err error
	if e.SenderQualifier, e.SenderID, err = identity("--sender", o.sender); err != nil {
		problems = append(problems, err)
	}
	if e.ReceiverQualifier, e.ReceiverID, err = identity("--receiver", o.receiver); err != nil {
		problems = append(problems, err)
	}
	if e.Time, err = parseNow(o.now); err != nil {
		problems = append(problems, err)
	}
	if e.LineBreak, err = lineBreak(o.lineBreak); err != nil {
		problems = append(problems, err)
	}
	if o.usage != "P" && o.usage != "T" {
		problems = append(problems, fmt.Errorf("--usage %s is not known: P or T", o.usage))
	}
	if o.controlNumber < 0 || o.controlNumber > 999_999_999 {
		problems = append(problems, errors.New("--control-number is 1 to 999999999"))
	}
	e.Interchange = o.controlNumber
	if e.Interchange == 0 {
		e.Interchange = numberOf(e.Time)
	}
	e.Group = e.Interchange
	defaults := make(map[string]string)
	for column, value := range o.defaults {
		defaults[column] = *value
	}
	return roster.Options{Kind: k, Envelope: e, PerSet: o.perSet, Originator: o.originator, Defaults: defaults}, errors.Join(problems...)
}

// numberOf makes a control number of the clock: it rises by the second, and comes again after 31 years.
func numberOf(t time.Time) int { return int(t.Unix()%999_999_999) + 1 }

// identity reads QUALIFIER:ID, or ID alone.
func identity(flag, text string) (qualifier, id string, err error) {
	qualifier, id, found := strings.Cut(text, ":")
	if !found {
		qualifier, id = "ZZ", text
	}
	switch {
	case id == "":
		return "", "", fmt.Errorf("%s is missing: an id, or a qualifier and an id as 30:123456789", flag)
	case len(qualifier) != 2 || len(id) > 15:
		return "", "", fmt.Errorf("%s: a qualifier has two characters, an id at most 15", flag)
	}
	return qualifier, id, nil
}

// lineBreak reads --line-break.
func lineBreak(name string) (string, error) {
	switch name {
	case "lf":
		return "\n", nil
	case "crlf":
		return "\r\n", nil
	case "none":
		return "", nil
	}
	return "", fmt.Errorf("--line-break %s is not known: lf, crlf or none", name)
}
