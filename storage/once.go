package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
)

// ErrRepeated says that an act with this key was carried out before; nothing was done again.
var ErrRepeated = errors.New("an act with this key was carried out before")

// ErrKeyReused says that a key was used before for something else.
var ErrKeyReused = errors.New("the key was used before for another request")

// Once makes an act happen at most once, however often it is asked for: put it into the act's [Actor].
// The first event that the act leaves in the audit stores the key, with the event's object as the
// act's result, in the same transaction. Not safe for several goroutines.
type Once struct {
	Key    string // of the one who asks; keys of others don't meet it
	Hash   []byte // of what is asked for
	Status int    // of the answer

	kept bool
}

// A Repeat is what an act made that was carried out before.
type Repeat struct {
	Hash       []byte    `db:"request_hash"`
	Status     int       `db:"status"`
	ObjectKind string    `db:"object_kind"` // "": nothing was made
	ObjectID   int64     `db:"object_id"`
	CreatedAt  time.Time `db:"created_at"`
}

const (
	insertOnce = `
INSERT INTO idempotency_key (actor_kind, actor_id, key, request_hash, status, object_kind, object_id)
VALUES ($1, $2, $3, $4, $5, nullif($6, ''), nullif($7::bigint, 0))
ON CONFLICT DO NOTHING`

	selectOnce = `
SELECT request_hash, status, coalesce(object_kind, '') AS object_kind, coalesce(object_id, 0) AS object_id, created_at
FROM idempotency_key
WHERE actor_kind = $1 AND actor_id = $2 AND key = $3`

	deleteOnce = `DELETE FROM idempotency_key WHERE created_at < now() - $1 * interval '1 second'`
)

// keepOnce stores the actor's key with the object of an act. An act that comes twice at the same time
// waits here for the first one's end.
func (t *Tx) keepOnce(ctx context.Context, objectKind string, objectID int64) error {
	once := t.scope.Actor.Once
	if once == nil || once.kept {
		return nil
	}
	n, err := t.exec(ctx, insertOnce, string(t.scope.Actor.Kind), t.scope.Actor.ID, once.Key, once.Hash, once.Status, objectKind, objectID)
	if err != nil {
		return fmt.Errorf("storage: idempotency key: %w", err)
	}
	if n == 0 {
		return fmt.Errorf("storage: %w", ErrRepeated)
	}
	once.kept = true
	return nil
}

// Repeated returns what an actor's act with the key of once made; ErrNotFound: there was none;
// ErrKeyReused: there was another one.
func (db *DB) Repeated(ctx context.Context, actor Actor, once *Once) (*Repeat, error) {
	r := &Repeat{}
	err := db.InSignIn(ctx, actor, func(t *Tx) error {
		return t.get(ctx, r, selectOnce, string(actor.Kind), actor.ID, once.Key)
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("storage: idempotency key: %w", err)
	case !bytes.Equal(r.Hash, once.Hash):
		return nil, fmt.Errorf("storage: %w", ErrKeyReused)
	}
	return r, nil
}

// ForgetKeys deletes idempotency keys older than an age, in a transaction of InSystem.
func (t *Tx) ForgetKeys(ctx context.Context, age time.Duration) error {
	if _, err := t.exec(ctx, deleteOnce, age.Seconds()); err != nil {
		return fmt.Errorf("storage: idempotency keys: %w", err)
	}
	return nil
}
