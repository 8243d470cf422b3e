package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// wellFormed are the files that a partner serves: the published samples of the answers' kinds, or the fixtures where those
// are missing. The facts are by set, in the order of the files.
func wellFormed(t *testing.T) (files map[string][]byte, facts []map[string]string) {
	t.Helper()
	files = map[string][]byte{}
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Log("EDIPORT_CORPUS is not set: the fixtures are served instead of the published sample files")
		for _, e := range fixtures.Catalog() {
			content, err := fixtures.Open(e.Name)
			if err != nil {
				t.Fatal(err)
			}
			files[e.Name] = content
		}
		return files, nil
	}
	kinds := map[string]bool{"271": true, "277": true, "277ca": true, "278": true, "835": true}
	chosen := map[string]bool{}
	for _, row := range tsv(t, filepath.Join(dir, "MANIFEST.tsv")) {
		if kinds[row["kind"]] && row["well_formed"] == "yes" {
			content, err := os.ReadFile(filepath.Join(dir, row["path"]))
			if err != nil {
				t.Fatal(err)
			}
			files[strings.ReplaceAll(row["path"], "/", "__")] = content
			chosen[row["path"]] = true
		}
	}
	for _, row := range tsv(t, filepath.Join(dir, "FACTS_TX.tsv")) {
		if chosen[row["path"]] {
			facts = append(facts, row)
		}
	}
	return files, facts
}

func tsv(t *testing.T, path string) []map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	head := strings.Split(lines[0], "\t")
	var rows []map[string]string
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, v := range strings.Split(line, "\t") {
			row[head[i]] = v
		}
		rows = append(rows, row)
	}
	return rows
}

// sumOfFacts adds up a column of the facts.
func sumOfFacts(facts []map[string]string, set, column string) string {
	var cents int64
	for _, f := range facts {
		if f["st01"] != set || f[column] == "" {
			continue
		}
		whole, fraction, _ := strings.Cut(f[column], ".")
		negative := strings.HasPrefix(whole, "-")
		n, _ := strconv.ParseInt(strings.TrimPrefix(whole, "-"), 10, 64)
		part, _ := strconv.ParseInt((fraction + "00")[:2], 10, 64)
		if n = n*100 + part; negative {
			n = -n
		}
		cents += n
	}
	return strconv.FormatInt(cents, 10)
}

// loadedRows counts and sums the business rows, everything that may be loaded twice or lost.
const loadedRows = `
SELECT concat_ws(' ',
	(SELECT count(*) || ' ' || coalesce(sum(amount), 0) FROM payment), (SELECT count(*) || ' ' || coalesce(sum(charge), 0) || ' ' || coalesce(sum(paid), 0) FROM claim_payment),
	(SELECT count(*) FROM service_line), (SELECT count(*) || ' ' || coalesce(sum(amount), 0) FROM adjustment),
	(SELECT count(*) || ' ' || coalesce(sum(amount), 0) FROM provider_adjustment),
	(SELECT count(*) FROM eligibility_answer), (SELECT count(*) FROM benefit), (SELECT count(*) FROM eligibility_rejection),
	(SELECT count(*) FROM claim_status_answer), (SELECT count(*) FROM claim_status), (SELECT count(*) FROM authorization_event),
	(SELECT count(*) FROM authorization_service), (SELECT count(*) FROM authorization_decision), (SELECT count(*) FROM interchange))`

func TestAFileOnAServerBecomesResults(t *testing.T) {
	t.Parallel()
	server := sshdtest.Start(t, sshdtest.Options{})
	files, facts := wellFormed(t)
	for name, content := range files {
		server.WriteFile("outbound/"+name, content)
	}
	x := newExchange(t)
	p := x.serve()
	x.addPartner(server.Host, server.Port, server, "", "@every 2s")
	total := strconv.Itoa(len(files))
	x.await(`SELECT count(*) FROM file WHERE direction = 'in' AND state <> 'downloaded'`, total)
	x.await(`SELECT sum((counts->>'downloaded')::int) FROM run WHERE schedule_id IS NOT NULL AND state = 'succeeded'`, total)
	if got := x.text(`SELECT count(*) FROM file WHERE direction = 'in' AND state = 'failed'`); got != "0" {
		t.Errorf("%s files failed: %s", got, x.text(`SELECT string_agg(name || ' ' || state_reason, ', ') FROM file WHERE direction = 'in' AND state = 'failed'`))
	}
	if facts != nil {
		x.compareWithFacts(facts)
	}
	before := x.text(loadedRows)
	if entries, err := os.ReadDir(filepath.Join(server.Root, "done")); err != nil || len(entries) != len(files) {
		t.Errorf("%d files in the partner's archive, want %s (%v)", len(entries), total, err)
	}
	for name, content := range files { // the partner sends all again
		server.WriteFile("outbound/again-"+name, content)
	}
	x.await(`SELECT count(*) FROM file WHERE direction = 'in' AND state <> 'downloaded'`, strconv.Itoa(2*len(files)))
	if got := x.text(`SELECT count(*) FROM file WHERE name LIKE 'again-%' AND state NOT IN ('duplicate', 'stored', 'held')`); got != "0" {
		t.Errorf("%s of the files sent again are not duplicates", got)
	}
	if got := businessOf(x.text(loadedRows)); got != businessOf(before) {
		t.Errorf("sent again, the rows are\n%s, before\n%s", got, businessOf(before))
	}
	p.stop(t)
}

