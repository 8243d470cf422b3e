package ingest_test

import (
	"strings"
	"testing"
	"time"
)

// Identifiers hold from their first to their last day, by the operator's clock.
func TestIdentifiersHoldToTheEndOfTheirLastDay(t *testing.T) {
	for _, c := range []struct {
		name, from, to string // valid days
		at             string // of receipt
		routed         bool
	}{
		{"last day, late in the evening at home", "2026-01-01", "2026-06-30", "2026-06-30T23:59:59-04:00", true},
		{"the day after", "2026-01-01", "2026-06-30", "2026-07-01T00:00:00-04:00", false},
		{"first day, before UTC's", "2026-06-30", "2026-12-31", "2026-06-30T00:00:00-04:00", true},
		{"the day before, already UTC's first", "2026-06-30", "2026-12-31", "2026-06-29T23:59:59-04:00", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			if _, err := w.raw.ExecContext(t.Context(), `UPDATE account_identifier SET valid_from = $1, valid_to = $2`, c.from, c.to); err != nil {
				t.Fatal(err)
			}
			file := w.receive(t, "one", strings.NewReader(remit(1, npiA)))
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.raw.ExecContext(t.Context(), `UPDATE file SET received_at = $1`, at); err != nil {
				t.Fatal(err)
			}
			if _, err := w.raw.ExecContext(t.Context(), `UPDATE operator SET time_zone = 'America/New_York'`); err != nil {
				t.Fatal(err)
			}
			if err := w.Load(t.Context(), w.operator, file); err != nil {
				t.Fatal(err)
			}
			if got := w.text(t, `SELECT routed_by FROM routing_unit`); (got == "npi") != c.routed {
				t.Errorf("routed by %s", got)
			}
		})
	}
}

// Who was given two accounts' number, or a closed account's rule, waits for a person.
func TestAmbiguousAndClosedAccountsAreNotRouted(t *testing.T) {
	w := newWorld(t)
	for _, statement := range []string{
		`INSERT INTO routing_rule (operator_id, id, receiver, account_id) SELECT operator_id, 1, 'CLEARING', id FROM account WHERE id = $1`,
		`UPDATE account SET closed_at = now() WHERE id = $1`,
	} {
		if _, err := w.raw.ExecContext(t.Context(), statement, int64(w.b)); err != nil {
			t.Fatal(err)
		}
	}
	w.load(t, "closed", remit(1, npiB))
	if got := w.text(t, `SELECT routed_by FROM routing_unit`); got != "none" {
		t.Errorf("rule of a closed account: routed by %s", got)
	}
	if _, err := w.raw.ExecContext(t.Context(), `UPDATE account SET closed_at = NULL; DELETE FROM routing_rule;
		UPDATE account_identifier SET value = '`+npiA+`' WHERE kind = 'npi'`); err != nil {
		t.Fatal(err)
	}
	file, _ := w.load(t, "two", remit(2, npiA))
	got := w.text(t, `SELECT routed_by || ' ' || cardinality(candidates) || ' ' || (account_id = $2) FROM routing_unit WHERE file_id = $1`, int64(file), int64(w.unrouted))
	if got != "ambiguous 2 true" {
		t.Errorf("an NPI of two accounts: %s", got)
	}
}
