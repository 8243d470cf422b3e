package accounts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// ErrCeremony: what was begun is over: too much time has passed, it was finished already, or it belongs to another
// session. The person begins again.
var ErrCeremony = errors.New("accounts: begin again")

// A StepError says that a step has to be done first.
type StepError struct{ Step Step }

func (e *StepError) Error() string { return "accounts: first: " + string(e.Step) }

// putCeremony remembers, sealed, what the server must know in the next request, and returns the secret name by
// which that request finds it. p is nil before sign-in.
func (s *Service) putCeremony(ctx context.Context, p *Principal, purpose string, content []byte, life time.Duration) (string, error) {
	token, now := newSecret(), s.now()
	c := storage.Ceremony{TokenHash: hashSecret(token), Purpose: purpose, ExpiresAt: now.Add(life)}
	actor := storage.Actor{Kind: storage.ActorAnonymous}
	if p != nil {
		c.UserID, c.SessionID, actor = int64(p.UserID), p.SessionID, p.Actor()
	}
	var err error
	if c.Sealed, err = s.ring.Seal(keys.Secrets, content, ceremonyPlace(c.TokenHash)); err != nil {
		return "", fmt.Errorf("accounts: second factor: %w", err)
	}
	err = s.db.InSignIn(ctx, actor, func(t *storage.Tx) error { return t.PutCeremony(ctx, c, now) })
	if err != nil {
		return "", fmt.Errorf("accounts: second factor: %w", err)
	}
	return token, nil
}

func ceremonyPlace(tokenHash []byte) []byte { return fmt.Appendf(nil, "factor_ceremony/%x", tokenHash) }

// ceremony returns what was remembered; ErrCeremony if it is over.
func (s *Service) ceremony(ctx context.Context, p *Principal, purpose, token string) ([]byte, error) {
	return s.openCeremony(ctx, p, purpose, token, (*storage.Tx).Ceremony)
}

// takeCeremony is ceremony, once.
func (s *Service) takeCeremony(ctx context.Context, p *Principal, purpose, token string) ([]byte, error) {
	return s.openCeremony(ctx, p, purpose, token, (*storage.Tx).TakeCeremony)
}

func (s *Service) openCeremony(ctx context.Context, p *Principal, purpose, token string,
	read func(*storage.Tx, context.Context, []byte, string, int64, time.Time) (storage.Ceremony, error),
) ([]byte, error) {
	var (
		c       storage.Ceremony
		session int64
		actor   = storage.Actor{Kind: storage.ActorAnonymous}
	)
	if p != nil {
		session, actor = p.SessionID, p.Actor()
	}
	err := s.db.InSignIn(ctx, actor, func(t *storage.Tx) (err error) {
		c, err = read(t, ctx, hashSecret(token), purpose, session, s.now())
		return err
	})
	if errors.Is(err, storage.ErrNotFound) {
		return nil, ErrCeremony
	}
	if err != nil {
		return nil, fmt.Errorf("accounts: second factor: %w", err)
	}
	content, err := s.ring.Open(keys.Secrets, c.Sealed, ceremonyPlace(c.TokenHash))
	if err != nil {
		return nil, fmt.Errorf("accounts: second factor: %w", err)
	}
	return content, nil
}
