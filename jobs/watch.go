package jobs

import (
	"context"
	"time"

	"github.com/ediport/ediport/jobs/internal/guards"
)

// lookEvery is how often a node asks whether what it has in hand is still wanted. A notice comes
// sooner, but can be lost.
const lookEvery = time.Second

// watchJobs stops jobs of this node that a person cancelled or that others have by now, until the
// node ends. One question serves for all of them.
func (n *Node) watchJobs() {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-n.ended.Done():
			return
		case <-tick.C:
			n.lookAtJobs()
		}
	}
}

func (n *Node) lookAtJobs() {
	inHand := n.inHand()
	if len(inHand) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(n.ended, n.cfg.FenceSelf)
	defer cancel()
	stops, err := n.nodes.StoppedJobs(ctx, n.id, inHand)
	if err != nil {
		if ctx.Err() == nil {
			n.log.Warn("looking for cancelled work failed", "error", err)
		}
		return // a database that does not answer is the heartbeat's matter
	}
	for _, s := range stops {
		cause := ErrNodeLost
		if s.Cancelled {
			cause = ErrCancelled
		}
		if guards.FenceSelf || s.Cancelled {
			n.stopJob(s.ID, cause)
		}
	}
}

// inHand are the jobs this node works on.
func (n *Node) inHand() []int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	var ids []int64
	for w := range n.active {
		ids = append(ids, w.job)
	}
	return ids
}

// stopJob ends the context of a job's work.
func (n *Node) stopJob(job int64, cause error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	for w, cancel := range n.active {
		if w.job == job {
			cancel(cause)
		}
	}
}
