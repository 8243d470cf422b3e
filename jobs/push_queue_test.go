package jobs

import (
	"bytes"
	"errors"
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// TestPushJobIsCancelledInTheQueue: who cancels a push's job in the list of jobs stops the push as who cancels its run, and
// what was under way goes back; tried again there, it arrives, once.
func TestPushJobIsCancelledInTheQueue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	proxy := sshdtest.StartProxy(t, server.Address())
	c := h.connect(server, pushing(server), func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	stalled := proxy.StallAfter(7_000)
	file := h.handIn(c, "large.bin", randomBytes(8_000_000), func(in *HandIn) { in.AsIs = true })
	h.start(func(c *Config) { c.Schedule = false }) // nobody else begins a push
	waitFor(t, "the upload stalls", stalled)
	job := h.oneJob("the push is listed", storage.JobFilter{Kind: KindPush, States: []string{storage.JobRunning}})
	if err := h.desk.CancelJob(t.Context(), h.scope, job.ID); err != nil {
		t.Fatal(err)
	}
	if run := h.ended(job.Run); run.State != storage.RunCancelled {
		t.Errorf("the run is %s %s", run.State, run.ErrorCode)
	}
	if item := h.outbound(file); item.State != "generated" {
		t.Errorf("the file is %s %s", item.State, item.StateReason)
	}
	if _, err := os.Stat(server.Path("inbound", "large.bin")); !os.IsNotExist(err) {
		t.Errorf("there is something under the file's name (%v)", err)
	}
	proxy.Restore()
	run, err := h.desk.PushNow(t.Context(), h.scope, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	if run := h.ended(run); run.State != storage.RunSucceeded {
		t.Errorf("the next push is %s %s", run.State, run.ErrorCode)
	}
	if item := h.outbound(file); item.State != "sent" || item.Sent != 1 || len(h.receipts(file)) != 1 {
		t.Errorf("the file is %s, sent %d times", item.State, item.Sent)
	}
	if got := delivered(t, server, "inbound"); names(got) != "large.bin" {
		t.Errorf("at the server: %s", names(got))
	}
}

// TestWaitingPushJobIsDiscarded: the run of a push that waits for a worker ends with its job, and its files stay for the next.
func TestWaitingPushJobIsDiscarded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	file := h.handIn(c, "a.270", question(1))
	job := h.oneJob("the push waits", storage.JobFilter{Kind: KindPush})
	if err := h.desk.DiscardJob(t.Context(), h.scope, job.ID); err != nil {
		t.Fatal(err)
	}
	if run := h.run(job.Run); run.State != storage.RunCancelled {
		t.Errorf("the run is %s", run.State)
	}
	h.start() // its scheduler finds that something waits
	if item := h.becomes(file, storage.FileSent); item.Sent != 1 {
		t.Errorf("sent %d times", item.Sent)
	}
}

// TestSameBytesHandedInAtOnce: of the same file handed in several times at the same moment, one is queued.
func TestSameBytesHandedInAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server, pushing(server))
	var together sync.WaitGroup
	var queued, known atomic.Int32
	for range 6 {
		together.Go(func() {
			_, err := h.desk.HandIn(t.Context(), h.scope, c.ID, HandIn{Name: "a.270", Content: bytes.NewReader(question(1)), Source: "api"})
			switch {
			case err == nil:
				queued.Add(1)
			case errors.Is(err, ErrSentBefore):
				known.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	together.Wait()
	if queued.Load() != 1 || known.Load() != 5 {
		t.Errorf("%d are queued and %d known, want 1 and 5", queued.Load(), known.Load())
	}
}
