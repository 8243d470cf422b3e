package jobs

import (
	"errors"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// noListing makes an OpenSSH server deny to list folders.
const noListing = "ForceCommand internal-sftp -P opendir,readdir"

func lookingFor(server *sshdtest.Server, names ...string) func(*storage.Connection) {
	return with(func(f *PullFolder) { f.Path, f.Globs, f.Names = server.Path("outbound"), nil, names })
}

// TestPullByName: where listing is denied, files are fetched by names that are known, with the days that they hold;
// those that are missing are no failure, and what waits for its marker or is to be finished is looked for after its day.
func TestPullByName(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: noListing})
	today := time.Now().UTC()
	day := func(back int) string { return today.AddDate(0, 0, -back).Format("20060102") }
	for _, name := range []string{"fixed.835", day(0) + ".835", "sub/" + day(2) + ".txt", day(5) + ".835", "other.835"} {
		server.WriteFile("outbound/"+name, []byte(name))
	}
	c := h.connect(server, lookingFor(server, "fixed.835", "{yyyymmdd}.835", "sub/{yyyy}{mm}{dd}.txt", "never.835"))
	var clock laterClock
	h.startAt(&clock)
	run := h.pulled(c, 3, 0)
	if got := countsOf(t, run); got.Listed != 3 {
		t.Errorf("%d seen, want 3", got.Listed)
	}
	if names := slices.Sorted(slices.Values(h.fileNames())); !slices.Equal(names, []string{day(2) + ".txt", day(0) + ".835", "fixed.835"}) {
		t.Errorf("taken: %v", names)
	}
	h.pulled(c, 0, 0)
	// A week later they are to be deleted: also those whose day is over, and nothing that was not taken.
	h.change(c, with(func(f *PullFolder) { f.After = storage.AfterDelete }))
	h.pulled(c, 0, 3)
	server.WriteFile("outbound/"+day(1)+".835", []byte("yesterday's"))
	h.change(c, deletingAfter(7))
	h.pulled(c, 1, 0)
	clock.days.Store(8)
	h.pulled(c, 0, 1)
	if left := namesIn(t, server.Path("outbound")); !slices.Equal(left, []string{day(5) + ".835", "other.835"}) {
		t.Errorf("left: %v", left)
	}
	h.allLoaded(4)
}

// TestPullByNameWaits: stillness, done markers and claims work as they do where folders are listed.
func TestPullByNameWaits(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: noListing})
	name := time.Now().UTC().Format("20060102") + ".835"
	server.WriteFile("outbound/"+name, []byte("half"))
	server.WriteFile("outbound/claimed.835.ours", []byte("claimed by a run that crashed"))
	c := h.connect(server, lookingFor(server, "{yyyymmdd}.835", "claimed.835"), with(func(f *PullFolder) { f.StableSeconds, f.ClaimSuffix = 3600, ".ours" }))
	var clock laterClock
	h.startAt(&clock)
	if got := countsOf(t, h.pulled(c, 0, 0)); got.Waiting != 2 {
		t.Fatalf("%+v, want both waiting", got)
	}
	h.change(c, with(func(f *PullFolder) { f.DoneMarker = ".done" }))
	h.pulled(c, 0, 0)
	server.WriteFile("outbound/claimed.835.done", nil)
	h.pulled(c, 1, 0)
	clock.days.Store(20) // its day is over, but it was seen
	server.WriteFile("outbound/"+name+".done", nil)
	h.pulled(c, 1, 0)
	if names := h.fileNames(); !slices.Equal(names, []string{"claimed.835", name}) {
		t.Errorf("taken: %v", names)
	}
	if left := namesIn(t, server.Path("outbound")); len(left) != 4 {
		t.Errorf("left: %v, want all under their names", left)
	}
}

// TestPullByNameFails: a missing folder is told, and so is one that nobody may look into. The test of a connection
// looks by name, too.
func TestPullByNameFails(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: noListing + ",stat,lstat"})
	open := sshdtest.Start(t, sshdtest.Options{Config: noListing})
	if err := os.Mkdir(open.Path("outbound"), 0o755); err != nil { //nolint:gosec // as the server's own folders
		t.Fatal(err)
	}
	denied := h.connect(server, lookingFor(server, "a.835"), func(c *storage.Connection) { c.Name = "denied" })
	missing := h.connect(open, lookingFor(open, "a.835"), with(func(f *PullFolder) { f.Path = open.Path("nowhere") }))
	h.start()
	if run := h.pull(denied); run.ErrorCode != "transfer.permission_denied" {
		t.Errorf("where looking is denied: %s %s", run.State, run.ErrorCode)
	}
	if run := h.pull(missing); run.ErrorCode != "transfer.folder_missing" {
		t.Errorf("where the folder is missing: %s %s", run.State, run.ErrorCode)
	}
	h.change(missing, lookingFor(open, "a.835", "b.835"))
	steps, err := h.desk.TestConnection(t.Context(), h.scope, missing.ID)
	if last := steps[len(steps)-1]; err != nil || last.Name != transfer.StepList || last.State != transfer.StateOK || !strings.Contains(last.Sentence, "2 names") {
		t.Errorf("the test says %+v (%v)", last, err)
	}
}

// TestFolderSettings: what can't be meant is refused beside its field.
func TestFolderSettings(t *testing.T) {
	t.Parallel()
	for says, f := range map[string]PullFolder{
		"delete_after_days: between":      {After: storage.AfterDelete, DeleteAfterDays: -1},
		"delete_after_days: it is for":    {After: storage.AfterLeave, DeleteAfterDays: 3},
		"archive_by: choose":              {ArchiveBy: "magic"},
		"names[0]: it is a name below":    {Names: []string{"/etc/passwd"}},
		"names[1]: it is empty or means":  {Names: []string{"a", "../b"}},
		"names[0]: it is a whole name":    {Names: []string{"*.835"}},
		"names[0]: in braces":             {Names: []string{"{year}.835"}},
		`names[0]: write / between`:       {Names: []string{`out\a.835`}},
		"globs: either patterns":          {Names: []string{"a"}, Globs: []string{"*.835"}},
		"depth: nothing is listed":        {Names: []string{"a"}, Depth: 1},
		"days: between":                   {Names: []string{"a"}, Days: 367},
		"days: it is for names":           {Days: 2},
		"names: with their days they are": {Names: slices.Repeat([]string{"{yyyymmdd}a", "{yyyymmdd}b", "{yyyymmdd}c", "{yyyymmdd}d", "{yyyymmdd}e", "{yyyymmdd}f"}, 1), Days: 366},
	} {
		f.Path = "out"
		var wrong []error
		f.withDefaults().check(complaint{wrong: &wrong})
		if text := errors.Join(wrong...); text == nil || !strings.Contains(text.Error(), says) {
			t.Errorf("%+v: %v, want %q", f, text, says)
		}
	}
	for says, p := range map[string]Push{
		"folder_mode: an octal": {MakeFolders: true, FolderMode: "rwx"},
		"folder_mode: it is":    {FolderMode: "0750"},
	} {
		var wrong []error
		p.withDefaults().check(complaint{wrong: &wrong}, Secrets{})
		if text := errors.Join(wrong...); text == nil || !strings.Contains(text.Error(), says) {
			t.Errorf("%+v: %v, want %q", p, text, says)
		}
	}
}
