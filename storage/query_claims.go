package storage

import (
	"context"
	"fmt"
	"slices"

	"github.com/ediport/ediport/edi/codes"
)

const claimJoins = `
	LEFT JOIN account a ON a.id = t.account_id
	LEFT JOIN payment p ON p.account_id = t.account_id AND p.id = t.payment_id`

// ClaimsOfPayment selects claims of one payment.
type ClaimsOfPayment struct {
	Payment    int64
	Denied     bool // only those with denied lines
	Unbalanced bool // only those that don't balance
}

// RemittanceClaims returns the claims of a payment in file order.
func (db *DB) RemittanceClaims(ctx context.Context, scope Scope, f ClaimsOfPayment, page Page) (rows []Claim, next Cursor, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		p, err := detailOf[Remittance](ctx, t, "remittance", "payment t"+paymentJoins, "t.account_id = ANY ($1::bigint[]) AND t.id = $2", scope.accountArray(), f.Payment)
		if err != nil {
			return err
		}
		plan := listPlan{
			name: "claims of remittance", filter: f, part: "t.account_id", parts: []int64{int64(p.AccountID)}, from: "claim_payment t", joins: claimJoins,
			orderings: byID,
			ranges:    []condition{where("t.id BETWEEN ? AND ?", p.FirstClaimID, p.LastClaimID), where("t.payment_id = ?", p.ID)},
		}
		if f.Denied {
			plan.filters = append(plan.filters, where("t.denied_lines > 0"))
		}
		if f.Unbalanced {
			plan.filters = append(plan.filters, where("NOT t.balanced"))
		}
		if rows, next, err = listRows[Claim](ctx, t, plan, page); err != nil || len(rows) == 0 {
			return err
		}
		describeClaims(rows)
		shown := shownRows{}
		for i := range rows {
			shown.add(rows[i].AccountID, rows[i].ID)
		}
		return t.auditList(ctx, plan.name, filterNames(f), shown)
	})
	if err != nil {
		return nil, "", err
	}
	return rows, next, nil
}

func describeClaims(rows []Claim) {
	for i := range rows {
		rows[i].StatusText = describe(codes.ClaimPaymentStatus, rows[i].StatusCode)
	}
}

// A ClaimFilter selects claims over all payments; zero fields select all.
type ClaimFilter struct {
	Account                 AccountID
	PatientControlNumber    string // exactly
	PayerClaimControlNumber string // exactly
	Name                    string // of patient or insured: "SMITH" begins the last name, "SMITH, JO" is the last name and begins the first
	MemberID                string // exactly
	Denied                  bool
	From, To                Day    // payment date, both included
	Usage                   string // "": P
}

// Claims returns the claims that match, newest first; by name if a name is asked for.
func (db *DB) Claims(ctx context.Context, scope Scope, f ClaimFilter, page Page) ([]Claim, Cursor, error) {
	people := personSearch{Kind: "claim", Name: f.Name, MemberID: f.MemberID}
	plan := people.plan("claim_payment", claimJoins, byID)
	plan.name, plan.parts = "claims", scope.accountParts(f.Account)
	if people.asked() || f.PatientControlNumber != "" {
		plan.parts = scope.unmaskedParts(f.Account)
	}
	usage, filters := usageFilter(f.Usage)
	f.Usage = usage
	plan.filter = f
	for _, c := range []struct{ column, value string }{{"t.patient_control_number", f.PatientControlNumber}, {"t.payer_claim_control_number", f.PayerClaimControlNumber}} {
		switch {
		case c.value == "":
		case people.asked():
			filters = append(filters, where(c.column+" = ?", c.value))
		default:
			plan.ranges = append(plan.ranges, where(c.column+" = ?", c.value))
		}
	}
	if f.Denied {
		filters = append(filters, where("t.denied_lines > 0"))
	}
	days, ok := dayFilters("t.payment_date", f.From, f.To)
	if !ok {
		return []Claim{}, "", nil
	}
	plan.filters = slices.Concat(plan.filters, filters, days)
	rows, next, err := patientList(ctx, db, scope, plan, page, func(c *Claim) (AccountID, int64) { return c.AccountID, c.ID })
	describeClaims(rows)
	return uniqueRows(rows, func(c *Claim) int64 { return c.ID }), next, err
}

