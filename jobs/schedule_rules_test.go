package jobs

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

func (h *house) runDue() {
	h.t.Helper()
	if err := runDue(h.t.Context(), h.db); err != nil {
		h.t.Fatal(err)
	}
}

func TestScheduleSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := &storage.Schedule{
		Kind: "polish", Spec: "every morning", Missed: "perhaps", MissedLimit: 5000, JitterSeconds: -1, Priority: 9,
		Windows: json.RawMessage(`{"open": [{"from": "late"}], "business_days": true, "calendars": [12]}`),
	}
	err := h.desk.AddSchedule(t.Context(), h.scope, s)
	if !errors.Is(err, ErrSpec) {
		t.Fatalf("error = %v, want ErrSpec", err)
	}
	for _, field := range []string{"name:", "kind:", "connection:", "spec:", "missed:", "missed_limit:", "jitter_seconds:", "priority:"} {
		if !strings.Contains(err.Error(), field) {
			t.Errorf("nothing is said about %s in: %v", field, err)
		}
	}
	for field, change := range map[string]func(*storage.Schedule){
		"zone:":                 func(s *storage.Schedule) { s.Zone = "Mars/Olympus" },
		"windows.open[0].from:": func(s *storage.Schedule) { s.Windows = json.RawMessage(`{"open": [{"from": "late"}]}`) },
		"windows.calendars:":    func(s *storage.Schedule) { s.Windows = json.RawMessage(`{"business_days": true, "calendars": [12]}`) },
		"windows.shift:": func(s *storage.Schedule) {
			s.Spec, s.Windows = "@every 1h", json.RawMessage(`{"business_days": true, "shift": "next"}`)
		},
		"never run": func(s *storage.Schedule) { s.Windows = json.RawMessage(`{"open": [{"last": "2020-01-01"}]}`) },
	} {
		s := &storage.Schedule{Name: "x", Connection: 1, Spec: "@daily"}
		change(s)
		if err := h.desk.AddSchedule(t.Context(), h.scope, s); !errors.Is(err, ErrSpec) || !strings.Contains(err.Error(), field) {
			t.Errorf("error = %v, want ErrSpec that says %s", err, field)
		}
	}
}

func TestCalendarsMoveSchedules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	zone, err := time.LoadLocation(newYork)
	if err != nil {
		t.Fatal(err)
	}
	c := &storage.Calendar{Name: "office", Holidays: HolidaysFederal}
	if err := h.desk.AddCalendar(ctx, h.scope, c); err != nil {
		t.Fatal(err)
	}
	windows := encodeSettings(Windows{BusinessDays: true, Calendars: []storage.CalendarID{c.ID}})
	s := h.schedule(h.connect(sshdtest.Start(t, sshdtest.Options{})), func(s *storage.Schedule) {
		s.Spec, s.Zone, s.Windows = "30 6 * * *", newYork, windows
	})
	first := h.reload(s).NextDueAt
	// The office closes on that day: the next one is another.
	closed := dateOf(*first, zone)
	c.Days = json.RawMessage(`[{"date": "` + closed.String() + `", "closed": true, "name": "Moving house"}]`)
	if err := h.desk.ChangeCalendar(ctx, h.scope, c); err != nil {
		t.Fatal(err)
	}
	if next := h.reload(s).NextDueAt; !next.After(*first) || dateOf(*next, zone) == closed {
		t.Errorf("next due is %v, although that day was closed", next)
	}
	firings, err := h.desk.Preview(ctx, h.scope, s, 10)
	if err != nil || len(firings) != 10 || !firings[0].Due.Equal(*h.reload(s).NextDueAt) {
		t.Errorf("preview = %v, %v; want ten that begin with the next due time", firings, err)
	}
	// While it is typed, a name and a connection may still be missing.
	draft := &storage.Schedule{Spec: "at 06:30,12:00"}
	if firings, err := h.desk.Preview(ctx, h.scope, draft, 3); err != nil || len(firings) != 3 || draft.Zone != "" {
		t.Errorf("preview of a draft = %v, %v", firings, err)
	}
	if _, err := h.desk.Preview(ctx, h.scope, &storage.Schedule{Spec: "at noon"}, 3); !errors.Is(err, ErrSpec) {
		t.Errorf("preview of nonsense: %v, want ErrSpec", err)
	}
	if notes := strings.Join(firings[0].Notes, "; "); !strings.Contains(notes, "Moving house") {
		t.Errorf("the preview says %q, nothing about the closed day", notes)
	}
	if err := h.desk.DeleteCalendar(ctx, h.scope, c.ID); !errors.Is(err, storage.ErrConflict) {
		t.Errorf("deleting a calendar in use: %v, want ErrConflict", err)
	}
	other := storage.Scope{Operator: h.operator + 1}
	if err := h.desk.DeleteCalendar(ctx, other, c.ID); !errors.Is(err, storage.ErrNotFound) {
		t.Errorf("deleting another operator's calendar: %v, want ErrNotFound", err)
	}
	if err := h.desk.DeleteSchedule(ctx, h.scope, s.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.DeleteCalendar(ctx, h.scope, c.ID); err != nil {
		t.Error(err)
	}
	bad := &storage.Calendar{Holidays: "mars", Days: json.RawMessage(`[{"date": "soon"}, {"date": "2026-01-02"}, {"date": "2026-01-02"}]`)}
	err = h.desk.AddCalendar(ctx, h.scope, bad)
	for _, field := range []string{"name:", "holidays:", "days[0].date:", "days[2].date:"} {
		if !errors.Is(err, ErrCalendar) || !strings.Contains(err.Error(), field) {
			t.Errorf("error = %v, want ErrCalendar that says %s", err, field)
		}
	}
}

