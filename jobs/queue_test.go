package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// inScope runs fn as a person of the operator.
func (h *house) inScope(fn func(ctx context.Context, tx *storage.Tx) error) error {
	h.t.Helper()
	return h.db.InScope(h.t.Context(), h.scope, func(tx *storage.Tx) error { return fn(h.t.Context(), tx) })
}

// jobs are those that match, newest first.
func (h *house) jobs(f storage.JobFilter) (all []storage.QueuedJob) {
	h.t.Helper()
	err := h.inScope(func(ctx context.Context, tx *storage.Tx) (err error) {
		all, _, err = tx.Jobs(ctx, f, "")
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return all
}

// oneJob waits until exactly one job matches.
func (h *house) oneJob(what string, f storage.JobFilter) (job storage.QueuedJob) {
	h.t.Helper()
	h.eventually(what, func() bool {
		all := h.jobs(f)
		if len(all) == 1 {
			job = all[0]
		}
		return len(all) == 1
	})
	return job
}

// quick makes retries come at once, so that a test sees all attempts.
func (h *house) quick() {
	h.exec(`UPDATE river_job SET scheduled_at = now() WHERE state = 'retryable'`)
}

// TestIngestIsCancelled: a load that a person cancels stops, on a node that did not hear the notice, too.
func TestIngestIsCancelled(t *testing.T) {
	t.Parallel()
	for _, heard := range []bool{true, false} {
		name := map[bool]string{true: "by notice", false: "by looking"}[heard]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			started := make(chan struct{}, 1)
			load := ingestInto(h.db, h.archive)
			wait := true
			h.start(func(c *Config) {
				c.Ingest = func(ctx context.Context, operator storage.OperatorID, id storage.FileID) error {
					if !wait {
						return load(ctx, operator, id)
					}
					started <- struct{}{}
					<-ctx.Done()
					return ctx.Err()
				}
			})
			h.addFile([]byte("not wanted"))
			waitFor(t, "the load begins", started)
			job := h.oneJob("the job is listed", storage.JobFilter{Kind: KindIngest, States: []string{storage.JobRunning}})
			if job.File == 0 || job.NodeID == "" || job.Attempt != 1 || job.Dead() {
				t.Errorf("job = %+v", job)
			}
			asked := time.Now()
			if heard {
				if err := h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.CancelJob(ctx, job.ID) }); err != nil {
					t.Fatal(err)
				}
			} else { // as if the notice had been lost
				h.exec(`UPDATE river_job SET metadata = jsonb_set(metadata, '{cancel_attempted_at}', to_jsonb(now())) WHERE id = $1`, job.ID)
			}
			job = h.oneJob("the job is over", storage.JobFilter{Kind: KindIngest, States: []string{storage.JobCancelled}})
			t.Logf("cancelled after %v", time.Since(asked).Round(time.Millisecond))
			if !job.Dead() || len(job.Codes) != 1 || job.Codes[0] != "run.cancelled" || !job.CancelRequested {
				t.Errorf("job = %+v", job)
			}
			if n := h.number(`SELECT count(*) FROM file WHERE state = 'failed' AND state_reason = 'run.cancelled'`); n != 1 {
				t.Errorf("%d files marked as cancelled, want 1", n)
			}
			wait = false
			if err := h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.RetryJob(ctx, job.ID) }); err != nil {
				t.Fatal(err)
			}
			h.oneJob("the job is done after all", storage.JobFilter{Kind: KindIngest, States: []string{storage.JobCompleted}})
		})
	}
}

// errRefused is permanent: what it says will be so again.
var errRefused = newKind("test.refused", true, "refused")