// dayFilters bounds a date column; false if a day isn't one.
func dayFilters(expr string, from, to Day) ([]condition, bool) {
	var out []condition
	if from != "" {
		out = append(out, where(expr+" >= ?::date", string(from)))
	}
	if to != "" {
		out = append(out, where(expr+" <= ?::date", string(to)))
	}
	return out, (from == "" || from.Valid()) && (to == "" || to.Valid())
}

// uniqueRows leaves out what a search found twice: a person may be mentioned as patient and insured.
func uniqueRows[T any](rows []T, id func(*T) int64) []T {
	seen := make(map[int64]bool, len(rows))
	return slices.DeleteFunc(rows, func(r T) bool {
		twice := seen[id(&r)]
		seen[id(&r)] = true
		return twice
	})
}

// A ClaimRef leads to a claim payment of the same thread.
type ClaimRef struct {
	ID                   int64  `db:"id" public:"clm"`
	PaymentID            int64  `db:"payment_id" public:"pay"`
	PatientControlNumber string `db:"patient_control_number" mask:"account"`
	StatusCode           string `db:"status_code"`
	Charge               Money  `db:"charge"`
	Paid                 Money  `db:"paid"`
	PaymentDate          Day    `db:"payment_date"`
	FileID               FileID `db:"file_id" public:"fil"`
}

// A ClaimDetail is a claim payment with its lines, reasons and thread.
type ClaimDetail struct {
	Claim
	Payment                *PaymentRef              `db:"-" json:"payment"`
	AdjustmentList         []ClaimAdjustment        `db:"-" json:"adjustment_list"` // of the claim itself
	LineList               []ClaimLine              `db:"-" json:"line_list"`
	LinesMore              bool                     `db:"-" json:"lines_more"`   // the list holds the first 1,000
	RemarkTexts            []string                 `db:"-" json:"remark_texts"` // as RemarkCodes
	Reverses               *ClaimRef                `db:"-" json:"reverses"`
	ReversedBy             *ClaimRef                `db:"-" json:"reversed_by"`
	Corrects               *ClaimRef                `db:"-" json:"corrects"`
	CorrectedBy            *ClaimRef                `db:"-" json:"corrected_by"`
	ProviderAdjustmentList []ProviderAdjustmentItem `db:"-" json:"provider_adjustment_list"` // PLBs that name it, the first 100
}

const (
	maxLines = 1000
	// A correction has the thread of what it corrects: the payer's number, or the provider's.
	correctedBy = `t.account_id = $1 AND t.patient_control_number = $2 AND t.corrects_claim_id = $3 ORDER BY t.id LIMIT 1`
	// A PLB names a claim by one of its numbers.
	plbOfClaim = `t.account_id = $1 AND t.reference = ANY ($2::text[]) AND t.claim_id = $3 ORDER BY t.payment_id, t.no LIMIT 100`
)

// ClaimDetail returns a claim payment.
func (db *DB) ClaimDetail(ctx context.Context, scope Scope, id int64) (d ClaimDetail, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		if d.Claim, err = detailOf[Claim](ctx, t, "claim", "claim_payment t"+claimJoins, "t.account_id = ANY ($1::bigint[]) AND t.id = $2", scope.accountArray(), id); err != nil {
			return err
		}
		if err := t.fillClaim(ctx, &d); err != nil {
			return fmt.Errorf("storage: claim: %w", err)
		}
		return t.auditView(ctx, "claim", id, d.AccountID)
	})
	return d, err
}
