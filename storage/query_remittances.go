package storage

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
)

// A RemittanceFilter selects payments; zero fields select all.
type RemittanceFilter struct {
	Account   AccountID // 0: all of the scope
	From, To  Day       // payment date, both included
	Payer     string    // beginning of the payer's name as sent
	PayerID   PayerID
	Trace     string // TRN02, exactly
	Amount    string // BPR02, exactly
	Balanced  *bool
	Duplicate *bool
	Usage     string // "": P
}

const paymentJoins = `
	LEFT JOIN account a ON a.id = t.account_id
	LEFT JOIN file f ON f.operator_id = t.operator_id AND f.id = t.file_id`

// Undated payments come first, as the index has them; each stretch has keys that are never NULL.
var byPaymentDate = []ordering{
	{where: "t.payment_date IS NULL", keys: []orderKey{{"t.id", "bigint"}}},
	{where: "t.payment_date IS NOT NULL", keys: []orderKey{{"t.payment_date", "date"}, {"t.id", "bigint"}}},
}

// Remittances returns the payments that match: undated ones, then by payment date and, within a day,
// by loading, newest first.
func (db *DB) Remittances(ctx context.Context, scope Scope, f RemittanceFilter, page Page) ([]Remittance, Cursor, error) {
	usage, filters := usageFilter(f.Usage)
	f.Usage = usage
	plan := listPlan{
		name: "remittances", filter: f, part: "t.account_id", parts: scope.accountParts(f.Account), from: "payment t", joins: paymentJoins,
		orderings: byPaymentDate, desc: true, filters: append(filters, f.conditions()...),
	}
	for _, r := range []struct {
		sql string
		day Day
	}{{"t.payment_date >= ?::date", f.From}, {"t.payment_date <= ?::date", f.To}} {
		switch {
		case r.day == "":
		case !r.day.Valid():
			return []Remittance{}, "", nil
		default:
			plan.ranges = append(plan.ranges, where(r.sql, string(r.day)))
		}
	}
	if f.Trace != "" { // few have the same: found by their index and sorted
		plan.ranges = append(plan.ranges, where("t.trace_number = ?", f.Trace))
	}
	return plainList[Remittance](ctx, db, scope, plan, page)
}

func (f RemittanceFilter) conditions() []condition {
	out := prefixRange("t.payer_name", f.Payer)
	if f.PayerID != 0 {
		out = append(out, where("t.payer_id = ?", f.PayerID))
	}
	if f.Amount != "" {
		if _, err := edi.ParseDecimal([]byte(f.Amount)); err != nil {
			return []condition{where("false")}
		}
		out = append(out, where("t.amount = ?::numeric", f.Amount))
	}
	if f.Balanced != nil {
		out = append(out, where("t.balanced = ?", *f.Balanced))
	}
	if f.Duplicate != nil {
		out = append(out, where("(t.duplicate_of IS NOT NULL) = ?", *f.Duplicate))
	}
	return out
}

// A PaymentRef leads to a payment.
type PaymentRef struct {
	ID            int64  `db:"id" public:"pay"`
	TraceNumber   string `db:"trace_number"`
	PaymentDate   Day    `db:"payment_date"`
	Amount        Money  `db:"amount"`
	PayerName     string `db:"payer_name"`
	DuplicateKind string `db:"duplicate_kind"`
	Counted       bool   `db:"counted"`
	FileID        FileID `db:"file_id" public:"fil"`
	FileName      string `db:"file_name" sql:"f.name"`
}

// A RemittanceDetail is a payment with what stands outside its claims.
type RemittanceDetail struct {
	Remittance
	SetControlNumber        string                   `db:"-" json:"set_control_number"` // ST02
	Verdict                 string                   `db:"-" json:"verdict"`            // of its set
	Disposition             string                   `db:"-" json:"disposition"`
	ProviderAdjustmentList  []ProviderAdjustmentItem `db:"-" json:"provider_adjustment_list"`
	ProviderAdjustmentsMore bool                     `db:"-" json:"provider_adjustments_more"` // the list holds the first 500
	Original                *PaymentRef              `db:"-" json:"original"`                  // of a duplicate; nil: it is none, or not the scope's
	Duplicates              []PaymentRef             `db:"-" json:"duplicates"`                // that name this one, the first 100
}

