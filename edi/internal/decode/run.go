package decode

import (
	"errors"
	"fmt"
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A Sink takes the segments of transaction sets: a decoder.
type Sink interface {
	Segment(s edi.Segment, at guide.Step) error
	End() error
	Reset()
}

// A Borrower is a Sink that can do without copies of what it is given: segments of r that it holds, and steps that are valid until
// Take returns.
type Borrower interface {
	Sink
	Borrow(r *edi.Reader)
	Take(s edi.Segment, at *guide.Step) error
}

// copying makes a Borrower of any Sink.
type copying struct{ Sink }

func (c copying) Borrow(*edi.Reader)                       {}
func (c copying) Take(s edi.Segment, at *guide.Step) error { return c.Segment(s, *at) }

// ErrStop ends Run without an error.
var ErrStop = errors.New("stop")

// Run gives sink the transaction sets of r whose ST01 is one of sets. What can't be read (a set without a known guide, bytes that
// are not X12) goes to skipped, and reading goes on behind it if skipped returns nil. Run returns the error of sink or of skipped,
// or one of r's source; nil at the end of the file.
func Run(r *edi.Reader, sink Sink, skipped func(error) error, sets ...string) error {
	b, ok := sink.(Borrower)
	if !ok {
		b = copying{sink}
	}
	b.Borrow(r)
	defer r.Release()
	err := run(guide.NewScanner(r), b, skipped, sets)
	if errors.Is(err, ErrStop) {
		return nil
	}
	return err
}

func run(sc *guide.Scanner, sink Borrower, skipped func(error) error, sets []string) error {
	in := false // a set of ours is open
	for {
		for sc.Next() {
			s := sc.Segment()
			if s.Ordinal() <= 1 {
				if err := leave(sink, &in); err != nil {
					return err
				}
				var err error
				if in, err = enters(sc, skipped, sets); err != nil {
					return err
				}
			}
			if !in {
				continue
			}
			if err := sink.Take(s, sc.Place()); err != nil {
				return err
			}
		}
		if again, err := failed(sc, sink, in, skipped); !again {
			return err
		}
		in = false
	}
}

// enters tells whether the segment is the ST of a set that is to be decoded.
func enters(sc *guide.Scanner, skipped func(error) error, sets []string) (bool, error) {
	if sc.Segment().Ordinal() != 1 || !slices.Contains(sets, sc.Transaction().Set) {
		return false, nil
	}
	if sc.Guide() == nil {
		return false, skipped(&parts.NoGuideError{Pos: sc.Pos(), Set: sc.Transaction().Set})
	}
	return true, nil
}

// leave ends a set that breaks off without SE; it does no harm after SE.
func leave(sink Sink, in *bool) error {
	if !*in {
		return nil
	}
	*in = false
	return sink.End()
}

// failed tells whether to read on after sc stopped. What was being collected when the bytes became unreadable is dropped: it may
// lack its end.
func failed(sc *guide.Scanner, sink Sink, in bool, skipped func(error) error) (again bool, err error) {
	err = sc.Err()
	if err == nil {
		return false, leave(sink, &in)
	}
	sink.Reset()
	var syntax *edi.SyntaxError
	if !errors.As(err, &syntax) {
		return false, fmt.Errorf("reading X12: %w", err)
	}
	if err := skipped(err); err != nil {
		return false, err
	}
	again = errors.Is(err, edi.ErrSegmentTooLong) || errors.Is(err, edi.ErrDelimiter)
	return again, nil
}

// ReadAll runs sink over the given sets of r. What was left out is told in the end, by its first error.
func ReadAll(r *edi.Reader, sink Sink, sets ...string) error {
	var first error
	err := Run(r, sink, func(err error) error {
		if first == nil {
			first = err
		}
		return nil
	}, sets...)
	if err != nil {
		return err
	}
	return first
}

// Pull turns a decoder into a sequence: sink returns the decoder that gives each value to next.
func Pull[T any](r *edi.Reader, yield func(*T, error) bool, sink func(next func(*T) error) Sink, sets ...string) {
	give := func(v *T, err error) error {
		if yield(v, err) {
			return nil
		}
		return ErrStop
	}
	d := sink(func(v *T) error { return give(v, nil) })
	if err := Run(r, d, func(err error) error { return give(nil, err) }, sets...); err != nil {
		yield(nil, err)
	}
}
