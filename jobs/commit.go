package jobs

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// errAlreadyTaken says that another run took the file while this one downloaded it.
var errAlreadyTaken = errors.New("taken by another run")

// commit makes a downloaded file ours: file row, time line, sighting, ingest job, run log and counts
// in one transaction, fenced by the run's epoch. Only after it may the remote file be touched.
func (p *puller) commit(ctx context.Context, f transfer.RemoteFile, blob archive.Blob) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.counts
	err := p.node.cfg.DB.InLoad(ctx, p.run.Operator, p.scope.Actor, func(tx *storage.LoadTx) error {
		locked, err := tx.LockSighting(ctx, p.connection.ID, sightingOf(f))
		if err != nil {
			return err
		}
		if locked.File != 0 {
			return errAlreadyTaken
		}
		return p.insert(ctx, tx, f, blob, &counts)
	})
	switch {
	case err == nil:
		p.counts = counts
		return nil
	case errors.Is(err, errAlreadyTaken):
		return p.discard(blob)
	case errors.Is(err, storage.ErrFenced):
		return errors.Join(err, p.discard(blob))
	default:
		// The commit may have happened although its answer did not come: the blob stays. If there is no
		// row for it, the archive's sweep reports it.
		return err
	}
}

func (p *puller) insert(ctx context.Context, tx *storage.LoadTx, f transfer.RemoteFile, blob archive.Blob, counts *Counts) error {
	file := p.fileOf(f, blob)
	code := "pull.file_taken"
	detail := map[string]any{"bytes": f.Size}
	counts.Downloaded++
	counts.Bytes += f.Size
	if f.Size == 0 {
		code, file.Kind, file.State = "pull.file_empty", "empty", storage.FileStored
		counts.Empty++
	} else if first, err := tx.FileByHash(ctx, p.connection.ID, file.SHA256); err == nil {
		code, file.StateReason, detail["same_as_file_id"] = "pull.file_same_bytes", "file.same_bytes", first
		counts.SameBytes++
	} else if !errors.Is(err, storage.ErrNotFound) {
		return err
	}
	written, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	if err := tx.CountRun(ctx, p.run, written); err != nil {
		return err
	}
	id, err := tx.InsertFile(ctx, file)
	if err != nil {
		return err
	}
	if err := tx.TakeSighting(ctx, p.connection.ID, sightingOf(f), id); err != nil {
		return err
	}
	detail["file_id"] = id
	if err := tx.LogRun(ctx, p.run.Operator, p.run.ID, storage.LogInfo, code, detail); err != nil {
		return err
	}
	if f.Size == 0 {
		return nil // there is nothing to load
	}
	// Also when the same bytes came before: what is a duplicate is decided per interchange.
	return EnqueueIngest(ctx, &tx.Tx, p.run.Operator, id)
}

func (p *puller) fileOf(f transfer.RemoteFile, blob archive.Blob) storage.File {
	return storage.File{
		Direction: "in", Source: "sftp", Name: transfer.Escape(f.Name), State: storage.FileDownloaded,
		Partner: p.connection.Partner, Connection: p.connection.ID, Run: p.run.ID, Account: p.connection.Account,
		Size: f.Size, SHA256: blob.SHA256[:], BlobName: blob.Name, WrappedKey: blob.WrappedKey, KeyID: string(blob.KeyID),
		StoredSize: blob.StoredSize, RemotePath: f.Key(), RemoteSize: f.Size, RemoteMtime: &f.ModTime,
	}
}

// discard removes a blob for which there is no row for certain.
func (p *puller) discard(blob archive.Blob) error {
	if blob.Name == "" {
		return nil
	}
	if err := p.node.cfg.Archive.Delete(blob.Name); err != nil {
		p.node.log.Warn("a blob that is not needed could not be removed", "error", err)
	}
	return nil
}
