package jobs

import (
	"context"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// Receive makes archived bytes a file that came in and asks for it to be loaded, and leaves the event of who did it, all in the
// transaction of the caller: before its commit nothing has happened. Source, name, partner and account are f's. A file of no
// bytes has no blob and is not loaded, as one that is pulled.
func Receive(ctx context.Context, tx *storage.LoadTx, f storage.File, blob archive.Blob, event storage.AuditEvent) (storage.FileID, error) {
	f.Direction, f.State, f.ReceivedAt = "in", storage.FileDownloaded, tx.Now()
	f.Size, f.SHA256, f.StoredSize = blob.Size, blob.SHA256[:], blob.StoredSize
	f.BlobName, f.WrappedKey, f.KeyID = blob.Name, blob.WrappedKey, string(blob.KeyID)
	if f.Size == 0 {
		f.Kind, f.State = "empty", storage.FileStored
	}
	id, err := tx.InsertFile(ctx, f)
	if err != nil {
		return 0, err
	}
	if f.Size > 0 {
		if err := EnqueueIngest(ctx, &tx.Tx, tx.Operator(), id); err != nil {
			return 0, err
		}
	}
	event.ObjectKind, event.ObjectID = "file", int64(id)
	return id, tx.Audit(ctx, event)
}
