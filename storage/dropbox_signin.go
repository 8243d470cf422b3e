package storage

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/lib/pq"
)

const selectDropBoxBySignIn = `
SELECT ` + dropBoxColumns + `
FROM dropbox b
JOIN dropbox_key k ON k.operator_id = b.operator_id AND k.dropbox_id = b.id
WHERE b.username = $1 AND k.fingerprint = $2`

// DropBoxBySignIn returns the drop box whose user and key these are. ErrNotFound does not tell which of them is wrong, and
// takes the same time. The transaction is one of InSystem.
func (t *Tx) DropBoxBySignIn(ctx context.Context, username, fingerprint string) (*DropBox, error) {
	b := &DropBox{}
	if err := t.get(ctx, b, selectDropBoxBySignIn, username, fingerprint); err != nil {
		return nil, fmt.Errorf("storage: drop box: %w", err)
	}
	return b, nil
}

const selectDropBoxByUsername = `SELECT ` + dropBoxColumns + ` FROM dropbox b WHERE b.username = $1`

// DropBoxByUsername returns the drop box of a user, for the audit of what was refused; ErrNotFound. The transaction is one of
// InSystem.
func (t *Tx) DropBoxByUsername(ctx context.Context, username string) (*DropBox, error) {
	b := &DropBox{}
	if err := t.get(ctx, b, selectDropBoxByUsername, username); err != nil {
		return nil, fmt.Errorf("storage: drop box: %w", err)
	}
	return b, nil
}

const (
	noteDropBoxSignIn = `UPDATE dropbox SET last_sign_in_at = now() WHERE operator_id = $1 AND id = $2`
	noteDropBoxKey    = `UPDATE dropbox_key SET last_used_at = now() WHERE operator_id = $1 AND dropbox_id = $2 AND fingerprint = $3`
)

// NoteDropBoxSignIn keeps when a drop box and a key of it were used last.
func (t *Tx) NoteDropBoxSignIn(ctx context.Context, id DropBoxID, fingerprint string) error {
	if _, err := t.exec(ctx, noteDropBoxSignIn, t.scope.Operator, id); err != nil {
		return fmt.Errorf("storage: drop box: %w", err)
	}
	if _, err := t.exec(ctx, noteDropBoxKey, t.scope.Operator, id, fingerprint); err != nil {
		return fmt.Errorf("storage: drop box key: %w", err)
	}
	return nil
}

const selectDropBoxVersions = `SELECT id, version FROM dropbox WHERE id = ANY ($1)`

// DropBoxVersions returns the versions of drop boxes of any operator; one that is gone has none. The transaction is one of
// InSystem.
func (t *Tx) DropBoxVersions(ctx context.Context, ids []DropBoxID) (map[DropBoxID]int, error) {
	var asked pq.Int64Array
	for _, id := range ids {
		asked = append(asked, int64(id))
	}
	var rows []struct {
		ID      DropBoxID `db:"id"`
		Version int       `db:"version"`
	}
	if err := t.list(ctx, &rows, selectDropBoxVersions, asked); err != nil {
		return nil, fmt.Errorf("storage: drop boxes: %w", err)
	}
	versions := make(map[DropBoxID]int, len(rows))
	for _, r := range rows {
		versions[r.ID] = r.Version
	}
	return versions, nil
}

const (
	selectDropBoxHostKey = `SELECT value::text FROM setting WHERE operator_id = 0 AND key = 'dropbox.host_key'`

	insertDropBoxHostKey = `
INSERT INTO setting (operator_id, key, value)
VALUES (0, 'dropbox.host_key', $1::jsonb)
ON CONFLICT DO NOTHING`
)

// A DropBoxHostKey is the key of our own SFTP server, which all nodes share.
type DropBoxHostKey struct {
	Sealed []byte `json:"sealed"` // the private half
	Public string `json:"public"` // "type base64"
}

// DropBoxHostKey returns the host key of the installation, ErrNotFound if none was made yet.
func (t *Tx) DropBoxHostKey(ctx context.Context) (DropBoxHostKey, error) {
	var k DropBoxHostKey
	var text string
	err := t.get(ctx, &text, selectDropBoxHostKey)
	if err == nil {
		err = json.Unmarshal([]byte(text), &k)
	}
	if err != nil {
		return k, fmt.Errorf("storage: host key: %w", err)
	}
	return k, nil
}

// KeepDropBoxHostKey keeps a new host key, unless another node was first: read it again. The transaction is one of InSystem.
func (t *Tx) KeepDropBoxHostKey(ctx context.Context, k DropBoxHostKey) error {
	text, err := json.Marshal(k)
	if err == nil {
		_, err = t.exec(ctx, insertDropBoxHostKey, string(text))
	}
	if err != nil {
		return fmt.Errorf("storage: host key: %w", err)
	}
	return nil
}
