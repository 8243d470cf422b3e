package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/storage"
)

// The kinds of failure of pushes.
var (
	ErrNothingToPush error = newKind("run.nothing_to_push", true, "the connection has no folder to deliver to")
	ErrPushFailed    error = newKind("push.files_failed", false, "some files could not be delivered")
	ErrPushRefused   error = newKind("push.files_refused", true, "some files can't be delivered as things are")
	ErrUnreadable    error = newKind("outbound.unreadable", true, "the archived file can't be read")
	ErrGaveUp        error = newKind("push.unclear", false, "what became of the file could not be found out")
)

// push is the work of one run of kind push.
func (n *Node) push(ctx context.Context, args PushArgs, at attempt) error {
	e, err := n.begin(ctx, args.Operator, args.Run)
	if err != nil || e == nil {
		return err
	}
	held, release := e.hold(ctx)
	var streak int
	failure := guard(func() (err error) {
		streak, err = e.push(held)
		return err
	})
	if failure != nil && held.Err() != nil {
		failure = n.reason(held)
	}
	release()
	e.noteHealth(ctx, failure)
	err = e.finish(ctx, failure, at)
	if e.run.State == storage.RunFailed && !pausing(failure) {
		e.postpone(ctx, streak)
	}
	return err
}

// push works the run and returns how many runs of the connection failed before it.
func (e *execution) push(ctx context.Context) (streak int, err error) {
	if e.run.CancelRequested {
		return 0, fail(ErrCancelled, nil)
	}
	if e.run.Epoch > maxEpoch {
		return 0, fail(ErrTakenOverTooOften, nil)
	}
	p, err := e.newPusher(ctx)
	if err != nil {
		return 0, err
	}
	defer p.session.close()
	err = p.work(ctx)
	if pausing(err) {
		err = errors.Join(err, e.pause(ctx, p.connection, err))
	}
	return p.connection.ErrorStreak, err
}

// newPusher loads the connection and opens its secrets.
func (e *execution) newPusher(ctx context.Context) (*pusher, error) {
	c, session, err := e.connection(ctx)
	if err != nil {
		return nil, err
	}
	p := &pusher{execution: e, connection: c, session: session, tried: map[storage.FileID]bool{}, blocked: map[string]bool{}}
	e.counts.Queued = 0
	if p.settings, err = PushOf(c); err != nil {
		return nil, err
	}
	network, err := NetworkOf(c)
	if err != nil {
		return nil, err
	}
	p.network = network
	return p, nil
}

// pushRetry is as short as that of a pull.
func pushRetry(attempt int) time.Duration { return pullRetry(attempt) }

// The time after which a connection that failed for good is tried again by itself, for what waits.
const (
	postponeFirst = 15 * time.Minute
	postponeMost  = 4 * time.Hour
)

// postpone keeps the next push from beginning at once: the server or the files need more time than
// the attempts of one run. People and schedules may begin one at any time.
func (e *execution) postpone(ctx context.Context, streak int) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), handBackTime)
	defer cancel()
	wait := min(postponeFirst<<min(streak, 8), postponeMost)
	err := e.node.cfg.DB.InScope(ctx, e.scope, func(tx *storage.Tx) error {
		return tx.PostponeOutbound(ctx, e.run.Connection, tx.Now().Add(wait))
	})
	if err != nil {
		e.node.log.Warn("the next push was not put off", "run_id", e.node.runName(e.run.ID), "error", err)
	}
}

// pushSoon asks for a push of a connection, in the transaction that queued a file for it. If one is open
// already it takes the file along, or the next tick asks for another.
func pushSoon(ctx context.Context, tx *storage.Tx, operator storage.OperatorID, connection storage.ConnectionID) error {
	run := newRun(operator, KindPush, connection)
	run.DueAt = tx.Now()
	job, args, _ := runJob(KindPush, operator, 0) // the kind is known
	_, err := tx.AddRun(ctx, run, job, args)
	return err
}

// pushDue begins a push of each connection that has something to deliver and no push under way: what
// was queued while a push ended, or is to be tried again.
func pushDue(ctx context.Context, db *storage.DB) error {
	system := storage.Actor{Kind: storage.ActorSystem}
	var waiting []storage.OutboundConnection
	err := db.InSystem(ctx, system, func(tx *storage.Tx) (err error) {
		waiting, err = tx.OutboundConnections(ctx)
		return err
	})
	errs := []error{err}
	for _, w := range waiting {
		errs = append(errs, db.InSystem(ctx, system, func(tx *storage.Tx) error {
			return pushSoon(ctx, tx, w.Operator, w.Connection)
		}))
	}
	return errors.Join(errs...)
}

// uploadOf is a delivery as transfer does it.
func (p *pusher) uploadOf(d *storage.Delivery) (transfer.Upload, error) {
	u := transfer.Upload{
		Rename: p.settings.Rename, Mode: modeOf(p.settings.Mode), Size: d.Size, Sync: true,
		MakeFolder: p.settings.MakeFolders, FolderMode: modeOf(p.settings.FolderMode),
	}
	if p.settings.KeepTime {
		u.ModTime = d.QueuedAt
	}
	if d.Rename != "" {
		u.Rename = d.Rename
	}
	if d.WireBlob != "" {
		u.Size = d.WireSize
	}
	var errs [3]error
	u.Folder, errs[0] = transfer.Unescape(d.Folder)
	u.Name, errs[1] = transfer.Unescape(d.Name)
	u.Temporary, errs[2] = transfer.Unescape(d.Temporary)
	return u, errors.Join(errs[:]...)
}
