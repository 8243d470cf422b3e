package storage

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
)

// A threadClaim is a claim payment of a linking test. Ids are the ordinals in the test, from 1.
type threadClaim struct {
	pcn, ccn string
	charge   int64
	reversal bool
}

func paid(pcn, ccn string, charge int64) threadClaim { return threadClaim{pcn, ccn, charge, false} }
func undone(pcn, ccn string, charge int64) threadClaim {
	return threadClaim{pcn, ccn, -charge, true}
}

func TestLinkPayments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files [][]threadClaim // each is one payment of one file
		want  []string        // "2 reverses 1", "3 corrects 1"
	}{
		{
			"reversal and correction in the same payment",
			[][]threadClaim{{paid("P", "C", 100)}, {undone("P", "C", 100), paid("P", "C2", 100)}},
			[]string{"2 reverses 1", "3 corrects 1"},
		},
		{
			"original in the same payment",
			[][]threadClaim{{paid("P", "C", 100), undone("P", "C", 100), paid("P", "C", 90)}},
			[]string{"2 reverses 1", "3 corrects 1"},
		},
		{
			"correction in a later file, under a new payer number",
			[][]threadClaim{{paid("P", "C", 100)}, {undone("P", "C", 100)}, {paid("P", "C9", 80)}},
			[]string{"2 reverses 1", "3 corrects 1"},
		},
		{
			"original not on file",
			[][]threadClaim{{undone("P", "C", 100), paid("P", "C", 50)}},
			nil,
		},
		{
			"a claim paid after the reversal is not its original",
			[][]threadClaim{{undone("P", "C", 100)}, {paid("P", "C", 100)}},
			nil,
		},
		{
			"twice paid, undone, paid, undone: each takes the latest",
			[][]threadClaim{{paid("P", "C", 100)}, {undone("P", "C", 100)}, {paid("P", "C", 100)}, {undone("P", "C", 100)}},
			[]string{"2 reverses 1", "3 corrects 1", "4 reverses 3"},
		},
		{
			"two originals, two reversals in one payment",
			[][]threadClaim{{paid("P", "C", 100), paid("P", "C", 100)}, {undone("P", "C", 100), undone("P", "C", 100)}},
			[]string{"3 reverses 2", "4 reverses 1"},
		},
		{
			"other charge is another claim",
			[][]threadClaim{{paid("P", "C", 100)}, {undone("P", "C", 99)}},
			nil,
		},
		{
			"no payer number: by patient control number",
			[][]threadClaim{{paid("P", "", 100)}, {undone("P", "", 100)}},
			[]string{"2 reverses 1"},
		},
		{
			"payer renumbered the reversal: by patient control number",
			[][]threadClaim{{paid("P", "C", 100)}, {undone("P", "X", 100)}},
			[]string{"2 reverses 1"},
		},
		{
			"an empty or zero patient control number never threads",
			[][]threadClaim{{paid("0", "", 100), paid("", "", 100)}, {undone("0", "", 100), undone("", "", 100)}},
			nil,
		},
		{
			"first claim of a thread that is nobody's correction",
			[][]threadClaim{{paid("P", "C", 100)}, {paid("P", "C", 100)}},
			nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			db := openTestDB(t)
			w := newTestWorld(t, db)
			id := int64(0)
			for i, claims := range c.files {
				id = loadThread(t, db, w, int64(i+1), id, claims)
			}
			if got := linksOf(t, db); !slices.Equal(got, c.want) {
				t.Errorf("links %q, want %q", got, c.want)
			}
		})
	}
}

// loadThread loads one payment with claims whose ids follow last, and links them.
func loadThread(t *testing.T, db *DB, w testWorld, payment, last int64, claims []threadClaim) int64 {
	t.Helper()
	ctx := t.Context()
	err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error { return writeThread(ctx, tx, w, payment, last, claims) })
	if err != nil {
		t.Error(err)
	}
	return last + int64(len(claims))
}

func writeThread(ctx context.Context, tx *LoadTx, w testWorld, payment, last int64, claims []threadClaim) error {
	date, err := edi.ParseDate(fmt.Appendf(nil, "202601%02d", payment))
	if err != nil {
		return err
	}
	l := tx.Loader()
	first := last + 1
	for i, c := range claims {
		last++
		err := l.ClaimPayment(ctx, &ClaimPaymentRow{
			AccountID: w.a, ID: last, PaymentID: payment, Ordinal: i + 1, Usage: "P", PaymentDate: date, PayerID: 7, PayeeIdentifier: edi.Text("PAYEE"),
			PatientControlNumber: edi.Text(c.pcn), PayerClaimControlNumber: edi.Text(c.ccn), StatusCode: edi.Text("1"),
			Charge: edi.NewDecimal(c.charge, 0), Reversal: c.reversal,
		})
		if err != nil {
			return err
		}
	}
	err = l.Payment(ctx, &PaymentRow{
		AccountID: w.a, ID: payment, Usage: "P", ReceivedAt: time.Now(), PayerID: 7, PaymentDate: date, FirstClaimID: first, LastClaimID: last, Counted: true,
	})
	if err != nil {
		return err
	}
	if err := l.Flush(ctx); err != nil {
		return err
	}
	_, err = tx.LinkPayments(ctx, []LoadedPayment{{w.a, payment}})
	return err
}

