package storage

import (
	"context"
	"time"

	"github.com/lib/pq"
)

// A Factor is what a person proves who he is by, besides the password.
type Factor struct {
	ID         int64      `db:"id"`
	UserID     int64      `db:"user_id"`
	Kind       string     `db:"kind"`   // totp, passkey, recovery_code
	Hash       string     `db:"hash"`   // of a recovery code; a passkey's credential id
	Sealed     []byte     `db:"sealed"` // an authenticator app's seed
	KeyID      string     `db:"key_id"` // of the key that sealed or hashed
	Label      string     `db:"label"`
	Data       JSON       `db:"data"`
	LastStep   int64      `db:"last_step"` // time step of the last code used; 0: none
	CreatedAt  time.Time  `db:"created_at"`
	LastUsedAt *time.Time `db:"last_used_at"` // nil: never
}

const (
	factorColumns = `id, user_id, kind, coalesce(hash, '') AS hash, sealed, coalesce(key_id, '') AS key_id, label, data,
	coalesce(last_step, 0) AS last_step, created_at, last_used_at`

	selectFactors = `
SELECT ` + factorColumns + `
FROM credential
WHERE user_id = $1 AND kind = ANY ($2) AND revoked_at IS NULL
ORDER BY created_at, id`

	selectPasskey = `
SELECT ` + factorColumns + `
FROM credential
WHERE hash = $1 AND kind = 'passkey' AND revoked_at IS NULL`

	insertFactor = `
INSERT INTO credential (user_id, id, kind, hash, sealed, key_id, label, data, last_step, created_at)
VALUES ($1, $2, $3, nullif($4::text, ''), $5, nullif($6::text, ''), $7, $8, nullif($9::bigint, 0), $10)`

	// Of two at the same time one finds the step used.
	useStep = `
UPDATE credential SET last_step = $3, last_used_at = $4
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL AND coalesce(last_step, 0) < $3`

	updateFactorData = `
UPDATE credential SET data = $3, last_used_at = coalesce($4, last_used_at)
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL`

	useRecoveryCode = `
UPDATE credential SET revoked_at = $3, last_used_at = $3
WHERE user_id = $1 AND kind = 'recovery_code' AND hash = ANY ($2) AND revoked_at IS NULL`

	renameFactor = `
UPDATE credential SET label = $3
WHERE user_id = $1 AND id = $2 AND kind IN ('totp', 'passkey') AND revoked_at IS NULL`

	revokeFactors = `
UPDATE credential SET revoked_at = $3, sealed = NULL
WHERE user_id = $1 AND kind = ANY ($2) AND (id = $4 OR $4 = 0) AND revoked_at IS NULL`

	takePasskeyHandle = `
UPDATE app_user SET passkey_handle = coalesce(passkey_handle, $2)
WHERE id = $1
RETURNING passkey_handle`
)

// Factors returns a user's valid factors of the kinds, oldest first.
func (t *Tx) Factors(ctx context.Context, user UserID, kinds ...string) ([]Factor, error) {
	factors := []Factor{}
	err := t.list(ctx, &factors, selectFactors, int64(user), pq.Array(kinds))
	return factors, err
}

// AddFactor adds a factor, whose id was taken by NewID(IDCredential): what is sealed is bound to it. The
// error is ErrConflict for a passkey that is registered already.
func (t *Tx) AddFactor(ctx context.Context, f Factor, now time.Time) error {
	_, err := t.exec(ctx, insertFactor, f.UserID, f.ID, f.Kind, f.Hash, f.Sealed, f.KeyID, f.Label, documentOr([]byte(f.Data), "{}"), f.LastStep, now)
	return err
}

// UseStep notes the time step of an authenticator app's code; false if that or a later one was used already.
func (t *Tx) UseStep(ctx context.Context, user UserID, id, step int64, now time.Time) (bool, error) {
	n, err := t.exec(ctx, useStep, int64(user), id, step, now)
	return n == 1, err
}

// SetFactorData replaces what is known of a factor; used, unless it is zero, is when it was used.
func (t *Tx) SetFactorData(ctx context.Context, user UserID, id int64, data string, used time.Time) error {
	var at *time.Time
	if !used.IsZero() {
		at = &used
	}
	return t.execOne(ctx, updateFactorData, int64(user), id, data, at)
}

// UseRecoveryCode uses up the recovery code with one of the hashes; false if there is none.
func (t *Tx) UseRecoveryCode(ctx context.Context, user UserID, hashes []string, now time.Time) (bool, error) {
	n, err := t.exec(ctx, useRecoveryCode, int64(user), pq.Array(hashes), now)
	return n == 1, err
}

// RenameFactor gives a factor another name; ErrNotFound if the user has none of that id.
func (t *Tx) RenameFactor(ctx context.Context, user UserID, id int64, label string) error {
	return t.execOne(ctx, renameFactor, int64(user), id, label)
}

// RevokeFactor ends one factor of a user, at once; ErrNotFound if there is none of that id.
func (t *Tx) RevokeFactor(ctx context.Context, user UserID, id int64, now time.Time) error {
	return t.execOne(ctx, revokeFactors, int64(user), pq.Array([]string{"totp", "passkey"}), now, id)
}

// RevokeFactors ends all of a user's factors of the kinds and returns how many there were.
func (t *Tx) RevokeFactors(ctx context.Context, user UserID, now time.Time, kinds ...string) (int, error) {
	n, err := t.exec(ctx, revokeFactors, int64(user), pq.Array(kinds), now, 0)
	return int(n), err
}

// PasskeyHandle returns what authenticators know the user by: what stands there already, else fresh.
func (t *Tx) PasskeyHandle(ctx context.Context, user UserID, fresh []byte) ([]byte, error) {
	var handle []byte
	err := t.get(ctx, &handle, takePasskeyHandle, int64(user), fresh)
	return handle, err
}

// PasskeyOwner returns the passkey with that credential id and the user whom it belongs to; ErrNotFound
// if there is none.
func (t *Tx) PasskeyOwner(ctx context.Context, credential string) (Factor, SignInUser, error) {
	var (
		factor Factor
		user   SignInUser
	)
	if err := t.get(ctx, &factor, selectPasskey, credential); err != nil {
		return factor, user, err
	}
	err := t.get(ctx, &user, `SELECT `+userColumns+` FROM app_user u WHERE u.id = $1`, factor.UserID)
	return factor, user, err
}
