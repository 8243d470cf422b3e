package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
)

// remit is an interchange with one small 835 for each of the payees, by NPI; what is between GS and GE may be changed by the caller.
func remit(control int, payees ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLEARING       *260101*0000*^*00501*%09d*0*P*:~"+
		"GS*HP*PAYER*CLEARING*20260101*0000*%d*X*005010X221A1~", control, control)
	for i, npi := range payees {
		fmt.Fprintf(&b, "ST*835*%04d~BPR*I*80*C*CHK************20260101~TRN*1*T%d-%d*1512345678~DTM*405*20260101~"+
			"N1*PR*ANY PAYER~N3*1 STREET~N4*TOWN*OH*43000~PER*BL*HELP*TE*8005550100~N1*PE*ANY PRACTICE*XX*%s~"+
			"LX*1~CLP*P%d*1*100*80*20*12*C%d~NM1*QC*1*GLIMMERFORD*ANN****MI*M%d~SVC*HC:99213*100*80**1~DTM*472*20251201~CAS*PR*2*20~SE*16*%04d~",
			i+1, control, i, npi, i, i, i, i+1)
	}
	fmt.Fprintf(&b, "GE*%d*%d~IEA*1*%09d~", len(payees), control, control)
	return b.String()
}

const (
	npiA = fixtures.AccountANPI
	npiB = fixtures.AccountBNPI
)

func TestWhatBecomesOfAFile(t *testing.T) {
	two := remit(1, npiA, npiB)
	for _, c := range []struct{ name, in, state, dispositions string }{
		{"one set loaded, one broken off", two[:strings.LastIndex(two, "SE*")], "partly_loaded", "held: loaded held(ingest.set_incomplete)"},
		{"one set loaded, one held", strings.Replace(two, "BPR*I*80", "BPR*I*x", 1), "partly_loaded", "held: held(ingest.key_fact_missing) loaded"},
		{"nothing but headers", two[:strings.Index(two, "ST*")], "held", "held: "},
		{"a header that breaks off", two[:60], "held", ""},
		{
			"no group, guide in ST03", strings.NewReplacer("GS*HP*PAYER*CLEARING*20260101*0000*1*X*005010X221A1~", "", "ST*835*0001", "ST*835*0001*005010X221A1").Replace(remit(1, npiA)),
			"loaded", "loaded_with_findings: loaded_with_findings",
		},
		{"a claim without its CLP", strings.Replace(remit(1, npiA), "CLP*P0*1*100*80*20*12*C0~", "", 1), "held", "held: held(ingest.key_fact_missing)"},
		{"two payments in one set", strings.Replace(remit(1, npiA), "TRN*1*", "BPR*I*80*C*CHK************20260101~TRN*1*", 1), "held", "held: held(ingest.key_fact_missing)"},
		{"an id of 300 characters", strings.Replace(remit(1, npiA), "CLP*P0", "CLP*"+strings.Repeat("9Z", 1500), 1), "held", "held: held(ingest.element_too_long)"},
		{"sums too large", strings.Replace(remit(1, npiA), "*100*80*20*12*", "*60000000000000*80*60000000000000*12*", 1), "held", "held: held(ingest.number_too_large)"},
		{"a claim of more than 8 MB", strings.Replace(remit(1, npiA), "SVC*", strings.Repeat("REF*1L*"+strings.Repeat("7", 40)+"~", 190_000)+"SVC*", 1), "held", "held: held(ingest.claim_too_large)"},
		{"a group number of 3000 characters", strings.Replace(remit(1, npiA), "*0000*1*X*", "*0000*"+strings.Repeat("9Z", 1500)+"*X*", 1), "loaded", "loaded: loaded"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			_, state := w.load(t, c.name, c.in)
			got := w.text(t, `SELECT string_agg(i.disposition || ': ' || coalesce((SELECT string_agg(s.disposition || coalesce('(' || s.disposition_reason || ')', ''), ' ' ORDER BY file_ordinal)
				FROM transaction_set s WHERE s.interchange_id = i.id), ''), '; ' ORDER BY i.ordinal) FROM interchange i`)
			if state != c.state || got != c.dispositions {
				t.Errorf("state %s, %s; want %s, %s", state, got, c.state, c.dispositions)
			}
			if n := w.text(t, `SELECT count(*) FROM transaction_set s LEFT JOIN functional_group g ON g.id = s.group_id WHERE g.id IS NULL`); n != "0" {
				t.Errorf("%s sets have no group", n)
			}
		})
	}
}

