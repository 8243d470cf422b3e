package ingest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
)

// countsOf returns the questions that count the rows of one kind of set; %s stands for the routing units that are meant.
func countsOf(set string) map[string]string {
	const (
		answers  = ` JOIN eligibility_answer a ON a.account_id = x.account_id AND a.id = x.answer_id WHERE a.unit_id IN (%s)`
		statuses = ` JOIN claim_status_answer a ON a.account_id = x.account_id AND a.id = x.answer_id WHERE a.unit_id IN (%s)`
		events   = ` JOIN authorization_event a ON a.account_id = x.account_id AND a.id = x.event_id WHERE a.unit_id IN (%s)`
	)
	switch set {
	case "270":
		return map[string]string{
			"inquiries":  `SELECT count(*) FROM inquiry WHERE kind = '270' AND direction = 'in' AND unit_id IN (%s)`,
			"dependents": `SELECT count(*) FROM inquiry WHERE kind = '270' AND person = 'dependent' AND unit_id IN (%s)`,
		}
	case "271":
		return map[string]string{
			"subscribers":      `SELECT count(*) FROM eligibility_answer WHERE person = 'subscriber' AND unit_id IN (%s)`,
			"dependents":       `SELECT count(*) FROM eligibility_answer WHERE person = 'dependent' AND unit_id IN (%s)`,
			"benefits":         `SELECT count(*) FROM benefit x` + answers,
			"messages":         `SELECT count(*) FROM benefit_detail x` + answers + ` AND x.kind = 'message'`,
			"related_entities": `SELECT count(*) FROM benefit_detail x` + answers + ` AND x.kind = 'entity'`,
			"rejections":       `SELECT count(*) FROM eligibility_rejection WHERE unit_id IN (%s)`,
			"Σbenefit_amount":  `SELECT round(coalesce(sum(x.amount), 0), 2) FROM benefit x` + answers,
		}
	case "276":
		return map[string]string{
			"inquiries":     `SELECT count(*) FROM inquiry WHERE kind = '276' AND direction = 'in' AND unit_id IN (%s)`,
			"service_lines": `SELECT coalesce(sum(jsonb_array_length(extra -> 'lines')), 0) FROM inquiry WHERE unit_id IN (%s)`,
		}
	case "277", "277CA":
		return map[string]string{
			"claims":   `SELECT count(*) FROM claim_status_answer WHERE unit_id IN (%s)`,
			"statuses": `SELECT count(*) FROM claim_status WHERE unit_id IN (%s)`,
			"status_codes": `SELECT coalesce(sum(1 + (category_code_2 IS NOT NULL)::int + (category_code_3 IS NOT NULL)::int), 0)
				FROM claim_status WHERE unit_id IN (%s)`,
			"service_lines": `SELECT count(*) FROM claim_status_line x` + statuses,
			"Σcharge":       `SELECT round(coalesce(sum(charge), 0), 2) FROM claim_status_answer WHERE unit_id IN (%s)`,
			"Σpaid":         `SELECT round(coalesce(sum(paid), 0), 2) FROM claim_status_answer WHERE unit_id IN (%s)`,
		}
	case "278":
		return map[string]string{
			"events":    `SELECT count(*) FROM authorization_event WHERE unit_id IN (%s)`,
			"services":  `SELECT count(*) FROM authorization_service x` + events,
			"decisions": `SELECT count(*) FROM authorization_decision WHERE action_code IS NOT NULL AND unit_id IN (%s)`,
		}
	}
	return nil
}

func TestHierarchicalSetsLoadAsTheFixturesSay(t *testing.T) {
	w := newWorld(t)
	compared := 0
	for _, e := range fixtures.Catalog() {
		counts := countsOf(e.Set)
		if counts == nil {
			continue
		}
		file := w.fixture(t, e.Name)
		if got := w.text(t, `SELECT state FROM file WHERE id = $1`, int64(file)); got != "loaded" {
			t.Errorf("%s: state %s", e.Name, got)
		}
		npis := map[string]bool{"": true}
		for npi := range e.Want.Rows {
			npis[npi] = true
		}
		for npi := range npis {
			units := fmt.Sprintf(`SELECT id FROM routing_unit WHERE file_id = %d AND CASE identity_kind WHEN 'npi' THEN identity_value ELSE '' END = '%s'`, file, npi)
			for kind, question := range counts {
				want := fmt.Sprint(e.Want.Rows[npi][kind])
				if sum, ok := strings.CutPrefix(kind, "Σ"); ok {
					want = or0(e.Want.Sums[npi][sum])
				}
				if got := w.text(t, fmt.Sprintf(question, units)); got != want {
					t.Errorf("%s, NPI %q: %s %s, want %s", e.Name, npi, got, kind, want)
				}
				compared++
			}
		}
		checkUnits(t, w, e, int64(file))
	}
	checkPlaces(t, w)
	if compared < 100 {
		t.Errorf("only %d counts were compared", compared)
	}
	for question, want := range map[string]string{
		`SELECT count(*) FROM finding`: "0",
		`SELECT string_agg(DISTINCT routed_by, ' ' ORDER BY routed_by) FROM routing_unit`: "none npi",
		`SELECT count(*) FROM routing_unit WHERE routed_by = 'none'`:                      "1",
		`SELECT count(*) FROM transaction_set_account`:                                    "16",
	} {
		if got := w.text(t, question); got != want {
			t.Errorf("%s: %s, want %s", question, got, want)
		}
	}
}

