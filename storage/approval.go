package storage

import (
	"context"
	"fmt"
	"time"
)

// PublicApproval begins the public ids of requests that wait for a second person.
const PublicApproval = "apv"

// An Approval is a request for something that takes two people.
type Approval struct {
	OperatorID  OperatorID `db:"operator_id"`
	ID          int64      `db:"id"`
	AccountID   AccountID  `db:"account_id"` // 0: of the operator itself
	Place       string     `db:"place"`      // name of the account or operator
	Kind        string     `db:"kind"`
	ObjectKind  string     `db:"object_kind"` // "": none
	ObjectID    int64      `db:"object_id"`
	Summary     string     `db:"summary"`
	Reason      string     `db:"reason"`
	Payload     JSON       `db:"payload"` // what it takes to do it
	RequestedBy UserID     `db:"requested_by"`
	Requester   string     `db:"requester"`
	RequestedAt time.Time  `db:"requested_at"`
	ExpiresAt   time.Time  `db:"expires_at"`
	Decision    string     `db:"decision"`   // "": none yet
	DecidedBy   UserID     `db:"decided_by"` // 0: nobody
	Decider     string     `db:"decider"`
	DecidedAt   *time.Time `db:"decided_at"` // nil: not yet
	Note        string     `db:"note"`       // of who decided; "": none
}

const (
	approvalColumns = `p.operator_id, p.id, coalesce(p.account_id, 0) AS account_id, coalesce(a.name, o.name, '') AS place, p.kind, p.object_kind,
	p.object_id, p.summary, p.reason, p.payload, p.requested_by, coalesce(r.name, '') AS requester, p.requested_at, p.expires_at,
	coalesce(p.decision, '') AS decision, coalesce(p.decided_by, 0) AS decided_by, coalesce(d.name, '') AS decider, p.decided_at, coalesce(p.note, '') AS note`

	approvalJoins = `
FROM approval p
LEFT JOIN account a ON a.id = p.account_id
LEFT JOIN operator o ON o.operator_id = p.operator_id
LEFT JOIN app_user r ON r.id = p.requested_by
LEFT JOIN app_user d ON d.id = p.decided_by`

	selectApprovals = `
SELECT ` + approvalColumns + approvalJoins + `
WHERE (p.operator_id = $1 OR p.account_id = ANY ($2::bigint[]))
ORDER BY p.decision IS NOT NULL, p.id DESC
LIMIT 200`

	selectApproval = `
SELECT ` + approvalColumns + approvalJoins + `
WHERE p.id = $1 AND (p.operator_id = $2 OR p.account_id = ANY ($3::bigint[]))`

	insertApproval = `
INSERT INTO approval (operator_id, id, account_id, kind, object_kind, object_id, summary, reason, payload, requested_by, requested_at, expires_at)
VALUES ($1, $2, nullif($3::bigint, 0), $4, $5, $6, $7, $8, $9::jsonb, $10, $11, $12)`

	expireApprovals = `
UPDATE approval SET decision = 'expired', decided_at = expires_at
WHERE operator_id = $1 AND decision IS NULL AND expires_at <= $2`

	decideApproval = `
UPDATE approval SET decision = $3, decided_by = $4, decided_at = $5, note = nullif($6, '')
WHERE operator_id = $1 AND id = $2 AND decision IS NULL AND expires_at > $5`
)

// AddApproval writes a request down and returns its id; ErrConflict if there is an open one about the same
// thing. In a transaction of InSystem.
func (t *Tx) AddApproval(ctx context.Context, a Approval) (int64, error) {
	if _, err := t.exec(ctx, expireApprovals, int64(a.OperatorID), a.RequestedAt); err != nil {
		return 0, fmt.Errorf("storage: approval: %w", err)
	}
	id, err := t.NewID(ctx, "approval")
	if err == nil {
		_, err = t.exec(ctx, insertApproval, int64(a.OperatorID), id, int64(a.AccountID), a.Kind, a.ObjectKind, a.ObjectID, a.Summary, a.Reason,
			string(a.Payload), int64(a.RequestedBy), a.RequestedAt, a.ExpiresAt)
	}
	if err != nil {
		return 0, fmt.Errorf("storage: approval: %w", err)
	}
	return id, nil
}

// Approvals returns the requests of the scope's operator and accounts, those that wait first, then newest
// first, at most 200.
func (t *Tx) Approvals(ctx context.Context) ([]Approval, error) {
	all := []Approval{}
	if err := t.list(ctx, &all, selectApprovals, int64(t.scope.Operator), t.scope.accountArray()); err != nil {
		return nil, fmt.Errorf("storage: approvals: %w", err)
	}
	return all, nil
}

// Approval returns one request of the scope; ErrNotFound.
func (t *Tx) Approval(ctx context.Context, id int64) (Approval, error) {
	var a Approval
	if err := t.get(ctx, &a, selectApproval, id, int64(t.scope.Operator), t.scope.accountArray()); err != nil {
		return a, fmt.Errorf("storage: approval: %w", err)
	}
	return a, nil
}

// DecideApproval writes the decision down; ErrConflict if there is one, or the request has expired.
func (t *Tx) DecideApproval(ctx context.Context, a Approval, decision string, by UserID, note string, now time.Time) error {
	n, err := t.exec(ctx, decideApproval, int64(a.OperatorID), a.ID, decision, int64(by), now, note)
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("storage: approval: %w", err)
	}
	return nil
}
