package storage

import (
	"context"
	"fmt"
	"time"
)

// An Attempt is an attempt to sign in that is counted as failed before it is made, so that attempts at the
// same time can't outrun the count.
type Attempt struct {
	Buckets []ThrottleBucket
	User    UserID // 0: nobody's
	Device  bool   // by a device that the user is known by: it leaves the round alone that strangers have
	Now     time.Time
}

// An AttemptCount is what an attempt counts for.
type AttemptCount struct {
	BlockedUntil time.Time // zero: not blocked; else nothing was counted
	Failures     []int     // of each bucket, this attempt included
	Lock         UserLock  // with this attempt; zero for nobody
}

const (
	// A round begins anew when its lock has ended, and when nothing failed for a day.
	countUser = `
UPDATE app_user u SET
	failures = CASE
		WHEN $3 THEN failures
		WHEN locked_until <= $2 OR failed_at IS NULL OR failed_at < $2 - interval '1 day' THEN 1
		ELSE failures + 1 END,
	failures_in_a_row = failures_in_a_row + 1,
	failed_at = CASE WHEN $3 THEN failed_at ELSE $2 END,
	locked_at = CASE WHEN locked_until <= $2 THEN NULL ELSE locked_at END,
	locked_reason = CASE WHEN locked_until <= $2 THEN NULL ELSE locked_reason END,
	locked_address = CASE WHEN locked_until <= $2 THEN NULL ELSE locked_address END,
	locked_until = CASE WHEN locked_until <= $2 THEN NULL ELSE locked_until END
WHERE id = $1
RETURNING ` + lockColumns

	uncountUser = `
UPDATE app_user SET failures = greatest(failures - 1, 0), failures_in_a_row = greatest(failures_in_a_row - 1, 0)
WHERE id = $1`

	// No row if the user is nobody, or isn't to be locked.
	lockUser = `
UPDATE app_user SET locked_until = coalesce($3::timestamptz, 'infinity'), locked_at = $4, locked_reason = $5, locked_address = $6
WHERE id = $1 AND $2`

	endKnownDevice = `
UPDATE known_device SET ended_at = $2
WHERE id = $1 AND ended_at IS NULL`

	countOverall = `
INSERT INTO sign_in_throttle (kind, bucket, failures, first_at, last_at)
VALUES ('overall', $1, 1, $2, $2)
ON CONFLICT (kind, bucket) DO UPDATE SET
	failures = CASE WHEN sign_in_throttle.first_at <= $3 THEN 1 ELSE sign_in_throttle.failures + 1 END,
	first_at = CASE WHEN sign_in_throttle.first_at <= $3 THEN $2 ELSE sign_in_throttle.first_at END,
	last_at = $2`

	// The lock that strangers' failures made stays when the person comes in by a known device.
	admitUser = `
UPDATE app_user SET failures_in_a_row = 0,
	failures = CASE WHEN $2 THEN failures ELSE 0 END,
	failed_at = CASE WHEN $2 THEN failed_at END,
	locked_until = CASE WHEN $2 THEN locked_until END,
	locked_at = CASE WHEN $2 THEN locked_at END,
	locked_reason = CASE WHEN $2 THEN locked_reason END,
	locked_address = CASE WHEN $2 THEN locked_address END
WHERE id = $1`

	notePlace = `
INSERT INTO sign_in_place (place, last_at)
VALUES ($1, $2)
ON CONFLICT (place) DO UPDATE SET last_at = excluded.last_at`

	purgePlaces     = `DELETE FROM sign_in_place WHERE last_at < $1`
	purgeChallenges = `DELETE FROM sign_in_challenge WHERE expires_at < $1`
)

// CountAttempt counts an attempt as failed, unless one of its buckets is blocked. forget and delay are
// as in [SignIn.ReserveAttempt].
func (s *SignIn) CountAttempt(ctx context.Context, a Attempt, forget time.Duration, delay func(kind string, failures int) time.Duration) (AttemptCount, error) {
	var c AttemptCount
	err := s.db.InSignIn(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) error {
		var err error
		if c.BlockedUntil, c.Failures, err = t.reserve(ctx, a.Buckets, a.Now, forget, delay); err != nil || !c.BlockedUntil.IsZero() {
			return err
		}
		var rows []UserLock
		if err := t.list(ctx, &rows, countUser, int64(a.User), a.Now, a.Device); err != nil {
			return err
		}
		if len(rows) > 0 {
			c.Lock = rows[0]
		}
		return nil
	})
	if err != nil {
		return c, fmt.Errorf("storage: sign-in: %w", err)
	}
	return c, nil
}

// A Failed is an attempt that failed.
type Failed struct {
	User     UserID // 0: nobody's
	Lock     bool   // lock the user
	Until    *time.Time
	Reason   string // why it locks, a code
	Device   int64  // known device that is known no longer; 0: none
	Withdraw bool   // the password was right, so that it counts neither for the user nor for the buckets
	Buckets  []ThrottleBucket
	Now      time.Time
}

