package storage

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"
)

const (
	// The rows of remote_seen, named s, one look-up each: of a folder seen for the first time the database has no
	// statistics, and would else read all that is known of the connection for each batch.
	eachSighting = `CROSS JOIN LATERAL (
	SELECT ctid, file_id FROM remote_seen
	WHERE operator_id = $1 AND connection_id = $2 AND path = l.path AND size = l.size AND mtime = l.mtime
	FOR UPDATE
) s`

	// In a fixed order, so that two runs that want the same don't lock each other.
	lockSightings = `
SELECT l.no - 1 AS no, coalesce(s.file_id, 0) AS file_id
FROM (
	SELECT path, size, mtime, no FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) WITH ORDINALITY AS u (path, size, mtime, no)
	ORDER BY path, size, mtime
) l ` + eachSighting + ``

	takeSightings = `
UPDATE remote_seen SET file_id = l.file_id, taken_at = $7, error_code = NULL
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::bigint[]) AS l (path, size, mtime, file_id) ` + eachSighting + `
WHERE remote_seen.ctid = s.ctid`

	selectFilesByHash = `
SELECT h.sha256, h.file_id
FROM unnest($3::bytea[]) AS l (sha256) CROSS JOIN LATERAL (
	SELECT sha256, file_id FROM file_hash
	WHERE operator_id = $1 AND connection_id = $2 AND sha256 = l.sha256
	LIMIT 1
) h`

	// Of those with the same bytes the one with the lowest id counts as the first.
	insertFiles = `
WITH f AS MATERIALIZED (
	SELECT * FROM unnest($3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[],
		$12::text[], $13::text[], $14::bigint[], $15::bytea[], $16::text[], $17::bytea[], $18::text[], $19::bigint[],
		$20::text[], $21::bigint[], $22::timestamptz[])
	AS f (id, event_id, kind, source, name, partner_id, connection_id, run_id, account_id,
		state, state_reason, size, sha256, blob_name, wrapped_key, key_id, stored_size,
		remote_path, remote_size, remote_mtime)
), hashes AS (
	INSERT INTO file_hash (operator_id, connection_id, sha256, file_id, first_seen_at)
	SELECT $1, connection_id, sha256, id, $2 FROM f ORDER BY id
	ON CONFLICT DO NOTHING
), events AS (
	INSERT INTO file_event (operator_id, file_id, id, state, reason, run_id, at)
	SELECT $1, id, event_id, state, nullif(state_reason, ''), nullif(run_id, 0), $2 FROM f
)
INSERT INTO file (operator_id, id, direction, kind, source, name, partner_id, connection_id, run_id, account_id, state, state_reason, state_at,
	size, sha256, blob_name, wrapped_key, key_id, stored_size, received_at, remote_path, remote_size, remote_mtime)
SELECT $1, id, 'in', kind, source, name, nullif(partner_id, 0), nullif(connection_id, 0), nullif(run_id, 0), nullif(account_id, 0),
	state, nullif(state_reason, ''), $2, size, sha256, nullif(blob_name, ''), nullif(wrapped_key, ''),
	nullif(key_id, ''), CASE WHEN blob_name = '' THEN NULL ELSE stored_size END, $2, remote_path, remote_size, remote_mtime
FROM f`

	insertRunLines = `
INSERT INTO run_log (operator_id, run_id, id, at, level, code, detail)
SELECT $1, $2, id, now(), level, code, detail::jsonb
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS l (id, level, code, detail)`

	enqueueJobs = `
SELECT ediport_enqueue_all($1, $2::jsonb[], $3, $4, $5)`
)

// LockSightings locks what is known about remote files until the transaction ends and returns, in their
// order, the files of ours that they have become already; 0: not taken. ErrNotFound if one was never seen.
func (t *LoadTx) LockSightings(ctx context.Context, connection ConnectionID, seen []Sighting) ([]FileID, error) {
	paths, sizes, times, _ := sightingArrays(seen)
	var rows []struct {
		No   int    `db:"no"`
		File FileID `db:"file_id"`
	}
	err := t.list(ctx, &rows, lockSightings, t.operator, connection, pq.Array(paths), pq.Array(sizes), pq.Array(times))
	if err == nil && len(rows) != len(seen) {
		err = ErrNotFound
	}
	if err != nil {
		return nil, fmt.Errorf("storage: sightings: %w", err)
	}
	files := make([]FileID, len(seen))
	for _, row := range rows {
		files[row.No] = row.File
	}
	return files, nil
}

// TakeSightings records that remote files have become files of ours, in the same order.
func (t *LoadTx) TakeSightings(ctx context.Context, connection ConnectionID, seen []Sighting, files []FileID) error {
	paths, sizes, times, _ := sightingArrays(seen)
	n, err := t.exec(ctx, takeSightings, t.operator, connection, pq.Array(paths), pq.Array(sizes), pq.Array(times), pq.Array(files), t.Now())
	if err == nil && n != int64(len(seen)) {
		err = ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("storage: sightings: %w", err)
	}
	return nil
}

// FilesByHash is FileByHash for several: the first files with these bytes on the connection.
func (t *LoadTx) FilesByHash(ctx context.Context, connection ConnectionID, hashes [][]byte) (map[[32]byte]FileID, error) {
	var rows []struct {
		SHA256 []byte `db:"sha256"`
		File   FileID `db:"file_id"`
	}
	if err := t.list(ctx, &rows, selectFilesByHash, t.operator, connection, pq.ByteaArray(hashes)); err != nil {
		return nil, fmt.Errorf("storage: files by hash: %w", err)
	}
	found := make(map[[32]byte]FileID, len(rows))
	for _, row := range rows {
		found[[32]byte(row.SHA256)] = row.File
	}
	return found, nil
}

