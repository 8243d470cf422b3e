package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// What the audit says of the second person for a change of host keys.
const (
	secondApproved  = "approved"
	secondNotNeeded = "not needed"
	secondNotAsked  = "not asked: command line"
)

// secondPerson returns what the audit says of the second person, or a *SecondPersonError where there has
// to be one first. Every way to other host keys comes through here but the approval itself. The command
// line asks nobody: whoever runs it on the machine could write to the database. Without Desk.SecondPerson
// the answer is always that there has to be one, so that a door which nobody wired is closed.
func (d *Desk) secondPerson(ctx context.Context, scope storage.Scope, name string, change HostKeyChange) (string, error) {
	switch {
	case !change.Server() && !change.Jump():
		return secondNotNeeded, nil
	case scope.Actor.Kind == storage.ActorCLI:
		return secondNotAsked, nil
	case d.SecondPerson == nil:
		return "", &SecondPersonError{name, change}
	}
	needed, err := d.SecondPerson(ctx, scope.Operator)
	if err != nil {
		return "", err
	}
	if needed {
		return "", &SecondPersonError{name, change}
	}
	return secondNotNeeded, nil
}

// guarded is secondPerson for a connection that is about to be written over the one of its version.
func (d *Desk) guarded(ctx context.Context, scope storage.Scope, c *storage.Connection) (change HostKeyChange, second string, err error) {
	before, err := d.current(ctx, scope, c.ID)
	if err != nil {
		return change, "", err
	}
	if before.Version != c.Version {
		return change, "", fmt.Errorf("jobs: connection: %w", storage.ErrConflict)
	}
	if change, err = hostKeyChange(before, c); err != nil {
		return change, "", err
	}
	second, err = d.secondPerson(ctx, scope, before.Name, change)
	return change, second, err
}

// current reads a connection where it is written, not from a replica.
func (d *Desk) current(ctx context.Context, scope storage.Scope, id storage.ConnectionID) (c *storage.Connection, err error) {
	err = d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		c, err = tx.Connection(ctx, id)
		return err
	})
	return c, err
}

// ChangeHostKeys pins other host keys for a connection of a version. The error is a *SecondPersonError if
// that takes a second person, ErrConnection if a key is none, storage.ErrConflict if the version is another one.
func (d *Desk) ChangeHostKeys(ctx context.Context, scope storage.Scope, id storage.ConnectionID, version int, keys HostKeys) error {
	c, err := d.current(ctx, scope, id)
	if err != nil {
		return err
	}
	c.Version = version
	if err := keys.pin(c); err != nil {
		return err
	}
	change, second, err := d.guarded(ctx, scope, c)
	if err != nil {
		return err
	}
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error { return pinned(ctx, tx, c, change, second) })
}

// ApproveHostKey pins a host key ("ssh-ed25519 SHA256:…") that a person has compared with what the
// partner says, beside those pinned, and resumes the connection if it waited for that. Errors as of
// [Desk.ChangeHostKeys].
func (d *Desk) ApproveHostKey(ctx context.Context, scope storage.Scope, id storage.ConnectionID, key string) error {
	c, err := d.current(ctx, scope, id)
	if err != nil {
		return err
	}
	keys, err := HostKeysOf(c)
	if err != nil {
		return err
	}
	keys.Server = append(keys.Server, without([]string{key}, keys.Server)...)
	return d.ChangeHostKeys(ctx, scope, id, c.Version, keys)
}

// ApproveHostKeysIn makes the change that a second person has approved, in the transaction of his decision.
// It is the payload of the request: a [HostKeyChange]. ErrChangedSince: the connection is not the one any
// more that was looked at when it was asked for.
func (*Desk) ApproveHostKeysIn(ctx context.Context, tx *storage.Tx, id storage.ConnectionID, payload []byte) error {
	var asked HostKeyChange
	if err := json.Unmarshal(payload, &asked); err != nil {
		return fmt.Errorf("jobs: host keys: %w", err)
	}
	c, err := tx.Connection(ctx, id)
	if errors.Is(err, storage.ErrNotFound) {
		return ErrChangedSince
	}
	if err != nil {
		return err
	}
	change, err := newHostKeyChange(c, asked.After)
	if err != nil {
		return err
	}
	if !asked.sameGround(change) {
		return ErrChangedSince
	}
	if err := errors.Join(asked.After.check(), asked.After.pin(c)); err != nil {
		return err
	}
	return pinned(ctx, tx, c, change, secondApproved)
}

// pinned writes a connection whose host keys were changed, resumes it if it waited for them, and says so in
// the audit.
func pinned(ctx context.Context, tx *storage.Tx, c *storage.Connection, change HostKeyChange, second string) error {
	added := len(without(change.After.Server, change.Before.Server))+len(without(change.After.Jump, change.Before.Jump)) > 0
	shown := c.OfferedHostKey != "" && len(without([]string{c.OfferedHostKey}, change.After.Server)) == 0
	if added || shown {
		c.OfferedHostKey = ""
		if c.PausedReason == transfer.Code(transfer.ErrHostKeyChanged) || c.PausedReason == transfer.Code(transfer.ErrHostKeyUnknown) {
			c.Paused, c.PausedReason = false, ""
		}
	}
	if err := tx.ChangeConnection(ctx, c); err != nil {
		return err
	}
	if !added && len(without(change.Before.Server, change.After.Server))+len(without(change.Before.Jump, change.After.Jump)) == 0 {
		return tx.Audit(ctx, storage.AuditEvent{Action: "connection.changed", ObjectKind: "connection", ObjectID: int64(c.ID)})
	}
	return auditHostKeys(ctx, tx, c.ID, change, second)
}

// auditHostKeys leaves an event for each key that was approved, so that a page can say who approved
// which, and one if keys were taken away.
func auditHostKeys(ctx context.Context, tx *storage.Tx, id storage.ConnectionID, change HostKeyChange, second string) error {
	added := without(change.After.Server, change.Before.Server)
	for i, key := range append(added, without(change.After.Jump, change.Before.Jump)...) {
		detail := map[string]any{"host_key": key, "second_person": second}
		if i >= len(added) {
			detail["jump_host"] = true
		}
		if err := tx.Audit(ctx, storage.AuditEvent{Action: storage.ActionHostKeyApproved, ObjectKind: "connection", ObjectID: int64(id), Detail: detail}); err != nil {
			return err
		}
	}
	gone := append(without(change.Before.Server, change.After.Server), without(change.Before.Jump, change.After.Jump)...)
	if len(gone) == 0 {
		return nil
	}
	return tx.Audit(ctx, storage.AuditEvent{
		Action: "connection.host_keys_removed", ObjectKind: "connection", ObjectID: int64(id), Detail: map[string]any{"host_keys": gone, "second_person": second},
	})
}
