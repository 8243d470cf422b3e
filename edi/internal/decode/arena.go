package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// An Arena is the memory of one entity while it is collected and lent: its segments and the lists of its fields.
// The zero value is ready.
type Arena struct {
	record   edi.Record
	reader   *edi.Reader // lends the segments; nil: they are copied into record
	holds    *edi.Reader // holds those of this entity
	segments []edi.Segment
	segment  Segment
	places   []parts.Place
	unplaced []edi.Segment
	problems []parts.Problem

	lastRange dateRange // read last

	references Slab[parts.Reference]
	contacts   Slab[parts.Contact]
	dates      Slab[parts.Date]
	traces     Slab[parts.Trace]
	amounts    Slab[parts.Amount]
	quantities Slab[parts.Quantity]
	codes      Slab[parts.HealthCode]
	deliveries Slab[parts.Delivery]
	rejections Slab[parts.Rejection]
	texts      Slab[edi.Text]
	parties    Slab[parts.Party]
	notes      Slab[parts.Note]
}

// A dateRange is a period as it was sent, and read.
type dateRange struct {
	text     [len("CCYYMMDD-CCYYMMDD")]byte
	from, to edi.Date
}

// Reset takes the memory back.
func (a *Arena) Reset() {
	a.Release()
	a.record.Reset()
	a.segments = a.segments[:0]
	a.places, a.unplaced, a.problems = a.places[:0], a.unplaced[:0], a.problems[:0]
	a.references.Reset()
	a.contacts.Reset()
	a.dates.Reset()
	a.traces.Reset()
	a.amounts.Reset()
	a.quantities.Reset()
	a.codes.Reset()
	a.deliveries.Reset()
	a.rejections.Reset()
	a.texts.Reset()
	a.parties.Reset()
	a.notes.Reset()
}

// Len returns the number of segments kept.
func (a *Arena) Len() int { return len(a.places) }

// Last returns the segment kept last.
func (a *Arena) Last() edi.Segment { return a.segment.Segment }

// Borrow makes the arena hold segments in the memory of the reader that they come from, instead of copying them. Nobody else may hold
// segments of that reader, and an entity ends before the next one begins.
func (a *Arena) Borrow(r *edi.Reader) { a.reader = r }

// Borrows tells whether the segments of the entity are borrowed.
func (a *Arena) Borrows() bool { return a.holds != nil }

// Release gives back what was borrowed: the entity is no longer in use.
func (a *Arena) Release() {
	if a.holds != nil {
		a.holds.Release()
		a.holds = nil
	}
}

// Keep keeps s for the entity and returns it, valid until the next Keep.
func (a *Arena) Keep(s *edi.Segment, at *guide.Step) *Segment {
	kept := *s
	if a.holds == nil || a.reader == nil || !kept.Lent() {
		kept = a.take(kept)
	}
	n := len(a.places)
	if n >= cap(a.places) || n >= cap(a.segments) {
		a.grow()
	}
	segments, places := a.segments[:n+1], a.places[:n+1]
	a.segments, a.places = segments, places
	segments[n] = kept
	p := &places[n] // set field by field, which is cheaper than a copy
	p.Loop = at.Loop
	p.Def = at.Def
	p.Near = at.Near
	p.Opened = at.Opened
	a.segment.Segment = kept
	if at.Def == nil {
		a.unplaced = append(a.unplaced, kept)
	}
	return &a.segment
}

// take copies s, or has its reader hold it.
func (a *Arena) take(s edi.Segment) edi.Segment {
	if a.reader == nil || !s.Lent() {
		return a.record.Append(s)
	}
	if a.holds == nil {
		a.reader.Hold(s)
		a.holds = a.reader
	}
	return s
}

// grow makes room for more segments and their places.
func (a *Arena) grow() {
	n := len(a.places)
	size := max(16, 2*n)
	a.segments = append(make([]edi.Segment, 0, size), a.segments...)
	a.places = append(make([]parts.Place, 0, size), a.places...)
}

// Entity returns what was kept.
func (a *Arena) Entity() parts.Entity {
	return parts.Entity{Span: a.Span(0, a.Len()), Unplaced: a.unplaced, Problems: a.problems}
}

// Span returns segments first up to, not including, end.
func (a *Arena) Span(first, end int) (s parts.Span) {
	a.PutSpan(&s, first, end)
	return s
}

// PutSpan sets s, which is zero, to what Span returns.
func (a *Arena) PutSpan(s *parts.Span, first, end int) {
	if first >= end {
		return
	}
	segments := a.segments[first:end:end]
	segments[0].PutPos(&s.Pos)
	s.End = segments[len(segments)-1].End()
	s.Segments = segments
	s.Places = a.places[first:end:end]
}

// WrongParent notes that HL02 of s names no level above it.
func (a *Arena) WrongParent(s *edi.Segment) { a.problem(*s, 2, 0) }
