package jobs

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/archive"
)

// A fetched file is in the archive and waits to become ours.
type fetched struct {
	file    transfer.RemoteFile
	writer  *archive.Writer // until it is sealed; nil for an empty file
	content []byte          // of a small file, until it is sealed
	blob    archive.Blob
	taken   bool // another run had taken it meanwhile

	id      storage.FileID // that it has become; 0: not known yet
	earlier bool           // it became ours in another run, which did not get to finish it at the server
	late    bool           // the days for which it was to stay there are over
	delayed bool           // there were such days
	state   string         // what became of it at the server; "": nothing to record
}

// commit makes downloaded files ours: file row, time line, sighting and ingest job of each, run log and
// counts, in one transaction, fenced by the run's epoch. Only after it may the remote files be touched.
func (p *puller) commit(ctx context.Context, files []*fetched) error {
	var added Counts
	err := p.node.cfg.DB.InLoad(ctx, p.run.Operator, p.scope.Actor, func(tx *storage.LoadTx) error {
		added = Counts{} // it may be a second try
		free, err := p.notTaken(ctx, tx, files)
		if err != nil || len(free) == 0 {
			return err
		}
		return p.insert(ctx, tx, free, &added)
	})
	if err != nil {
		if errors.Is(err, storage.ErrFenced) {
			p.discard(files)
		}
		// Else the commit may have happened although its answer did not come: the blobs stay. If there are
		// no rows for them, the archive's sweep reports it.
		return err
	}
	p.count(func(c *Counts) { c.take(added) })
	for _, f := range files {
		if f.taken {
			p.discard([]*fetched{f})
		} else {
			p.node.cfg.Metrics.FileMoved(directionIn, f.file.Size)
		}
	}
	return nil
}

// notTaken locks what is known of files and returns those that no other run took in between.
func (p *puller) notTaken(ctx context.Context, tx *storage.LoadTx, files []*fetched) ([]*fetched, error) {
	seen := make([]storage.Sighting, len(files))
	for i, f := range files {
		seen[i] = sightingOf(f.file)
	}
	known, err := tx.LockSightings(ctx, p.connection.ID, seen)
	if err != nil {
		return nil, err
	}
	var free []*fetched
	for i, f := range files {
		if f.taken, f.id = known[i] != 0 && guards.SightingLock, known[i]; !f.taken {
			free = append(free, f)
		}
	}
	return free, nil
}

// take adds what one transaction took.
func (c *Counts) take(added Counts) {
	c.Downloaded += added.Downloaded
	c.SameBytes += added.SameBytes
	c.Empty += added.Empty
	c.Bytes += added.Bytes
}

// insert writes everything that makes files ours and counts it in added.
func (p *puller) insert(ctx context.Context, tx *storage.LoadTx, files []*fetched, added *Counts) error {
	b := &intake{}
	first, err := p.firstOfBytes(ctx, tx, files)
	if err != nil {
		return err
	}
	for _, f := range files {
		id, err := tx.NewFileID(ctx)
		if err != nil {
			return err
		}
		f.id = id
		b.add(p.fileOf(f, id), sightingOf(f.file), first, added)
	}
	var counts Counts
	p.count(func(c *Counts) { counts = *c })
	counts.take(*added)
	written, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	if err := tx.CountRun(ctx, p.run, written); err != nil && guards.FenceEpoch {
		return err
	}
	if err := p.insertFiles(ctx, tx, b.files); err != nil {
		return err
	}
	if err := failpoint.Check("pull.inserting"); err != nil {
		return err
	}
	if err := tx.TakeSightings(ctx, p.connection.ID, b.seen, b.ids); err != nil {
		return err
	}
	if err := tx.LogRunLines(ctx, p.run.Operator, p.run.ID, b.lines); err != nil {
		return err
	}
	if err := enqueueIngests(ctx, &tx.Tx, p.run.Operator, b.load); err != nil {
		return err
	}
	return failpoint.Check("pull.inserted")
}

// firstOfBytes returns the files that brought the same bytes first, by hash.
func (p *puller) firstOfBytes(ctx context.Context, tx *storage.LoadTx, files []*fetched) (map[[32]byte]storage.FileID, error) {
	hashes := make([][]byte, len(files))
	for i, f := range files {
		hashes[i] = f.blob.SHA256[:]
	}
	return tx.FilesByHash(ctx, p.connection.ID, hashes)
}

// An intake is what one transaction adds.
type intake struct {
	files []storage.File
	seen  []storage.Sighting
	ids   []storage.FileID
	load  []storage.FileID
	lines []storage.NewRunLine
}

// add prepares one file. first knows which bytes came before; a file of the same transaction counts.
func (b *intake) add(f storage.File, seen storage.Sighting, first map[[32]byte]storage.FileID, counts *Counts) {
	line := storage.NewRunLine{Level: storage.LogInfo, Code: "pull.file_taken", Detail: map[string]any{"bytes": f.Size, "file_id": f.ID}}
	counts.Downloaded++
	counts.Bytes += f.Size
	hash := [32]byte(f.SHA256)
	switch before, came := first[hash]; {
	case f.Size == 0:
		line.Code, f.Kind, f.State = "pull.file_empty", "empty", storage.FileStored
		counts.Empty++
	case came:
		line.Code, f.StateReason, line.Detail["same_as_file_id"] = "pull.file_same_bytes", "file.same_bytes", before
		counts.SameBytes++
	default:
		first[hash] = f.ID
	}
	if f.Size > 0 { // also when the same bytes came before: what is a duplicate is decided per interchange
		b.load = append(b.load, f.ID)
	}
	b.files, b.seen, b.ids, b.lines = append(b.files, f), append(b.seen, seen), append(b.ids, f.ID), append(b.lines, line)
}

// enqueueIngests is EnqueueIngest for several files.
func enqueueIngests(ctx context.Context, tx *storage.Tx, operator storage.OperatorID, files []storage.FileID) error {
	if len(files) == 0 {
		return nil
	}
	args := make([]any, len(files))
	for i, id := range files {
		args[i] = IngestArgs{Operator: operator, File: id}
	}
	return tx.EnqueueAll(ctx, storage.Job{Kind: KindIngest, Queue: KindIngest, MaxAttempts: ingestAttempts}, args)
}

func (p *puller) fileOf(f *fetched, id storage.FileID) storage.File {
	return storage.File{
		ID: id, Direction: "in", Source: "sftp", Name: transfer.Escape(f.file.Name), State: storage.FileDownloaded,
		Partner: p.connection.Partner, Connection: p.connection.ID, Run: p.run.ID, Account: p.connection.Account,
		Size: f.file.Size, SHA256: f.blob.SHA256[:], BlobName: f.blob.Name, WrappedKey: f.blob.WrappedKey, KeyID: string(f.blob.KeyID),
		StoredSize: f.blob.StoredSize, RemotePath: f.file.Key(), RemoteSize: f.file.Size, RemoteMtime: &f.file.ModTime,
	}
}

// discard removes blobs for which there are no rows for certain.
func (p *puller) discard(files []*fetched) {
	for _, f := range files {
		if f.blob.Name == "" {
			continue
		}
		if err := p.node.cfg.Archive.Delete(f.blob.Name); err != nil {
			p.node.log.Warn("a blob that is not needed could not be removed", "error", err)
		}
	}
}
