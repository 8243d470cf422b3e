package main

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/tabular"
	"github.com/ediport/ediport/edi/view"
)

// convertOptions are the flags of `ediport convert`.
type convertOptions struct {
	to         string
	out        string
	table      string
	bom        bool
	normalize  bool
	lineBreak  string
	delimiters string
}

var convertFormats = []string{"json", "ndjson", "csv", "xlsx", "x12"}

func (p *program) convertCommand() *cobra.Command {
	var o convertOptions
	c := &cobra.Command{
		Use:   "convert FILE --to json|ndjson|csv|xlsx|x12",
		Short: "Turn X12 into lossless JSON and back, or into rows for a spreadsheet",
		Long: "convert reads a file (- is standard input), tells X12 from our JSON by its first byte, and writes it as\n\n" +
			"  json    every byte of it: --to x12 makes the same file again\n" +
			"  ndjson  one JSON object a row: claims and service lines, benefits, statuses, services, errors\n" +
			"  csv     the same rows as one table, with a header line\n" +
			"  xlsx    the same as an Excel workbook\n" +
			"  x12     as it is, or tidied up with --normalize\n\n" +
			"csv and xlsx hold one table, that of the first set which has one; --table chooses another. docs/formats.md tells\n" +
			"every column.\n\n" +
			"Exit codes: 0 fine, 1 sets were left out because their guide is not known, 2 the file could not be read.",
		Example: "  ediport convert payment.835 --to csv > payment.csv\n" +
			"  ediport convert answers.271 --to xlsx -o answers.xlsx\n" +
			"  ediport convert payment.835 --to csv --table adjustments | head\n" +
			"  ediport convert payment.835 --to ndjson | jq -s 'map(.paid) | add'\n" +
			"  ediport convert payment.835 --to json | ediport convert - --to x12 | cmp - payment.835\n" +
			"  ediport convert folded.835 --to x12 --normalize",
		Args: cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error { return p.convertFile(args[0], o) },
	}
	f := c.Flags()
	f.StringVar(&o.to, "to", "json", strings.Join(convertFormats, ", "))
	f.StringVarP(&o.out, "out", "o", "", "write to this file instead of standard output")
	f.StringVar(&o.table, "table", "", "rows of this table (ndjson: of all): "+strings.Join(tableNames(), ", "))
	f.BoolVar(&o.bom, "bom", false, "csv: begin with a byte order mark, by which Excel knows UTF-8")
	f.BoolVar(&o.normalize, "normalize", false, "x12: fixed ISA widths, one line break a segment, nothing between segments, no empty ends")
	f.StringVar(&o.lineBreak, "line-break", "lf", "with --normalize, behind each segment: lf, crlf or none")
	f.StringVar(&o.delimiters, "delimiters", "standard", "with --normalize: standard (* ^ : ~) or keep")
	complete := func(flag string, values ...string) {
		_ = c.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	}
	complete("to", convertFormats...)
	complete("table", tableNames()...)
	complete("line-break", "lf", "crlf", "none")
	complete("delimiters", "standard", "keep")
	return c
}

func tableNames() []string {
	var names []string
	for _, t := range tabular.Tables {
		names = append(names, t.Name)
	}
	return names
}

func (p *program) convertFile(name string, o convertOptions) error {
	if !slices.Contains(convertFormats, o.to) {
		return fmt.Errorf("--to %s is not known: %s", o.to, strings.Join(convertFormats, ", "))
	}
	if o.table != "" && tabular.Lookup(o.table) == nil {
		return fmt.Errorf("--table %s is not known: %s", o.table, strings.Join(tableNames(), ", "))
	}
	if o.to == "xlsx" && o.out == "" && isTerminal(p.stdout) {
		return errors.New("a workbook is nothing for a terminal: name a file with --out")
	}
	in, closeInput, err := p.openFor(o.out, name)
	if err != nil {
		return err
	}
	defer closeInput()
	return p.writeOut(o.out, func(out io.Writer) error { return p.convert(out, in, o) })
}

// writeOut gives write the file of that name to fill, or standard output. A file that could not be filled is not made.
func (p *program) writeOut(name string, write func(io.Writer) error) error {
	if name == "" || name == "-" {
		return write(p.stdout)
	}
	f, err := createFile(name)
	if err != nil {
		return err
	}
	err = write(f)
	var exit *exitError
	if err != nil && !errors.As(err, &exit) {
		f.discard()
		return err
	}
	return errors.Join(err, f.keep())
}

