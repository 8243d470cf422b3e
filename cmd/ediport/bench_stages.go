package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parallel"
	"github.com/ediport/ediport/edi/remittance"
	"github.com/ediport/ediport/edi/view"
	"github.com/ediport/ediport/fixtures"
)

var stages835 = []stage{
	{"bytes.IndexByte('~') over the bytes: the yardstick", 0, 0, findTerminators},
	{"tokenise in memory: ends of elements and segments", 0.25, 0.15, tokenise},
	{"read all elements as a stream, with positions", 0.13, 0, readElements},
	{"place each segment in its guide", 0, 0, place},
	{"validate SNIP 1 to 3", 0.05, 0.03, checked(guide.NewLevels(1, 2, 3), nothing)},
	{"validate all levels", 0, 0, checked(0, nothing)},
	{"decode claim by claim into types", 0.09, 0.05, readClaims},
	{"decode into types and validate all levels", 0, 0, func(in []byte) error { return readWhole(in, checkedClaims) }},
	{"write again what was read", 0, 0, rewrite},
	{"acknowledge (999)", 0, 0, acknowledge},
	{"envelopes, guide, balances, sums (inspect)", 0, 0, func(in []byte) error { return new(view.Survey).Run(bytes.NewReader(in)) }},
}

var stages271 = []stage{
	{"bytes.IndexByte('~') over the bytes: the yardstick", 0, 0, findTerminators},
	{"tokenise in memory: ends of elements and segments", 0.25, 0.15, tokenise},
	{"read all elements as a stream, with positions", 0.13, 0, readElements},
	{"place each segment in its guide", 0, 0, place},
	{"validate SNIP 1 to 3", 0, 0, checked(guide.NewLevels(1, 2, 3), nothing)},
	{"validate all levels", 0, 0, checked(0, nothing)},
	{"decode answer by answer into types", 0, 0, readAnswers},
	{"decode into types and validate SNIP 1 to 3", 0.05, 0, checked(guide.NewLevels(1, 2, 3), answersOf)},
	{"decode into types and validate all levels", 0, 0, func(in []byte) error { return readWhole(in, checkedAnswers) }},
	{"write again what was read", 0, 0, rewrite},
}

// findTerminators is what all else is measured by.
func findTerminators(in []byte) error {
	for {
		i := bytes.IndexByte(in, '~')
		if i < 0 {
			return nil
		}
		in = in[i+1:]
	}
}

func tokenise(in []byte) error {
	d, err := edi.ParseDelimiters(in)
	if err != nil {
		return err
	}
	const block = 32 << 10
	for t := edi.NewTokenizer(d); len(in) > 0; {
		n := t.Block(in[:min(len(in), block)])
		if n == 0 {
			return edi.ErrTruncated
		}
		in = in[n:]
	}
	return nil
}

func readElements(in []byte) error {
	r := edi.NewReader(bytes.NewReader(in))
	for {
		s, err := r.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		for n := 1; n <= s.Len(); n++ {
			_ = s.Element(n)
		}
		_ = s.Pos()
	}
}

func place(in []byte) error {
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(in)))
	for sc.Next() {
		_ = sc.Place()
	}
	return sc.Err()
}

func readClaims(in []byte) error {
	for _, err := range remittance.Claims(edi.NewReader(bytes.NewReader(in))) {
		if err != nil {
			return err
		}
	}
	return nil
}

func readAnswers(in []byte) error {
	for _, err := range eligibility.Answers(edi.NewReader(bytes.NewReader(in))) {
		if err != nil {
			return err
		}
	}
	return nil
}

func rewrite(in []byte) error {
	out := bufio.NewWriterSize(io.Discard, 64<<10)
	w, r := edi.NewWriter(out, edi.StandardDelimiters), edi.NewReader(bytes.NewReader(in))
	for {
		s, err := r.Next()
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		if err := w.Copy(s); err != nil {
			return err
		}
	}
}

func acknowledge(in []byte) error {
	_, err := ack.Acknowledge(bytes.NewReader(in), ack.Options{To999: io.Discard, ToTA1: io.Discard, Policy: ack.DefaultPolicy()})
	return err
}

// work is what is done with a file, or with a part of one.
type work func(r *edi.Reader) error

// A decoder takes the segments that a Scanner holds.
type decoder interface {
	Scan(sc *guide.Scanner) error
	End() error
}

func nothing() decoder { return nil }

func claimsOf() decoder { return remittance.NewDecoder(remittance.Ignore{}) }

func answersOf() decoder { return eligibility.NewDecoder(eligibility.Ignore{}) }

func checkedClaims(r *edi.Reader) error { return check(r, 0, claimsOf()) }

func checkedAnswers(r *edi.Reader) error { return check(r, 0, answersOf()) }

func checked(levels guide.Levels, decode func() decoder) func(in []byte) error {
	return func(in []byte) error { return check(edi.NewReader(bytes.NewReader(in)), levels, decode()) }
}

// check validates what r reads, and decodes it if d is set.
func check(r *edi.Reader, levels guide.Levels, d decoder) error {
	findings := 0
	c := guide.NewChecker(func(edi.Finding) { findings++ })
	c.Levels = levels
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
		if d == nil || sc.Guide() == nil {
			continue
		}
		if err := d.Scan(sc); err != nil {
			return err
		}
	}
	c.End()
	if d != nil {
		if err := d.End(); err != nil {
			return err
		}
	}
	return sc.Err()
}

func readWhole(in []byte, do work) error { return do(edi.NewReader(bytes.NewReader(in))) }

func readInParts(in []byte, workers int, do work) error {
	var first error
	for _, err := range parallel.Each(edi.NewSplitterBytes(in), workers, func(r *edi.Reader) (struct{}, error) { return struct{}{}, do(r) }) {
		if first == nil {
			first = err
		}
	}
	return first
}

// streamPeak gives edibench, which stands beside this program, an 835 of that size and returns its peak memory.
func streamPeak(ctx context.Context, size int64) (int64, error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	c := exec.CommandContext(ctx, filepath.Join(filepath.Dir(self), "edibench"))
	in, err := c.StdinPipe()
	if err != nil {
		return 0, err
	}
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, os.Stderr
	if err := c.Start(); err != nil {
		return 0, fmt.Errorf("%w (make bench builds it)", err)
	}
	buffered := bufio.NewWriterSize(in, 1<<20)
	_, err = fixtures.Write835(buffered, fixtures.Options{Bytes: size, Seed: 1})
	err = errors.Join(err, buffered.Flush(), in.Close(), c.Wait())
	if err != nil {
		return 0, err
	}
	var claims, segments, peak int64
	_, err = fmt.Sscan(out.String(), &claims, &segments, &peak)
	return peak, err
}
