package edi

// What follows is for those who look at every byte of a file, such as guide and the decoders: nothing is copied, nothing is trimmed.

// Spans returns the bytes of the segment and where its elements end: element n stands between ends[n-1] + separator and ends[n], the
// tag before ends[0]. Line breaks that wrap the segment are left out. Both slices are the Reader's.
func (s Segment) Spans() (text []byte, ends []uint32, separator int) {
	if s.view == nil {
		return nil, nil, 1
	}
	return s.text, s.ends, int(s.sep)
}

// Separators returns the delimiters of repetitions and components, if each has one byte.
func (s Segment) Separators() (repetition, component byte, ok bool) {
	if s.view == nil || s.del == nil || len(s.del.Repetition) != 1 || len(s.del.Component) != 1 {
		return 0, 0, false
	}
	return s.del.Repetition[0], s.del.Component[0], true
}

// PutPos sets p to what Pos returns, without a copy in between, which costs as much as a whole element.
func (s Segment) PutPos(p *Position) {
	if s.view == nil {
		*p = Position{}
		return
	}
	p.Offset = s.offset
	p.Line = int(s.line)
	p.Interchange = int(s.interchange)
	p.Group = int(s.group)
	p.Transaction = int(s.transaction)
	p.Segment = int(s.segment)
}

// Ordinal returns the number of the segment in its transaction set: ST is 1. It is 0 outside of sets.
func (s Segment) Ordinal() int {
	if s.view == nil {
		return 0
	}
	return int(s.segment)
}

// InSet tells whether the segment belongs to a transaction set.
func (s Segment) InSet() bool { return s.view != nil && s.transaction != 0 }
