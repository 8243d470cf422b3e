package tabular

import (
	"bytes"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

// Acknowledgments has what partners say about files of ours.
var Acknowledgments = define(Table{
	Name: "acknowledgments", Title: "Acknowledgments", Sets: []string{"999", "997"},
	Grain: "an error of an element (IK4), or of a segment (IK3) without such; a set (AK2) without errors; a group (AK1, AK9); an interchange (TA1)",
}, acknowledgmentColumns)

// An acknowledgmentRow is what a row of a 999, 997 or TA1 is made of.
type acknowledgmentRow struct {
	kind    string
	group   *ack.Group
	set     *ack.Set
	segment *ack.SegmentError
	element *ack.ElementError
	ta1     *ack.TA1
}

type acknowledgmentRows maker

// Error writes the rows of a segment's errors.
func (m *acknowledgmentRows) Error(e *ack.SegmentError) error {
	r := acknowledgmentRow{kind: "error", set: e.Set, segment: e}
	if e.Set != nil {
		r.group = e.Set.Group
	}
	for i := range max(len(e.Elements), 1) {
		if i < len(e.Elements) {
			r.element = &e.Elements[i]
		}
		if err := add((*maker)(m), Acknowledgments, acknowledgmentColumns, e.Pos, &r); err != nil {
			return err
		}
	}
	return nil
}

// Set writes the row of a set.
func (m *acknowledgmentRows) Set(s *ack.Set) error {
	r := acknowledgmentRow{kind: "set", group: s.Group, set: s}
	return add((*maker)(m), Acknowledgments, acknowledgmentColumns, s.Pos, &r)
}

// Group writes the row of a group.
func (m *acknowledgmentRows) Group(g *ack.Group) error {
	r := acknowledgmentRow{kind: "group", group: g}
	return add((*maker)(m), Acknowledgments, acknowledgmentColumns, g.Pos, &r)
}

// ta1 writes the row of a TA1, which stands in no transaction set.
func (m *maker) ta1(sc *guide.Scanner) error {
	m.set = ""
	m.control = edi.Control{ISA13: sc.Interchange().ControlNumber}
	m.choose("999")
	t := ack.ReadTA1(sc.Segment())
	r := acknowledgmentRow{kind: "interchange", ta1: &t}
	return add(m, Acknowledgments, acknowledgmentColumns, t.Pos, &r)
}

func ofGroup(name string, kind Kind, doc string, cell func(*ack.Group, *cells)) column[acknowledgmentRow] {
	return column[acknowledgmentRow]{Column{name, kind, doc}, func(r *acknowledgmentRow, c *cells) {
		if r.group != nil {
			cell(r.group, c)
		}
	}}
}

func ofSet(name string, kind Kind, doc string, cell func(*ack.Set, *cells)) column[acknowledgmentRow] {
	return column[acknowledgmentRow]{Column{name, kind, doc}, func(r *acknowledgmentRow, c *cells) {
		if r.set != nil {
			cell(r.set, c)
		}
	}}
}

func ofSegment(name string, kind Kind, doc string, cell func(*ack.SegmentError, *cells)) column[acknowledgmentRow] {
	return column[acknowledgmentRow]{Column{name, kind, doc}, func(r *acknowledgmentRow, c *cells) {
		if r.segment != nil {
			cell(r.segment, c)
		}
	}}
}

func ofElement(name string, kind Kind, doc string, cell func(*ack.ElementError, *cells)) column[acknowledgmentRow] {
	return column[acknowledgmentRow]{Column{name, kind, doc}, func(r *acknowledgmentRow, c *cells) {
		if r.element != nil {
			cell(r.element, c)
		}
	}}
}

func (c *cells) ackNumber(n ack.Number) {
	if n.Sent {
		c.count(n.Value)
	}
}

var acknowledgmentColumns = []column[acknowledgmentRow]{
	{Column{"row", Text, "error, set, group or interchange; the rows of a set's errors stand before the set, the sets before the group"}, func(r *acknowledgmentRow, c *cells) {
		c.str(r.kind)
	}},
	{Column{"acknowledged_interchange", Text, "control number that a TA1 answers: TA101"}, func(r *acknowledgmentRow, c *cells) {
		if r.ta1 != nil {
			c.text(r.ta1.ControlNumber)
		}
	}},
	ofGroup("functional_id", Text, "AK101", func(g *ack.Group, c *cells) { c.text(g.FunctionalID) }),
	ofGroup("acknowledged_group", Text, "control number of the group: AK102", func(g *ack.Group, c *cells) { c.text(g.ControlNumber) }),
	ofSet("set", Text, "AK201", func(s *ack.Set, c *cells) { c.text(s.Code) }),
	ofSet("acknowledged_set", Text, "control number of the set: AK202", func(s *ack.Set, c *cells) { c.text(s.ControlNumber) }),
	{Column{"answer", Text, "IK501 of a set, AK901 of a group, TA104 of an interchange: A accepted, E with errors, P in part, R rejected"}, func(r *acknowledgmentRow, c *cells) {
		switch r.kind {
		case "set":
			c.text(r.set.Answer)
		case "group":
			c.text(r.group.Code)
		case "interchange":
			c.text(r.ta1.Code)
		}
	}},
	{Column{"answer_codes", List, "why: IK502 to IK506, AK905 to AK909, TA105"}, func(r *acknowledgmentRow, c *cells) {
		switch r.kind {
		case "set":
			c.texts(r.set.ErrorCodes)
		case "group":
			c.texts(r.group.ErrorCodes)
		case "interchange":
			if !r.ta1.Note.Is("000") {
				c.item(r.ta1.Note)
			}
		}
	}},
	ofGroupRow("included", "sets that the group said to have: AK902", func(g *ack.Group) ack.Number { return g.Included }),
	ofGroupRow("received", "sets found: AK903", func(g *ack.Group) ack.Number { return g.Received }),
	ofGroupRow("accepted", "sets accepted: AK904", func(g *ack.Group) ack.Number { return g.Accepted }),
	ofSegment("segment", Text, "id of the wrong or missing segment: IK301", func(e *ack.SegmentError, c *cells) { c.text(e.Segment) }),
	ofSegment("segment_position", Number, "its position in the acknowledged set, ST is 1: IK302", func(e *ack.SegmentError, c *cells) { c.ackNumber(e.Position) }),
	ofSegment("loop", Text, "IK303", func(e *ack.SegmentError, c *cells) { c.text(e.Loop) }),
	ofSegment("segment_error", Text, "IK304", func(e *ack.SegmentError, c *cells) { c.text(e.Code) }),
	ofSegment("segment_error_meaning", Text, "what it means", func(e *ack.SegmentError, c *cells) { c.meaning(codes.SegmentError, e.Code) }),
	ofElement("element", Number, "position of the element in its segment: IK401-1", func(e *ack.ElementError, c *cells) { c.ackNumber(e.Element) }),
	ofElement("component", Number, "IK401-2", func(e *ack.ElementError, c *cells) { c.ackNumber(e.Component) }),
	ofElement("element_error", Text, "IK403", func(e *ack.ElementError, c *cells) { c.text(e.Code) }),
	ofElement("element_error_meaning", Text, "what it means", func(e *ack.ElementError, c *cells) { c.meaning(codes.ElementError, e.Code) }),
	ofElement("bad_value", Text, "copy of the wrong value: IK404", func(e *ack.ElementError, c *cells) { c.text(e.Value) }),
	ofSegment("contexts", List, "what the error is about: CTX01, as TRN02 12345", func(e *ack.SegmentError, c *cells) {
		for i := range e.Contexts {
			x := &e.Contexts[i]
			c.itemOf(func(b []byte) []byte {
				return bytes.TrimSpace(append(append(append(b, x.Name...), ' '), x.Reference...))
			})
		}
	}),
}

func ofGroupRow(name, doc string, number func(*ack.Group) ack.Number) column[acknowledgmentRow] {
	return column[acknowledgmentRow]{Column{name, Number, doc}, func(r *acknowledgmentRow, c *cells) {
		if r.kind == "group" {
			c.ackNumber(number(r.group))
		}
	}}
}
