package jobs

import (
	"context"
	"time"

	"github.com/ediport/ediport/storage"
)

// stranded remembers since when the queue has believed this node to work on what it does not.
type stranded map[storage.StrandedJob]time.Time

// look takes what is not in hand now, and returns what has not been for a time. What has just been fetched, or
// was finished just now and is about to be marked so, is not in hand for a moment; what stays is stranded.
func (s *stranded) look(notInHand []storage.StrandedJob, now time.Time, after time.Duration) (gone []storage.StrandedJob) {
	before := *s
	*s = stranded{}
	for _, j := range notInHand {
		since, known := before[j]
		if !known {
			since = now
		}
		(*s)[j] = since
		if now.Sub(since) >= after {
			gone = append(gone, j)
		}
	}
	return gone
}

// freeStranded frees jobs that nobody works on although the queue believes so: those of this node, whose fetching
// was answered on a connection that broke, or whose end could not be written; and those of nodes that are not known.
// River itself would notice after hours.
func (n *Node) freeStranded(ctx context.Context) {
	jobs, err := n.nodes.NotInHand(ctx, n.id, n.inHand())
	if err != nil {
		n.strandedFailed(ctx, err)
		return
	}
	freed, err := n.nodes.FreeStranded(ctx, n.id, n.stranded.look(jobs, time.Now(), n.cfg.GiveUp), n.cfg.GiveUp)
	switch {
	case err != nil:
		n.strandedFailed(ctx, err)
	case freed > 0:
		n.log.Warn("jobs that nobody worked on are free again", "jobs", freed)
	}
}

func (n *Node) strandedFailed(ctx context.Context, err error) {
	if ctx.Err() == nil {
		n.log.Warn("looking for work that nobody does failed", "error", err)
	}
}
