package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// An outboundRow is what a change of an outbound file looks at first.
type outboundRow struct {
	State       FileState    `db:"state"`
	Connection  ConnectionID `db:"connection_id"`
	Sent        int          `db:"sent"`
	Attempt     int          `db:"attempt"`
	Size        int64        `db:"size"`
	SHA256      []byte       `db:"sha256"`
	Folder      string       `db:"folder"`
	Name        string       `db:"final_name"`
	AnswersFile FileID       `db:"answers_file_id"`
	Interchange int64        `db:"answers_interchange"`
	Kind        string       `db:"answers_kind"`
	Told        string       `db:"told"`
}

const lockOutbound = `
SELECT f.state, coalesce(o.connection_id, 0) AS connection_id, o.sent, o.attempt, coalesce(o.wire_size, f.size) AS size,
	coalesce(o.wire_sha256, f.sha256) AS sha256, o.folder, o.final_name, coalesce(o.answers_file_id, 0) AS answers_file_id,
	coalesce(o.answers_interchange, 0) AS answers_interchange, coalesce(o.answers_kind, '') AS answers_kind, coalesce(o.told::text, '') AS told
FROM outbound o
JOIN file f ON f.operator_id = o.operator_id AND f.id = o.file_id
WHERE o.operator_id = $1 AND o.file_id = $2
FOR UPDATE`

// lockOutbound locks an outbound file, which must be in one of the states, else ErrConflict.
func (t *LoadTx) lockOutbound(ctx context.Context, file FileID, states ...FileState) (*outboundRow, error) {
	row := &outboundRow{}
	if err := t.get(ctx, row, lockOutbound, t.operator, file); err != nil {
		return nil, fmt.Errorf("storage: outbound file: %w", err)
	}
	for _, s := range states {
		if row.State == s {
			return row, nil
		}
	}
	return nil, fmt.Errorf("storage: outbound file is %s: %w", row.State, ErrConflict)
}

func (r *outboundRow) answers() (*Answers, error) {
	if r.AnswersFile == 0 {
		return nil, nil //nolint:nilnil // nil is no acknowledgment
	}
	a := &Answers{File: r.AnswersFile, Interchange: r.Interchange, Kind: r.Kind}
	if err := json.Unmarshal([]byte(r.Told), &a.Told); err != nil {
		return nil, fmt.Errorf("storage: what was told: %w", err)
	}
	return a, nil
}

const beginSending = `
UPDATE outbound SET attempt = attempt + 1, sending_run_id = $3, final_name = $4, temporary_name = $5, folder = $6, open = true, due_at = NULL,
	wire_blob_name = nullif($7, ''), wire_wrapped_key = $8, wire_key_id = nullif($9, ''), wire_size = $10, wire_stored_size = $11, wire_sha256 = $12
WHERE operator_id = $1 AND file_id = $2`

const renameFile = `UPDATE file SET name = $3 WHERE operator_id = $1 AND id = $2`

// BeginSending takes a file that waits, or whose delivery was begun before, to the state sending: names, folder and
// bytes stand as d says before the first byte leaves. reason says why it is begun again, "" the first time.
// ErrConflict: somebody changed its state since d was read, queued it elsewhere, or began with it.
func (t *LoadTx) BeginSending(ctx context.Context, d *Delivery, run RunID, reason string) error {
	row, err := t.lockOutbound(ctx, d.File, FileGenerated, FileSending, FileUncertain)
	if err != nil {
		return err
	}
	if row.Connection != d.Connection || row.Attempt != d.Attempt {
		return fmt.Errorf("storage: outbound file was queued or begun anew: %w", ErrConflict)
	}
	var size, stored *int64
	var wrapped, sum []byte
	if d.WireBlob != "" {
		size, stored, wrapped, sum = &d.WireSize, &d.WireStored, d.WireWrapped, d.WireSHA256
	}
	err = t.execOne(ctx, beginSending, t.operator, d.File, run, d.Name, d.Temporary, d.Folder,
		d.WireBlob, wrapped, d.WireKeyID, size, stored, sum)
	if err != nil {
		return fmt.Errorf("storage: begin sending: %w", err)
	}
	if err := t.execOne(ctx, renameFile, t.operator, d.File, d.Name); err != nil {
		return fmt.Errorf("storage: begin sending: %w", err)
	}
	d.Attempt++
	return t.SetFileState(ctx, d.File, FileChange{State: FileSending, Reason: reason, Run: run})
}

