package ingest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
)

// TestColumnsOfKnownRows reads single rows of the fixtures as a person would.
func TestColumnsOfKnownRows(t *testing.T) {
	w := newWorld(t)
	for _, e := range fixtures.Catalog() {
		if e.Set != "835" {
			w.fixture(t, e.Name)
		}
	}
	for _, c := range []struct{ name, query, want string }{
		{
			"an inactive member",
			`SELECT concat_ws('|', status, last_name, first_name, member_id, birth_date, gender, plan_begin, plan_end, plan_name, trace_number, trace_originator,
				payer_name, payer_identifier, provider_npi, answered_on, reference, hl, person, usage, benefits)
			 FROM eligibility_answer WHERE last_name = 'OXLIPP'`,
			"inactive|OXLIPP|FENNEL|QHT-30044|1968-09-11|M|2024-07-01|2026-09-30|QUARRY HILL HMO BASIC|JSCELG0077001|9JUNIPERST|" +
				"QUARRY HILL BENEFIT TRUST|QRYHL|2990000020|2026-11-19|JSC-ELG-0077|3|subscriber|P|1",
		},
		{
			"a dependent",
			`SELECT concat_ws('|', status, first_name, member_id, relationship_code, subscriber_first_name, subscriber_member_id, group_number, group_name, plan_begin, plan_name,
				trace_number, extra->'address'->>'city', jsonb_array_length(extra->'traces'))
			 FROM eligibility_answer WHERE person = 'dependent'`,
			"active|TANSY|19|ASTER|TMH700100703|GRP-2207|LIGHTHOUSE SCHOOL DISTRICT|2026-01-01|TAMARIND HARBOR EPO|CHF261119000002|MILLBROOK FALLS|2",
		},
		{
			"a dependent's deductible that remains for the family",
			`SELECT concat_ws('|', b.amount, b.coverage_level, b.service_type, b.network) FROM benefit b JOIN eligibility_answer a ON a.id = b.answer_id
			 WHERE a.first_name = 'TANSY' AND information_code = 'C' AND time_period = '29' AND coverage_level = 'FAM' AND network = 'Y'`,
			"322.4000|FAM|30|Y",
		},
		{
			"a benefit with all service types",
			`SELECT string_agg(s.service_type, ' ' ORDER BY s.no) FROM benefit_service_type s JOIN eligibility_answer a ON a.id = s.answer_id
			 WHERE a.last_name = 'QUILLFEATHER' AND s.benefit_no = 2`,
			"1 33 35 47 48 50 86 88 98 AL MH UC",
		},
		{
			"a coinsurance in percent",
			`SELECT percent FROM benefit WHERE information_code = 'A' AND network = 'N' AND service_type = '30'`, "0.400000",
		},
		{
			"a benefit for a procedure",
			`SELECT concat_ws('|', amount, procedure_qualifier, procedure_code, modifiers, date_qualifier, date_from, date_to) FROM benefit WHERE procedure_code IS NOT NULL`,
			"20.0000|HC|99213|{GT}|472|2026-11-01|2026-11-30",
		},
		{
			"what stands below it",
			`SELECT string_agg(concat_ws(' ', d.no, d.kind, d.qualifier, d.code, d.text), ', ' ORDER BY d.no) FROM benefit_detail d
			 JOIN benefit b ON b.answer_id = d.answer_id AND b.benefit_no = d.benefit_no WHERE b.procedure_code IS NOT NULL`,
			"1 reference 9F NOT REQUIRED, 2 date 472, 3 condition ZZ 02",
		},
		{
			"two messages of a benefit",
			`SELECT message FROM benefit WHERE message LIKE 'CHIROPRACTIC%'`,
			"CHIROPRACTIC CARE IS LIMITED TO AGES 12 AND OVER\nSEE THE MEMBER HANDBOOK",
		},
		{
			"another payer",
			`SELECT concat_ws('|', qualifier, code, name, extra->>'id_qualifier') FROM benefit_detail WHERE kind = 'entity' AND qualifier = 'SEP'`,
			"SEP|QRYHL|QUARRY HILL BENEFIT TRUST|PI",
		},
		{
			"the address of a related entity",
			`SELECT concat_ws('|', extra->'address'->>'line_1', extra->'contacts'->0->'numbers'->1->>'number') FROM benefit_detail WHERE kind = 'entity' AND qualifier = 'VN'`,
			"900 EXAMPLE PARKWAY|WWW.MOONBEAM.EXAMPLE",
		},
		{
			"members who were not found or not recognized",
			`SELECT string_agg(concat_ws(' ', a.last_name, a.status, a.rejections, r.loop, r.valid, r.reason_code, r.follow_up), ', ' ORDER BY r.byte_offset)
			 FROM eligibility_rejection r JOIN eligibility_answer a ON a.id = r.answer_id`,
			"NEVERBELL not_found 1 2100C N 75 C, CANDLEMERE refused 2 2100C N 71 C, CANDLEMERE refused 2 2100C N 73 C",
		},
		{
			"a subscriber who is only named for a dependent",
			`SELECT concat_ws('|', status, benefits) FROM eligibility_answer WHERE first_name = 'ASTER'`, "not_stated|0",
		},
		{
			"a denied claim with an earlier status",
			`SELECT concat_ws('|', category_code, status_code, status_date, charge, paid, adjudicated_on, statuses, lines, patient_control_number,
				payer_claim_control_number, service_from, service_to, person, first_name, member_id, hl, provider_npi, extra->'subscriber'->>'first_name')
			 FROM claim_status_answer WHERE patient_control_number = 'CHF-20476'`,
			"F2|585|2026-11-16|180.0000|0.0000|2026-11-15|3|1|CHF-20476|TM261112006888|2026-11-03|2026-11-04|dependent|TANSY|TMH700100703|7|2990000012|ASTER",
		},
		{
			"its statuses",
			`SELECT string_agg(concat_ws(' ', s.level, s.line_no, s.category_code, s.status_code, s.category_code_2, s.status_code_2, s.category_code_3, s.status_code_3), ', '
				ORDER BY s.status_no) FROM claim_status s JOIN claim_status_answer a ON a.id = s.answer_id WHERE a.patient_control_number = 'CHF-20476'`,
			"claim 0 F2 585 F2 454 F2 255, claim 0 P2 41, line 1 F2 454",
		},
		{
			"a paid claim",
			`SELECT concat_ws('|', payment_date, payment_number, paid) FROM claim_status_answer WHERE patient_control_number = 'CHF-20421' AND kind = '277'`,
			"2026-11-11|TMHP26110900452|101.2000",
		},
		{
			"a line of it",
			`SELECT concat_ws('|', procedure_qualifier, procedure_code, charge, paid, units, service_from, line_control_number) FROM claim_status_line WHERE line_control_number = '20421-2'`,
			"HC|36415|12.0000|0.0000|1.000000|2026-10-07|20421-2",
		},
		{
			"a claim that a 277CA rejects",
			`SELECT concat_ws('|', kind, person, patient_control_number, clearinghouse_trace, action_code, category_code, status_code, entity_code, charge)
			 FROM claim_status_answer WHERE trace_number = 'JSC88161'`,
			"277CA|patient|JSC88161|EDPCLM00031878|U|A7|562|82|145.0000",
		},
		{
			"what a 277CA says to the receiver",
			`SELECT concat_ws('|', s.level, s.category_code, s.status_code, s.entity_code, s.charge, s.answer_id, u.kind, a.kind)
			 FROM claim_status s JOIN routing_unit u ON u.id = s.unit_id JOIN account a ON a.id = s.account_id WHERE s.level = 'receiver'`,
			"receiver|A1|19|PR|587.0000|provider|unrouted",
		},
		{
			"a pended authorization",
			`SELECT concat_ws('|', outcome, action_code, administrative_reference, request_category, certification_type, service_type, facility_code, urgency, event_from, event_to,
				diagnosis_codes, services, trace_number, requester_npi, payer_name, certification_number, extra->'parties'->1->>'last_name', extra->'attachments'->0->>'number')
			 FROM authorization_event WHERE kind = 'response' AND last_name = 'CANDLEMERE'`,
			"pended|A4|TMREF-900345|HS|I|2|22|E|2026-12-01|2026-12-15|{M1711,E669}|2|JSCPA261116001|2990000020|TAMARIND MUTUAL HEALTH PLAN|TAMARIND CLINICAL RECORDS|TMATT-5501",
		},
		{
			"its decisions",
			`SELECT string_agg(concat_ws(' ', d.decision_no, d.service_no, d.loop, d.action_code, d.reason_codes, d.source), ', ' ORDER BY d.decision_no)
			 FROM authorization_decision d JOIN authorization_event e ON e.id = d.event_id WHERE e.last_name = 'CANDLEMERE'`,
			"1 0 2000E A4 {0U,0V} response, 2 1 2000F A4 {0V} response, 3 2 2000F A4 {0W} response",
		},
		{
			"one certified in part",
			`SELECT concat_ws('|', outcome, certification_number, certified_from, certified_to, expires_on, person, first_name, subscriber_member_id, services)
			 FROM authorization_event WHERE last_name = 'SALTMARROW'`,
			"mixed|TMAUTH261119388|2026-12-01|2027-02-28|2027-02-28|dependent|TANSY|TMH700100703|3",
		},
		{
			"its services",
			`SELECT string_agg(concat_ws(' ', v.service_no, v.hl, v.procedure_code, v.modifiers, v.charge, v.unit, v.quantity, v.action_code, v.certification_number), ', ' ORDER BY v.service_no)
			 FROM authorization_service v JOIN authorization_event e ON e.id = v.event_id WHERE e.last_name = 'SALTMARROW'`,
			"1 6 92523 410.0000 UN 1.000000 A1 TMAUTH261119388A, 2 7 92507 {GN} 2160.0000 UN 12.000000 A6 TMAUTH261119388B, 3 8 92626 300.0000 UN 1.000000 A3",
		},
		{
			"a denial with a second opinion",
			`SELECT concat_ws('|', reason_codes, second_opinion, issued_on) FROM authorization_decision WHERE action_code = 'A3'`, "{0F,0T}|N",
		},
		{
			"questions that we received",
			`SELECT string_agg(concat_ws(' ', kind, person, last_name, trace_number, member_id, service_types, patient_control_number, charge, service_from), ', ' ORDER BY kind, byte_offset)
			 FROM inquiry WHERE trace_number IN ('CHF261119000002', 'CHFS2611180002', 'JSCPA261116001')`,
			"270 dependent SALTMARROW CHF261119000002 TMH700100703 {30,98,UC} 2026-11-20, " +
				"276 subscriber THISTLEWICK CHFS2611180002 TMH700100233 CHF-20421 162.0000 2026-10-07, " +
				"278 subscriber CANDLEMERE JSCPA261116001 TMH700900011 {2} 2026-12-01",
		},
		{
			"where a person is mentioned, by a member id",
			`SELECT string_agg(DISTINCT concat_ws(' ', kind, role, first_name), ', ') FROM person_mention WHERE member_id = 'TMH700100703'`,
			"authorization insured ASTER, authorization patient TANSY, eligibility insured ASTER, eligibility patient ASTER, eligibility patient TANSY, " +
				"inquiry insured ASTER, inquiry patient TANSY, status insured ASTER, status patient TANSY",
		},
		{
			"the payers that were learned",
			`SELECT string_agg(concat_ws(' ', i.kind, i.value, p.name), ', ' ORDER BY i.value) FROM payer p JOIN payer_identifier i ON i.payer_id = p.id`,
			"PI QRYHL QUARRY HILL BENEFIT TRUST, PI TAMRN TAMARIND MUTUAL HEALTH PLAN",
		},
	} {
		if got := w.text(t, c.query); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, c.want)
		}
	}
}

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
			w := newWorld(t)
			w.load(t, c.name, document("271", "HB", "005010X279A1", c.segments))
			got := w.text(t, fmt.Sprintf(`SELECT string_agg(concat_ws(' ', CASE account_id WHEN %d THEN 'A' WHEN %d THEN 'B' ELSE 'unrouted' END, loop, reason_code,
				CASE WHEN answer_id IS NULL THEN 'alone' END), ', ' ORDER BY unit_id, no) FROM eligibility_rejection`, w.a, w.b))
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

