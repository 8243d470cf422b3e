package storage

import (
	"context"
	"fmt"

	"github.com/ediport/ediport/edi/codes"
)

// EligibilityAnswers returns the answers of 271s that match.
func (db *DB) EligibilityAnswers(ctx context.Context, scope Scope, f AnswerFilter, page Page) ([]EligibilityAnswer, Cursor, error) {
	plan, ok := f.plan(scope, "eligibility", "eligibility", "eligibility_answer")
	if !ok {
		return []EligibilityAnswer{}, "", nil
	}
	if f.Status != "" {
		plan.filters = append(plan.filters, where("t.status = ?", f.Status))
	}
	plan.filter = f
	rows, next, err := patientList(ctx, db, scope, plan, page, func(e *EligibilityAnswer) (AccountID, int64) { return e.AccountID, e.ID })
	return uniqueRows(rows, func(e *EligibilityAnswer) int64 { return e.ID }), next, err
}

// An EligibilityDetail is what a 271 says of one person, all of it.
type EligibilityDetail struct {
	EligibilityAnswer
	FileName      string          `db:"-" json:"file_name"`
	BenefitList   []BenefitItem   `db:"-" json:"benefit_list"`   // in file order
	BenefitsMore  bool            `db:"-" json:"benefits_more"`  // the list holds the first 2,000
	RejectionList []RejectionItem `db:"-" json:"rejection_list"` // of the person, and of payer and provider above it
}

const maxBenefits = 2000

// EligibilityDetail returns one answer.
func (db *DB) EligibilityDetail(ctx context.Context, scope Scope, id int64) (d EligibilityDetail, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		d.EligibilityAnswer, err = detailOf[EligibilityAnswer](ctx, t, "eligibility answer", "eligibility_answer t LEFT JOIN account a ON a.id = t.account_id",
			"t.account_id = ANY ($1::bigint[]) AND t.id = $2", scope.accountArray(), id)
		if err != nil {
			return err
		}
		if d.FileName, err = t.fileName(ctx, d.OperatorID, d.FileID); err != nil {
			return err
		}
		if err := t.fillBenefits(ctx, &d); err != nil {
			return err
		}
		if err := t.fillRejections(ctx, &d); err != nil {
			return err
		}
		return t.auditView(ctx, "eligibility", id, d.AccountID)
	})
	return d, err
}

// fileName returns the name of a file, "" if it isn't the scope's to see.
func (t *Tx) fileName(ctx context.Context, operator OperatorID, file FileID) (name string, err error) {
	err = t.get(ctx, &name, `SELECT name FROM file WHERE operator_id = $1 AND id = $2`, operator, file)
	if err != nil && !isNotFound(err) {
		return "", fmt.Errorf("storage: file: %w", err)
	}
	return name, nil
}

func (t *Tx) fillBenefits(ctx context.Context, d *EligibilityDetail) (err error) {
	const ofAnswer = "t.account_id = $1 AND t.answer_id = $2 AND t.benefit_no <= $3 ORDER BY t.benefit_no"
	last := 1 << 30
	if d.BenefitList, err = childrenOf[BenefitItem](ctx, t, "benefits", "benefit t", ofAnswer+" LIMIT 2001", d.AccountID, d.ID, last); err != nil {
		return err
	}
	if d.BenefitsMore = len(d.BenefitList) > maxBenefits; d.BenefitsMore {
		d.BenefitList = d.BenefitList[:maxBenefits]
		last = d.BenefitList[maxBenefits-1].BenefitNo
	}
	at := map[int]*BenefitItem{}
	for i := range d.BenefitList {
		b := &d.BenefitList[i]
		b.describe()
		at[b.BenefitNo] = b
	}
	var types []struct {
		BenefitNo   int    `db:"benefit_no"`
		ServiceType string `db:"service_type"`
	}
	if err = t.list(ctx, &types, "SELECT t.benefit_no, t.service_type FROM benefit_service_type t WHERE "+ofAnswer+", t.no", d.AccountID, d.ID, last); err != nil {
		return fmt.Errorf("storage: service types: %w", err)
	}
	for _, s := range types {
		if b := at[s.BenefitNo]; b != nil {
			b.ServiceTypes = append(b.ServiceTypes, CodeText{s.ServiceType, describe(codes.ServiceType, s.ServiceType)})
		}
	}
	details, err := childrenOf[BenefitDetailItem](ctx, t, "benefit details", "benefit_detail t", ofAnswer+", t.no", d.AccountID, d.ID, last)
	for _, x := range details {
		if b := at[x.BenefitNo]; b != nil {
			b.Details = append(b.Details, x)
		}
	}
	return err
}

func (b *BenefitItem) describe() {
	b.ServiceTypes, b.Details = []CodeText{}, []BenefitDetailItem{}
	b.InformationText = describe(codes.EligibilityInformation, b.InformationCode)
	b.CoverageText = describe(codes.CoverageLevel, b.CoverageLevel)
	b.InsuranceText = describe(codes.InsuranceType, b.InsuranceType)
	b.PeriodText = describe(codes.TimePeriod, b.TimePeriod)
}

// fillRejections reads the AAA of the person, and those above any person of its unit, which say why
// there is nothing else.
func (t *Tx) fillRejections(ctx context.Context, d *EligibilityDetail) (err error) {
	d.RejectionList, err = childrenOf[RejectionItem](ctx, t, "rejections", "eligibility_rejection t",
		"t.account_id = $1 AND t.unit_id = $2 AND (t.answer_id = $3 OR t.answer_id IS NULL) ORDER BY t.no LIMIT 500", d.AccountID, d.UnitID, d.ID)
	for i := range d.RejectionList {
		r := &d.RejectionList[i]
		r.ReasonText, r.FollowUpText = describe(codes.RejectReason, r.ReasonCode), describe(codes.FollowUp, r.FollowUp)
	}
	return err
}
