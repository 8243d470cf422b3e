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
	if code != "3" && code != "I6" {
		v.disturbed++
		if v.balance != nil {
			v.balance.doubt(tag, l, code)
		}
	}
	v.Add(edi.Finding{
		Pos: at, Control: v.control, Segment: tag, Loop: loopID(l), Severity: edi.Error, SNIP: 2,
		Code: edi.Code{Kind: "IK304", Value: code}, Message: message,
	})
}

// missing reports that the segment d of loop l should stand before the segment at the given position.
func (v *Validator) missing(d *SegmentDef, l *Loop, at edi.Position) {
	if v.garbled(at.Segment) || v.duplicated(d, l, at) {
		return
	}
	where := " is missing"
	if l.Parent != nil {
		where += " in loop " + l.ID
	}
	v.segmentFinding(d.Tag, l, "3", at, "the required segment "+title(d)+where)
}

// missingFinding is what missing reports.
func (v *Validator) missingFinding(d *SegmentDef, l *Loop, at edi.Position) edi.Finding {
	return edi.Finding{
		Pos: at, Control: v.control, Segment: d.Tag, Loop: loopID(l), Severity: edi.Error, SNIP: 2,
		Code: edi.Code{Kind: "IK304", Value: "3"}, Message: "the required segment " + title(d) + " is missing in loop " + l.ID,
	}
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
	if p.element <= 2 && p.def.isFrame() {
		return // the Reader tells
	}
	v.Add(v.element(p, edi.Error, edi.Code{Kind: "IK403", Value: code}, p.label()+" "+message))
}

// isFrame tells whether d is the ST or SE, whose first two elements are a matter of the envelope.
func (d *SegmentDef) isFrame() bool {
	return d.Loop != nil && d.Loop.Parent == nil && (d.Tag == "ST" || d.Tag == "SE")
}

// told tells whether element n of the segment in hand was found fault with.
func (v *Validator) told(n int) bool {
	at := v.segment.Pos().Offset
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Offset == at; i-- {
		if v.findings[i].Element == n {
			return true
		}
	}
	return false
}

func (v *Validator) element(p *elementPlace, severity edi.Severity, code edi.Code, message string) edi.Finding {
	return edi.Finding{
		Pos: v.segment.Pos(), Control: v.control, Segment: p.def.Tag, Loop: loopID(p.loop),
		Element: p.element, Component: p.component, Repetition: p.repetition,
		Severity: severity, SNIP: 2, Code: code, Message: message,
	}
}
