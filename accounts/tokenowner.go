package accounts

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"time"

	"github.com/ediport/ediport/storage"
)

// Why a token waits for its owner.
var (
	ErrTokenFactor   = errors.New("accounts: the token's owner has to set up a second factor")
	ErrTokenPassword = errors.New("accounts: the token's owner has to choose a password of his own")
)

// ownerReady says whether a token's owner could go on without a further step if he signed in himself: a
// token must not be a way around one. A password that is merely old is an exception. It was the owner's all the
// time, and a token ends by itself.
func ownerReady(p *Principal, user storage.SignInUser) error {
	switch {
	case p.factorRequired && !user.HasFactor:
		return ErrTokenFactor
	case user.MustChangePassword && user.PasswordWhy != "expired":
		return ErrTokenPassword
	}
	return nil
}

// tokenRefused leaves an event that a valid token was refused, which is no use of it, and returns why. A program that goes on asking
// while its owner has something to do is noted as seldom as use is, by each node.
func (s *Service) tokenRefused(ctx context.Context, token storage.APIToken, o Origin, cause error) error {
	reason := "address" // it may be in wrong hands: each attempt is noted
	switch {
	case errors.Is(cause, ErrTokenFactor):
		reason = "owner_without_factor"
	case errors.Is(cause, ErrTokenPassword):
		reason = "owner_password"
	}
	if reason != "address" && !s.refusals.due(token.ID, s.now()) {
		return cause
	}
	event := storage.AuditEvent{Action: "token.refused", Result: "denied", ObjectKind: "token", ObjectID: token.ID, Detail: map[string]any{"reason": reason}}
	if err := s.store.AppendEvents(ctx, o.actor(storage.ActorToken, token.ID), event); err != nil {
		return fmt.Errorf("accounts: token: %w", err)
	}
	return cause
}

// refusals are when tokens were last noted as refused. The zero value is ready. Safe for several goroutines.
type refusals struct {
	mu sync.Mutex
	at map[int64]time.Time // by token
}

// due says whether a token's refusal is to be noted now, and remembers that it is.
func (r *refusals) due(token int64, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.at, func(_ int64, at time.Time) bool { return now.Sub(at) >= tokenQuiet })
	if _, noted := r.at[token]; noted {
		return false
	}
	if r.at == nil {
		r.at = map[int64]time.Time{}
	}
	r.at[token] = now
	return true
}