// checkPlaces checks that each row is its unit's account's, and stands within the unit; a rejection of all that a provider asked
// may stand in the context.
func checkPlaces(t *testing.T, w *world) {
	t.Helper()
	for _, table := range []string{"eligibility_answer", "eligibility_rejection", "claim_status_answer", "claim_status", "authorization_event", "authorization_decision", "inquiry"} {
		n := w.text(t, `SELECT count(*) FROM `+table+` x JOIN routing_unit u ON u.id = x.unit_id
			WHERE x.account_id <> u.account_id OR (x.byte_offset < u.byte_start OR x.byte_offset >= u.byte_end) AND NOT EXISTS (
				SELECT FROM generate_series(1, cardinality(u.context_ranges) / 2) i
				WHERE to_jsonb(x)->>'`+aboveAnyone[table]+`' IS NULL AND x.byte_offset >= u.context_ranges[2 * i - 1] AND x.byte_offset < u.context_ranges[2 * i])`)
		if n != "0" {
			t.Errorf("%s rows of %s stand outside their unit", n, table)
		}
	}
}

// aboveAnyone names the columns that are NULL in rows which concern all that a provider asked; no column of other tables.
var aboveAnyone = map[string]string{
	"eligibility_rejection": "answer_id", "authorization_decision": "event_id",
	"eligibility_answer": "id", "claim_status_answer": "id", "claim_status": "unit_id", "authorization_event": "id", "inquiry": "id",
}

// checkUnits checks that the units of a file don't overlap, that context holds nothing of a unit, and that all of the set from
// its first to its last level is in a unit or in a context.
func checkUnits(t *testing.T, w *world, e fixtures.Entry, file int64) {
	t.Helper()
	content, err := fixtures.Open(e.Name)
	if err != nil {
		t.Fatal(err)
	}
	type span struct{ from, to int }
	var units, around []span
	rows, err := w.raw.QueryContext(t.Context(), `
		SELECT u.byte_start, u.byte_end, array_to_string(u.context_ranges, ' ') FROM routing_unit u
		WHERE u.file_id = $1 ORDER BY u.set_id, u.ordinal`, file)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var u span
		var ranges string
		if err := rows.Scan(&u.from, &u.to, &ranges); err != nil {
			t.Fatal(err)
		}
		for _, s := range units {
			if u.from < s.to {
				t.Errorf("%s: unit %d–%d overlaps %d–%d", e.Name, u.from, u.to, s.from, s.to)
			}
		}
		units = append(units, u)
		var bounds []int
		for _, f := range strings.Fields(ranges) {
			var n int
			if _, err := fmt.Sscan(f, &n); err != nil {
				t.Fatal(err)
			}
			bounds = append(bounds, n)
		}
		for pair := range slices.Chunk(bounds, 2) {
			around = append(around, span{pair[0], pair[1]})
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	covered := make([]bool, len(content))
	for _, u := range units {
		for i := u.from; i < u.to; i++ {
			covered[i] = true
		}
	}
	for _, c := range around {
		for i := c.from; i < c.to; i++ {
			if covered[i] {
				t.Fatalf("%s: the context %d–%d of a unit holds bytes of a unit", e.Name, c.from, c.to)
			}
		}
	}
	for _, c := range around {
		for i := c.from; i < c.to; i++ {
			covered[i] = true
		}
	}
	for i := range content[:strings.LastIndex(string(content), "SE"+string(content[3]))] {
		if !covered[i] && !strings.ContainsRune("\r\n", rune(content[i])) {
			t.Fatalf("%s: byte %d is in no unit and in no context", e.Name, i)
		}
	}
}
