package ingest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
)

// document wraps segments of a set, given from BHT on, in envelopes.
func document(set, functional, guide, segments string) string {
	n := strings.Count(segments, "~") + 2
	return "ISA*00*          *00*          *ZZ*PAYER          *ZZ*US             *261120*0455*^*00501*000000001*0*P*:~" +
		"GS*" + functional + "*PAYER*US*20261120*0455*1*X*" + guide + "~ST*" + set + "*0001*" + guide + "~" + segments +
		fmt.Sprintf("SE*%d*0001~GE*1*1~IEA*1*000000001~", n)
}

const (
	header271 = "BHT*0022*11*REF1*20261120*0455~HL*1**20*1~NM1*PR*2*PAYER*****PI*P1~"
	header277 = "BHT*0010*08*REF1*20261120*0455*DG~HL*1**20*1~NM1*PR*2*PAYER*****PI*P1~HL*2*1*21*1~NM1*41*2*US*****46*US1~"
)

// receiver is the level of one who asked.
func receiver(hl int, npi string) string {
	return fmt.Sprintf("HL*%d*1*21*1~NM1*1P*2*PRACTICE*****XX*%s~", hl, npi)
}

// member is a subscriber with what is said of him.
func member(hl, parent int, name, rest string) string {
	return fmt.Sprintf("HL*%d*%d*22*0~TRN*2*T%s*9ORIGINATR~NM1*IL*1*%s*X****MI*M%s~%s", hl, parent, name, name, name, rest)
}

