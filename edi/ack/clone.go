package ack

import "github.com/ediport/ediport/edi/guide"

// Clone returns a copy of the set that is the caller's; its group, which is not lent, is shared. It is decoded from the segments of
// the set, so it has what they say, not what was changed in s. Errors that [Groups] filled in are shared.
func (s *Set) Clone() *Set {
	b := new(setBuilder)
	for i, seg := range s.Segments {
		b.add(seg, guide.Step{Loop: s.Places[i].Loop, Def: s.Places[i].Def, Near: s.Places[i].Near}, kindOf(seg))
	}
	clone := b.finish()
	clone.Group, clone.Ordinal, clone.Errors = s.Group, s.Ordinal, s.Errors
	return clone
}

// Clone returns a copy of the error that is the caller's, with a copy of its set.
func (e *SegmentError) Clone() *SegmentError {
	b := new(errorBuilder)
	for i, seg := range e.Segments {
		b.add(seg, guide.Step{Loop: e.Places[i].Loop, Def: e.Places[i].Def, Near: e.Places[i].Near}, kindOf(seg))
	}
	clone := b.finish()
	clone.Ordinal = e.Ordinal
	if e.Set != nil {
		clone.Set = e.Set.Clone()
	}
	return clone
}
