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

// Secrets are what signs in to a partner's server. They print as placeholders.
type Secrets struct {
	Password   transfer.Secret
	PrivateKey transfer.Secret // OpenSSH or PEM
	Passphrase transfer.Secret // of PrivateKey
}

// Empty tells whether there are none.
func (s Secrets) Empty() bool { return s == Secrets{} }

type plainSecrets struct {
	Password   string `json:"password,omitempty"`
	PrivateKey string `json:"private_key,omitempty"`
	Passphrase string `json:"passphrase,omitempty"`
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
	plain, err := json.Marshal(plainSecrets{s.Password.Reveal(), s.PrivateKey.Reveal(), s.Passphrase.Reveal()})
	if err != nil {
		return fmt.Errorf("jobs: secrets: %w", err)
	}
	sealed, err := ring.Seal(keys.Secrets, plain, secretsRow(c.ID))
	if err != nil {
		return fmt.Errorf("jobs: secrets: %w", err)
	}
	c.Secrets, c.SecretsKeyID = sealed, string(ring.Current())
	return nil
}

func openSecrets(ring *keys.Ring, c *storage.Connection) (Secrets, error) {
	if len(c.Secrets) == 0 {
		return Secrets{}, nil
	}
	plain, err := ring.Open(keys.Secrets, c.Secrets, secretsRow(c.ID))
	if err != nil {
		return Secrets{}, fail(ErrSecrets, err)
	}
	var s plainSecrets
	if err := json.Unmarshal(plain, &s); err != nil {
		return Secrets{}, fail(ErrSecrets, nil) // the error could quote what it read
	}
	return Secrets{transfer.Secret(s.Password), transfer.Secret(s.PrivateKey), transfer.Secret(s.Passphrase)}, nil
}

// endpoint is how transfer reaches a connection's server.
func endpoint(c *storage.Connection, s Secrets, permit func(netip.AddrPort) error) transfer.Endpoint {
	e := transfer.Endpoint{
		Host: c.Host, Port: c.Port, User: c.Username, HostKeys: c.HostKeys, Permit: permit,
		Timeouts: transfer.Timeouts{Connect: seconds(c.ConnectSeconds), Idle: seconds(c.IdleSeconds)},
		Limits:   transfer.Limits{FileBytes: c.MaxFileBytes},
	}
	e.Auth.Password = s.Password
	if c.Auth != AuthPassword {
		e.Auth.PrivateKey, e.Auth.Passphrase = s.PrivateKey, s.Passphrase
	}
	return e
}

func seconds(n int) time.Duration { return time.Duration(n) * time.Second }
