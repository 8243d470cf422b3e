package storage

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"
)

// An APIToken lets a program act for a person, within its scopes. Only the SHA-256 of its secret is kept.
type APIToken struct {
	ID         int64          `db:"id"`
	UserID     int64          `db:"user_id"`
	Name       string         `db:"name"`
	Scopes     pq.StringArray `db:"scopes"`    // permissions
	Addresses  pq.StringArray `db:"addresses"` // networks from which it may be used; empty: any
	CreatedAt  time.Time      `db:"created_at"`
	ExpiresAt  *time.Time     `db:"expires_at"`   // nil: never
	LastUsedAt *time.Time     `db:"last_used_at"` // nil: never
}

const (
	tokenColumns = `id, user_id, name, scopes, addresses, created_at, expires_at, last_used_at`

	insertToken = `
INSERT INTO api_token (id, token_hash, user_id, name, scopes, created_at, created_by, expires_at, addresses)
VALUES ($1, $2, $3, $4, $5, $6, nullif($7::bigint, 0), $8, $9)`

	selectToken = `
SELECT ` + tokenColumns + `
FROM api_token
WHERE token_hash = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2) AND user_id IS NOT NULL`

	selectTokens = `
SELECT ` + tokenColumns + `
FROM api_token
WHERE user_id = $1 AND revoked_at IS NULL
ORDER BY created_at DESC, id DESC
LIMIT 100`

	touchToken = `
UPDATE api_token SET last_used_at = $2
WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)`

	revokeToken = `
UPDATE api_token SET revoked_at = $3
WHERE user_id = $1 AND id = $2 AND revoked_at IS NULL`
)

// AddToken adds a token that acts for its user, appends the event and returns the token's id.
func (s *SignIn) AddToken(ctx context.Context, actor Actor, token APIToken, hash []byte, event AuditEvent) (int64, error) {
	var id int64
	err := s.db.InSignIn(ctx, actor, func(t *Tx) error {
		var err error
		if id, err = t.NewID(ctx, IDToken); err != nil {
			return err
		}
		if _, err := t.exec(ctx, insertToken, id, hash, token.UserID, token.Name, token.Scopes,
			token.CreatedAt, userOf(actor), token.ExpiresAt, addressesOf(token)); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "token", id
		return t.Audit(ctx, event)
	})
	return id, err
}

func addressesOf(token APIToken) pq.StringArray {
	if token.Addresses == nil {
		return pq.StringArray{} // NULL would be refused
	}
	return token.Addresses
}

// OpenToken returns the token of a secret with its user and memberships. The error is ErrNotFound if
// there is none, it has expired or was revoked, or the user may not act any more; it is what allowed returns for a
// token that may not be used in this way. It is no use yet; see UseToken.
func (s *SignIn) OpenToken(ctx context.Context, actor Actor, hash []byte, now time.Time, allowed func(APIToken) error) (APIToken, SignInUser, []Membership, error) {
	var (
		token       APIToken
		user        SignInUser
		memberships []Membership
	)
	err := s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.get(ctx, &token, selectToken, hash, now); err != nil {
			return err
		}
		var err error
		if user, memberships, err = t.activeUser(ctx, token.UserID); err != nil {
			return err
		}
		return allowed(token)
	})
	return token, user, memberships, err
}

// UseToken notes that a token is used. The event is appended when it was not for as long as quiet, so that the audit shows use
// without drowning in it; in between nothing is written.
func (s *SignIn) UseToken(ctx context.Context, actor Actor, token APIToken, now time.Time, quiet time.Duration, event AuditEvent) error {
	if token.LastUsedAt != nil && now.Sub(*token.LastUsedAt) < quiet {
		return nil
	}
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		touched, err := t.exec(ctx, touchToken, token.ID, now, now.Add(-quiet))
		if err != nil || touched == 0 {
			return err
		}
		return t.auditAs(ctx, Actor{Kind: ActorToken, ID: token.ID, Address: actor.Address, Request: actor.Request}, event)
	})
}

// Tokens returns a user's tokens that are not revoked, newest first, at most 100.
func (s *SignIn) Tokens(ctx context.Context, user UserID) ([]APIToken, error) {
	tokens := []APIToken{}
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &tokens, selectTokens, int64(user))
	})
	return tokens, err
}

// RevokeToken ends a token of a user and appends the event; ErrNotFound if it isn't his or has ended.
func (s *SignIn) RevokeToken(ctx context.Context, actor Actor, user UserID, id int64, now time.Time, event AuditEvent) error {
	return s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.execOne(ctx, revokeToken, int64(user), id, now); err != nil {
			return err
		}
		event.ObjectKind, event.ObjectID = "token", id
		return t.Audit(ctx, event)
	})
}

// RevokeTokens ends all tokens of a user, and returns how many there were, in a transaction of InSignIn or InSystem.
func (t *Tx) RevokeTokens(ctx context.Context, user UserID, now time.Time) (int, error) {
	n, err := t.exec(ctx, revokeTokens, int64(user), now)
	if err != nil {
		return 0, fmt.Errorf("storage: tokens: %w", err)
	}
	return int(n), nil
}
