package encode

import (
	"fmt"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A run is a walk through a transaction set, checked on the way.
type run struct {
	walker    *guide.Walker
	validator *guide.Validator
	record    edi.Record // of the segment in hand
	made      edi.Record // of one that is not an entity's
	segments  int
	faults    []edi.Finding // errors
}

func newRun(g *guide.Guide) *run {
	r := &run{walker: guide.NewWalker(g)}
	r.validator = guide.NewValidator(g, func(f edi.Finding) {
		if f.Severity == edi.Error {
			r.faults = append(r.faults, f)
		}
	})
	return r
}

func (r *run) begin(levels guide.Levels) {
	r.walker.Reset()
	r.validator.Levels = levels
	r.validator.Begin(edi.Control{})
	r.segments, r.faults = 0, r.faults[:0]
}

// step takes the next segment.
func (r *run) step(s edi.Segment) {
	r.segments++
	r.record.Reset()
	s = r.record.AppendAt(s, edi.Position{Offset: int64(r.segments), Line: 1, Interchange: 1, Group: 1, Transaction: 1, Segment: r.segments})
	r.validator.Segment(s, r.walker.Step(s))
}

// compose takes the next segment, which is not an entity's, and returns it.
func (r *run) compose(raw []byte, del *edi.Delimiters) edi.Segment {
	r.made.Reset()
	s := r.made.Compose(raw, del, edi.Position{})
	r.step(s)
	return s
}

// end returns the errors of the set, in its order.
func (r *run) end() []edi.Finding {
	r.validator.End()
	return r.faults
}

// beginSet writes the beginning of groups and sets.
func (d *Document) beginSet(s *set) error {
	if d.err != nil {
		return d.err
	}
	d.buf = d.envelope.beginSet(d.buf, s.guide, s.control)
	d.set, d.depth, d.held = s, 0, false
	s.live = s.checker.live
	s.live.begin(d.env.Levels)
	return nil
}

// endSet writes what is held and the SE, unless the set as a whole breaks its guide.
func (d *Document) endSet() {
	if d.set == nil || d.err != nil {
		return
	}
	if d.held && d.release(false) != nil {
		return
	}
	s := d.set
	d.put(s.live.compose(d.se(s, s.live.segments+1), &d.del))
	if faults := s.live.end(); len(faults) > 0 {
		_ = d.final(&parts.InvalidError{Entity: "transaction set", Finding: faults[0]})
		return
	}
	d.set = nil
	_ = d.flush(flushAt)
}

// se composes the SE of a set with so many segments; the bytes are the document's until the next HL or SE.
func (d *Document) se(s *set, segments int) []byte {
	d.raw = strconv.AppendInt(append(d.raw[:0], "SE"+d.del.Element...), int64(segments), 10)
	d.raw = append(append(d.raw, d.del.Element...), s.control...)
	return d.raw
}

func (d *Document) emitAll(segments []edi.Segment) {
	for _, s := range segments {
		d.emit(s)
	}
}

// emit writes a segment of the open set.
func (d *Document) emit(s edi.Segment) {
	d.set.live.step(s)
	d.put(s)
}

func (d *Document) put(s edi.Segment) {
	d.buf = append(d.buf, s.Raw()...)
	d.buf = append(d.buf, d.del.Terminator...)
	d.buf = append(d.buf, d.env.LineBreak...)
}

// hl has a run take an HL and returns it. parent 0 is none.
func (d *Document) hl(r *run, l *guide.Loop, number, parent int, children string) edi.Segment {
	b := strconv.AppendInt(append(d.raw[:0], "HL"+d.del.Element...), int64(number), 10)
	b = append(b, d.del.Element...)
	if parent > 0 {
		b = strconv.AppendInt(b, int64(parent), 10)
	}
	b = append(append(b, d.del.Element...), l.HL.Level...)
	if l.Trigger.Element(4).Usage != guide.NotUsed {
		b = append(append(b, d.del.Element...), children...)
	}
	d.raw = b
	return r.compose(b, &d.del)
}

func (d *Document) flush(at int) error {
	if d.err != nil || len(d.buf) < at {
		return d.err
	}
	return d.flushBytes()
}

func (d *Document) flushBytes() error {
	_, err := d.out.Write(d.buf)
	d.buf = d.buf[:0]
	if err != nil {
		d.err = fmt.Errorf("writing X12: %w", err)
		return d.err
	}
	return nil
}
