package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/ediport/ediport/jobs"
	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// connectionAnswer is a connection without its secrets.
type connectionAnswer struct {
	ID         storage.ConnectionID `json:"id" public:"con"`
	PartnerID  storage.PartnerID    `json:"partner_id" public:"prt"` // null: files tell
	AccountID  storage.AccountID    `json:"account_id" public:"acc"` // null: routed by content
	Name       string               `json:"name"`
	Protocol   string               `json:"protocol"`
	Host       string               `json:"host"`
	Port       int                  `json:"port"`
	Username   string               `json:"username"`
	Auth       string               `json:"auth"` // password, key, key_password, certificate
	HasSecrets bool                 `json:"has_secrets"`

	NextCredential *nextCredentialAnswer `json:"next_credential"` // that the partner is to take one day; null: none waits

	HostKeys       []string        `json:"host_keys"`        // SHA256:… after the key's type, or after cert-authority
	OfferedHostKey string          `json:"offered_host_key"` // waits for a person's yes; null: none
	Folders        json.RawMessage `json:"folders"`          // to pull from, see below
	Push           json.RawMessage `json:"push"`             // how files are delivered, see below
	Network        json.RawMessage `json:"network"`          // limits and compatibility, see below
	ExpectedBy     string          `json:"expected_by"`      // times by which a file must have come, as a schedule's; null: none
	ExpectedZone   string          `json:"expected_zone"`
	Paused         bool            `json:"paused"`
	PausedReason   string          `json:"paused_reason"` // a code or a person's words
	LastContactAt  *time.Time      `json:"last_contact_at"`
	LastFileAt     *time.Time      `json:"last_file_at"`
	ErrorStreak    int             `json:"error_streak"` // failed runs since the last good one
	LastErrorCode  string          `json:"last_error_code"`
	Version        int             `json:"version"` // raised by each change
	UpdatedAt      time.Time       `json:"updated_at"`
}

func connectionOf(c storage.Connection) connectionAnswer {
	return connectionAnswer{
		ID: c.ID, PartnerID: c.Partner, AccountID: c.Account, Name: c.Name, Protocol: c.Protocol, Host: c.Host, Port: c.Port,
		Username: c.Username, Auth: c.Auth, HasSecrets: len(c.Secrets) > 0, NextCredential: nextCredentialOf(c), HostKeys: c.HostKeys, OfferedHostKey: c.OfferedHostKey,
		Folders: c.Folders, Push: c.Push, Network: c.Network, ExpectedBy: c.ExpectedBy, ExpectedZone: c.ExpectedZone,
		Paused: c.Paused, PausedReason: c.PausedReason, LastContactAt: c.LastContactAt, LastFileAt: c.LastFileAt,
		ErrorStreak: c.ErrorStreak, LastErrorCode: c.LastErrorCode, Version: c.Version, UpdatedAt: c.UpdatedAt,
	}
}

// connectionInput is what is given to make or change one: what is left out stays, or has its usual value.
type connectionInput struct {
	PartnerID    *publicID          `json:"partner_id"`
	AccountID    *publicID          `json:"account_id"`
	Name         *string            `json:"name"`
	Host         *string            `json:"host"`
	Port         *int               `json:"port"`
	Username     *string            `json:"username"`
	Auth         *string            `json:"auth"`
	HostKeys     *[]string          `json:"host_keys"`
	Folders      *[]jobs.PullFolder `json:"folders"`
	Push         *jobs.Push         `json:"push"`
	Network      *jobs.Network      `json:"network"`
	ExpectedBy   *string            `json:"expected_by"`
	ExpectedZone *string            `json:"expected_zone"`
	Version      int                `json:"version"`
	Secrets      secretsInput       `json:"secrets"`
}

func (in *connectionInput) seen() int { return in.Version }

// secretsInput is write-only: what is not given stays, and nothing of it is ever given out.
type secretsInput struct {
	Password       string `json:"password"`
	PrivateKey     string `json:"private_key"`
	Passphrase     string `json:"passphrase"`
	Certificate    string `json:"certificate"`
	PGPPrivateKey  string `json:"pgp_private_key"`
	PGPPassphrase  string `json:"pgp_passphrase"`
	JumpPassword   string `json:"jump_password"`
	JumpPrivateKey string `json:"jump_private_key"`
	JumpPassphrase string `json:"jump_passphrase"`
	ProxyPassword  string `json:"proxy_password"`
}

func (s secretsInput) secrets() jobs.Secrets {
	return jobs.Secrets{
		Password: transfer.Secret(s.Password), PrivateKey: transfer.Secret(s.PrivateKey), Passphrase: transfer.Secret(s.Passphrase),
		Certificate: transfer.Secret(s.Certificate), PGPPrivateKey: transfer.Secret(s.PGPPrivateKey), PGPPassphrase: transfer.Secret(s.PGPPassphrase),
		JumpPassword: transfer.Secret(s.JumpPassword), JumpPrivateKey: transfer.Secret(s.JumpPrivateKey),
		JumpPassphrase: transfer.Secret(s.JumpPassphrase), ProxyPassword: transfer.Secret(s.ProxyPassword),
	}
}

// set puts v, if it is given, over what stands at to.
func set[T any](to *T, v *T) {
	if v != nil {
		*to = *v
	}
}

