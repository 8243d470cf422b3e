package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
)

// maxShownFindings bounds the findings listed per file; the rest is counted.
const maxShownFindings = 10_000

// validateOptions are the flags of `ediport validate`.
type validateOptions struct {
	json    bool
	summary bool
	color   string
	rules   string
	acknowledgeOptions
}

// A validated file is what `ediport validate --json` prints of one.
type validated struct {
	Path      string             `json:"path"`
	Findings  []validatedFinding `json:"findings"`
	Truncated int                `json:"truncated"` // findings left out
}

// A validatedFinding is a finding with what a biller may do about it.
type validatedFinding struct {
	view.Finding
	Advice string `json:"advice,omitempty"`
}

func newValidatedFinding(f edi.Finding) validatedFinding {
	return validatedFinding{view.NewFinding(f), guide.Advise(f)}
}

func (p *program) validateCommand() *cobra.Command {
	var o validateOptions
	c := &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check X12 files against their implementation guides, and answer them",
		Long: "validate lists every departure of each file (- is standard input) from the envelope rules and its guides: where it is,\n" +
			"which rule, what is wrong, and what to do about it. Values of the file are never shown.\n\n" +
			"--ack-999 and --ack-ta1 write the acknowledgments that the findings call for, one interchange for each one received: a\n" +
			"999 for every group but those of acknowledgments, a TA1 where the envelope is at fault or ISA14 asks for one. Unlike\n" +
			"the list they repeat the bad values, unless --policy has it otherwise. --control-number and --now make them repeatable.\n\n" +
			"Exit codes: 0 no finding of severity error, 1 some, 2 a file could not be read or an acknowledgment not be written.",
		Example: "  ediport validate claim.277 --json\n" +
			"  ediport validate --summary inbox/*\n" +
			"  ediport validate inquiries.270 --ack-999 inquiries.999 --ack-ta1 inquiries.ta1 --control-number 1204\n" +
			"  ediport validate inquiries.270 --ack-999 - | ediport inspect -",
		Args: cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.validate(args, o)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON document")
	f.BoolVar(&o.summary, "summary", false, "one line per transaction set, no findings")
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
	_ = c.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
	f.StringVar(&o.rules, "rules", "", "`FILE` with rules of a trading partner, in JSON (docs/partner-rules.md)")
	o.addFlags(f)
	c.MarkFlagsMutuallyExclusive("json", "summary")
	return c
}

func (p *program) validate(names []string, o validateOptions) error {
	if o.color == "" {
		o.color = "auto"
	}
	answers, err := p.newAnswers(o.acknowledgeOptions, names, o.json)
	if err != nil {
		return err
	}
	if answers.Checker.Partner, err = readPartnerRules(o.rules); err != nil {
		return err
	}
	text, err := p.newValidateText(o, answers.toStdout)
	if err != nil {
		return err
	}
	report := struct {
		Files []validated `json:"files"`
	}{Files: []validated{}}
	code := exitFine
	for _, name := range names {
		if p.interrupted() {
			return errInterrupted
		}
		r := validation{p: p, name: name, code: exitFine, validated: validated{Path: name, Findings: []validatedFinding{}}}
		if !o.json {
			r.text = text
		}
		if err := r.run(answers.Acknowledger); err != nil {
			fmt.Fprintf(p.stderr, "ediport: %s: %s\n", name, reasonText(err))
			r.code = exitFailed
		}
		code = max(code, r.code)
		report.Files = append(report.Files, r.validated)
	}
	if o.json {
		err = printJSON(p.stdout, report)
	} else {
		text.total()
		err = text.out.err
	}
	if err := errors.Join(err, answers.close()); err != nil {
		return err
	}
	return exitWith(code)
}

// A validation is the check of one file.
type validation struct {
	p         *program
	name      string
	text      *validateText // nil: findings are collected for JSON
	validated validated
	shown     int
	code      int
}

// run checks the file. The error is one of reading it or of writing what answers it.
func (r *validation) run(a *ack.Acknowledger) error {
	open := r.p.openBeside
	if r.text == nil {
		open = r.p.open
	}
	in, closeInput, err := open(r.name)
	if err != nil {
		return err
	}
	defer closeInput()
	a.Report, a.Set = r.finding, r.set
	if r.text != nil {
		a.Rejected = r.text.rejected
	}
	if r.text != nil {
		r.text.begin(r.name)
	}
	err = a.Run(in)
	var syntax *edi.SyntaxError
	if errors.As(err, &syntax) { // no X12 at all
		r.finding(edi.Finding{Pos: syntax.Pos, Severity: edi.Error, SNIP: 1, Code: edi.Code{Kind: "TA105", Value: "022"}, Message: syntax.Err.Error()})
	}
	if r.text != nil {
		r.text.end(r.validated.Truncated)
	}
	return err
}

func (r *validation) finding(f edi.Finding) {
	if f.Severity == edi.Error {
		r.code = exitFinding
	}
	if r.shown >= maxShownFindings {
		r.validated.Truncated++
		return
	}
	r.shown++
	if r.text != nil {
		r.text.finding(f)
		return
	}
	r.validated.Findings = append(r.validated.Findings, newValidatedFinding(f))
}

func (r *validation) set(s ack.SetAnswer) {
	r.validated.Truncated += s.Truncated
	if s.Verdict == guide.Rejected || s.Verdict == guide.AcceptedWithErrors {
		r.code = exitFinding // by a finding that is not listed, perhaps
	}
	if r.text != nil {
		r.text.set(s)
	}
}
