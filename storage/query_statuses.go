package storage

import (
	"context"

	"github.com/ediport/ediport/edi/codes"
)

// ClaimStatuses returns the claims of 277s and 277CAs that match.
func (db *DB) ClaimStatuses(ctx context.Context, scope Scope, f AnswerFilter, page Page) ([]ClaimStatusAnswer, Cursor, error) {
	plan, ok := f.plan(scope, "claim statuses", "status", "claim_status_answer")
	if !ok {
		return []ClaimStatusAnswer{}, "", nil
	}
	f.exactly(&plan, f.people(), "t.patient_control_number", f.PatientControlNumber)
	plan.filters = append(plan.filters, prefixRange("t.category_code", f.Status)...)
	if f.Kind != "" {
		plan.filters = append(plan.filters, where("t.kind = ?", f.Kind))
	}
	plan.filter = f
	rows, next, err := patientList(ctx, db, scope, plan, page, func(a *ClaimStatusAnswer) (AccountID, int64) { return a.AccountID, a.ID })
	for i := range rows {
		rows[i].describe()
	}
	return uniqueRows(rows, func(a *ClaimStatusAnswer) int64 { return a.ID }), next, err
}

func (a *ClaimStatusAnswer) describe() {
	a.CategoryText, a.StatusText = describe(codes.ClaimStatusCategory, a.CategoryCode), describeStatus(a.StatusCode, a.EntityCode)
}

// describeStatus: with entity RX the status is a reject code of pharmacies, another list.
func describeStatus(status, entity string) string {
	if entity == "RX" {
		return ""
	}
	return describe(codes.ClaimStatus, status)
}

func (s *StatusItem) describe() {
	for _, c := range []struct {
		category, status, entity string
		texts                    [3]*string
	}{
		{s.CategoryCode, s.StatusCode, s.EntityCode, [3]*string{&s.CategoryText, &s.StatusText, &s.EntityText}},
		{s.CategoryCode2, s.StatusCode2, s.EntityCode2, [3]*string{&s.CategoryText2, &s.StatusText2, &s.EntityText2}},
		{s.CategoryCode3, s.StatusCode3, s.EntityCode3, [3]*string{&s.CategoryText3, &s.StatusText3, &s.EntityText3}},
	} {
		*c.texts[0], *c.texts[1] = describe(codes.ClaimStatusCategory, c.category), describeStatus(c.status, c.entity)
		*c.texts[2] = describe(codes.Entity, c.entity)
	}
}

// A ClaimStatusDetail is a claim's statuses at every level.
type ClaimStatusDetail struct {
	ClaimStatusAnswer
	FileName   string       `db:"-" json:"file_name"`
	StatusList []StatusItem `db:"-" json:"status_list"` // of the claim
	Above      []StatusItem `db:"-" json:"above"`       // of payer, receiver and provider, in its unit
	LineList   []StatusLine `db:"-" json:"line_list"`   // the first 1,000
}

const (
	statusesOfClaim = "t.account_id = $1 AND t.answer_id = $2 ORDER BY t.status_no LIMIT 5000"
	statusesAbove   = "t.account_id = $1 AND t.unit_id = $2 AND t.answer_id IS NULL ORDER BY t.status_no LIMIT 100"
	linesOfStatus   = "t.account_id = $1 AND t.answer_id = $2 ORDER BY t.line_no LIMIT 1000"
)

// ClaimStatusDetail returns one claim of a 277 or 277CA.
func (db *DB) ClaimStatusDetail(ctx context.Context, scope Scope, id int64) (d ClaimStatusDetail, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		d.ClaimStatusAnswer, err = detailOf[ClaimStatusAnswer](ctx, t, "claim status", "claim_status_answer t LEFT JOIN account a ON a.id = t.account_id",
			"t.account_id = ANY ($1::bigint[]) AND t.id = $2", scope.accountArray(), id)
		if err != nil {
			return err
		}
		d.describe()
		if d.FileName, err = t.fileName(ctx, d.OperatorID, d.FileID); err != nil {
			return err
		}
		if err := t.fillStatuses(ctx, &d); err != nil {
			return err
		}
		return t.auditView(ctx, "claim_status", id, d.AccountID)
	})
	return d, err
}

func (t *Tx) fillStatuses(ctx context.Context, d *ClaimStatusDetail) (err error) {
	if d.LineList, err = childrenOf[StatusLine](ctx, t, "status lines", "claim_status_line t", linesOfStatus, d.AccountID, d.ID); err != nil {
		return err
	}
	if d.Above, err = childrenOf[StatusItem](ctx, t, "statuses above", "claim_status t", statusesAbove, d.AccountID, d.UnitID); err != nil {
		return err
	}
	for i := range d.Above {
		d.Above[i].describe()
	}
	at := map[int]*[]StatusItem{}
	for i := range d.LineList {
		d.LineList[i].StatusList = []StatusItem{}
		at[d.LineList[i].LineNo] = &d.LineList[i].StatusList
	}
	all, err := childrenOf[StatusItem](ctx, t, "statuses", "claim_status t", statusesOfClaim, d.AccountID, d.ID)
	d.StatusList = []StatusItem{}
	for _, s := range all {
		s.describe()
		if list := at[s.LineNo]; s.LineNo != 0 && list != nil {
			*list = append(*list, s)
		} else {
			d.StatusList = append(d.StatusList, s)
		}
	}
	return err
}
