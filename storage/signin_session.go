package storage

import (
	"context"
	"time"
)

// A Session is a browser in which a person is signed in. Only the SHA-256 of its token is kept.
type Session struct {
	ID             int64     `db:"id"`
	UserID         int64     `db:"user_id"`
	CurrentAccount int64     `db:"current_account"` // 0: all of the person's accounts
	Address        string    `db:"address"`
	UserAgent      string    `db:"user_agent"`
	CreatedAt      time.Time `db:"created_at"`
	LastSeenAt     time.Time `db:"last_seen_at"`
	IdleExpiresAt  time.Time `db:"idle_expires_at"`
	ExpiresAt      time.Time `db:"expires_at"`
	SecurityEpoch  int       `db:"security_epoch"` // the user's when it began

	Assurance   string     `db:"assurance"`       // pending, password, mfa, passkey
	Shared      bool       `db:"shared_computer"` // it ends early
	IdleSeconds int        `db:"idle_seconds"`    // how long it lasts without use
	SteppedUpAt *time.Time `db:"stepped_up_at"`   // when the person last proved who he is; nil: something is still to be proved
}

const (
	sessionColumns = `id, user_id, coalesce(current_account, 0) AS current_account, address, user_agent,
	created_at, last_seen_at, idle_expires_at, expires_at, security_epoch,
	assurance, shared_computer, idle_seconds, stepped_up_at`

	insertSession = `
INSERT INTO session (token_hash, id, user_id, security_epoch, address, user_agent, created_at, last_seen_at, idle_expires_at, expires_at,
	assurance, shared_computer, idle_seconds, stepped_up_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $7, least($8::timestamptz, $9::timestamptz), $9, $10, $11, $12, $13)`

	selectSession = `
SELECT ` + sessionColumns + `
FROM session
WHERE token_hash = $1 AND ended_at IS NULL AND idle_expires_at > $2 AND expires_at > $2`

	selectSessions = `
SELECT ` + sessionColumns + `
FROM session
WHERE user_id = $1 AND ended_at IS NULL AND idle_expires_at > $2 AND expires_at > $2 AND assurance <> 'pending'
ORDER BY last_seen_at DESC, id DESC
LIMIT 100`

	touchSession = `
UPDATE session SET last_seen_at = $2, idle_expires_at = least($3, expires_at)
WHERE token_hash = $1 AND last_seen_at < $2`

	endSessionByToken = `
UPDATE session SET ended_at = $2, ended_reason = $3
WHERE token_hash = $1 AND ended_at IS NULL
RETURNING user_id`

	endSessionByID = `
UPDATE session SET ended_at = $3, ended_reason = $4
WHERE user_id = $1 AND id = $2 AND ended_at IS NULL`

	endSessions = `
UPDATE session SET ended_at = $3, ended_reason = $4
WHERE user_id = $1 AND id <> $2 AND ended_at IS NULL`

	setSessionAccount = `
UPDATE session SET current_account = nullif($3::bigint, 0)
WHERE user_id = $1 AND id = $2 AND ended_at IS NULL`

	noteSignIn = `UPDATE app_user SET last_sign_in_at = $2 WHERE id = $1`
)

// A StartedSession is a session to begin.
type StartedSession struct {
	TokenHash     []byte
	OldTokenHash  []byte // of the session that the browser had before; it ends
	User          UserID
	SecurityEpoch int
	Address       string
	UserAgent     string
	Idle          time.Duration // how long it lasts without use
	ExpiresAt     time.Time
	Assurance     string // pending, password, mfa, passkey
	Shared        bool
	Most          int // sessions of the person at a time, this one included; those used longest ago end
}

// StartSession begins a session, ends the one the browser had, and appends the event.
func (s *SignIn) StartSession(ctx context.Context, actor Actor, n StartedSession, now time.Time, event AuditEvent) (int64, error) {
	var id int64
	err := s.db.InSignIn(ctx, actor, func(t *Tx) error {
		var err error
		if id, err = t.NewID(ctx, IDSession); err != nil {
			return err
		}
		if _, err := t.exec(ctx, endSessionByToken, n.OldTokenHash, now, "replaced"); err != nil {
			return err
		}
		if err := t.insertSession(ctx, id, n, now); err != nil {
			return err
		}
		if _, err := t.exec(ctx, noteSignIn, int64(n.User), now); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "session", id
		return t.Audit(ctx, event)
	})
	return id, err
}

