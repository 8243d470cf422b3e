package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// A SignInCode is a short-lived code that somebody was sent: for recovery, a reset, an invitation, an
// address to confirm, or the set-up. What is kept of the code is a keyed hash.
type SignInCode struct {
	ID          int64      `db:"id"`
	User        UserID     `db:"user_id"` // 0: nobody's: set-up, or a request that names nobody who is known
	Purpose     string     `db:"purpose"`
	Data        JSON       `db:"data"`
	Attempts    int        `db:"attempts"`
	CreatedAt   time.Time  `db:"created_at"`
	ExpiresAt   time.Time  `db:"expires_at"`
	SentAt      *time.Time `db:"sent_at"`      // when it was last sent; nil: never
	ConfirmedAt *time.Time `db:"confirmed_at"` // when it was typed in; nil: not yet
	UsedAt      *time.Time `db:"used_at"`      // when it came to its end; nil: open
	CreatedBy   UserID     `db:"created_by"`   // 0: the person's own request, set-up or the command line
}

// Open tells whether the code can still be used at now.
func (c *SignInCode) Open(now time.Time) bool { return c.UsedAt == nil && c.ExpiresAt.After(now) }

// Into decodes the code's own data.
func (c *SignInCode) Into(data any) error {
	if c.Data == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(c.Data), data); err != nil {
		return fmt.Errorf("storage: data of a code: %w", err)
	}
	return nil
}

// A NewCode is a code to add.
type NewCode struct {
	User        UserID // 0: nobody's
	Purpose     string
	Hash        []byte // keyed, of the code
	RequestHash []byte // of the secret of the browser that asks; nil: bound to none yet
	Data        any    // as JSON; nil: none
	Sent        bool   // it is sent with the transaction
	Expires     time.Time
	Now         time.Time
}

const codeColumns = `id, coalesce(user_id, 0) AS user_id, purpose, data::text AS data, attempts, created_at, expires_at, sent_at, confirmed_at, used_at,
	coalesce(created_by, 0) AS created_by`

const insertCode = `
INSERT INTO sign_in_code (id, user_id, purpose, code_hash, request_hash, data, created_at, expires_at, sent_at, created_by)
VALUES ($1, nullif($2::bigint, 0), $3, $4, $5, $6::jsonb, $7, $8, CASE WHEN $9 THEN $7::timestamptz END, nullif($10::bigint, 0))`

// AddCode adds a code, in a transaction of InSignIn or InSystem, and returns its id.
func (t *Tx) AddCode(ctx context.Context, c NewCode) (int64, error) {
	id, err := t.NewID(ctx, IDCode)
	if err != nil {
		return 0, fmt.Errorf("storage: code: %w", err)
	}
	data := []byte("{}")
	if c.Data != nil {
		if data, err = json.Marshal(c.Data); err != nil {
			return 0, fmt.Errorf("storage: code: %w", err)
		}
	}
	_, err = t.exec(ctx, insertCode, id, int64(c.User), c.Purpose, c.Hash, bytesOrNull(c.RequestHash), string(data), c.Now, c.Expires, c.Sent, userOf(t.scope.Actor))
	if err != nil {
		return 0, fmt.Errorf("storage: code: %w", err)
	}
	return id, nil
}

// bytesOrNull keeps an empty value from becoming an empty, and thus equal, one.
func bytesOrNull(b []byte) any {
	if len(b) == 0 {
		return nil
	}
	return b
}

const (
	selectCodeByRequest = `
SELECT ` + codeColumns + `
FROM sign_in_code
WHERE request_hash = $1
FOR UPDATE`

	selectCodeByHash = `
SELECT ` + codeColumns + `
FROM sign_in_code
WHERE code_hash = $1 AND purpose = $2
FOR UPDATE`

	selectLatestCode = `
SELECT ` + codeColumns + `
FROM sign_in_code
WHERE user_id = $1 AND purpose = $2
ORDER BY id DESC
LIMIT 1
FOR UPDATE`

	selectCodeMatches = `
SELECT count(*)
FROM sign_in_code
WHERE id = $1 AND code_hash = $2`
)

// CodeByRequest returns the code that a browser's secret belongs to, and locks it; ErrNotFound if there is none.
func (t *Tx) CodeByRequest(ctx context.Context, requestHash []byte) (SignInCode, error) {
	return t.code(ctx, selectCodeByRequest, requestHash)
}

// CodeByHash returns the code with that hash and purpose, and locks it; ErrNotFound if there is none.
func (t *Tx) CodeByHash(ctx context.Context, purpose string, hash []byte) (SignInCode, error) {
	return t.code(ctx, selectCodeByHash, hash, purpose)
}