// businessOf leaves out the last count, that of interchanges, which grows with each duplicate.
func businessOf(rows string) string {
	return rows[:strings.LastIndex(rows, " ")]
}

// compareWithFacts checks that every interchange is loaded, a duplicate of an equal one, or of a guide that is not ours, and that
// counts and sums are those of the facts.
func (x *exchange) compareWithFacts(facts []map[string]string) {
	x.t.Helper()
	for _, c := range []struct{ set, field, column string }{
		{"835", "claims", "n_clp"},
		{"835", "charge", "sum_clp03"},
		{"835", "paid", "sum_clp04"},
		{"835", "adjustments", "sum_cas"},
		{"835", "provider_adjustments", "sum_plb"},
		{"835", "service_lines", "n_svc"},
		{"835", "payment_amount", "bpr02"},
		{"271", "subscribers", "n_subscribers"},
		{"271", "dependents", "n_dependents"},
		{"271", "benefits", "n_eb"},
		{"271", "rejections", "n_aaa"},
		{"277", "claims", "n_claims"},
		{"277", "statuses", "n_stc"},
		{"278", "patient_events", "n_events"},
		{"278", "services", "n_services"},
		{"278", "decisions", "n_hcr"},
	} {
		got := x.text(fmt.Sprintf(`SELECT coalesce((100 * sum((m.summary->>'%s')::numeric))::bigint, 0) FROM transaction_set s
			JOIN transaction_set_summary m ON m.set_id = s.id WHERE s.set_code = '%s'`, c.field, c.set))
		if want := sumOfFacts(facts, c.set, c.column); got != want {
			x.t.Errorf("%s %s of all sets, in hundredths: %s, want %s", c.set, c.field, got, want)
		}
	}
	// What is loaded has as many rows, of the same sums, as the sets say.
	for _, c := range []struct{ set, field, rows string }{
		{"835", "claims", `SELECT count(*) FROM claim_payment`},
		{"835", "charge", `SELECT sum(charge) FROM claim_payment`},
		{"835", "paid", `SELECT sum(paid) FROM claim_payment`},
		{"835", "adjustments", `SELECT sum(amount) FROM adjustment`},
		{"835", "provider_adjustments", `SELECT sum(amount) FROM provider_adjustment`},
		{"835", "service_lines", `SELECT count(*) FROM service_line`},
		{"835", "payment_amount", `SELECT sum(amount) FROM payment`},
		{"271", "benefits", `SELECT count(*) FROM benefit`},
		{"271", "rejections", `SELECT count(*) FROM eligibility_rejection`},
		{"277", "claims", `SELECT count(*) FROM claim_status_answer`},
		{"277", "statuses", `SELECT count(*) FROM claim_status`},
		{"278", "services", `SELECT count(*) FROM authorization_service`},
	} {
		got := x.text(`SELECT coalesce((100 * (` + c.rows + `))::bigint, 0)`)
		want := x.text(fmt.Sprintf(`SELECT coalesce((100 * sum((m.summary->>'%s')::numeric))::bigint, 0) FROM transaction_set s
			JOIN transaction_set_summary m ON m.set_id = s.id WHERE s.set_code = '%s' AND s.disposition IN ('loaded', 'loaded_with_findings')
			AND (s.set_code <> '278' OR s.guide <> '')`, c.field, c.set))
		if got != want {
			x.t.Errorf("rows of %s %s, in hundredths: %s, want %s", c.set, c.field, got, want)
		}
	}
	if got := x.text(`SELECT count(*) FROM transaction_set WHERE disposition = 'unsupported' AND guide <> ''`); got != "0" {
		x.t.Errorf("%s sets of known guides are not loaded", got)
	}
	// Default policies hold requests that their guide rejects, and answers without a hierarchy (EXCHANGE 3).
	if got := x.text(`SELECT count(*) FROM transaction_set WHERE disposition = 'held' AND disposition_reason NOT IN ('ingest.rejected', 'ingest.no_person')`); got != "0" {
		x.t.Errorf("%s sets are held: %s", got, x.text(`SELECT string_agg(set_code || ' ' || disposition_reason, ', ') FROM transaction_set WHERE disposition = 'held'`))
	}
	if got := x.text(`SELECT count(*) FROM interchange i JOIN interchange d ON d.id = i.duplicate_of WHERE i.content_hash <> d.content_hash`); got != "0" {
		x.t.Errorf("%s duplicates are not equal to their first", got)
	}
	all, loaded := len(facts), x.text(`SELECT count(*) FROM transaction_set WHERE disposition IN ('loaded', 'loaded_with_findings')`)
	duplicates := x.text(`SELECT count(*) FROM transaction_set WHERE disposition = 'duplicate'`)
	other := x.text(`SELECT count(*) FROM transaction_set WHERE disposition IN ('unsupported', 'held')`)
	x.t.Logf("%d sets: %s loaded, %s duplicates, %s of other guides or held", all, loaded, duplicates, other)
	if got := x.text(`SELECT count(*) FROM transaction_set`); got != strconv.Itoa(all) {
		x.t.Errorf("%s sets, want %d", got, all)
	}
}

