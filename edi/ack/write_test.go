package ack

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

var testEnvelope = Envelope{
	SenderQualifier: "ZZ", SenderID: "PAYER", ReceiverQualifier: "30", ReceiverID: "001234567", Usage: "P", ControlNumber: 17, Time: testTime,
}

// said writes down all that writing keeps of an answer.
func said(g *Group) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s %v %v %v %s %s\n", g.SetControlNumber, g.FunctionalID, g.ControlNumber, g.Version, g.Included, g.Received, g.Accepted, g.Code, g.ErrorCodes)
	context := func(indent string, c *Context) {
		fmt.Fprintf(&b, "%s%s %s %s %v %s %v %v %v\n", indent, c.Name, c.Reference, c.Segment, c.Position, c.Loop, c.Element, c.Component, c.Repetition)
	}
	for _, s := range g.Sets {
		fmt.Fprintf(&b, " %s %s %s %s %s\n", s.Code, s.ControlNumber, s.Guide, s.Answer, s.ErrorCodes)
		for _, e := range s.Errors {
			fmt.Fprintf(&b, "  %s %v %s %s\n", e.Segment, e.Position, e.Loop, e.Code)
			for i := range e.Contexts {
				context("   ", &e.Contexts[i])
			}
			for i := range e.Elements {
				x := &e.Elements[i]
				fmt.Fprintf(&b, "   %v %v %v %s %s %s\n", x.Element, x.Component, x.Repetition, x.Reference, x.Code, x.Value)
				for j := range x.Contexts {
					context("    ", &x.Contexts[j])
				}
			}
		}
	}
	return b.String()
}

// What is written reads back as it was.
func TestWrite999ReadsBack(t *testing.T) {
	t.Parallel()
	for seed := range uint64(300) {
		g := randomGroup(rand.New(rand.NewPCG(seed, 1)))
		var b bytes.Buffer
		if err := Write999(&b, testEnvelope, g); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		back := groups(t, b.String())
		if len(back) != 1 || said(back[0]) != said(g) {
			t.Fatalf("seed %d:\ngot  %s\nwant %s", seed, said(back[0]), said(g))
		}
		var again bytes.Buffer
		if err := Write999(&again, testEnvelope, back...); err != nil || again.String() != b.String() {
			t.Fatalf("seed %d: written again: %v\n%s\n%s", seed, err, again.String(), b.String())
		}
	}
}

func pick(r *rand.Rand, of ...string) edi.Text { return edi.Text(of[r.IntN(len(of))]) }

func randomGroup(r *rand.Rand) *Group {
	g := &Group{
		SetControlNumber: pick(r, "0001", "000000009", "A1B2"), FunctionalID: pick(r, "HS", "HB", "HP", "HC"), ControlNumber: pick(r, "1", "999999999", "0012"),
		Version: pick(r, "005010X279A1", "005010X221A1", "005010"), Included: sent(r.IntN(10)), Received: sent(r.IntN(10)), Accepted: sent(r.IntN(10)),
		Code: pick(r, "A", "E", "P", "R"),
	}
	for range r.IntN(6) {
		g.ErrorCodes = append(g.ErrorCodes, pick(r, "1", "2", "3", "4", "5", "6", "19"))
	}
	for range r.IntN(4) {
		s := &Set{Code: pick(r, "270", "835"), ControlNumber: pick(r, "0001", "12345"), Guide: pick(r, "", "005010X279A1"), Answer: pick(r, "A", "E", "R")}
		for range r.IntN(4) {
			s.Errors = append(s.Errors, randomError(r))
		}
		if !s.Answer.Is("A") {
			for range 1 + r.IntN(5) {
				s.ErrorCodes = append(s.ErrorCodes, pick(r, "1", "2", "3", "4", "5", "I5", "I6", "18", "23"))
			}
		}
		g.Sets = append(g.Sets, s)
	}
	return g
}

func randomError(r *rand.Rand) *SegmentError {
	e := &SegmentError{Segment: pick(r, "NM1", "HL", "CLP"), Position: sent(1 + r.IntN(9999)), Loop: pick(r, "", "2100", "2010AA"), Code: pick(r, "1", "3", "I6", "I9")}
	for range r.IntN(3) {
		e.Contexts = append(e.Contexts, randomTrigger(r))
	}
	if r.IntN(2) == 0 {
		e.Contexts = append(e.Contexts, Context{Name: pick(r, "TRN02", "PATIENT NAME NM109"), Reference: pick(r, "T 1", "ABC-9")})
	}
	for range r.IntN(3) {
		e.Code = edi.Text("8")
		x := ElementError{Element: sent(1 + r.IntN(99)), Reference: pick(r, "", "1065"), Code: pick(r, "1", "7", "I10", "I13"), Value: pick(r, "", "X", "a b", "$5@#")}
		if r.IntN(2) == 0 {
			x.Component = sent(1 + r.IntN(5))
		}
		if r.IntN(2) == 0 {
			x.Repetition = sent(1 + r.IntN(5))
		}
		for range r.IntN(2) {
			x.Contexts = append(x.Contexts, randomTrigger(r))
		}
		e.Elements = append(e.Elements, x)
	}
	return e
}

func randomTrigger(r *rand.Rand) Context {
	c := Context{Name: edi.Text("SITUATIONAL TRIGGER"), Segment: pick(r, "CLM", "NM1"), Position: sent(1 + r.IntN(99)), Loop: pick(r, "", "2300")}
	if r.IntN(2) == 0 {
		c.Element = sent(1 + r.IntN(20))
	}
	return c
}

