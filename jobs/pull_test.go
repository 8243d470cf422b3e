package jobs

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

func countsOf(t testing.TB, run *storage.Run) (c Counts) {
	t.Helper()
	if err := json.Unmarshal(run.Counts, &c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestPullTakesEachFileOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	want := map[string][]byte{"a.835": randomBytes(200_000), "b.835": randomBytes(10), "c.835": []byte("ISA*00*…~")}
	for name, content := range want {
		server.WriteFile("outbound/"+name, content)
	}
	server.WriteFile("outbound/other.csv", []byte("not wanted"))
	c := h.connect(server)
	h.start()

	run := h.pull(c)
	got := countsOf(t, run)
	if run.State != storage.RunSucceeded || got.Listed != 3 || got.Downloaded != 3 || got.Failed != 0 || got.Bytes != int64(200_010+len(want["c.835"])) {
		t.Fatalf("first run: %s %s, %+v", run.State, run.ErrorCode, got)
	}
	h.allLoaded(3)
	h.consistent(want)
	run = h.pull(c)
	if got := countsOf(t, run); run.State != storage.RunSucceeded || got.Listed != 3 || got.Downloaded != 0 {
		t.Fatalf("second run: %s, %+v, want nothing new", run.State, got)
	}
	h.consistent(want)
}

func TestPullArchivesEmptyAndSameBytes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("the same bytes"))
	server.WriteFile("outbound/b.835", []byte("the same bytes"))
	server.WriteFile("outbound/c.835", nil)
	c := h.connect(server, archiving(server))
	h.start()

	run := h.pull(c)
	got := countsOf(t, run)
	want := Counts{Listed: 3, Downloaded: 3, SameBytes: 1, Empty: 1, Finished: 3, Bytes: 28}
	if run.State != storage.RunSucceeded || got != want {
		t.Fatalf("run: %s, %+v, want %+v", run.State, got, want)
	}
	h.allLoaded(2)
	if n := h.number(`SELECT count(*) FROM file WHERE kind = 'empty' AND state = 'stored' AND blob_name IS NULL`); n != 1 {
		t.Errorf("%d empty files, want 1", n)
	}
	moved, err := os.ReadDir(server.Path("outbound", "archive"))
	if err != nil || len(moved) != 3 {
		t.Errorf("%d files in the archive folder, want 3 (%v)", len(moved), err)
	}
	if n := h.number(`SELECT count(*) FROM remote_seen WHERE remote_state = 'archived' AND file_id IS NOT NULL`); n != 3 {
		t.Errorf("%d files known as archived, want 3", n)
	}
	// The partner sends one again, with the very same time: it came again, and its content is looked at.
	if err := os.Rename(server.Path("outbound", "archive", "a.835"), server.Path("outbound", "a.835")); err != nil {
		t.Fatal(err)
	}
	if got := countsOf(t, h.pull(c)); got.Downloaded != 1 || got.SameBytes != 1 {
		t.Errorf("a file that came again: %+v, want it taken, as the same bytes", got)
	}
}

func TestPullWaitsUntilFilesStandStill(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("half"))
	c := h.connect(server, with(func(f *PullFolder) { f.StableSeconds = 3600 }))
	h.start()

	run := h.pull(c)
	if got := countsOf(t, run); run.State != storage.RunSucceeded || got.Waiting != 1 || got.Downloaded != 0 {
		t.Fatalf("first look: %s, %+v, want the file left waiting", run.State, got)
	}
	// An hour and a half later it still stands …
	h.exec(`UPDATE remote_seen SET first_seen_at = first_seen_at - interval '90 minutes'`)
	// … but then it has grown: the wait begins anew.
	server.WriteFile("outbound/a.835", []byte("half and half"))
	if got := countsOf(t, h.pull(c)); got.Waiting != 1 || got.Downloaded != 0 {
		t.Fatalf("after it grew: %+v, want the file left waiting", got)
	}
	h.exec(`UPDATE remote_seen SET first_seen_at = first_seen_at - interval '90 minutes'`)
	if got := countsOf(t, h.pull(c)); got.Waiting != 0 || got.Downloaded != 1 {
		t.Fatalf("after it stood still: %+v, want it taken", got)
	}
	h.allLoaded(1)
	h.consistent(map[string][]byte{"a.835": []byte("half and half")})
}

