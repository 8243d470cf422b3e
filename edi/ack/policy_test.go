package ack

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

const (
	inquiryHead = "ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *261121*0825*^*00501*000000001*0*T*:~" +
		"GS*HS*CLINIC*PAYER*20261121*0825*1*X*005010X279A1~ST*270*0001*005010X279A1~BHT*0022*13*R1*20260105*1200~" +
		"HL*1**20*1~NM1*PR*2*PAYER*****PI*77~HL*2*1*21*1~NM1*1P*2*CLINIC*****XX*2990000012~HL*3*2*22*0~TRN*1*T1*9CLINIC001~"
	inquiryTail = "DMG*D8*19800101*F~DTP*291*D8*20260105~EQ*30~SE*13*0001~GE*1*1~IEA*1*000000001~"
	goodInquiry = inquiryHead + "NM1*IL*1*DOE*JANE****MI*M1~" + inquiryTail
	badCode     = inquiryHead + "NM1*IL*7*DOE*JANE****MI*M1~" + inquiryTail // IK403 7 at NM102
)

// A policy decides what a finding does to a set, a group and an interchange.
func TestPolicies(t *testing.T) {
	t.Parallel()
	with := func(kind string, m Mapping) Policy {
		p := DefaultPolicy()
		p.Kinds[kind] = m
		return p
	}
	unknown := func(u UnknownGuide) Policy {
		p := DefaultPolicy()
		p.UnknownGuide = u
		return p
	}
	limit := DefaultPolicy()
	limit.MaxErrors = 1
	noValues := DefaultPolicy()
	noValues.Values = NoValues
	old := strings.ReplaceAll(goodInquiry, "005010X279A1", "004010X092A1")
	trailer := strings.Replace(goodInquiry, "IEA*1", "IEA*3", 1)
	group := strings.Replace(goodInquiry, "GE*1", "GE*3", 1)
	two := strings.Replace(badCode, "EQ*30", "EQ*30~XQ1*1", 1)
	for _, c := range []struct {
		name, x12 string
		policy    Policy
		want      []string // in the answer
		not       string
	}{
		{"an invalid code rejects", badCode, DefaultPolicy(), []string{"IK4*2*1065*7*7~", "IK5*R*5~", "AK9*R*1*1*0~"}, "TA1"},
		{"an invalid code is noted", badCode, TolerantPolicy(), []string{"IK4*2*1065*7*7~", "IK5*E*5~", "AK9*E*1*1*1~"}, "TA1"},
		{"of one code", badCode, with("IK403 7", Mapping{Treatment: ToNote}), []string{"IK4*2*1065*7*7~", "IK5*E*5~"}, "IK5*R"},
		{"of one kind", badCode, with("IK403", Mapping{Treatment: ToIgnore}), []string{"IK5*A~", "AK9*A*1*1*1~"}, "IK3"},
		{"told by another code", badCode, with("IK403", Mapping{Treatment: ToNote, Element: "I6"}), []string{"IK4*2*1065*I6*7~", "IK5*E*I5~"}, "IK5*R"},
		{"told as a segment's", badCode, with("IK403", Mapping{Treatment: ToReject, Segment: "2"}), []string{"IK3*NM1*9*2100C*2~", "IK5*R*5~"}, "IK4"},
		{"told of the set", badCode, with("IK403", Mapping{Treatment: ToReject, Set: "I6"}), []string{"IK5*R*I6~"}, "IK3"},
		{"told of the interchange", badCode, with("IK403", Mapping{Treatment: ToReject, Interchange: "022"}), []string{"TA1*000000001*261121*0825*R*022~"}, "IK3"},
		{"values are kept back", badCode, noValues, []string{"IK3*NM1*9*2100C*8~IK4*2*1065*7~"}, "CTX"},
		{"more errors than allowed", two, limit, []string{"IK4*2*1065*7*7~", "IK5*R"}, "XQ1"},
		{"a guide that is not known", old, DefaultPolicy(), []string{"AK1*HS*1*004010X092A1~", "IK5*A~"}, "IK3"},
		{"a set that is not supported", old, unknown(RejectUnknownSet), []string{"IK5*R*1~", "AK9*R*1*1*0~"}, "IK3"},
		{"a guide that is not supported", old, unknown(RejectUnknownGuide), []string{"IK5*R*I6~"}, "IK3"},
		{"a wrong trailer rejects", trailer, DefaultPolicy(), []string{"TA1*000000001*261121*0825*R*021~"}, "AK1"},
		{"a wrong trailer is noted", trailer, TolerantPolicy(), []string{"TA1*000000001*261121*0825*E*021~", "AK9*A*1*1*1~"}, "*R*"},
		{"a wrong count rejects a group", group, DefaultPolicy(), []string{"AK9*R*3*1*0*5~"}, "TA1"},
		{"a wrong count of a group is noted", group, TolerantPolicy(), []string{"AK9*E*3*1*1*5~"}, "TA1"},
	} {
		a := answer(t, []byte(c.x12), c.policy)
		a.sound(t)
		got := a.x999 + a.xTA1
		for _, want := range c.want {
			if !strings.Contains(got, want) {
				t.Errorf("%s: want %s in\n%s", c.name, want, strings.ReplaceAll(got, "~", "~\n"))
			}
		}
		if c.not != "" && strings.Contains(got, c.not) {
			t.Errorf("%s: %s is in\n%s", c.name, c.not, strings.ReplaceAll(got, "~", "~\n"))
		}
		if err := c.policy.Validate(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A policy is plain data.
func TestPolicyJSON(t *testing.T) {
	t.Parallel()
	for _, want := range []Policy{DefaultPolicy(), TolerantPolicy()} {
		b, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Policy
		if err := json.Unmarshal(b, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s\ngot  %+v (%v)\nwant %+v", b, got, err, want)
		}
	}
}

func TestPolicyValidate(t *testing.T) {
	t.Parallel()
	p := Policy{
		Reject: []int{0}, Note: []int{8}, UnknownGuide: "perhaps", Values: "some", MaxErrors: -1,
		Kinds: map[string]Mapping{"a": {Treatment: "burn"}, "b": {Treatment: ToNote, Element: "99"}, "c": {Treatment: ToNote, Segment: "8"}},
	}
	err := p.Validate()
	if err == nil || strings.Count(err.Error(), "\n") != 7 {
		t.Errorf("want 8 complaints, got %v", err)
	}
	if (&Policy{}).Validate() != nil {
		t.Error("the zero value is not valid")
	}
}

// A situation is told with what made its rule apply, before the business unit, and leaves the set accepted with errors.
func TestSituations(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	a := NewAcknowledger(Options{To999: &out, Policy: DefaultPolicy(), Time: testTime})
	r := edi.NewReader(strings.NewReader(goodInquiry))
	r.Report = a.Finding
	sc := guide.NewScanner(r)
	for sc.Next() {
		a.Segment(sc)
		if !sc.Segment().Is("NM1") || !sc.Segment().Text(1).Is("IL") {
			continue
		}
		f := edi.Finding{
			Pos: sc.Pos(), Segment: "REF", Loop: "2100C", Severity: edi.Error, SNIP: 4, Code: edi.Code{Kind: "IK304", Value: "I6"},
			Trigger: edi.Place{Segment: "NM1", Position: 9, Loop: "2100C", Element: 8},
		}
		a.finding(f)
		f.Segment, f.Element, f.Component, f.Code = "NM1", 5, 2, edi.Code{Kind: "IK403", Value: "I13"}
		f.Trigger = edi.Place{Segment: "HL", Position: 7, Element: 3, Component: 1}
		a.finding(f)
		f.Trigger = edi.Place{Segment: "?"} // is none that a CTX could name
		f.Element = 6
		a.finding(f)
	}
	if err := a.End(); err != nil {
		t.Fatal(err)
	}
	const want = "AK2*270*0001*005010X279A1~" +
		"IK3*REF*9*2100C*I6~CTX*SITUATIONAL TRIGGER*NM1*9*2100C*8~CTX*TRN02:T1~" +
		"IK3*NM1*9*2100C*8~CTX*TRN02:T1~IK4*5:2**I13~CTX*SITUATIONAL TRIGGER*HL*7**3:1~IK4*6:2**I13~" +
		"IK5*E*I5~AK9*E*1*1*1~"
	if !strings.Contains(out.String(), want) {
		t.Errorf("want %s in\n%s", want, strings.ReplaceAll(out.String(), "~", "~\n"))
	}
	if err := check(out.Bytes()); err != nil {
		t.Error(err)
	}
}
