package guide

import (
	"cmp"
	"strconv"

	"github.com/ediport/ediport/edi"
)

func decimal(n int) string { return strconv.Itoa(n) }

// title names a segment as a person knows it: NM1 (Patient Name).
func title(d *SegmentDef) string { return d.Tag + " (" + d.Name + ")" }

// compareFindings orders findings as they stand in the file.
func compareFindings(a, b edi.Finding) int {
	return cmp.Or(
		cmp.Compare(a.Pos.Offset, b.Pos.Offset), cmp.Compare(a.Element, b.Element),
		cmp.Compare(a.Component, b.Component), cmp.Compare(a.Repetition, b.Repetition),
	)
}

func loopID(l *Loop) string {
	if l == nil {
		return ""
	}
	return l.ID
}

// segmentFinding reports an error about a whole segment, as an IK3 does.
func (v *Validator) segmentFinding(tag string, l *Loop, code string, at edi.Position, message string) {
	v.Add(edi.Finding{
		Pos: at, Control: v.control, Segment: tag, Loop: loopID(l), Severity: edi.Error, SNIP: 2,
		Code: edi.Code{Kind: "IK304", Value: code}, Message: message,
	})
}

// missing reports that the segment d of loop l should stand before the segment at the given position.
func (v *Validator) missing(d *SegmentDef, l *Loop, at edi.Position) {
	where := " is missing"
	if l.Parent != nil {
		where += " in loop " + l.ID
	}
	v.segmentFinding(d.Tag, l, "3", at, "the required segment "+title(d)+where)
}

// An elementPlace is where in a segment a value stands. Component and repetition are 0 for the whole element.
type elementPlace struct {
	loop                           *Loop
	def                            *SegmentDef
	element, component, repetition int
}

// label names the place: CLP06 (Claim Filing Indicator Code).
func (p *elementPlace) label() string {
	e := p.def.Element(p.element)
	if e != nil && p.component > 0 && p.component <= len(e.Components) {
		e = e.Components[p.component-1]
	}
	if e == nil {
		return p.def.Tag + twoDigits(p.element)
	}
	return e.Ref + " (" + e.Name + ")"
}

func twoDigits(n int) string {
	if n < 10 {
		return "0" + decimal(n)
	}
	return decimal(n)
}

// elementFinding reports an error about an element, as an IK4 does. The message continues the element's name.
func (v *Validator) elementFinding(p *elementPlace, code, message string) {
	v.Add(v.element(p, edi.Error, edi.Code{Kind: "IK403", Value: code}, p.label()+" "+message))
}

func (v *Validator) element(p *elementPlace, severity edi.Severity, code edi.Code, message string) edi.Finding {
	return edi.Finding{
		Pos: v.segment.Pos(), Control: v.control, Segment: p.def.Tag, Loop: loopID(p.loop),
		Element: p.element, Component: p.component, Repetition: p.repetition,
		Severity: severity, SNIP: 2, Code: code, Message: message,
	}
}
