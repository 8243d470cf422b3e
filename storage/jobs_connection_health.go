package storage

import (
	"context"
	"fmt"
)

const (
	noteContact = `UPDATE connection SET last_contact_at = $3 WHERE operator_id = $1 AND id = $2`

	noteFailure = `
UPDATE connection SET error_streak = error_streak + 1, last_error_code = nullif($3, '')
WHERE operator_id = $1 AND id = $2`

	noteSuccess = `
UPDATE connection SET error_streak = 0, last_error_code = NULL, last_file_at = CASE WHEN $4 THEN $3 ELSE last_file_at END
WHERE operator_id = $1 AND id = $2`
)

// NoteContact records that a run signed in at the connection's server now. Like the two below it
// leaves the connection's version alone: people's changes don't conflict with runs.
func (t *Tx) NoteContact(ctx context.Context, id ConnectionID) error {
	return t.noteHealth(ctx, noteContact, id, t.Now())
}

// NoteConnectionFailure raises the streak of failed runs; code says why the last one failed.
func (t *Tx) NoteConnectionFailure(ctx context.Context, id ConnectionID, code string) error {
	return t.noteHealth(ctx, noteFailure, id, code)
}

// NoteConnectionSuccess ends the streak of failed runs; files tells whether any were taken or delivered.
func (t *Tx) NoteConnectionSuccess(ctx context.Context, id ConnectionID, files bool) error {
	return t.noteHealth(ctx, noteSuccess, id, t.Now(), files)
}

// noteHealth does not mind a connection that was deleted meanwhile.
func (t *Tx) noteHealth(ctx context.Context, statement string, id ConnectionID, values ...any) error {
	if _, err := t.exec(ctx, statement, append([]any{t.scope.Operator, id}, values...)...); err != nil {
		return fmt.Errorf("storage: connection: %w", err)
	}
	return nil
}
