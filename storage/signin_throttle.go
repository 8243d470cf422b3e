package storage

import (
	"context"
	"time"
)

// A ThrottleBucket counts the failures of one name or address.
type ThrottleBucket struct {
	Kind   string // user, address, overall, recovery
	Bucket []byte // a keyed hash of the name or address
}

const (
	// The update changes nothing: it locks the row, also one that another transaction just made or removed.
	lockThrottle = `
INSERT INTO sign_in_throttle (kind, bucket, failures, first_at, last_at)
VALUES ($1, $2, 0, $3, $3)
ON CONFLICT (kind, bucket) DO UPDATE SET failures = sign_in_throttle.failures
RETURNING failures, last_at, blocked_until`

	countThrottle = `
UPDATE sign_in_throttle SET failures = $3, last_at = $4, blocked_until = $5
WHERE kind = $1 AND bucket = $2`

	clearThrottle = `
DELETE FROM sign_in_throttle
WHERE kind = $1 AND bucket = $2`

	// The wait that the attempt caused goes with it; what came before has been waited for.
	uncountThrottle = `
UPDATE sign_in_throttle SET failures = greatest(failures - 1, 0), blocked_until = NULL
WHERE kind = $1 AND bucket = $2`

	purgeThrottle = `
DELETE FROM sign_in_throttle
WHERE last_at < $1 AND (blocked_until IS NULL OR blocked_until < $1)`
)

type throttleRow struct {
	Failures     int        `db:"failures"`
	LastAt       time.Time  `db:"last_at"`
	BlockedUntil *time.Time `db:"blocked_until"`
}

// ReserveAttempt counts an attempt as failed in every bucket before it is made, so that attempts at
// the same time can't outrun the count; [SignIn.AttemptSucceeded] takes it back. If one of the
// buckets is blocked at now it counts nothing and returns until when. delay tells how long the bucket is blocked
// after so many failures in a row, forget how long a failure is remembered.
func (s *SignIn) ReserveAttempt(ctx context.Context, buckets []ThrottleBucket, now time.Time, forget time.Duration, delay func(kind string, failures int) time.Duration) (blockedUntil time.Time, err error) {
	err = s.db.InSignIn(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) error {
		blockedUntil, _, err = t.reserve(ctx, buckets, now, forget, delay)
		return err
	})
	return blockedUntil, err
}

// reserve also returns the failures of each bucket, this one included.
func (t *Tx) reserve(ctx context.Context, buckets []ThrottleBucket, now time.Time, forget time.Duration, delay func(kind string, failures int) time.Duration) (blockedUntil time.Time, counts []int, err error) {
	rows := make([]throttleRow, len(buckets))
	for i, b := range buckets { // always in the caller's order, so that no two wait for each other
		if err := t.get(ctx, &rows[i], lockThrottle, b.Kind, b.Bucket, now); err != nil {
			return blockedUntil, nil, err
		}
		if until := rows[i].BlockedUntil; until != nil && until.After(now) && until.After(blockedUntil) {
			blockedUntil = *until
		}
	}
	if !blockedUntil.IsZero() {
		return blockedUntil, nil, nil
	}
	for i, b := range buckets {
		failures := rows[i].Failures + 1
		if now.Sub(rows[i].LastAt) > forget {
			failures = 1
		}
		var until *time.Time
		if wait := delay(b.Kind, failures); wait > 0 {
			end := now.Add(wait)
			until = &end
		}
		if _, err := t.exec(ctx, countThrottle, b.Kind, b.Bucket, failures, now, until); err != nil {
			return blockedUntil, nil, err
		}
		counts = append(counts, failures)
	}
	return blockedUntil, counts, nil
}

// AttemptSucceeded forgets the failures of the buckets to clear, and takes the one attempt back from the others.
func (s *SignIn) AttemptSucceeded(ctx context.Context, clear, others []ThrottleBucket) error {
	return s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error { return t.forgive(ctx, clear, others) })
}

func (t *Tx) forgive(ctx context.Context, clear, others []ThrottleBucket) error {
	for _, b := range clear {
		if _, err := t.exec(ctx, clearThrottle, b.Kind, b.Bucket); err != nil {
			return err
		}
	}
	for _, b := range others {
		if _, err := t.exec(ctx, uncountThrottle, b.Kind, b.Bucket); err != nil {
			return err
		}
	}
	return nil
}

const selectFailures = `
SELECT coalesce(max(failures), 0)
FROM sign_in_throttle
WHERE kind = $1 AND bucket = $2 AND last_at > $3`

// Failures returns how often a bucket failed since then.
func (s *SignIn) Failures(ctx context.Context, bucket ThrottleBucket, since time.Time) (int, error) {
	var n int
	err := s.db.InSignIn(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) error {
		return t.get(ctx, &n, selectFailures, bucket.Kind, bucket.Bucket, since)
	})
	return n, err
}

// PurgeThrottles forgets failures older than before.
func (s *SignIn) PurgeThrottles(ctx context.Context, before time.Time) (int64, error) {
	var n int64
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		var err error
		n, err = t.exec(ctx, purgeThrottle, before)
		return err
	})
	return n, err
}
