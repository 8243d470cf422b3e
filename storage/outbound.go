package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// What an outbound file is for.
const (
	PurposeAcknowledgment = "acknowledgment" // TA1 or 999 about what a partner sent
	PurposeRequest        = "request"        // questions of ours
	PurposeHandIn         = "hand_in"        // a person or program gave it to be delivered
)

// Why an outbound file is kept here instead of being queued; codes of the error table.
const (
	KeptNoFolder = "outbound.no_folder" // no connection says where it would go
	KeptByPolicy = "outbound.policy"    // the partner does not want it
	KeptHeld     = "outbound.held"      // what it answers waits for a person
)

// An OutboundFile is a file to be delivered: its row's fields, with the final name as its name and the
// connection that delivers it. Connection 0 means that it is kept here; then StateReason says why.
type OutboundFile struct {
	File
	Purpose   string
	Folder    string // at the partner's server
	Temporary string // its name while it is written
	NameFixed bool   // a person chose the name
	Rename    string // how the final name is given; "": the connection's usual way
	Priority  int    // 1 (first) to 4; 0: 2
	Answers   *Answers
	Envelopes []OutboundEnvelope
}

// Answers says what an acknowledgment is about.
type Answers struct {
	File        FileID
	Interchange int64
	Kind        string // TA1 or 999
	Told        Told
}

const insertOutbound = `
INSERT INTO outbound (operator_id, file_id, connection_id, partner_id, purpose, folder, final_name, temporary_name, name_fixed, rename,
	priority, queued_at, open, answers_file_id, answers_interchange, answers_kind, told)
VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6, $7, $8, $9, $10,
	$11, $12, $13, nullif($14::bigint, 0), nullif($15::bigint, 0), nullif($16, ''), $17::jsonb)`

// QueueOutbound adds a file to be delivered, or to be kept, with its envelopes, and returns its id: the one it has already, because
// its sets were written before ([LoadTx.OutboundSets]), or a new one. What
// an acknowledgment tells is recorded with what it answers, unless it is kept. ErrConflict: the
// interchange has been acknowledged already. Enqueue a push run in the same transaction.
func (t *LoadTx) QueueOutbound(ctx context.Context, f *OutboundFile) (FileID, error) {
	f.Direction, f.State = "out", FileGenerated
	if f.Connection == 0 {
		f.State = FileStored
	}
	if f.Priority == 0 {
		f.Priority = 2
	}
	if err := t.insertFileRow(ctx, &f.File); err != nil {
		return 0, err
	}
	var a Answers
	var told *string
	if f.Answers != nil {
		a = *f.Answers
		text, err := json.Marshal(a.Told)
		if err != nil {
			return 0, fmt.Errorf("storage: outbound file: %w", err)
		}
		s := string(text)
		told = &s
	}
	_, err := t.exec(ctx, insertOutbound, t.operator, f.ID, f.Connection, f.Partner, f.Purpose, f.Folder, f.Name, f.Temporary, f.NameFixed, f.Rename,
		f.Priority, t.Now(), f.Connection != 0, a.File, a.Interchange, a.Kind, told)
	if err != nil {
		return 0, fmt.Errorf("storage: outbound file: %w", err)
	}
	for i := range f.Envelopes {
		if err := t.addEnvelope(ctx, f.ID, f.Partner, &f.Envelopes[i]); err != nil {
			return 0, err
		}
	}
	if f.Answers == nil || f.Connection == 0 {
		return f.ID, nil
	}
	return f.ID, t.tell(ctx, f.ID, &a)
}

// insertFileRow adds the file's row and the first event of its time line. Hashes of what leaves are not
// kept: they would make the echo of a partner look like a file that came before.
func (t *LoadTx) insertFileRow(ctx context.Context, f *File) error {
	if f.ID == 0 {
		id, err := t.NewID(ctx, IDFile)
		if err != nil {
			return fmt.Errorf("storage: insert file: %w", err)
		}
		f.ID = FileID(id)
	}
	f.Operator = t.operator
	if f.Kind == "" {
		f.Kind = "x12"
	}
	now := t.Now()
	var stored *int64
	if f.BlobName != "" {
		stored = &f.StoredSize
	}
	_, err := t.exec(ctx, insertFile, t.operator, f.ID, f.Direction, f.Kind, f.Source, f.Name, f.Parent, f.Partner, f.Connection, f.Run, f.Account,
		string(f.State), f.StateReason, now, f.Size, f.SHA256, f.BlobName, f.WrappedKey, f.KeyID, stored, now, "", nil, nil)
	if err != nil {
		return fmt.Errorf("storage: insert file: %w", err)
	}
	return t.addFileEvent(ctx, f.ID, f.State, f.StateReason, f.Run)
}