// apply puts what is given over a connection.
func (in *connectionInput) apply(a *API, c *storage.Connection) error {
	partner, err := a.bodyID("partner_id", storage.PublicPartner, in.PartnerID, int64(c.Partner))
	if err != nil {
		return err
	}
	account, err := a.bodyID("account_id", storage.PublicAccount, in.AccountID, int64(c.Account))
	if err != nil {
		return err
	}
	c.Partner, c.Account = storage.PartnerID(partner), storage.AccountID(account)
	set(&c.Name, in.Name)
	set(&c.Host, in.Host)
	set(&c.Port, in.Port)
	set(&c.Username, in.Username)
	set(&c.Auth, in.Auth)
	set(&c.ExpectedBy, in.ExpectedBy)
	set(&c.ExpectedZone, in.ExpectedZone)
	if in.HostKeys != nil {
		c.HostKeys = *in.HostKeys
	}
	if in.Folders != nil {
		jobs.SetFolders(c, *in.Folders...)
	}
	if in.Push != nil {
		jobs.SetPush(c, *in.Push)
	}
	if in.Network != nil {
		jobs.SetNetwork(c, *in.Network)
	}
	return nil
}

func (a *API) listConnections(r *http.Request, q *params) (any, storage.Cursor, error) {
	if err := q.done(); err != nil {
		return nil, "", err
	}
	rows, err := inScope(r.Context(), a, scopeOf(r), func(tx *storage.Tx) ([]storage.Connection, error) { return tx.Connections(r.Context()) })
	return mapped(rows, connectionOf), "", err
}

func (a *API) connection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (out connectionAnswer, err error) {
	c, err := inScope(ctx, a, scope, func(tx *storage.Tx) (*storage.Connection, error) { return tx.Connection(ctx, id) })
	if err != nil {
		return out, err
	}
	return connectionOf(*c), nil
}

func (a *API) addConnection(r *http.Request, scope storage.Scope) (int64, error) {
	var in connectionInput
	if err := readJSON(r, &in); err != nil {
		return 0, err
	}
	var c storage.Connection
	if err := in.apply(a, &c); err != nil {
		return 0, err
	}
	err := a.Desk.AddConnection(r.Context(), scope, &c, in.Secrets.secrets())
	return int64(c.ID), err
}

func (a *API) changeConnection(r *http.Request, scope storage.Scope) (int64, error) {
	var in connectionInput
	id, err := a.readChange(r, storage.PublicConnection, &in)
	if err != nil {
		return 0, err
	}
	c, err := inScope(r.Context(), a, scope, func(tx *storage.Tx) (*storage.Connection, error) {
		return tx.Connection(r.Context(), storage.ConnectionID(id))
	})
	if err != nil {
		return 0, err
	}
	c.Version = in.Version
	if err := in.apply(a, c); err != nil {
		return 0, err
	}
	return id, a.Desk.ChangeConnection(r.Context(), scope, c, in.Secrets.secrets())
}

// testAnswer says step by step what works.
type testAnswer struct {
	OK    bool         `json:"ok"`
	Steps []stepAnswer `json:"steps"`
}

// stepAnswer is one step of a test.
type stepAnswer struct {
	Name     string `json:"name"`
	State    string `json:"state"` // ok, failed, skipped; not_yet: the server does not take the next credential, but the present one
	Sentence string `json:"sentence"`
	Remedy   string `json:"remedy"` // what to do; null: nothing
	Code     string `json:"code"`   // of the failure; null: none
}

// testConnection walks through what pulls and pushes need, as long as the connection's time-outs let it.
func (a *API) testConnection(w http.ResponseWriter, r *http.Request) error {
	id, err := a.pathID(r, storage.PublicConnection)
	if err != nil {
		return err
	}
	steps, err := a.Desk.TestConnection(r.Context(), scopeOf(r), storage.ConnectionID(id))
	if err != nil {
		return err
	}
	out := testAnswer{OK: true, Steps: []stepAnswer{}}
	for _, s := range steps {
		out.Steps = append(out.Steps, stepAnswer{s.Name, s.State, s.Sentence, s.Remedy, transfer.Code(s.Err)})
		out.OK = out.OK && s.State != transfer.StateFailed
	}
	return a.json(w, r, http.StatusOK, a.render(out))
}

// publicKeysAnswer are the public halves of a connection's keys, as lines of authorized_keys.
type publicKeysAnswer struct {
	SignIn string `json:"sign_in"` // null: it has no key
	Next   string `json:"next"`    // of the next credential; null: it has no key
	Jump   string `json:"jump"`    // of the jump host; null: it has no key
}

func (a *API) publicKeys(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (out publicKeysAnswer, err error) {
	keys, err := a.Desk.PublicKeys(ctx, scope, id)
	return publicKeysAnswer{keys.SignIn, keys.Next, keys.Jump}, err
}

func (a *API) generateKey(r *http.Request, scope storage.Scope) (int64, error) {
	id, err := a.pathID(r, storage.PublicConnection)
	if err != nil {
		return 0, err
	}
	_, err = a.Desk.GenerateKey(r.Context(), scope, storage.ConnectionID(id))
	return id, err
}

// queued names the run that was asked for.
type queued struct {
	RunID storage.RunID `json:"run_id" public:"run"`
	New   bool          `json:"new"` // false: the connection's run that is under way already
}

// asking answers with the run that is asked for: 202 if it is new, 200 if one is under way. It may be
// repeated without a key: while a run is under way it is the answer.
func asking[ID ~int64](a *API, kind string, ask func(context.Context, storage.Scope, ID) (storage.RunID, error)) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		status := http.StatusAccepted
		run, err := a.perform(w, r, status, func(r *http.Request, scope storage.Scope) (int64, error) {
			id, err := a.pathID(r, kind)
			if err != nil {
				return 0, err
			}
			run, err := ask(r.Context(), scope, ID(id))
			if errors.Is(err, jobs.ErrRunOpen) && run != 0 {
				status, err = http.StatusOK, nil
			}
			return int64(run), err
		})
		if err != nil {
			return err
		}
		return a.json(w, r, status, a.render(queued{storage.RunID(run), status == http.StatusAccepted}))
	}
}