// What is left out of a Group follows from its sets.
func TestWrite999Completes(t *testing.T) {
	t.Parallel()
	set := func(answer, code string) *Set {
		s := &Set{Code: edi.Text("270"), ControlNumber: edi.Text("0001"), Answer: edi.Text(answer)}
		if code != "" {
			s.ErrorCodes = []edi.Text{edi.Text(code)}
		}
		return s
	}
	for _, c := range []struct {
		name string
		sets []*Set
		want string
	}{
		{"none", nil, "AK9*A*0*0*0~"},
		{"accepted", []*Set{set("A", "")}, "AK9*A*1*1*1~"},
		{"with errors", []*Set{set("A", ""), set("E", "5")}, "AK9*E*2*2*2~"},
		{"partly", []*Set{set("A", ""), set("R", "5"), set("E", "I5")}, "AK9*P*3*3*2~"},
		{"rejected", []*Set{set("R", "5")}, "AK9*R*1*1*0~"},
	} {
		var b bytes.Buffer
		g := &Group{FunctionalID: edi.Text("HS"), ControlNumber: edi.Text("1"), Version: edi.Text("005010X279A1"), Sets: c.sets}
		if err := Write999(&b, testEnvelope, g, g); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if x12 := b.String(); strings.Count(x12, c.want) != 2 || !strings.Contains(x12, "ST*999*0002*") || !strings.Contains(x12, "GE*2*17~") {
			t.Errorf("%s: want %s, got %s", c.name, c.want, x12)
		}
	}
}

// Values that the guide does not allow are refused, and nothing is written.
func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		change  func(*Group, *Envelope)
		segment string
		element int
	}{
		{"a functional id that there is none of", func(g *Group, _ *Envelope) { g.FunctionalID = edi.Text("ZZ") }, "AK1", 1},
		{"a control number that is none", func(g *Group, _ *Envelope) { g.ControlNumber = edi.Text("A") }, "AK1", 2},
		{"a set without a number", func(g *Group, _ *Envelope) { g.Sets[0].ControlNumber = nil }, "AK2", 2},
		{"a segment error that there is none of", func(g *Group, _ *Envelope) { g.Sets[0].Errors[0].Code = edi.Text("9") }, "IK3", 4},
		{"8 without elements", func(g *Group, _ *Envelope) { g.Sets[0].Errors[0].Code = edi.Text("8") }, "IK3", 4},
		{"elements without 8", func(g *Group, _ *Envelope) { g.Sets[0].Errors[0].Elements = []ElementError{{}} }, "IK3", 4},
		{"a rejection without a code", func(g *Group, _ *Envelope) { g.Sets[0].ErrorCodes = nil }, "IK5", 2},
		{"a 997", func(g *Group, _ *Envelope) { g.Kind = edi.Text("997") }, "ST", 1},
		{"a receiver too long", func(_ *Group, e *Envelope) { e.ReceiverID = "MORE THAN FIFTEEN" }, "ISA", 8},
		{"a qualifier that there is none of", func(_ *Group, e *Envelope) { e.SenderQualifier = "Z9" }, "ISA", 5},
		{"no control number", func(_ *Group, e *Envelope) { e.ControlNumber = 0 }, "ISA", 13},
		{"a delimiter in an id", func(_ *Group, e *Envelope) { e.SenderID = "A*B" }, "ISA", 6},
	} {
		g := &Group{FunctionalID: edi.Text("HS"), ControlNumber: edi.Text("1"), Version: edi.Text("005010X279A1"), Sets: []*Set{{
			Code: edi.Text("270"), ControlNumber: edi.Text("0001"), Answer: edi.Text("R"), ErrorCodes: []edi.Text{edi.Text("5")},
			Errors: []*SegmentError{{Segment: edi.Text("NM1"), Position: sent(3), Code: edi.Text("3")}},
		}}}
		e := testEnvelope
		c.change(g, &e)
		var b bytes.Buffer
		err := Write999(&b, e, g)
		var invalid *InvalidError
		if !errors.As(err, &invalid) || invalid.Segment != c.segment || invalid.Element != c.element || b.Len() > 0 {
			t.Errorf("%s: error %v (%d bytes written), want one about %s%02d", c.name, err, b.Len(), c.segment, c.element)
		}
	}
}

func TestWriteTA1ReadsBack(t *testing.T) {
	t.Parallel()
	want := TA1{ControlNumber: edi.Text("000000009"), Date: edi.Text("261120"), Time: edi.Text("2359"), Code: edi.Text("E"), Note: edi.Text("012")}
	var b bytes.Buffer
	if err := WriteTA1(&b, testEnvelope, want, want); err != nil {
		t.Fatal(err)
	}
	n := 0
	for got, err := range TA1s(edi.NewReader(&b)) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; fmt.Sprint(got.ControlNumber, got.Date, got.Time, got.Code, got.Note) != fmt.Sprint(want.ControlNumber, want.Date, want.Time, want.Code, want.Note) {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	if n != 2 {
		t.Errorf("%d TA1s, want 2", n)
	}
	bad := want
	bad.Code = edi.Text("Q")
	var invalid *InvalidError
	if err := WriteTA1(&b, testEnvelope, bad); !errors.As(err, &invalid) || invalid.Segment != "TA1" || invalid.Element != 4 {
		t.Errorf("a code that there is none of: %v", err)
	}
}