func TestRefusalsAboveThePersonsAreKept(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ name, segments, want string }{
		{
			"the payer can't answer, no persons", strings.Replace(header271, "NM1*PR*2*PAYER*****PI*P1~", "NM1*PR*2*PAYER*****PI*P1~AAA*Y**42*R~", 1) + receiver(2, fixtures.AccountANPI),
			"A 2100A 42 alone",
		},
		{
			"and no receiver either", strings.Replace(header271, "HL*1**20*1~", "HL*1**20*0~AAA*Y**42*R~", 1), "unrouted 2000A 42 alone",
		},
		{
			"each receiver is told",
			strings.Replace(header271, "NM1*PR*2*PAYER*****PI*P1~", "NM1*PR*2*PAYER*****PI*P1~AAA*Y**42*R~", 1) + receiver(2, fixtures.AccountANPI) + receiver(3, fixtures.AccountBNPI),
			"A 2100A 42 alone, B 2100A 42 alone",
		},
		{
			"the provider is not known", header271 + receiver(2, fixtures.AccountANPI) + "AAA*N**51*C~" + receiver(3, fixtures.AccountBNPI) + member(4, 3, "BUTTERBUR", "EB*1**30~"),
			"A 2100B 51 alone",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			file, _ := w.load(t, c.name, document("271", "HB", "005010X279A1", c.segments))
			got := w.text(t, fmt.Sprintf(`SELECT string_agg(concat_ws(' ', CASE account_id WHEN %d THEN 'A' WHEN %d THEN 'B' ELSE 'unrouted' END, loop, reason_code,
				CASE WHEN answer_id IS NULL THEN 'alone' END), ', ' ORDER BY unit_id, no) FROM eligibility_rejection WHERE file_id = %d`, w.a, w.b, file))
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

func TestStatusOfAnAnswer(t *testing.T) {
	w := newWorld(t)
	cases := []struct{ name, says, want string }{
		{"active plan", "EB*1**30~", "active"},
		{"active without a service type", "EB*1~", "active"},
		{"inactive", "EB*6**30~", "inactive"},
		{"only a service is active", "EB*1**98~", "active"},
		{"a service is not covered by an active plan", "EB*1**30~EB*6**MH~", "active"},
		{"both of one plan", "EB*1**30**GOLD~EB*6**30**GOLD~", "contradictory"},
		{"an earlier plan has ended", "EB*6**30**SILVER~EB*1**30**GOLD~", "active"},
		{"one part of Medicare", "EB*1**30*MA~EB*6**30*MB~", "active"},
		{"not found", "AAA*N**75*C~", "not_found"},
		{"another member id", "AAA*N**72*C~", "refused"},
		{"part of it refused", "EB*1**30~EB*V**MH~AAA*N**33*C~", "partly_refused"},
		{"only an amount", "EB*B**98***27*30~", "not_stated"},
		{"nothing", "", "not_stated"},
	}
	segments := header271 + receiver(2, fixtures.AccountANPI)
	for i, c := range cases {
		segments += member(i+3, 2, fmt.Sprint("N", i), c.says)
	}
	w.load(t, "answers", document("271", "HB", "005010X279A1", segments))
	for i, c := range cases {
		if got := w.text(t, `SELECT status FROM eligibility_answer WHERE last_name = $1`, fmt.Sprint("N", i)); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestWhatHasNoPlaceIsNobodys(t *testing.T) {
	w := newWorld(t)
	content := document("271", "HB", "005010X279A1", header271+receiver(2, fixtures.AccountANPI)+member(3, 2, "BUTTERBUR", "EB*1**30~")+
		"HL*4*99*XX*0~NM1*IL*1*STRANGER*X****MI*M9~AAA*N**75*C~"+member(5, 2, "CELANDINE", "EB*1**30~"))
	w.load(t, "stray", content)
	rows, err := w.raw.QueryContext(t.Context(), `SELECT account_id, byte_start, byte_end FROM routing_unit ORDER BY ordinal`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var got []string
	for rows.Next() {
		var account, from, to int64
		if err := rows.Scan(&account, &from, &to); err != nil {
			t.Fatal(err)
		}
		part := content[from:to]
		for _, name := range []string{"BUTTERBUR", "STRANGER", "CELANDINE"} {
			if strings.Contains(part, name) {
				got = append(got, fmt.Sprint(name, account == int64(w.a), account == int64(w.unrouted)))
			}
		}
	}
	if want := "[BUTTERBURtrue false STRANGERfalse true CELANDINEtrue false]"; fmt.Sprint(got) != want || rows.Err() != nil {
		t.Errorf("units %v, want %s", got, want)
	}
	if got := w.text(t, `SELECT concat_ws(' ', account_id = $1, reason_code) FROM eligibility_rejection`, int64(w.unrouted)); got != "t 75" {
		t.Errorf("the rejection of a stranger: %s", got)
	}
}

func TestAPersonWhoseReceiverIsMissingIsNotGivenToANeighbour(t *testing.T) {
	w := newWorld(t)
	w.load(t, "no HL of the second receiver", document("271", "HB", "005010X279A1", header271+
		receiver(2, fixtures.AccountANPI)+member(3, 2, "BUTTERBUR", "EB*1**30~")+member(5, 4, "CELANDINE", "EB*1**30~")+
		"HL*6*5*23*0~NM1*03*1*CELANDINE*Y~EB*1**30~"))
	got := w.text(t, fmt.Sprintf(`SELECT string_agg(first_name || ' ' || last_name || CASE account_id WHEN %d THEN ' A' WHEN %d THEN ' nobody' END, ', '
		ORDER BY byte_offset) FROM eligibility_answer`, w.a, w.unrouted))
	if want := "X BUTTERBUR A, X CELANDINE nobody, Y CELANDINE nobody"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := w.text(t, `SELECT count(*) FROM routing_unit`); n != "2" {
		t.Errorf("%s units, want 2: a dependent stays with the subscriber", n)
	}
}

func TestFindingsBelongToTheirUnit(t *testing.T) {
	w := newWorld(t)
	segments := header271 + receiver(2, fixtures.AccountANPI) + member(3, 2, "BUTTERBUR", "EB*1**30~") +
		receiver(4, fixtures.AccountBNPI) + member(5, 4, "CELANDINE", "EB*1**30~DTP*346*D8*2026AB01~")
	w.load(t, "findings", document("271", "HB", "005010X279A1", segments))
	got := w.text(t, `SELECT string_agg(DISTINCT concat_ws(' ', f.account_id, f.unit_id = a.unit_id), ', ') FROM finding f
		JOIN eligibility_answer a ON a.last_name = 'CELANDINE' WHERE f.segment = 'DTP'`)
	if want := fmt.Sprintf("%d t", w.b); got != want {
		t.Errorf("findings in B's unit: %s, want %s", got, want)
	}
	if got := w.text(t, `SELECT count(*) FROM finding WHERE account_id = $1`, int64(w.a)); got != "0" {
		t.Errorf("%s findings of B's unit are A's", got)
	}
}

func TestGeneratedAnswersLoadToTheirTotals(t *testing.T) {
	w := newWorld(t)
	var b bytes.Buffer
	made, err := fixtures.Write271(&b, fixtures.Options{Bytes: 2_000_000, Seed: 7, Payees: []fixtures.Account{fixtures.AccountA, fixtures.AccountB}})
	if err != nil {
		t.Fatal(err)
	}
	w.load(t, "generated", b.String())
	for npi, account := range map[string]storage.AccountID{fixtures.AccountANPI: w.a, fixtures.AccountBNPI: w.b} {
		got := w.text(t, `SELECT concat_ws(' ', count(*) FILTER (WHERE person = 'subscriber'), count(*) FILTER (WHERE person = 'dependent'), sum(benefits), sum(rejections),
			(SELECT (sum(amount) * 100)::bigint FROM benefit WHERE account_id = $1)) FROM eligibility_answer WHERE account_id = $1`, int64(account))
		s := made.ByNPI[npi]
		if want := fmt.Sprint(s.Subscribers, s.Dependents, s.Benefits, s.Rejections, s.BenefitCents); got != want || s.Subscribers == 0 {
			t.Errorf("NPI %s: %s, want %s", npi, got, want)
		}
	}
	if n := w.text(t, `SELECT count(*) FROM finding`); n != "0" {
		t.Errorf("%s findings: %s", n, w.text(t, `SELECT string_agg(DISTINCT message, '; ') FROM finding`))
	}
}
