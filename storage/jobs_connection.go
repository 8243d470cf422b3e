package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// The values of Connection.AfterSuccess.
const (
	AfterLeave   = "leave"
	AfterArchive = "archive"
	AfterDelete  = "delete"
)

// A Connection is an endpoint at a partner and its folders. It prints without its secrets: they are
// sealed before they come here.
type Connection struct {
	Operator       OperatorID      `db:"operator_id"`
	ID             ConnectionID    `db:"id"`
	Partner        PartnerID       `db:"partner_id"` // 0: files tell
	Account        AccountID       `db:"account_id"` // 0: routed by content
	Name           string          `db:"name"`
	Protocol       string          `db:"protocol"` // sftp
	Host           string          `db:"host"`
	Port           int             `db:"port"`
	Username       string          `db:"username"`
	Auth           string          `db:"auth"`             // password, key, certificate, none
	Secrets        []byte          `db:"secrets" json:"-"` // sealed; nil: none
	SecretsKeyID   string          `db:"secrets_key_id"`   // "" as Secrets
	HostKeys       pq.StringArray  `db:"host_keys"`        // pinned, "ssh-ed25519 SHA256:…"
	OfferedHostKey string          `db:"offered_host_key"` // waits for a person's yes; "": none
	PullFolder     string          `db:"pull_folder"`      // "": nothing is pulled; "." is where the session starts
	PullGlobs      pq.StringArray  `db:"pull_globs"`       // in order; a leading ! leaves out
	PushFolder     string          `db:"push_folder"`      // "": nothing is pushed
	AckFolder      string          `db:"ack_folder"`       // "": acknowledgments stay here
	AfterSuccess   string          `db:"after_success"`    // leave, archive, delete
	ArchiveFolder  string          `db:"archive_folder"`   // "" unless AfterSuccess is archive
	DoneMarker     string          `db:"done_marker"`      // suffix of the marker file; "": standing still decides
	StableSeconds  int             `db:"stable_seconds"`   // how long size and time must stand still
	MaxFileBytes   int64           `db:"max_file_bytes"`   // larger files are not taken
	MaxFiles       int             `db:"max_files"`        // that one run takes
	Concurrency    int             `db:"concurrency"`      // files at once, 1 to 16
	ConnectSeconds int             `db:"connect_seconds"`  // limit to connecting
	IdleSeconds    int             `db:"idle_seconds"`     // limit to a server's silence
	Options        json.RawMessage `db:"options"`          // what has no column
	Paused         bool            `db:"paused"`           //
	PausedReason   string          `db:"paused_reason"`    // a code of the error table or a person's words
	Version        int             `db:"version"`          // raised by each change
	CreatedAt      time.Time       `db:"created_at"`       //
	UpdatedAt      time.Time       `db:"updated_at"`       //
}

const connectionColumns = `operator_id, id, coalesce(partner_id, 0) AS partner_id, coalesce(account_id, 0) AS account_id,
	name, protocol, host, port, username, auth, secrets, coalesce(secrets_key_id, '') AS secrets_key_id,
	host_keys, coalesce(offered_host_key, '') AS offered_host_key, coalesce(pull_folder, '') AS pull_folder, pull_globs,
	coalesce(push_folder, '') AS push_folder, coalesce(ack_folder, '') AS ack_folder, after_success,
	coalesce(archive_folder, '') AS archive_folder, coalesce(done_marker, '') AS done_marker, stable_seconds,
	max_file_bytes, max_files, concurrency, connect_seconds, idle_seconds, options, paused,
	coalesce(paused_reason, '') AS paused_reason, version, created_at, updated_at`

