package ack

import (
	"bytes"
	"fmt"
	"io"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// An InvalidError says that a value can't be written, because the guide of the 999 or of the envelope does not allow it. It does not
// repeat the value.
type InvalidError struct {
	Segment string // segment id
	Ordinal int    // of the segment in its 999, ST is 1; 0 if it is of the envelope or not known
	Element int    // 0 is the whole segment
	Reason  string
}

func (e *InvalidError) Error() string {
	where := e.Segment
	if e.Element > 0 {
		where += fmt.Sprintf("%02d", e.Element)
	}
	if e.Ordinal > 0 {
		where += fmt.Sprintf(" (segment %d)", e.Ordinal)
	}
	return "ack: writing " + where + ": " + e.Reason
}

// checked composes an interchange, checks it by its guides, and only then writes it to w.
func checked(w io.Writer, e Envelope, compose func(*output) error) error {
	var b bytes.Buffer
	if err := compose(newOutput(&b, e)); err != nil {
		return err
	}
	if err := check(b.Bytes()); err != nil {
		return err
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("ack: writing: %w", err)
	}
	return nil
}

// check returns the first finding about an interchange with acknowledgments, a warning included, as an InvalidError.
func check(x12 []byte) error {
	var first *InvalidError
	found := func(f edi.Finding) {
		if first == nil {
			first = &InvalidError{Segment: f.Segment, Ordinal: f.Pos.Segment, Element: f.Element, Reason: f.Message}
		}
	}
	checker := guide.NewChecker(found)
	outside := guide.NewValidator(guide.Envelope(), func(f edi.Finding) {
		// It misses the sets, which it does not see. Of an ISA it does not know blanks and delimiters, which are always ours.
		ours := f.Segment == "ISA" && (f.Element == 2 || f.Element == 4 || f.Element == 11 || f.Element == 16)
		if f.Code.Kind == "IK403" && !ours {
			found(f)
		}
	})
	r := edi.NewReader(bytes.NewReader(x12))
	r.Report = checker.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		checker.Segment(sc)
		if s := sc.Segment(); s.Pos().Transaction == 0 {
			outside.Segment(s, sc.Step())
		}
	}
	checker.End()
	outside.End()
	if first != nil {
		return first
	}
	return sc.Err()
}
