package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"github.com/ediport/ediport/storage"
)

// maxWork is the longest a job may take, whatever the size of its files. It stays below rescueAfter,
// River's last resort: lost nodes are noticed by their heartbeat.
const (
	maxWork     = 5 * time.Hour
	rescueAfter = 6 * time.Hour
)

// keepDead is how long the queue's table keeps jobs that were given up or cancelled.
const keepDead = 30 * 24 * time.Hour

// A worker is where River is met: it hands jobs to plain functions.
type worker struct {
	node   *Node
	pool   *pgxpool.Pool
	client *river.Client[pgx.Tx]
}

func startWorker(ctx context.Context, n *Node) (*worker, error) {
	pool, err := n.cfg.DB.DirectPool(ctx, 6)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	w := &worker{node: n, pool: pool}
	workers := river.NewWorkers()
	for _, k := range n.kinds() {
		k.add(n, workers)
	}
	w.client, err = river.NewClient(riverpgxv5.New(pool), &river.Config{
		ID:      n.id,
		Queues:  n.queues(),
		Workers: workers,
		// A job is looked for when a notice says that there is one; this often in case one was lost.
		FetchPollInterval: time.Second,
		FetchCooldown:     50 * time.Millisecond,
		JobTimeout:        maxWork,
		// What was given up, or cancelled, is there for a person to see.
		CancelledJobRetentionPeriod: keepDead,
		DiscardedJobRetentionPeriod: keepDead,
		RescueStuckJobsAfter:        rescueAfter,
		Logger:                      slog.New(queueLog{n.log.Handler()}),
	})
	if err == nil {
		// Cancelling this context would cancel all work; Stop has its own order.
		err = w.client.Start(context.WithoutCancel(ctx))
	}
	if err != nil {
		pool.Close()
		return nil, fmt.Errorf("jobs: queue: %w", err)
	}
	return w, nil
}

// queues says how many jobs of each queue this node works at once. Small ones come in crowds, so more of
// them are fetched at a time.
func (n *Node) queues() map[string]river.QueueConfig {
	return map[string]river.QueueConfig{
		KindPull:   {MaxWorkers: n.cfg.PullWorkers},
		KindPush:   {MaxWorkers: n.cfg.PushWorkers},
		KindIngest: {MaxWorkers: n.cfg.IngestWorkers},
		KindPurge:  {MaxWorkers: 1}, // it is never in a hurry
		queueSmall: {MaxWorkers: n.cfg.SmallWorkers, FetchCooldown: 5 * time.Millisecond},
	}
}

// stop lets work finish until shortly before the deadline, then cancels it, which hands it back.
func (w *worker) stop(ctx context.Context) error {
	deadline, _ := ctx.Deadline()
	patience := max(time.Until(deadline)-handBackTime, time.Until(deadline)/2)
	soft, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := w.client.Stop(soft)
	if err != nil {
		err = w.client.StopAndCancel(ctx)
	}
	if err != nil {
		go w.pool.Close() // waits for connections that are still in use
		return fmt.Errorf("jobs: stopping work: %w", err)
	}
	w.pool.Close()
	return nil
}

// A queueLog passes on River's warnings and errors, except those about failed jobs, of which we tell ourselves.
type queueLog struct{ slog.Handler }

func (l queueLog) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && l.Handler.Enabled(ctx, level)
}

func (l queueLog) Handle(ctx context.Context, r slog.Record) error {
	if strings.Contains(r.Message, "JobExecutor") {
		return nil
	}
	return l.Handler.Handle(ctx, r)
}

func (l queueLog) WithAttrs(attrs []slog.Attr) slog.Handler {
	return queueLog{l.Handler.WithAttrs(attrs)}
}
func (l queueLog) WithGroup(name string) slog.Handler { return queueLog{l.Handler.WithGroup(name)} }

// An attempt is what a function of ours may know about the job it works for.
type attempt struct {
	No   int  // the first is 1
	Last bool // no other follows
}

// A kindWorker works jobs of one kind by a function, whose error says what comes next: nil: done;
// a permanent one: no other attempt; ErrStopping, ErrNodeLost: handed back at once; any other: again later.
type kindWorker[A river.JobArgs] struct {
	river.WorkerDefaults[A]
	node  *Node
	retry func(attempt int) time.Duration
	work  func(context.Context, A, attempt) error
}

// Timeout is positive: River never rescues a job without one.
func (k *kindWorker[A]) Timeout(*river.Job[A]) time.Duration { return maxWork }

// NextRetry is when a failed job is tried again.
func (k *kindWorker[A]) NextRetry(job *river.Job[A]) time.Time {
	return time.Now().Add(k.retry(job.Attempt))
}

// Work is River's call.
func (k *kindWorker[A]) Work(ctx context.Context, job *river.Job[A]) error {
	log := k.node.log.With("job_id", job.ID, "kind", job.Kind, "attempt", job.Attempt)
	started := time.Now()
	ctx, done, err := k.node.take(ctx, job.ID)
	if err != nil {
		return river.JobSnooze(time.Second)
	}
	defer done()
	ctx, trail := withTrail(ctx)
	err = guard(func() error {
		return k.work(ctx, job.Args, attempt{No: job.Attempt, Last: job.Attempt >= job.MaxAttempts})
	})
	took := time.Since(started).Round(time.Millisecond)
	log = log.With(trail.names...)
	k.node.cfg.Metrics.JobTried(job.Kind, outcomeOf(job.Attempt >= job.MaxAttempts, err), took)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, ErrStopping), errors.Is(err, ErrNodeLost):
		log.Info("job handed back", "code", Code(err), "took", took)
		return river.JobSnooze(0)
	case Permanent(err):
		log.Error("job failed for good", "code", Code(err), "error", err, "took", took)
		return river.JobCancel(codeOnly{err})
	default:
		log.Warn("job failed", "code", Code(err), "error", err, "took", took)
		return codeOnly{err}
	}
}

// codeOnly is what the queue's table keeps of an error: its code.
type codeOnly struct{ err error }

func (c codeOnly) Error() string { return codeOf(c.err) }

func (c codeOnly) Unwrap() error { return c.err }

// A panicError is a panic without its value, which could quote data.
type panicError struct {
	kind  string
	stack []byte
}

func (p *panicError) Error() string { return "panic of type " + p.kind + "\n" + string(p.stack) }

// guard turns a panic into an error of its type and stack.
func guard(fn func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{kind: fmt.Sprintf("%T", value), stack: debug.Stack()}
		}
	}()
	return fn()
}

// reason says why a context ended: a person, the node, the stop, or the time.
func (n *Node) reason(ctx context.Context) error {
	cause := context.Cause(ctx)
	switch {
	case cause == nil:
		return nil
	case errors.Is(cause, storage.ErrFenced):
		return cause
	case errors.Is(cause, ErrNodeLost), errors.Is(cause, ErrCancelled), errors.Is(cause, ErrFileTimeout):
		return fail(cause, nil)
	case errors.Is(cause, rivertype.ErrJobCancelledRemotely):
		return fail(ErrCancelled, nil)
	case n.stopping.Load():
		return fail(ErrStopping, nil)
	default:
		return cause
	}
}

// pullRetry is short: a partner's server that is away is looked for again soon, and the schedule
// comes anyway.
func pullRetry(attempt int) time.Duration {
	return min(5*time.Second<<(2*(attempt-1)), 10*time.Minute) // 5 s, 20 s, 80 s, 5 min 20 s
}

func ingestRetry(attempt int) time.Duration {
	return min(2*time.Second<<(2*(attempt-1)), time.Hour) // 2 s, 8 s, 32 s, 2 min …
}