// What Postgres can't keep, or not at this place, must not keep the rest of the file out.
func TestOddBytesLoad(t *testing.T) {
	for name, in := range map[string]string{
		"Latin-1 in the payer's name":  strings.Replace(remit(1, npiA), "N1*PR*ANY PAYER", "N1*PR*SEGUROS CAMI\xd3N", 1),
		"NUL in the payer's name":      strings.Replace(remit(1, npiA), "N1*PR*ANY PAYER", "N1*PR*ANY\x00PAYER", 1),
		"Latin-1 in the payer's id":    strings.Replace(remit(1, npiA), "*1512345678", "*1\xd3512345678", 1),
		"NUL in a column":              strings.Replace(remit(1, npiA), "GLIMMERFORD", "GLIMMER\x00FORD", 1),
		"NUL in the long tail":         strings.Replace(remit(1, npiA), "N3*1 STREET", "N3*1\x00STREET", 1),
		"year 0 in a date":             strings.Replace(remit(1, npiA), "DTM*472*20251201", "DTM*472*00000101", 1),
		"a backslash and a quote":      strings.Replace(remit(1, npiA), "N3*1 STREET", `N3*1\u0000"STREET`, 1),
		"NUL in an acknowledgment":     strings.NewReplacer("ST*835*0001", "ST*997*0001", "BPR*I*80*C*CHK************20260101~", "AK1*HC*1~AK9*\x00*1*1*1~").Replace(remit(1, npiA)),
		"odd bytes in a traced answer": "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLEARING       *260101*0000*^*00501*000000001*0*P*:~GS*HB*P*C*20260101*0000*1*X*005010X279A1~ST*271*0001*005010X279A1~BHT*0022*11*1*20260101*0000~HL*1**20*1~NM1*PR*2*P*****PI*1~HL*2*1*21*1~NM1*1P*2*X*****XX*" + npiA + "~HL*3*2*22*0~TRN*2*A\xd3\x00B*9123456789~NM1*IL*1*A*B****MI*1~EB*1**30~SE*11*0001~GE*1*1~IEA*1*000000001~",
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			if _, state := w.load(t, name, in); state != "loaded" {
				t.Errorf("state %s", state)
			}
			if n := w.text(t, `SELECT count(*) FROM transaction_set WHERE disposition LIKE 'loaded%'`); n != "1" {
				t.Errorf("%s sets were loaded", n)
			}
		})
	}
}

// A set outside of any group once showed what stood between the file's begin and the last GS.
func TestASetWithoutGroupShowsNoNeighbour(t *testing.T) {
	w := newWorld(t)
	bare := strings.NewReplacer("GS*HP*PAYER*CLEARING*20260101*0000*3*X*005010X221A1~", "", "ST*835*0001", "ST*835*0001*005010X221A1").Replace(remit(3, npiB))
	w.load(t, "three", remit(1, npiA)+remit(2, npiA)+bare)
	if n := w.text(t, `SELECT count(*) FROM routing_unit`); n != "3" {
		t.Fatalf("%s units, want 3", n)
	}
	n := w.text(t, `SELECT count(*) FROM routing_unit u, generate_series(1, cardinality(u.context_ranges) / 2) i, transaction_set s
		WHERE s.id <> u.set_id AND s.byte_start < u.context_ranges[2 * i] AND s.byte_end > u.context_ranges[2 * i - 1]`)
	if n != "0" {
		t.Errorf("the context of a unit holds %s sets of others", n)
	}
}

// What is missing is found at the segment in its place, which may be the first of a neighbour.
func TestAMissingSegmentIsTheMatterOfItsOwnUnit(t *testing.T) {
	w := newWorld(t)
	b, err := fixtures.Open("17-277-two-providers.x12")
	if err != nil {
		t.Fatal(err)
	}
	content := string(b)
	from, to := strings.Index(content, "STC|F1"), strings.Index(content, "HL|5|")
	tail := strings.LastIndex(content, "STC|")
	w.load(t, "without statuses at the ends of both providers", content[:from]+content[to:tail]+content[strings.Index(content, "SE|"):])
	got := w.text(t, `SELECT string_agg(coalesce(account_id::text, 'none') || ' ' || segment || code_value, ', ' ORDER BY no) FROM finding WHERE code_kind = 'IK304'`)
	if want := fmt.Sprintf("%d STC3, %d STC3", w.a, w.b); got != want {
		t.Errorf("findings of accounts %s; want %s", got, want)
	}
}