func TestProvidersOfA277SeeTheirOwnOnly(t *testing.T) {
	w := newWorld(t)
	file := w.fixture(t, "17-277-two-providers.x12")
	content, err := fixtures.Open("17-277-two-providers.x12")
	if err != nil {
		t.Fatal(err)
	}
	for account, c := range map[storage.AccountID]struct{ own, neighbours []string }{
		w.a: {[]string{"GLIMMERFORD"}, []string{"CANDLEMERE", "OXLIPP", "JUNIPER STREET"}},
		w.b: {[]string{"CANDLEMERE", "OXLIPP"}, []string{"GLIMMERFORD", "CEDAR HOLLOW"}},
	} {
		if got := w.text(t, `SELECT string_agg(last_name, ' ' ORDER BY byte_offset) FROM claim_status_answer WHERE account_id = $1`, int64(account)); got != strings.Join(c.own, " ") {
			t.Errorf("account %d has the claims of %s", account, got)
		}
		seen := w.seen(t, account, file, content)
		for _, name := range c.own {
			if !strings.Contains(seen, name) {
				t.Errorf("account %d doesn't see %s in its raw view", account, name)
			}
		}
		for _, name := range c.neighbours {
			if strings.Contains(seen, name) {
				t.Errorf("account %d sees %s in its raw view", account, name)
			}
		}
	}
}

