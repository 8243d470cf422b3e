package jobs

import (
	"syscall"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// TestChangeSeenByAnotherNode: a change made here takes effect in the process that is elected.
func TestChangeSeenByAnotherNode(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	h.startChild(func(c *childConfig) { c.ScheduleOnly = true })
	h.eventually("the other process is elected", func() bool { return h.tickerLocks() == 1 })
	s := h.schedule(h.connect(server), func(s *storage.Schedule) { s.Spec = "0 0 1 1 *" })
	s.Spec = "@every 1s"
	changed := time.Now()
	if err := h.desk.ChangeSchedule(t.Context(), h.scope, s); err != nil {
		t.Fatal(err)
	}
	h.eventually("the other process runs it", func() bool { return h.runsOf(s, storage.RunQueued) == 1 })
	t.Logf("in force after %v", time.Since(changed).Round(time.Millisecond))
}

// TestLeaderFrozen: a leader that does not ask any more, although its session is open, makes room; when
// it comes to again, it does not lead.
func TestLeaderFrozen(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	s := h.schedule(h.connect(server))
	leader := h.startChild(func(c *childConfig) { c.ScheduleOnly = true })
	h.eventually("the first node is elected", func() bool { return h.tickerLocks() == 1 })
	if err := leader.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	frozen := time.Now()
	other := h.start(func(c *Config) { c.Work, c.GiveUp, c.FenceSelf = false, limit, limit/2 })
	h.eventually("the other node is elected", other.Leads)
	t.Logf("takeover after %v", time.Since(frozen).Round(time.Millisecond))
	due := h.makeDue(s, 0)
	if err := leader.cmd.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	h.eventually("the due time runs", func() bool { return h.runsOf(s, storage.RunQueued) == 1 })
	if n := h.number(`SELECT count(*) FROM run WHERE due_at = $1`, due); n != 1 || !other.Leads() || h.tickerLocks() != 1 {
		t.Errorf("%d runs of one due time; the other leads: %v", n, other.Leads())
	}
}

// TestDueTimesDuringTakeovers: leaders are killed while a schedule is due every second; each due time
// runs once, and none is left out.
func TestDueTimesDuringTakeovers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("taken once"))
	h.start(func(c *Config) { c.Schedule = false })
	schedule := func(c *childConfig) { c.ScheduleOnly = true }
	leader := h.startChild(schedule)
	h.eventually("a node is elected", func() bool { return h.tickerLocks() == 1 })
	s := h.schedule(h.connect(server), func(s *storage.Schedule) {
		s.Spec, s.Missed, s.MissedLimit = "@every 1s", "all", maxMissedLimit
	})
	const kills, each = 3, 3
	for range kills {
		waiting := h.startChild(schedule)
		before := h.runsOf(s, storage.RunSucceeded)
		h.eventually("the schedule runs", func() bool { return h.runsOf(s, storage.RunSucceeded) >= before+each })
		leader.kill()
		h.eventually("another node is elected", func() bool { return h.tickerLocks() == 1 })
		leader = waiting
	}
	before := h.runsOf(s, storage.RunSucceeded)
	h.eventually("the schedule goes on", func() bool { return h.runsOf(s, storage.RunSucceeded) >= before+each })
	if err := h.desk.PauseSchedule(t.Context(), h.scope, s.ID, true); err != nil {
		t.Fatal(err)
	}
	runs := h.number(`SELECT count(*) FROM run WHERE schedule_id = $1`, s.ID)
	span := h.number(`SELECT 1 + extract(epoch FROM max(due_at) - min(due_at))::int FROM run WHERE schedule_id = $1`, s.ID)
	if runs < (kills+1)*each || runs != span || h.number(`SELECT count(DISTINCT due_at) FROM run`) != runs {
		t.Errorf("%d runs of %d due times", runs, span)
	}
	if n := h.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND state = 'skipped'`, s.ID); n != 0 {
		t.Errorf("%d due times were left out", n)
	}
	h.allLoaded(1)
}
