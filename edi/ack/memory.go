package ack

import (
	"bytes"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

const (
	maxValue     = 99   // characters of IK404
	maxRemember  = 4096 // bytes of a segment that is kept in case that a finding about it comes later
	maxReference = 4    // digits of IK402
)

// A memory keeps, of the segments that findings are about, what an IK4 tells of them: findings hold no values, and when they
// are reported the segments are gone. It holds no more than a segment per loop and a value per finding.
type memory struct {
	values  bool // values are kept
	seen    int  // findings looked at
	opened  []opened
	details map[place]detail
}

// opened is the segment that began the latest instance of a loop: findings that need all of the loop are about it.
type opened struct {
	record  edi.Record
	segment edi.Segment
	def     *guide.SegmentDef
}

// A place is where in a file a value stands.
type place struct {
	offset                         int64
	element, component, repetition int
}

type detail struct{ value, reference string }

func (m *memory) reset() {
	m.seen = 0
	clear(m.details)
	for i := range m.opened {
		m.opened[i].def = nil
	}
}

// segment looks at the findings made at a segment, then keeps it if later ones may be about it.
func (m *memory) segment(s *edi.Segment, at *guide.Step, pending []edi.Finding) {
	for ; m.seen < len(pending); m.seen++ {
		if f := &pending[m.seen]; f.Element > 0 {
			m.remember(f, s, at)
		}
	}
	if !at.Opened || len(s.Raw()) > maxRemember {
		return
	}
	for at.Loop.Index >= len(m.opened) {
		m.opened = append(m.opened, opened{})
	}
	o := &m.opened[at.Loop.Index]
	o.record.Reset()
	o.segment, o.def = o.record.Append(*s), at.Def
}

func (m *memory) remember(f *edi.Finding, s *edi.Segment, at *guide.Step) {
	if f.Pos.Offset == s.Pos().Offset {
		def := at.Def
		if def == nil {
			def = at.Near
		}
		m.keep(f, s, def)
		return
	}
	for i := range m.opened {
		if o := &m.opened[i]; o.def != nil && o.segment.Pos().Offset == f.Pos.Offset {
			m.keep(f, &o.segment, o.def)
			return
		}
	}
}

func (m *memory) keep(f *edi.Finding, s *edi.Segment, def *guide.SegmentDef) {
	if m.details == nil {
		m.details = make(map[place]detail)
	}
	d := detail{reference: reference(f, def)}
	if m.values {
		d.value = badValue(f, s)
	}
	m.details[placeIn(f)] = d
}

func placeIn(f *edi.Finding) place {
	return place{f.Pos.Offset, f.Element, f.Component, f.Repetition}
}

func (m *memory) of(f *edi.Finding) detail { return m.details[placeIn(f)] }

// badValue returns the value that f is about, as far as it may be repeated: "" if it holds what an element can't.
func badValue(f *edi.Finding, s *edi.Segment) string {
	value := s.Element(f.Element)
	if f.Repetition > 0 || f.Component > 0 {
		n := 0
		for c := range s.Repetitions(f.Element) {
			if n++; n >= f.Repetition {
				value = c.Raw()
				if f.Component > 0 {
					value = c.Component(f.Component)
				}
				break
			}
		}
	}
	value = trimmed(value)
	value = trimmed(value[:min(len(value), maxValue)])
	if !isClean(string(value)) {
		return ""
	}
	return string(value)
}

func trimmed(b []byte) []byte { return bytes.Trim(b, " \r\n\t") }

// reference returns the number of the data element that f is about; "" for composites, and if it is not known.
func reference(f *edi.Finding, def *guide.SegmentDef) string {
	e := def.Element(f.Element)
	if e == nil {
		return ""
	}
	if len(e.Components) > 0 {
		if f.Component < 1 || f.Component > len(e.Components) {
			return ""
		}
		e = e.Components[f.Component-1]
	}
	if !isDigits(e.DE, 1, maxReference) {
		return ""
	}
	return e.DE
}
