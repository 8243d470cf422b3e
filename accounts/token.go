package accounts

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ediport/ediport/storage"
)

// TokenPrefix begins every API token, so that people and scanners recognize a leaked one.
const TokenPrefix = "edp_"

// MaxTokenLife is how long a token may be valid.
const MaxTokenLife = 366 * 24 * time.Hour

// tokenQuiet: use of a token is audited and noted at most so often.
const tokenQuiet = 10 * time.Minute

// A Token is an API token as its owner sees it; the secret is not among what is kept.
type Token struct {
	ID       int64
	Name     string
	Scopes   []Permission
	Created  time.Time
	Expires  time.Time // zero: never
	LastUsed time.Time // zero: never
	Expired  bool
	Networks []string // from which it may be used; none: from anywhere
}

// A NewToken is a token to make.
type NewToken struct {
	Name   string
	Scopes []Permission  // at least one, each held by its owner
	Life   time.Duration // up to MaxTokenLife

	Networks []string // addresses and networks ("192.0.2.0/24") from which it may be used; none: from anywhere
}

// CreateToken makes a token that acts for the principal within the scopes, and returns its secret:
// now or never. The error is an *InputError for a missing name, life or scope, a *DeniedError for a scope that
// the principal doesn't hold.
func (s *Service) CreateToken(ctx context.Context, p *Principal, n NewToken) (secret string, id int64, err error) {
	n.Name = strings.TrimSpace(n.Name)
	switch {
	case n.Name == "" || len(n.Name) > 100:
		return "", 0, &InputError{"name", "Give the token a name of up to 100 characters that says what uses it."}
	case n.Life <= 0 || n.Life > MaxTokenLife:
		return "", 0, &InputError{"days", "A token is valid for 1 to 366 days."}
	case len(n.Scopes) == 0:
		return "", 0, &InputError{"scopes", "Choose at least one thing that the token may do."}
	}
	scopes := make([]string, len(n.Scopes))
	for i, scope := range n.Scopes {
		if !p.Can(scope) {
			return "", 0, &DeniedError{scope}
		}
		scopes[i] = string(scope)
	}
	networks, err := parseNetworks(n.Networks)
	if err != nil {
		return "", 0, err
	}
	secret = TokenPrefix + newSecret()
	now := s.now()
	expires := now.Add(n.Life)
	row := storage.APIToken{UserID: int64(p.UserID), Name: n.Name, Scopes: scopes, CreatedAt: now, ExpiresAt: &expires, Addresses: networks}
	event := storage.AuditEvent{Action: "token.created", Detail: map[string]any{"scopes": scopes, "networks": networks}}
	if id, err = s.store.AddToken(ctx, p.Actor(), row, hashSecret(secret), event); err != nil {
		return "", 0, fmt.Errorf("accounts: token: %w", err)
	}
	return secret, id, nil
}

// AuthenticateToken returns who an API token acts for, limited to its scopes and to the rights its
// owner has at this moment. The error is ErrNoSession if there is none, it has expired or was revoked; ErrTokenAddress
// for an address outside the networks it may be used from, ErrTokenFactor and ErrTokenPassword for an owner who has
// something to do first; these three are audited.
func (s *Service) AuthenticateToken(ctx context.Context, secret string, o Origin) (*Principal, error) {
	if len(secret) != len(TokenPrefix)+len(newSecretExample) || !strings.HasPrefix(secret, TokenPrefix) {
		return nil, ErrNoSession
	}
	anonymous := o.actor(storage.ActorAnonymous, 0)
	token, user, memberships, err := s.store.OpenToken(ctx, anonymous, hashSecret(secret), s.now(), fromNetworks(o.Address))
	if errors.Is(err, storage.ErrNotFound) {
		return nil, ErrNoSession
	}
	if errors.Is(err, ErrTokenAddress) {
		return nil, s.tokenRefused(ctx, token, o, ErrTokenAddress)
	}
	if err != nil {
		return nil, fmt.Errorf("accounts: token: %w", err)
	}
	p, err := s.principal(ctx, user, memberships, o)
	if err != nil {
		return nil, err
	}
	if err := ownerReady(p, user); err != nil {
		return nil, s.tokenRefused(ctx, token, o, err)
	}
	if err := s.store.UseToken(ctx, anonymous, token, s.now(), tokenQuiet, storage.AuditEvent{Action: "token.used"}); err != nil {
		return nil, fmt.Errorf("accounts: token: %w", err)
	}
	p.TokenID, p.TokenName = token.ID, token.Name
	for _, scope := range token.Scopes {
		p.limit = append(p.limit, Permission(scope))
	}
	return p, nil
}

// Tokens returns the principal's tokens that are not revoked, newest first.
func (s *Service) Tokens(ctx context.Context, p *Principal) ([]Token, error) {
	rows, err := s.store.Tokens(ctx, p.UserID)
	if err != nil {
		return nil, fmt.Errorf("accounts: tokens: %w", err)
	}
	tokens := make([]Token, len(rows))
	for i, r := range rows {
		t := Token{ID: r.ID, Name: r.Name, Created: r.CreatedAt, Networks: r.Addresses}
		for _, scope := range r.Scopes {
			t.Scopes = append(t.Scopes, Permission(scope))
		}
		if r.ExpiresAt != nil {
			t.Expires, t.Expired = *r.ExpiresAt, !r.ExpiresAt.After(s.now())
		}
		if r.LastUsedAt != nil {
			t.LastUsed = *r.LastUsedAt
		}
		tokens[i] = t
	}
	return tokens, nil
}

// RevokeToken ends one of the principal's tokens; storage.ErrNotFound if it isn't his.
func (s *Service) RevokeToken(ctx context.Context, p *Principal, id int64) error {
	return s.store.RevokeToken(ctx, p.Actor(), p.UserID, id, s.now(), storage.AuditEvent{Action: "token.revoked"})
}

// Permissions returns all that the principal may do somewhere, in the fixed order of [Permissions].
func (p *Principal) Permissions() []Permission {
	return slices.DeleteFunc(Permissions(), func(permission Permission) bool { return !p.Can(permission) })
}