// How it is known that a file was delivered.
const (
	CertaintyConfirmed    = "confirmed"    // the server said so
	CertaintyFound        = "found"        // it was found there after a crash or a broken connection
	CertaintyPerson       = "person"       // a person said so
	CertaintyAcknowledged = "acknowledged" // the receiver answered it
)

// An OutboundReceipt is one delivery of a file.
type OutboundReceipt struct {
	No         int       `db:"no"`
	Run        RunID     `db:"run_id" public:"run"` // 0: not by a run
	RemotePath string    `db:"remote_path"`         // escaped
	Size       int64     `db:"size"`                // bytes sent, packed and encrypted ones if so
	SHA256     []byte    `db:"sha256" json:"-"`
	SentAt     time.Time `db:"sent_at"`
	Certainty  string    `db:"certainty"`
}

const (
	markSent = `
UPDATE outbound SET sent = sent + 1, sent_at = $3, uncertain_at = NULL, open = false, due_at = NULL
WHERE operator_id = $1 AND file_id = $2`

	setRemote = `
UPDATE file SET remote_path = $3, remote_size = $4, remote_mtime = $5, run_id = coalesce(nullif($6::bigint, 0), run_id)
WHERE operator_id = $1 AND id = $2`

	insertReceipt = `
INSERT INTO outbound_receipt (operator_id, file_id, no, run_id, remote_path, size, sha256, sent_at, certainty)
VALUES ($1, $2, $3, nullif($4::bigint, 0), $5, $6, $7, $8, $9)`
)

// MarkSent takes a file that is sending or uncertain to the state sent, with a receipt. Path, size and hash may be
// left out: they are what was to be sent then. mtime is the server's, zero if it told none.
func (t *LoadTx) MarkSent(ctx context.Context, file FileID, r OutboundReceipt, mtime time.Time) error {
	row, err := t.lockOutbound(ctx, file, FileSending, FileUncertain)
	if err != nil {
		return err
	}
	if r.RemotePath == "" {
		r.RemotePath = row.Folder + "/" + row.Name
	}
	if len(r.SHA256) == 0 {
		r.Size, r.SHA256 = row.Size, row.SHA256
	}
	now := t.Now()
	if err := t.execOne(ctx, markSent, t.operator, file, now); err != nil {
		return fmt.Errorf("storage: sent: %w", err)
	}
	if err := t.execOne(ctx, setRemote, t.operator, file, r.RemotePath, r.Size, timeOrNil(mtime), r.Run); err != nil {
		return fmt.Errorf("storage: sent: %w", err)
	}
	if _, err := t.exec(ctx, insertReceipt, t.operator, file, row.Sent+1, r.Run, r.RemotePath, r.Size, r.SHA256, now, r.Certainty); err != nil {
		return fmt.Errorf("storage: receipt: %w", err)
	}
	if row.AnswersFile != 0 {
		if err := t.told(ctx, groupsWereTold, t.operator, row.AnswersFile, file, now); err != nil {
			return err
		}
	}
	reason := ""
	if r.Certainty != CertaintyConfirmed {
		reason = "outbound." + r.Certainty
	}
	return t.SetFileState(ctx, file, FileChange{State: FileSent, Reason: reason, Run: r.Run})
}

const closeOutbound = `
UPDATE outbound SET open = $3, uncertain_at = $4, note = coalesce(nullif($5, ''), note)
WHERE operator_id = $1 AND file_id = $2`

// MarkUncertain says that nobody knows whether a file that is sending arrived: a person decides.
func (t *LoadTx) MarkUncertain(ctx context.Context, file FileID, run RunID) error {
	now := t.Now()
	return t.leaveSending(ctx, file, FileChange{State: FileUncertain, Reason: "outbound.uncertain", Run: run}, false, &now)
}

// PutBack takes a file that is sending back to the queue, because it certainly did not leave; reason is why.
func (t *LoadTx) PutBack(ctx context.Context, file FileID, run RunID, reason string) error {
	return t.leaveSending(ctx, file, FileChange{State: FileGenerated, Reason: reason, Run: run}, true, nil)
}

