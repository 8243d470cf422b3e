package ack

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

// An arena is the memory of one entity while it is collected and lent.
type arena struct {
	record   edi.Record
	places   []parts.Place
	unplaced []edi.Segment
	problems []parts.Problem
	texts    decode.Slab[edi.Text]
	contexts decode.Slab[Context]
}

func (a *arena) reset() {
	a.record.Reset()
	a.texts.Reset()
	a.contexts.Reset()
	a.places, a.unplaced, a.problems = a.places[:0], a.unplaced[:0], a.problems[:0]
}

// keep copies s and returns the copy. Without a guide, as for a 997, segments that no field names are unplaced.
func (a *arena) keep(s edi.Segment, at guide.Step, k kind) edi.Segment {
	s = a.record.Append(s)
	a.places = append(a.places, parts.Place{Loop: at.Loop, Def: at.Def, Near: at.Near})
	if at.Def == nil && (at.Loop != nil || k == other) {
		a.unplaced = append(a.unplaced, s)
	}
	return s
}

func (a *arena) entity() parts.Entity {
	segments := a.record.Segments()
	if len(segments) == 0 {
		return parts.Entity{}
	}
	return parts.Entity{
		Span: parts.Span{
			Pos: segments[0].Pos(), End: segments[len(segments)-1].End(), Segments: segments, Places: a.places,
		},
		Unplaced: a.unplaced, Problems: a.problems,
	}
}

// number reads t, element n or component c of it, as a whole number without a sign.
func (a *arena) number(s edi.Segment, n, c int, t edi.Text) Number {
	if len(t) == 0 {
		return Number{}
	}
	v, ok := whole(t)
	if !ok {
		a.problems = append(a.problems, parts.Problem{Pos: s.Pos(), Segment: s.Tag(), Element: n, Component: c})
		return Number{}
	}
	return Number{Value: v, Sent: true}
}

// maxDigits is that of the longest number of an acknowledgment, IK302, leading zeros left out.
const maxDigits = 10

func whole(t edi.Text) (n int, ok bool) {
	digits := 0
	for _, c := range t {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n = n*10 + int(c-'0'); n > 0 {
			digits++
		}
		if digits > maxDigits {
			return 0, false
		}
	}
	return n, true
}

// element reads element n as a number.
func (a *arena) element(s edi.Segment, n int) Number { return a.number(s, n, 0, s.Text(n)) }

// component reads component c of element n as a number.
func (a *arena) component(s edi.Segment, n, c int) Number {
	return a.number(s, n, c, s.Component(n, c))
}

// list appends the elements first to last that were sent.
func (a *arena) list(to *[]edi.Text, s edi.Segment, first, last int) {
	for n := first; n <= last; n++ {
		if t := s.Text(n); len(t) > 0 {
			*a.texts.Append(to) = t
		}
	}
}
