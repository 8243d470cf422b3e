package storage

import (
	"context"

	"github.com/ediport/ediport/edi/codes"
)

// Authorizations returns the patient events of 278s that match.
func (db *DB) Authorizations(ctx context.Context, scope Scope, f AnswerFilter, page Page) ([]Authorization, Cursor, error) {
	plan, ok := f.plan(scope, "authorizations", "authorization", "authorization_event")
	if !ok {
		return []Authorization{}, "", nil
	}
	f.exactly(&plan, f.people(), "t.certification_number", f.Certification)
	for _, c := range []struct{ column, value string }{{"t.outcome", f.Status}, {"t.kind", f.Kind}} {
		if c.value != "" {
			plan.filters = append(plan.filters, where(c.column+" = ?", c.value))
		}
	}
	plan.filter = f
	rows, next, err := patientList(ctx, db, scope, plan, page, func(a *Authorization) (AccountID, int64) { return a.AccountID, a.ID })
	for i := range rows {
		rows[i].ActionText = describe(codes.CertificationAction, rows[i].ActionCode)
	}
	return uniqueRows(rows, func(a *Authorization) int64 { return a.ID }), next, err
}

// An AuthorizationDetail is a patient event with its services and the history of decisions.
type AuthorizationDetail struct {
	Authorization
	FileName    string                     `db:"-" json:"file_name"`
	ServiceList []AuthorizationServiceItem `db:"-" json:"service_list"` // the first 500
	Decisions   []DecisionItem             `db:"-" json:"decisions"`    // of the event itself, oldest first
}

const (
	servicesOfEvent  = "t.account_id = $1 AND t.event_id = $2 ORDER BY t.service_no LIMIT 500"
	decisionsOfEvent = "t.account_id = $1 AND t.event_id = $2 ORDER BY t.decided_at, t.unit_id, t.decision_no LIMIT 2000"
	// An AAA above any event of the unit refuses them all.
	decisionsAbove = "t.account_id = $1 AND t.unit_id = $2 AND t.event_id IS NULL ORDER BY t.decision_no LIMIT 100"
)

// AuthorizationDetail returns one patient event.
func (db *DB) AuthorizationDetail(ctx context.Context, scope Scope, id int64) (d AuthorizationDetail, err error) {
	err = db.InScope(ctx, scope, func(t *Tx) error {
		d.Authorization, err = detailOf[Authorization](ctx, t, "authorization", "authorization_event t LEFT JOIN account a ON a.id = t.account_id",
			"t.account_id = ANY ($1::bigint[]) AND t.id = $2", scope.accountArray(), id)
		if err != nil {
			return err
		}
		d.ActionText = describe(codes.CertificationAction, d.ActionCode)
		if d.FileName, err = t.fileName(ctx, d.OperatorID, d.FileID); err != nil {
			return err
		}
		if err := t.fillDecisions(ctx, &d); err != nil {
			return err
		}
		return t.auditView(ctx, "authorization", id, d.AccountID)
	})
	return d, err
}

func (t *Tx) fillDecisions(ctx context.Context, d *AuthorizationDetail) (err error) {
	if d.ServiceList, err = childrenOf[AuthorizationServiceItem](ctx, t, "services", "authorization_service t", servicesOfEvent, d.AccountID, d.ID); err != nil {
		return err
	}
	at := map[int]*[]DecisionItem{}
	for i := range d.ServiceList {
		s := &d.ServiceList[i]
		s.ActionText, s.Decisions = describe(codes.CertificationAction, s.ActionCode), []DecisionItem{}
		at[s.ServiceNo] = &s.Decisions
	}
	above, err := childrenOf[DecisionItem](ctx, t, "decisions above", "authorization_decision t", decisionsAbove, d.AccountID, d.UnitID)
	if err != nil {
		return err
	}
	own, err := childrenOf[DecisionItem](ctx, t, "decisions", "authorization_decision t", decisionsOfEvent, d.AccountID, d.ID)
	d.Decisions = []DecisionItem{}
	for _, x := range append(above, own...) {
		x.describe()
		if list := at[x.ServiceNo]; x.ServiceNo != 0 && list != nil {
			*list = append(*list, x)
		} else {
			d.Decisions = append(d.Decisions, x)
		}
	}
	return err
}

func (x *DecisionItem) describe() {
	x.ActionText = describe(codes.CertificationAction, x.ActionCode)
	x.RejectText, x.FollowUpText = describe(codes.RejectReason, x.RejectReason), describe(codes.FollowUp, x.FollowUp)
	x.ReasonTexts = make([]string, len(x.ReasonCodes))
	for i, r := range x.ReasonCodes {
		x.ReasonTexts[i] = describe(codes.HCDecisionReason, r)
	}
}