// seen returns the bytes of a file that an account's raw view shows.
func (w *world) seen(t *testing.T, account storage.AccountID, file storage.FileID, content []byte) string {
	t.Helper()
	rows, err := w.raw.QueryContext(t.Context(), `
		SELECT byte_start, byte_end FROM routing_unit WHERE account_id = $1 AND file_id = $2
		UNION SELECT r.from_byte, r.to_byte FROM routing_unit u,
			LATERAL (SELECT u.context_ranges[2 * i - 1] AS from_byte, u.context_ranges[2 * i] AS to_byte
				FROM generate_series(1, cardinality(u.context_ranges) / 2) AS i) r
		WHERE u.account_id = $1 AND u.file_id = $2 ORDER BY 1`, int64(account), int64(file))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var b strings.Builder
	for rows.Next() {
		var from, to int64
		if err := rows.Scan(&from, &to); err != nil {
			t.Fatal(err)
		}
		b.Write(content[from:to])
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestSumsOfAllProvidersAreNobodysContext(t *testing.T) {
	w := newWorld(t)
	file := w.fixture(t, "18-277CA-accepted-and-rejected.x12")
	content, err := fixtures.Open("18-277CA-accepted-and-rejected.x12")
	if err != nil {
		t.Fatal(err)
	}
	for account, own := range map[storage.AccountID]string{w.a: "AMT*YU*232", w.b: "AMT*YU*210", w.unrouted: "AMT*YU*442"} {
		seen := w.seen(t, account, file, content)
		if !strings.Contains(seen, own) || strings.Count(seen, "AMT*YU") != 1 {
			t.Errorf("account %d sees %d sums, want only %s", account, strings.Count(seen, "AMT*YU"), own)
		}
	}
}

func TestPatientsWithoutTheirProviderAreNotGivenToANeighbour(t *testing.T) {
	w := newWorld(t)
	claim := func(hl, parent int, name string) string {
		return fmt.Sprintf("HL*%d*%d*22*0~NM1*IL*1*%s*X****MI*M1~TRN*2*T%s~STC*P1:20*20261117**10~REF*1K*K1~DTP*472*D8*20261111~", hl, parent, name, name)
	}
	w.load(t, "277", document("277", "HN", "005010X212", header277+
		"HL*3*2*19*1~NM1*1P*2*A*****XX*"+fixtures.AccountANPI+"~"+claim(4, 3, "BUTTERBUR")+
		"HL*5*2*19*1~NM1*1P*2*B*****XX*"+fixtures.AccountBNPI+"~"+claim(6, 5, "CELANDINE")+claim(7, 3, "LATECOMER")))
	got := w.text(t, fmt.Sprintf(`SELECT string_agg(last_name || CASE account_id WHEN %d THEN ' A' WHEN %d THEN ' B' ELSE ' nobody' END, ', ' ORDER BY byte_offset)
		FROM claim_status_answer`, w.a, w.b))
	if want := "BUTTERBUR A, CELANDINE B, LATECOMER nobody"; got != want {
		t.Errorf("got %s, want %s", got, want)
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

func TestAnswersFindTheirQuestions(t *testing.T) {
	w := newWorld(t)
	ask := func(kind, usage, trace, originator string, account storage.AccountID) (id int64) {
		err := w.DB.InLoad(t.Context(), w.operator, storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.LoadTx) (err error) {
			rows := tx.Loader()
			if id, err = rows.NewID(t.Context(), storage.IDInquiry); err != nil {
				return err
			}
			err = rows.Inquiry(t.Context(), &storage.InquiryRow{
				AccountID: account, ID: id, OperatorID: w.operator, Direction: "out", Kind: kind, Usage: usage, CreatedAt: tx.Now(),
				TraceNumber: []byte(trace), TraceOriginator: []byte(originator), Person: "subscriber", State: "sent",
			})
			if err != nil {
				return err
			}
			return rows.Flush(t.Context())
		})
		if err != nil {
			t.Fatal(err)
		}
		return id
	}
	// Account B asked what the files answer to account A's NPI: the question decides.
	dependent := ask("270", "P", "CHF261119000002", "9CEDARHOLL", w.b)
	ask("270", "T", "CHF261119000001", "9CEDARHOLL", w.b) // a test
	ask("270", "P", "CHF261119000003", "9SOMEBODY", w.b)  // of somebody else
	claim := ask("276", "P", "CHFS2611170011", "", w.b)   // 277 of two providers
	pended := ask("278", "P", "JSCPA261116001", "", w.b)  // without its originator
	foreign := ask("276", "P", "CHFS2611180001", "", w.a) // two accounts asked about one provider's claims
	ask("276", "P", "CHFS2611180002", "", w.b)
	for _, e := range fixtures.Catalog() {
		if e.Set == "271" || e.Set == "277" || e.Set == "278" {
			w.fixture(t, e.Name)
		}
	}
	for _, c := range []struct{ name, query, want string }{
		{
			"a dependent's answer, with the subscriber", `SELECT string_agg(concat_ws(' ', first_name, account_id, inquiry_id), ', ' ORDER BY id) FROM eligibility_answer
			 WHERE last_name = 'SALTMARROW'`, fmt.Sprintf("ASTER %d, TANSY %d %d", w.b, w.b, dependent),
		},
		{"a question of another usage", `SELECT concat_ws(' ', account_id, inquiry_id) FROM eligibility_answer WHERE last_name = 'QUILLFEATHER'`, fmt.Sprint(w.a)},
		{"a question of another originator", `SELECT concat_ws(' ', account_id, inquiry_id) FROM eligibility_answer WHERE last_name = 'NEVERBELL'`, fmt.Sprint(w.a)},
		{
			"a claim's status", `SELECT concat_ws(' ', account_id, inquiry_id) FROM claim_status_answer WHERE trace_number = 'CHFS2611170011'`,
			fmt.Sprintf("%d %d", w.b, claim),
		},
		{
			"questions of two accounts in one unit go by the provider", `SELECT string_agg(concat_ws(' ', account_id, inquiry_id), ', ' ORDER BY trace_number)
			 FROM claim_status_answer WHERE trace_number IN ('CHFS2611180001', 'CHFS2611180002')`, fmt.Sprintf("%d %d, %d", w.a, foreign, w.a),
		},
		{
			"an authorization", `SELECT concat_ws(' ', account_id, inquiry_id) FROM authorization_event WHERE kind = 'response' AND last_name = 'CANDLEMERE'`,
			fmt.Sprintf("%d %d", w.b, pended),
		},
		{"routed by request", `SELECT count(*) FROM routing_unit WHERE routed_by = 'request'`, "3"},
	} {
		if got := w.text(t, c.query); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func TestRefusedAuthorizations(t *testing.T) {
	const umo = "BHT*0007*11*REF1*20261120*0445*18~HL*1**20*1~NM1*X3*2*PAYER*****PI*P1~"
	requester := "HL*2*1*21*1~NM1*1P*2*PRACTICE*****XX*" + fixtures.AccountANPI + "~"
	const person = "HL*3*2*22*1~NM1*IL*1*BUTTERBUR*X****MI*M1~DMG*D8*19720219*M~"
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
			w := newWorld(t)
			w.load(t, c.name, document("278", "HI", "005010X217", c.segments))
			got := w.text(t, `SELECT string_agg(concat_ws(' ', loop, action_code, reject_reason, 'event:', event_id IS NOT NULL), ', ' ORDER BY unit_id, decision_no)
				FROM authorization_decision WHERE account_id = $1`, int64(w.a))
			if got != c.decisions {
				t.Errorf("decisions %s, want %s", got, c.decisions)
			}
			if got := w.text(t, `SELECT string_agg(outcome, ' ') FROM authorization_event`); got != c.outcomes {
				t.Errorf("outcome %s, want %s", got, c.outcomes)
			}
		})
	}
}
