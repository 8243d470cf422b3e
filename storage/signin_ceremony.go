package storage

import (
	"context"
	"time"
)

// A Ceremony is what the server remembers between the requests by which a factor is set up or asked for.
type Ceremony struct {
	TokenHash []byte    `db:"token_hash"`
	Purpose   string    `db:"purpose"`
	UserID    int64     `db:"user_id"`    // 0: nobody is known yet
	SessionID int64     `db:"session_id"` // 0: before sign-in
	Sealed    []byte    `db:"sealed"`
	ExpiresAt time.Time `db:"expires_at"`
}

const (
	insertCeremony = `
INSERT INTO factor_ceremony (token_hash, purpose, user_id, session_id, sealed, expires_at)
VALUES ($1, $2, nullif($3::bigint, 0), nullif($4::bigint, 0), $5, $6)`

	purgeCeremonies = `DELETE FROM factor_ceremony WHERE expires_at < $1`

	selectCeremony = `
SELECT token_hash, purpose, coalesce(user_id, 0) AS user_id, coalesce(session_id, 0) AS session_id, sealed, expires_at
FROM factor_ceremony
WHERE token_hash = $1 AND purpose = $2 AND coalesce(session_id, 0) = $3 AND expires_at > $4`

	takeCeremony = `
DELETE FROM factor_ceremony
WHERE token_hash = $1 AND purpose = $2 AND coalesce(session_id, 0) = $3 AND expires_at > $4
RETURNING token_hash, purpose, coalesce(user_id, 0) AS user_id, coalesce(session_id, 0) AS session_id, sealed, expires_at`

	insertKeptForm = `
INSERT INTO kept_form (user_id, id, action, sealed, expires_at)
VALUES ($1, $2, $3, $4, $5)`

	purgeKeptForms = `DELETE FROM kept_form WHERE expires_at < $1`

	// Nobody keeps more than a few: whoever holds an old cookie can't fill the table.
	trimKeptForms = `
DELETE FROM kept_form
WHERE user_id = $1 AND id NOT IN (SELECT id FROM kept_form WHERE user_id = $1 ORDER BY expires_at DESC, id DESC LIMIT 5)`

	selectKeptForm = `
SELECT user_id, id, action, sealed
FROM kept_form
WHERE user_id = $1 AND id = $2 AND expires_at > $3`
)

// PutCeremony remembers a ceremony, and forgets those that nobody finished in time.
func (t *Tx) PutCeremony(ctx context.Context, c Ceremony, now time.Time) error {
	if _, err := t.exec(ctx, purgeCeremonies, now); err != nil {
		return err
	}
	_, err := t.exec(ctx, insertCeremony, c.TokenHash, c.Purpose, c.UserID, c.SessionID, c.Sealed, c.ExpiresAt)
	return err
}

// Ceremony returns a ceremony of a session (0: before sign-in); ErrNotFound if there is none or it is over.
func (t *Tx) Ceremony(ctx context.Context, tokenHash []byte, purpose string, session int64, now time.Time) (Ceremony, error) {
	var c Ceremony
	err := t.get(ctx, &c, selectCeremony, tokenHash, purpose, session, now)
	return c, err
}

// TakeCeremony is Ceremony, once: whoever asks again finds none.
func (t *Tx) TakeCeremony(ctx context.Context, tokenHash []byte, purpose string, session int64, now time.Time) (Ceremony, error) {
	var c Ceremony
	err := t.get(ctx, &c, takeCeremony, tokenHash, purpose, session, now)
	return c, err
}

// A KeptForm is a form that waits for its person to sign in again.
type KeptForm struct {
	UserID int64  `db:"user_id"`
	ID     int64  `db:"id"`
	Action string `db:"action"` // where it is posted
	Sealed []byte `db:"sealed"`
}

// KeepForm keeps a form until then, and at most five of a person.
func (t *Tx) KeepForm(ctx context.Context, f KeptForm, now, until time.Time) error {
	if _, err := t.exec(ctx, purgeKeptForms, now); err != nil {
		return err
	}
	if _, err := t.exec(ctx, insertKeptForm, f.UserID, f.ID, f.Action, f.Sealed, until); err != nil {
		return err
	}
	_, err := t.exec(ctx, trimKeptForms, f.UserID)
	return err
}

// KeptForm returns a form that was kept for the user; ErrNotFound if there is none.
func (t *Tx) KeptForm(ctx context.Context, user UserID, id int64, now time.Time) (KeptForm, error) {
	var f KeptForm
	err := t.get(ctx, &f, selectKeptForm, int64(user), id, now)
	return f, err
}