func (t *Tx) insertSession(ctx context.Context, id int64, n StartedSession, now time.Time) error {
	var proved *time.Time
	if n.Assurance != "pending" {
		proved = &now
	}
	if _, err := t.exec(ctx, insertSession, n.TokenHash, id, int64(n.User), n.SecurityEpoch, n.Address, n.UserAgent,
		now, now.Add(n.Idle), n.ExpiresAt, n.Assurance, n.Shared, int(n.Idle.Seconds()), proved); err != nil {
		return err
	}
	return t.endSurplusSessions(ctx, n.User, id, n.Most, now)
}

// touchAfter bounds the writes that a busy session causes.
const touchAfter = 20 * time.Second

// OpenSession returns the session of a token with its user and memberships, and notes that it was
// used, unless it isn't attended. The error is ErrNotFound if there is none, it has ended, or the user may not be signed in any more.
func (s *SignIn) OpenSession(ctx context.Context, tokenHash []byte, now time.Time, attended bool) (Session, SignInUser, []Membership, error) {
	var (
		session     Session
		user        SignInUser
		memberships []Membership
	)
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		if err := t.get(ctx, &session, selectSession, tokenHash, now); err != nil {
			return err
		}
		var err error
		if user, memberships, err = t.activeUser(ctx, session.UserID); err != nil {
			return err
		}
		if session.SecurityEpoch != user.SecurityEpoch {
			return ErrNotFound
		}
		if !attended || now.Sub(session.LastSeenAt) < touchAfter {
			return nil
		}
		session.LastSeenAt, session.IdleExpiresAt = now, now.Add(time.Duration(session.IdleSeconds)*time.Second)
		_, err = t.exec(ctx, touchSession, tokenHash, now, session.IdleExpiresAt)
		return err
	})
	return session, user, memberships, err
}

// activeUser returns a user who may act, with memberships, else ErrNotFound.
func (t *Tx) activeUser(ctx context.Context, id int64) (SignInUser, []Membership, error) {
	var (
		user        SignInUser
		memberships []Membership
	)
	if err := t.get(ctx, &user, `SELECT `+userColumns+` FROM app_user u WHERE u.id = $1 AND u.state = 'active'`, id); err != nil {
		return user, nil, err
	}
	err := t.list(ctx, &memberships, selectMemberships, id)
	return user, memberships, err
}

// Sessions returns a user's open sessions, the one used last first, at most 100.
func (s *SignIn) Sessions(ctx context.Context, user UserID, now time.Time) ([]Session, error) {
	sessions := []Session{}
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &sessions, selectSessions, int64(user), now)
	})
	return sessions, err
}

// SignOut ends the session of a token and appends the event; nothing happens if there is none.
func (s *SignIn) SignOut(ctx context.Context, actor Actor, tokenHash []byte, now time.Time, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		var user []int64
		if err := t.list(ctx, &user, endSessionByToken, tokenHash, now, "signed_out"); err != nil || len(user) == 0 {
			return err
		}
		return t.auditAs(ctx, Actor{Kind: ActorUser, ID: user[0], Address: actor.Address, Request: actor.Request}, event)
	})
}

// EndSession ends one session of a user and appends the event; ErrNotFound if it isn't his or has ended.
func (s *SignIn) EndSession(ctx context.Context, actor Actor, user UserID, id int64, now time.Time, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.execOne(ctx, endSessionByID, int64(user), id, now, "ended"); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "session", id
		return t.Audit(ctx, event)
	})
}

// EndSessions ends all sessions of a user but the one to keep (0: none) and appends the event.
func (s *SignIn) EndSessions(ctx context.Context, actor Actor, user UserID, keep int64, now time.Time, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if _, err := t.exec(ctx, endSessions, int64(user), keep, now, "ended"); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "user", int64(user)
		return t.Audit(ctx, event)
	})
}

// NarrowSession narrows a session to one account; 0 opens it to all of the person's.
func (s *SignIn) NarrowSession(ctx context.Context, user UserID, session int64, account AccountID) error {
	return s.db.InSignIn(ctx, Actor{Kind: ActorUser, ID: int64(user)}, func(t *Tx) error {
		return t.execOne(ctx, setSessionAccount, int64(user), session, int64(account))
	})
}
