package jobs

import (
	"context"
	"errors"
	"slices"
	"strings"

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
	failure := guard(func() error { return e.pull(held) })
	if failure != nil && held.Err() != nil {
		failure = n.reason(held)
	}
	release()
	return e.finish(ctx, failure, at)
}

func (e *execution) pull(ctx context.Context) error {
	if e.run.CancelRequested {
		return fail(ErrCancelled, nil)
	}
	if e.run.Epoch > maxEpoch {
		return fail(ErrTakenOverTooOften, nil)
	}
	p, err := e.newPuller(ctx)
	if err != nil {
		return err
	}
	defer p.session.close()
	err = p.work(ctx)
	if pausing(err) {
		return errors.Join(err, e.pause(ctx, p.connection, err))
	}
	return err
}

// pausing tells whether trying again could do harm before a person has looked: lock our account at
// the partner, or talk to somebody in between.
func pausing(err error) bool {
	return errors.Is(err, transfer.ErrAuth) || errors.Is(err, transfer.ErrHostKeyChanged) || errors.Is(err, transfer.ErrHostKeyUnknown)
}

// pause stops the connection until a person resumes it, and keeps the host key it offered for them to judge.
func (e *execution) pause(ctx context.Context, c *storage.Connection, failure error) error {
	offered := ""
	if key, ok := errors.AsType[*transfer.HostKeyError](failure); ok && len(key.Offered) > 0 {
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

// rulesOf are the connection's patterns, and done markers, which are looked at but never taken.
func rulesOf(c *storage.Connection) ([]transfer.Rule, error) {
	patterns := []string(c.PullGlobs)
	if c.DoneMarker == "" {
		return transfer.ParseRules(patterns...)
	}
	excluding := !slices.ContainsFunc(patterns, func(p string) bool { return !strings.HasPrefix(p, "!") })
	patterns = append([]string{"**/*" + c.DoneMarker}, patterns...)
	if excluding {
		patterns = append(patterns, "**") // patterns that only leave out take the rest
	}
	return transfer.ParseRules(patterns...)
}

// newPuller loads the connection and opens its secrets.
func (e *execution) newPuller(ctx context.Context) (*puller, error) {
	var c *storage.Connection
	err := e.node.cfg.DB.InScopeRead(ctx, e.scope, func(tx *storage.Tx) (err error) {
		c, err = tx.Connection(ctx, e.run.Connection)
		return err
	})
	switch {
	case errors.Is(err, storage.ErrNotFound):
		return nil, fail(ErrConnectionGone, nil)
	case err != nil:
		return nil, err
	case c.Paused:
		return nil, fail(ErrConnectionPaused, nil)
	case c.PullFolder == "":
		return nil, fail(ErrNothingToPull, nil)
	}
	options, err := optionsOf(c)
	if err != nil {
		return nil, err
	}
	rules, err := rulesOf(c)
	if err != nil {
		return nil, err
	}
	secrets, err := openSecrets(e.node.cfg.Keys, c)
	if err != nil {
		return nil, err
	}
	target := endpoint(c, secrets, e.node.cfg.Permit)
	target.Limits.RequestsPerFile = options.RequestsPerFile
	list := transfer.ListOptions{
		Folder: c.PullFolder, Rules: rules, Depth: options.Depth, TemporarySuffixes: options.TemporarySuffixes,
	}
	if c.ArchiveFolder != "" {
		list.Skip = []string{c.ArchiveFolder}
	}
	return &puller{
		execution: e, connection: c, list: list, marker: c.DoneMarker,
		session: &session{endpoint: target, connected: func(ctx context.Context) { e.log(ctx, storage.LogInfo, "pull.connected", nil) }},
	}, nil
}
