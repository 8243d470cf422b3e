package jobs

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/go-co-op/gocron/v2"

	"github.com/ediport/ediport/storage"
)

// tickerLease is the advisory lock of the one node that turns due schedules into runs.
const tickerLease = 0x65646970_7469636b // "ediptick"

// A ticker is where gocron is met: it ticks on every node, in UTC, and the elected one acts.
type ticker struct {
	node      *Node
	lease     *storage.Lease
	scheduler gocron.Scheduler
	leads     atomic.Bool
	looked    time.Time // for overdue files
}

var errNotLeader = errors.New("another node is elected")

func startTicker(n *Node) (*ticker, error) {
	lease, err := n.cfg.DB.Lease(tickerLease)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	t := &ticker{node: n, lease: lease}
	if err := t.start(); err != nil {
		return nil, errors.Join(fmt.Errorf("jobs: ticker: %w", err), lease.Close())
	}
	return t, nil
}

func (t *ticker) start() (err error) {
	t.scheduler, err = gocron.NewScheduler(
		gocron.WithLocation(time.UTC), gocron.WithDistributedElector(t), gocron.WithStopTimeout(10*time.Second),
	)
	if err != nil {
		return err
	}
	_, err = t.scheduler.NewJob(
		gocron.DurationJob(t.node.cfg.Tick),
		gocron.NewTask(t.tick, t.node.ended),
		gocron.WithName("due schedules"),
		gocron.WithSingletonMode(gocron.LimitModeReschedule),
		gocron.WithStartAt(gocron.WithStartImmediately()),
	)
	if err != nil {
		return errors.Join(err, t.scheduler.Shutdown())
	}
	t.scheduler.Start()
	return nil
}

// stop ends the ticks and lets another node be elected at once.
func (t *ticker) stop() error {
	err := t.scheduler.Shutdown()
	t.leads.Store(false)
	return errors.Join(err, t.lease.Close())
}

// IsLeader is gocron's question before each tick; nil is yes.
func (t *ticker) IsLeader(ctx context.Context) error {
	held, err := t.lease.Hold(ctx)
	if err == nil && !held {
		err = errNotLeader
	}
	if was := t.leads.Swap(err == nil); was != (err == nil) {
		t.node.log.Info("election", "leads", err == nil)
	}
	return err
}

// tick turns what is due into runs. A failure is logged; the next tick tries again.
func (t *ticker) tick(ctx context.Context) {
	if t.node.stopping.Load() {
		return
	}
	if err := runDue(ctx, t.node.cfg.DB); err != nil && ctx.Err() == nil {
		t.node.log.Error("turning due schedules into runs failed", "error", err)
	}
	if err := pushDue(ctx, t.node.cfg.DB); err != nil && ctx.Err() == nil {
		t.node.log.Error("beginning pushes of what waits failed", "error", err)
	}
	if err := endOrphans(ctx, t.node.cfg.DB); err != nil && ctx.Err() == nil {
		t.node.log.Error("ending runs without a job failed", "error", err)
	}
	if time.Since(t.looked) < overdueEvery {
		return
	}
	t.looked = time.Now() // ticks don't overlap
	if err := watchOverdue(ctx, t.node.cfg.DB); err != nil && ctx.Err() == nil {
		t.node.log.Error("looking for overdue files failed", "error", err)
	}
	if err := forgetKeys(ctx, t.node.cfg.DB); err != nil && ctx.Err() == nil {
		t.node.log.Error("forgetting old idempotency keys failed", "error", err)
	}
}
