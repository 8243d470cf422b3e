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
	ended     context.Context // of ticks
	end       context.CancelFunc
	looked    time.Time // for overdue files
}

var errNotLeader = errors.New("another node is elected")

func startTicker(n *Node) (*ticker, error) {
	lease, err := n.cfg.DB.Lease(tickerLease)
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	t := &ticker{node: n, lease: lease}
	t.ended, t.end = context.WithCancel(n.ended)
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
		gocron.NewTask(t.tick, t.ended),
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
	t.end()
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
	t.step(ctx, "turning due schedules into runs", runDue)
	t.step(ctx, "beginning pushes of what waits", pushDue)
	t.step(ctx, "ending runs without a job", endOrphans)
	if time.Since(t.looked) < overdueEvery {
		return
	}
	t.looked = time.Now() // ticks don't overlap
	t.step(ctx, "looking for overdue files", watchOverdue)
	t.step(ctx, "forgetting old idempotency keys", forgetKeys)
}

// stepTime bounds one step of a tick: on a connection that swallows everything, the next tick tries another.
const stepTime = 30 * time.Second

func (t *ticker) step(ctx context.Context, what string, do func(context.Context, *storage.DB) error) {
	limited, cancel := context.WithTimeout(ctx, stepTime)
	defer cancel()
	if err := do(limited, t.node.cfg.DB); err != nil && ctx.Err() == nil {
		t.node.log.Error(what+" failed", "error", err)
	}
}
