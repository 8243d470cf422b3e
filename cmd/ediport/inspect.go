package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/view"
)

func (p *program) inspectCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Show what X12 files hold: envelopes, sets, verdicts, sums",
		Long: "inspect reads each file (- is standard input) as far as it goes, whatever is wrong with its envelopes, and shows its\n" +
			"interchanges, groups and transaction sets, each with its verdict and its counts and sums.\n\n" +
			"Exit codes: 0 fine, 1 a finding of severity error, 2 a file could not be read.",
		Example: "  ediport inspect payment.835\n  ediport inspect --json *.edi | jq '.files[].interchanges[].groups[].transactions[].summary'",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.inspect(args, asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	return c
}

func (p *program) inspect(names []string, asJSON bool) error {
	report := struct {
		Files []view.File `json:"files"`
	}{Files: []view.File{}}
	code := exitFine
	for _, name := range names {
		f, err := p.inspectFile(name)
		if err != nil {
			fmt.Fprintf(p.stderr, "ediport: %s: %s\n", name, reasonText(err))
			code = exitFailed
		}
		code = max(code, codeOf(f))
		report.Files = append(report.Files, f)
		if !asJSON {
			printFile(p.stdout, f)
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

func (p *program) inspectFile(name string) (view.File, error) {
	in, closeInput, err := p.open(name)
	if err != nil {
		return view.File{Path: name, Errors: []view.Finding{}, Interchanges: []view.InspectedInterchange{}}, err
	}
	defer closeInput()
	return view.Inspect(name, in)
}

// reasonText is an error without the package that it came from.
func reasonText(err error) string {
	var syntax *edi.SyntaxError
	if errors.As(err, &syntax) {
		return syntax.Err.Error()
	}
	return err.Error()
}

func codeOf(f view.File) int {
	for _, e := range f.Errors {
		if e.Severity == edi.Error {
			return exitFinding
		}
	}
	for _, i := range f.Interchanges {
		for _, g := range i.Groups {
			for _, s := range g.Transactions {
				if s.Status == "rejected" || s.Status == "accepted_with_errors" {
					return exitFinding
				}
			}
		}
	}
	return exitFine
}

func printJSON(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func printFile(w io.Writer, f view.File) {
	fmt.Fprintf(w, "%s: %d bytes, %d segments\n", f.Path, f.Bytes, f.Segments)
	for _, i := range f.Interchanges {
		fmt.Fprintf(w, "  interchange %s  %s %s → %s %s  release %s  usage %s\n",
			i.ControlNumber, i.Sender.Qualifier, i.Sender.ID, i.Receiver.Qualifier, i.Receiver.ID, i.Version, i.Usage)
		for _, t := range i.TA1 {
			fmt.Fprintf(w, "    TA1 for interchange %s of %s %s: %s, note %s\n", t.ControlNumber, t.Date, t.Time, t.Code, t.Note)
		}
		for _, g := range i.Groups {
			fmt.Fprintf(w, "    group %s %s  %s\n", g.FunctionalID, g.ControlNumber, g.Version)
			for _, s := range g.Transactions {
				printSet(w, s)
			}
		}
	}
	for _, e := range f.Errors {
		fmt.Fprintf(w, "  %s: %s\n", e.Severity, findingLine(e))
	}
}

func printSet(w io.Writer, s view.InspectedSet) {
	guide := s.Guide
	if guide == "" {
		guide = "no guide"
	}
	fmt.Fprintf(w, "      %s %s  %s (%s), %d segments\n", s.Set, s.ControlNumber, strings.ReplaceAll(s.Status, "_", " "), guide, s.Segments)
	if line := summaryLine(s.Summary); line != "" {
		fmt.Fprintf(w, "        %s\n", line)
	}
}

// summaryLine shows a summary's members in their order, "claims 3, charge 120.00".
func summaryLine(s view.Summary) string {
	b, err := json.Marshal(s)
	if err != nil {
		return ""
	}
	text := strings.NewReplacer(`"`, "", "{", "", "}", "", "_", " ", ":", " ", ",", ", ").Replace(string(b))
	return strings.TrimSpace(text)
}

// findingLine is a finding in one line: where, what, code.
func findingLine(f view.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "line %d", f.Line)
	if f.Segment != "" {
		fmt.Fprintf(&b, ", %s", f.Segment)
	}
	if f.Element > 0 {
		fmt.Fprintf(&b, "%02d", f.Element)
	}
	if f.Component > 0 {
		fmt.Fprintf(&b, "-%d", f.Component)
	}
	if f.Loop != "" {
		fmt.Fprintf(&b, " in loop %s", f.Loop)
	}
	fmt.Fprintf(&b, ": %s (%s)", f.Message, strings.TrimSpace(f.Code.Kind+" "+f.Code.Value))
	return b.String()
}
