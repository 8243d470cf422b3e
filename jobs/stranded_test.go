package jobs

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ediport/ediport/storage"
)

// TestStrandedJobs: what the queue believes a node to work on, though it does not, is worked again; what is in
// hand is left alone, however long it takes. The answer to a fetch is lost when the connection breaks at that moment.
func TestStrandedJobs(t *testing.T) {
	t.Parallel()
	tests := map[string]func(h *house, n *Node){
		"of this node": func(h *house, n *Node) {
			h.exec(`UPDATE river_job SET attempted_by = ARRAY[$1] WHERE state = 'running' AND attempted_by = '{nobody}'`, n.ID())
		},
		"of a node that nobody knows": func(h *house, _ *Node) {
			h.exec(`UPDATE river_job SET attempted_at = now() WHERE state = 'running' AND attempted_by = '{nobody}'`)
		},
	}
	for name, strand := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			h.addFile([]byte("fetched, and nobody knows by whom"))
			h.exec(`UPDATE river_job SET state = 'running', attempt = 1, attempted_by = '{nobody}', attempted_at = now() + interval '1 day'`)
			stranded := storage.FileID(h.number(`SELECT max(id) FROM file`))
			load, begun, released := ingestInto(h.db, h.archive), make(chan struct{}), make(chan struct{})
			release := sync.OnceFunc(func() { close(released) })
			defer release()
			var begins atomic.Int32
			n := h.start(func(c *Config) {
				c.Heartbeat, c.FenceSelf, c.GiveUp = 100*time.Millisecond, time.Second, 2*time.Second
				c.Ingest = func(ctx context.Context, operator storage.OperatorID, id storage.FileID) error {
					if id != stranded {
						if begins.Add(1) == 1 {
							close(begun)
						}
						<-released
					}
					return load(ctx, operator, id)
				}
			})
			h.addFile([]byte("in hand for long"))
			waitFor(t, "the long load begins", begun)
			strand(h, n)
			h.eventually("the stranded file is loaded", func() bool {
				return h.number(`SELECT count(*) FROM file WHERE id = $1 AND state = 'loaded'`, int64(stranded)) == 1
			})
			release()
			h.allLoaded(2)
			if begins.Load() != 1 {
				t.Errorf("what was in hand was begun %d times, want once", begins.Load())
			}
		})
	}
}

func TestStrandedIsWhatStays(t *testing.T) {
	t.Parallel()
	a, again, b := storage.StrandedJob{ID: 1, Attempt: 1}, storage.StrandedJob{ID: 1, Attempt: 2}, storage.StrandedJob{ID: 2, Attempt: 1}
	began := time.Now()
	var s stranded
	for i, step := range []struct {
		notInHand, want []storage.StrandedJob
	}{
		{notInHand: []storage.StrandedJob{a}},
		{notInHand: []storage.StrandedJob{a, b}},
		{notInHand: []storage.StrandedJob{a}, want: []storage.StrandedJob{a}},
		{notInHand: []storage.StrandedJob{again, b}}, // b was in hand, or done, in between
		{notInHand: []storage.StrandedJob{again, b}},
		{notInHand: []storage.StrandedJob{again, b}, want: []storage.StrandedJob{again, b}},
	} {
		if got := s.look(step.notInHand, began.Add(time.Duration(i)*time.Second), 2*time.Second); !slices.Equal(got, step.want) {
			t.Errorf("look %d = %v, want %v", i, got, step.want)
		}
	}
}
