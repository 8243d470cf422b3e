package decode

import (
	"iter"

	"github.com/ediport/ediport/edi"
)

// A Segment is a kept segment for the readers of fields. It is valid until the next one is kept; the texts are valid as long as
// the Arena's.
type Segment struct {
	edi.Segment
	components []edi.Text // of the element read last
}

// Components returns the components of the first repetition of element n, valid until the next call; component c is at c-1.
func (s *Segment) Components(n int) []edi.Text {
	s.components = s.components[:0]
	if s.Text(n) != nil {
		s.components = s.Segment.Composite(n).AppendComponents(s.components)
	}
	return s.components
}

// Repetitions yields the components of each repetition of element n, valid until the next.
func (s *Segment) Repetitions(n int) iter.Seq[[]edi.Text] {
	return func(yield func([]edi.Text) bool) {
		if s.Text(n) == nil {
			return
		}
		for c := range s.Segment.Repetitions(n) {
			s.components = c.AppendComponents(s.components[:0])
			if !yield(s.components) {
				return
			}
		}
	}
}

// Component returns component c, from 1, of list; nil if it is empty or absent.
func Component(list []edi.Text, c int) edi.Text {
	if c <= len(list) {
		return list[c-1]
	}
	return nil
}