const (
	insertConnection = `
INSERT INTO connection (operator_id, id, partner_id, account_id, name, protocol, host, port, username, auth, secrets, secrets_key_id,
	host_keys, pull_folder, pull_globs, push_folder, ack_folder, after_success, archive_folder, done_marker,
	stable_seconds, max_file_bytes, max_files, concurrency, connect_seconds, idle_seconds, options, paused, paused_reason)
VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6, $7, $8, $9, $10, $11, nullif($12, ''),
	$13, nullif($14, ''), $15, nullif($16, ''), nullif($17, ''), $18, nullif($19, ''), nullif($20, ''),
	$21, $22, $23, $24, $25, $26, $27::jsonb, $28, nullif($29, ''))`

	updateConnection = `
UPDATE connection SET partner_id = nullif($3::bigint, 0), account_id = nullif($4::bigint, 0), name = $5, protocol = $6,
	host = $7, port = $8, username = $9, auth = $10, secrets = $11, secrets_key_id = nullif($12, ''), host_keys = $13,
	pull_folder = nullif($14, ''), pull_globs = $15, push_folder = nullif($16, ''), ack_folder = nullif($17, ''),
	after_success = $18, archive_folder = nullif($19, ''), done_marker = nullif($20, ''), stable_seconds = $21,
	max_file_bytes = $22, max_files = $23, concurrency = $24, connect_seconds = $25, idle_seconds = $26,
	options = $27::jsonb, paused = $28, paused_reason = nullif($29, ''), offered_host_key = nullif($30, ''),
	version = version + 1, updated_at = now()
WHERE operator_id = $1 AND id = $2 AND version = $31`

	selectConnection  = `SELECT ` + connectionColumns + ` FROM connection WHERE operator_id = $1 AND id = $2`
	selectConnections = `SELECT ` + connectionColumns + ` FROM connection WHERE operator_id = $1 ORDER BY name, id`
	deleteConnection  = `DELETE FROM connection WHERE operator_id = $1 AND id = $2`
	deleteSeen        = `DELETE FROM remote_seen WHERE operator_id = $1 AND connection_id = $2`

	countConnectionUse = `
SELECT (SELECT count(*) FROM schedule WHERE operator_id = $1 AND connection_id = $2)
	+ (SELECT count(*) FROM run WHERE operator_id = $1 AND connection_id = $2 AND direction IS NOT NULL AND state IN ('queued', 'running'))`

	pauseConnection = `
UPDATE connection SET paused = true, paused_reason = $3, offered_host_key = coalesce(nullif($4, ''), offered_host_key),
	version = version + 1, updated_at = now()
WHERE operator_id = $1 AND id = $2`
)

func (c *Connection) values() []any {
	return []any{
		c.Operator, c.ID, c.Partner, c.Account, c.Name, c.Protocol, c.Host, c.Port, c.Username, c.Auth, c.Secrets, c.SecretsKeyID,
		c.HostKeys, c.PullFolder, c.PullGlobs, c.PushFolder, c.AckFolder, c.AfterSuccess, c.ArchiveFolder, c.DoneMarker,
		c.StableSeconds, c.MaxFileBytes, c.MaxFiles, c.Concurrency, c.ConnectSeconds, c.IdleSeconds, objectOr(c.Options), c.Paused, c.PausedReason,
	}
}

// objectOr returns JSON as the driver wants it; nothing is an empty object.
func objectOr(raw json.RawMessage) string {
	if len(raw) == 0 {
		return "{}"
	}
	return string(raw)
}

// AddConnection adds a connection of the scope's operator. Its id is c.ID, which the caller took with
// NewID (the secrets are sealed for it). A name that is taken is ErrConflict.
func (t *Tx) AddConnection(ctx context.Context, c *Connection) error {
	c.Operator = t.scope.Operator
	if _, err := t.exec(ctx, insertConnection, c.values()...); err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	return nil
}

// ChangeConnection writes all of c over the connection of its id, if it is still c.Version, else
// ErrConflict.
func (t *Tx) ChangeConnection(ctx context.Context, c *Connection) error {
	c.Operator = t.scope.Operator
	n, err := t.exec(ctx, updateConnection, append(c.values(), c.OfferedHostKey, c.Version)...)
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	c.Version++
	return nil
}

// Connection returns one connection of the scope's operator; ErrNotFound.
func (t *Tx) Connection(ctx context.Context, id ConnectionID) (*Connection, error) {
	return t.ConnectionOf(ctx, t.scope.Operator, id)
}

// ConnectionOf is Connection for a transaction of InSystem.
func (t *Tx) ConnectionOf(ctx context.Context, operator OperatorID, id ConnectionID) (*Connection, error) {
	c := &Connection{}
	if err := t.get(ctx, c, selectConnection, operator, id); err != nil {
		return nil, fmt.Errorf("storage: connection: %w", err)
	}
	return c, nil
}

// Connections returns the operator's connections by name.
func (t *Tx) Connections(ctx context.Context) ([]Connection, error) {
	all := []Connection{}
	if err := t.list(ctx, &all, selectConnections, t.scope.Operator); err != nil {
		return nil, fmt.Errorf("storage: connections: %w", err)
	}
	return all, nil
}

// DeleteConnection deletes a connection that no schedule and no open run uses (ErrConflict), and what
// was seen through it. Its files and runs stay.
func (t *Tx) DeleteConnection(ctx context.Context, id ConnectionID) error {
	var uses int
	if err := t.get(ctx, &uses, countConnectionUse, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	if uses > 0 {
		return fmt.Errorf("storage: connection in use: %w", ErrConflict)
	}
	if err := t.execOne(ctx, deleteConnection, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	if _, err := t.exec(ctx, deleteSeen, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	return nil
}

// PauseConnection stops a connection until a person resumes it. offered is a host key that waits for
// a person's yes, "" if that isn't why.
func (t *Tx) PauseConnection(ctx context.Context, id ConnectionID, reason, offered string) error {
	if err := t.execOne(ctx, pauseConnection, t.scope.Operator, id, reason, offered); err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	return nil
}
