package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
)

// remittanceTables count the rows and sums of an account's 835s.
const remittanceTables = `
SELECT concat_ws(' ',
	(SELECT count(*) FROM payment WHERE account_id = $1 AND file_id = $2),
	(SELECT count(*) FROM claim_payment WHERE account_id = $1 AND file_id = $2),
	(SELECT count(*) FROM service_line l JOIN claim_payment c ON c.account_id = l.account_id AND c.id = l.claim_id WHERE c.account_id = $1 AND c.file_id = $2),
	(SELECT count(*) FROM adjustment a JOIN claim_payment c ON c.account_id = a.account_id AND c.id = a.claim_id WHERE c.account_id = $1 AND c.file_id = $2),
	(SELECT count(*) FROM provider_adjustment a JOIN payment p ON p.account_id = a.account_id AND p.id = a.payment_id WHERE p.account_id = $1 AND p.file_id = $2),
	(SELECT concat_ws(' ', round(coalesce(sum(amount), 0), 2), round(coalesce(sum(charge), 0), 2), round(coalesce(sum(paid), 0), 2),
		round(coalesce(sum(patient_responsibility), 0), 2), round(coalesce(sum(adjustments), 0), 2), round(coalesce(sum(provider_adjustments), 0), 2))
		FROM payment WHERE account_id = $1 AND file_id = $2))`

func TestRemittancesLoadAsTheFixturesSay(t *testing.T) {
	w := newWorld(t)
	accounts := map[string]storage.AccountID{fixtures.AccountANPI: w.a, fixtures.AccountBNPI: w.b, fixtures.UnknownNPI: w.unrouted}
	compared := 0
	for _, e := range fixtures.Catalog() {
		if e.Set != "835" {
			continue
		}
		file := w.fixture(t, e.Name)
		for npi, rows := range e.Want.Rows {
			if npi == "" {
				continue
			}
			sums := e.Want.Sums[npi]
			want := fmt.Sprint(rows["payments"], rows["claim_payments"], rows["service_lines"], rows["adjustments"], rows["provider_adjustments"]) + " " +
				strings.Join([]string{
					or0(sums["payment_amount"]), or0(sums["charge"]), or0(sums["paid"]), or0(sums["patient_responsibility"]), or0(sums["adjustments"]),
					or0(sums["provider_adjustments"]),
				}, " ")
			if got := w.text(t, remittanceTables, int64(accounts[npi]), int64(file)); got != want {
				t.Errorf("%s, NPI %s:\ngot  %s\nwant %s", e.Name, npi, got, want)
			}
			compared++
		}
	}
	if compared < 9 {
		t.Errorf("only %d routing units were compared", compared)
	}
	for question, want := range map[string]string{
		`SELECT count(*) FROM claim_payment WHERE reversal AND reverses_claim_id IS NOT NULL`:                                                         "2",
		`SELECT count(*) FROM payment WHERE NOT balanced`:                                                                                             "0",
		`SELECT count(*) FROM payment WHERE NOT counted`:                                                                                              "0",
		`SELECT count(*) FROM file WHERE state <> 'loaded'`:                                                                                           "0",
		`SELECT verdict || ' ' || disposition FROM transaction_set WHERE errors > 0`:                                                                  "rejected loaded_with_findings",
		`SELECT count(*) FROM finding WHERE account_id IS NOT NULL`:                                                                                   "1",
		`SELECT count(*) FROM routing_unit u JOIN transaction_set s ON s.id = u.set_id WHERE u.byte_start < s.byte_start OR u.byte_end <> s.byte_end`: "0",
	} {
		if got := w.text(t, question); got != want {
			t.Errorf("%s: %s, want %s", question, got, want)
		}
	}
}

func or0(s string) string {
	if s == "" {
		return "0.00"
	}
	return s
}

