package jobs

import (
	"context"
	"net/netip"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// A Desk is where people, and programs for them, keep connections, schedules and runs: it checks what
// they enter, seals secrets, computes due times, and leaves a trace in the audit. Lists and single
// rows are read straight from the store ([storage.Tx.Connections] and its neighbours). It is safe for several goroutines.
type Desk struct {
	DB     *storage.DB
	Keys   *keys.Ring
	Permit func(netip.AddrPort) error // as Config.Permit

	// SecondPerson says whether other host keys for a connection of an operator take a second person, who
	// approves them by ApproveHostKeysIn. Nil: they always do.
	SecondPerson func(context.Context, storage.OperatorID) (bool, error)

	Archive *archive.Archive // takes what is handed in; nil: nothing can be
}

// audited runs fn and appends the event of its act in one transaction.
func (d *Desk) audited(ctx context.Context, scope storage.Scope, action, kind string, fn func(*storage.Tx) (int64, error)) error {
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		id, err := fn(tx)
		if err != nil {
			return err
		}
		return tx.Audit(ctx, storage.AuditEvent{Action: action, ObjectKind: kind, ObjectID: id})
	})
}