// LatestCode returns the code of a purpose that a user got last, and locks it; ErrNotFound if there is none.
func (t *Tx) LatestCode(ctx context.Context, user UserID, purpose string) (SignInCode, error) {
	return t.code(ctx, selectLatestCode, int64(user), purpose)
}

func (t *Tx) code(ctx context.Context, query string, args ...any) (SignInCode, error) {
	var c SignInCode
	if err := t.get(ctx, &c, query, args...); err != nil {
		return c, fmt.Errorf("storage: code: %w", err)
	}
	return c, nil
}

// CodeMatches tells whether that is the code's hash.
func (t *Tx) CodeMatches(ctx context.Context, id int64, hash []byte) (bool, error) {
	var n int
	if err := t.get(ctx, &n, selectCodeMatches, id, hash); err != nil {
		return false, fmt.Errorf("storage: code: %w", err)
	}
	return n == 1, nil
}

const (
	countCodeAttempt = `
UPDATE sign_in_code SET attempts = attempts + 1
WHERE id = $1`

	replaceCode = `
UPDATE sign_in_code SET code_hash = $2, sent_at = $3, expires_at = $4, used_at = NULL, confirmed_at = NULL, request_hash = CASE WHEN $5 THEN request_hash END
WHERE id = $1`

	confirmCode = `
UPDATE sign_in_code SET confirmed_at = $3, request_hash = $2, code_hash = $2, expires_at = $4
WHERE id = $1 AND confirmed_at IS NULL AND used_at IS NULL`

	useCode = `
UPDATE sign_in_code SET used_at = $2
WHERE id = $1 AND used_at IS NULL`

	setCodeData = `
UPDATE sign_in_code SET data = $2::jsonb
WHERE id = $1`

	endCodes = `
UPDATE sign_in_code SET used_at = $3
WHERE user_id = $1 AND purpose = ANY (string_to_array($2, ',')) AND used_at IS NULL`

	endSetupCodes = `
UPDATE sign_in_code SET used_at = $1
WHERE purpose = 'setup' AND used_at IS NULL`

	purgeCodes = `
DELETE FROM sign_in_code
WHERE expires_at < $1`
)

// CountCodeAttempt counts a wrong code.
func (t *Tx) CountCodeAttempt(ctx context.Context, id int64) error {
	return t.changeCode(ctx, countCodeAttempt, id)
}

// SetCodeData replaces a code's own data.
func (t *Tx) SetCodeData(ctx context.Context, id int64, data any) error {
	text, err := json.Marshal(data)
	if err != nil {
		return fmt.Errorf("storage: code: %w", err)
	}
	return t.changeCode(ctx, setCodeData, id, string(text))
}

// ReplaceCode sends another code for the same request: what was counted stays counted. With bound,
// it stays bound to the browser that asked.
func (t *Tx) ReplaceCode(ctx context.Context, id int64, hash []byte, now, expires time.Time, bound bool) error {
	return t.changeCode(ctx, replaceCode, id, hash, now, expires, bound)
}

// ConfirmCode notes that the code was typed in. From now on the secret with that hash stands in its
// place; the code itself is of no use any more. ErrNotFound if it was used before.
func (t *Tx) ConfirmCode(ctx context.Context, id int64, requestHash []byte, now, expires time.Time) error {
	return t.changeCode(ctx, confirmCode, id, requestHash, now, expires)
}

// UseCode ends a code; ErrNotFound if it has ended.
func (t *Tx) UseCode(ctx context.Context, id int64, now time.Time) error {
	return t.changeCode(ctx, useCode, id, now)
}

func (t *Tx) changeCode(ctx context.Context, query string, args ...any) error {
	if err := t.execOne(ctx, query, args...); err != nil {
		return fmt.Errorf("storage: code: %w", err)
	}
	return nil
}

// EndCodes ends all open codes of a user with one of the purposes.
func (t *Tx) EndCodes(ctx context.Context, user UserID, now time.Time, purposes ...string) error {
	if _, err := t.exec(ctx, endCodes, int64(user), joined(purposes), now); err != nil {
		return fmt.Errorf("storage: code: %w", err)
	}
	return nil
}

// EndSetupCodes ends the codes of earlier starts.
func (t *Tx) EndSetupCodes(ctx context.Context, now time.Time) error {
	if _, err := t.exec(ctx, endSetupCodes, now); err != nil {
		return fmt.Errorf("storage: code: %w", err)
	}
	return nil
}

// PurgeCodes forgets codes that expired before an instant.
func (t *Tx) PurgeCodes(ctx context.Context, before time.Time) error {
	if _, err := t.exec(ctx, purgeCodes, before); err != nil {
		return fmt.Errorf("storage: code: %w", err)
	}
	return nil
}
