package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
)

// What wrong codes lead to: the fifth in a row waits, and after so many nothing helps but an administrator.
// Source: NIST SP 800-63B-4, 3.2.2 (at most 100 in a row); OWASP ASVS 5.0, 6.3.1.
const (
	freeFactorTries = 4
	mostFactorTries = 90
	forgetFactor    = 30 * 24 * time.Hour
)

func factorDelay(_ string, failures int) time.Duration {
	switch {
	case failures <= freeFactorTries:
		return 0
	case failures >= mostFactorTries:
		return forgetFactor
	}
	return min(firstDelay<<min(failures-freeFactorTries-1, 10), longestDelay)
}

// factorBucket counts a user's wrong codes, of all kinds together, for all nodes.
func (s *Service) factorBucket(user storage.UserID) storage.ThrottleBucket {
	return s.bucket("user", fmt.Sprintf("factor/%d", user))
}

// prove runs a check of the principal's proof under the throttle of codes. If it succeeds the session goes on
// under a new token, with the assurance the check returned. check runs in the transaction of the rotation; an
// error of it counts as a failed try.
func (s *Service) prove(ctx context.Context, p *Principal, kind FactorKind, check func(*storage.Tx) (Assurance, error)) (SignedIn, error) {
	return s.proveAfter(ctx, p, kind, func() error { return nil }, check)
}

// proveAfter is prove with a costly check that needs no transaction; it runs before that, and is counted as check is.
func (s *Service) proveAfter(ctx context.Context, p *Principal, kind FactorKind, costly func() error, check func(*storage.Tx) (Assurance, error)) (SignedIn, error) {
	limits, err := s.sessionLimits(ctx, p.UserID, p.Shared) // before the transaction, which has its one connection
	if err != nil {
		return SignedIn{}, err
	}
	bucket, now := []storage.ThrottleBucket{s.factorBucket(p.UserID)}, s.now()
	blocked, err := s.store.ReserveAttempt(ctx, bucket, now, forgetFactor, factorDelay)
	if err != nil {
		return SignedIn{}, fmt.Errorf("accounts: second factor: %w", err)
	}
	if !blocked.IsZero() {
		return SignedIn{}, s.factorRefused(ctx, p, kind, "factor.throttled", &ThrottledError{Wait: blocked.Sub(now)})
	}
	var signedIn SignedIn
	inTx := func(t *storage.Tx) error {
		assurance, err := check(t)
		if err != nil {
			return err
		}
		if signedIn, err = s.rotate(ctx, t, p, limits, assurance); err != nil {
			return err
		}
		event := storage.AuditEvent{Action: "factor.proved", ObjectKind: "session", ObjectID: p.SessionID, Detail: map[string]any{"kind": string(kind)}}
		if p.Assurance == AssurancePending {
			event.Action = "signin.succeeded"
		}
		return t.Audit(ctx, event)
	}
	if err = costly(); err == nil {
		err = s.db.InSignIn(ctx, p.Actor(), inTx)
	}
	var input *InputError
	if errors.As(err, &input) {
		return SignedIn{}, s.factorRefused(ctx, p, kind, "factor.failed", err)
	}
	if err != nil {
		return SignedIn{}, fmt.Errorf("accounts: second factor: %w", err)
	}
	if err := s.store.AttemptSucceeded(ctx, bucket, nil); err != nil {
		return SignedIn{}, fmt.Errorf("accounts: second factor: %w", err)
	}
	return signedIn, nil
}

func (s *Service) factorRefused(ctx context.Context, p *Principal, kind FactorKind, action string, cause error) error {
	event := storage.AuditEvent{
		Action: action, Result: "failed", ObjectKind: "user", ObjectID: int64(p.UserID), Detail: map[string]any{"kind": string(kind)},
	}
	if err := s.store.AppendEvents(ctx, p.Actor(), event); err != nil {
		return fmt.Errorf("accounts: second factor: %w", err)
	}
	return cause
}

// ProvePassword steps a session up by the password, for who has no second factor; for others it is refused. The
// error is an *InputError if the password is wrong, a *ThrottledError after too many.
func (s *Service) ProvePassword(ctx context.Context, p *Principal, password string) (SignedIn, error) {
	user, stored, err := s.store.User(ctx, p.UserID)
	if err != nil {
		return SignedIn{}, fmt.Errorf("accounts: password: %w", err)
	}
	if user.HasFactor || p.Assurance == AssurancePending {
		return SignedIn{}, &InputError{"password", "Prove it by what you have set up; the password alone doesn't do."}
	}
	verify := func() error {
		ok, _, err := s.hasher.Verify(ctx, password, stored.Hash)
		if err == nil && !ok {
			err = &InputError{"password", "That is not your password."}
		}
		return err
	}
	return s.proveAfter(ctx, p, FactorPassword, verify, func(*storage.Tx) (Assurance, error) { return AssurancePassword, nil })
}
