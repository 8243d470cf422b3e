package jobs

import (
	"context"
	"errors"
	"fmt"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// A NextCredential is what is to sign in once a partner has changed over. Of a key with password, and of
// a certificate, what is not given is taken from the present credential.
type NextCredential struct {
	Auth        string // as Connection.Auth
	Password    transfer.Secret
	PrivateKey  transfer.Secret // OpenSSH or PEM
	Passphrase  transfer.Secret // of PrivateKey
	Certificate transfer.Secret // OpenSSH certificate for PrivateKey
	Generate    bool            // a new key pair is made here, in place of PrivateKey

	// TakesOver lets it take the place of the present one, which is gone then, as soon as the partner's
	// server takes it. Otherwise a person decides.
	TakesOver bool
}

// SetNextCredential enters a next credential for a connection of a version beside the present one, in place
// of one that waits already. Until it takes over, sessions sign in with the present one, and try the next one,
// once, where that is refused. It returns the public half of its key, which the partner installs; "" without a
// key. ErrConnection says by field what is wrong; storage.ErrConflict: somebody else changed the connection.
func (d *Desk) SetNextCredential(ctx context.Context, scope storage.Scope, id storage.ConnectionID, version int, given NextCredential) (public string, err error) {
	if given.Generate && given.PrivateKey != "" {
		return "", fail(ErrConnection, errors.New("private_key: leave it out where a new key is to be made"))
	}
	if given.Generate {
		if given.PrivateKey, _, err = transfer.GenerateKey(); err != nil {
			return "", err
		}
		given.Passphrase = ""
	}
	err = d.nextAct(ctx, scope, id, version, func(tx *storage.Tx, c *storage.Connection, s Secrets) error {
		next, err := given.over(c, s)
		if err != nil {
			return err
		}
		if public, err = PublicKeyOf(next.secrets()); err != nil {
			return err
		}
		now := tx.Now()
		s.next = next
		c.NextAuth, c.NextVersion, c.NextAddedAt, c.NextTakesOver = given.Auth, c.Version+1, &now, given.TakesOver
		if err := sealSecrets(d.Keys, c, s); err != nil {
			return err
		}
		if err := tx.ChangeConnection(ctx, c); err != nil {
			return err
		}
		return auditCredential(ctx, tx, id, "connection.credential_added", map[string]any{
			"auth": given.Auth, "takes_over": given.TakesOver, "key_made_here": given.Generate,
		})
	})
	return public, err
}

// over returns the credential with what it takes from the connection's present one, or an ErrConnection
// that says what is wrong.
func (n NextCredential) over(c *storage.Connection, s Secrets) (credential, error) {
	var wrong []error
	complain := complaint{wrong: &wrong}
	present := authOf(c.Auth, s)
	if present == (transfer.Auth{}) { // one that has ended, as a certificate, is none the less what the next one follows
		return credential{}, fail(ErrConnection, errors.New("auth: the connection has nothing to sign in with yet: enter that first"))
	}
	next := credential{n.Password, n.PrivateKey, n.Passphrase, n.Certificate}
	if n.Auth == AuthKeyPassword && next.Password == "" {
		next.Password = present.Password
	}
	if (n.Auth == AuthKeyPassword || n.Auth == AuthCertificate) && next.PrivateKey == "" {
		next.PrivateKey, next.Passphrase = present.PrivateKey, present.Passphrase
	}
	signsIn := authOf(n.Auth, next.secrets())
	next = credential{signsIn.Password, signsIn.PrivateKey, signsIn.Passphrase, signsIn.Certificate} // nothing that it has no use for
	complain.about(n.Generate && (n.Auth == AuthPassword || n.Auth == AuthCertificate), "generate_key", "it makes a key, by which this way does not sign in")
	checkSignIn(complain, n.Auth, next.secrets())
	complain.about(len(wrong) == 0 && signsIn == present, secretOf(n.Auth), "it is the one that signs in now")
	if len(wrong) > 0 {
		return credential{}, fail(ErrConnection, errors.Join(wrong...))
	}
	return next, nil
}

// secretOf is the secret that people change of a way to sign in.
func secretOf(way string) string {
	switch way {
	case AuthPassword, AuthKeyPassword:
		return "password"
	case AuthCertificate:
		return "certificate"
	default:
		return "private_key"
	}
}

// PromoteNextCredential puts the next credential of a connection of a version in the place of the present one, of
// which nothing is left. ErrNoNext: none waits. Other errors as of SetNextCredential.
func (d *Desk) PromoteNextCredential(ctx context.Context, scope storage.Scope, id storage.ConnectionID, version int) error {
	return d.nextAct(ctx, scope, id, version, func(tx *storage.Tx, c *storage.Connection, _ Secrets) error {
		if c.NextAuth == "" {
			return fail(ErrNoNext, nil)
		}
		return promoted(ctx, tx, d.Keys, c)
	})
}

// RemoveNextCredential destroys the next credential of a connection of a version; the present one goes on
// signing in. Errors as of PromoteNextCredential.
func (d *Desk) RemoveNextCredential(ctx context.Context, scope storage.Scope, id storage.ConnectionID, version int) error {
	return d.nextAct(ctx, scope, id, version, func(tx *storage.Tx, c *storage.Connection, s Secrets) error {
		if c.NextAuth == "" {
			return fail(ErrNoNext, nil)
		}
		detail := map[string]any{"auth": c.NextAuth, "worked": c.NextWorksSince != nil}
		if err := withoutNext(d.Keys, c, s); err != nil {
			return err
		}
		if err := tx.ChangeConnection(ctx, c); err != nil {
			return err
		}
		return auditCredential(ctx, tx, id, "connection.credential_removed", detail)
	})
}

// nextAct opens a connection of a version with its secrets, and lets fn change it in the same transaction.
func (d *Desk) nextAct(ctx context.Context, scope storage.Scope, id storage.ConnectionID, version int,
	fn func(*storage.Tx, *storage.Connection, Secrets) error,
) error {
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		c, err := tx.Connection(ctx, id)
		if err != nil {
			return err
		}
		if c.Version != version {
			return fmt.Errorf("jobs: connection: %w", storage.ErrConflict)
		}
		s, err := openSecrets(d.Keys, c)
		if err != nil {
			return err
		}
		return fn(tx, c, s)
	})
}
