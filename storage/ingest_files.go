package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A FileState says where a file is on its way.
type FileState string

// The states of a file. Inbound: downloaded → validated → loaded, partly_loaded, held, duplicate or
// stored (what is no X12, or nothing to load) or failed (a person must look). Outbound: generated →
// sending → sent, uncertain or void. Purged: only the row is left.
const (
	FileDownloaded   FileState = "downloaded"
	FileValidated    FileState = "validated"
	FileLoaded       FileState = "loaded"
	FilePartlyLoaded FileState = "partly_loaded"
	FileHeld         FileState = "held"
	FileDuplicate    FileState = "duplicate"
	FileStored       FileState = "stored"
	FileFailed       FileState = "failed"
	FileGenerated    FileState = "generated"
	FileSending      FileState = "sending"
	FileSent         FileState = "sent"
	FileUncertain    FileState = "uncertain"
	FileVoid         FileState = "void"
	FilePurged       FileState = "purged"
)

// A File is bytes moved once, in one direction. Its blob fields are those of archive.Blob.
type File struct {
	Operator     OperatorID   `db:"operator_id"`
	ID           FileID       `db:"id"`
	Direction    string       `db:"direction"` // in, out
	Kind         string       `db:"kind"`      // unknown, x12, not_x12, empty
	Source       string       `db:"source"`    // sftp, upload, cli, api, mailbox, container, generated
	Name         string       `db:"name"`      // as the partner sent it
	Parent       FileID       `db:"parent_file_id"`
	Partner      PartnerID    `db:"partner_id"`
	Connection   ConnectionID `db:"connection_id"`
	Run          RunID        `db:"run_id"`
	Account      AccountID    `db:"account_id"` // routed by the person who handed it in; 0: by content
	State        FileState    `db:"state"`
	StateReason  string       `db:"state_reason"`
	StateAt      time.Time    `db:"state_at"`
	Attempt      int          `db:"attempt"`
	Size         int64        `db:"size"`
	SHA256       []byte       `db:"sha256"`
	BlobName     string       `db:"blob_name"`
	WrappedKey   []byte       `db:"wrapped_key"`
	KeyID        string       `db:"key_id"`
	StoredSize   int64        `db:"stored_size"`
	ReceivedAt   time.Time    `db:"received_at"`
	RemotePath   string       `db:"remote_path"`
	RemoteSize   int64        `db:"remote_size"`
	RemoteMtime  *time.Time   `db:"remote_mtime"` // nil: the server tells none
	CountsAsText string       `db:"counts"`
}

const fileColumns = `operator_id, id, direction, kind, source, name, coalesce(parent_file_id, 0) AS parent_file_id,
	coalesce(partner_id, 0) AS partner_id, coalesce(connection_id, 0) AS connection_id, coalesce(run_id, 0) AS run_id,
	coalesce(account_id, 0) AS account_id, state, coalesce(state_reason, '') AS state_reason, state_at, attempt, size, sha256,
	coalesce(blob_name, '') AS blob_name, wrapped_key, coalesce(key_id, '') AS key_id, coalesce(stored_size, 0) AS stored_size,
	received_at, coalesce(remote_path, '') AS remote_path, coalesce(remote_size, 0) AS remote_size, remote_mtime, counts::text AS counts`

const insertFile = `
INSERT INTO file (operator_id, id, direction, kind, source, name, parent_file_id, partner_id, connection_id, run_id, account_id,
	state, state_reason, state_at, size, sha256, blob_name, wrapped_key, key_id, stored_size, received_at, remote_path, remote_size, remote_mtime)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), nullif($8::bigint, 0), nullif($9::bigint, 0), nullif($10::bigint, 0), nullif($11::bigint, 0),
	$12, nullif($13, ''), $14, $15, $16, nullif($17, ''), $18, nullif($19, ''), $20, $21, nullif($22, ''), $23, $24)`

const insertFileHash = `
INSERT INTO file_hash (operator_id, connection_id, sha256, file_id, first_seen_at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING`

// InsertFile adds a file in its first state (downloaded for what comes in, generated for what goes
// out), with the first event of its time line, and returns its id. Operator, id, instants and an
// empty kind are filled in; the rest is the caller's. Enqueue its job in the same transaction.
func (t *LoadTx) InsertFile(ctx context.Context, f File) (FileID, error) {
	id, err := t.NewID(ctx, IDFile)
	if err != nil {
		return 0, fmt.Errorf("storage: insert file: %w", err)
	}
	now := t.Now()
	if f.ReceivedAt.IsZero() {
		f.ReceivedAt = now
	}
	if f.Kind == "" {
		f.Kind = "unknown"
	}
	var stored, remoteSize *int64
	if f.BlobName != "" {
		stored = &f.StoredSize
	}
	if f.RemotePath != "" {
		remoteSize = &f.RemoteSize
	}
	_, err = t.exec(ctx, insertFile, t.operator, id, f.Direction, f.Kind, f.Source, f.Name, f.Parent, f.Partner, f.Connection, f.Run, f.Account,
		string(f.State), f.StateReason, now, f.Size, f.SHA256, f.BlobName, f.WrappedKey, f.KeyID, stored, f.ReceivedAt, f.RemotePath, remoteSize, f.RemoteMtime)
	if err != nil {
		return 0, fmt.Errorf("storage: insert file: %w", err)
	}
	if _, err := t.exec(ctx, insertFileHash, t.operator, f.Connection, f.SHA256, id, now); err != nil {
		return 0, fmt.Errorf("storage: insert file hash: %w", err)
	}
	return FileID(id), t.addFileEvent(ctx, FileID(id), f.State, f.StateReason, f.Run)
}

