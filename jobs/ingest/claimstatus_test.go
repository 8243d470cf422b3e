package ingest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
)

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