func TestPullWaitsWithinTheRun(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("whole"))
	c := h.connect(server, with(func(f *PullFolder) { f.StableSeconds = 1 }))
	h.start()
	if got := countsOf(t, h.pull(c)); got.Downloaded != 1 || got.Waiting != 0 {
		t.Errorf("a short wait: %+v, want the file taken by the same run", got)
	}
}

func TestPullByDoneMarker(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("done"))
	server.WriteFile("outbound/a.835.done", nil)
	server.WriteFile("outbound/b.835", []byte("not done"))
	c := h.connect(server, archiving(server), with(func(f *PullFolder) { f.DoneMarker, f.StableSeconds = ".done", 600 }))
	h.start()
	if got := countsOf(t, h.pull(c)); got.Downloaded != 1 || got.Waiting != 1 {
		t.Fatalf("%+v, want the marked file taken and the other waiting", got)
	}
	if _, err := os.Stat(server.Path("outbound", "a.835.done")); !os.IsNotExist(err) {
		t.Errorf("the marker of a file that was taken is still there (%v)", err)
	}
}

func TestPullRefusesOneFileAndTakesTheOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", randomBytes(2000))
	server.WriteFile("outbound/b.835", []byte("small"))
	c := h.connect(server, func(c *storage.Connection) { SetNetwork(c, Network{MaxFileBytes: 1000}) })
	h.start()
	run := h.pull(c)
	if got := countsOf(t, run); run.State != storage.RunFailed || run.ErrorCode != "pull.files_refused" || got.Downloaded != 1 || got.Failed != 1 {
		t.Fatalf("%s %s %+v, want one file refused, one taken", run.State, run.ErrorCode, got)
	}
	if !slices.Contains(h.codes(run.ID), "pull.file_failed") {
		t.Errorf("the run's log %v does not tell of the file", h.codes(run.ID))
	}
	// The same again is no news and no alert.
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Errorf("second run: %s %s, want succeeded", run.State, run.ErrorCode)
	}
}

// TestServerRefusesToArchive: what was taken stays taken, and the run says what is wrong.
func TestServerRefusesToArchive(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand internal-sftp -R"}) // read only
	server.WriteFile("outbound/a.835", []byte("one"))
	server.WriteFile("outbound/b.835", []byte("two"))
	c := h.connect(server, with(func(f *PullFolder) { f.After = storage.AfterDelete }))
	h.start()
	for want := 2; want >= 0; want -= 2 {
		run := h.pull(c)
		if got := countsOf(t, run); run.State != storage.RunFailed || run.ErrorCode != "pull.after_refused" || got.Downloaded != want {
			t.Fatalf("run: %s %s %+v, want %d files and the refusal", run.State, run.ErrorCode, got, want)
		}
	}
	h.allLoaded(2)
}

// TestFailingArchiveIsRetried: bytes that can't be stored are not the partner's fault, nor lost.
func TestFailingArchiveIsRetried(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	want := map[string][]byte{"a.835": []byte("stored in the end")}
	server.WriteFile("outbound/a.835", want["a.835"])
	c := h.connect(server)
	folder := filepath.Join(h.dir, "archive")
	if err := os.Rename(folder, folder+".away"); err != nil {
		t.Fatal(err)
	}
	h.start()
	id := h.request(c)
	h.eventually("the first attempt fails", func() bool { return h.run(id).ErrorCode == "archive.failed" })
	if err := os.RemoveAll(folder); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(folder+".away", folder); err != nil {
		t.Fatal(err)
	}
	if run := h.ended(id); run.State != storage.RunSucceeded {
		t.Fatalf("run: %s %s", run.State, run.ErrorCode)
	}
	h.allLoaded(1)
	h.consistent(want)
}
