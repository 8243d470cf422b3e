package jobs

import (
	"context"
	"errors"

	"github.com/ediport/ediport/storage"
)

// AddConnection adds a connection with its secrets and gives it its id. What is not given gets its
// usual value. ErrConnection says by field what is wrong; storage.ErrConflict: the name is taken.
func (d *Desk) AddConnection(ctx context.Context, scope storage.Scope, c *storage.Connection, secrets Secrets) error {
	fillDefaults(c)
	dropNext(c)
	if err := check(c, secrets); err != nil {
		return err
	}
	return d.audited(ctx, scope, "connection.added", "connection", func(tx *storage.Tx) (int64, error) {
		id, err := tx.NewID(ctx, storage.IDConnection)
		if err != nil {
			return 0, err
		}
		c.ID, c.Version = storage.ConnectionID(id), 1
		if err := sealSecrets(d.Keys, c, secrets); err != nil {
			return 0, err
		}
		return id, tx.AddConnection(ctx, c)
	})
}

// ChangeConnection writes c over the connection of its id. Secrets that are not given stay; secrets
// never leave again: a kept password is not sent to another server than the one it was entered for, it
// has to be entered again with that. Other host keys than those pinned are refused with a *SecondPersonError where
// they take a second person. storage.ErrConflict: somebody else changed it since c was read, or the name is taken.
func (d *Desk) ChangeConnection(ctx context.Context, scope storage.Scope, c *storage.Connection, secrets Secrets) error {
	fillDefaults(c)
	keys, second, err := d.guarded(ctx, scope, c)
	if err != nil {
		return err
	}
	return d.audited(ctx, scope, "connection.changed", "connection", func(tx *storage.Tx) (int64, error) {
		before, err := tx.Connection(ctx, c.ID)
		if err != nil {
			return 0, err
		}
		old, err := openSecrets(d.Keys, before)
		if err != nil && secrets.Empty() {
			return 0, err
		}
		unreadable := err != nil
		if keepNext(c, before); unreadable {
			dropNext(c) // it can't be opened either
		}
		merged := merge(old, secrets)
		if err := errors.Join(check(c, merged), staysHome(before, c, old, secrets)); err != nil {
			return 0, err
		}
		if err := leaveBehind(before, c, &merged, secrets); err != nil {
			return 0, err
		}
		if err := sealSecrets(d.Keys, c, merged); err != nil {
			return 0, err
		}
		// The write fails if the version is not the one any more whose host keys were guarded.
		if err := tx.ChangeConnection(ctx, c); err != nil {
			return 0, err
		}
		if unreadable {
			if err := auditUnreadable(ctx, tx, before); err != nil {
				return 0, err
			}
		}
		return int64(c.ID), auditHostKeys(ctx, tx, c.ID, keys, second)
	})
}

// auditUnreadable says in the audit that all secrets of a connection gave way to those that were entered: no key of the ring opened them.
func auditUnreadable(ctx context.Context, tx *storage.Tx, before *storage.Connection) error {
	if before.NextAuth != "" {
		detail := map[string]any{"auth": before.NextAuth, "worked": before.NextWorksSince != nil, "unreadable": true}
		if err := auditCredential(ctx, tx, before.ID, "connection.credential_removed", detail); err != nil {
			return err
		}
	}
	return auditCredential(ctx, tx, before.ID, "connection.secrets_replaced", map[string]any{"key_id": before.SecretsKeyID})
}

// change reads a connection, lets fn change it and writes it back.
func (d *Desk) change(ctx context.Context, scope storage.Scope, id storage.ConnectionID, action string, fn func(*storage.Connection) error) error {
	return d.audited(ctx, scope, action, "connection", func(tx *storage.Tx) (int64, error) {
		c, err := tx.Connection(ctx, id)
		if err != nil {
			return 0, err
		}
		if err := fn(c); err != nil {
			return 0, err
		}
		return int64(id), tx.ChangeConnection(ctx, c)
	})
}

// PauseConnection stops a connection's runs before they begin; reason is a person's words.
func (d *Desk) PauseConnection(ctx context.Context, scope storage.Scope, id storage.ConnectionID, reason string) error {
	return d.change(ctx, scope, id, "connection.paused", func(c *storage.Connection) error {
		c.Paused, c.PausedReason = true, reason
		return nil
	})
}

// ResumeConnection ends a pause.
func (d *Desk) ResumeConnection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) error {
	return d.change(ctx, scope, id, "connection.resumed", func(c *storage.Connection) error {
		c.Paused, c.PausedReason = false, ""
		return nil
	})
}

// DeleteConnection deletes a connection that nothing uses, else storage.ErrConflict.
func (d *Desk) DeleteConnection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) error {
	return d.audited(ctx, scope, "connection.deleted", "connection", func(tx *storage.Tx) (int64, error) {
		return int64(id), tx.DeleteConnection(ctx, id)
	})
}