func TestReusedControlNumbers(t *testing.T) {
	request := "ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLEARING       *260101*0000*^*00501*000000001*0*P*:~GS*HS*P*C*20260101*0000*1*X*005010X279A1~ST*270*0001*005010X279A1~" +
		"BHT*0022*13*NUMBER*20260101*0000~HL*1**20*1~NM1*PR*2*P*****PI*1~HL*2*1*21*1~NM1*1P*2*X*****XX*" + npiA + "~HL*3*2*22*0~TRN*1*A1*9123456789~NM1*IL*1*A*B****MI*1~EQ*30~SE*11*0001~GE*1*1~IEA*1*000000001~"
	answer := remit(1, npiA)
	held := strings.Replace(remit(1, npiA, npiB), "BPR*I*80", "BPR*I*x", 1)
	for _, c := range []struct{ policy, first, again, state, findings string }{
		{"allow", answer, strings.Replace(answer, "T1-0", "T2-0", 1), "loaded", "0"},
		{"warn", answer, strings.Replace(answer, "T1-0", "T2-0", 1), "loaded", "1"},
		{"hold", answer, strings.Replace(answer, "T1-0", "T2-0", 1), "held", "1"},
		{"reject", answer, strings.Replace(answer, "T1-0", "T2-0", 1), "loaded", "1"},
		{"reject", answer, held, "partly_loaded", "1"}, // a set that is held for another reason does not take its neighbours along
		{"reject", request, strings.Replace(request, "NUMBER", "OTHER", 1), "held", "1"},
		{"hold", answer[:strings.Index(answer, "CLP")], answer, "loaded", "0"}, // the whole heals what broke off
	} {
		t.Run(c.policy+" "+c.state, func(t *testing.T) {
			w := newWorld(t)
			w.partner(t, c.policy, "P")
			w.load(t, "first", c.first)
			file, state := w.load(t, "again", c.again)
			findings := w.text(t, `SELECT count(*) FROM finding WHERE file_id = $1 AND code_kind = 'interchange.control_number_reused'`, int64(file))
			if state != c.state || findings != c.findings {
				t.Errorf("state %s, %s findings; want %s, %s", state, findings, c.state, c.findings)
			}
		})
	}
}

// partner adds a partner whose interchanges come from PAYER.
func (w *world) partner(t *testing.T, reuse, usage string) {
	t.Helper()
	for _, statement := range []string{
		fmt.Sprintf(`INSERT INTO partner (operator_id, id, name, reuse_policy, usage) VALUES (%d, 77, 'Payer', '%s', '%s')`, w.operator, reuse, usage),
		fmt.Sprintf(`INSERT INTO partner_identity (operator_id, partner_id, id, side, identifier) VALUES (%d, 77, 1, 'theirs', 'PAYER')`, w.operator),
	} {
		if _, err := w.raw.ExecContext(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
}

// Several TA1 of one interchange are told apart by their ordinals; a held interchange brings none.
func TestInterchangeAcknowledgmentsAreNumbered(t *testing.T) {
	w := newWorld(t)
	w.partner(t, "hold", "P")
	ta1 := func(control int, codes ...string) string {
		s := fmt.Sprintf("ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLEARING       *260101*0000*^*00501*%09d*0*P*:~", control)
		for i, code := range codes {
			s += fmt.Sprintf("TA1*%09d*260101*0000*%s*000~", i+1, code)
		}
		return s + fmt.Sprintf("IEA*0*%09d~", control)
	}
	_, state := w.load(t, "first", ta1(1, "A", "R", "E")+ta1(2, "A"))
	if got := w.text(t, `SELECT string_agg(ordinal || code, ' ' ORDER BY id) FROM acknowledgment`); state != "loaded" || got != "1A 2R 3E 1A" {
		t.Errorf("%s, acknowledgments %s", state, got)
	}
	if _, state := w.load(t, "number reused", ta1(1, "R")); state != "held" {
		t.Errorf("reused: %s", state)
	}
	if n := w.text(t, `SELECT count(*) FROM acknowledgment`); n != "4" {
		t.Errorf("%s acknowledgments, want 4", n)
	}
}
