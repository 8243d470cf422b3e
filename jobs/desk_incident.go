package jobs

import (
	"context"

	"github.com/ediport/ediport/storage"
)

// AcknowledgeIncident notes that the person who acts looks after an incident. storage.ErrConflict:
// somebody does already, or it is over.
func (d *Desk) AcknowledgeIncident(ctx context.Context, scope storage.Scope, id int64) error {
	return d.audited(ctx, scope, "incident.acknowledged", "incident", func(tx *storage.Tx) (int64, error) {
		return id, tx.AcknowledgeIncident(ctx, id)
	})
}

// CloseIncident ends an incident by a person's word; if what caused it goes on, the next failure opens
// a new one. storage.ErrConflict: it is over already.
func (d *Desk) CloseIncident(ctx context.Context, scope storage.Scope, id int64) error {
	return d.audited(ctx, scope, "incident.closed", "incident", func(tx *storage.Tx) (int64, error) {
		return id, tx.CloseIncident(ctx, id)
	})
}
