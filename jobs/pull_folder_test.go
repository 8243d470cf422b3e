package jobs

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// fileNames are the names of the files taken, in the order they were taken.
func (h *house) fileNames() (names []string) {
	h.t.Helper()
	rows, err := h.owner.QueryContext(h.t.Context(), `SELECT name FROM file ORDER BY id`)
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			h.t.Fatal(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		h.t.Fatal(err)
	}
	return names
}

func namesIn(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestPullSeveralFolders: each folder has its own patterns and its own way to end; one that is missing
// keeps no other back, and what two show is taken once.
func TestPullSeveralFolders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("claims/a.277", []byte("a"))
	server.WriteFile("claims/deep/b.277", []byte("b"))
	server.WriteFile("claims/c.txt", []byte("not wanted"))
	server.WriteFile("money/d.835", []byte("d"))
	c := h.connect(server, func(c *storage.Connection) {
		SetFolders(c,
			PullFolder{Path: server.Path("nowhere"), StableSeconds: AtOnce},
			PullFolder{Path: server.Path("claims"), Globs: []string{"!*.txt"}, Depth: 2, StableSeconds: AtOnce, After: storage.AfterDelete},
			PullFolder{Path: server.Path("claims", "deep"), StableSeconds: AtOnce},
			PullFolder{
				Path: server.Path("money"), StableSeconds: AtOnce, After: storage.AfterArchive,
				ArchiveFolder: server.Path("old", "{yyyy}", "{mm}-{dd}"),
			},
		)
	})
	h.start()
	run := h.pull(c)
	if got := countsOf(t, run); run.ErrorCode != "transfer.folder_missing" || got.Downloaded != 3 || got.Finished != 3 {
		t.Fatalf("run: %s %s, %+v, want three files taken and the missing folder named", run.State, run.ErrorCode, got)
	}
	if names := slices.Sorted(slices.Values(h.fileNames())); !slices.Equal(names, []string{"a.277", "b.277", "d.835"}) {
		t.Errorf("taken: %v", names)
	}
	if left := namesIn(t, server.Path("claims")); !slices.Equal(left, []string{"c.txt"}) {
		t.Errorf("left: %v", left)
	}
	today := h.db.Now().UTC()
	if moved := namesIn(t, server.Path("old", today.Format("2006"), today.Format("01-02"))); !slices.Equal(moved, []string{"d.835"}) {
		t.Errorf("archived: %v", moved)
	}
	if got := h.connection(c.ID); got.LastContactAt == nil || got.ErrorStreak != 1 || got.LastErrorCode != "transfer.folder_missing" {
		t.Errorf("health: %v, streak %d, %s", got.LastContactAt, got.ErrorStreak, got.LastErrorCode)
	}
}

