package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// What becomes of a file at the partner's server once it is ours.
const (
	AfterLeave   = "leave"
	AfterArchive = "archive"
	AfterDelete  = "delete"
)

// A Connection is an endpoint at a partner, its folders and how it does. It prints without its secrets:
// they are sealed before they come here. Folders, Push and Network are documents that package jobs
// gives types; here they are only kept.
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
	Auth           string          `db:"auth"`             // password, key, key_password, certificate
	Secrets        []byte          `db:"secrets" json:"-"` // sealed; nil: none
	SecretsKeyID   string          `db:"secrets_key_id"`   // "" as Secrets
	HostKeys       pq.StringArray  `db:"host_keys"`        // pinned, "ssh-ed25519 SHA256:…"
	OfferedHostKey string          `db:"offered_host_key"` // waits for a person's yes; "": none
	Folders        json.RawMessage `db:"folders"`          // pulled from, in order
	Push           json.RawMessage `db:"push"`             // how files are delivered
	Network        json.RawMessage `db:"network"`          // limits and compatibility
	ExpectedBy     string          `db:"expected_by"`      // a schedule's times by which a file must have come; "": none is expected
	ExpectedZone   string          `db:"expected_zone"`    // "" as ExpectedBy
	Paused         bool            `db:"paused"`
	PausedReason   string          `db:"paused_reason"` // a code of the error table or a person's words
	Version        int             `db:"version"`       // raised by each change

	// What is to sign in once the partner has changed over; its secrets are among Secrets.
	NextAuth       string     `db:"next_auth"`        // as Auth; "": none waits
	NextVersion    int        `db:"next_version"`     // the version with which it was entered, which tells it from others; 0: none waits
	NextAddedAt    *time.Time `db:"next_added_at"`    // nil as NextAuth
	NextWorksSince *time.Time `db:"next_works_since"` // see [Tx.NoteNextCredential]; nil: not known to work
	NextTakesOver  bool       `db:"next_takes_over"`  // as soon as it works

	CreatedAt time.Time `db:"created_at"`
	UpdatedAt time.Time `db:"updated_at"`

	// How it does; written by runs, see [Tx.NoteContact] and its neighbours.
	LastContactAt *time.Time `db:"last_contact_at"` // signed in; nil: never
	LastFileAt    *time.Time `db:"last_file_at"`    // took or delivered a file; nil: never
	ErrorStreak   int        `db:"error_streak"`    // failed runs since the last good one
	LastErrorCode string     `db:"last_error_code"` // of the last failed run; "": the last run was good
}

const connectionColumns = `operator_id, id, coalesce(partner_id, 0) AS partner_id, coalesce(account_id, 0) AS account_id,
	name, protocol, host, port, username, auth, secrets, coalesce(secrets_key_id, '') AS secrets_key_id,
	host_keys, coalesce(offered_host_key, '') AS offered_host_key, folders, push, network,
	coalesce(expected_by, '') AS expected_by, coalesce(expected_zone, '') AS expected_zone, paused,
	coalesce(paused_reason, '') AS paused_reason, version,
	coalesce(next_auth, '') AS next_auth, next_version, next_added_at, next_works_since, next_takes_over, created_at, updated_at,
	last_contact_at, last_file_at, error_streak, coalesce(last_error_code, '') AS last_error_code`

const (
	insertConnection = `
INSERT INTO connection (operator_id, id, partner_id, account_id, name, protocol, host, port, username, auth, secrets, secrets_key_id,
	host_keys, folders, push, network, expected_by, expected_zone, paused, paused_reason)
VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6, $7, $8, $9, $10, $11, nullif($12, ''),
	$13, $14::jsonb, $15::jsonb, $16::jsonb, nullif($17, ''), nullif($18, ''), $19, nullif($20, ''))`

	updateConnection = `
UPDATE connection SET partner_id = nullif($3::bigint, 0), account_id = nullif($4::bigint, 0), name = $5, protocol = $6,
	host = $7, port = $8, username = $9, auth = $10, secrets = $11, secrets_key_id = nullif($12, ''), host_keys = $13,
	folders = $14::jsonb, push = $15::jsonb, network = $16::jsonb, expected_by = nullif($17, ''), expected_zone = nullif($18, ''),
	paused = $19, paused_reason = nullif($20, ''), offered_host_key = nullif($21, ''), version = version + 1, updated_at = now(),
	next_auth = nullif($23, ''), next_version = $24, next_added_at = $25, next_takes_over = $26,
	next_works_since = CASE WHEN next_version = $24 THEN next_works_since END -- runs write it
WHERE operator_id = $1 AND id = $2 AND version = $22`

	selectConnection  = `SELECT ` + connectionColumns + ` FROM connection WHERE operator_id = $1 AND id = $2`
	selectConnections = `SELECT ` + connectionColumns + ` FROM connection WHERE operator_id = $1 ORDER BY name, id`
	deleteConnection  = `DELETE FROM connection WHERE operator_id = $1 AND id = $2`
	deleteSeen        = `DELETE FROM remote_seen WHERE operator_id = $1 AND connection_id = $2`

	countConnectionUse = `
SELECT (SELECT count(*) FROM schedule WHERE operator_id = $1 AND connection_id = $2)
	+ (SELECT count(*) FROM run WHERE operator_id = $1 AND connection_id = $2 AND direction IS NOT NULL AND state IN ('queued', 'running'))
	+ (SELECT count(*) FROM outbound WHERE operator_id = $1 AND connection_id = $2 AND open)`

	pauseConnection = `
UPDATE connection SET paused = true, paused_reason = $3, offered_host_key = coalesce(nullif($4, ''), offered_host_key),
	version = version + 1, updated_at = now()
WHERE operator_id = $1 AND id = $2`
)

func (c *Connection) values() []any {
	return []any{
		c.Operator, c.ID, c.Partner, c.Account, c.Name, c.Protocol, c.Host, c.Port, c.Username, c.Auth, c.Secrets, c.SecretsKeyID,
		c.HostKeys, documentOr(c.Folders, "[]"), documentOr(c.Push, "{}"), documentOr(c.Network, "{}"), c.ExpectedBy, c.ExpectedZone,
		c.Paused, c.PausedReason,
	}
}

// objectOr returns JSON as the driver wants it; nothing is an empty object.
func objectOr(raw json.RawMessage) string { return documentOr(raw, "{}") }

// documentOr returns JSON as the driver wants it, or the standard if there is none.
func documentOr(raw json.RawMessage, standard string) string {
	if len(raw) == 0 {
		return standard
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
// ErrConflict. NextWorksSince stays as it is for the same next credential, and is nil for another.
func (t *Tx) ChangeConnection(ctx context.Context, c *Connection) error {
	c.Operator = t.scope.Operator
	n, err := t.exec(ctx, updateConnection, append(c.values(), c.OfferedHostKey, c.Version,
		c.NextAuth, c.NextVersion, c.NextAddedAt, c.NextTakesOver)...)
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