func linksOf(t *testing.T, db *DB) []string {
	t.Helper()
	// Both ends of a reversal must agree.
	if bad := ownerRows[int64](t, db, `
		SELECT c.id FROM claim_payment c LEFT JOIN claim_payment o ON o.id = c.reverses_claim_id
		WHERE c.reverses_claim_id IS NOT NULL AND o.reversed_by_claim_id IS DISTINCT FROM c.id`); len(bad) > 0 {
		t.Errorf("claims %v: the original does not know its reversal", bad)
	}
	return ownerRows[string](t, db, `
		SELECT id || ' reverses ' || reverses_claim_id FROM claim_payment WHERE reverses_claim_id IS NOT NULL
		UNION ALL
		SELECT id || ' corrects ' || corrects_claim_id FROM claim_payment WHERE corrects_claim_id IS NOT NULL
		ORDER BY 1`)
}

// A reversal loaded before its original, whose payment is the older one, finds it when it comes.
func TestLateOriginal(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	loadThread(t, db, w, 5, 10, []threadClaim{undone("P", "C", 100)})
	loadThread(t, db, w, 2, 20, []threadClaim{paid("P", "C", 100)})
	if got, want := linksOf(t, db), []string{"11 reverses 21"}; !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
	if open := ownerRows[int64](t, db, `SELECT original_claim_id FROM open_reversal`); !slices.Equal(open, []int64{21}) {
		t.Errorf("waiting for a correction of %v, want 21", open)
	}
}

// Claims of a payment that does not count take no part.
func TestLinkLeavesDuplicatesOut(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	loadThread(t, db, w, 1, 0, []threadClaim{paid("P", "C", 100)})
	loadThread(t, db, w, 2, 1, []threadClaim{paid("P", "C", 100)})
	ctx := context.WithoutCancel(t.Context())
	if _, err := db.owner.ExecContext(ctx, `UPDATE payment SET counted = false WHERE id = 2`); err != nil {
		t.Fatal(err)
	}
	loadThread(t, db, w, 3, 2, []threadClaim{undone("P", "C", 100)})
	if got, want := linksOf(t, db), []string{"3 reverses 1"}; !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
}

func TestLinkProviderAdjustments(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	loadThread(t, db, w, 1, 0, []threadClaim{paid("P", "CLAIM9", 100)})
	payer, usage, counted := PayerID(7), "P", true
	plb := func(payment int64, code, reference string, amount int64) {
		t.Helper()
		ctx := t.Context()
		err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error {
			l := tx.Loader()
			if err := l.Payment(ctx, &PaymentRow{AccountID: w.a, ID: payment, Usage: usage, PayerID: payer, ReceivedAt: time.Now(), Counted: counted}); err != nil {
				return err
			}
			err := l.ProviderAdjustment(ctx, &ProviderAdjustmentRow{AccountID: w.a, PaymentID: payment, No: 1, ReasonCode: edi.Text(code), Reference: edi.Text(reference), Amount: edi.NewDecimal(amount, 0)})
			if err != nil {
				return err
			}
			if err := l.Flush(ctx); err != nil {
				return err
			}
			_, err = tx.LinkPayments(ctx, []LoadedPayment{{w.a, payment}})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	plb(2, "WO", "CLAIM9", 100)
	plb(3, "FB", "BAL1", -40)
	plb(4, "FB", "BAL1", 40)
	plb(5, "WO", "UNKNOWN", 1)
	// Another payer's claim and balance of the same number, test data, and a payment that comes again are none of them.
	payer = 8
	plb(6, "WO", "CLAIM9", 100)
	plb(7, "FB", "BAL2", -40)
	payer = 7
	plb(8, "FB", "BAL2", 40)
	usage = "T"
	plb(9, "WO", "CLAIM9", 100)
	plb(10, "FB", "BAL2", -40)
	usage, counted = "P", false
	plb(11, "FB", "BAL2", -40)
	counted = true
	plb(12, "FB", "BAL2", -40)
	got := ownerRows[string](t, db, `SELECT payment_id || ' ' || coalesce(claim_id::text, '-') || ' ' || coalesce(other_payment_id::text, '-') FROM provider_adjustment ORDER BY payment_id`)
	if want := []string{"2 1 -", "3 - 4", "4 - 3", "5 - -", "6 - -", "7 - -", "8 - 12", "9 - -", "10 - -", "11 - -", "12 - 8"}; !slices.Equal(got, want) {
		t.Errorf("payment, claim, other payment: %q, want %q", got, want)
	}
}

// A reversal and its original that are loaded at the same time find each other: whoever links second waits for the first.
func TestLinkOfLoadsThatMeet(t *testing.T) {
	t.Parallel()
	db := openTestDB(t)
	w := newTestWorld(t, db)
	ctx := t.Context()
	done := make(chan struct{})
	err := db.InLoad(ctx, w.operator, testActor, func(tx *LoadTx) error {
		if err := writeThread(ctx, tx, w, 1, 0, []threadClaim{paid("P", "C", 100)}); err != nil {
			return err
		}
		go func() {
			defer close(done)
			loadThread(t, db, w, 2, 1, []threadClaim{undone("P", "C", 100)})
		}()
		for { // until the other one is through, or waits for us
			var waiting int
			if err := db.owner.GetContext(ctx, &waiting, `SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
				AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`); err != nil {
				return err
			}
			select {
			case <-done:
				return nil
			default:
			}
			if waiting > 0 {
				return nil
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	<-done
	if got, want := linksOf(t, db), []string{"2 reverses 1"}; !slices.Equal(got, want) {
		t.Errorf("links %q, want %q", got, want)
	}
}
