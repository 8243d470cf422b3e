package ingest

import (
	"context"

	"github.com/ediport/ediport/storage"
)

// An Answer is the acknowledgment of one interchange of a file, a TA1 or a 999, complete but for its control
// numbers, which are taken when it is queued.
type Answer struct {
	Kind        string // TA1 or 999
	Content     []byte // an interchange
	Interchange int64  // the row that it answers
	Partner     storage.PartnerID
	Kept        string // why it does not leave, a code; "": it does if there is a place for it
	Told        storage.Told
}

// An Outbox takes what is to leave. Queue is the last act of the transaction; undo is called if that does not happen.
type Outbox interface {
	Queue(ctx context.Context, tx *storage.LoadTx, file *storage.File, answers []Answer) (undo func(), err error)
}
