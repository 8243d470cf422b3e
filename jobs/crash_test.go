package jobs

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// waitFor waits for an event that a channel tells.
func waitFor(t *testing.T, what string, event <-chan struct{}) {
	t.Helper()
	select {
	case <-event:
	case <-time.After(limit):
		t.Fatalf("waited %v in vain: %s", limit, what)
	}
}

// TestKilledAtEachStep kills a node at the moments between the steps of taking a file. Another node
// goes on with the same run: nothing is lost, nothing is doubled.
func TestKilledAtEachStep(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		at       string
		original bool // the killed process left a blob without a row
	}{{"pull.stored", true}, {"pull.committed", false}} {
		t.Run(c.at, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			server := sshdtest.Start(t, sshdtest.Options{})
			want := map[string][]byte{}
			for i := range 3 {
				name := fmt.Sprintf("%d.835", i)
				want[name] = randomBytes(100_000)
				server.WriteFile("outbound/"+name, want[name])
			}
			connection := h.connect(server, archiving(server))
			dying := h.startChild(func(c2 *childConfig) { c2.DieAt = c.at })
			id := h.request(connection)
			waitFor(t, "the node dies at "+c.at, dying.exited)
			if run := h.run(id); run.State != storage.RunRunning {
				t.Fatalf("the run of the dead node is %s, want running", run.State)
			}

			h.start()
			run := h.ended(id)
			if run.State != storage.RunSucceeded || run.Epoch < 3 {
				t.Fatalf("run: %s %s, epoch %d", run.State, run.ErrorCode, run.Epoch)
			}
			h.allLoaded(3)
			h.consistent(want)
			moved, err := os.ReadDir(server.Path("outbound", "archive"))
			if err != nil || len(moved) != 3 {
				t.Errorf("%d files in the partner's archive, want 3 (%v)", len(moved), err)
			}
			if got := countsOf(t, run); got.Downloaded != 3 {
				t.Errorf("the run counts %d files, want those of both nodes: 3", got.Downloaded)
			}
			if n := h.number(`SELECT count(*) FROM remote_seen WHERE remote_state <> 'archived'`); n != 0 {
				t.Errorf("%d files not known as archived", n)
			}
		})
	}
}

// TestKilledInMidDownload kills a node while bytes come in.
func TestKilledInMidDownload(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	want := map[string][]byte{"a.835": randomBytes(3_000_000)}
	server.WriteFile("outbound/a.835", want["a.835"])
	connection := h.connect(server, func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(1_000_000)
	dying := h.startChild(nil)
	id := h.request(connection)
	waitFor(t, "the download is half way", stalled)
	dying.kill()
	proxy.Restore()

	h.start()
	if run := h.ended(id); run.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s", run.State, run.ErrorCode)
	}
	h.allLoaded(1)
	h.consistent(want)
}

// TestCutConnectionIsRetried cuts the connection in mid-transfer: the file comes whole in the end.
func TestCutConnectionIsRetried(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	want := map[string][]byte{"a.835": randomBytes(3_000_000), "b.835": []byte("the next one")}
	for name, content := range want {
		server.WriteFile("outbound/"+name, content)
	}
	connection := h.connect(server, func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	cut := proxy.CutAfter(1_000_000)
	h.start()
	id := h.request(connection)
	waitFor(t, "the connection is cut", cut)
	proxy.Restore()
	if run := h.ended(id); run.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s, log %v", run.State, run.ErrorCode, h.codes(id))
	}
	h.allLoaded(2)
	h.consistent(want)
}

func TestRunIsCancelled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	server.WriteFile("outbound/a.835", randomBytes(3_000_000))
	connection := h.connect(server, func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(1_000_000)
	h.start()
	id := h.request(connection)
	waitFor(t, "the download hangs", stalled)
	h.eventually("the progress shows what has come", func() bool {
		var p Progress
		return json.Unmarshal(h.run(id).Progress, &p) == nil && p.BytesDone > 0 && p.Files == 1
	})
	if err := h.desk.Cancel(t.Context(), h.scope, id); err != nil {
		t.Fatal(err)
	}
	if run := h.ended(id); run.State != storage.RunCancelled || run.ErrorCode != "run.cancelled" {
		t.Fatalf("run: %s %s, want cancelled", run.State, run.ErrorCode)
	}
	if n := h.number(`SELECT count(*) FROM file`); n != 0 {
		t.Errorf("%d files of a cancelled download", n)
	}
	h.eventually("the job is over, too", func() bool {
		return h.number(`SELECT count(*) FROM river_job WHERE kind = 'pull' AND finalized_at IS NULL`) == 0
	})
	if err := h.desk.Cancel(t.Context(), h.scope, id); err == nil {
		t.Error("a run that has ended can be cancelled")
	}
	// The connection is free again.
	proxy.Restore()
	if run := h.pull(connection); run.State != storage.RunSucceeded {
		t.Errorf("the next run: %s %s", run.State, run.ErrorCode)
	}
}

// TestStopHandsBack stops a node in mid-download: the work goes on at once on another one.
func TestStopHandsBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	want := map[string][]byte{"a.835": randomBytes(3_000_000)}
	server.WriteFile("outbound/a.835", want["a.835"])
	connection := h.connect(server, func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(1_000_000)
	first, err := Start(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	id := h.request(connection)
	waitFor(t, "the download hangs", stalled)
	ctx, cancel := contextWithin(t, 6*time.Second)
	defer cancel()
	if err := first.Stop(ctx); err != nil {
		t.Fatalf("stopping: %v", err)
	}
	if run := h.run(id); run.State != storage.RunQueued || run.ErrorCode != "run.handed_back" {
		t.Fatalf("after the stop the run is %s %s, want queued, handed back", run.State, run.ErrorCode)
	}
	if n := h.number(`SELECT count(*) FROM node`); n != 0 {
		t.Errorf("%d nodes are known after the stop, want none", n)
	}
	proxy.Restore()
	h.start()
	if run := h.ended(id); run.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s", run.State, run.ErrorCode)
	}
	h.allLoaded(1)
	h.consistent(want)
}

// TestPausedNodeComesBack stops a node's process for longer than the others wait, as a frozen virtual
// machine would, and lets it go on: it must not disturb what the others did.
func TestPausedNodeComesBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	want := map[string][]byte{"a.835": randomBytes(3_000_000)}
	server.WriteFile("outbound/a.835", want["a.835"])
	connection := h.connect(server, func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(1_000_000)
	frozen := h.startChild(nil)
	id := h.request(connection)
	waitFor(t, "the download is half way", stalled)
	if err := frozen.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	proxy.Restore()
	h.start()
	if run := h.ended(id); run.State != storage.RunSucceeded || run.NodeID == frozen.id {
		t.Fatalf("run: %s %s by %s", run.State, run.ErrorCode, run.NodeID)
	}
	if err := frozen.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	h.eventually("the node is back", func() bool { return h.number(`SELECT count(*) FROM node`) == 2 })
	h.eventually("no job is left", func() bool {
		return h.number(`SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) == 0
	})
	h.allLoaded(1)
	h.consistent(want)
	if run := h.run(id); run.State != storage.RunSucceeded {
		t.Errorf("the run became %s when the node came back", run.State)
	}
	if run := h.pull(connection); run.State != storage.RunSucceeded {
		t.Errorf("the next run: %s %s", run.State, run.ErrorCode)
	}
}
