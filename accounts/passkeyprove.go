package accounts

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/ediport/ediport/storage"
)

// AskPasskey asks the principal's browser for one of his passkeys; storage.ErrNotFound if he has none.
func (s *Service) AskPasskey(ctx context.Context, p *Principal, rp RelyingParty) (PasskeyRequest, error) {
	w, user, err := s.askedForPasskeys(ctx, p, rp)
	if err != nil {
		return PasskeyRequest{}, err
	}
	if len(user.credentials) == 0 {
		return PasskeyRequest{}, storage.ErrNotFound
	}
	options, session, err := w.BeginLogin(user)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("accounts: passkey: %w", err)
	}
	return s.passkeyRequest(ctx, p, passkeyProve, options.Response, session)
}

// ProvePasskey proves the principal's second factor by one of his passkeys. The error is an *InputError for an
// answer that doesn't fit, ErrCeremony if the request is over, a *ThrottledError after too many.
func (s *Service) ProvePasskey(ctx context.Context, p *Principal, rp RelyingParty, token, answer string) (SignedIn, error) {
	w, err := rp.library()
	if err != nil {
		return SignedIn{}, err
	}
	session, err := s.passkeySession(ctx, p, passkeyProve, token)
	if err != nil {
		return SignedIn{}, err
	}
	return s.prove(ctx, p, FactorPasskey, func(t *storage.Tx) (Assurance, error) {
		user, rows, err := s.passkeyUser(ctx, t, p.UserID, p.Login, p.Name)
		if err != nil {
			return "", err
		}
		parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
		if err != nil {
			return "", s.passkeyWrong(err)
		}
		used, err := w.ValidateLogin(user, session, parsed)
		if err != nil {
			return "", s.passkeyWrong(err)
		}
		return AssurancePasskey, s.notePasskey(ctx, t, rows, used)
	})
}

// notePasskey writes the passkey's counter back. One that went backwards may be a copy: the audit says so, and
// the person isn't kept out, because many authenticators count in their own way.
func (s *Service) notePasskey(ctx context.Context, t *storage.Tx, rows []storage.Factor, used *webauthn.Credential) error {
	i := slices.IndexFunc(rows, func(r storage.Factor) bool { return r.Hash == credentialName(used.ID) })
	if i < 0 {
		return storage.ErrNotFound
	}
	if used.Authenticator.CloneWarning {
		event := storage.AuditEvent{Action: "passkey.counter_went_back", Result: "failed", ObjectKind: "credential", ObjectID: rows[i].ID}
		if err := t.Audit(ctx, event); err != nil {
			return err
		}
		used.Authenticator.CloneWarning = false
	}
	data, err := json.Marshal(used)
	if err != nil {
		return err
	}
	return t.SetFactorData(ctx, storage.UserID(rows[i].UserID), rows[i].ID, string(data), s.now())
}

// AskPasskeySignIn asks a browser for any passkey of this installation, before anybody is known.
func (s *Service) AskPasskeySignIn(ctx context.Context, rp RelyingParty) (PasskeyRequest, error) {
	w, err := rp.library()
	if err != nil {
		return PasskeyRequest{}, err
	}
	options, session, err := w.BeginDiscoverableLogin()
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("accounts: passkey: %w", err)
	}
	return s.passkeyRequest(ctx, nil, passkeySignIn, options.Response, session)
}

// SignInWithPasskey begins a session for whoever the passkey belongs to: no user id, no password. c's name and
// password are not looked at. The error is ErrRefused, whatever the reason, or ErrCeremony if the request is over.
// Failures of strangers who try passwords don't keep a passkey out; an administrator's lock does.
func (s *Service) SignInWithPasskey(ctx context.Context, rp RelyingParty, token, answer string, c Credentials, o Origin) (SignedIn, error) {
	w, err := rp.library()
	if err != nil {
		return SignedIn{}, err
	}
	session, err := s.passkeySession(ctx, nil, passkeySignIn, token)
	if err != nil {
		return SignedIn{}, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes([]byte(answer))
	if err != nil {
		return SignedIn{}, s.passkeyRefused(ctx, storage.SignInUser{}, o)
	}
	var owner storage.SignInUser
	err = s.db.InSignIn(ctx, o.actor(storage.ActorAnonymous, 0), func(t *storage.Tx) error {
		var rows []storage.Factor
		_, used, err := w.ValidatePasskeyLogin(func(rawID, _ []byte) (user webauthn.User, err error) {
			user, rows, owner, err = s.passkeyOwner(ctx, t, rawID)
			return user, err
		}, session, parsed)
		if err != nil {
			return s.passkeyWrong(err)
		}
		return s.notePasskey(ctx, t, rows, used)
	})
	var input *InputError
	switch {
	case errors.As(err, &input), err == nil && !maySignIn(owner):
		return SignedIn{}, s.passkeyRefused(ctx, owner, o)
	case err != nil:
		return SignedIn{}, fmt.Errorf("accounts: sign-in: %w", err)
	}
	return s.begin(ctx, owner, AssurancePasskey, c, o)
}

func (s *Service) passkeyOwner(ctx context.Context, t *storage.Tx, rawID []byte) (*passkeyUser, []storage.Factor, storage.SignInUser, error) {
	_, owner, err := t.PasskeyOwner(ctx, credentialName(rawID))
	if err != nil {
		return nil, nil, owner, err
	}
	user, rows, err := s.passkeyUser(ctx, t, storage.UserID(owner.ID), owner.Login, owner.Name)
	return user, rows, owner, err
}

// passkeyRefused leaves an event of a refused sign-in and returns the error to show.
func (s *Service) passkeyRefused(ctx context.Context, user storage.SignInUser, o Origin) error {
	event := storage.AuditEvent{Action: "signin.failed", Result: "failed", Detail: map[string]any{"kind": string(FactorPasskey)}}
	if user.ID != 0 {
		event.ObjectKind, event.ObjectID = "user", user.ID
	}
	if err := s.store.AppendEvents(ctx, o.actor(storage.ActorAnonymous, 0), event); err != nil {
		return fmt.Errorf("accounts: sign-in: %w", err)
	}
	return ErrRefused
}

// maySignIn says whether a user who proved who he is by a passkey may come in. Locks come from wrong passwords, which
// strangers can type: they keep nobody out who has his key.
func maySignIn(user storage.SignInUser) bool { return user.State == "active" }
