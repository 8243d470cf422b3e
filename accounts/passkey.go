package accounts

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/ediport/ediport/storage"
)

const (
	passkeyTime     = 5 * time.Minute
	passkeyRegister = "passkey.register"
	passkeyProve    = "passkey.prove"
	passkeySignIn   = "passkey.signin"
)

// A RelyingParty is this installation as browsers know it: a passkey works under its name only, which is
// what makes it worthless to a page that looks like ours. Source: W3C Web Authentication Level 3, 5.4.2 and 7.
type RelyingParty struct {
	ID     string // the host people use, without port: "edi.example.org"
	Origin string // scheme, host and port: "https://edi.example.org"
	Name   string // shown by browsers
}

// A PasskeyRequest is what a browser needs to make or use a passkey.
type PasskeyRequest struct {
	Token   string // names it in the next request
	Options string // JSON for navigator.credentials
}

func (rp RelyingParty) library() (*webauthn.WebAuthn, error) {
	w, err := webauthn.New(&webauthn.Config{
		RPID: rp.ID, RPDisplayName: rp.Name, RPOrigins: []string{rp.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementPreferred, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("accounts: passkey: %w", err)
	}
	return w, nil
}

// A passkeyUser is a user as the library asks for him.
type passkeyUser struct {
	handle      []byte
	login, name string
	credentials []webauthn.Credential
}

func (u *passkeyUser) WebAuthnID() []byte                         { return u.handle }
func (u *passkeyUser) WebAuthnName() string                       { return u.login }
func (u *passkeyUser) WebAuthnDisplayName() string                { return u.name }
func (u *passkeyUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

// passkeyUser returns the user with his passkeys.
func (s *Service) passkeyUser(ctx context.Context, t *storage.Tx, id storage.UserID, login, name string) (*passkeyUser, []storage.Factor, error) {
	handle := make([]byte, 32)
	_, _ = rand.Read(handle) // never fails
	handle, err := t.PasskeyHandle(ctx, id, handle)
	if err != nil {
		return nil, nil, err
	}
	rows, err := t.Factors(ctx, id, string(FactorPasskey))
	if err != nil {
		return nil, nil, err
	}
	u := &passkeyUser{handle: handle, login: login, name: name}
	for _, r := range rows {
		var c webauthn.Credential
		if err := json.Unmarshal([]byte(r.Data), &c); err != nil {
			return nil, nil, fmt.Errorf("reading a passkey: %w", err)
		}
		u.credentials = append(u.credentials, c)
	}
	return u, rows, nil
}

// askedForPasskeys returns the principal with his passkeys, and what asks his browser about them.
func (s *Service) askedForPasskeys(ctx context.Context, p *Principal, rp RelyingParty) (w *webauthn.WebAuthn, user *passkeyUser, err error) {
	if w, err = rp.library(); err != nil {
		return nil, nil, err
	}
	err = s.db.InSignIn(ctx, p.Actor(), func(t *storage.Tx) (err error) {
		user, _, err = s.passkeyUser(ctx, t, p.UserID, p.Login, p.Name)
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("accounts: passkey: %w", err)
	}
	return w, user, nil
}

// BeginPasskey asks the principal's browser for a new passkey, not among those he has.
func (s *Service) BeginPasskey(ctx context.Context, p *Principal, rp RelyingParty) (PasskeyRequest, error) {
	w, user, err := s.askedForPasskeys(ctx, p, rp)
	if err != nil {
		return PasskeyRequest{}, err
	}
	var known []protocol.CredentialDescriptor
	for _, c := range user.credentials {
		known = append(known, c.Descriptor())
	}
	options, session, err := w.BeginRegistration(user, webauthn.WithExclusions(known))
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("accounts: passkey: %w", err)
	}
	return s.passkeyRequest(ctx, p, passkeyRegister, options.Response, session)
}

func (s *Service) passkeyRequest(ctx context.Context, p *Principal, purpose string, options any, session *webauthn.SessionData) (PasskeyRequest, error) {
	content, err := json.Marshal(session)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("accounts: passkey: %w", err)
	}
	token, err := s.putCeremony(ctx, p, purpose, content, passkeyTime)
	if err != nil {
		return PasskeyRequest{}, err
	}
	text, err := json.Marshal(options)
	if err != nil {
		return PasskeyRequest{}, fmt.Errorf("accounts: passkey: %w", err)
	}
	return PasskeyRequest{Token: token, Options: string(text)}, nil
}

// passkeySession returns what was remembered of a request, once.
func (s *Service) passkeySession(ctx context.Context, p *Principal, purpose, token string) (webauthn.SessionData, error) {
	var session webauthn.SessionData
	content, err := s.takeCeremony(ctx, p, purpose, token)
	if err != nil {
		return session, err
	}
	if err := json.Unmarshal(content, &session); err != nil {
		return session, fmt.Errorf("accounts: passkey: %w", err)
	}
	return session, nil
}

// errPasskey is what is wrong with an answer that doesn't fit; which check failed stands in the log.
var errPasskey = &InputError{"passkey", "The passkey’s answer doesn’t fit. Begin again, and use the one that you set up for this address."}

func (s *Service) passkeyWrong(cause error) error {
	var detail *protocol.Error
	if errors.As(cause, &detail) {
		s.log.Info("passkey refused", "type", detail.Type, "detail", detail.Details)
	}
	return errPasskey
}

// ConfirmPasskey adds the passkey that a browser made. The session goes on under a new token. codes are new
// recovery codes if the person had none. The error is an *InputError for an answer that doesn't fit, ErrCeremony
// if the request is over.
func (s *Service) ConfirmPasskey(ctx context.Context, p *Principal, rp RelyingParty, token, answer, label string) (signedIn SignedIn, codes []string, err error) {
	if label, err = factorLabel(label, "Passkey"); err != nil {
		return SignedIn{}, nil, err
	}
	if p.Step == StepFactor {
		return SignedIn{}, nil, &StepError{StepFactor}
	}
	w, err := rp.library()
	if err != nil {
		return SignedIn{}, nil, err
	}
	session, err := s.passkeySession(ctx, p, passkeyRegister, token)
	if err != nil {
		return SignedIn{}, nil, err
	}
	signedIn, err = s.prove(ctx, p, FactorPasskey, func(t *storage.Tx) (Assurance, error) {
		user, _, err := s.passkeyUser(ctx, t, p.UserID, p.Login, p.Name)
		if err != nil {
			return "", err
		}
		parsed, err := protocol.ParseCredentialCreationResponseBytes([]byte(answer))
		if err != nil {
			return "", s.passkeyWrong(err)
		}
		made, err := w.CreateCredential(user, session, parsed)
		if err != nil {
			return "", s.passkeyWrong(err)
		}
		codes, err = s.addPasskey(ctx, t, p, made, label)
		return AssurancePasskey, err
	})
	return signedIn, codes, err
}

func (s *Service) addPasskey(ctx context.Context, t *storage.Tx, p *Principal, made *webauthn.Credential, label string) ([]string, error) {
	id, err := t.NewID(ctx, storage.IDCredential)
	if err != nil {
		return nil, err
	}
	made.Attestation = webauthn.CredentialAttestation{} // none was asked for
	data, err := json.Marshal(made)
	if err != nil {
		return nil, err
	}
	row := storage.Factor{
		ID: id, UserID: int64(p.UserID), Kind: string(FactorPasskey), Hash: credentialName(made.ID), Label: label, Data: storage.JSON(data),
	}
	if err := t.AddFactor(ctx, row, s.now()); err != nil {
		return nil, err
	}
	if err := s.addedFactor(ctx, t, p, id, FactorPasskey); err != nil {
		return nil, err
	}
	return s.firstRecoveryCodes(ctx, t, p)
}

func credentialName(id []byte) string { return base64.RawURLEncoding.EncodeToString(id) }
