package storage

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// A DroppedFile is a file in a drop box, as its partner sees it: staged while its name is a temporary one, then accepted, which
// means that it is a [File] of ours.
type DroppedFile struct {
	ID         int64     `db:"id"`
	Name       string    `db:"name"`    // escaped
	File       FileID    `db:"file_id"` // 0: staged
	Size       int64     `db:"size"`
	SHA256     []byte    `db:"sha256"`
	BlobName   string    `db:"blob_name"` // of a staged one; "": none, as the three below
	WrappedKey []byte    `db:"wrapped_key"`
	KeyID      string    `db:"key_id"`
	StoredSize int64     `db:"stored_size"`
	At         time.Time `db:"at"`
}

const droppedColumns = `id, name, coalesce(file_id, 0) AS file_id, size, sha256, coalesce(blob_name, '') AS blob_name, wrapped_key,
	coalesce(key_id, '') AS key_id, coalesce(stored_size, 0) AS stored_size, at`

const lockDropBox = selectDropBox + ` FOR UPDATE`

// LockDropBox locks a drop box until the transaction ends and returns it, so that what comes there comes one after the other;
// ErrNotFound.
func (t *LoadTx) LockDropBox(ctx context.Context, id DropBoxID) (*DropBox, error) {
	b := &DropBox{}
	if err := t.get(ctx, b, lockDropBox, t.operator, id); err != nil {
		return nil, fmt.Errorf("storage: drop box: %w", err)
	}
	return b, nil
}

const selectDropped = `
SELECT ` + droppedColumns + `
FROM dropbox_file
WHERE operator_id = $1 AND dropbox_id = $2 AND name = $3
ORDER BY id DESC
LIMIT 1`

// Dropped returns the newest file of a name in a drop box; ErrNotFound.
func (t *Tx) Dropped(ctx context.Context, id DropBoxID, name string) (DroppedFile, error) {
	var f DroppedFile
	if err := t.get(ctx, &f, selectDropped, t.scope.Operator, id, name); err != nil {
		return f, fmt.Errorf("storage: dropped file: %w", err)
	}
	return f, nil
}

const listDropped = `
SELECT DISTINCT ON (name) ` + droppedColumns + `
FROM dropbox_file
WHERE operator_id = $1 AND dropbox_id = $2
ORDER BY name, id DESC
LIMIT $3`

// ListDropped returns what lies in a drop box, by name, at most limit files.
func (t *Tx) ListDropped(ctx context.Context, id DropBoxID, limit int) ([]DroppedFile, error) {
	all := []DroppedFile{}
	if err := t.list(ctx, &all, listDropped, t.scope.Operator, id, limit); err != nil {
		return nil, fmt.Errorf("storage: dropped files: %w", err)
	}
	return all, nil
}

const selectDroppedWaiting = `
SELECT count(*) AS files, coalesce(sum(d.size), 0)::bigint AS bytes
FROM dropbox_file d
LEFT JOIN file f ON f.operator_id = d.operator_id AND f.id = d.file_id
WHERE d.operator_id = $1 AND d.dropbox_id = $2 AND (d.file_id IS NULL OR f.state IN ('downloaded', 'validated'))`

// Waiting says how much waits in a drop box.
type Waiting struct {
	Files int   `db:"files"`
	Bytes int64 `db:"bytes"`
}

// DroppedWaiting returns how much of a drop box is staged or not loaded yet.
func (t *Tx) DroppedWaiting(ctx context.Context, id DropBoxID) (Waiting, error) {
	var w Waiting
	if err := t.get(ctx, &w, selectDroppedWaiting, t.scope.Operator, id); err != nil {
		return w, fmt.Errorf("storage: dropped files: %w", err)
	}
	return w, nil
}

const (
	insertDropped = `
INSERT INTO dropbox_file (operator_id, dropbox_id, id, name, file_id, size, sha256, blob_name, wrapped_key, key_id, stored_size, at)
VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), $6, $7, nullif($8, ''), $9, nullif($10, ''), nullif($11::bigint, 0), $12)`

	noteDropped = `UPDATE dropbox SET last_file_at = now() WHERE operator_id = $1 AND id = $2`

	renameDropped = `UPDATE dropbox_file SET name = $4 WHERE operator_id = $1 AND dropbox_id = $2 AND id = $3`
	removeDropped = `DELETE FROM dropbox_file WHERE operator_id = $1 AND dropbox_id = $2 AND id = $3 AND file_id IS NULL`
)

// InsertDropped adds a staged or accepted file to a drop box, at the clock's time.
func (t *LoadTx) InsertDropped(ctx context.Context, box DropBoxID, f DroppedFile) error {
	id, err := t.NewID(ctx, IDDroppedFile)
	if err != nil {
		return fmt.Errorf("storage: dropped file: %w", err)
	}
	_, err = t.exec(ctx, insertDropped, t.operator, box, id, f.Name, f.File, f.Size, f.SHA256, f.BlobName, f.WrappedKey, f.KeyID, f.StoredSize, t.Now())
	if err == nil && f.File != 0 {
		_, err = t.exec(ctx, noteDropped, t.operator, box)
	}
	if err != nil {
		return fmt.Errorf("storage: dropped file: %w", err)
	}
	return nil
}

// RenameDropped gives a staged file another temporary name.
func (t *LoadTx) RenameDropped(ctx context.Context, box DropBoxID, id int64, name string) error {
	if err := t.execOne(ctx, renameDropped, t.operator, box, id, name); err != nil {
		return fmt.Errorf("storage: dropped file: %w", err)
	}
	return nil
}

// RemoveDropped takes a staged file away; ErrNotFound: there is none. Its bytes are removed from the archive behind the commit.
func (t *LoadTx) RemoveDropped(ctx context.Context, box DropBoxID, id int64) error {
	if err := t.execOne(ctx, removeDropped, t.operator, box, id); err != nil {
		return fmt.Errorf("storage: dropped file: %w", err)
	}
	return nil
}

const sweepDropped = `
DELETE FROM dropbox_file
WHERE file_id IS NULL AND at < $1 OR file_id IS NOT NULL AND at < $2
RETURNING coalesce(blob_name, '')`

// SweepDropped forgets what was staged before one instant and accepted before another, in all drop boxes, and returns the blobs
// that nothing names any more. The transaction is one of InSystem.
func (t *Tx) SweepDropped(ctx context.Context, staged, accepted time.Time) ([]string, error) {
	var names, blobs []string
	if err := t.list(ctx, &names, sweepDropped, staged, accepted); err != nil && !errors.Is(err, ErrNotFound) {
		return nil, fmt.Errorf("storage: dropped files: %w", err)
	}
	for _, name := range names {
		if name != "" {
			blobs = append(blobs, name)
		}
	}
	return blobs, nil
}
