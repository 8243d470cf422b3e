package storage

import (
	"context"

	"github.com/lib/pq"

	"github.com/ediport/ediport/edi/codes"
)

// fillClaim reads what hangs below a claim.
func (t *Tx) fillClaim(ctx context.Context, d *ClaimDetail) (err error) {
	d.StatusText = describe(codes.ClaimPaymentStatus, d.StatusCode)
	d.RemarkTexts = remarkTexts(d.RemarkCodes)
	if d.Payment, err = t.paymentRef(ctx, d.PaymentID); err != nil {
		return err
	}
	if err = t.fillLines(ctx, d); err != nil {
		return err
	}
	if err = t.fillThread(ctx, d); err != nil {
		return err
	}
	numbers := []string{}
	for _, n := range []string{d.PatientControlNumber, d.PayerClaimControlNumber} {
		if n != "" {
			numbers = append(numbers, n)
		}
	}
	d.ProviderAdjustmentList, err = t.providerAdjustments(ctx, plbOfClaim, d.AccountID, pq.Array(numbers), d.ID)
	return err
}

// fillLines reads lines and reasons, and puts each reason where it belongs.
func (t *Tx) fillLines(ctx context.Context, d *ClaimDetail) (err error) {
	d.LineList, err = childrenOf[ClaimLine](ctx, t, "service lines", "service_line t", "t.account_id = $1 AND t.claim_id = $2 ORDER BY t.line_no LIMIT $3", d.AccountID, d.ID, maxLines+1)
	if err != nil {
		return err
	}
	if d.LinesMore = len(d.LineList) > maxLines; d.LinesMore {
		d.LineList = d.LineList[:maxLines]
	}
	reasons, err := childrenOf[ClaimAdjustment](ctx, t, "adjustments", "adjustment t",
		"t.account_id = $1 AND t.claim_id = $2 AND t.line_no <= $3 ORDER BY t.line_no, t.adj_no", d.AccountID, d.ID, maxLines)
	if err != nil {
		return err
	}
	d.AdjustmentList = []ClaimAdjustment{}
	at := map[int]*[]ClaimAdjustment{0: &d.AdjustmentList}
	for i := range d.LineList {
		l := &d.LineList[i]
		l.Adjustments, l.RemarkTexts = []ClaimAdjustment{}, remarkTexts(l.RemarkCodes)
		at[l.LineNo] = &l.Adjustments
	}
	for _, a := range reasons {
		a.GroupText, a.ReasonText = describe(codes.AdjustmentGroup, a.GroupCode), describe(codes.CARC, a.ReasonCode)
		if list := at[a.LineNo]; list != nil {
			*list = append(*list, a)
		}
	}
	return nil
}

// fillThread finds the claim payments that this one undoes, replaces, or is undone and replaced by.
func (t *Tx) fillThread(ctx context.Context, d *ClaimDetail) (err error) {
	for _, link := range []struct {
		id int64
		to **ClaimRef
	}{{d.ReversesClaimID, &d.Reverses}, {d.ReversedByClaimID, &d.ReversedBy}, {d.CorrectsClaimID, &d.Corrects}} {
		if link.id == 0 {
			continue
		}
		if *link.to, err = t.claimRef(ctx, "t.account_id = $1 AND t.id = $2", d.AccountID, link.id); err != nil {
			return err
		}
	}
	if d.ReversedByClaimID != 0 {
		d.CorrectedBy, err = t.claimRef(ctx, correctedBy, d.AccountID, d.PatientControlNumber, d.ID)
	}
	return err
}

func (t *Tx) claimRef(ctx context.Context, condition string, args ...any) (*ClaimRef, error) {
	c, err := detailOf[ClaimRef](ctx, t, "claim of the thread", "claim_payment t", condition, args...)
	if isNotFound(err) {
		return nil, nil //nolint:nilnil // nil is none on file
	}
	return &c, err
}

func remarkTexts(remarks []string) []string {
	texts := make([]string, len(remarks))
	for i, r := range remarks {
		texts[i] = describe(codes.RARC, r)
	}
	return texts
}
