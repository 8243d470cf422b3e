package jobs

import (
	"fmt"
	"testing"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// TestSlowPartnerStarvesNobody: while one partner's server hangs, the others' files come in, run after
// run, through what is left of the node's hands; and loads don't wait for pulls at all.
func TestSlowPartnerStarvesNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	server.WriteFile("outbound/a.835", randomBytes(3_000_000))
	slow := h.connect(server, func(c *storage.Connection) { c.Name, c.Host, c.Port = "slow", proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(1_000_000)
	h.start(func(c *Config) { c.PullWorkers, c.IngestWorkers = 2, 1 })
	hanging := h.request(slow)
	waitFor(t, "the slow partner hangs", stalled)

	good := sshdtest.Start(t, sshdtest.Options{})
	var others []*storage.Connection
	for i := range 3 {
		others = append(others, h.connect(good, func(c *storage.Connection) { c.Name = fmt.Sprintf("good %d", i) }))
	}
	for round := range 3 {
		good.WriteFile(fmt.Sprintf("outbound/%d.835", round), randomBytes(1000+round))
		var runs []storage.RunID
		for _, c := range others {
			runs = append(runs, h.request(c))
		}
		for _, id := range runs {
			if run := h.ended(id); run.State != storage.RunSucceeded {
				t.Errorf("run beside a slow partner: %s %s", run.State, run.ErrorCode)
			}
		}
	}
	h.allLoaded(9)
	if run := h.run(hanging); run.State != storage.RunRunning {
		t.Fatalf("the slow partner's run is %s: it was not slow enough for this test", run.State)
	}
	proxy.Restore()
	if run := h.ended(hanging); run.State != storage.RunSucceeded {
		t.Errorf("the slow partner's run in the end: %s %s", run.State, run.ErrorCode)
	}
}
