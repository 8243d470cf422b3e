package mutationtest

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// partnerRules are kept by 835.edi: one of each kind of demand.
const partnerRules = `{"rules": [
	{"name": "provider", "guide": "835", "loop": "2100", "segment": "NM1", "qualifier": "82", "element": 4, "require": true},
	{"name": "tax_number", "guide": "835", "loop": "1000B", "segment": "REF", "qualifier": "TJ", "require": true, "severity": "error"},
	{"name": "currency", "guide": "835", "segment": "CUR", "element": 2, "codes": ["USD"]},
	{"name": "no_third_contact", "guide": "835", "loop": "1000A", "segment": "PER", "qualifier": "BL", "element": 7, "forbid": true},
	{"name": "no_health_number", "guide": "835", "loop": "1000A", "segment": "REF", "qualifier": "HI", "forbid": true},
	{"name": "trace", "guide": "835", "segment": "TRN", "element": 2, "pattern": "EFT[0-9]+"},
	{"name": "claim_number", "guide": "835", "loop": "2100", "segment": "CLP", "element": 7, "max_length": 7}
]}`

// partnerMutations break one of them each.
var partnerMutations = []mutation{
	{"835", "set TRN 2 EFT90211", "", ""},
	{"835", "clear NM1*82 4", "warning 30 NM104 2100 partner.provider I9", ""},
	{"835", "delete REF*TJ", "20 REF 1000B partner.tax_number I6", ""},
	{"835", "set CUR 2 CAD", "warning 4 CUR02 - partner.currency I6", ""},
	{"835", "set PER*BL 7 EX; set PER*BL 8 4", "warning 14 PER07 1000A partner.no_third_contact I13", ""},
	{"835", "insert REF*HI*77 after REF*2U", "warning 12 REF 1000A partner.no_health_number I9", ""},
	{"835", "set TRN 2 CHK1", "warning 3 TRN02 - partner.trace I12", ""},
	{"835", "set CLP 7 CLM00001", "warning 25 CLP07 2100 partner.claim_number I12", ""},
}

// TestPartnerMutations: the rules of a partner are found broken where they are, and the guide's are not.
func TestPartnerMutations(t *testing.T) {
	rules, err := guide.ReadPartnerRules(strings.NewReader(partnerRules))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range partnerMutations {
		d := load(t, m.document)
		if err := d.Apply(m.change); err != nil {
			t.Fatal(err)
		}
		var got []string
		c := guide.NewChecker(func(f edi.Finding) { got = append(got, short(f)) })
		c.Partner = rules
		r := edi.NewReader(bytes.NewReader(d.Bytes()))
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
		if sc.Err() != nil {
			t.Fatal(sc.Err())
		}
		if outcome := strings.Join(got, " + "); outcome != m.want {
			t.Errorf("%s: found %q, want %q", m.change, outcome, m.want)
		}
	}
}
