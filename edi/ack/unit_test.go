package ack

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// Each segment belongs to the business unit that its sender knows it by.
func TestUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, set, segments string
		want                string // of each segment from ST on
	}{
		{"a payment", "835", "BPR*I~TRN*1*CHK1~CLP*A", "TRN02:CHK1 TRN02:CHK1 TRN02:CHK1 TRN02:CHK1"},
		{
			"inquiries", "270", "HL*1**20~TRN*1*X~HL*2*1*21~HL*3*2*22~TRN*1*T1~TRN*1*T2~NM1*IL*1*A****MI*M1~HL*4*2*22~NM1*IL*1*B*****MI*M2",
			"- TRN02:X TRN02:X - TRN02:T1 TRN02:T1 TRN02:T1 TRN02:T1 SUBSCRIBER_NAME_NM109:M2 SUBSCRIBER_NAME_NM109:M2",
		},
		{
			"a dependent", "271", "HL*3*2*22~NM1*IL*1*A*****MI*M1~HL*4*3*23~NM1*03*1*B~HL*5*3*23~TRN*2*T9~NM1*03*1*C",
			"- SUBSCRIBER_NAME_NM109:M1 SUBSCRIBER_NAME_NM109:M1 SUBSCRIBER_NAME_NM109:M1 SUBSCRIBER_NAME_NM109:M1 TRN02:T9 TRN02:T9 TRN02:T9",
		},
		{
			"claims of a patient", "277", "HL*1**19~TRN*2*X~HL*2*1*PT~NM1*QC*1*A*****MI*M1~TRN*2*C1~STC*A~TRN*2*C2~STC*A",
			"- - - PATIENT_NAME_NM109:M1 PATIENT_NAME_NM109:M1 TRN02:C1 TRN02:C1 TRN02:C2 TRN02:C2",
		},
		{
			"an event and its services", "278", "HL*3*2*22~NM1*IL*1*A*****MI*M1~HL*4*3*EV~TRN*1*E1~HL*5*4*SS~UM*HS~HL*6*4*SS~TRN*1*S1",
			"- SUBSCRIBER_NAME_NM109:M1 SUBSCRIBER_NAME_NM109:M1 TRN02:E1 TRN02:E1 TRN02:E1 TRN02:E1 TRN02:S1 TRN02:S1",
		},
		{"claims", "837", "HL*2*1*22~NM1*IL*1*A*****MI*M1~CLM*A1~CLM*A2~HI*1~HL*3*1*22", "- SUBSCRIBER_NAME_NM109:M1 SUBSCRIBER_NAME_NM109:M1 CLM01:A1 CLM01:A2 CLM01:A2 -"},
		{"what can't be told", "835", "TRN*1*" + strings.Repeat("9", 36) + "~TRN*1*A\x02", "- - -"},
	} {
		r := edi.NewReader(strings.NewReader(isa + "GS*HP*S*R*20260101*0000*1*X*005010~ST*" + c.set + "*0001~" + c.segments + "~SE*1*0001~"))
		var u units
		last := 0
		for {
			s, err := r.Next()
			if err != nil {
				break
			}
			switch p := s.Pos(); {
			case p.Segment == 1:
				u.begin(c.set)
			case p.Segment > 1 && !s.Is("SE"):
				u.segment(&s)
				last = p.Segment
			}
		}
		var got []string
		for position := 1; position <= last; position++ {
			text := "-"
			if x, ok := u.at(position); ok {
				text = strings.ReplaceAll(string(x.Name), " ", "_") + ":" + string(x.Reference)
			}
			got = append(got, text)
		}
		if text := strings.Join(got, " "); text != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, text, c.want)
		}
	}
}
