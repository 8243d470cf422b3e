package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
	"github.com/ediport/ediport/storage/keys"
)

// The names of a connection's two means to sign in, as people read them in tests and logs.
const (
	presentCredential = "the present credential"
	nextCredential    = "the new credential"
)

// ErrNoNext says that no next credential waits at a connection.
var ErrNoNext error = newKind("connection.no_next_credential", true, "no new credential waits at the connection")

// A credential is what signs in at a server. Which parts are needed says a way to sign in.
type credential struct {
	Password    transfer.Secret
	PrivateKey  transfer.Secret
	Passphrase  transfer.Secret
	Certificate transfer.Secret
}

// replace puts a credential in the place of what signs in now, of which nothing is left.
func (s *Secrets) replace(by credential) {
	s.Password, s.PrivateKey, s.Passphrase, s.Certificate = by.Password, by.PrivateKey, by.Passphrase, by.Certificate
}

// secrets are the credential as those of a connection, to be checked as these are.
func (c credential) secrets() (s Secrets) {
	s.replace(c)
	return s
}

func (c credential) empty() bool { return c == credential{} }

// credentialsOf are the means to sign in, in the order in which a session tries them: first the one that
// worked the last time, so that the partner has as little as possible to refuse.
func credentialsOf(c *storage.Connection, s Secrets) (first transfer.Auth, second *transfer.Auth) {
	first = authOf(c.Auth, s)
	if c.NextAuth == "" {
		return first, nil
	}
	next := authOf(c.NextAuth, s.next.secrets())
	first.Name, next.Name = presentCredential, nextCredential
	if c.NextWorksSince != nil {
		first, next = next, first
	}
	return first, &next
}

// promote puts the next credential in the place of the present one, which is gone for good.
func promote(ring *keys.Ring, c *storage.Connection, s Secrets) error {
	s.replace(s.next)
	c.Auth = c.NextAuth
	return withoutNext(ring, c, s)
}

// withoutNext takes the next credential out of a connection.
func withoutNext(ring *keys.Ring, c *storage.Connection, s Secrets) error {
	s.next = credential{}
	dropNext(c)
	return sealSecrets(ring, c, s)
}

// dropNext forgets all of a next credential but its secrets.
func dropNext(c *storage.Connection) {
	c.NextAuth, c.NextVersion, c.NextAddedAt, c.NextTakesOver = "", 0, nil, false
}

// keepNext gives a connection that is about to be written the next credential that is there: only the acts
// on it change it.
func keepNext(c, before *storage.Connection) {
	c.NextAuth, c.NextVersion, c.NextAddedAt, c.NextTakesOver = before.NextAuth, before.NextVersion, before.NextAddedAt, before.NextTakesOver
}

// A changeOver is what was found out about the next credential of a connection, and what it led to.
type changeOver struct {
	Changed  bool // it was not known before whether it works, or otherwise
	Promoted bool // it has taken the place of the present one
}

// noteNext records whether the server took the next credential or the present one, as the connection was
// loaded, and lets the next one take over if that was asked for.
func noteNext(ctx context.Context, tx *storage.Tx, ring *keys.Ring, c *storage.Connection, works bool) (over changeOver, err error) {
	var since *time.Time
	if works {
		now := tx.Now()
		since = &now
	}
	if over.Changed, err = tx.NoteNextCredential(ctx, c.ID, c.NextVersion, since); err != nil || !works || !c.NextTakesOver {
		return over, err
	}
	now, err := tx.Connection(ctx, c.ID)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return over, nil
	case err != nil:
		return over, err
	case now.NextVersion != c.NextVersion || !now.NextTakesOver:
		return over, nil // it is another one by now, of which nothing is known
	}
	over.Promoted = true
	return over, promoted(ctx, tx, ring, now)
}

// promoted promotes the next credential of a connection and says so in the audit.
func promoted(ctx context.Context, tx *storage.Tx, ring *keys.Ring, c *storage.Connection) error {
	s, err := openSecrets(ring, c)
	if err != nil {
		return err
	}
	detail := map[string]any{"auth": c.NextAuth, "auth_before": c.Auth, "worked": c.NextWorksSince != nil}
	if err := promote(ring, c, s); err != nil {
		return err
	}
	if err := tx.ChangeConnection(ctx, c); err != nil {
		return err
	}
	return auditCredential(ctx, tx, c.ID, "connection.credential_promoted", detail)
}

// auditCredential says in the audit what was done about a next credential.
func auditCredential(ctx context.Context, tx *storage.Tx, id storage.ConnectionID, action string, detail map[string]any) error {
	return tx.Audit(ctx, storage.AuditEvent{Action: action, ObjectKind: "connection", ObjectID: int64(id), Detail: detail})
}

// noteCredential records which of two credentials signed in for a run. A failure to write it down does not
// stop the run: the next one does it.
func (e *execution) noteCredential(ctx context.Context, c *storage.Connection, used string) {
	works := used == nextCredential
	if c.NextVersion == 0 || works == (c.NextWorksSince != nil) && !(works && c.NextTakesOver) {
		return
	}
	err := e.node.cfg.DB.InScope(context.WithoutCancel(ctx), e.scope, func(tx *storage.Tx) error {
		over, err := noteNext(ctx, tx, e.node.cfg.Keys, c, works)
		if err != nil {
			return err
		}
		code, level := "connection.next_works", storage.LogInfo
		if !works {
			code, level = "connection.present_works", storage.LogWarn
		}
		if over.Changed {
			if err := tx.LogRun(ctx, e.run.Operator, e.run.ID, level, code, nil); err != nil {
				return err
			}
		}
		if !over.Promoted {
			return nil
		}
		return tx.LogRun(ctx, e.run.Operator, e.run.ID, storage.LogInfo, "connection.next_took_over", nil)
	})
	if err != nil && ctx.Err() == nil {
		e.node.log.Warn("which credential works was not recorded", "run_id", e.node.runName(e.run.ID), "error", err)
	}
}

// noteTest records what a test of a stored connection found out about its next credential.
func (d *Desk) noteTest(ctx context.Context, scope storage.Scope, c *storage.Connection, steps []transfer.Step) error {
	if c.NextVersion == 0 {
		return nil
	}
	var present, next bool
	for _, s := range steps {
		present = present || s.Credential == presentCredential
		next = next || s.Credential == nextCredential
	}
	if !present && !next {
		return nil
	}
	return d.DB.InScope(ctx, scope, func(tx *storage.Tx) error {
		_, err := noteNext(ctx, tx, d.Keys, c, next)
		return err
	})
}
