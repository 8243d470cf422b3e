package main

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/diff"
	"github.com/ediport/ediport/edi/view"
)

func (p *program) diffCommand() *cobra.Command {
	var asJSON bool
	var color string
	c := &cobra.Command{
		Use:   "diff A B",
		Short: "Compare two X12 files by what they mean",
		Long: "diff matches the transaction sets, loops and segments of two files (one may be - for standard input) and shows what\n" +
			"changed, by the names of loop, segment and element. Delimiters, line breaks, control numbers, counts, dates of the\n" +
			"envelopes and the order of claims do not count, and 80 is 80.00.\n\n" +
			"Exit codes: 0 the files mean the same, 1 they differ, 2 a file could not be read.",
		Example: "  ediport diff payment.835 payment-resent.835\n  ediport diff --json old.271 new.271 | jq '.changes[].name'",
		Args:    cobra.ExactArgs(2),
		RunE: func(_ *cobra.Command, args []string) error {
			colors, err := p.colored(color)
			if err != nil {
				return err
			}
			return p.diff(args[0], args[1], asJSON, colors)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON document")
	c.Flags().StringVar(&color, "color", "auto", "auto, always or never")
	_ = c.RegisterFlagCompletionFunc("color", cobra.FixedCompletions([]string{"auto", "always", "never"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

// openWhole opens a file that is read more than once; standard input is kept in memory.
func (p *program) openWhole(name string) (diff.File, func(), error) {
	if name == "-" {
		b, err := io.ReadAll(p.stdin)
		return diff.File{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}, func() {}, err
	}
	f, err := os.Open(name)
	if err != nil {
		return diff.File{}, nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		return diff.File{ReaderAt: f, Size: info.Size()}, func() { f.Close() }, nil
	}
	defer f.Close()
	if err != nil {
		return diff.File{}, nil, err
	}
	b, err := io.ReadAll(f) // a pipe
	return diff.File{ReaderAt: bytes.NewReader(b), Size: int64(len(b))}, func() {}, err
}

func (p *program) diff(nameA, nameB string, asJSON, colors bool) error {
	if nameA == "-" && nameB == "-" {
		return errors.New("only one of both can be standard input")
	}
	a, closeA, err := p.openWhole(nameA)
	if err != nil {
		return err
	}
	defer closeA()
	b, closeB, err := p.openWhole(nameB)
	if err != nil {
		return err
	}
	defer closeB()
	out := bufio.NewWriter(p.stdout)
	show := newDiffPrinter(out, colors)
	finish := func(diff.Result) {}
	if asJSON {
		show, finish = newDiffJSON(out)
	}
	result, err := diff.Compare(a, b, show)
	if err != nil {
		_ = out.Flush()
		return diffError(err, nameA, nameB)
	}
	finish(result)
	if err := out.Flush(); err != nil {
		return err
	}
	if !result.Equal() {
		return &exitError{code: exitFinding}
	}
	return nil
}

// diffError names the file that could not be read.
func diffError(err error, nameA, nameB string) error {
	var syntax *edi.SyntaxError
	if !errors.As(err, &syntax) {
		return err
	}
	name := nameA
	if strings.HasPrefix(err.Error(), "second file") {
		name = nameB
	}
	return fmt.Errorf("%s: %s: %w", name, syntax.Pos, syntax.Err)
}

// newDiffJSON prints changes as members of one document.
func newDiffJSON(out *bufio.Writer) (show func(diff.Change) error, finish func(diff.Result)) {
	fmt.Fprint(out, `{"changes": [`)
	some := false
	show = func(c diff.Change) error {
		b, err := marshal(c)
		if err != nil {
			return err
		}
		if some {
			fmt.Fprint(out, ",")
		}
		some = true
		_, err = fmt.Fprintf(out, "\n  %s", b)
		return err
	}
	return show, func(r diff.Result) {
		fmt.Fprintf(out, "\n], \"sets\": %d, \"equal\": %t}\n", r.Sets, r.Equal())
	}
}

func marshal(v any) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(v)
	return bytes.TrimSpace(b.Bytes()), err
}

// newDiffPrinter prints changes below the loops that they are in, each loop once.
func newDiffPrinter(out *bufio.Writer, colors bool) func(diff.Change) error {
	paint := func(code, text string) string {
		if colors {
			return "\x1b[" + code + "m" + text + "\x1b[0m"
		}
		return text
	}
	var path []string
	return func(c diff.Change) error {
		now := append([]string{setLine(c)}, c.Path...)
		for i, name := range now {
			if i >= len(path) || !slices.Equal(path[:i+1], now[:i+1]) {
				fmt.Fprintf(out, "%s%s\n", strings.Repeat("  ", i), paint("1", view.Printable(name)))
			}
		}
		path = now
		indent := strings.Repeat("  ", len(now))
		switch c.Kind {
		case diff.Removed:
			fmt.Fprintf(out, "%s%s\n", indent, paint("31", "- "+wholeOf(c, c.Old)))
		case diff.Added:
			fmt.Fprintf(out, "%s%s\n", indent, paint("32", "+ "+wholeOf(c, c.New)))
		default:
			fmt.Fprintf(out, "%s%s: %s → %s\n", indent, reference(c), paint("31", shown(c.Old)), paint("32", shown(c.New)))
		}
		return nil
	}
}

func setLine(c diff.Change) string {
	at := func(p diff.Place) string {
		return fmt.Sprintf("%d.%d.%d", p.Interchange, p.Group, p.Transaction)
	}
	switch {
	case c.Segment == "ISA" || c.Segment == "GS":
		return "envelope " + at(c.A) + " / " + at(c.B)
	case c.A == diff.Place{}:
		return "set " + c.Set + "  - / " + at(c.B)
	case c.B == diff.Place{}:
		return "set " + c.Set + "  " + at(c.A) + " / -"
	}
	return "set " + c.Set + "  " + at(c.A) + " / " + at(c.B)
}

// wholeOf is what one file alone has.
func wholeOf(c diff.Change, text string) string {
	switch {
	case c.Segment != "":
		return strings.TrimSpace(view.Printable(text) + "  " + c.Name)
	case c.Loop != "":
		return "the whole loop: " + view.Printable(text)
	}
	return "the whole set " + view.Printable(text) + "  " + c.Name
}

func reference(c diff.Change) string {
	ref := fmt.Sprintf("%s%02d", c.Segment, c.Element)
	if c.Part > 0 {
		ref += fmt.Sprintf("-%d", c.Part)
	}
	return strings.TrimSpace(ref + " " + c.Name)
}

func shown(value string) string { return view.Printable(cmp.Or(value, "(nothing)")) }
