package ingest_test

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
)

func TestRefusedAuthorizations(t *testing.T) {
	const umo = "BHT*0007*11*REF1*20261120*0445*18~HL*1**20*1~NM1*X3*2*PAYER*****PI*P1~"
	requester := "HL*2*1*21*1~NM1*1P*2*PRACTICE*****XX*" + fixtures.AccountANPI + "~"
	const person = "HL*3*2*22*1~NM1*IL*1*BUTTERBUR*X****MI*M1~DMG*D8*19720219*M~"
	w := newWorld(t)
	for _, c := range []struct{ name, segments, decisions, outcomes string }{
		{"the payer can't answer", umo + "AAA*N**42*R~" + requester, "2010A 42 event: f", ""},
		{"the member is not known", umo + requester + strings.Replace(person, "DMG", "AAA*N**75*C~DMG", 1), "2010C 75 event: f", ""},
		{
			"the event is refused", umo + requester + person + "HL*4*3*EV*0~TRN*2*T1*9ORIGINATR~AAA*N**33*C~UM*HS*I*2~", "2000E 33 event: t", "refused",
		},
		{
			"one service is refused, one certified", umo + requester + person + "HL*4*3*EV*1~TRN*2*T1*9ORIGINATR~UM*HS*I*2~" +
				"HL*5*4*SS*0~TRN*2*T2*9ORIGINATR~HCR*A1*N1~SV1*HC:27447~HL*6*4*SS*0~TRN*2*T3*9ORIGINATR~AAA*N**33*C~SV1*HC:97110~",
			"2000F A1 event: t, 2000F 33 event: t", "mixed",
		},
		{
			"two services are certified", umo + requester + person + "HL*4*3*EV*1~TRN*2*T1*9ORIGINATR~UM*HS*I*2~" +
				"HL*5*4*SS*0~HCR*A1*N1~SV1*HC:27447~HL*6*4*SS*0~HCR*A1*N2~SV1*HC:97110~",
			"2000F A1 event: t, 2000F A1 event: t", "certified",
		},
		{
			"a service goes by its event", umo + requester + person + "HL*4*3*EV*1~TRN*2*T1*9ORIGINATR~UM*HS*I*2~HCR*A3**0F~HL*5*4*SS*0~SV1*HC:27447~",
			"2000E A3 event: t", "denied",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, _ := w.load(t, c.name, document("278", "HI", "005010X217", c.segments))
			got := w.text(t, `SELECT string_agg(concat_ws(' ', loop, action_code, reject_reason, 'event:', event_id IS NOT NULL), ', ' ORDER BY unit_id, decision_no)
				FROM authorization_decision WHERE account_id = $1 AND file_id = $2`, int64(w.a), int64(file))
			if got != c.decisions {
				t.Errorf("decisions %s, want %s", got, c.decisions)
			}
			if got := w.text(t, `SELECT string_agg(outcome, ' ') FROM authorization_event WHERE file_id = $1`, int64(file)); got != c.outcomes {
				t.Errorf("outcome %s, want %s", got, c.outcomes)
			}
		})
	}
}