const partnersPassword = "only for these tests"

func TestKilledServerAndKilledEdiportLoseNothing(t *testing.T) {
	t.Parallel()
	var big bytes.Buffer
	totals, err := fixtures.Write835(&big, fixtures.Options{Bytes: 4_000_000, Seed: 3, Payees: []fixtures.Account{fixtures.AccountA}})
	if err != nil {
		t.Fatal(err)
	}
	server := sshdtest.Start(t, sshdtest.Options{Password: partnersPassword})
	server.WriteFile("outbound/big.835", big.Bytes())
	proxy := sshdtest.StartProxy(t, server.Address())
	x := newExchange(t)
	x.do("account", "add", fixtures.AccountAName, "--npi", fixtures.AccountANPI)
	p := x.serve()
	cut := proxy.CutAfter(1_500_000) // the server dies in mid transfer
	x.addPartner(proxy.Host, proxy.Port, server, partnersPassword, "@every 2s")
	select {
	case <-cut:
	case <-time.After(eventually):
		t.Fatal("the transfer was never cut")
	}
	server.Kill()
	// The load will come as far as the adjustments, with claims written and nothing committed; there ediport dies, and
	// with it the server that holds the lock.
	stop, err := x.db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer stop.Rollback() //nolint:errcheck // its server is gone by then
	if _, err := stop.ExecContext(t.Context(), `LOCK TABLE adjustment IN SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	sshdtest.Start(t, sshdtest.Options{Password: partnersPassword, Root: server.Root, Port: server.Port, HostKeys: server.HostKeys()})
	proxy.Restore()
	x.await(`SELECT count(*) FROM file WHERE state = 'downloaded'`, "1")
	x.await(`SELECT (count(*) > 0)::text FROM pg_stat_activity WHERE usename = 'ediport_loader' AND query LIKE '%COPY adjustment%' AND wait_event_type = 'Lock'`, "true")
	p.kill()
	p = x.serve()
	if got := x.text(`SELECT count(*) FROM claim_payment`); got != "0" {
		t.Errorf("%s claims of the load that was killed can be seen", got)
	}
	x.await(`SELECT state FROM file WHERE direction = 'in'`, "loaded")
	got := x.text(`SELECT count(*) || ' ' || sum(claims) || ' ' || (100 * sum(paid))::bigint || ' ' || count(*) FILTER (WHERE counted) FROM payment`)
	if want := fmt.Sprint(totals.Transactions, totals.Claims, totals.PaidCents, totals.Transactions); got != want {
		t.Errorf("after both, the rows are %s, want %s", got, want)
	}
	if got := x.text(`SELECT count(*) FROM claim_payment`); got != strconv.FormatInt(totals.Claims, 10) {
		t.Errorf("%s claims, want %d", got, totals.Claims)
	}
	p.stop(t)
}

func TestSecondServeSaysWhoHoldsTheFolder(t *testing.T) {
	t.Parallel()
	x := newExchange(t)
	p := x.serve()
	c := x.command("serve")
	out, err := c.CombinedOutput()
	if err == nil || !strings.Contains(string(out), strconv.Itoa(p.cmd.Process.Pid)) {
		t.Errorf("a second server on the folder: %v\n%s", err, out)
	}
	var status struct{ Current bool }
	if err := json.Unmarshal([]byte(x.do("db", "status", "--json")), &status); err != nil || !status.Current {
		t.Errorf("db status beside it: %+v, %v", status, err)
	}
	p.stop(t)
}
