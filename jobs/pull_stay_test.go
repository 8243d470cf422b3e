package jobs

import (
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// A laterClock is the time of day, some days on.
type laterClock struct{ days atomic.Int64 }

func (c *laterClock) Now() time.Time {
	return time.Now().UTC().Add(time.Duration(c.days.Load()) * 24 * time.Hour)
}

// startAt starts a node that goes by a clock.
func (h *house) startAt(clock *laterClock) {
	h.t.Helper()
	cfg := h.cfg
	cfg.Clock = clock
	db, err := storage.Open(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = db.Close() })
	h.start(func(c *Config) { c.DB, c.Ingest = db, ingestInto(db, h.archive) })
}

// change writes other settings over a connection's.
func (h *house) change(c *storage.Connection, fn func(*storage.Connection)) {
	h.t.Helper()
	now := h.connection(c.ID)
	fn(now)
	if err := h.desk.ChangeConnection(h.t.Context(), h.scope, now, Secrets{}); err != nil {
		h.t.Fatal(err)
	}
}

func deletingAfter(days int) func(*storage.Connection) {
	return with(func(f *PullFolder) { f.After, f.DeleteAfterDays, f.ArchiveFolder = storage.AfterDelete, days, "" })
}

// pulled is a run that must have succeeded, with how many files it took and finished.
func (h *house) pulled(c *storage.Connection, taken, finished int) *storage.Run {
	h.t.Helper()
	run := h.pull(c)
	if got := countsOf(h.t, run); run.State != storage.RunSucceeded || got.Downloaded != taken || got.Finished != finished {
		h.t.Fatalf("run: %s %s, %+v, want %d taken and %d finished", run.State, run.ErrorCode, got, taken, finished)
	}
	return run
}

// TestDeleteAfterDays: a file that was taken stays for its days, is never taken twice, and is deleted by the first run
// after them, whichever node's, with its marker, and only if it is the same file.
func TestDeleteAfterDays(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	for _, name := range []string{"a.835", "b.835", "a.835.done", "b.835.done"} {
		server.WriteFile("outbound/"+name, []byte(name))
	}
	c := h.connect(server, deletingAfter(30), with(func(f *PullFolder) { f.DoneMarker, f.ClaimSuffix = ".done", ".ours" }))
	var clock laterClock
	h.startAt(&clock)
	h.startAt(&clock) // runs go to either
	all := []string{"a.835", "a.835.done", "b.835", "b.835.done"}
	h.pulled(c, 2, 0)
	for _, days := range []int64{0, 29} {
		clock.days.Store(days)
		h.pulled(c, 0, 0)
		if left := namesIn(t, server.Path("outbound")); !slices.Equal(left, all) {
			t.Fatalf("after %d days: %v, want all, under their names", days, left)
		}
	}
	// One is replaced: it is a new file, with thirty days of its own.
	server.WriteFile("outbound/b.835", []byte("another b"))
	h.pulled(c, 1, 0)
	clock.days.Store(31)
	run := h.pulled(c, 0, 1)
	if left := namesIn(t, server.Path("outbound")); !slices.Equal(left, all[2:]) {
		t.Fatalf("after 31 days: %v, want the new one and its marker", left)
	}
	if codes := h.codes(run.ID); !slices.Contains(codes, "pull.deleted") {
		t.Errorf("the log says %v", codes)
	}
	clock.days.Store(60)
	h.pulled(c, 0, 1)
	h.pulled(c, 0, 0)
	if left := namesIn(t, server.Path("outbound")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	h.allLoaded(3)
	if n := h.number(`SELECT count(*) FROM remote_seen WHERE remote_state = 'deleted'`); n != 2 {
		t.Errorf("%d files known as deleted, want 2", n)
	}
}

// TestDeleteAfterDaysAsSetNow: what the folder says when a run looks is what counts, not what it said when the file was taken.
func TestDeleteAfterDaysAsSetNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("a"))
	c := h.connect(server, deletingAfter(5))
	var clock laterClock
	h.startAt(&clock)
	h.pulled(c, 1, 0)
	left := func(want ...string) {
		t.Helper()
		if got := namesIn(t, server.Path("outbound")); !slices.Equal(got, want) {
			t.Fatalf("left: %v, want %v", got, want)
		}
	}
	clock.days.Store(10)
	h.change(c, with(func(f *PullFolder) { f.After, f.DeleteAfterDays = storage.AfterLeave, 0 }))
	h.pulled(c, 0, 0) // it was due, but nothing is to be deleted any more
	left("a.835")
	h.change(c, deletingAfter(20))
	h.pulled(c, 0, 0)
	left("a.835")
	h.change(c, deletingAfter(7))
	h.pulled(c, 0, 1)
	left()

	server.WriteFile("outbound/b.835", []byte("b"))
	h.pulled(c, 1, 0)
	h.change(c, func(c *storage.Connection) {
		with(func(f *PullFolder) { f.DeleteAfterDays = 0 })(c)
		archiving(server)(c)
	})
	h.pulled(c, 0, 1)
	left()
	if moved := namesIn(t, server.Path("outbound", "archive")); !slices.Equal(moved, []string{"b.835"}) {
		t.Errorf("archived: %v", moved)
	}
	h.allLoaded(2)
}

// TestStayingFileOutOfSight: what is to stay for days and is not listed for a while was not deleted by us: when it is
// listed again it is no new file.
func TestStayingFileOutOfSight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("a"))
	c := h.connect(server, deletingAfter(5))
	var clock laterClock
	h.startAt(&clock)
	h.pulled(c, 1, 0)
	away := filepath.Join(t.TempDir(), "a.835")
	if err := os.Rename(server.Path("outbound", "a.835"), away); err != nil {
		t.Fatal(err)
	}
	h.pulled(c, 0, 0)
	if err := os.Rename(away, server.Path("outbound", "a.835")); err != nil {
		t.Fatal(err)
	}
	h.pulled(c, 0, 0)
	clock.days.Store(6)
	h.pulled(c, 0, 1)
	if left := namesIn(t, server.Path("outbound")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

// TestStayingFileWithoutItsMarker: what was taken needs no marker any more: when the partner removes that first, the file is deleted
// at its time all the same, and nobody is warned.
func TestStayingFileWithoutItsMarker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	for _, name := range []string{"a.835", "a.835.done", "b.835"} {
		server.WriteFile("outbound/"+name, []byte(name))
	}
	c := h.connect(server, deletingAfter(5), with(func(f *PullFolder) { f.DoneMarker = ".done" }))
	var clock laterClock
	h.startAt(&clock)
	h.pulled(c, 1, 0)
	for _, name := range []string{"a.835.done", "b.835"} {
		if err := os.Remove(server.Path("outbound", name)); err != nil {
			t.Fatal(err)
		}
	}
	clock.days.Store(1)
	run := h.pulled(c, 0, 0)
	if codes := h.codes(run.ID); slices.Contains(codes, "pull.marker_missing") || slices.Contains(codes, "pull.waiting") {
		t.Errorf("the log says %v", codes)
	}
	server.WriteFile("outbound/b.835", []byte("another b"))
	h.pulled(c, 0, 0) // it has no marker
	clock.days.Store(6)
	run = h.pulled(c, 0, 1)
	if left := namesIn(t, server.Path("outbound")); !slices.Equal(left, []string{"b.835"}) {
		t.Errorf("left: %v, want what was not taken", left)
	}
	if codes := h.codes(run.ID); !slices.Contains(codes, "pull.marker_missing") {
		t.Errorf("of the file that was not taken the log says %v", codes)
	}
}
