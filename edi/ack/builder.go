package ack

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// kind is what a segment says, in a 999 and a 997 alike.
type kind uint8

const (
	other kind = iota
	header
	groupBegin
	setBegin
	segmentNote
	contextNote
	elementNote
	setEnd
	groupEnd
	trailer
)

func kindOf(s edi.Segment) kind {
	switch string(s.Text(0)) {
	case "ST":
		return header
	case "AK1":
		return groupBegin
	case "AK2":
		return setBegin
	case "IK3", "AK3":
		return segmentNote
	case "CTX":
		return contextNote
	case "IK4", "AK4":
		return elementNote
	case "IK5", "AK5":
		return setEnd
	case "AK9":
		return groupEnd
	case "SE":
		return trailer
	default:
		return other
	}
}

// A groupBuilder fills a Group.
type groupBuilder struct {
	arena
	group Group
	begun bool // its AK1 was seen
}

func (b *groupBuilder) add(s edi.Segment, at guide.Step, k kind) {
	s = b.keep(s, at, k)
	g := &b.group
	switch k {
	case header:
		g.Kind, g.SetControlNumber = s.Text(1), s.Text(2)
	case groupBegin:
		b.begun = true
		g.FunctionalID, g.ControlNumber, g.Version = s.Text(1), s.Text(2), s.Text(3)
	case groupEnd:
		g.Code = s.Text(1)
		g.Included, g.Received, g.Accepted = b.element(s, 2), b.element(s, 3), b.element(s, 4)
		g.ErrorCodes = nil
		b.list(&g.ErrorCodes, s, 5, 9)
	}
}

func (b *groupBuilder) finish() *Group {
	b.group.Entity = b.entity()
	return &b.group
}

// A setBuilder fills a Set.
type setBuilder struct {
	arena
	set Set
}

func (b *setBuilder) reset() {
	b.arena.reset()
	b.set = Set{}
}

func (b *setBuilder) add(s edi.Segment, at guide.Step, k kind) {
	s = b.keep(s, at, k)
	switch k {
	case setBegin:
		b.set.Code, b.set.ControlNumber, b.set.Guide = s.Text(1), s.Text(2), s.Text(3)
	case setEnd:
		b.set.Answer = s.Text(1)
		b.list(&b.set.ErrorCodes, s, 2, 6)
	}
}

func (b *setBuilder) finish() *Set {
	b.set.Entity = b.entity()
	return &b.set
}

// An errorBuilder fills a SegmentError.
type errorBuilder struct {
	arena
	err SegmentError
}

func (b *errorBuilder) reset() {
	b.arena.reset()
	b.err = SegmentError{Elements: b.err.Elements[:0]}
}

func (b *errorBuilder) add(s edi.Segment, at guide.Step, k kind) {
	s = b.keep(s, at, k)
	e := &b.err
	switch k {
	case segmentNote:
		e.Segment, e.Position, e.Loop, e.Code = s.Text(1), b.element(s, 2), s.Text(3), s.Text(4)
		b.list(&e.Codes, s, 5, 8)
	case contextNote:
		contexts := &e.Contexts
		if n := len(e.Elements); n > 0 {
			contexts = &e.Elements[n-1].Contexts
		}
		*b.contexts.Append(contexts) = b.context(s)
	case elementNote:
		e.Elements = append(e.Elements, ElementError{
			Pos: s.Pos(), Element: b.component(s, 1, 1), Component: b.component(s, 1, 2), Repetition: b.component(s, 1, 3),
			Reference: s.Text(2), Code: s.Text(3), Value: s.Text(4),
		})
	}
}

func (b *errorBuilder) context(s edi.Segment) Context {
	return Context{
		Pos: s.Pos(), Name: s.Component(1, 1), Reference: s.Component(1, 2), Segment: s.Text(2), Position: b.element(s, 3), Loop: s.Text(4),
		Element: b.component(s, 5, 1), Component: b.component(s, 5, 2), Repetition: b.component(s, 5, 3), Sent: edi.Text(s.Raw()),
	}
}

func (b *errorBuilder) finish() *SegmentError {
	b.err.Entity = b.entity()
	return &b.err
}