// NewFileID returns the id for a file of [LoadTx.InsertFiles].
func (t *Tx) NewFileID(ctx context.Context) (FileID, error) {
	id, err := t.NewID(ctx, IDFile)
	if err != nil {
		return 0, fmt.Errorf("storage: file: %w", err)
	}
	return FileID(id), nil
}

// InsertFiles is InsertFile for several that came in, whose ids are set. Of those with the same bytes
// the one with the lowest id counts as the first.
func (t *LoadTx) InsertFiles(ctx context.Context, files []File) error {
	c := fileArrays{}
	for i := range files {
		event, err := t.NewID(ctx, IDFileEvent)
		if err != nil {
			return fmt.Errorf("storage: file event: %w", err)
		}
		c.add(&files[i], event)
	}
	_, err := t.exec(ctx, insertFiles, t.operator, t.Now(), pq.Array(c.ids), pq.Array(c.events), pq.Array(c.kinds), pq.Array(c.sources), pq.Array(c.names),
		pq.Array(c.partners), pq.Array(c.connections), pq.Array(c.runs), pq.Array(c.accounts), pq.Array(c.states), pq.Array(c.reasons),
		pq.Array(c.sizes), c.hashes, pq.Array(c.blobs), c.wrapped, pq.Array(c.keys), pq.Array(c.stored),
		pq.Array(c.paths), pq.Array(c.remoteSizes), pq.Array(c.times))
	if err != nil {
		return fmt.Errorf("storage: insert files: %w", err)
	}
	return nil
}

// fileArrays are files as the statement takes them.
type fileArrays struct {
	ids, events, partners, connections, runs, accounts, sizes, stored, remoteSizes []int64
	kinds, sources, names, states, reasons, blobs, keys, paths                     []string
	hashes, wrapped                                                                pq.ByteaArray
	times                                                                          []*string // nil: the server tells none
}

func (c *fileArrays) add(f *File, event int64) {
	c.ids, c.events = append(c.ids, int64(f.ID)), append(c.events, event)
	c.partners, c.connections = append(c.partners, int64(f.Partner)), append(c.connections, int64(f.Connection))
	c.runs, c.accounts = append(c.runs, int64(f.Run)), append(c.accounts, int64(f.Account))
	c.kinds, c.sources, c.names = append(c.kinds, cmp.Or(f.Kind, "unknown")), append(c.sources, f.Source), append(c.names, f.Name)
	c.states, c.reasons = append(c.states, string(f.State)), append(c.reasons, f.StateReason)
	c.sizes, c.hashes = append(c.sizes, f.Size), append(c.hashes, f.SHA256)
	c.blobs, c.keys, c.stored = append(c.blobs, f.BlobName), append(c.keys, f.KeyID), append(c.stored, f.StoredSize)
	c.wrapped = append(c.wrapped, append([]byte{}, f.WrappedKey...)) // never NULL here
	c.paths, c.remoteSizes = append(c.paths, f.RemotePath), append(c.remoteSizes, f.RemoteSize)
	var at *string
	if f.RemoteMtime != nil {
		text := f.RemoteMtime.UTC().Format(time.RFC3339Nano)
		at = &text
	}
	c.times = append(c.times, at)
}

// A NewRunLine is a line to append to a run's log.
type NewRunLine struct {
	Level  string
	Code   string
	Detail map[string]any // no patient data; nil: none
}

// LogRunLines is LogRun for several lines.
func (t *Tx) LogRunLines(ctx context.Context, operator OperatorID, run RunID, lines []NewRunLine) error {
	if len(lines) == 0 {
		return nil
	}
	ids, levels, codes, details := make([]int64, len(lines)), make([]string, len(lines)), make([]string, len(lines)), make([]string, len(lines))
	for i, line := range lines {
		id, err := t.NewID(ctx, IDRunLog)
		if err != nil {
			return fmt.Errorf("storage: run log: %w", err)
		}
		text := []byte("{}")
		if line.Detail != nil {
			if text, err = json.Marshal(line.Detail); err != nil {
				return fmt.Errorf("storage: run log %s: %w", line.Code, err)
			}
		}
		ids[i], levels[i], codes[i], details[i] = id, line.Level, line.Code, string(text)
	}
	if _, err := t.exec(ctx, insertRunLines, operator, run, pq.Array(ids), pq.Array(levels), pq.Array(codes), pq.Array(details)); err != nil {
		return fmt.Errorf("storage: run log: %w", err)
	}
	return nil
}

// EnqueueAll is Enqueue for several jobs that differ in their arguments only, to start at once.
func (t *Tx) EnqueueAll(ctx context.Context, job Job, args []any) error {
	texts := make([]string, len(args))
	for i, a := range args {
		text, err := json.Marshal(a)
		if err != nil {
			return fmt.Errorf("storage: arguments of job %s: %w", job.Kind, err)
		}
		texts[i] = string(text)
	}
	var n int64
	err := t.get(ctx, &n, enqueueJobs, job.Kind, pq.Array(texts), job.Queue, job.MaxAttempts, max(job.Priority, 1))
	if err != nil {
		return fmt.Errorf("storage: enqueue %s: %w", job.Kind, err)
	}
	return nil
}