func TestTheSameInterchangeAgainIsADuplicate(t *testing.T) {
	w := newWorld(t)
	b, err := fixtures.Open(fixtures.Catalog()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	content := string(b)
	w.load(t, "first", content)
	before := w.text(t, `SELECT count(*) FROM claim_payment`)
	file, state := w.load(t, "again, with other line ends", strings.ReplaceAll(content, "~\n", "~\r\n"))
	if after := w.text(t, `SELECT count(*) FROM claim_payment`); state != "duplicate" || after != before {
		t.Errorf("state %s, %s claims, before %s", state, after, before)
	}
	if got := w.text(t, `SELECT string_agg(DISTINCT disposition, ' ') FROM transaction_set WHERE file_id = $1`, int64(file)); got != "duplicate" {
		t.Errorf("its sets are %s", got)
	}
	_, state = w.load(t, "twice in one file", content+content)
	if got := w.text(t, `SELECT count(*) FROM interchange WHERE duplicate_of IS NOT NULL`); state != "duplicate" || got != "3" {
		t.Errorf("twice in one file: %s, %s duplicates", state, got)
	}
}

func TestTheSamePaymentInAnotherInterchange(t *testing.T) {
	w := newWorld(t)
	b, err := fixtures.Open(fixtures.Catalog()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	content := string(b)
	w.load(t, "first", content)
	again := strings.ReplaceAll(content, "260001101", "260009999")
	w.load(t, "other interchange, same payment", again)
	w.load(t, "other interchange, other claims", strings.ReplaceAll(strings.ReplaceAll(content, "260001101", "260009998"), "CLP*", "CLP*X"))
	got := w.text(t, `SELECT string_agg(coalesce(duplicate_kind, 'first') || ' ' || counted, ', ' ORDER BY id) FROM payment`)
	if got != "first true, duplicate false, conflict false" {
		t.Errorf("payments: %s", got)
	}
}

func TestWhatCannotBeReadIsHeld(t *testing.T) {
	b, err := fixtures.Open(fixtures.Catalog()[0].Name)
	if err != nil {
		t.Fatal(err)
	}
	content := string(b)
	for _, c := range []struct{ name, in, state, why string }{
		{"amount of the payment", strings.Replace(content, "BPR*I*", "BPR*I*x", 1), "held", "ingest.key_fact_missing"},
		{"no trace", strings.Replace(content, "TRN*1*", "TRX*1*", 1), "held", "ingest.key_fact_missing"},
		{"set without end", content[:strings.Index(content, "SE*")], "held", "ingest.set_incomplete"},
		{"amount too large", strings.Replace(content, "CAS*CO*45*", "CAS*CO*45*123456789012345", 1), "held", "ingest.number_too_large"},
		{"other guide", strings.ReplaceAll(content, "005010X221A1", "004010X091A1"), "stored", ""},
		{"no X12", "Dear partner, no data today.", "stored", ""},
		{"empty", "", "stored", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			_, state := w.load(t, c.name, c.in)
			why := w.text(t, `SELECT max(disposition_reason) FROM transaction_set`)
			if state != c.state || why != c.why {
				t.Errorf("state %s, reason %s; want %s, %s", state, why, c.state, c.why)
			}
			if n := w.text(t, `SELECT count(*) FROM payment`); n != "0" {
				t.Errorf("%s payments were loaded", n)
			}
		})
	}
}

func TestGeneratedFileLoadsToItsTotals(t *testing.T) {
	w := newWorld(t)
	pr, pw := newPipe()
	type result struct {
		totals fixtures.Totals
		err    error
	}
	done := make(chan result, 1)
	go func() {
		totals, err := fixtures.Write835(pw, fixtures.Options{Bytes: 3_000_000, Seed: 7, Payees: []fixtures.Account{fixtures.AccountA, fixtures.AccountB}})
		_ = pw.CloseWithError(err)
		done <- result{totals, err}
	}()
	file := w.receive(t, "generated", pr)
	made := <-done
	if made.err != nil {
		t.Fatal(made.err)
	}
	if err := w.Load(t.Context(), w.operator, file); err != nil {
		t.Fatal(err)
	}
	got := w.text(t, `SELECT count(*) || ' ' || sum(claims) || ' ' || (sum(paid) * 100)::bigint FROM payment WHERE counted AND balanced`)
	if want := fmt.Sprintf("%d %d %d", made.totals.Transactions, made.totals.Claims, made.totals.PaidCents); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n := w.text(t, `SELECT count(*) FROM finding`); n != "0" {
		t.Errorf("%s findings: %s", n, w.text(t, `SELECT string_agg(DISTINCT message, '; ') FROM finding`))
	}
}
