package jobs

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

func (h *house) schedule(c *storage.Connection, change ...func(*storage.Schedule)) *storage.Schedule {
	h.t.Helper()
	s := &storage.Schedule{Name: "hourly", Connection: c.ID, Spec: "0 * * * *", Zone: "UTC"}
	for _, fn := range change {
		fn(s)
	}
	if err := h.desk.AddSchedule(h.t.Context(), h.scope, s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

// makeDue puts a schedule's due time back and returns it.
func (h *house) makeDue(s *storage.Schedule, ago time.Duration) time.Time {
	h.t.Helper()
	due := time.Now().UTC().Add(-ago).Truncate(time.Hour)
	h.exec(`UPDATE schedule SET next_due_at = $2 WHERE id = $1`, s.ID, due)
	return due
}

func (h *house) reload(s *storage.Schedule) (fresh *storage.Schedule) {
	h.t.Helper()
	err := h.db.InScopeRead(h.t.Context(), h.scope, func(tx *storage.Tx) (err error) {
		fresh, err = tx.Schedule(h.t.Context(), s.ID)
		return err
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return fresh
}

// runsOf are a schedule's runs in a state.
func (h *house) runsOf(s *storage.Schedule, state string) int {
	return h.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND state = $2`, s.ID, state)
}

func TestDueScheduleRunsOnceWithTwoNodes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("taken once"))
	s := h.schedule(h.connect(server), func(s *storage.Schedule) { s.Spec = "@every 1h" })
	one, two := h.start(), h.start()

	const rounds = 5
	for i := range rounds {
		due := time.Now().Add(time.Duration(i-60) * time.Second).Truncate(time.Second)
		h.exec(`UPDATE schedule SET next_due_at = $2 WHERE id = $1`, s.ID, due)
		h.eventually("the schedule moves on", func() bool {
			fresh := h.reload(s)
			return fresh.NextDueAt.After(time.Now()) && fresh.LastDueAt != nil && !fresh.LastDueAt.Before(due)
		})
		h.eventually("its run ends", func() bool { return h.runsOf(s, storage.RunSucceeded) == i+1 })
	}
	if n := h.number(`SELECT count(*) FROM run`); n != rounds {
		t.Errorf("%d runs of %d due times", n, rounds)
	}
	if one.Leads() == two.Leads() {
		t.Errorf("first leads: %v, second leads: %v; want one of them", one.Leads(), two.Leads())
	}
	h.allLoaded(1)
}

// TestTwoLeadersAtOnce is what the election is no protection against: both see the due time.
func TestTwoLeadersAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	var all []*storage.Schedule
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		c := h.connect(server, func(c *storage.Connection) { c.Name = name })
		s := h.schedule(c, func(s *storage.Schedule) { s.Name = name })
		h.makeDue(s, 0)
		all = append(all, s)
	}
	var leaders sync.WaitGroup
	for range 4 {
		leaders.Go(func() {
			if err := runDue(t.Context(), h.db); err != nil {
				t.Error(err)
			}
		})
	}
	leaders.Wait()
	for _, s := range all {
		if n := h.runsOf(s, storage.RunQueued); n != 1 {
			t.Errorf("schedule %s has %d runs of one due time", s.Name, n)
		}
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE kind = 'pull'`); n != len(all) {
		t.Errorf("%d jobs for %d runs", n, len(all))
	}
}

func TestLeaderKilled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("taken by the other"))
	s := h.schedule(h.connect(server))
	leader := h.startChild(func(c *childConfig) { c.ScheduleOnly = true })
	h.eventually("the first node is elected", func() bool { return h.tickerLocks() == 1 })
	other := h.start()
	if other.Leads() {
		t.Fatal("two leaders")
	}
	leader.kill()
	h.eventually("the other node is elected", other.Leads)
	h.makeDue(s, 0)
	h.eventually("it runs what is due", func() bool { return h.runsOf(s, storage.RunSucceeded) == 1 })
	h.eventually("the dead node is forgotten", func() bool { return h.number(`SELECT count(*) FROM node`) == 1 })
}

// TestElectionMovesOn: a leader whose session broke, and one that stops, make room at once.
func TestElectionMovesOn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	one, err := Start(t.Context(), h.config())
	if err != nil {
		t.Fatal(err)
	}
	h.eventually("the first node is elected", one.Leads)
	h.exec(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND (classid::bigint << 32 | objid::bigint) = $1`, int64(tickerLease))
	h.eventually("it is elected again", func() bool { return one.Leads() && h.tickerLocks() == 1 })
	two := h.start()
	if err := one.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.eventually("the second node is elected", two.Leads)
}

func (h *house) tickerLocks() int {
	return h.number(`SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
		AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
		AND (classid::bigint << 32 | objid::bigint) = $1`, int64(tickerLease))
}

func TestRunsThatAreLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server)
	once := h.schedule(c, func(s *storage.Schedule) { s.Name, s.Missed = "once", "once" })
	tick := func() {
		t.Helper()
		if err := runDue(t.Context(), h.db); err != nil {
			t.Fatal(err)
		}
	}
	// Nobody was there for three hours: one run makes up for them, and the rest shows.
	h.makeDue(once, 3*time.Hour)
	tick()
	if queued, skipped := h.runsOf(once, storage.RunQueued), h.runsOf(once, storage.RunSkipped); queued != 1 || skipped != 1 {
		t.Errorf("policy once: %d queued, %d skipped, want 1 and 1", queued, skipped)
	}
	// The run is still open (nobody works): another schedule of the connection is left out.
	second := h.schedule(c, func(s *storage.Schedule) { s.Name = "second" })
	h.makeDue(second, 0)
	tick()
	if n := h.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND state = 'skipped' AND error_code = 'run.overlaps'`, second.ID); n != 1 {
		t.Errorf("%d runs left out because they overlap, want 1", n)
	}
	// With policy all it waits instead.
	all := h.schedule(c, func(s *storage.Schedule) { s.Name, s.Missed = "all", "all" })
	due := h.makeDue(all, 2*time.Hour)
	tick()
	if got := h.reload(all).NextDueAt; !got.Equal(due) {
		t.Errorf("policy all: next due is %v, want still %v", got, due)
	}
	// A pause is one line, however long.
	if err := h.desk.PauseConnection(t.Context(), h.scope, c.ID, "maintenance"); err != nil {
		t.Fatal(err)
	}
	paused := h.schedule(c, func(s *storage.Schedule) { s.Name = "paused" })
	for i := range 3 {
		h.exec(`UPDATE schedule SET next_due_at = now() - $2 * interval '1 second' WHERE id = $1`, paused.ID, 100-i)
		tick()
	}
	if n := h.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND error_code = 'run.connection_paused'`, paused.ID); n != 1 {
		t.Errorf("%d lines about the pause, want 1", n)
	}
}

func TestMissedRunsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	s := h.schedule(h.connect(server, with(func(f *PullFolder) { f.Path = "." })),
		func(s *storage.Schedule) { s.Missed = "all" })
	h.makeDue(s, 3*time.Hour)
	h.start()
	h.eventually("four runs for four due times", func() bool { return h.runsOf(s, storage.RunSucceeded) == 4 })
	if next := h.reload(s).NextDueAt; !next.After(time.Now()) {
		t.Errorf("next due is %v, which has passed", next)
	}
}

func TestScheduleChanges(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	s := h.schedule(h.connect(server), func(s *storage.Schedule) { s.Spec, s.Zone = "30 6 * * *", "America/New_York" })
	spec := mustSpec(t, "15 7 * * *", "Europe/Berlin")
	stale := *s
	s.Spec, s.Zone = "15 7 * * *", "Europe/Berlin"
	if err := h.desk.ChangeSchedule(t.Context(), h.scope, s); err != nil {
		t.Fatal(err)
	}
	if got := h.reload(s).NextDueAt; !got.Equal(spec.Next(time.Now())) {
		t.Errorf("next due is %v, want %v", got, spec.Next(time.Now()))
	}
	if err := h.desk.ChangeSchedule(t.Context(), h.scope, &stale); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("a change of an old version: %v, want ErrConflict", err)
	}
	if err := h.desk.PauseSchedule(t.Context(), h.scope, s.ID, true); err != nil {
		t.Fatal(err)
	}
	if got := h.reload(s); !got.Paused || got.NextDueAt != nil {
		t.Errorf("paused: %v, next due %v, want none", got.Paused, got.NextDueAt)
	}
	if err := h.desk.PauseSchedule(t.Context(), h.scope, s.ID, false); err != nil {
		t.Fatal(err)
	}
	if got := h.reload(s); got.Paused || got.NextDueAt == nil {
		t.Errorf("resumed: paused %v, next due %v", got.Paused, got.NextDueAt)
	}
	times, err := h.desk.NextTimes(s.Spec, s.Zone, 5)
	if err != nil || len(times) != 5 || !times[0].Equal(*h.reload(s).NextDueAt) {
		t.Errorf("NextTimes = %v, %v", times, err)
	}
	if err := h.desk.DeleteSchedule(t.Context(), h.scope, s.ID); err != nil {
		t.Fatal(err)
	}
	err = h.desk.AddSchedule(t.Context(), h.scope, &storage.Schedule{Name: "x", Connection: 1, Spec: "every morning"})
	if !errors.Is(err, ErrSpec) {
		t.Errorf("a schedule in words: %v, want ErrSpec", err)
	}
}

func TestRunNowTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server)
	first := h.request(c)
	again, err := h.desk.RunNow(t.Context(), h.scope, c.ID)
	if !errors.Is(err, ErrRunOpen) || again != first {
		t.Errorf("RunNow twice: run %d, %v; want the first one, %d, with ErrRunOpen", again, err, first)
	}
	// A queued run is cancelled without any node.
	if err := h.desk.Cancel(t.Context(), h.scope, first); err != nil {
		t.Fatal(err)
	}
	if run := h.run(first); run.State != storage.RunCancelled {
		t.Errorf("run: %s, want cancelled", run.State)
	}
	h.start()
	h.eventually("its job finds nothing to do", func() bool {
		return h.number(`SELECT count(*) FROM river_job WHERE finalized_at IS NULL`) == 0
	})
	if run := h.run(first); run.State != storage.RunCancelled || run.Epoch != 0 {
		t.Errorf("run: %s, epoch %d; want cancelled and never begun", run.State, run.Epoch)
	}
}

// TestOrphanRun: a run whose job is gone does not block its connection for ever.
func TestOrphanRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	c := h.connect(server)
	id := h.request(c)
	if err := endOrphans(t.Context(), h.db); err != nil {
		t.Fatal(err)
	}
	if run := h.run(id); run.State != storage.RunQueued {
		t.Fatalf("a run with a job was ended as %s", run.State)
	}
	h.exec(`DELETE FROM river_job`)
	if err := endOrphans(t.Context(), h.db); err != nil {
		t.Fatal(err)
	}
	if run := h.run(id); run.State != storage.RunFailed || run.ErrorCode != "run.gave_up" {
		t.Errorf("run: %s %s, want failed", run.State, run.ErrorCode)
	}
}

// TestOvertakenRunIsFenced: who was overtaken can't commit a file any more.
func TestOvertakenRunIsFenced(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("one of two may have it"))
	id := h.request(h.connect(server))
	n := &Node{cfg: h.config(), id: "first", log: testLog(t)}
	n.ended, n.end = context.WithCancel(t.Context())
	defer n.end()
	first, err := n.begin(t.Context(), h.operator, id)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.begin(t.Context(), h.operator, id); err != nil {
		t.Fatal(err)
	}
	if _, err := first.pull(t.Context()); !errors.Is(err, storage.ErrFenced) {
		t.Errorf("the overtaken pull ends with %v, want ErrFenced", err)
	}
	if err := first.holdOnce(t.Context()); !errors.Is(err, storage.ErrFenced) {
		t.Errorf("the overtaken watch ends with %v, want ErrFenced", err)
	}
	if n := h.number(`SELECT count(*) FROM file`); n != 0 {
		t.Errorf("%d files of an overtaken run", n)
	}
	report, err := h.archive.Sweep(t.Context(), 0, func(context.Context, []string) (map[string]bool, error) { return nil, nil })
	if err != nil || report.Blobs != 0 {
		t.Errorf("%d blobs left by an overtaken run (%v)", report.Blobs, err)
	}
}
