package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// A DropBox is a partner's place at our own SFTP server: who may put files there, and how much.
type DropBox struct {
	Operator          OperatorID     `db:"operator_id"`
	ID                DropBoxID      `db:"id"`
	Name              string         `db:"name"`
	Username          string         `db:"username"`           // unique over the installation
	Partner           PartnerID      `db:"partner_id"`         // 0: files tell
	Account           AccountID      `db:"account_id"`         // 0: routed by content
	Sources           pq.StringArray `db:"sources"`            // networks that may sign in; empty: any
	TemporarySuffixes pq.StringArray `db:"temporary_suffixes"` // of names while they are written, beside the usual ones
	RepeatNames       bool           `db:"repeat_names"`       // other bytes under a name of before are another file, not refused
	MaxFileBytes      int64          `db:"max_file_bytes"`
	MaxWaitingFiles   int            `db:"max_waiting_files"` // staged, or not loaded yet
	MaxWaitingBytes   int64          `db:"max_waiting_bytes"`
	Paused            bool           `db:"paused"`
	PausedReason      string         `db:"paused_reason"` // a person's words
	Version           int            `db:"version"`       // raised by each change, also of its keys
	CreatedAt         time.Time      `db:"created_at"`
	UpdatedAt         time.Time      `db:"updated_at"`
	LastSignInAt      *time.Time     `db:"last_sign_in_at"` // nil: never
	LastFileAt        *time.Time     `db:"last_file_at"`    // accepted; nil: never
}

// A DropBoxKey is a public key that may sign in to a drop box.
type DropBoxKey struct {
	Fingerprint string     `db:"fingerprint"` // SHA256:…
	PublicKey   string     `db:"public_key"`  // "type base64"
	Comment     string     `db:"comment"`
	AddedAt     time.Time  `db:"added_at"`
	LastUsedAt  *time.Time `db:"last_used_at"` // nil: never
}

const dropBoxColumns = `b.operator_id, b.id, b.name, b.username, coalesce(b.partner_id, 0) AS partner_id, coalesce(b.account_id, 0) AS account_id,
	b.sources, b.temporary_suffixes, b.repeat_names, b.max_file_bytes, b.max_waiting_files, b.max_waiting_bytes,
	b.paused, coalesce(b.paused_reason, '') AS paused_reason, b.version, b.created_at, b.updated_at, b.last_sign_in_at, b.last_file_at`

const (
	insertDropBox = `
INSERT INTO dropbox (operator_id, id, name, username, partner_id, account_id, sources, temporary_suffixes, repeat_names,
	max_file_bytes, max_waiting_files, max_waiting_bytes, paused, paused_reason)
VALUES ($1, $2, $3, $4, nullif($5::bigint, 0), nullif($6::bigint, 0), $7, $8, $9, $10, $11, $12, $13, nullif($14, ''))`

	updateDropBox = `
UPDATE dropbox SET name = $3, username = $4, partner_id = nullif($5::bigint, 0), account_id = nullif($6::bigint, 0), sources = $7,
	temporary_suffixes = $8, repeat_names = $9, max_file_bytes = $10, max_waiting_files = $11, max_waiting_bytes = $12,
	paused = $13, paused_reason = nullif($14, ''), version = version + 1, updated_at = now()
WHERE operator_id = $1 AND id = $2 AND version = $15`

	selectDropBox   = `SELECT ` + dropBoxColumns + ` FROM dropbox b WHERE b.operator_id = $1 AND b.id = $2`
	selectDropBoxes = `SELECT ` + dropBoxColumns + ` FROM dropbox b WHERE b.operator_id = $1 ORDER BY b.name, b.id`
	deleteDropBox   = `DELETE FROM dropbox WHERE operator_id = $1 AND id = $2`
	deleteKeysOf    = `DELETE FROM dropbox_key WHERE operator_id = $1 AND dropbox_id = $2`
)

func (b *DropBox) values() []any {
	return []any{
		b.Operator, b.ID, b.Name, b.Username, b.Partner, b.Account, arrayOr(b.Sources), arrayOr(b.TemporarySuffixes), b.RepeatNames,
		b.MaxFileBytes, b.MaxWaitingFiles, b.MaxWaitingBytes, b.Paused, b.PausedReason,
	}
}