// FailOutbound gives up a file that waits or is sending: a person must look. It certainly did not leave.
func (t *LoadTx) FailOutbound(ctx context.Context, file FileID, run RunID, reason string) error {
	return t.leaveSending(ctx, file, FileChange{State: FileFailed, Reason: reason, Run: run}, false, nil, FileGenerated)
}

func (t *LoadTx) leaveSending(ctx context.Context, file FileID, to FileChange, open bool, uncertain *time.Time, also ...FileState) error {
	if _, err := t.lockOutbound(ctx, file, append(also, FileSending)...); err != nil {
		return err
	}
	if err := t.execOne(ctx, closeOutbound, t.operator, file, open, uncertain, ""); err != nil {
		return fmt.Errorf("storage: outbound file: %w", err)
	}
	return t.SetFileState(ctx, file, to)
}

// VoidOutbound takes back a file that did not leave, or of which a person says so: generated, uncertain, failed or kept.
// Its control numbers stay with it. ErrConflict: it left, or is leaving.
func (t *LoadTx) VoidOutbound(ctx context.Context, file FileID, note string) error {
	row, err := t.lockOutbound(ctx, file, FileGenerated, FileUncertain, FileFailed, FileStored)
	if err != nil {
		return err
	}
	if err := t.execOne(ctx, closeOutbound, t.operator, file, false, nil, note); err != nil {
		return fmt.Errorf("storage: outbound file: %w", err)
	}
	if a, err := row.answers(); err != nil {
		return err
	} else if a != nil && row.Connection != 0 && row.Sent == 0 {
		if err := t.untell(ctx, a); err != nil {
			return err
		}
	}
	if err := t.SetFileState(ctx, file, FileChange{State: FileVoid, Reason: "outbound.voided"}); err != nil {
		return err
	}
	return t.answerWithout(ctx, file)
}

const requeueOutbound = `
UPDATE outbound SET connection_id = $3, folder = $4, final_name = $5, temporary_name = $6, priority = $7, open = true, due_at = NULL, uncertain_at = NULL
WHERE operator_id = $1 AND file_id = $2`

// forgetSealed makes the next attempt pack and encrypt anew.
const forgetSealed = `
UPDATE outbound SET wire_blob_name = NULL, wire_wrapped_key = NULL, wire_key_id = NULL, wire_size = NULL, wire_stored_size = NULL, wire_sha256 = NULL
WHERE operator_id = $1 AND file_id = $2`

const moveFile = `UPDATE file SET connection_id = $3, name = $4 WHERE operator_id = $1 AND id = $2`

// RequeueOutbound puts a file that is not on its way into the queue of a connection, the same bytes again; but what was made of
// them for another connection, or never left, is made anew, by the keys of now. ErrConflict: it is on its way.
func (t *LoadTx) RequeueOutbound(ctx context.Context, connection ConnectionID, d *Delivery) error {
	row, err := t.lockOutbound(ctx, d.File, FileSent, FileUncertain, FileFailed, FileVoid, FileStored)
	if err != nil {
		return err
	}
	if err := t.execOne(ctx, requeueOutbound, t.operator, d.File, connection, d.Folder, d.Name, d.Temporary, d.Priority); err != nil {
		return fmt.Errorf("storage: outbound file: %w", err)
	}
	neverLeft := row.Sent == 0 && row.State != FileUncertain
	if neverLeft || row.Connection != connection {
		if err := t.execOne(ctx, forgetSealed, t.operator, d.File); err != nil {
			return fmt.Errorf("storage: outbound file: %w", err)
		}
	}
	if err := t.execOne(ctx, moveFile, t.operator, d.File, connection, d.Name); err != nil {
		return fmt.Errorf("storage: outbound file: %w", err)
	}
	if a, err := row.answers(); err != nil {
		return err
	} else if a != nil && row.Sent == 0 {
		if err := t.tell(ctx, d.File, a); err != nil {
			return err
		}
	}
	return t.SetFileState(ctx, d.File, FileChange{State: FileGenerated, Reason: "outbound.again"})
}
