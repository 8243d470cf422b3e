package storage

import (
	"context"
	"time"
)

const (
	// The sessions used last stay, and the one that has just begun.
	endSurplus = `
UPDATE session SET ended_at = $4, ended_reason = 'too_many'
WHERE user_id = $1 AND ended_at IS NULL AND id IN (
	SELECT id FROM session
	WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL AND idle_expires_at > $4 AND expires_at > $4 AND assurance <> 'pending'
	ORDER BY last_seen_at DESC, id DESC
	OFFSET $3)
RETURNING id`

	rotateSession = `
UPDATE session SET token_hash = $3, assurance = $4, stepped_up_at = $5, last_seen_at = $5, idle_seconds = $6::int,
	idle_expires_at = least($5::timestamptz + $6::int * interval '1 second', $7::timestamptz), expires_at = $7
WHERE user_id = $1 AND id = $2 AND ended_at IS NULL`

	selectLapsed = `
SELECT ` + sessionColumns + `
FROM session
WHERE token_hash = $1 AND ended_at IS NULL AND assurance <> 'pending' AND least(idle_expires_at, expires_at) BETWEEN $2 AND $3`
)

// endSurplusSessions ends the sessions beyond the most a person may have at a time, keep included, and
// audits each.
func (t *Tx) endSurplusSessions(ctx context.Context, user UserID, keep int64, most int, now time.Time) error {
	if most <= 0 {
		return nil
	}
	var ended []int64
	if err := t.list(ctx, &ended, endSurplus, int64(user), keep, most-1, now); err != nil {
		return err
	}
	for _, id := range ended {
		event := AuditEvent{Action: "session.ended", ObjectKind: "session", ObjectID: id, Detail: map[string]any{"reason": "too_many"}}
		if err := t.Audit(ctx, event); err != nil {
			return err
		}
	}
	return nil
}

// A RotatedSession is a session that goes on under a new token, with more proved than before.
type RotatedSession struct {
	User      UserID
	ID        int64
	TokenHash []byte
	Assurance string
	Idle      time.Duration
	ExpiresAt time.Time
	Most      int // sessions of the person at a time
}

// RotateSession gives a session a new token, so that the old one is worth nothing, and notes what was
// proved now; ErrNotFound if it has ended.
func (t *Tx) RotateSession(ctx context.Context, r RotatedSession, now time.Time) error {
	if err := t.execOne(ctx, rotateSession, int64(r.User), r.ID, r.TokenHash, r.Assurance, now, int(r.Idle.Seconds()), r.ExpiresAt); err != nil {
		return err
	}
	return t.endSurplusSessions(ctx, r.User, r.ID, r.Most, now)
}

// EndSessionsOf ends all sessions of a user but the one to keep (0: none), for the reason, and returns how many.
func (t *Tx) EndSessionsOf(ctx context.Context, user UserID, keep int64, reason string, now time.Time) (int, error) {
	n, err := t.exec(ctx, endSessions, int64(user), keep, now, reason)
	return int(n), err
}

// LapsedSession returns the session of a token if it ended for lack of use or by its age, no longer ago
// than since; ErrNotFound if not: one that somebody ended has nothing more to say.
func (s *SignIn) LapsedSession(ctx context.Context, tokenHash []byte, since, now time.Time) (Session, error) {
	var session Session
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		if err := t.get(ctx, &session, selectLapsed, tokenHash, since, now); err != nil {
			return err
		}
		user, _, err := t.activeUser(ctx, session.UserID)
		if err == nil && user.SecurityEpoch != session.SecurityEpoch {
			return ErrNotFound
		}
		return err
	})
	return session, err
}
