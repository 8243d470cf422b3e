package ingest_test

import (
	"testing"

	"github.com/ediport/ediport/fixtures"
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
