package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/view"
)

// inspectOptions are the flags of `ediport inspect`.
type inspectOptions struct {
	json    bool
	summary bool
	raw     bool
	set     int
	depth   string
	color   string
	pager   string
}

func (p *program) inspectCommand() *cobra.Command {
	var o inspectOptions
	c := &cobra.Command{
		Use:   "inspect FILE…",
		Short: "Show what X12 files say, in plain language",
		Long: "inspect reads each file (- is standard input) as far as it goes, whatever is wrong with it, and shows its interchanges,\n" +
			"groups and transaction sets, in them the loops and segments, each element by its name and with what its codes mean, and\n" +
			"each finding where it belongs. --summary shows envelopes, verdicts and sums only.\n\n" +
			"On a terminal the tree has colors (not if NO_COLOR is set) and long output opens $PAGER, or less.\n\n" +
			"Exit codes: 0 fine, 1 a finding of severity error, 2 a file could not be read.",
		Example: "  ediport inspect payment.835\n" +
			"  ediport inspect --set 3 --depth loop answers.271\n" +
			"  ediport inspect --color always payment.835 | less -R\n" +
			"  ediport inspect --json *.edi | jq '.files[].interchanges[].groups[].transactions[].summary'",
		Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.inspect(cmd.Context(), args, o)
		},
	}
	f := c.Flags()
	f.BoolVar(&o.json, "json", false, "print one JSON document")
	f.BoolVar(&o.summary, "summary", false, "envelopes, verdicts and sums only")
	f.BoolVar(&o.raw, "raw", false, "show segments as sent instead of element by element")
	f.IntVar(&o.set, "set", 0, "show one transaction set: its ordinal in the file, from 1")
	f.StringVar(&o.depth, "depth", "element", "how far down: "+strings.Join(view.DepthNames, ", "))
	f.StringVar(&o.color, "color", "auto", "auto, always or never")
	f.StringVar(&o.pager, "pager", "auto", "auto, always or never")
	when := cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp)
	_ = c.RegisterFlagCompletionFunc("color", when)
	_ = c.RegisterFlagCompletionFunc("pager", when)
	_ = c.RegisterFlagCompletionFunc("depth", cobra.FixedCompletions(view.DepthNames, cobra.ShellCompDirectiveNoFileComp))
	c.MarkFlagsMutuallyExclusive("json", "summary", "raw")
	return c
}

func (p *program) inspect(ctx context.Context, names []string, o inspectOptions) error {
	if !o.json && !o.summary {
		return p.inspectTree(ctx, names, o)
	}
	report := struct {
		Files []view.File `json:"files"`
	}{Files: []view.File{}}
	code, out := exitFine, &remembering{Writer: p.stdout}
	for _, name := range names {
		if p.interrupted() {
			return errInterrupted
		}
		f, err := p.inspectFile(name)
		if err != nil {
			fmt.Fprintf(p.stderr, "ediport: %s: %s\n", name, reasonText(err))
			code = exitFailed
		}
		code = max(code, codeOf(f))
		report.Files = append(report.Files, f)
		if !o.json {
			printFile(out, f)
		}
	}
	if o.json {
		if err := printJSON(p.stdout, report); err != nil {
			return err
		}
	}
	if out.err != nil {
		return out.err
	}
	return exitWith(code)
}

// exitWith ends a command that has said all it has to say.
func exitWith(code int) error {
	if code == exitFine {
		return nil
	}
	return &exitError{code: code}
}

func (p *program) inspectTree(ctx context.Context, names []string, o inspectOptions) error {
	tree := view.Tree{Set: o.set, Raw: o.raw}
	var err error
	if tree.Depth, err = depthOf(o.depth); err != nil {
		return err
	}
	if tree.Color, err = p.colored(o.color); err != nil {
		return err
	}
	out, err := p.newPager(ctx, o.pager)
	if err != nil {
		return err
	}
	code := exitFine
	for _, name := range names {
		if len(names) > 1 {
			fmt.Fprintf(out, "%s\n", view.Printable(name))
		}
		shown, err := p.showTree(out, name, tree)
		switch {
		case err != nil && out.left(): // the rest is not wanted
		case err != nil:
			fmt.Fprintf(p.stderr, "ediport: %s: %s\n", name, reasonText(err))
			code = exitFailed
		case shown.Failed:
			code = max(code, exitFinding)
		}
	}
	if err := out.Close(); err != nil {
		return err
	}
	return exitWith(code)
}

func (p *program) showTree(out io.Writer, name string, tree view.Tree) (view.Shown, error) {
	in, closeInput, err := p.openBeside(name)
	if err != nil {
		return view.Shown{}, err
	}
	defer closeInput()
	shown, err := tree.Write(out, in)
	if err == nil && tree.Set > shown.Sets {
		return shown, fmt.Errorf("there is no transaction set %d, the file has %d", tree.Set, shown.Sets)
	}
	return shown, err
}

// depthOf reads a depth by its name or number.
func depthOf(text string) (view.Depth, error) {
	if i := slices.Index(view.DepthNames, strings.TrimSuffix(text, "s")); i >= 0 {
		return view.Depth(i + 1), nil
	}
	if n, err := strconv.Atoi(text); err == nil && n >= 1 && n <= len(view.DepthNames) {
		return view.Depth(n), nil
	}
	return 0, fmt.Errorf("--depth %s is not known: %s", text, strings.Join(view.DepthNames, ", "))
}

// colored decides whether standard output gets colors.
func (p *program) colored(mode string) (bool, error) {
	switch mode {
	case "always":
		return true, nil
	case "never":
		return false, nil
	case "auto":
		return isTerminal(p.stdout) && p.getenv("NO_COLOR") == "" && p.getenv("TERM") != "dumb", nil
	}
	return false, fmt.Errorf("--color %s is not known: auto, always or never", mode)
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

// printFile prints a summary. What the file says goes to a terminal: without what could command it.
func printFile(w io.Writer, f view.File) {
	line := func(format string, args ...any) {
		fmt.Fprintf(w, "%s\n", view.Printable(fmt.Sprintf(format, args...)))
	}
	line("%s: %d bytes, %d segments", f.Path, f.Bytes, f.Segments)
	for _, i := range f.Interchanges {
		line("  interchange %s  %s %s → %s %s  release %s  usage %s",
			i.ControlNumber, i.Sender.Qualifier, i.Sender.ID, i.Receiver.Qualifier, i.Receiver.ID, i.Version, i.Usage)
		for _, t := range i.TA1 {
			line("    TA1 for interchange %s of %s %s: %s, note %s", t.ControlNumber, t.Date, t.Time, t.Code, t.Note)
		}
		for _, g := range i.Groups {
			line("    group %s %s  %s", g.FunctionalID, g.ControlNumber, g.Version)
			for _, s := range g.Transactions {
				printSet(line, s)
			}
		}
	}
	for _, e := range f.Errors {
		line("  %s: %s", e.Severity, findingLine(e))
	}
}

func printSet(line func(string, ...any), s view.InspectedSet) {
	guide := s.Guide
	if guide == "" {
		guide = "no guide"
	}
	line("      %s %s  %s (%s), %d segments", s.Set, s.ControlNumber, strings.ReplaceAll(s.Status, "_", " "), guide, s.Segments)
	if text := view.SummaryLine(s.Summary); text != "" {
		line("        %s", text)
	}
}

// findingLine is a finding in one line: where, what, code.
func findingLine(f view.Finding) string { return view.FindingLine(f, true) }