func TestPullInOrderUpToALimit(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	now := time.Now()
	for i, name := range []string{"b.835", "a.835", "c.835"} {
		server.WriteFile("outbound/"+name, []byte(strings.Repeat("x", 3-i)))
		at := now.Add(time.Duration(i-10) * time.Hour) // b is the oldest and largest
		if err := os.Chtimes(server.Path("outbound", name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	h.start()
	var took []string
	for i, c := range []struct {
		order string
		want  string
	}{{OrderNewest, "c.835"}, {OrderOldest, "b.835"}, {OrderLargest, "b.835"}, {OrderSmallest, "c.835"}, {OrderName, "a.835"}} {
		connection := h.connect(server, with(func(f *PullFolder) { f.Order, f.MaxFiles = c.order, 1 }), func(s *storage.Connection) { s.Name = c.order })
		run := h.pull(connection)
		if got := countsOf(t, run); got.Downloaded != 1 {
			t.Fatalf("%s: %s %s, %+v, want one file", c.order, run.State, run.ErrorCode, got)
		}
		if took = h.fileNames(); took[i] != c.want {
			t.Errorf("%s: took %s first, want %s", c.order, took[i], c.want)
		}
	}
}

// TestPullByClaim: a file is renamed before it is read, found again after a crash, and has its name
// back when it stays.
func TestPullByClaim(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/a.835", []byte("a"))
	server.WriteFile("outbound/b.835.ours", []byte("claimed by a run that crashed"))
	server.WriteFile("outbound/big.835", randomBytes(2000))
	c := h.connect(server, with(func(f *PullFolder) { f.ClaimSuffix = ".ours" }), func(c *storage.Connection) { SetNetwork(c, Network{MaxFileBytes: 1000}) })
	h.start()
	run := h.pull(c)
	if got := countsOf(t, run); run.ErrorCode != "pull.files_refused" || got.Downloaded != 2 || got.Failed != 1 {
		t.Fatalf("run: %s %s, %+v", run.State, run.ErrorCode, got)
	}
	if names := slices.Sorted(slices.Values(h.fileNames())); !slices.Equal(names, []string{"a.835", "b.835"}) {
		t.Errorf("taken: %v, want the names the files had", names)
	}
	if left := namesIn(t, server.Path("outbound")); !slices.Equal(left, []string{"a.835", "b.835", "big.835"}) {
		t.Errorf("left: %v, want every name back", left)
	}
	run = h.pull(c)
	if got := countsOf(t, run); run.State != storage.RunSucceeded || got.Downloaded != 0 {
		t.Errorf("second run: %s %s, %+v, want nothing new", run.State, run.ErrorCode, got)
	}
}

func TestPullSetsAsideWhatItCannotTake(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	server.WriteFile("outbound/big.835", randomBytes(2000))
	server.WriteFile("outbound/a.835", []byte("a"))
	c := h.connect(server, func(c *storage.Connection) { SetNetwork(c, Network{MaxFileBytes: 1000}) },
		with(func(f *PullFolder) {
			f.AfterFailure, f.ErrorFolder = AfterFailureMove, server.Path("outbound", "bad-{yyyymmdd}")
		}))
	h.start()
	run := h.pull(c)
	if got := countsOf(t, run); run.ErrorCode != "pull.files_refused" || got.Downloaded != 1 || got.Failed != 1 {
		t.Fatalf("run: %s %s, %+v", run.State, run.ErrorCode, got)
	}
	aside := filepath.Join(server.Path("outbound"), "bad-"+h.db.Now().UTC().Format("20060102"))
	if moved := namesIn(t, aside); !slices.Equal(moved, []string{"big.835"}) {
		t.Errorf("set aside: %v", moved)
	}
	if codes := h.codes(run.ID); !slices.Contains(codes, "pull.set_aside") {
		t.Errorf("the log says %v", codes)
	}
	if run := h.pull(c); run.State != storage.RunSucceeded {
		t.Errorf("second run: %s %s", run.State, run.ErrorCode)
	}
	if got := h.connection(c.ID); got.ErrorStreak != 0 || got.LastErrorCode != "" || got.LastFileAt != nil {
		t.Errorf("health after a good run without files: streak %d, %q, last file %v", got.ErrorStreak, got.LastErrorCode, got.LastFileAt)
	}
}

// TestPullGoesOnAfterABreak: a download that breaks in the middle goes on over a new connection.
func TestPullGoesOnAfterABreak(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{})
	content := randomBytes(16 << 20)
	server.WriteFile("outbound/a.835", content)
	proxy := sshdtest.StartProxy(t, server.Address())
	c := h.connect(server, func(c *storage.Connection) { c.Host, c.Port = proxy.Host, proxy.Port })
	cut := proxy.CutAfter(4 << 20)
	go func() { // every connection is cut until it is restored
		<-cut
		proxy.Restore()
	}()
	h.start()
	run := h.pull(c)
	if got := countsOf(t, run); run.State != storage.RunSucceeded || got.Downloaded != 1 || got.Bytes != int64(len(content)) {
		t.Fatalf("run: %s %s, %+v", run.State, run.ErrorCode, got)
	}
	if codes := h.codes(run.ID); !slices.Contains(codes, "pull.resumed") || slices.Contains(codes, "run.retried") {
		t.Errorf("the log says %v, want the download to go on within the run", codes)
	}
	h.allLoaded(1)
	h.consistent(map[string][]byte{"a.835": content})
}

func TestMinimumAge(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	file := func(name string, age time.Duration) transfer.RemoteFile {
		return transfer.RemoteFile{Path: "/out/" + name, Name: name, Rel: name, Size: 1, ModTime: now.Add(-age)}
	}
	seen := func(f transfer.RemoteFile, ago time.Duration) map[string]transfer.Seen {
		return map[string]transfer.Seen{f.Key(): {Size: f.Size, ModTime: f.ModTime, Since: now.Add(-ago)}}
	}
	young, old := file("young", time.Minute), file("old", time.Hour)
	for name, c := range map[string]struct {
		files   []transfer.RemoteFile
		earlier map[string]transfer.Seen
		ready   int
	}{
		"old by any clock":                       {[]transfer.RemoteFile{old}, nil, 1},
		"too young for clocks that differ":       {[]transfer.RemoteFile{young}, nil, 0},
		"seen for long enough":                   {[]transfer.RemoteFile{young}, seen(young, 30*time.Second), 1},
		"old by the server's clock, which is on": {[]transfer.RemoteFile{young, file("future", -time.Hour)}, nil, 1},
		"from the future":                        {[]transfer.RemoteFile{file("future", -time.Hour)}, nil, 0},
	} {
		f, err := newFolder(PullFolder{Path: "/out", MinAgeSeconds: 30, StableSeconds: AtOnce}.withDefaults())
		if err != nil {
			t.Fatal(err)
		}
		look := f.sort(transfer.Listing{Files: c.files}, c.earlier, now)
		if len(look.Ready) != c.ready || len(look.Ready)+len(look.Waiting) != len(c.files) {
			t.Errorf("%s: %d ready, %d waiting, want %d ready", name, len(look.Ready), len(look.Waiting), c.ready)
		}
		if len(look.Waiting) > 0 && (look.Next <= 0 || look.Next > 30*time.Second) {
			t.Errorf("%s: next look in %v", name, look.Next)
		}
	}
}

func TestLonelyMarkers(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	look := transfer.Look{Seen: map[string]transfer.Seen{}}
	add := func(path string, ago time.Duration) {
		f := transfer.RemoteFile{Path: path, ModTime: now}
		look.Listing.Files = append(look.Listing.Files, f)
		look.Seen[f.Key()] = transfer.Seen{ModTime: now, Since: now.Add(-ago)}
	}
	add("both", 2*time.Hour)
	add("both.done", 2*time.Hour)
	add("data", 2*time.Hour)
	add("new", time.Minute)
	add("marker.done", 61*time.Minute)
	add("taken", 2*time.Hour)
	taken := []storage.Sighting{{Path: "taken", ModTime: now, File: 1}, {Path: "data", ModTime: now}}
	f := &folder{PullFolder: PullFolder{Path: ".", DoneMarker: ".done"}.withDefaults()}
	if data, markers := f.lonely(look, byKey(taken), now); data != 1 || markers != 1 {
		t.Errorf("%d data without marker, %d markers without data, want 1 and 1", data, markers)
	}
}

func TestDatedFolders(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 7, 23, 0, 0, 0, time.FixedZone("west", -5*3600)) // the 8th in UTC
	for folder, want := range map[string]struct{ dated, fixed, pattern string }{
		"/old":                  {"/old", "/old", "/old"},
		"/old/{yyyy}/{mm}/{dd}": {"/old/2026/03/08", "/old", "/old/[0-9][0-9][0-9][0-9]"},
		"old-{yyyymmdd}":        {"old-20260308", ".", "old-[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]"},
		"out/{mm}/x":            {"out/03/x", "out", "out/[0-9][0-9]"},
	} {
		got, err := datedFolder(folder, at)
		if err != nil || got != want.dated {
			t.Errorf("%s: %s, %v, want %s", folder, got, err, want.dated)
		}
		if got := fixedPart(folder); got != want.fixed {
			t.Errorf("%s: fixed part %s, want %s", folder, got, want.fixed)
		}
		if got := datedPattern(folder); strings.Contains(folder, "{") && got != want.pattern {
			t.Errorf("%s: pattern %s, want %s", folder, got, want.pattern)
		}
	}
	for _, bad := range []string{"/old/{year}", "/old/{yyyy", "/{}"} {
		if _, err := datedFolder(bad, at); err == nil {
			t.Errorf("%s: no error", bad)
		}
	}
}

func TestLate(t *testing.T) {
	t.Parallel()
	zone, err := time.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	at := func(day, hour int) time.Time { return time.Date(2026, 11, day, hour, 0, 0, 0, zone) } // the 16th is a Monday
	for name, c := range map[string]struct {
		last *time.Time
		now  time.Time
		late bool
	}{
		"came in time today":           {new(at(17, 6)), at(17, 8), false},
		"yesterday's, before the hour": {new(at(16, 6)), at(17, 6), false},
		"yesterday's, after the hour":  {new(at(16, 6)), at(17, 8), true},
		"Friday's on Sunday":           {new(at(20, 6)), at(22, 12), false},
		"Friday's on Monday":           {new(at(20, 6)), at(23, 8), true},
		"none ever, before the hour":   {nil, at(16, 6), false},
		"none ever":                    {nil, at(16, 8), true},
	} {
		connection := &storage.Connection{ExpectedBy: "0 7 * * 1-5", ExpectedZone: zone.String(), CreatedAt: at(16, 5), LastFileAt: c.last}
		if _, late := Late(connection, c.now); late != c.late {
			t.Errorf("%s: late %v, want %v", name, late, c.late)
		}
	}
	if _, late := Late(&storage.Connection{}, at(16, 8)); late {
		t.Error("nothing is expected, and late")
	}
}
