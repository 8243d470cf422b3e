package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// An OutboundItem is an outbound file as lists and pages show it: where it goes, how far it is, and what
// its receiver said of it.
type OutboundItem struct {
	OperatorID         OperatorID   `db:"operator_id" json:"-"`
	FileID             FileID       `db:"file_id" public:"fil"`
	ConnectionID       ConnectionID `db:"connection_id" public:"con"` // 0: kept here
	ConnectionName     string       `db:"connection_name" sql:"c.name"`
	PartnerID          PartnerID    `db:"partner_id" public:"prt"`
	PartnerName        string       `db:"partner_name" sql:"p.name"`
	Purpose            string       `db:"purpose"`
	State              string       `db:"state" sql:"f.state"`
	StateReason        string       `db:"state_reason" sql:"f.state_reason"` // a code; "": the state speaks for itself
	StateAt            time.Time    `db:"state_at" sql:"f.state_at"`
	Size               int64        `db:"size" sql:"f.size"`
	SHA256             string       `db:"sha256" sql:"encode(f.sha256, 'hex')"`
	Folder             string       `db:"folder"`     // remote; "": kept here
	Name               string       `db:"final_name"` // escaped
	Temporary          string       `db:"temporary_name"`
	Priority           int          `db:"priority"`
	Attempt            int          `db:"attempt"` // deliveries begun
	QueuedAt           time.Time    `db:"queued_at"`
	DueAt              *time.Time   `db:"due_at"`                      // not before, after failures; nil: at once
	SendingRunID       RunID        `db:"sending_run_id" public:"run"` // the last run that began a delivery
	SentAt             *time.Time   `db:"sent_at"`                     // of the last delivery; nil: never
	Sent               int          `db:"sent"`                        // deliveries that succeeded
	UncertainAt        *time.Time   `db:"uncertain_at"`                // nil: it is known what became of it
	AnswersFileID      FileID       `db:"answers_file_id" public:"fil"`
	AnswersInterchange int64        `db:"answers_interchange" public:"int"`
	AnswersKind        string       `db:"answers_kind"`    // TA1, 999; "": it is no acknowledgment
	Acknowledgment     string       `db:"acknowledgment"`  // what the receiver said: none, A, E, P, R, unclear
	AcknowledgedAt     *time.Time   `db:"acknowledged_at"` // nil: nothing yet
	Note               string       `db:"note"`            // a person's words when it was made void
}

// An OutboundFilter selects outbound files; zero fields select all.
type OutboundFilter struct {
	Connection     ConnectionID
	Partner        PartnerID
	States         []string
	Purpose        string
	Acknowledgment string // none, A, E, P, R, unclear
	Open           bool   // only those that wait or are under way
}

const outboundJoins = `
	JOIN file f ON f.operator_id = t.operator_id AND f.id = t.file_id
	LEFT JOIN partner p ON p.operator_id = t.operator_id AND p.id = t.partner_id
	LEFT JOIN connection c ON c.operator_id = t.operator_id AND c.id = t.connection_id`

var byFile = []ordering{{keys: []orderKey{{"t.file_id", "bigint"}}}}

// Outbounds returns the operator's outbound files that match, newest first.
func (db *DB) Outbounds(ctx context.Context, scope Scope, f OutboundFilter, page Page) ([]OutboundItem, Cursor, error) {
	plan := listPlan{
		name: "outbound", filter: f, part: "t.operator_id", parts: scope.operatorParts(), from: "outbound t", joins: outboundJoins,
		orderings: byFile, desc: true,
	}
	if len(f.States) > 0 {
		plan.filters = append(plan.filters, where("f.state = ANY (?::text[])", pq.Array(f.States)))
	}
	if f.Connection != 0 {
		plan.filters = append(plan.filters, where("t.connection_id = ?", f.Connection))
	}
	if f.Partner != 0 {
		plan.filters = append(plan.filters, where("t.partner_id = ?", f.Partner))
	}
	if f.Purpose != "" {
		plan.filters = append(plan.filters, where("t.purpose = ?", f.Purpose))
	}
	if f.Acknowledgment != "" {
		plan.filters = append(plan.filters, where("t.acknowledgment = ?", f.Acknowledgment))
	}
	if f.Open {
		plan.ranges = append(plan.ranges, where("t.open"))
	}
	return plainList[OutboundItem](ctx, db, scope, plan, page)
}

// Outbound returns one outbound file of the scope's operator; ErrNotFound.
func (t *Tx) Outbound(ctx context.Context, file FileID) (OutboundItem, error) {
	return detailOf[OutboundItem](ctx, t, "outbound file", "outbound t"+outboundJoins, "t.operator_id = $1 AND t.file_id = $2", t.scope.Operator, file)
}

// AnswersTo returns the TA1s and 999s that were made for a file, in its order, whether they leave or not; the first 500.
func (t *Tx) AnswersTo(ctx context.Context, file FileID) ([]OutboundItem, error) {
	return childrenOf[OutboundItem](ctx, t, "acknowledgments of file", "outbound t"+outboundJoins,
		"t.operator_id = $1 AND t.answers_file_id = $2 ORDER BY t.answers_interchange, t.answers_kind LIMIT 500", t.scope.Operator, file)
}

// OutboundReceipts returns the deliveries of a file, oldest first.
func (t *Tx) OutboundReceipts(ctx context.Context, file FileID) ([]OutboundReceipt, error) {
	all := []OutboundReceipt{}
	err := t.list(ctx, &all, `
SELECT no, coalesce(run_id, 0) AS run_id, remote_path, size, sha256, sent_at, certainty
FROM outbound_receipt
WHERE operator_id = $1 AND file_id = $2
ORDER BY no`, t.scope.Operator, file)
	if err != nil {
		return nil, fmt.Errorf("storage: receipts: %w", err)
	}
	return all, nil
}
