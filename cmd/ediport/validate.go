package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/view"
)

// maxShownFindings bounds the findings listed per file; the rest is counted.
const maxShownFindings = 10_000

// A validated file is what `ediport validate --json` prints of one.
type validated struct {
	Path      string         `json:"path"`
	Findings  []view.Finding `json:"findings"`
	Truncated int            `json:"truncated"` // findings left out
}

func (p *program) validateCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "validate FILE…",
		Short: "Check X12 files against their implementation guides",
		Long: "validate lists every departure of each file (- is standard input) from the envelope rules and its guides: where it is,\n" +
			"which rule, and a sentence for a person. Values of the file are never shown.\n\n" +
			"Exit codes: 0 no finding of severity error, 1 some, 2 a file could not be read.",
		Example: "  ediport validate claim.277 --json",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.validate(args, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (p *program) validate(names []string, asJSON bool) error {
	report := struct {
		Files []validated `json:"files"`
	}{Files: []validated{}}
	code := exitFine
	for _, name := range names {
		v, worst, err := p.validateFile(name)
		if err != nil {
			fmt.Fprintf(p.stderr, "ediport: %s: %s\n", name, reasonText(err))
			worst = exitFailed
		}
		code = max(code, worst)
		report.Files = append(report.Files, v)
		if !asJSON {
			p.printValidated(v, err)
		}
	}
	if asJSON {
		if err := printJSON(p.stdout, report); err != nil {
			return err
		}
	}
	if code != exitFine {
		return &exitError{code: code}
	}
	return nil
}

func (p *program) validateFile(name string) (v validated, code int, err error) {
	v = validated{Path: name, Findings: []view.Finding{}}
	in, closeInput, err := p.open(name)
	if err != nil {
		return v, exitFailed, err
	}
	defer closeInput()
	survey := view.Survey{Report: func(f edi.Finding) {
		if f.Severity == edi.Error {
			code = exitFinding
		}
		if len(v.Findings) >= maxShownFindings {
			v.Truncated++
			return
		}
		v.Findings = append(v.Findings, view.NewFinding(f))
	}}
	survey.Set = func(s *view.Set) {
		v.Truncated += s.Unlisted
		if s.Verdict == guide.Rejected || s.Verdict == guide.AcceptedWithErrors {
			code = exitFinding // by a finding that is not listed, perhaps
		}
	}
	err = survey.Run(in)
	var syntax *edi.SyntaxError
	if errors.As(err, &syntax) {
		v.Findings = append(v.Findings, view.NewFinding(edi.Finding{
			Pos: syntax.Pos, Severity: edi.Error, SNIP: 1, Code: edi.Code{Kind: "TA105", Value: "022"}, Message: syntax.Err.Error(),
		}))
	}
	return v, code, err
}

func (p *program) printValidated(v validated, err error) {
	if err != nil {
		return
	}
	if len(v.Findings) == 0 {
		fmt.Fprintf(p.stdout, "%s: no findings\n", v.Path)
		return
	}
	fmt.Fprintf(p.stdout, "%s:\n", v.Path)
	for _, f := range v.Findings {
		fmt.Fprintf(p.stdout, "  %s: %s\n", f.Severity, findingLine(f))
	}
	if v.Truncated > 0 {
		fmt.Fprintf(p.stdout, "  and %d more\n", v.Truncated)
	}
}
