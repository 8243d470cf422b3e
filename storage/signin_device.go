package storage

import (
	"context"
	"fmt"
	"time"
)

// A KnownDevice is a browser in which a person has signed in completely.
type KnownDevice struct {
	ID         int64     `db:"id"`
	UserAgent  string    `db:"user_agent"`
	Address    string    `db:"address"` // of its last sign-in
	CreatedAt  time.Time `db:"created_at"`
	LastUsedAt time.Time `db:"last_used_at"`
	ExpiresAt  time.Time `db:"expires_at"`
}

// A DeviceUse is a complete sign-in in a browser.
type DeviceUse struct {
	User               UserID
	OldToken, Token    []byte // hashes of the browser's token before, and of its new one
	UserAgent, Address string
	Now, Expires       time.Time
}

const (
	renewDevice = `
UPDATE known_device SET token_hash = $3, user_agent = $4, address = $5, last_used_at = $6, expires_at = $7
WHERE token_hash = $1 AND user_id = $2 AND ended_at IS NULL AND expires_at > $6`

	moveDevices = `
UPDATE known_device SET token_hash = $2
WHERE token_hash = $1 AND user_id <> $3 AND ended_at IS NULL`

	insertDevice = `
INSERT INTO known_device (token_hash, user_id, id, user_agent, address, created_at, last_used_at, expires_at)
VALUES ($1, $2, $3, $4, $5, $6, $6, $7)`

	countDevices = `
SELECT count(*)
FROM known_device
WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2`

	selectKnownDevices = `
SELECT id, user_agent, address, created_at, last_used_at, expires_at
FROM known_device
WHERE user_id = $1 AND ended_at IS NULL AND expires_at > $2
ORDER BY last_used_at DESC, id DESC
LIMIT 100`

	endUsersDevice = `
UPDATE known_device SET ended_at = $3
WHERE user_id = $1 AND id = $2 AND ended_at IS NULL`

	endUsersDevices = `
UPDATE known_device SET ended_at = $2
WHERE user_id = $1 AND ended_at IS NULL`
)

// UseDevice makes the browser a known device of the user and gives it its new token. It is new if the
// user has not signed in with it before, and others if he has with another one.
func (t *Tx) UseDevice(ctx context.Context, d DeviceUse) (isNew, others bool, err error) {
	var known int
	if err := t.get(ctx, &known, countDevices, int64(d.User), d.Now); err != nil {
		return false, false, fmt.Errorf("storage: known device: %w", err)
	}
	n, err := t.exec(ctx, renewDevice, d.OldToken, int64(d.User), d.Token, d.UserAgent, d.Address, d.Now, d.Expires)
	if err == nil {
		_, err = t.exec(ctx, moveDevices, d.OldToken, d.Token, int64(d.User)) // of others who use the browser
	}
	if err == nil && n == 0 {
		var id int64
		if id, err = t.NewID(ctx, IDDevice); err == nil {
			_, err = t.exec(ctx, insertDevice, d.Token, int64(d.User), id, d.UserAgent, d.Address, d.Now, d.Expires)
		}
	}
	if err != nil {
		return false, false, fmt.Errorf("storage: known device: %w", err)
	}
	return n == 0, known > 0, nil
}

// Devices returns a user's known devices, the one used last first, at most 100.
func (s *SignIn) Devices(ctx context.Context, user UserID, now time.Time) ([]KnownDevice, error) {
	devices := []KnownDevice{}
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &devices, selectKnownDevices, int64(user), now)
	})
	return devices, err
}

// EndDevice makes a device of a user unknown; ErrNotFound if it isn't his.
func (t *Tx) EndDevice(ctx context.Context, user UserID, id int64, now time.Time) error {
	return t.execOne(ctx, endUsersDevice, int64(user), id, now)
}

// EndDevices makes all devices of a user unknown.
func (t *Tx) EndDevices(ctx context.Context, user UserID, now time.Time) error {
	_, err := t.exec(ctx, endUsersDevices, int64(user), now)
	return err
}
