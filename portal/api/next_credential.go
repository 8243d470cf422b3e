package api

import (
	"context"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// nextCredentialAnswer is a credential that waits beside the present one, without its secrets.
type nextCredentialAnswer struct {
	Auth       string     `json:"auth"` // password, key, key_password, certificate
	AddedAt    *time.Time `json:"added_at"`
	WorksSince *time.Time `json:"works_since"` // the partner's server takes it; null: not known to
	TakesOver  bool       `json:"takes_over"`  // in the present one's place, as soon as it works
}

func nextCredentialOf(c storage.Connection) *nextCredentialAnswer {
	if c.NextAuth == "" {
		return nil
	}
	return &nextCredentialAnswer{c.NextAuth, c.NextAddedAt, c.NextWorksSince, c.NextTakesOver}
}

// nextCredentialInput is what is to sign in next. Its secrets are write-only.
type nextCredentialInput struct {
	Auth        string `json:"auth"`         // password, key, key_password, certificate
	Password    string `json:"password"`     // of key_password: left out, the present one
	PrivateKey  string `json:"private_key"`  // of key_password and certificate: left out, the present one
	Passphrase  string `json:"passphrase"`   // of private_key
	Certificate string `json:"certificate"`  // for private_key
	GenerateKey bool   `json:"generate_key"` // in place of private_key; the partner installs `next` of the public keys
	TakesOver   bool   `json:"takes_over"`   // in the present one's place, as soon as it works
	Version     int    `json:"version"`
}

func (in *nextCredentialInput) seen() int { return in.Version }

func (a *API) setNextCredential(r *http.Request, scope storage.Scope) (int64, error) {
	var in nextCredentialInput
	id, err := a.readChange(r, storage.PublicConnection, &in)
	if err != nil {
		return 0, err
	}
	_, err = a.Desk.SetNextCredential(r.Context(), scope, storage.ConnectionID(id), in.Version, jobs.NextCredential{
		Auth: in.Auth, Password: transfer.Secret(in.Password), PrivateKey: transfer.Secret(in.PrivateKey), Passphrase: transfer.Secret(in.Passphrase),
		Certificate: transfer.Secret(in.Certificate), Generate: in.GenerateKey, TakesOver: in.TakesOver,
	})
	return id, err
}

// lookedAt is the body of an act on what stood in a version of a row.
type lookedAt struct {
	Version int `json:"version"`
}

func (in *lookedAt) seen() int { return in.Version }

// ofVersion is an act on the connection in the path as it was looked at.
func (a *API) ofVersion(do func(context.Context, storage.Scope, storage.ConnectionID, int) error) act {
	return func(r *http.Request, scope storage.Scope) (int64, error) {
		var in lookedAt
		id, err := a.readChange(r, storage.PublicConnection, &in)
		if err != nil {
			return 0, err
		}
		return id, do(r.Context(), scope, storage.ConnectionID(id), in.Version)
	}
}
