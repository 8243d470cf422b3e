package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/ediport/ediport/edi/view"
)

func (p *program) convertCommand() *cobra.Command {
	var to string
	c := &cobra.Command{
		Use:   "convert FILE --to json|x12",
		Short: "Turn X12 into lossless JSON, and back byte for byte",
		Long: "convert reads a file (- is standard input), tells X12 from JSON by its first byte, and writes the other form to standard\n" +
			"output. JSON made here becomes the same X12 again, byte for byte; docs/formats.md shows its shape.",
		Example: "  ediport convert payment.835 --to json > payment.json\n  ediport convert payment.json --to x12 | cmp - payment.835",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			in, closeInput, err := p.open(args[0])
			if err != nil {
				return err
			}
			defer closeInput()
			return p.convert(in, to)
		},
	}
	c.Flags().StringVar(&to, "to", "json", "json or x12")
	_ = c.RegisterFlagCompletionFunc("to", cobra.FixedCompletions([]string{"json", "x12"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

func (p *program) convert(in *bufio.Reader, to string) error {
	first, err := in.Peek(1)
	if err != nil {
		return errors.New("the file is empty")
	}
	isJSON := first[0] == '{'
	out := bufio.NewWriter(p.stdout)
	switch {
	case to == "json" && !isJSON:
		err = view.WriteJSON(out, in)
	case to == "x12" && isJSON:
		err = view.ReadJSON(out, in)
	case to == "json", to == "x12":
		_, err = io.Copy(out, in)
	default:
		return fmt.Errorf("--to %s is not known: json or x12", to)
	}
	if err != nil {
		return err
	}
	return out.Flush()
}

// open opens a file to read; "-" is standard input.
func (p *program) open(name string) (*bufio.Reader, func(), error) {
	if name == "-" {
		return bufio.NewReader(p.stdin), func() {}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, err
	}
	return bufio.NewReaderSize(f, 64<<10), func() { f.Close() }, nil
}
