package storage

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// PublicBreakGlass begins the public ids of emergency access.
const PublicBreakGlass = "brk"

// SubjectAccount is what the alarm of emergency access is about.
const SubjectAccount = "account"

// noteBreakGlass marks an event on an account that is open because of an emergency.
func (t *Tx) noteBreakGlass(e *AuditEvent) {
	id := t.scope.BreakGlass[e.Account]
	if id == 0 {
		return
	}
	detail := maps.Clone(e.Detail)
	if detail == nil {
		detail = map[string]any{}
	}
	detail["break_glass"] = t.db.PublicIDs().Format(PublicBreakGlass, id)
	e.Detail = detail
}

// A BreakGlass is access to an account that a person took in an emergency.
type BreakGlass struct {
	OperatorID  OperatorID `db:"operator_id"`
	ID          int64      `db:"id"`
	AccountID   AccountID  `db:"account_id"`
	AccountName string     `db:"account_name"`
	UserID      UserID     `db:"user_id"`
	UserName    string     `db:"user_name"`
	Role        string     `db:"role"`
	Reason      string     `db:"reason"`
	StartedAt   time.Time  `db:"started_at"`
	EndsAt      time.Time  `db:"ends_at"`
	EndedAt     *time.Time `db:"ended_at"`    // nil: at EndsAt
	ReviewedAt  *time.Time `db:"reviewed_at"` // nil: not looked at yet
	ReviewedBy  UserID     `db:"reviewed_by"` // 0: not looked at yet
	Reviewer    string     `db:"reviewer"`
	Review      string     `db:"review"`
	Events      int        `db:"events"` // in the audit of the account, while it was open
}

const (
	insertBreakGlass = `
INSERT INTO break_glass (operator_id, id, account_id, user_id, role, reason, started_at, ends_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`

	breakGlassColumns = `b.operator_id, b.id, b.account_id, a.name AS account_name, b.user_id, coalesce(u.name, '') AS user_name, b.role, b.reason,
	b.started_at, b.ends_at, b.ended_at, b.reviewed_at, coalesce(b.reviewed_by, 0) AS reviewed_by, coalesce(r.name, '') AS reviewer,
	coalesce(b.review, '') AS review,
	(SELECT count(*) FROM audit_event e WHERE e.account_id = b.account_id AND e.at >= b.started_at AND e.at <= coalesce(b.ended_at, b.ends_at)
		AND e.actor_kind = 'user' AND e.actor_id = b.user_id AND e.detail ? 'break_glass') AS events`

	breakGlassJoins = `
FROM break_glass b JOIN account a ON a.id = b.account_id
LEFT JOIN app_user u ON u.id = b.user_id
LEFT JOIN app_user r ON r.id = b.reviewed_by`

	selectBreakGlasses = `
SELECT ` + breakGlassColumns + breakGlassJoins + `
WHERE (b.operator_id = $1 OR b.account_id = ANY ($2::bigint[]))
ORDER BY b.reviewed_at IS NOT NULL, b.id DESC
LIMIT 200`

	selectBreakGlass = `
SELECT ` + breakGlassColumns + breakGlassJoins + `
WHERE b.id = $1 AND (b.operator_id = $2 OR b.account_id = ANY ($3::bigint[]))`

	reviewBreakGlass = `
UPDATE break_glass SET reviewed_at = $4, reviewed_by = $3, review = $5
WHERE operator_id = $1 AND id = $2 AND reviewed_at IS NULL`

	endBreakGlass = `
UPDATE break_glass SET ended_at = $3
WHERE operator_id = $1 AND id = $2 AND ended_at IS NULL AND ends_at > $3`

	endBreakGlassMembership = `
UPDATE membership SET ended_at = $2
WHERE break_glass_id = $1 AND ended_at IS NULL`
)

// AddBreakGlass writes emergency access down and returns its id. In a transaction of InSystem.
func (t *Tx) AddBreakGlass(ctx context.Context, b BreakGlass) (int64, error) {
	id, err := t.NewID(ctx, "break_glass")
	if err == nil {
		_, err = t.exec(ctx, insertBreakGlass, int64(b.OperatorID), id, int64(b.AccountID), int64(b.UserID), b.Role, b.Reason, b.StartedAt, b.EndsAt)
	}
	if err != nil {
		return 0, fmt.Errorf("storage: emergency access: %w", err)
	}
	return id, nil
}

// BreakGlasses returns emergency access to the scope's accounts, or any of the operator's, not reviewed ones
// first, then newest first, at most 200.
func (t *Tx) BreakGlasses(ctx context.Context) ([]BreakGlass, error) {
	all := []BreakGlass{}
	if err := t.list(ctx, &all, selectBreakGlasses, int64(t.scope.Operator), t.scope.accountArray()); err != nil {
		return nil, fmt.Errorf("storage: emergency access: %w", err)
	}
	return all, nil
}

// BreakGlassOf returns one; ErrNotFound.
func (t *Tx) BreakGlassOf(ctx context.Context, id int64) (BreakGlass, error) {
	var b BreakGlass
	if err := t.get(ctx, &b, selectBreakGlass, id, int64(t.scope.Operator), t.scope.accountArray()); err != nil {
		return b, fmt.Errorf("storage: emergency access: %w", err)
	}
	return b, nil
}

// ReviewBreakGlass notes that somebody has looked at it; ErrNotFound if somebody had.
func (t *Tx) ReviewBreakGlass(ctx context.Context, b BreakGlass, by UserID, review string, now time.Time) error {
	if err := t.execOne(ctx, reviewBreakGlass, int64(b.OperatorID), b.ID, int64(by), now, review); err != nil {
		return fmt.Errorf("storage: emergency access: %w", err)
	}
	return nil
}

// EndBreakGlass ends it before its time; ErrNotFound if it is over.
func (t *Tx) EndBreakGlass(ctx context.Context, b BreakGlass, now time.Time) error {
	err := t.execOne(ctx, endBreakGlass, int64(b.OperatorID), b.ID, now)
	if err == nil {
		_, err = t.exec(ctx, endBreakGlassMembership, b.ID, now)
	}
	if err != nil {
		return fmt.Errorf("storage: emergency access: %w", err)
	}
	return nil
}
