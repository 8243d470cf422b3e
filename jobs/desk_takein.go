package jobs

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/ediport/ediport/storage"
)

// ErrEmptyFile: there is nothing in what was handed in.
var ErrEmptyFile = errors.New("jobs: the file is empty")

// TakeIn archives what a person hands in as a file that was received, and asks for it to be loaded.
// The name is kept for people only. ErrEmptyFile, ErrHandInName; an error of content comes wrapped.
func (d *Desk) TakeIn(ctx context.Context, scope storage.Scope, name string, content io.Reader) (id storage.FileID, err error) {
	if err := checkHandInName(name); err != nil {
		return 0, err
	}
	w, err := d.Archive.Create(ctx)
	if err != nil {
		return 0, fmt.Errorf("jobs: taking a file in: %w", err)
	}
	defer w.Abort()
	size, err := io.Copy(w, content)
	if err != nil {
		return 0, fmt.Errorf("jobs: taking a file in: %w", err)
	}
	if size == 0 {
		return 0, ErrEmptyFile
	}
	blob, err := w.Commit()
	if err != nil {
		return 0, fmt.Errorf("jobs: taking a file in: %w", err)
	}
	inserted := false
	err = d.DB.InLoad(ctx, scope.Operator, scope.Actor, func(tx *storage.LoadTx) error {
		id, err = Receive(ctx, tx, storage.File{Source: "upload", Name: name}, blob, storage.AuditEvent{Action: "file.taken_in"})
		inserted = err == nil
		return err
	})
	if err != nil && !inserted { // else the commit may have happened although its answer did not come
		_ = d.Archive.Delete(blob.Name) // one that stays is reported by the archive's sweep
	}
	return id, err
}
