package jobs

import (
	"context"
	"encoding/json"
	"io/fs"
	"strconv"
	"sync"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/storage"
)

// A pusher does what a push does: deliver what waits, in order, and find out about what was under way when
// a run ended badly.
type pusher struct {
	*execution
	connection *storage.Connection
	settings   Push
	session    *session
	network    Network

	tried map[storage.FileID]bool // in this attempt

	result struct {
		sync.Mutex
		retry   error // a failure that may pass
		refused error // one that stays until somebody changes something
	}
	blocked map[string]bool // folders that take nothing, by name; guarded by result
}

// pushPage is how many files are looked at at once.
const pushPage = 500

// work returns an error if the attempt failed as a whole, or if files could not be delivered. What is queued
// meanwhile is taken along.
func (p *pusher) work(ctx context.Context) error {
	if err := failpoint.Check("push.begun"); err != nil {
		return err
	}
	for {
		found, err := p.round(ctx)
		if err != nil {
			return err
		}
		if found == 0 || p.session.dead() != nil {
			failpoint.Reach("push.idle")
			return p.outcome()
		}
	}
}

// round works all files that wait and were not tried yet, and returns how many there were.
func (p *pusher) round(ctx context.Context) (found int, err error) {
	var last *storage.Delivery
	for {
		page, err := p.deliveries(ctx, last)
		if err != nil || len(page) == 0 {
			return found, err
		}
		last = &page[len(page)-1]
		var todo []*storage.Delivery
		for i := range page {
			if d := &page[i]; !p.tried[d.File] {
				p.tried[d.File] = true
				todo = append(todo, d)
			}
		}
		found += len(todo)
		p.expect(todo)
		if err := inParallel(ctx, p.network.filesAtOnce(), todo, p.deliver); err != nil {
			return found, err
		}
	}
}

func (p *pusher) deliveries(ctx context.Context, last *storage.Delivery) (page []storage.Delivery, err error) {
	err = p.node.cfg.DB.InScope(ctx, p.scope, func(tx *storage.Tx) error {
		page, err = tx.Deliveries(ctx, p.connection.ID, last, pushPage)
		return err
	})
	return page, err
}

func (p *pusher) expect(files []*storage.Delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.counts.Queued += len(files)
	p.progress.Files += len(files)
	for _, d := range files {
		p.progress.Bytes += d.Size
	}
}

// inParallel gives the items to n calls of fn at once, in order, until all are done or one returns an error.
func inParallel[T any](ctx context.Context, n int, items []T, fn func(context.Context, T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(errStopped)
	queue := make(chan T)
	var workers sync.WaitGroup
	for range min(n, len(items)) {
		workers.Go(func() {
			for item := range queue {
				if err := guard(func() error { return fn(ctx, item) }); err != nil {
					cancel(err)
				}
			}
		})
	}
	for _, item := range items {
		if ctx.Err() != nil {
			break
		}
		select {
		case queue <- item:
		case <-ctx.Done():
		}
	}
	close(queue)
	workers.Wait()
	return context.Cause(ctx)
}

// outcome is what the failures of single files make of the run.
func (p *pusher) outcome() error {
	p.result.Lock()
	defer p.result.Unlock()
	switch {
	case p.session.dead() != nil:
		return p.session.dead()
	case p.result.retry != nil:
		return fail(ErrPushFailed, p.result.retry)
	case p.result.refused != nil:
		return fail(ErrPushRefused, p.result.refused)
	default:
		return nil
	}
}

// record changes counts and files in one transaction, fenced by the run's epoch. The counts in memory
// are those of transactions that are known to have happened.
func (p *pusher) record(ctx context.Context, change func(*Counts), fn func(*storage.LoadTx) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.counts
	change(&counts)
	written, err := json.Marshal(counts)
	if err != nil {
		return err
	}
	err = p.node.cfg.DB.InLoad(ctx, p.run.Operator, p.scope.Actor, func(tx *storage.LoadTx) error {
		if err := tx.CountRun(ctx, p.run, written); err != nil && guards.FenceEpoch {
			return err
		}
		if err := fn(tx); err != nil {
			return err
		}
		return failpoint.Check("push.recording")
	})
	if err == nil {
		p.counts = counts
	}
	return err
}

// modeOf is the permissions to set; 0: the server's own.
func modeOf(text string) fs.FileMode {
	mode, err := strconv.ParseUint(text, 8, 32)
	if err != nil {
		return 0
	}
	return fs.FileMode(mode)
}