func (p *program) convert(out io.Writer, in *bufio.Reader, o convertOptions) error {
	first, err := in.Peek(1)
	switch {
	case errors.Is(err, io.EOF):
		return errors.New("the file is empty")
	case err != nil:
		return err
	}
	isJSON := first[0] == '{'
	switch o.to {
	case "json":
		return convertToJSON(out, in, isJSON)
	case "x12":
		return convertToX12(out, in, isJSON, o)
	}
	x12, stop := io.Reader(in), func() {}
	if isJSON {
		x12, stop = x12Of(in)
	}
	defer stop()
	return p.convertToRows(out, x12, o)
}

func convertToJSON(out io.Writer, in io.Reader, isJSON bool) error {
	if isJSON {
		_, err := io.Copy(out, in)
		return err
	}
	return view.WriteJSON(out, in)
}

func convertToX12(out io.Writer, in io.Reader, isJSON bool, o convertOptions) error {
	if !o.normalize {
		if isJSON {
			return view.ReadJSON(out, in)
		}
		_, err := io.Copy(out, in)
		return err
	}
	n := view.NormalizeOptions{Standard: o.delimiters == "standard"}
	var err error
	if n.LineBreak, err = lineBreak(o.lineBreak); err != nil {
		return err
	}
	if !n.Standard && o.delimiters != "keep" {
		return fmt.Errorf("--delimiters %s is not known: standard or keep", o.delimiters)
	}
	if isJSON {
		x12, stop := x12Of(in)
		defer stop()
		in = x12
	}
	return view.Normalize(out, in, n)
}

// x12Of returns the X12 that JSON of ours stands for. stop ends the reading.
func x12Of(in io.Reader) (x12 io.Reader, stop func()) {
	r, w := io.Pipe()
	go func() { w.CloseWithError(view.ReadJSON(w, in)) }()
	return r, func() { r.Close() }
}

func (p *program) convertToRows(out io.Writer, in io.Reader, o convertOptions) error {
	var w tabular.Writer
	options := tabular.Options{}
	if o.table != "" {
		options.Tables = []*tabular.Table{tabular.Lookup(o.table)}
	}
	switch o.to {
	case "csv":
		w = tabular.NewCSV(out, o.bom)
	case "xlsx":
		w = tabular.NewXLSX(out)
	default:
		w = tabular.NewNDJSON(out)
		options.All = o.table == ""
	}
	report, err := tabular.Read(in, options, w)
	if err != nil {
		var syntax *edi.SyntaxError
		if errors.As(err, &syntax) {
			err = fmt.Errorf("%s: %w", syntax.Pos, syntax.Err)
		}
		return err
	}
	return p.tellLeft(report, o)
}

// tellLeft says which sets are in no row, so that nobody takes the rows for the whole file.
func (p *program) tellLeft(report tabular.Report, o convertOptions) error {
	for _, set := range slices.Sorted(maps.Keys(report.Left)) {
		hint := "no table has them"
		if t := tabular.TableOf(set); t != nil {
			hint = "--table " + t.Name + " has them"
		}
		fmt.Fprintf(p.stderr, "ediport: left out: %s of %s; %s\n", plural(report.Left[set], "transaction set"), view.Printable(cmp.Or(set, "no kind")), hint)
	}
	if report.Faults > 0 {
		fmt.Fprintf(p.stderr, "ediport: %s in the envelopes, so rows may be missing; ediport validate names them\n", plural(report.Faults, "error"))
	}
	if report.Strays > 0 {
		fmt.Fprintf(p.stderr, "ediport: %s no place in the guide, so what they say may be missing; ediport validate names them\n",
			plural(report.Strays, "segment")+map[bool]string{true: " has", false: " have"}[report.Strays == 1])
	}
	switch {
	case report.NoGuide > 0:
		return &exitError{exitFinding, fmt.Errorf("left out: %s whose guide (GS08) is not known", plural(report.NoGuide, "transaction set"))}
	case report.Table == nil && o.to != "ndjson":
		return errors.New("the file holds nothing that becomes rows")
	}
	return nil
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
