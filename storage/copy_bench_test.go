package storage

import (
	"context"
	"fmt"
	"testing"

	"github.com/ediport/ediport/edi"
)

// Loads claims with two lines and two adjustments each into the real schema, one transaction, and links
// them; every twentieth claim is the reversal of an earlier one.
//
//	go test ./storage -run '^$' -bench Load -benchtime 1x
func BenchmarkLoad(b *testing.B) {
	for _, claims := range []int{20_000, 100_000} {
		b.Run(fmt.Sprintf("set=835/claims=%d", claims), func(b *testing.B) {
			db := openTestDB(b)
			w := newTestWorld(b, db)
			b.ReportAllocs()
			b.ResetTimer()
			rows := int64(0)
			for range b.N {
				rows += benchmarkLoad(b, db, w, claims)
			}
			b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

func benchmarkLoad(b *testing.B, db *DB, w testWorld, claims int) (rows int64) {
	var payment LoadedPayment
	load(b, db, w.operator, func(ctx context.Context, tx *LoadTx, l *Loader) error {
		id, err := l.NewID(ctx, IDPayment)
		if err != nil {
			return err
		}
		payment = LoadedPayment{w.a, id}
		p := PaymentRow{AccountID: w.a, ID: id, OperatorID: w.operator, Usage: "P", ReceivedAt: db.Now(), Counted: true}
		for i := range claims {
			claim, err := l.NewID(ctx, IDClaim)
			if err != nil {
				return err
			}
			if p.FirstClaimID == 0 {
				p.FirstClaimID = claim
			}
			p.LastClaimID = claim
			if err := benchmarkClaim(ctx, l, w.a, id, claim, i); err != nil {
				return err
			}
		}
		if err := l.Payment(ctx, &p); err != nil {
			return err
		}
		rows = l.Rows()
		return l.Flush(ctx)
	})
	b.StopTimer()
	if testing.Verbose() {
		b.Logf("loaded in %v", b.Elapsed())
	}
	b.StartTimer()
	load(b, db, w.operator, func(ctx context.Context, tx *LoadTx, _ *Loader) error {
		links, err := tx.LinkPayments(ctx, []LoadedPayment{payment})
		if err == nil && links.Reversals == 0 {
			b.Error("no reversal linked")
		}
		return err
	})
	if testing.Verbose() {
		b.Logf("linked after %v", b.Elapsed())
	}
	return rows
}

func benchmarkClaim(ctx context.Context, l *Loader, account AccountID, payment, claim int64, i int) error {
	number, charge, reversal := i, int64(10000), false
	if i%20 == 19 {
		number, charge, reversal = i-10, -10000, true
	}
	var scratch [32]byte
	pcn := edi.Text(fmt.Appendf(scratch[:0], "%d-PCN%d", payment, number))
	row := ClaimPaymentRow{
		AccountID: account, ID: claim, PaymentID: payment, Ordinal: i + 1, Usage: "P", PatientControlNumber: pcn, PayerClaimControlNumber: pcn,
		StatusCode: edi.Text("1"), Charge: edi.NewDecimal(charge, 2), Paid: edi.NewDecimal(8000, 2), Reversal: reversal, Lines: 2,
		PatientLastName: edi.Text("DOE"), PatientFirstName: edi.Text("JANE"), PatientMemberID: edi.Text("M123456789"),
	}
	if err := l.ClaimPayment(ctx, &row); err != nil {
		return err
	}
	mention := PersonMentionRow{AccountID: account, LastName: edi.Text("DOE"), FirstName: edi.Text("JANE"), Kind: "claim", RowID: claim, Role: "patient", MemberID: edi.Text("M123456789"), Usage: "P"}
	if err := l.PersonMention(ctx, &mention); err != nil {
		return err
	}
	for line := 1; line <= 2; line++ {
		s := ServiceLineRow{AccountID: account, ClaimID: claim, LineNo: line, ProcedureQualifier: edi.Text("HC"), ProcedureCode: edi.Text("99213"), Charge: Some(edi.NewDecimal(5000, 2)), Paid: Some(edi.NewDecimal(4000, 2))}
		a := AdjustmentRow{AccountID: account, ClaimID: claim, LineNo: line, AdjNo: 1, GroupCode: edi.Text("CO"), ReasonCode: edi.Text("45"), Amount: edi.NewDecimal(1000, 2)}
		if err := l.ServiceLine(ctx, &s); err != nil {
			return err
		}
		if err := l.Adjustment(ctx, &a); err != nil {
			return err
		}
	}
	return nil
}