// AttemptFailed writes down a failed attempt with its events; a nil Until locks until somebody unlocks. It
// makes the same statements whether there is such a user or not.
func (s *SignIn) AttemptFailed(ctx context.Context, actor Actor, f Failed, events ...AuditEvent) error {
	err := s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if f.Withdraw {
			return t.withdraw(ctx, f, events)
		}
		if _, err := t.exec(ctx, lockUser, int64(f.User), f.Lock, f.Until, f.Now, f.Reason, actor.Address); err != nil {
			return err
		}
		if _, err := t.exec(ctx, endKnownDevice, f.Device, f.Now); err != nil {
			return err
		}
		if _, err := t.exec(ctx, countOverall, []byte{0}, f.Now, f.Now.Add(-hotWindow)); err != nil {
			return err
		}
		return t.auditAll(ctx, events)
	})
	if err != nil {
		return fmt.Errorf("storage: sign-in: %w", err)
	}
	return nil
}

func (t *Tx) withdraw(ctx context.Context, f Failed, events []AuditEvent) error {
	for _, b := range f.Buckets {
		if _, err := t.exec(ctx, uncountThrottle, b.Kind, b.Bucket); err != nil {
			return err
		}
	}
	if _, err := t.exec(ctx, uncountUser, int64(f.User)); err != nil {
		return err
	}
	return t.auditAll(ctx, events)
}

func (t *Tx) auditAll(ctx context.Context, events []AuditEvent) error {
	for _, e := range events {
		if err := t.Audit(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// An Admitted is an attempt whose password was right.
type Admitted struct {
	User   UserID
	Device int64            // known device; 0: none
	Clear  []ThrottleBucket // whose failures are forgotten
	Others []ThrottleBucket // from which the attempt is taken back
	Place  []byte
	Now    time.Time
}

// Admit forgets the failures before a success, and what is too old to matter.
func (s *SignIn) Admit(ctx context.Context, a Admitted, forget time.Duration) error {
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		if err := t.forgive(ctx, a.Clear, a.Others); err != nil {
			return err
		}
		for _, step := range []struct {
			query string
			args  []any
		}{
			{admitUser, []any{int64(a.User), a.Device != 0}},
			{notePlace, []any{a.Place, a.Now}},
			{purgePlaces, []any{a.Now.Add(-placeMemory)}},
			{purgeChallenges, []any{a.Now}},
			{purgeThrottle, []any{a.Now.Add(-forget - 24*time.Hour)}},
		} {
			if _, err := t.exec(ctx, step.query, step.args...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("storage: sign-in: %w", err)
	}
	return nil
}

const unlockUser = `
UPDATE app_user SET failures = 0, failures_in_a_row = 0, failed_at = NULL,
	locked_until = NULL, locked_at = NULL, locked_reason = NULL, locked_address = NULL
WHERE id = $1`

// ForgetFailures unlocks a user and forgets the failures, also those of the buckets.
func (t *Tx) ForgetFailures(ctx context.Context, user UserID, buckets []ThrottleBucket) error {
	if err := t.forgive(ctx, buckets, nil); err != nil {
		return err
	}
	return t.execOne(ctx, unlockUser, int64(user))
}

// A LockedPerson is a user whom failures keep out.
type LockedPerson struct {
	SignInUser
	Lock UserLock `db:"-"`
}

const selectLockedPeople = `
SELECT ` + userColumns + `
FROM app_user u
WHERE u.locked_until > $1 AND EXISTS (
	SELECT 1 FROM membership m
	LEFT JOIN account a ON a.id = m.account_id
	LEFT JOIN operator o ON o.operator_id = m.operator_id
	WHERE m.user_id = u.id AND m.ended_at IS NULL AND (a.id IS NOT NULL OR o.operator_id IS NOT NULL))
ORDER BY u.locked_at DESC, u.id
LIMIT $2`

const maxLocked = 200

// LockedPeople returns the users with a role in the scope who are locked, those locked last first, at most 200.
// Row-level security leaves only the scope's accounts and operator to be joined.
func (s *SignIn) LockedPeople(ctx context.Context, scope Scope, now time.Time) ([]LockedPerson, error) {
	people := []LockedPerson{}
	err := s.db.InScopeRead(ctx, scope, func(t *Tx) error {
		if err := t.list(ctx, &people, selectLockedPeople, now, maxLocked); err != nil {
			return err
		}
		for i := range people {
			if err := t.get(ctx, &people[i].Lock, selectLock, people[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("storage: locked people: %w", err)
	}
	return people, nil
}

// LockOf returns what failures have done to a user; ErrNotFound if there is none.
func (s *SignIn) LockOf(ctx context.Context, user UserID) (UserLock, error) {
	var l UserLock
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error { return t.get(ctx, &l, selectLock, int64(user)) })
	return l, err
}