// A Delivery is an outbound file as a push works it.
type Delivery struct {
	File        FileID    `db:"file_id"`
	State       FileState `db:"state"`
	Name        string    `db:"final_name"` // escaped, as the two below
	Temporary   string    `db:"temporary_name"`
	Folder      string    `db:"folder"`
	NameFixed   bool      `db:"name_fixed"`
	Rename      string    `db:"rename"`
	Priority    int       `db:"priority"`
	Attempt     int       `db:"attempt"`
	Sent        int       `db:"sent"`
	Partner     PartnerID `db:"partner_id"`
	Purpose     string    `db:"purpose"`
	Size        int64     `db:"size"`
	SHA256      []byte    `db:"sha256"`
	BlobName    string    `db:"blob_name"`
	WrappedKey  []byte    `db:"wrapped_key"`
	KeyID       string    `db:"key_id"`
	StoredSize  int64     `db:"stored_size"`
	QueuedAt    time.Time `db:"queued_at"` // when it was made or handed in
	WireSize    int64     `db:"wire_size"` // these if what is sent isn't the file's own bytes
	WireSHA256  []byte    `db:"wire_sha256"`
	WireBlob    string    `db:"wire_blob_name"`
	WireWrapped []byte    `db:"wire_wrapped_key"`
	WireKeyID   string    `db:"wire_key_id"`
	WireStored  int64     `db:"wire_stored_size"`

	Connection     ConnectionID `db:"connection_id"`
	Acknowledgment string       `db:"acknowledgment"` // as OutboundItem.Acknowledgment
}

const deliveryColumns = `o.file_id, f.state, o.final_name, o.temporary_name, o.folder, o.name_fixed, o.rename, o.priority, o.attempt, o.sent, o.acknowledgment, o.queued_at,
	coalesce(o.connection_id, 0) AS connection_id,
	coalesce(o.partner_id, 0) AS partner_id, o.purpose, f.size, f.sha256, coalesce(f.blob_name, '') AS blob_name, f.wrapped_key,
	coalesce(f.key_id, '') AS key_id, coalesce(f.stored_size, 0) AS stored_size, coalesce(o.wire_size, 0) AS wire_size, o.wire_sha256,
	coalesce(o.wire_blob_name, '') AS wire_blob_name, o.wire_wrapped_key, coalesce(o.wire_key_id, '') AS wire_key_id,
	coalesce(o.wire_stored_size, 0) AS wire_stored_size`

const selectDeliveries = `
SELECT ` + deliveryColumns + `
FROM outbound o
JOIN file f ON f.operator_id = o.operator_id AND f.id = o.file_id
WHERE o.operator_id = $1 AND o.connection_id = $2 AND o.open AND (o.priority, o.file_id) > ($3::smallint, $4::bigint)
ORDER BY o.priority, o.file_id
LIMIT $5`

// Deliveries returns what a connection has to deliver, in the order in which it goes, behind the last one
// that was returned (nil: from the first): at most limit files in state generated, or sending if a run did not end well.
func (t *Tx) Deliveries(ctx context.Context, connection ConnectionID, last *Delivery, limit int) ([]Delivery, error) {
	var priority int
	var file FileID
	if last != nil {
		priority, file = last.Priority, last.File
	}
	all := []Delivery{}
	if err := t.list(ctx, &all, selectDeliveries, t.scope.Operator, connection, priority, file, limit); err != nil {
		return nil, fmt.Errorf("storage: deliveries: %w", err)
	}
	return all, nil
}

// An OutboundConnection has files to deliver.
type OutboundConnection struct {
	Operator   OperatorID   `db:"operator_id"`
	Connection ConnectionID `db:"connection_id"`
}

const selectOutboundConnections = `
SELECT DISTINCT o.operator_id, o.connection_id
FROM outbound o
JOIN connection c ON c.operator_id = o.operator_id AND c.id = o.connection_id AND NOT c.paused
WHERE o.open AND (o.due_at IS NULL OR o.due_at <= now())
	AND NOT EXISTS (SELECT 1 FROM run r WHERE r.operator_id = o.operator_id AND r.connection_id = o.connection_id
		AND r.direction = 'push' AND r.state IN ('queued', 'running'))
ORDER BY o.operator_id, o.connection_id`

// OutboundConnections returns the connections, of all operators, that have something to deliver now and no
// push run that is queued or under way. The transaction is one of InSystem.
func (t *Tx) OutboundConnections(ctx context.Context) ([]OutboundConnection, error) {
	all := []OutboundConnection{}
	if err := t.list(ctx, &all, selectOutboundConnections); err != nil {
		return nil, fmt.Errorf("storage: outbound connections: %w", err)
	}
	return all, nil
}

const postponeOutbound = `UPDATE outbound SET due_at = $3 WHERE operator_id = $1 AND connection_id = $2 AND open`

// PostponeOutbound puts off what a connection has to deliver, so that no push run begins by itself before then.
func (t *Tx) PostponeOutbound(ctx context.Context, connection ConnectionID, until time.Time) error {
	if _, err := t.exec(ctx, postponeOutbound, t.scope.Operator, connection, until); err != nil {
		return fmt.Errorf("storage: outbound: %w", err)
	}
	return nil
}

const selectSentBefore = `
SELECT o.file_id
FROM outbound o
JOIN file f ON f.operator_id = o.operator_id AND f.id = o.file_id
WHERE o.operator_id = $1 AND o.connection_id = $2 AND f.sha256 = $3
	AND (f.state IN ('generated', 'sending', 'sent', 'uncertain') OR f.state = 'purged' AND o.sent > 0)
ORDER BY o.file_id
LIMIT 1`

// SentBefore returns the first file with these bytes that was queued or delivered over the connection; ErrNotFound.
func (t *Tx) SentBefore(ctx context.Context, connection ConnectionID, sha256 []byte) (FileID, error) {
	var id FileID
	if err := t.get(ctx, &id, selectSentBefore, t.scope.Operator, connection, sha256); err != nil {
		if errors.Is(err, ErrNotFound) {
			return 0, ErrNotFound
		}
		return 0, fmt.Errorf("storage: outbound: %w", err)
	}
	return id, nil
}