// arrayOr makes an empty array of none: the columns have no NULL.
func arrayOr(a pq.StringArray) pq.StringArray {
	if a == nil {
		return pq.StringArray{}
	}
	return a
}

// AddDropBox adds a drop box of the scope's operator and gives it its id. A name or user name that is taken is ErrConflict.
func (t *Tx) AddDropBox(ctx context.Context, b *DropBox) error {
	id, err := t.NewID(ctx, IDDropBox)
	if err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	b.Operator, b.ID, b.Version = t.scope.Operator, DropBoxID(id), 1
	if _, err := t.exec(ctx, insertDropBox, b.values()...); err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	return nil
}

// ChangeDropBox writes all of b over the drop box of its id, if it is still b.Version, else ErrConflict.
func (t *Tx) ChangeDropBox(ctx context.Context, b *DropBox) error {
	b.Operator = t.scope.Operator
	n, err := t.exec(ctx, updateDropBox, append(b.values(), b.Version)...)
	if err == nil && n == 0 {
		err = ErrConflict
	}
	if err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	b.Version++
	return nil
}

// DropBox returns one drop box of the scope's operator; ErrNotFound.
func (t *Tx) DropBox(ctx context.Context, id DropBoxID) (*DropBox, error) {
	b := &DropBox{}
	if err := t.get(ctx, b, selectDropBox, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: drop box: %w", err)
	}
	return b, nil
}

// DropBoxes returns the operator's drop boxes by name.
func (t *Tx) DropBoxes(ctx context.Context) ([]DropBox, error) {
	all := []DropBox{}
	if err := t.list(ctx, &all, selectDropBoxes, t.scope.Operator); err != nil {
		return nil, fmt.Errorf("storage: drop boxes: %w", err)
	}
	return all, nil
}

// DeleteDropBox deletes a drop box and its keys. Its files stay; what was staged goes by a sweep within a day or so.
func (t *Tx) DeleteDropBox(ctx context.Context, id DropBoxID) error {
	if err := t.execOne(ctx, deleteDropBox, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	if _, err := t.exec(ctx, deleteKeysOf, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	return nil
}

const (
	raiseDropBox = `UPDATE dropbox SET version = version + 1, updated_at = now() WHERE operator_id = $1 AND id = $2`

	insertDropBoxKey = `
INSERT INTO dropbox_key (operator_id, dropbox_id, fingerprint, public_key, comment)
VALUES ($1, $2, $3, $4, $5)`

	deleteDropBoxKey = `DELETE FROM dropbox_key WHERE operator_id = $1 AND dropbox_id = $2 AND fingerprint = $3`

	selectDropBoxKeys = `
SELECT fingerprint, public_key, comment, added_at, last_used_at
FROM dropbox_key
WHERE operator_id = $1 AND dropbox_id = $2
ORDER BY added_at, fingerprint`
)

// AddDropBoxKey lets a key sign in to a drop box; ErrNotFound, ErrConflict: it may already.
func (t *Tx) AddDropBoxKey(ctx context.Context, id DropBoxID, k DropBoxKey) error {
	if err := t.execOne(ctx, raiseDropBox, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	if _, err := t.exec(ctx, insertDropBoxKey, t.scope.Operator, id, k.Fingerprint, k.PublicKey, k.Comment); err != nil {
		return fmt.Errorf("storage: drop box key: %w", err)
	}
	return nil
}

// RemoveDropBoxKey takes a key away; ErrNotFound.
func (t *Tx) RemoveDropBoxKey(ctx context.Context, id DropBoxID, fingerprint string) error {
	if err := t.execOne(ctx, raiseDropBox, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	if err := t.execOne(ctx, deleteDropBoxKey, t.scope.Operator, id, fingerprint); err != nil {
		return fmt.Errorf("storage: drop box key: %w", err)
	}
	return nil
}

// DropBoxKeys returns the keys of a drop box, the oldest first.
func (t *Tx) DropBoxKeys(ctx context.Context, id DropBoxID) ([]DropBoxKey, error) {
	all := []DropBoxKey{}
	if err := t.list(ctx, &all, selectDropBoxKeys, t.scope.Operator, id); err != nil {
		return nil, fmt.Errorf("storage: drop box keys: %w", err)
	}
	return all, nil
}
