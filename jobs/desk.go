package jobs

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// A Desk is where people, and programs for them, keep connections, schedules and runs: it checks what
// they enter, seals secrets, computes due times, and leaves a trace in the audit. Lists and single
// rows are read straight from the store ([storage.Tx.Connections] and its neighbours). It is safe for several goroutines.
type Desk struct {
	DB     *storage.DB
	Keys   *keys.Ring
	Permit func(netip.AddrPort) error // as Config.Permit
}

// audited runs fn and appends the event of its act in one transaction.
func (d *Desk) audited(ctx context.Context, scope storage.Scope, action, kind string, fn func(*storage.Tx) (int64, error)) error {
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		id, err := fn(tx)
		if err != nil {
			return err
		}
		return tx.Audit(ctx, storage.AuditEvent{Action: action, ObjectKind: kind, ObjectID: id})
	})
}

// AddConnection adds a connection with its secrets and gives it its id. What is not given gets its
// usual value. ErrConnection says by field what is wrong; storage.ErrConflict: the name is taken.
func (d *Desk) AddConnection(ctx context.Context, scope storage.Scope, c *storage.Connection, secrets Secrets) error {
	fillDefaults(c)
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
// never leave again. storage.ErrConflict: somebody else changed it since c was read, or the name is taken.
func (d *Desk) ChangeConnection(ctx context.Context, scope storage.Scope, c *storage.Connection, secrets Secrets) error {
	fillDefaults(c)
	return d.audited(ctx, scope, "connection.changed", "connection", func(tx *storage.Tx) (int64, error) {
		before, err := tx.Connection(ctx, c.ID)
		if err != nil {
			return 0, err
		}
		old, err := openSecrets(d.Keys, before)
		if err != nil && secrets.Empty() {
			return 0, err
		}
		merged := merge(old, secrets)
		if err := check(c, merged); err != nil {
			return 0, err
		}
		if err := sealSecrets(d.Keys, c, merged); err != nil {
			return 0, err
		}
		return int64(c.ID), tx.ChangeConnection(ctx, c)
	})
}

func merge(old, given Secrets) Secrets {
	if given.Password != "" {
		old.Password = given.Password
	}
	if given.PrivateKey != "" {
		old.PrivateKey, old.Passphrase = given.PrivateKey, given.Passphrase // a passphrase belongs to its key
	} else if given.Passphrase != "" {
		old.Passphrase = given.Passphrase
	}
	return old
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

// ApproveHostKey pins a host key ("ssh-ed25519 SHA256:…") that a person has compared with what the
// partner says, beside those pinned, and resumes the connection if it waited for that.
func (d *Desk) ApproveHostKey(ctx context.Context, scope storage.Scope, id storage.ConnectionID, key string) error {
	return d.change(ctx, scope, id, "connection.host_key_approved", func(c *storage.Connection) error {
		c.HostKeys = append(c.HostKeys, key)
		if err := (transfer.Endpoint{Host: "h", User: "u", HostKeys: c.HostKeys, Auth: transfer.Auth{Password: "p"}}).Validate(); err != nil {
			return fail(ErrConnection, err)
		}
		c.OfferedHostKey = ""
		if c.PausedReason == transfer.Code(transfer.ErrHostKeyChanged) || c.PausedReason == transfer.Code(transfer.ErrHostKeyUnknown) {
			c.Paused, c.PausedReason = false, ""
		}
		return nil
	})
}

// DeleteConnection deletes a connection that nothing uses, else storage.ErrConflict.
func (d *Desk) DeleteConnection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) error {
	return d.audited(ctx, scope, "connection.deleted", "connection", func(tx *storage.Tx) (int64, error) {
		return int64(id), tx.DeleteConnection(ctx, id)
	})
}

// TestConnection walks through what a pull needs and says step by step what works, and what to do
// about what doesn't. It changes nothing at the server, and may take as long as the connection's time-outs.
func (d *Desk) TestConnection(ctx context.Context, scope storage.Scope, id storage.ConnectionID) ([]transfer.Step, error) {
	var c *storage.Connection
	err := d.audited(ctx, scope, "connection.tested", "connection", func(tx *storage.Tx) (_ int64, err error) {
		c, err = tx.Connection(ctx, id)
		return int64(id), err
	})
	if err != nil {
		return nil, err
	}
	secrets, err := openSecrets(d.Keys, c)
	if err != nil {
		return nil, err
	}
	return d.TestSettings(ctx, c, secrets), nil
}

// TestSettings is TestConnection for settings that are not stored yet.
func (d *Desk) TestSettings(ctx context.Context, c *storage.Connection, secrets Secrets) []transfer.Step {
	var folders []string
	if c.PullFolder != "" {
		folders = append(folders, c.PullFolder)
	}
	return transfer.Test(ctx, endpoint(c, secrets, d.Permit), folders...)
}

// AddSchedule adds a schedule, gives it its id and its next due time. ErrSpec: its time can't be
// understood; storage.ErrConflict: the name is taken.
func (d *Desk) AddSchedule(ctx context.Context, scope storage.Scope, s *storage.Schedule) error {
	if err := d.plan(s); err != nil {
		return err
	}
	return d.audited(ctx, scope, "schedule.added", "schedule", func(tx *storage.Tx) (int64, error) {
		err := tx.AddSchedule(ctx, s)
		return int64(s.ID), err
	})
}

// ChangeSchedule writes s over the schedule of its id and computes its next due time anew: times
// missed under the old settings are gone.
func (d *Desk) ChangeSchedule(ctx context.Context, scope storage.Scope, s *storage.Schedule) error {
	if err := d.plan(s); err != nil {
		return err
	}
	return d.audited(ctx, scope, "schedule.changed", "schedule", func(tx *storage.Tx) (int64, error) {
		return int64(s.ID), tx.ChangeSchedule(ctx, s)
	})
}

// PauseSchedule stops a schedule, or lets it go on.
func (d *Desk) PauseSchedule(ctx context.Context, scope storage.Scope, id storage.ScheduleID, paused bool) error {
	return d.audited(ctx, scope, "schedule.paused", "schedule", func(tx *storage.Tx) (int64, error) {
		s, err := tx.Schedule(ctx, id)
		if err != nil {
			return 0, err
		}
		s.Paused = paused
		if err := d.plan(s); err != nil {
			return 0, err
		}
		return int64(id), tx.ChangeSchedule(ctx, s)
	})
}

// DeleteSchedule deletes a schedule; its runs stay.
func (d *Desk) DeleteSchedule(ctx context.Context, scope storage.Scope, id storage.ScheduleID) error {
	return d.audited(ctx, scope, "schedule.deleted", "schedule", func(tx *storage.Tx) (int64, error) {
		return int64(id), tx.DeleteSchedule(ctx, id)
	})
}

// plan checks a schedule, fills in the usual values and computes its next due time.
func (d *Desk) plan(s *storage.Schedule) error {
	if s.Kind == "" {
		s.Kind = KindPull
	}
	if s.Missed == "" {
		s.Missed = string(MissedOnce)
	}
	if s.Zone == "" {
		s.Zone = "America/New_York"
	}
	spec, err := ParseSpec(s.Spec, s.Zone)
	if err != nil {
		return err
	}
	switch {
	case s.Name == "":
		return fail(ErrSpec, fmt.Errorf("the schedule needs a name"))
	case s.Kind != KindPull:
		return fail(ErrSpec, fmt.Errorf("the kind of work is unknown"))
	case s.Connection == 0:
		return fail(ErrSpec, fmt.Errorf("a pull needs a connection"))
	case s.Missed != string(MissedOnce) && s.Missed != string(MissedSkip) && s.Missed != string(MissedAll):
		return fail(ErrSpec, fmt.Errorf("missed runs: choose once, skip or all"))
	}
	s.NextDueAt = nil
	if next := spec.Next(d.DB.Now()); !s.Paused && !next.IsZero() {
		s.NextDueAt = &next
	}
	return nil
}

// NextTimes returns the next n due times of a schedule's settings, in UTC; to be shown while they are
// edited. ErrSpec says what is wrong with them.
func (d *Desk) NextTimes(spec, zone string, n int) ([]time.Time, error) {
	s, err := ParseSpec(spec, zone)
	if err != nil {
		return nil, err
	}
	return s.NextTimes(d.DB.Now(), n), nil
}
