package storage

import (
	"context"
	"fmt"
	"time"
)

// The states of a version of a practice's details.
const (
	PracticeRequested = "requested"
	PracticeApproved  = "approved"
	PracticeRejected  = "rejected"
	PracticeWithdrawn = "withdrawn"
)

// A PracticeVersion is what a practice's details are from a day on, or were asked to be.
type PracticeVersion struct {
	AccountID    AccountID  `db:"account_id"`
	ID           int64      `db:"id"`
	OperatorID   OperatorID `db:"operator_id"`
	State        string     `db:"state"`
	EffectiveOn  Day        `db:"effective_on"`
	Details      JSON       `db:"details"`
	Reason       string     `db:"reason"`
	RequestedBy  UserID     `db:"requested_by"` // 0: not a person
	RequestedAt  time.Time  `db:"requested_at"`
	DecidedBy    UserID     `db:"decided_by"` // 0: nobody, or not a person
	DecidedAt    *time.Time `db:"decided_at"` // nil: not decided
	DecisionNote string     `db:"decision_note"`
}

const insertPractice = `
INSERT INTO practice_detail (account_id, id, operator_id, state, effective_on, details, reason, requested_by, decided_by, decided_at)
VALUES ($1, $2, $3, $4, $5::date, $6::jsonb, $7, nullif($8::bigint, 0), nullif($9::bigint, 0), $10)`

// AddPractice adds a version and returns its id. ErrConflict: another request of the account is open.
func (t *Tx) AddPractice(ctx context.Context, v PracticeVersion) (int64, error) {
	id, err := t.NewID(ctx, "practice_detail")
	if err != nil {
		return 0, fmt.Errorf("storage: practice: %w", err)
	}
	_, err = t.exec(ctx, insertPractice, v.AccountID, id, v.OperatorID, v.State, string(v.EffectiveOn), string(v.Details), v.Reason,
		int64(v.RequestedBy), int64(v.DecidedBy), v.DecidedAt)
	if err != nil {
		return 0, fmt.Errorf("storage: practice: %w", err)
	}
	return id, nil
}

const decidePractice = `
UPDATE practice_detail SET state = $3, decided_by = nullif($4::bigint, 0), decided_at = $5, decision_note = $6
WHERE account_id = $1 AND id = $2 AND state = 'requested'`

// DecidePractice ends a request; ErrNotFound if there is none such that is open.
func (t *Tx) DecidePractice(ctx context.Context, account AccountID, id int64, state string, by UserID, note string) error {
	if err := t.execOne(ctx, decidePractice, account, id, state, int64(by), t.Now(), note); err != nil {
		return fmt.Errorf("storage: practice: %w", err)
	}
	return nil
}

// Practices returns the versions of an account that the scope may see, the latest day first, at most 200.
func (t *Tx) Practices(ctx context.Context, account AccountID) ([]PracticeVersion, error) {
	return childrenOf[PracticeVersion](ctx, t, "practice", "practice_detail t",
		"t.account_id = $1 AND (t.operator_id = $2 OR t.account_id = ANY ($3::bigint[])) ORDER BY t.effective_on DESC, t.id DESC LIMIT 200",
		account, t.scope.Operator, t.scope.accountArray())
}

// PracticesWaiting returns the operator's open requests, the oldest first, at most 500.
func (t *Tx) PracticesWaiting(ctx context.Context) ([]PracticeVersion, error) {
	return childrenOf[PracticeVersion](ctx, t, "practices", "practice_detail t",
		"t.operator_id = $1 AND t.state = 'requested' ORDER BY t.requested_at, t.id LIMIT 500", t.scope.Operator)
}
