package ingest_test

import (
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/fixtures"
	"github.com/ediport/ediport/storage"
)

// figures are what a purge must leave alone: sums, links and counts of all payments but those of two files.
const figuresBut = `
SELECT count(*) || ' ' || sum(amount) || ' ' || sum(paid) || ' ' || (
	SELECT string_agg(concat_ws(' ', c.id, c.charge, c.paid, c.reverses_claim_id, c.reversed_by_claim_id, c.corrects_claim_id), ',' ORDER BY c.id)
	FROM claim_payment c WHERE c.file_id <> $1 AND c.file_id <> $2) || ' ' || (
	SELECT string_agg(concat_ws(' ', a.payment_id, a.no, a.amount, a.claim_id, a.other_payment_id), ',' ORDER BY a.payment_id, a.no)
	FROM provider_adjustment a WHERE a.payment_id IN (SELECT id FROM payment p WHERE p.file_id <> $1 AND p.file_id <> $2)) || ' ' || (
	SELECT count(*) FROM person_mention m JOIN routing_unit u ON u.id = m.unit_id WHERE u.file_id <> $1 AND u.file_id <> $2)
FROM payment
WHERE file_id <> $1 AND file_id <> $2`

// Two remittances are purged, one of them for two accounts, the other undone and corrected by later files: the others' figures
// and links stay as they are, their pages can be read, and what was purged is known when it comes again.
func TestPurgedRemittances(t *testing.T) {
	w := newWorld(t)
	files := map[string]storage.FileID{}
	contents := map[string]string{}
	for _, entry := range fixtures.Catalog() {
		b, err := fixtures.Open(entry.Name)
		if err != nil {
			t.Fatal(err)
		}
		short := entry.Name[:2]
		contents[short] = string(b)
		files[short], _ = w.load(t, entry.Name, contents[short])
	}
	undone, shared := files["01"], files["07"]
	if n := w.text(t, `SELECT count(DISTINCT account_id) FROM payment WHERE file_id = $1`, int64(shared)); n != "2" {
		t.Fatalf("file 07 is of %s accounts", n)
	}
	var linked []int64 // claims that speak of those that go
	rows, err := w.raw.QueryContext(t.Context(), `
		SELECT c.id FROM claim_payment c JOIN claim_payment o ON o.file_id = $1 AND o.id IN (c.reverses_claim_id, c.corrects_claim_id)
		WHERE c.file_id <> $1`, int64(undone))
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		linked = append(linked, id)
	}
	if err := rows.Err(); err != nil || len(linked) < 3 {
		t.Fatalf("%d claims speak of file 01 (%v)", len(linked), err)
	}
	before := w.text(t, figuresBut, int64(undone), int64(shared))
	f := storage.PurgeFilter{Operator: w.operator, Kinds: []string{"835"}, Before: time.Now().AddDate(-6, 0, 0)}
	for _, id := range []storage.FileID{undone, shared} {
		if _, err := w.raw.ExecContext(t.Context(), `UPDATE file SET received_at = now() - interval '7 years' WHERE id = $1`, int64(id)); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := w.DB.PurgePreview(t.Context(), storage.Scope{Operator: w.operator}, f)
	if err != nil || len(counts) != 1 || counts[0].Files != 2 || counts[0].Sets != 3 || counts[0].Kind != "835" || counts[0].Verdict != storage.PurgeTake {
		t.Errorf("preview: %+v, %v", counts, err)
	}
	f.Account = w.a
	if counts, err = w.DB.PurgePreview(t.Context(), storage.Scope{Operator: w.operator}, f); err != nil || len(counts) != 2 || counts[1].Verdict != storage.PurgeShared {
		t.Errorf("preview of one account: %+v, %v", counts, err)
	}
	f.Account = 0
	for _, id := range []storage.FileID{undone, shared} {
		err := w.DB.InLoad(t.Context(), w.operator, storage.Actor{Kind: storage.ActorJob}, func(tx *storage.LoadTx) error {
			_, err := tx.PurgeFile(t.Context(), f, id, 0)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}

	if after := w.text(t, figuresBut, int64(undone), int64(shared)); after != before {
		t.Errorf("figures of other files:\n%s\nbefore:\n%s", after, before)
	}
	scope := storage.Scope{Operator: w.operator, Accounts: []storage.AccountID{w.a, w.b}}
	for _, id := range linked {
		if d, err := w.DB.ClaimDetail(t.Context(), scope, id); err != nil || d.Reverses != nil && d.Reverses.ID == 0 {
			t.Errorf("claim %d: %+v, %v", id, d.Reverses, err)
		}
	}
	for short, name := range map[string]string{"01": "undone", "07": "shared"} {
		id, state := w.load(t, name+", sent again", contents[short])
		if first := w.text(t, `SELECT string_agg(DISTINCT k.file_id::text, ' ') FROM interchange i JOIN interchange_key k ON k.interchange_id = i.duplicate_of WHERE i.file_id = $1`, int64(id)); state != "duplicate" || first != strconv.FormatInt(int64(files[short]), 10) {
			t.Errorf("%s, sent again: %s, first %s, want that of file %d", name, state, first, files[short])
		}
		if _, err := w.DB.FileDetail(t.Context(), scope, id); err != nil {
			t.Errorf("%s, sent again: %v", name, err)
		}
	}
	// The same payment in another interchange: it was paid once.
	w.load(t, "another interchange, same payment", strings.ReplaceAll(contents["01"], "260001101", "260009999"))
	if got := w.text(t, `SELECT duplicate_kind || ' ' || counted FROM payment ORDER BY id DESC LIMIT 1`); got != "duplicate false" {
		t.Errorf("the payment, in another interchange: %s", got)
	}
	payment, _ := strconv.ParseInt(w.text(t, `SELECT id FROM payment ORDER BY id DESC LIMIT 1`), 10, 64)
	if d, err := w.DB.RemittanceDetail(t.Context(), scope, payment); err != nil || d.Original != nil {
		t.Errorf("its page: %+v, %v", d.Original, err)
	}
}