// TestDeadJobs: what was given up is listed with its codes, can be tried again, and put aside.
func TestDeadJobs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	answers := make(chan error, 20)
	h.start(func(c *Config) {
		c.Ingest = func(context.Context, storage.OperatorID, storage.FileID) error { return <-answers }
	})
	answers <- errors.New("no code, and words that must not be kept")
	h.addFile([]byte("refused"))
	var waiting storage.QueuedJob
	h.eventually("the next attempt is visible", func() bool {
		all := h.jobs(storage.JobFilter{States: []string{storage.JobRetryable, storage.JobAvailable}})
		if len(all) != 1 || all[0].Attempt != 1 {
			return false
		}
		waiting = all[0]
		return true
	})
	if len(waiting.Codes) != 1 || waiting.Codes[0] != "job.unexpected" || waiting.Dead() {
		t.Errorf("after a failure: %+v", waiting)
	}
	if next := waiting.ScheduledAt.Sub(*waiting.AttemptedAt); next < time.Second || next > 10*time.Second {
		t.Errorf("the second attempt comes after %v", next)
	}
	answers <- errRefused
	_ = h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.RetryJob(ctx, waiting.ID) }) // or it goes by itself
	dead := h.oneJob("it is given up", storage.JobFilter{Dead: true})
	if len(dead.Codes) != 2 || dead.Codes[1] != "test.refused" || !dead.Dead() || dead.FinalizedAt == nil {
		t.Errorf("dead job: %+v", dead)
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE array_to_string(errors, '') LIKE '%must not be kept%'`); n != 0 {
		t.Error("the queue keeps an error's words")
	}

	other := h.scope
	other.Operator++
	err := h.db.InScope(t.Context(), other, func(tx *storage.Tx) error {
		if all, _, err := tx.Jobs(t.Context(), storage.JobFilter{}, ""); err != nil || len(all) != 0 {
			t.Errorf("another operator sees %d jobs (%v)", len(all), err)
		}
		return tx.RetryJob(t.Context(), dead.ID)
	})
	if !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("another operator's retry: %v", err)
	}

	answers <- errRefused
	if err := h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.RetryJob(ctx, dead.ID) }); err != nil {
		t.Fatal(err)
	}
	h.eventually("it is given up again", func() bool {
		all := h.jobs(storage.JobFilter{Dead: true})
		return len(all) == 1 && len(all[0].Codes) == 3
	})
	if err := h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.DiscardJob(ctx, dead.ID) }); err != nil {
		t.Fatal(err)
	}
	if all := h.jobs(storage.JobFilter{}); len(all) != 0 {
		t.Errorf("%d jobs after it was put aside", len(all))
	}
	err = h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.DiscardJob(ctx, dead.ID) })
	if !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("putting it aside twice: %v", err)
	}
}

// TestDeadRunGoesOn: a run that failed for good is open again when its job is tried again.
func TestDeadRunGoesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("in the end"))
	connection := h.connect(server)
	h.exec(`UPDATE connection SET paused = true WHERE id = $1`, connection.ID)
	h.start()
	run := storage.Run{Operator: h.operator, Kind: KindPull, Connection: connection.ID, Direction: storage.DirectionPull, State: storage.RunQueued, DueAt: time.Now()}
	job, args, ok := runJob(KindPull, h.operator, 3)
	if !ok {
		t.Fatal("pull has no job")
	}
	err := h.inScope(func(ctx context.Context, tx *storage.Tx) error {
		_, err := tx.AddRun(ctx, &run, job, args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := h.ended(run.ID); got.State != storage.RunFailed || got.ErrorCode != "run.connection_paused" {
		t.Fatalf("run: %s %s", got.State, got.ErrorCode)
	}
	dead := h.oneJob("its job is dead", storage.JobFilter{Dead: true, Kind: KindPull})
	if dead.Run != run.ID || dead.Priority != 3 {
		t.Errorf("job = %+v", dead)
	}
	h.exec(`UPDATE connection SET paused = false WHERE id = $1`, connection.ID)
	if err := h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.RetryJob(ctx, dead.ID) }); err != nil {
		t.Fatal(err)
	}
	if got := h.ended(run.ID); got.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s", got.State, got.ErrorCode)
	}
	err = h.inScope(func(ctx context.Context, tx *storage.Tx) error { return tx.RetryJob(ctx, dead.ID) })
	if !errors.Is(err, storage.ErrConflict) {
		t.Errorf("retry of what is done: %v", err)
	}
}

// TestWaitingRunIsCancelledWithItsJob: nothing is left in the queue.
func TestWaitingRunIsCancelledWithItsJob(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	id := h.request(h.connect(server)) // nobody works
	if err := h.desk.Cancel(t.Context(), h.scope, id); err != nil {
		t.Fatal(err)
	}
	job := h.oneJob("the job is cancelled", storage.JobFilter{States: []string{storage.JobCancelled}})
	if job.Dead() || job.Run != id {
		t.Errorf("job = %+v", job)
	}
}

// TestSmallJobs: a kind that another package works has its queue, retries and end.
func TestSmallJobs(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	type note struct {
		Operator storage.OperatorID `json:"operator_id"`
		No       int                `json:"no"`
	}
	got := make(chan note, 100)
	failed := false
	n := h.start(func(c *Config) {
		c.SmallWorkers = 1
		c.Small = []Small{{Kind: "note", Work: func(_ context.Context, args json.RawMessage) error {
			var a note
			if err := json.Unmarshal(args, &a); err != nil {
				return err
			}
			if a.No == 2 && !failed {
				failed = true
				return errors.New("not this time")
			}
			got <- a
			return nil
		}}}
	})
	err := h.inScope(func(ctx context.Context, tx *storage.Tx) error {
		for i := range 3 {
			if err := EnqueueSmall(ctx, tx, "note", note{h.operator, i}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for range 3 {
		select {
		case a := <-got:
			sum += a.No
		case <-time.After(limit):
			t.Fatal("a small job was not worked")
		}
		h.quick()
	}
	if sum != 3 {
		t.Errorf("the numbers of the jobs sum to %d, want 3", sum)
	}
	h.eventually("all are done", func() bool { return len(h.jobs(storage.JobFilter{States: []string{storage.JobCompleted}})) == 3 })
	if names := n.kindNames(); len(names) < 3 || names[1] != "note" {
		t.Errorf("the node knows %v", names)
	}
}

// TestQueueDepths is what metrics show.
func TestQueueDepths(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.addFile([]byte("waits"))
	var depths []storage.QueueDepth
	err := h.db.InSystem(t.Context(), storage.Actor{Kind: storage.ActorSystem}, func(tx *storage.Tx) (err error) {
		depths, err = tx.QueueDepths(t.Context())
		return err
	})
	if err != nil || len(depths) != 1 {
		t.Fatalf("%+v, %v", depths, err)
	}
	if d := depths[0]; d.Queue != KindIngest || d.State != storage.JobAvailable || d.Jobs != 1 || time.Since(d.Oldest) > time.Hour {
		t.Errorf("depth = %+v", d)
	}
}

// TestJobPages: the list goes on where the page before ended.
func TestJobPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 5 {
		h.addFile([]byte("waits"))
	}
	seen := map[int64]bool{}
	cursor, pages := storage.Cursor(""), 0
	for {
		var page []storage.QueuedJob
		err := h.inScope(func(ctx context.Context, tx *storage.Tx) (err error) {
			page, cursor, err = tx.Jobs(ctx, storage.JobFilter{Kind: KindIngest, Limit: 2}, cursor)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, j := range page {
			seen[j.ID] = true
		}
		if pages++; cursor == "" {
			break
		}
	}
	if len(seen) != 5 || pages != 3 {
		t.Errorf("%d jobs on %d pages, want 5 on 3", len(seen), pages)
	}
}
