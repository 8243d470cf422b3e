package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/internal/guards"
	"github.com/ediport/ediport/storage"
)

func (n *Node) register(ctx context.Context) error {
	failpoint.Reach("node.register")
	skew, err := n.nodes.Skew(ctx)
	if err != nil {
		return err
	}
	state := storage.NodeState{
		ID: n.id, Host: hostName(), Version: n.cfg.Version, Kinds: []string{}, ClockSkewMS: int(skew.Milliseconds()),
	}
	if n.cfg.Work {
		state.Kinds, state.QueueClient = n.kindNames(), n.id
	}
	return n.nodes.Register(ctx, state)
}

// beat tells the others that this node lives, looks for nodes that don't and for work that nobody does, and stops
// this node's own work when the database has not answered for too long, until the node is stopped.
func (n *Node) beat() {
	beat, watch := time.NewTicker(n.cfg.Heartbeat), time.NewTicker(n.cfg.FenceSelf/10)
	defer beat.Stop()
	defer watch.Stop()
	answers, swept := make(chan error, 1), make(chan struct{}, 1)
	asking, late, sweeping := false, false, false
	ask := func() {
		asking, late = true, false
		n.beating.Go(func() { answers <- n.beatOnce() })
	}
	for {
		select {
		case <-n.ended.Done():
			return
		case <-beat.C:
			if late = asking; !asking { // one question at a time: a database that hangs is not asked again and again
				ask()
			}
		case err := <-answers:
			asking = false
			n.heard(err)
			if late && err != nil { // on another connection, before the others lose patience
				ask()
			}
			if err == nil && !sweeping { // it may wait for locks, the next sign of life does not wait for it
				sweeping = true
				n.beating.Go(func() { n.sweep(); swept <- struct{}{} })
			}
		case <-swept:
			sweeping = false
		case <-watch.C:
			n.fenceIfSilent()
		}
	}
}

// beatOnce is one sign of life. It ends with the node, or when it has taken so long that another way to the database
// is to be tried before the others give this node up.
func (n *Node) beatOnce() error {
	ctx, cancel := context.WithTimeout(n.ended, n.cfg.FenceSelf*2/3)
	defer cancel()
	if err := failpoint.Check("node.beat"); err != nil {
		return err
	}
	skew, err := n.nodes.Skew(ctx)
	if err != nil {
		return err
	}
	return n.nodes.Beat(ctx, n.id, n.stopping.Load(), skew)
}

// sweep is one look for lost nodes and stranded work.
func (n *Node) sweep() {
	ctx, cancel := context.WithTimeout(n.ended, n.cfg.GiveUp)
	defer cancel()
	if err := failpoint.Check("node.watch"); err != nil {
		n.log.Warn("looking for lost nodes failed", "error", err)
		return
	}
	n.takeOverLost(ctx)
	n.freeStranded(ctx)
}

func (n *Node) takeOverLost(ctx context.Context) {
	for {
		lost, err := n.nodes.TakeOver(ctx, n.cfg.GiveUp)
		if errors.Is(err, storage.ErrNotFound) {
			return
		}
		if err != nil {
			if ctx.Err() == nil {
				n.log.Warn("looking for lost nodes failed", "error", err)
			}
			return
		}
		n.log.Warn("node lost, its work goes on elsewhere", "lost_node_id", lost.ID, "runs", lost.Runs, "jobs", lost.Jobs)
	}
}

func (n *Node) heard(err error) {
	switch {
	case err == nil:
		if n.silent() > n.cfg.FenceSelf && !n.giveBack() {
			return // nothing is taken until that is done: it would be given back, too
		}
		n.mu.Lock()
		defer n.mu.Unlock()
		n.alive = time.Now()
	case errors.Is(err, storage.ErrNotFound):
		// The others gave us up: what we have in hand is theirs by now.
		n.log.Error("this node was given up by the others, it stops its work and starts over")
		n.drop()
		ctx, cancel := context.WithTimeout(n.ended, n.cfg.FenceSelf)
		defer cancel()
		if err := n.register(ctx); err != nil && ctx.Err() == nil {
			n.log.Error("registering again failed", "error", err)
		}
	case n.ended.Err() == nil:
		n.log.Warn("heartbeat failed", "error", err)
	}
}

// giveBack frees what the database still believes to be in this node's hands after a silence, in
// which its work was stopped and could not say so.
func (n *Node) giveBack() bool {
	ctx, cancel := context.WithTimeout(n.ended, n.cfg.FenceSelf)
	defer cancel()
	freed, err := n.nodes.GiveBack(ctx, n.id)
	if err != nil {
		n.log.Warn("giving work back failed", "error", err)
		return false
	}
	n.log.Info("the database answers again", "runs", freed.Runs, "jobs", freed.Jobs)
	return true
}

// silent is for how long the database has not answered.
func (n *Node) silent() time.Duration {
	n.mu.Lock()
	defer n.mu.Unlock()
	return time.Since(n.alive)
}

// fenceIfSilent stops this node's work before the others may take it.
func (n *Node) fenceIfSilent() {
	silent, busy := n.silent(), len(n.inHand())
	if silent > n.cfg.FenceSelf && busy > 0 {
		n.log.Error("the database does not answer, this node stops its work", "silent", silent.Round(time.Millisecond), "work", busy)
		n.drop()
	}
}

// drop cancels everything this node has in hand.
func (n *Node) drop() {
	if !guards.FenceSelf {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for w, cancel := range n.active {
		cancel(ErrNodeLost)
		delete(n.active, w)
	}
}
