package jobs

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// Secrets are what signs in to a partner's server, and what opens and signs what is exchanged with it.
// They print as placeholders.
type Secrets struct {
	Password    transfer.Secret
	PrivateKey  transfer.Secret // OpenSSH or PEM
	Passphrase  transfer.Secret // of PrivateKey
	Certificate transfer.Secret // OpenSSH certificate for PrivateKey, as in id_ed25519-cert.pub

	PGPPrivateKey transfer.Secret // armored; opens what comes in, signs what goes out
	PGPPassphrase transfer.Secret // of PGPPrivateKey

	JumpPassword   transfer.Secret // for the jump host
	JumpPrivateKey transfer.Secret
	JumpPassphrase transfer.Secret // of JumpPrivateKey
	ProxyPassword  transfer.Secret

	next credential // what is to sign in once the partner has changed over; set by [Desk.SetNextCredential] alone
}

// Empty tells whether there are none.
func (s Secrets) Empty() bool { return s == Secrets{} }

// plainSecrets is what is sealed, by name.
type plainSecrets map[string]string

// named are the secrets by the names under which they are sealed.
func (s *Secrets) named() map[string]*transfer.Secret {
	return map[string]*transfer.Secret{
		"password": &s.Password, "private_key": &s.PrivateKey, "passphrase": &s.Passphrase, "certificate": &s.Certificate,
		"pgp_private_key": &s.PGPPrivateKey, "pgp_passphrase": &s.PGPPassphrase,
		"jump_password": &s.JumpPassword, "jump_private_key": &s.JumpPrivateKey, "jump_passphrase": &s.JumpPassphrase,
		"proxy_password": &s.ProxyPassword,
		"next_password":  &s.next.Password, "next_private_key": &s.next.PrivateKey, "next_passphrase": &s.next.Passphrase, "next_certificate": &s.next.Certificate,
	}
}

// secretsRow binds sealed secrets to their row and column.
func secretsRow(id storage.ConnectionID) []byte {
	return fmt.Appendf(nil, "connection/%d/secrets", id)
}

// sealSecrets puts sealed secrets into a connection, whose id must stand.
func sealSecrets(ring *keys.Ring, c *storage.Connection, s Secrets) error {
	if s.Empty() {
		c.Secrets, c.SecretsKeyID = nil, ""
		return nil
	}
	plain := plainSecrets{}
	for name, secret := range s.named() {
		if *secret != "" {
			plain[name] = secret.Reveal()
		}
	}
	text, err := json.Marshal(plain)
	if err != nil {
		return fmt.Errorf("jobs: secrets: %w", err)
	}
	sealed, err := ring.Seal(keys.Secrets, text, secretsRow(c.ID))
	if err != nil {
		return fmt.Errorf("jobs: secrets: %w", err)
	}
	c.Secrets, c.SecretsKeyID = sealed, string(ring.Current())
	return nil
}

func openSecrets(ring *keys.Ring, c *storage.Connection) (Secrets, error) {
	var s Secrets
	if len(c.Secrets) == 0 {
		return s, nil
	}
	text, err := ring.Open(keys.Secrets, c.Secrets, secretsRow(c.ID))
	if err != nil {
		return s, fail(ErrSecrets, err)
	}
	var plain plainSecrets
	if err := json.Unmarshal(text, &plain); err != nil {
		return s, fail(ErrSecrets, nil) // the error could quote what it read
	}
	for name, secret := range s.named() {
		*secret = transfer.Secret(plain[name])
	}
	return s, nil
}

// merge keeps the old secrets where no new ones are given. A passphrase and a certificate belong to their key.
func merge(old, given Secrets) Secrets {
	if given.PrivateKey != "" {
		old.Passphrase, old.Certificate = "", ""
	}
	if given.PGPPrivateKey != "" {
		old.PGPPassphrase = ""
	}
	if given.JumpPrivateKey != "" {
		old.JumpPassphrase = ""
	}
	kept := old.named()
	for name, secret := range given.named() {
		if *secret != "" {
			*kept[name] = *secret
		}
	}
	return old
}

// endpointOf is how transfer reaches a connection's server.
func endpointOf(c *storage.Connection, s Secrets, permit func(netip.AddrPort) error) (transfer.Endpoint, error) {
	network, err := NetworkOf(c)
	if err != nil {
		return transfer.Endpoint{}, err
	}
	e := transfer.Endpoint{
		Host: c.Host, Port: c.Port, User: c.Username, HostKeys: c.HostKeys, Permit: permit,
		Timeouts: transfer.Timeouts{
			Connect: seconds(network.ConnectSeconds), Handshake: seconds(network.HandshakeSeconds),
			Idle: seconds(network.IdleSeconds), KeepAlive: seconds(network.KeepAliveSeconds),
		},
		Limits: transfer.Limits{
			RequestsPerFile: network.RequestsPerFile, FileBytes: network.MaxFileBytes, BytesPerSecond: network.BytesPerSecond,
		},
		Legacy: network.legacy(time.Now()),
		Proxy:  network.Proxy, ProxyPassword: s.ProxyPassword, Source: network.SourceAddress,
	}
	e.Auth, e.Second = credentialsOf(c, s)
	if j := network.Jump; j != nil {
		e.Jump = &transfer.Endpoint{
			Host: j.Host, Port: j.Port, User: j.User, HostKeys: j.HostKeys, Timeouts: e.Timeouts,
			Auth: transfer.Auth{Password: s.JumpPassword, PrivateKey: s.JumpPrivateKey, Passphrase: s.JumpPassphrase},
		}
	}
	return e, nil
}

// authOf takes of the secrets those that a way to sign in uses.
func authOf(way string, s Secrets) transfer.Auth {
	var a transfer.Auth
	if sendsPassword(way) {
		a.Password = s.Password
	}
	if way != AuthPassword {
		a.PrivateKey, a.Passphrase = s.PrivateKey, s.Passphrase
	}
	if way == AuthCertificate {
		a.Certificate = s.Certificate
	}
	return a
}
