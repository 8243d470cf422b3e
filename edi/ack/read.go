package ack

import (
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// Read gives h what all 999s and 997s of r hold; other sets are left out. An error of h or of the file ends it; after a
// [*edi.SyntaxError] what can be read behind it has been given to h, and the first one is returned in the end.
func Read(r *edi.Reader, h Handler) error {
	var first error
	err := run(guide.NewScanner(r), NewDecoder(h), func(err error) error {
		if first == nil {
			first = err
		}
		return nil
	})
	if err != nil {
		return err
	}
	return first
}

// errStop says that the consumer of a sequence wants no more.
var errStop = errors.New("stop")

// Groups returns the answers of all 999s and 997s of r, each with its sets and their errors, in file order. A group
// is the caller's; its memory is that of the whole answer. Bytes that are not X12 are an error in the sequence, which then goes on
// behind them if it can.
func Groups(r *edi.Reader) iter.Seq2[*Group, error] {
	return func(yield func(*Group, error) bool) {
		give := func(g *Group, err error) error {
			if yield(g, err) {
				return nil
			}
			return errStop
		}
		d := NewDecoder(&collector{give: give})
		d.keep = true
		err := run(guide.NewScanner(r), d, func(err error) error { return give(nil, err) })
		if err != nil && !errors.Is(err, errStop) {
			yield(nil, err)
		}
	}
}

// A collector puts sets and errors, which are not lent here, together.
type collector struct {
	give   func(*Group, error) error
	errors []*SegmentError
	sets   []*Set
}

func (c *collector) Error(e *SegmentError) error {
	c.errors = append(c.errors, e)
	return nil
}

func (c *collector) Set(s *Set) error {
	s.Errors, c.errors = c.errors, nil
	c.sets = append(c.sets, s)
	return nil
}

func (c *collector) Group(g *Group) error {
	g.Sets, c.sets = c.sets, nil
	return c.give(g, nil)
}

// run gives d the 999s and 997s of sc, and skipped what can't be read.
func run(sc *guide.Scanner, d *Decoder, skipped func(error) error) error {
	for {
		if err := sets(sc, d); err != nil {
			return err
		}
		err := sc.Err()
		if err == nil {
			return d.End()
		}
		d.Reset() // what was being collected may lack its end
		if c, ok := d.handler.(*collector); ok {
			c.errors, c.sets = nil, nil
		}
		var syntax *edi.SyntaxError
		if !errors.As(err, &syntax) {
			return fmt.Errorf("reading X12: %w", err)
		}
		if err := skipped(err); err != nil {
			return err
		}
		if !errors.Is(err, edi.ErrSegmentTooLong) && !errors.Is(err, edi.ErrDelimiter) {
			return nil
		}
	}
}

// sets reads on until sc stops.
func sets(sc *guide.Scanner, d *Decoder) error {
	in := false // an acknowledgment is open
	for sc.Next() {
		s := sc.Segment()
		p := s.Pos()
		if p.Transaction == 0 || p.Segment == 1 {
			if err := d.End(); err != nil {
				return err
			}
			set := sc.Transaction().Set
			in = p.Segment == 1 && (set == "999" || set == "997")
		}
		if !in {
			continue
		}
		if err := d.Segment(s, sc.Step()); err != nil {
			return err
		}
	}
	return nil
}

// TA1s returns the TA1s of r, in file order. Its texts are lent until the next step. Bytes that are not X12 are an error in
// the sequence, which then goes on behind them if it can.
func TA1s(r *edi.Reader) iter.Seq2[TA1, error] {
	return func(yield func(TA1, error) bool) {
		for {
			s, err := r.Next()
			switch {
			case err == io.EOF:
				return
			case err != nil:
				again := errors.Is(err, edi.ErrSegmentTooLong) || errors.Is(err, edi.ErrDelimiter)
				if !yield(TA1{}, err) || !again {
					return
				}
			case s.Is("TA1") && s.Pos().Transaction == 0:
				if !yield(ReadTA1(s), nil) {
					return
				}
			}
		}
	}
}
