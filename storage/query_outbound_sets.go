package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// An OutboundSetItem is a transaction set of a file of ours, and what its receiver said of it.
type OutboundSetItem struct {
	OperatorID          OperatorID     `db:"operator_id" json:"-"`
	ID                  int64          `db:"id" public:"set"`
	FileID              FileID         `db:"file_id" public:"fil"`
	Interchange         int            `db:"interchange_no"` // in the file, from 1
	Group               int            `db:"group_no"`       // in the interchange, from 1
	No                  int            `db:"set_no"`         // in the group, from 1
	SetCode             string         `db:"set_code"`       // ST01
	ControlNumber       string         `db:"control_number"` // ST02
	Guide               string         `db:"guide"`          // ST03, or GS08 where it was not sent
	ByteOffset          int64          `db:"byte_offset"`
	Acknowledgment      string         `db:"acknowledgment"`                  // the worst that was said: none, A, E, R, unclear
	AcknowledgmentID    int64          `db:"acknowledgment_id" public:"ack"`  // of the received one that said it; null: nothing did
	AcknowledgmentSetNo int            `db:"acknowledgment_set_no"`           // which set of it; 0: it was said of the group or interchange
	AcknowledgedAt      *time.Time     `db:"acknowledged_at"`                 // the first word
	ErrorCodes          pq.StringArray `db:"error_codes" sql:"s.error_codes"` // IK502–06 of what was said

	Errors []AcknowledgmentErrorItem `db:"-" json:"-"` // without their contexts; only [Tx.RefusedSets] reads them
}

// An OutboundSetFilter selects sets of one outbound file.
type OutboundSetFilter struct {
	File           FileID
	Acknowledgment string // "": all
}

const outboundSetJoins = `
	LEFT JOIN acknowledgment_set s ON s.operator_id = t.operator_id AND s.acknowledgment_id = t.acknowledgment_id AND s.no = t.acknowledgment_set_no`

var bySetPlace = []ordering{{keys: []orderKey{{"t.interchange_no", "integer"}, {"t.group_no", "integer"}, {"t.set_no", "integer"}}}}

// OutboundSets returns the sets of an outbound file of the operator that match, in the file's order.
func (db *DB) OutboundSets(ctx context.Context, scope Scope, f OutboundSetFilter, page Page) ([]OutboundSetItem, Cursor, error) {
	plan := listPlan{
		name: "outbound sets", filter: f, part: "t.operator_id", parts: scope.operatorParts(), from: "outbound_set t", joins: outboundSetJoins,
		orderings: bySetPlace, ranges: []condition{where("t.file_id = ?", f.File)},
	}
	if f.Acknowledgment != "" {
		plan.filters = []condition{where("t.acknowledgment = ?", f.Acknowledgment)}
	}
	return plainList[OutboundSetItem](ctx, db, scope, plan, page)
}

// A SetCount is of how many sets of a group of ours a word stands.
type SetCount struct {
	Interchange    int    `db:"interchange_no"`
	Group          int    `db:"group_no"`
	Acknowledgment string `db:"acknowledgment"`
	Sets           int    `db:"sets"`
}

// OutboundSetCounts counts the sets of an outbound file by group and by what was said of them.
func (t *Tx) OutboundSetCounts(ctx context.Context, file FileID) ([]SetCount, error) {
	all := []SetCount{}
	err := t.list(ctx, &all, `
SELECT interchange_no, group_no, acknowledgment, count(*) AS sets
FROM outbound_set
WHERE operator_id = $1 AND file_id = $2
GROUP BY interchange_no, group_no, acknowledgment
ORDER BY interchange_no, group_no, array_position(ARRAY['R', 'unclear', 'E', 'A', 'none'], acknowledgment)`, t.scope.Operator, file)
	if err != nil {
		return nil, fmt.Errorf("storage: outbound sets: %w", err)
	}
	return all, nil
}

// RefusedSets returns the sets of an outbound file that were rejected, accepted with errors, or of which it is not clear, the
// worst first, at most limit, each with its first errors.
func (t *Tx) RefusedSets(ctx context.Context, file FileID, limit int) ([]OutboundSetItem, error) {
	sets, err := childrenOf[OutboundSetItem](ctx, t, "refused sets", "outbound_set t"+outboundSetJoins,
		`t.operator_id = $1 AND t.file_id = $2 AND t.acknowledgment IN ('R', 'unclear', 'E')
ORDER BY array_position(ARRAY['R', 'unclear', 'E'], t.acknowledgment), t.interchange_no, t.group_no, t.set_no LIMIT $3`, t.scope.Operator, file, limit)
	if err != nil {
		return nil, err
	}
	type place struct {
		acknowledgment int64
		set            int
	}
	at := map[place]*OutboundSetItem{}
	var acknowledgments, numbers []int64
	for i := range sets {
		if s := &sets[i]; s.AcknowledgmentSetNo != 0 {
			at[place{s.AcknowledgmentID, s.AcknowledgmentSetNo}] = s
			acknowledgments, numbers = append(acknowledgments, s.AcknowledgmentID), append(numbers, int64(s.AcknowledgmentSetNo))
		}
	}
	errs := []AcknowledgmentErrorItem{}
	err = t.list(ctx, &errs, `
SELECT e.operator_id, e.acknowledgment_id, e.set_no, e.no, e.byte_offset, e.segment, e.position, e.loop, e.segment_code, e.element, e.component,
	e.repetition, coalesce(e.element_code, '') AS element_code
FROM unnest($2::bigint[], $3::integer[]) AS n (acknowledgment_id, set_no)
CROSS JOIN LATERAL (
	SELECT *
	FROM acknowledgment_error e
	WHERE e.operator_id = $1 AND e.acknowledgment_id = n.acknowledgment_id AND e.set_no = n.set_no
	ORDER BY e.no
	LIMIT 20) e
ORDER BY e.acknowledgment_id, e.set_no, e.no`, t.scope.Operator, pq.Array(acknowledgments), pq.Array(numbers))
	if err != nil {
		return nil, fmt.Errorf("storage: errors of refused sets: %w", err)
	}
	for _, e := range errs {
		if s := at[place{e.AcknowledgmentID, e.SetNo}]; s != nil {
			s.Errors = append(s.Errors, e)
		}
	}
	return sets, nil
}
