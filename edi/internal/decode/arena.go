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
	if a.reader == nil || !kept.Lent() {
		kept = a.record.Append(kept)
	} else if a.holds == nil {
		a.reader.Hold(kept)
		a.holds = a.reader
	}
	a.segments = append(a.segments, kept)
	a.segment.set(kept)
	p := Grow(&a.places)
	p.Loop = at.Loop
	p.Def = at.Def
	p.Near = at.Near
	p.Opened = at.Opened
	if at.Def == nil {
		a.unplaced = append(a.unplaced, kept)
	}
	return &a.segment
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