const insertFileEvent = `
INSERT INTO file_event (operator_id, file_id, id, state, reason, run_id, actor_id, at)
VALUES ($1, $2, $3, $4, nullif($5, ''), nullif($6::bigint, 0), nullif($7::bigint, 0), $8)`

func (t *LoadTx) addFileEvent(ctx context.Context, file FileID, state FileState, reason string, run RunID) error {
	id, err := t.NewID(ctx, IDFileEvent)
	if err != nil {
		return fmt.Errorf("storage: file event: %w", err)
	}
	var actor int64
	if t.scope.Actor.Kind == ActorUser {
		actor = t.scope.Actor.ID
	}
	if _, err := t.exec(ctx, insertFileEvent, t.operator, file, id, string(state), reason, run, actor, t.Now()); err != nil {
		return fmt.Errorf("storage: file event: %w", err)
	}
	return nil
}

const selectFileByHash = `
SELECT file_id
FROM file_hash
WHERE operator_id = $1 AND connection_id = $2 AND sha256 = $3`

// FileByHash returns the first file with these bytes on the connection (0: none), or ErrNotFound. It
// saves work and decides nothing: duplicates are found per interchange and per payment.
func (t *LoadTx) FileByHash(ctx context.Context, connection ConnectionID, sha256 []byte) (FileID, error) {
	var id FileID
	if err := t.get(ctx, &id, selectFileByHash, t.operator, connection, sha256); err != nil {
		return 0, fmt.Errorf("storage: file by hash: %w", err)
	}
	return id, nil
}

const lockFile = `
SELECT ` + fileColumns + `
FROM file
WHERE operator_id = $1 AND id = $2
FOR UPDATE`

// LockFile locks the file's row until the transaction ends and returns it. A load begins with it and
// then looks at the state again: whoever comes second finds the work done.
func (t *LoadTx) LockFile(ctx context.Context, id FileID) (File, error) {
	var f File
	if err := t.get(ctx, &f, lockFile, t.operator, id); err != nil {
		return File{}, fmt.Errorf("storage: lock file: %w", err)
	}
	return f, nil
}

const selectFile = `
SELECT ` + fileColumns + `
FROM file
WHERE operator_id = $1 AND id = $2`

// FileForLoad returns a file without locking it, or ErrNotFound.
func (t *LoadTx) FileForLoad(ctx context.Context, id FileID) (File, error) {
	var f File
	if err := t.get(ctx, &f, selectFile, t.operator, id); err != nil {
		return File{}, fmt.Errorf("storage: file: %w", err)
	}
	return f, nil
}

// A FileChange is a step on a file's way. Zero fields stay as they are.
type FileChange struct {
	State   FileState
	Reason  string // a code of the error table, "" if the state speaks for itself
	Kind    string
	Partner PartnerID
	Run     RunID // for the event
	Attempt bool  // counts as an attempt to load
	Counts  any   // the roll-up, marshalled to JSON
}

const updateFileState = `
UPDATE file
SET state = $3, state_reason = nullif($4, ''), state_at = $5, kind = coalesce(nullif($6, ''), kind),
	partner_id = coalesce(nullif($7::bigint, 0), partner_id), counts = coalesce($8::jsonb, counts),
	attempt = attempt + $9::int
WHERE operator_id = $1 AND id = $2`

// SetFileState takes a file to a state and adds the event to its time line.
func (t *LoadTx) SetFileState(ctx context.Context, id FileID, c FileChange) error {
	var counts *string
	if c.Counts != nil {
		text, err := json.Marshal(c.Counts)
		if err != nil {
			return fmt.Errorf("storage: counts of file: %w", err)
		}
		s := string(text)
		counts = &s
	}
	attempt := 0
	if c.Attempt {
		attempt = 1
	}
	err := t.execOne(ctx, updateFileState, t.operator, id, string(c.State), c.Reason, t.Now(), c.Kind, c.Partner, counts, attempt)
	if err != nil {
		return fmt.Errorf("storage: file state: %w", err)
	}
	return t.addFileEvent(ctx, id, c.State, c.Reason, c.Run)
}

const checkEpoch = `
SELECT count(*)
FROM (SELECT 1 FROM run WHERE operator_id = $1 AND id = $2 AND epoch = $3 AND state = 'running' FOR SHARE) held`

// CheckEpoch returns ErrFenced if the run was taken over, cancelled or ended. It holds the run as it
// is until the transaction ends; every commit on behalf of a run begins with it.
func (t *LoadTx) CheckEpoch(ctx context.Context, run RunID, epoch int) error {
	var n int
	if err := t.get(ctx, &n, checkEpoch, t.operator, run, epoch); err != nil {
		return fmt.Errorf("storage: check run: %w", err)
	}
	if n == 0 {
		return ErrFenced
	}
	return nil
}
