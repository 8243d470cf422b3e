package dropbox

import (
	"bytes"
	"context"
	"errors"

	"github.com/pkg/sftp"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
	"github.com/ediport/ediport/storage/keys"
)

// errClosed is said to a session whose drop box was paused or deleted meanwhile.
var errClosed = refuse(sftp.ErrSSHFxPermissionDenied, "this drop box is closed")

// An arrival is one transaction at a drop box. It runs while the drop box is locked, so that what comes at the same time comes one
// after the other.
type arrival struct {
	*session
	name string // escaped
	blob archive.Blob

	event   string               // metric
	unused  []string             // blobs that nothing names once it is committed
	refused *refusal             // it was refused, and only the event is committed
	moved   *storage.DroppedFile // staged before, under another name
}

// arrived takes a file that was closed.
func (x *session) arrived(name string, blob archive.Blob) error {
	a := &arrival{session: x, name: transfer.Escape(name), blob: blob}
	return a.commit(transfer.IsTemporary(name, x.box.Load().TemporarySuffixes))
}

// rename gives a staged file another name; one that is no temporary name makes it ours.
func (x *session) rename(from, to string) error {
	old, err := nameIn(from)
	if err != nil {
		return errNoSuchFile
	}
	name, err := nameIn(to)
	if err != nil {
		return err
	}
	if x.writing(old) != nil || x.writing(name) != nil {
		return errBeing
	}
	a := &arrival{session: x, name: transfer.Escape(name)}
	err = x.load(func(ctx context.Context, tx *storage.LoadTx) error {
		f, err := tx.Dropped(ctx, x.box.Load().ID, transfer.Escape(old))
		a.moved = &f
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return errNoSuchFile
	case err != nil:
		return err
	case a.moved.File != 0:
		return errNotStaged
	case old == name:
		return nil
	}
	f := a.moved
	a.blob = archive.Blob{
		Name: f.BlobName, WrappedKey: f.WrappedKey, KeyID: keys.KeyID(f.KeyID), Size: f.Size, SHA256: [32]byte(f.SHA256), StoredSize: f.StoredSize,
	}
	return a.commit(transfer.IsTemporary(name, x.box.Load().TemporarySuffixes))
}

// load runs fn in a transaction that makes files ours.
func (x *session) load(fn func(context.Context, *storage.LoadTx) error) error {
	ctx, cancel := x.server.short()
	defer cancel()
	return x.server.cfg.DB.InLoad(ctx, x.box.Load().Operator, x.actor(), func(tx *storage.LoadTx) error { return fn(ctx, tx) })
}

// commit makes the arrival so, and removes what it leaves in the archive without a row.
func (a *arrival) commit(temporary bool) error {
	inserted := false
	err := a.load(func(ctx context.Context, tx *storage.LoadTx) error {
		a.unused, a.refused, inserted = nil, nil, false // it may be a second try
		err := a.insert(ctx, tx, temporary)
		if err == nil {
			err = failpoint.Check("dropbox.inserted")
		}
		inserted = err == nil
		return err
	})
	failpoint.Reach("dropbox.committed")
	switch {
	case err != nil && !inserted:
		a.server.cfg.Metrics.file(fileBroken)
		a.discard(a.fresh()...)
		return err
	case err != nil: // the commit may have happened although its answer did not come: the blobs stay
		a.server.cfg.Metrics.file(fileBroken)
		return err
	}
	a.server.cfg.Metrics.file(a.event)
	a.discard(a.unused...)
	if a.refused != nil {
		return a.refused
	}
	return nil
}

// fresh are the blobs that no row named before.
func (a *arrival) fresh() []string {
	if a.moved != nil {
		return nil
	}
	return []string{a.blob.Name}
}

// discard removes blobs for which there are no rows for certain.
func (a *arrival) discard(blobs ...string) {
	for _, blob := range blobs {
		if blob == "" {
			continue
		}
		if err := a.server.cfg.Archive.Delete(blob); err != nil {
			a.server.log.Warn("a blob that is not needed could not be removed", "session", a.id, "error", err)
		}
	}
}

func (a *arrival) insert(ctx context.Context, tx *storage.LoadTx, temporary bool) error {
	box, err := tx.LockDropBox(ctx, a.box.Load().ID)
	if errors.Is(err, storage.ErrNotFound) || err == nil && box.Paused {
		return errClosed
	}
	if err != nil {
		return err
	}
	if err := a.stillThere(ctx, tx, box.ID); err != nil {
		return err
	}
	there, err := tx.Dropped(ctx, box.ID, a.name)
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	accepted, staged := err == nil && there.File != 0, err == nil && there.File == 0
	switch {
	case accepted && !temporary && bytes.Equal(there.SHA256, a.blob.SHA256[:]):
		return a.repeated(ctx, tx, box.ID, there.File)
	case accepted && !box.RepeatNames && !emptyBefore(there):
		return a.refuse(ctx, tx, errExists, "exists")
	}
	if staged { // of an attempt before; what has a temporary name is its sender's own
		if err := a.drop(ctx, tx, box.ID, there); err != nil {
			return err
		}
	}
	if full, err := a.full(ctx, tx, box); err != nil || full {
		return errors.Join(err, a.refuse(ctx, tx, errFull, "full"))
	}
	if temporary {
		return a.stage(ctx, tx, box.ID)
	}
	return a.accept(ctx, tx, box)
}

// emptyBefore tells an accepted file of no bytes, which keeps its name from nothing: what comes after it overwrites nothing.
func emptyBefore(f storage.DroppedFile) bool { return f.File != 0 && f.Size == 0 }

// stillThere makes sure that what is renamed was not renamed or removed in between.
func (a *arrival) stillThere(ctx context.Context, tx *storage.LoadTx, box storage.DropBoxID) error {
	if a.moved == nil {
		return nil
	}
	now, err := tx.Dropped(ctx, box, a.moved.Name)
	if errors.Is(err, storage.ErrNotFound) || err == nil && (now.ID != a.moved.ID || now.File != 0) {
		return errNoSuchFile
	}
	return err
}

// drop takes a staged file away.
func (a *arrival) drop(ctx context.Context, tx *storage.LoadTx, box storage.DropBoxID, f storage.DroppedFile) error {
	if err := tx.RemoveDropped(ctx, box, f.ID); err != nil {
		return err
	}
	a.unused = append(a.unused, f.BlobName)
	return nil
}

// full tells whether too much waits for one more.
func (a *arrival) full(ctx context.Context, tx *storage.LoadTx, box *storage.DropBox) (bool, error) {
	if a.moved != nil {
		return false, nil // it is counted already
	}
	w, err := tx.DroppedWaiting(ctx, box.ID)
	return w.Files >= box.MaxWaitingFiles || w.Bytes+a.blob.Size > box.MaxWaitingBytes, err
}

// refuse commits the event only; what was written goes.
func (a *arrival) refuse(ctx context.Context, tx *storage.LoadTx, why *refusal, code string) error {
	a.refused, a.event, a.unused = why, fileRefused, append(a.unused, a.fresh()...)
	return tx.Audit(ctx, a.session.refused(code))
}

// repeated answers who did not hear that the file was accepted.
func (a *arrival) repeated(ctx context.Context, tx *storage.LoadTx, box storage.DropBoxID, file storage.FileID) error {
	a.event, a.unused = fileRepeated, append(a.unused, a.fresh()...)
	if a.moved != nil {
		if err := a.drop(ctx, tx, box, *a.moved); err != nil {
			return err
		}
	}
	return tx.Audit(ctx, storage.AuditEvent{
		Action: "dropbox.file_repeated", ObjectKind: "file", ObjectID: int64(file), Detail: map[string]any{"dropbox_id": box},
	})
}

func (a *arrival) stage(ctx context.Context, tx *storage.LoadTx, box storage.DropBoxID) error {
	a.event = fileStaged
	if a.moved != nil {
		return tx.RenameDropped(ctx, box, a.moved.ID, a.name)
	}
	return tx.InsertDropped(ctx, box, storage.DroppedFile{
		Name: a.name, Size: a.blob.Size, SHA256: a.blob.SHA256[:],
		BlobName: a.blob.Name, WrappedKey: a.blob.WrappedKey, KeyID: string(a.blob.KeyID), StoredSize: a.blob.StoredSize,
	})
}

// accept makes the file ours.
func (a *arrival) accept(ctx context.Context, tx *storage.LoadTx, box *storage.DropBox) error {
	a.event = fileAccepted
	file, err := jobs.Receive(ctx, tx, storage.File{Source: "mailbox", Name: a.name, Partner: box.Partner, Account: box.Account}, a.blob,
		storage.AuditEvent{Action: "dropbox.file_accepted", Detail: map[string]any{"dropbox_id": box.ID, "bytes": a.blob.Size}})
	if err != nil {
		return err
	}
	if a.moved != nil {
		if err := tx.RemoveDropped(ctx, box.ID, a.moved.ID); err != nil {
			return err
		}
	}
	return tx.InsertDropped(ctx, box.ID, storage.DroppedFile{Name: a.name, File: file, Size: a.blob.Size, SHA256: a.blob.SHA256[:]})
}

// remove takes away what its sender staged.
func (x *session) remove(path string) error {
	name, err := nameIn(path)
	if err != nil {
		return errNoSuchFile
	}
	if x.writing(name) != nil {
		return errBeing
	}
	a := &arrival{session: x, name: transfer.Escape(name)}
	err = x.load(func(ctx context.Context, tx *storage.LoadTx) error {
		a.unused = nil
		id := x.box.Load().ID
		if _, err := tx.LockDropBox(ctx, id); err != nil {
			return err
		}
		f, err := tx.Dropped(ctx, id, a.name)
		switch {
		case errors.Is(err, storage.ErrNotFound):
			return errNoSuchFile
		case err != nil:
			return err
		case f.File != 0:
			return errNoChange
		}
		return a.drop(ctx, tx, id, f)
	})
	if err == nil {
		a.discard(a.unused...)
	}
	return err
}
