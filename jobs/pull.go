package jobs

import (
	"context"
	"errors"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// pull is the work of one run of kind pull.
func (n *Node) pull(ctx context.Context, args PullArgs, at attempt) error {
	e, err := n.begin(ctx, args.Operator, args.Run)
	if err != nil || e == nil {
		return err
	}
	held, release := e.hold(ctx)
	var last bool
	failure := guard(func() (err error) {
		last, err = e.pull(held)
		return err
	})
	if failure != nil && held.Err() != nil {
		failure = n.reason(held)
	}
	release()
	at.Last = at.Last || last
	e.noteHealth(ctx, failure)
	return e.finish(ctx, failure, at)
}

// pull works the run. last says that, if it failed, the schedule's next time is soon enough to try again.
func (e *execution) pull(ctx context.Context) (last bool, err error) {
	if e.run.CancelRequested {
		return false, fail(ErrCancelled, nil)
	}
	if e.run.Epoch > maxEpoch {
		return false, fail(ErrTakenOverTooOften, nil)
	}
	p, err := e.newPuller(ctx)
	if err != nil {
		return false, err
	}
	defer p.session.close()
	err = p.work(ctx)
	if pausing(err) {
		err = errors.Join(err, e.pause(ctx, p.connection, err))
	}
	return p.connection.ErrorStreak >= breakAfter, err
}

// pausing tells whether trying again could do harm before a person has looked: lock our account at
// the partner, or talk to somebody in between.
func pausing(err error) bool {
	return errors.Is(err, transfer.ErrAuth) || errors.Is(err, transfer.ErrHostKeyChanged) || errors.Is(err, transfer.ErrHostKeyUnknown)
}

// pause stops the connection until a person resumes it, and keeps the host key it offered for them to
// judge. A jump host's key is no key of the connection's own: its test shows it.
func (e *execution) pause(ctx context.Context, c *storage.Connection, failure error) error {
	offered := ""
	if key, ok := errors.AsType[*transfer.HostKeyError](failure); ok && len(key.Offered) > 0 && !key.Jump {
		offered = key.Offered[0].String()
	}
	return e.node.cfg.DB.InScope(ctx, e.scope, func(tx *storage.Tx) error {
		if err := tx.PauseConnection(ctx, c.ID, Code(failure), offered); err != nil {
			return err
		}
		return tx.Audit(ctx, storage.AuditEvent{
			Action: "connection.paused", ObjectKind: "connection", ObjectID: int64(c.ID), Detail: map[string]any{"code": Code(failure)},
		})
	})
}

// newPuller loads the connection and opens its secrets.
func (e *execution) newPuller(ctx context.Context) (*puller, error) {
	c, session, err := e.connection(ctx)
	if err != nil {
		return nil, err
	}
	p := &puller{execution: e, connection: c, session: session}
	if p.network, err = NetworkOf(c); err != nil {
		return nil, err
	}
	settings, err := FoldersOf(c)
	if err != nil {
		return nil, err
	}
	if len(settings) == 0 {
		return nil, fail(ErrNothingToPull, nil)
	}
	for _, s := range settings {
		f, err := newFolder(s)
		if err != nil {
			return nil, err
		}
		p.folders = append(p.folders, f)
	}
	return p, nil
}

// connection loads the run's connection, opens its secrets and prepares the session with its server.
func (e *execution) connection(ctx context.Context) (*storage.Connection, *session, error) {
	var c *storage.Connection
	err := e.node.cfg.DB.InScopeRead(ctx, e.scope, func(tx *storage.Tx) (err error) {
		c, err = tx.Connection(ctx, e.run.Connection)
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, nil, fail(ErrConnectionGone, nil)
	case err != nil:
		return nil, nil, err
	case c.Paused:
		return nil, nil, fail(ErrConnectionPaused, nil)
	}
	secrets, err := openSecrets(e.node.cfg.Keys, c)
	if err != nil {
		return nil, nil, err
	}
	target, err := endpointOf(c, secrets, e.node.cfg.Permit)
	if err != nil {
		return nil, nil, err
	}
	return c, newSession(target, func(ctx context.Context, client *transfer.Client) {
		e.noteContact(ctx, c.ID)
		e.noteCredential(ctx, c, client.Credential())
	}), nil
}
