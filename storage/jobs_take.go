package storage

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"
)

const (
	// In a fixed order, so that two runs that want the same don't lock each other.
	lockSightings = `
SELECT l.no - 1 AS no, coalesce(s.file_id, 0) AS file_id
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[]) WITH ORDINALITY AS l (path, size, mtime, no)
JOIN remote_seen s ON s.operator_id = $1 AND s.connection_id = $2 AND s.path = l.path AND s.size = l.size AND s.mtime = l.mtime
ORDER BY l.path, l.size, l.mtime
FOR UPDATE OF s`

	takeSightings = `
UPDATE remote_seen AS s SET file_id = l.file_id, taken_at = now(), error_code = NULL
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::bigint[]) AS l (path, size, mtime, file_id)
WHERE s.operator_id = $1 AND s.connection_id = $2 AND s.path = l.path AND s.size = l.size AND s.mtime = l.mtime`

	selectFilesByHash = `
SELECT sha256, file_id
FROM file_hash
WHERE operator_id = $1 AND connection_id = $2 AND sha256 = ANY ($3)`

	insertFiles = `
INSERT INTO file (operator_id, id, direction, kind, source, name, partner_id, connection_id, run_id, account_id, state, state_reason, state_at,
	size, sha256, blob_name, wrapped_key, key_id, stored_size, received_at, remote_path, remote_size, remote_mtime)
SELECT $1, id, 'in', kind, source, name, nullif(partner_id, 0), nullif(connection_id, 0), nullif(run_id, 0), nullif(account_id, 0),
	state, nullif(state_reason, ''), $3, size, decode(sha256, 'hex'), nullif(blob_name, ''), decode(nullif(wrapped_key, ''), 'hex'),
	nullif(key_id, ''), CASE WHEN blob_name = '' THEN NULL ELSE stored_size END, $3, remote_path, remote_size, remote_mtime
FROM jsonb_to_recordset($2::jsonb) AS f (id bigint, kind text, source text, name text, partner_id bigint, connection_id bigint,
	run_id bigint, account_id bigint, state text, state_reason text, size bigint, sha256 text, blob_name text, wrapped_key text,
	key_id text, stored_size bigint, remote_path text, remote_size bigint, remote_mtime timestamptz)`

	insertFileHashes = `
INSERT INTO file_hash (operator_id, connection_id, sha256, file_id, first_seen_at)
SELECT $1, connection_id, decode(sha256, 'hex'), id, $3
FROM jsonb_to_recordset($2::jsonb) AS f (id bigint, connection_id bigint, sha256 text)
ORDER BY id
ON CONFLICT DO NOTHING`

	insertFileEvents = `
INSERT INTO file_event (operator_id, file_id, id, state, reason, run_id, at)
SELECT $1, id, event_id, state, nullif(state_reason, ''), nullif(run_id, 0), $3
FROM jsonb_to_recordset($2::jsonb) AS f (id bigint, event_id bigint, state text, state_reason text, run_id bigint)`

	insertRunLines = `
INSERT INTO run_log (operator_id, run_id, id, at, level, code, detail)
SELECT $1, $2, id, now(), level, code, detail::jsonb
FROM unnest($3::bigint[], $4::text[], $5::text[], $6::text[]) AS l (id, level, code, detail)`

	enqueueJobs = `
SELECT count(ediport_enqueue($1, args::jsonb, $3, $4, $5, NULL))
FROM unnest($2::text[]) AS a (args)`
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
	n, err := t.exec(ctx, takeSightings, t.operator, connection, pq.Array(paths), pq.Array(sizes), pq.Array(times), pq.Array(files))
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

// A fileRow is a file as the statements above read it.
type fileRow struct {
	ID          int64      `json:"id"`
	Event       int64      `json:"event_id"`
	Kind        string     `json:"kind"`
	Source      string     `json:"source"`
	Name        string     `json:"name"`
	Partner     int64      `json:"partner_id"`
	Connection  int64      `json:"connection_id"`
	Run         int64      `json:"run_id"`
	Account     int64      `json:"account_id"`
	State       string     `json:"state"`
	StateReason string     `json:"state_reason"`
	Size        int64      `json:"size"`
	SHA256      string     `json:"sha256"`
	BlobName    string     `json:"blob_name"`
	WrappedKey  string     `json:"wrapped_key"`
	KeyID       string     `json:"key_id"`
	StoredSize  int64      `json:"stored_size"`
	RemotePath  string     `json:"remote_path"`
	RemoteSize  int64      `json:"remote_size"`
	RemoteMtime *time.Time `json:"remote_mtime"`
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
	rows := make([]fileRow, len(files))
	for i, f := range files {
		event, err := t.NewID(ctx, IDFileEvent)
		if err != nil {
			return fmt.Errorf("storage: file event: %w", err)
		}
		rows[i] = fileRow{
			int64(f.ID), event, f.Kind, f.Source, f.Name, int64(f.Partner), int64(f.Connection), int64(f.Run), int64(f.Account),
			string(f.State), f.StateReason, f.Size, hex.EncodeToString(f.SHA256), f.BlobName, hex.EncodeToString(f.WrappedKey), f.KeyID,
			f.StoredSize, f.RemotePath, f.RemoteSize, f.RemoteMtime,
		}
		if f.Kind == "" {
			rows[i].Kind = "unknown"
		}
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return fmt.Errorf("storage: insert files: %w", err)
	}
	for _, statement := range []string{insertFiles, insertFileHashes, insertFileEvents} {
		if _, err := t.exec(ctx, statement, t.operator, string(text), t.Now()); err != nil {
			return fmt.Errorf("storage: insert files: %w", err)
		}
	}
	return nil
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
	var n int
	err := t.get(ctx, &n, enqueueJobs, job.Kind, pq.Array(texts), job.Queue, job.MaxAttempts, max(job.Priority, 1))
	if err != nil {
		return fmt.Errorf("storage: enqueue %s: %w", job.Kind, err)
	}
	return nil
}
