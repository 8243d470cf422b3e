package storage

import (
	"context"
	"fmt"
	"time"
)

const spendChallenge = `
INSERT INTO sign_in_challenge (nonce, expires_at)
VALUES ($1, $2)
ON CONFLICT (nonce) DO NOTHING`

// SpendChallenge notes that a challenge was solved; false if it was before.
func (s *SignIn) SpendChallenge(ctx context.Context, nonce []byte, expires time.Time) (bool, error) {
	var n int64
	err := s.db.InSignIn(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) (err error) {
		n, err = t.exec(ctx, spendChallenge, nonce, expires)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("storage: sign-in: %w", err)
	}
	return n == 1, nil
}

// A ChallengeQuery asks what decides whether a challenge is needed.
type ChallengeQuery struct {
	Buckets []ThrottleBucket // of name and address
	Device  []byte           // hash of the browser's device token
	Place   []byte           // keyed hash of the address
	Now     time.Time
}

// ChallengeFacts are what decides whether a challenge is needed; nothing in them depends on whether the
// name is anybody's.
type ChallengeFacts struct {
	Failures   []int // of each bucket, lately
	AnyDevice  bool  // the browser is a known device of somebody
	PlaceKnown bool  // somebody has signed in from the address lately
	Hot        int   // failures of everybody, lately
	Operator   []JSON
}

const selectAnyDevice = `
SELECT count(*)
FROM known_device
WHERE token_hash = $1 AND ended_at IS NULL AND expires_at > $2`

// ChallengeFacts reads them.
func (s *SignIn) ChallengeFacts(ctx context.Context, q ChallengeQuery, forget time.Duration) (ChallengeFacts, error) {
	f := ChallengeFacts{Failures: make([]int, len(q.Buckets))}
	err := s.db.InSystem(ctx, Actor{Kind: ActorAnonymous}, func(t *Tx) error {
		for i, b := range q.Buckets {
			if err := t.get(ctx, &f.Failures[i], selectFailures, b.Kind, b.Bucket, q.Now.Add(-forget)); err != nil {
				return err
			}
		}
		var devices, places int
		if err := t.get(ctx, &devices, selectAnyDevice, q.Device, q.Now); err != nil {
			return err
		}
		if err := t.get(ctx, &places, selectPlaceKnown, q.Place, q.Now.Add(-placeMemory)); err != nil {
			return err
		}
		f.AnyDevice, f.PlaceKnown = devices > 0, places > 0
		if err := t.get(ctx, &f.Hot, selectHot, q.Now.Add(-hotWindow)); err != nil {
			return err
		}
		return t.list(ctx, &f.Operator, selectAllOperatorPolicies)
	})
	if err != nil {
		return f, fmt.Errorf("storage: sign-in: %w", err)
	}
	return f, nil
}
