package storage

import (
	"context"
	"fmt"
)

// An AuditEvent says that somebody saw or did something. Operator, actor, address and correlation id
// are the scope's. The detail holds codes, counts and ids, never values of elements.
type AuditEvent struct {
	Action     string     // "signin.succeeded", "claim.viewed"
	Operator   OperatorID // 0: the scope's
	Account    AccountID  // 0: of no account
	ObjectKind string     // "" for none
	ObjectID   int64
	Result     string // "ok" (also ""), "denied", "failed"
	Detail     map[string]any

	// Then, if given, is done in the event's transaction after it: mail that tells the person concerned.
	Then func(context.Context, *Tx) error
}

const insertAudit = `
INSERT INTO audit_event (operator_id, id, account_id, actor_kind, actor_id, action, object_kind, object_id, result, address, correlation_id, detail)
VALUES ($1, $2, nullif($3::bigint, 0), $4, nullif($5::bigint, 0), $6, nullif($7, ''), nullif($8::bigint, 0), $9, nullif($10, ''), nullif($11, ''), $12::jsonb)`

// Audit appends an event in the act's own transaction: no act without its event, no event without
// its act.
func (t *Tx) Audit(ctx context.Context, e AuditEvent) error {
	t.noteBreakGlass(&e)
	detail, err := auditDetail(e.Detail)
	if err != nil {
		return fmt.Errorf("storage: audit %s: %w", e.Action, err)
	}
	id, err := t.NewID(ctx, IDAudit)
	if err != nil {
		return fmt.Errorf("storage: audit: %w", err)
	}
	if e.Operator == 0 {
		e.Operator = t.scope.Operator
	}
	if e.Result == "" {
		e.Result = "ok"
	}
	a := t.scope.Actor
	if a.Kind == "" {
		a.Kind = ActorSystem
	}
	if err := t.keepOnce(ctx, e.ObjectKind, e.ObjectID); err != nil {
		return err
	}
	_, err = t.exec(ctx, insertAudit, e.Operator, id, e.Account, string(a.Kind), a.ID, e.Action,
		e.ObjectKind, e.ObjectID, e.Result, cleanText(a.Address, maxAuditColumn), cleanText(a.Request, maxAuditColumn), detail)
	if err != nil {
		return fmt.Errorf("storage: audit: %w", err)
	}
	if e.Then != nil {
		return e.Then(ctx, t)
	}
	return nil
}
