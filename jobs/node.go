package jobs

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ediport/ediport/storage"
)

// A Node is this process as the others see it: it has a name and a heartbeat. Stop it.
type Node struct {
	cfg   Config
	id    string
	log   *slog.Logger
	nodes *storage.Nodes

	ticker *ticker // nil unless it schedules
	worker *worker // nil unless it works

	stopping atomic.Bool
	stopped  sync.Once
	ended    context.Context // of heartbeat and watch
	end      context.CancelFunc
	beating  sync.WaitGroup
	stranded stranded // of the heartbeat, of which there is one at a time

	mu     sync.Mutex
	alive  time.Time                         // when the database last answered a heartbeat
	active map[*work]context.CancelCauseFunc // what this node has in hand
}

// A work is a job that a node has in hand.
type work struct{ job int64 }

// Start makes this process a node. The context is for starting only; the node lives until Stop.
func Start(ctx context.Context, cfg Config) (*Node, error) {
	cfg, err := cfg.withDefaults()
	if err != nil {
		return nil, err
	}
	n := &Node{cfg: cfg, id: nodeID(), active: map[*work]context.CancelCauseFunc{}, alive: time.Now()}
	n.log = cfg.Log.With("node_id", n.id)
	n.ended, n.end = context.WithCancel(context.WithoutCancel(ctx))
	if n.nodes, err = cfg.DB.Nodes(); err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	if err := n.start(ctx); err != nil {
		return nil, errors.Join(err, n.Stop(ctx))
	}
	n.log.Info("node started", "schedule", cfg.Schedule, "work", cfg.Work)
	return n, nil
}

func (n *Node) start(ctx context.Context) error {
	if err := n.register(ctx); err != nil {
		return err
	}
	n.beating.Go(n.beat)
	n.beating.Go(n.watchJobs)
	if n.cfg.Work {
		worker, err := startWorker(ctx, n)
		if err != nil {
			return err
		}
		n.worker = worker
	}
	if n.cfg.Schedule {
		ticker, err := startTicker(n)
		if err != nil {
			return err
		}
		n.ticker = ticker
	}
	return nil
}

// ID returns the node's name.
func (n *Node) ID() string { return n.id }

// Leads tells whether this node turned due schedules into runs at its last tick.
func (n *Node) Leads() bool { return n.ticker != nil && n.ticker.leads.Load() }

// handBackTime is kept at the end of a stop for handing back what could not be finished.
const handBackTime = 3 * time.Second

// Stop stops the node within the context's deadline (30 s if it has none): nothing new is begun, what is in hand is finished
// or, when the deadline nears, stopped and handed back to the queue for other nodes. The error says
// what could not be stopped in order; the others take that over after a while. It may be called twice.
func (n *Node) Stop(ctx context.Context) (err error) {
	ctx, cancel := withDeadline(ctx, 30*time.Second)
	defer cancel()
	n.stopped.Do(func() { err = n.stop(ctx) })
	return err
}

func (n *Node) stop(ctx context.Context) error {
	n.stopping.Store(true)
	var errs []error
	if n.ticker != nil {
		errs = append(errs, n.ticker.stop())
	}
	if n.worker != nil {
		errs = append(errs, n.worker.stop(ctx))
	}
	n.end()
	n.beating.Wait()
	if errors.Join(errs...) == nil {
		errs = append(errs, n.nodes.Leave(ctx, n.id)) // else the others shall take over what is left
	}
	errs = append(errs, n.nodes.Close())
	n.log.Info("node stopped")
	return errors.Join(errs...)
}

func withDeadline(ctx context.Context, limit time.Duration) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, limit)
}

// take puts work into the node's hands: its context ends when the node loses touch with the
// database. done gives it back. A node that has lost touch takes nothing.
func (n *Node) take(ctx context.Context, job int64) (_ context.Context, done func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &work{job: job}
	n.mu.Lock()
	defer n.mu.Unlock()
	if time.Since(n.alive) > n.cfg.FenceSelf {
		cancel(ErrNodeLost)
		return nil, nil, fail(ErrNodeLost, nil)
	}
	n.active[w] = cancel
	return ctx, func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		delete(n.active, w)
		cancel(context.Canceled)
	}, nil
}

// nodeID names a process: machine, process id, and what tells two of the same apart.
func nodeID() string {
	var random [6]byte
	_, _ = rand.Read(random[:]) // never fails
	return fmt.Sprintf("%.40s-%d-%s", hostName(), os.Getpid(), hex.EncodeToString(random[:]))
}

func hostName() string {
	host, err := os.Hostname()
	if err != nil {
		return "unknown"
	}
	return host
}
