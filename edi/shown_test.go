package edi_test

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/fixtures"
)

// TestSegmentsShowTheFile compares what segments show with the bytes of the file, cut at its separators in the simplest way: lent ones, held
// ones and copies of copies, of files in memory and in pieces, with line breaks, blanks and junk anywhere, and with segments of few bytes.
func TestSegmentsShowTheFile(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(19, 3))
	segments, wrapped, led := 0, 0, 0
	for _, file := range shownFiles(t) {
		for round := range 5 {
			in := file
			if round > 0 {
				in = disturbed(random, file)
			}
			for len(in) < 80_000 && round == 4 { // over the end of windows
				in = append(slices.Clone(in), in...)
			}
			for _, r := range []*edi.Reader{edi.NewReaderBytes(in), edi.NewReader(&bitwise{in, random})} {
				c := shown{t: t, in: in, random: random}
				c.read(r)
				segments, wrapped, led = segments+c.segments, wrapped+c.wrapped, led+c.led
				if t.Failed() {
					return
				}
			}
		}
	}
	if wrapped < 300 || led < 1000 || segments < 5*wrapped {
		t.Errorf("%d segments, of which %d were wrapped, and something stood before %d", segments, wrapped, led)
	}
}

// A shown is a file whose segments are looked at.
type shown struct {
	t      *testing.T
	in     []byte
	random *rand.Rand
	record edi.Record

	held, kept             []edi.Segment // kept are copies of those held, and of earlier ones
	from                   int64         // end of the segment before
	segments, wrapped, led int
}

func (c *shown) read(r *edi.Reader) {
	c.t.Helper()
	for range len(c.in) + 10 {
		s, err := r.Next()
		if err == io.EOF {
			break
		}
		if syntax := new(edi.SyntaxError); errors.As(err, &syntax) {
			c.from = -1 // what is passed over is not lent
			continue
		}
		if err != nil {
			c.t.Fatal(err)
		}
		c.look(s)
		switch c.random.IntN(40) {
		case 0:
			c.lookAgain()
			r.Release()
			c.held = c.held[:0]
		case 1:
			c.lookAgain()
			r.Release()
			r.Hold(s)
			c.held = append(c.held[:0], s)
		default:
			if len(c.held) > 0 {
				c.held = append(c.held, s)
			}
		}
		c.keep(s)
		if c.t.Failed() {
			return
		}
	}
	c.lookAgain()
}

// keep copies s in one of the ways in which a segment can be.
func (c *shown) keep(s edi.Segment) {
	if len(c.kept) > 400 {
		c.lookAgain()
		c.kept = c.kept[:0]
		c.record.Reset()
	}
	switch c.random.IntN(4) {
	case 0:
		c.kept = append(c.kept, s.Clone())
	case 1:
		c.kept = append(c.kept, c.record.Append(s))
	case 2:
		c.kept = append(c.kept, c.record.Append(s.Clone()))
	default:
		c.kept = append(c.kept, c.record.Append(s).Clone())
	}
}

// look compares a segment that was just read with the file.
func (c *shown) look(s edi.Segment) {
	p := s.Pos()
	c.segments++
	if lead := s.Lead(); len(lead) > 0 {
		c.led++
		if !bytes.HasSuffix(c.in[:p.Offset], lead) {
			c.t.Errorf("%q leads to %q, which the file has not", lead, s.Raw())
		}
	}
	if c.from >= 0 && p.Offset-int64(len(s.Lead())) != c.from {
		c.t.Errorf("%v: %q is shown before %q", p, s.Lead(), s.Raw())
	}
	c.from = s.End()
	if s.Wrapped() {
		c.wrapped++
	}
	c.same(s)
}

// same compares a segment with what stands in the file at its offset.
func (c *shown) same(s edi.Segment) {
	p, d := s.Pos(), s.Delimiters()
	whole := c.in[p.Offset:]
	if s.Terminated() {
		whole, _, _ = bytes.Cut(whole, []byte(d.Terminator))
	} else {
		whole = whole[:len(s.Raw())]
	}
	if !bytes.Equal(s.Raw(), whole) {
		c.t.Errorf("%v: %q, the file has %q", p, s.Raw(), whole)
		return
	}
	if s.Wrapped() {
		whole = bytes.ReplaceAll(bytes.ReplaceAll(whole, []byte("\r"), nil), []byte("\n"), nil)
	}
	elements := bytes.Split(whole, []byte(d.Element))
	if s.Len() != len(elements)-1 {
		c.t.Errorf("%v: %d elements of %q", p, s.Len(), whole)
		return
	}
	for n, want := range elements {
		trimmed := bytes.Trim(want, " \r\n\t")
		if !bytes.Equal(s.Element(n), want) || !bytes.Equal(s.Text(n), trimmed) || (len(trimmed) == 0) != (s.Text(n) == nil) {
			c.t.Errorf("%v: element %d of %q is %q", p, n, whole, s.Element(n))
		}
	}
	if !s.Is(string(bytes.Trim(elements[0], " \r\n\t"))) {
		c.t.Errorf("%v: %q is not %q", p, whole, elements[0])
	}
}

// lookAgain compares what is held and what is kept with the file.
func (c *shown) lookAgain() {
	for _, list := range [][]edi.Segment{c.held, c.kept} {
		for _, s := range list {
			c.same(s)
		}
	}
}

// disturbed puts separators, line breaks, blanks and the beginnings of envelopes somewhere, or folds the file.
func disturbed(random *rand.Rand, file []byte) []byte {
	pieces := []string{
		"\n", "\r\n", "~", "~\r\n", "*", " ", "\t", "~ST*", "~IS~", "~I~", "~TR*1~", "~ISAB*1~", "~SEX~", "~GSX*~", "~TA1~", "~ IEA1*~", "**", "\x1a", "~\n\n ",
		"~ISA*00~", "BIN*3*~*~~", "\x00",
	}
	b := slices.Clone(file)
	if random.IntN(3) == 0 {
		b = []byte(fold(string(b), []string{"\n", "\r\n"}[random.IntN(2)]))
	}
	if random.IntN(3) == 0 {
		b = bytes.ReplaceAll(b, []byte("~"), []byte("~\r\n"))
	}
	for range 1 + random.IntN(60) {
		at := 120 + random.IntN(max(len(b)-120, 1))
		b = slices.Insert(b, min(at, len(b)), []byte(pieces[random.IntN(len(pieces))])...)
	}
	return b
}

func shownFiles(t *testing.T) (files [][]byte) {
	t.Helper()
	for _, e := range fixtures.Catalog() {
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(x12) < 20_000 {
			files = append(files, x12)
		}
	}
	if dir := os.Getenv("EDIPORT_CORPUS"); dir != "" {
		more, err := filepath.Glob(filepath.Join(dir, "*", "*.edi"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range more {
			x12, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if len(x12) > 300 && len(x12) < 20_000 {
				files = append(files, x12)
			}
		}
	}
	return files
}
