package view

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ediport/ediport/edi"
)

// NormalizeOptions say how [Normalize] writes.
type NormalizeOptions struct {
	LineBreak string // behind each segment: "", "\n" or "\r\n"
	Standard  bool   // with edi.StandardDelimiters; else each interchange keeps its own
}

// Normalize reads X12 from r and writes it to w as clean X12: one terminator and one kind of line break behind each segment,
// the ISA in its fixed widths, no blanks around elements, no empty elements at the end of a segment, no lines folded within segments,
// nothing between segments. What the elements say stays. Memory is bounded by the largest segment. Errors are those of
// the Reader and of w; a value that holds a delimiter to be written is edi.ErrDelimiterInData, with its position.
func Normalize(w io.Writer, r io.Reader, o NormalizeOptions) error {
	n := normalizer{out: bufio.NewWriter(w), options: o}
	in := edi.NewReader(r)
	for {
		s, err := in.Next()
		if errors.Is(err, io.EOF) {
			return n.out.Flush()
		}
		if err != nil {
			return err
		}
		n.record.Reset()
		if err := n.segment(n.record.Append(s)); err != nil {
			return fmt.Errorf("%s: %w", s.Pos(), err)
		}
	}
}

type normalizer struct {
	options NormalizeOptions
	out     *bufio.Writer
	writer  *edi.Writer
	del     edi.Delimiters
	record  edi.Record
	values  []edi.Value
}

func (n *normalizer) segment(s edi.Segment) error {
	if s.Is("ISA") || n.writer == nil {
		n.begin(s)
	}
	if s.Is("ISA") {
		return n.header(s)
	}
	n.values = n.values[:0]
	for e := 1; e <= s.Len(); e++ {
		n.values = append(n.values, valueOf(s, e))
	}
	return n.writer.Segment(s.Tag(), n.values...)
}

// begin chooses the delimiters of an interchange.
func (n *normalizer) begin(s edi.Segment) {
	n.del = s.Delimiters()
	if n.options.Standard {
		repetition := n.del.Repetition
		n.del = edi.StandardDelimiters
		if repetition == "" {
			n.del.Repetition = "" // a release without repetitions, or an ISA11 that is none
		}
	}
	if n.del.Component == "" {
		n.del.Component = edi.StandardDelimiters.Component // an ISA16 must be something
	}
	n.writer = edi.NewWriter(n.out, n.del)
	n.writer.LineBreak = n.options.LineBreak
}

// Widths of the elements of an ISA.
var isaWidths = [...]int{2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1}

// header writes an ISA, whose elements have fixed widths and hold the delimiters.
func (n *normalizer) header(s edi.Segment) error {
	b := []byte("ISA")
	for i, width := range isaWidths {
		value := string(s.Text(i + 1))
		switch {
		case i+1 == 11 && n.del.Repetition != "":
			value = n.del.Repetition
		case i+1 == 16:
			value = n.del.Component
		case strings.Contains(value, n.del.Element) || strings.Contains(value, n.del.Terminator):
			return fmt.Errorf("ISA%02d: %w", i+1, edi.ErrDelimiterInData)
		}
		b = append(b, n.del.Element...)
		b = append(b, value...)
		for range width - len(value) {
			b = append(b, ' ')
		}
	}
	b = append(append(b, n.del.Terminator...), n.options.LineBreak...)
	_, err := n.out.Write(b)
	return err
}

// valueOf returns an element for the Writer, taken apart into repetitions and components.
func valueOf(s edi.Segment, n int) edi.Value {
	var repetitions []edi.Value
	for c := range s.Repetitions(n) {
		if c.Len() <= 1 {
			repetitions = append(repetitions, edi.Str(string(c.Component(1))))
			continue
		}
		parts := make([]string, c.Len())
		for i := range parts {
			parts[i] = string(c.Component(i + 1))
		}
		repetitions = append(repetitions, edi.Components(parts...))
	}
	switch len(repetitions) {
	case 0:
		return edi.Str("")
	case 1:
		return repetitions[0]
	default:
		return edi.Repeat(repetitions...)
	}
}