const maxProviderAdjustments = 500

// RemittanceDetail returns a payment.
func (db *DB) RemittanceDetail(ctx context.Context, scope Scope, id int64) (d RemittanceDetail, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		if d.Remittance, err = detailOf[Remittance](ctx, t, "remittance", "payment t"+paymentJoins, "t.account_id = ANY ($1::bigint[]) AND t.id = $2", scope.accountArray(), id); err != nil {
			return err
		}
		if err := t.fillRemittance(ctx, &d); err != nil {
			return err
		}
		return t.auditView(ctx, "remittance", id, d.AccountID)
	})
	return d, err
}

func (t *Tx) fillRemittance(ctx context.Context, d *RemittanceDetail) (err error) {
	var set struct {
		ControlNumber string `db:"control_number"`
		Verdict       string `db:"verdict"`
		Disposition   string `db:"disposition"`
	}
	err = t.get(ctx, &set, `SELECT control_number, verdict, disposition FROM transaction_set WHERE operator_id = $1 AND id = $2`, d.OperatorID, d.SetID)
	if err != nil && !isNotFound(err) {
		return fmt.Errorf("storage: set of remittance: %w", err)
	}
	d.SetControlNumber, d.Verdict, d.Disposition = set.ControlNumber, set.Verdict, set.Disposition
	d.ProviderAdjustmentList, err = t.providerAdjustments(ctx, "t.account_id = $1 AND t.payment_id = $2 ORDER BY t.no LIMIT 501", d.AccountID, d.ID)
	if err != nil {
		return err
	}
	if d.ProviderAdjustmentsMore = len(d.ProviderAdjustmentList) > maxProviderAdjustments; d.ProviderAdjustmentsMore {
		d.ProviderAdjustmentList = d.ProviderAdjustmentList[:maxProviderAdjustments]
	}
	// The same payment has the same trace, by whose index its duplicates are found.
	d.Duplicates, err = childrenOf[PaymentRef](ctx, t, "duplicates", "payment t"+paymentJoins,
		"t.account_id = ANY ($1::bigint[]) AND t.trace_number = $2 AND t.duplicate_of = $3 ORDER BY t.id LIMIT 100", t.scope.accountArray(), d.TraceNumber, d.ID)
	if err != nil || d.DuplicateOf == 0 {
		return err
	}
	d.Original, err = t.paymentRef(ctx, d.DuplicateOf)
	return err
}

// paymentRef returns a payment of the scope's accounts, nil if it isn't theirs.
func (t *Tx) paymentRef(ctx context.Context, id int64) (*PaymentRef, error) {
	p, err := detailOf[PaymentRef](ctx, t, "payment", "payment t"+paymentJoins, "t.account_id = ANY ($1::bigint[]) AND t.id = $2", t.scope.accountArray(), id)
	if isNotFound(err) {
		return nil, nil //nolint:nilnil // nil is nobody's to see
	}
	return &p, err
}

func (t *Tx) providerAdjustments(ctx context.Context, condition string, args ...any) ([]ProviderAdjustmentItem, error) {
	rows, err := childrenOf[ProviderAdjustmentItem](ctx, t, "provider adjustments",
		"provider_adjustment t LEFT JOIN claim_payment c ON c.account_id = t.account_id AND c.id = t.claim_id", condition, args...)
	for i := range rows {
		rows[i].ReasonText = describe(codes.PLBReason, rows[i].ReasonCode)
	}
	return rows, err
}

// describe returns what a code means, "" for no code or an unknown one.
func describe(list codes.List, code string) string {
	if code == "" {
		return ""
	}
	e, ok := codes.Lookup(list, code)
	if !ok {
		return ""
	}
	return e.Short
}
