package storage

import (
	"context"
	"fmt"
	"slices"
)

// PublicAcknowledgment begins the public ids of acknowledgments that partners sent.
const PublicAcknowledgment = "ack"

// An AcknowledgmentFilter selects acknowledgments; zero fields select all.
type AcknowledgmentFilter struct {
	Kind          string // TA1, 999, 997
	Code          string // TA104 or AK901
	Usage         string // "": P
	File          FileID
	ControlNumber string // of the interchange (TA1) or group that it answers
}

const acknowledgmentJoins = `
	LEFT JOIN file f ON f.operator_id = t.operator_id AND f.id = t.file_id
	LEFT JOIN partner p ON p.operator_id = t.operator_id AND p.id = t.partner_id`

const matchedSetJoins = `
	LEFT JOIN outbound_set o ON o.operator_id = t.operator_id AND o.id = t.matched_set_id`

// Acknowledgments returns the operator's TA1, 999 and 997 that match, newest first.
func (db *DB) Acknowledgments(ctx context.Context, scope Scope, f AcknowledgmentFilter, page Page) ([]AcknowledgmentItem, Cursor, error) {
	usage, filters := usageFilter(f.Usage)
	f.Usage = usage
	for _, c := range []struct{ expr, value string }{{"t.kind", f.Kind}, {"t.code", f.Code}} {
		if c.value != "" {
			filters = append(filters, where(c.expr+" = ?", c.value))
		}
	}
	if f.ControlNumber != "" {
		filters = append(filters, where("t.interchange_control_number = ? OR t.group_control_number = ?", f.ControlNumber, f.ControlNumber))
	}
	plan := listPlan{
		name: "acknowledgments", filter: f, part: "t.operator_id", parts: scope.operatorParts(), from: "acknowledgment t", joins: acknowledgmentJoins,
		orderings: byID, desc: true, filters: filters,
	}
	if f.File != 0 {
		plan.ranges = []condition{where("t.file_id = ?", f.File)}
	}
	return plainList[AcknowledgmentItem](ctx, db, scope, plan, page)
}

// An AcknowledgmentDetail is an acknowledgment with what it says of sets.
type AcknowledgmentDetail struct {
	AcknowledgmentItem
	Sets []AcknowledgmentSetItem `db:"-" json:"sets"` // the first 1,000, each with its first errors

	SetsKnown bool `db:"-" json:"-"` // the file that it answers left with sets by which it can be matched
}

const selectSetsKnown = `SELECT EXISTS (SELECT 1 FROM outbound_set WHERE operator_id = $1 AND file_id = $2)`

// AcknowledgmentDetail returns one acknowledgment of the operator. What it quotes from a set may be a patient's number: that
// it was shown is in the audit.
func (db *DB) AcknowledgmentDetail(ctx context.Context, scope Scope, id int64) (d AcknowledgmentDetail, err error) {
	quoted := false
	err = db.InScopeRead(ctx, scope, func(t *Tx) error {
		if d.AcknowledgmentItem, err = detailOf[AcknowledgmentItem](ctx, t, "acknowledgment", "acknowledgment t"+acknowledgmentJoins,
			"t.operator_id = $1 AND t.id = $2", scope.Operator, id); err != nil {
			return err
		}
		if d.Sets, err = childrenOf[AcknowledgmentSetItem](ctx, t, "acknowledged sets", "acknowledgment_set t"+matchedSetJoins,
			"t.operator_id = $1 AND t.acknowledgment_id = $2 ORDER BY t.no LIMIT 1000", scope.Operator, id); err != nil {
			return err
		}
		if err := t.get(ctx, &d.SetsKnown, selectSetsKnown, scope.Operator, d.MatchedFileID); err != nil {
			return fmt.Errorf("storage: acknowledged sets: %w", err)
		}
		errs, err := childrenOf[AcknowledgmentErrorItem](ctx, t, "errors of acknowledged sets", "acknowledgment_error t",
			"t.operator_id = $1 AND t.acknowledgment_id = $2 ORDER BY t.set_no, t.no LIMIT 5000", scope.Operator, id)
		if err != nil {
			return err
		}
		quoted = slices.ContainsFunc(errs, func(e AcknowledgmentErrorItem) bool { return len(e.Context) > 0 })
		at := map[int]*AcknowledgmentSetItem{}
		for i := range d.Sets {
			at[d.Sets[i].No], d.Sets[i].Errors = &d.Sets[i], []AcknowledgmentErrorItem{}
		}
		for _, e := range errs {
			if s := at[e.SetNo]; s != nil {
				s.Errors = append(s.Errors, e)
			}
		}
		return nil
	})
	if err == nil && quoted {
		err = db.InScope(ctx, scope, func(t *Tx) error { return t.auditView(ctx, "acknowledgment", id, 0) })
	}
	return d, err
}
