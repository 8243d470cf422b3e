package storage

import (
	"context"
	"fmt"

	"github.com/lib/pq"
)

const (
	expirePassword = `
UPDATE credential SET must_change = true, data = data || '{"why": "expired"}'
WHERE user_id = $1 AND kind = 'password' AND revoked_at IS NULL`

	selectFormerHashes = `
SELECT hash
FROM credential
WHERE user_id = $1 AND kind = 'password'
ORDER BY revoked_at IS NOT NULL, id DESC
LIMIT $2`
)

// ExpirePassword has a user's password changed because it is too old, and appends the event.
func (s *SignIn) ExpirePassword(ctx context.Context, actor Actor, user UserID, event AuditEvent) error {
	err := s.db.InSignIn(ctx, actor, func(t *Tx) error {
		if err := t.execOne(ctx, expirePassword, int64(user)); err != nil {
			return err
		}
		return t.Audit(ctx, event)
	})
	if err != nil {
		return fmt.Errorf("storage: password: %w", err)
	}
	return nil
}

// FormerHashes returns the hashes of a user's latest passwords, that of today first.
func (s *SignIn) FormerHashes(ctx context.Context, user UserID, most int) ([]string, error) {
	hashes := []string{}
	err := s.db.InSignIn(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &hashes, selectFormerHashes, int64(user), most)
	})
	if err != nil {
		return nil, fmt.Errorf("storage: password: %w", err)
	}
	return hashes, nil
}

const selectAccountNumbers = `
SELECT DISTINCT value
FROM account_identifier
WHERE account_id = ANY ($1) AND kind IN ('npi', 'tin')`

// AccountNumbers returns the NPIs and tax ids of accounts. It reads in the system's scope.
func (s *SignIn) AccountNumbers(ctx context.Context, accounts []AccountID) ([]string, error) {
	ids := make([]int64, len(accounts))
	for i, a := range accounts {
		ids[i] = int64(a)
	}
	numbers := []string{}
	err := s.db.InSystem(ctx, Actor{Kind: ActorSystem}, func(t *Tx) error {
		return t.list(ctx, &numbers, selectAccountNumbers, pq.Array(ids))
	})
	if err != nil {
		return nil, fmt.Errorf("storage: password: %w", err)
	}
	return numbers, nil
}