func TestPauseAllSchedules(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.schedule(h.connect(sshdtest.Start(t, sshdtest.Options{})), func(s *storage.Schedule) { s.Missed = "all" })
	if err := h.desk.PauseAllSchedules(t.Context(), h.scope, "the partner moves"); err != nil {
		t.Fatal(err)
	}
	if err := h.desk.PauseAllSchedules(t.Context(), h.scope, "the partner moves house"); err != nil {
		t.Fatal(err)
	}
	h.makeDue(s, 3*time.Hour)
	h.runDue()
	if n := h.number(`SELECT count(*) FROM run`); n != 0 {
		t.Errorf("%d runs although all schedules are paused", n)
	}
	paused := func() (p *storage.SchedulePause) {
		err := h.db.InScopeRead(t.Context(), h.scope, func(tx *storage.Tx) (err error) {
			p, err = tx.SchedulesPaused(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := paused(); p == nil || p.Reason != "the partner moves house" {
		t.Errorf("pause = %+v", p)
	}
	if err := h.desk.ResumeAllSchedules(t.Context(), h.scope); err != nil {
		t.Fatal(err)
	}
	h.runDue()
	if next := h.reload(s).NextDueAt; paused() != nil || !next.After(time.Now()) || h.number(`SELECT count(*) FROM run`) != 0 {
		t.Errorf("after the pause the next due time is %v, want the next to come and no run for the others", next)
	}
}

func TestRunScheduleNowNamesIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.schedule(h.connect(sshdtest.Start(t, sshdtest.Options{})), func(s *storage.Schedule) { s.Priority = 3 })
	id, err := h.desk.RunScheduleNow(t.Context(), h.scope, s.ID)
	if err != nil {
		t.Fatal(err)
	}
	if run := h.run(id); run.Schedule != s.ID || !run.Manual || run.Kind != KindPull {
		t.Errorf("run = %+v, want one of the schedule, by hand", run)
	}
	if again, err := h.desk.RunScheduleNow(t.Context(), h.scope, s.ID); !errors.Is(err, ErrRunOpen) || again != id {
		t.Errorf("again: run %d, %v; want the first one, %d, with ErrRunOpen", again, err, id)
	}
	if err := h.desk.Cancel(t.Context(), h.scope, id); err != nil {
		t.Fatal(err)
	}
	// A due time of the very moment at which somebody ran it by hand runs all the same.
	h.exec(`UPDATE schedule SET next_due_at = (SELECT due_at FROM run WHERE id = $2) WHERE id = $1`, s.ID, id)
	h.runDue()
	if n := h.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND state = 'queued' AND NOT manual`, s.ID); n != 1 {
		t.Errorf("%d runs of the due time, want 1", n)
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE priority = 1`); n != 1 {
		t.Errorf("%d jobs of the first priority, want the one asked for by hand", n)
	}
	if n := h.number(`SELECT count(*) FROM river_job WHERE priority = 3`); n != 1 {
		t.Errorf("%d jobs of the schedule's priority, want 1", n)
	}
}

func TestDelayedStart(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.schedule(h.connect(sshdtest.Start(t, sshdtest.Options{})), func(s *storage.Schedule) { s.Spec, s.JitterSeconds = "@every 2h", 3600 })
	stored := h.reload(s)
	rule := mustRule(t, stored)
	if want := int(rule.start(*stored.NextDueAt).Seconds()); stored.DelaySeconds != want {
		t.Errorf("the delay is %d s, want %d", stored.DelaySeconds, want)
	}
	due := time.Now().UTC().Truncate(time.Second)
	for rule.start(due) < 10*time.Minute { // one that waits for long
		due = due.Add(-time.Second)
	}
	// A delay that is not stored is found by the tick, written down, and waited for.
	h.exec(`UPDATE schedule SET next_due_at = $2, delay_seconds = 0 WHERE id = $1`, s.ID, due)
	h.runDue()
	if got := h.reload(s); h.number(`SELECT count(*) FROM run`) != 0 || !got.NextDueAt.Equal(due) || got.DelaySeconds != int(rule.start(due).Seconds()) {
		t.Errorf("due %v, delayed by %d s; want %v, %v, and no run", got.NextDueAt, got.DelaySeconds, due, rule.start(due))
	}
	due = due.Add(-2 * time.Hour)
	h.exec(`UPDATE schedule SET next_due_at = $2, delay_seconds = $3 WHERE id = $1`, s.ID, due, int(rule.start(due).Seconds()))
	h.runDue()
	if n := h.number(`SELECT count(*) FROM run WHERE due_at = $1`, due); n != 1 {
		t.Errorf("%d runs of the due time whose start has come, want 1", n)
	}
}

// TestChangeKeepsWhatIsDue: what has come when a person changes the schedule still runs.
func TestChangeKeepsWhatIsDue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	s := h.schedule(h.connect(sshdtest.Start(t, sshdtest.Options{})))
	due := h.makeDue(s, 0)
	s.Spec = "30 2 * * *"
	if err := h.desk.ChangeSchedule(t.Context(), h.scope, s); err != nil {
		t.Fatal(err)
	}
	if n := h.number(`SELECT count(*) FROM run WHERE schedule_id = $1 AND due_at = $2 AND state = 'queued'`, s.ID, due); n != 1 {
		t.Errorf("%d runs of the time that had come, want 1", n)
	}
	// Another name does not move the next due time.
	s.Spec = "@every 1h"
	if err := h.desk.ChangeSchedule(t.Context(), h.scope, s); err != nil {
		t.Fatal(err)
	}
	next := *h.reload(s).NextDueAt
	s.Name = "another name"
	if err := h.desk.ChangeSchedule(t.Context(), h.scope, s); err != nil {
		t.Fatal(err)
	}
	if got := h.reload(s).NextDueAt; !got.Equal(next) {
		t.Errorf("a new name moved the next due time from %v to %v", next, got)
	}
}

// TestStalledSchedule: a schedule that can't be read any more does not hold up the others, and tells.
func TestStalledSchedule(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	bad := h.schedule(h.connect(server), func(s *storage.Schedule) { s.Name = "bad" })
	good := h.schedule(h.connect(server, func(c *storage.Connection) { c.Name = "other" }), func(s *storage.Schedule) { s.Name = "good" })
	h.makeDue(bad, 0)
	h.makeDue(good, 0)
	h.exec(`UPDATE schedule SET spec = 'nonsense' WHERE id = $1`, bad.ID)
	h.runDue()
	if h.runsOf(good, storage.RunQueued) != 1 || h.runsOf(bad, storage.RunSkipped) != 1 || h.reload(bad).NextDueAt != nil {
		t.Error("one schedule that can't be read stops others, or does not stop")
	}
	if n := h.number(`SELECT count(*) FROM incident WHERE subject_kind = 'schedule' AND subject_id = $1`, bad.ID); n != 1 {
		t.Errorf("%d incidents, want 1", n)
	}
}
