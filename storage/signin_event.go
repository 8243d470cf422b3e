package storage

import "context"

// auditAs appends an event of another actor than the transaction's: whoever the token or session that
// was just read belongs to.
func (t *Tx) auditAs(ctx context.Context, actor Actor, e AuditEvent) error {
	as := *t
	as.scope.Actor = actor
	return as.Audit(ctx, e)
}

// AppendEvents appends events that no act of the database goes with: a refused sign-in, a page that
// showed a patient's data.
func (s *SignIn) AppendEvents(ctx context.Context, actor Actor, events ...AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		for _, e := range events {
			if err := t.Audit(ctx, e); err != nil {
				return err
			}
		}
		return nil
	})
}
