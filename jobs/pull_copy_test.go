package jobs

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/transfer/sshdtest"
	"github.com/ediport/ediport/storage"
)

// noRename makes an OpenSSH server forbid to rename, in any way.
const noRename = "ForceCommand internal-sftp -P rename,posix-rename,hardlink"

// fillOutbound puts files of a known time into the folder outbound, one of them empty.
func fillOutbound(t *testing.T, server *sshdtest.Server) map[string][]byte {
	t.Helper()
	want := map[string][]byte{"empty.835": {}}
	for i := range 3 {
		want[fmt.Sprintf("%d.835", i)] = randomBytes(100_000 * (i + 1))
	}
	at := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)
	for name, content := range want {
		server.WriteFile("outbound/"+name, content)
		if err := os.Chtimes(server.Path("outbound", name), at, at); err != nil {
			t.Fatal(err)
		}
	}
	return want
}

// inArchive checks that each file is in the partner's archive, once, and nothing else, and not where it was.
func inArchive(t *testing.T, server *sshdtest.Server, want map[string][]byte) {
	t.Helper()
	if left := namesIn(t, server.Path("outbound")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	for _, name := range namesIn(t, server.Path("outbound", "archive")) {
		got, err := os.ReadFile(server.Path("outbound", "archive", name))
		content, known := want[name]
		if err != nil || !known || string(got) != string(content) {
			t.Errorf("%s in the archive: %d bytes, %v", name, len(got), err)
		}
		delete(want, name)
	}
	if len(want) > 0 {
		t.Errorf("%d files are not in the archive", len(want))
	}
}

// TestPullArchivesByCopy: where the server doesn't rename, files are copied to the archive folder; unless the folder
// says that they are not to be, then they stay and the run says why.
func TestPullArchivesByCopy(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
	want := fillOutbound(t, server)
	c := h.connect(server, archiving(server), with(func(f *PullFolder) { f.ArchiveBy = ArchiveByRename }))
	h.start()
	run := h.pull(c)
	if got := countsOf(t, run); run.ErrorCode != "pull.after_refused" || got.Downloaded != 4 || got.Finished != 0 {
		t.Fatalf("by rename only: %s %s, %+v", run.State, run.ErrorCode, got)
	}
	if left := namesIn(t, server.Path("outbound")); len(left) != 4 {
		t.Fatalf("left: %v", left)
	}
	h.change(c, with(func(f *PullFolder) { f.ArchiveBy = "" }))
	run = h.pulled(c, 0, 4)
	if n := strings.Count(strings.Join(h.codes(run.ID), " "), "pull.copied"); n != 4 {
		t.Errorf("the log tells of %d copies, want 4", n)
	}
	inArchive(t, server, want)
	h.pulled(c, 0, 0)
	h.allLoaded(3)
}

// TestCopyWhereNothingMayBeDeleted: a copy that is refused its end is made once, whatever the number of runs.
func TestCopyWhereNothingMayBeDeleted(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: "ForceCommand internal-sftp -P rename,posix-rename,hardlink,remove"})
	server.WriteFile("outbound/a.835", []byte("a"))
	c := h.connect(server, archiving(server))
	h.start()
	for range 2 {
		if run := h.pull(c); run.ErrorCode != "pull.after_refused" {
			t.Fatalf("run: %s %s", run.State, run.ErrorCode)
		}
	}
	names := namesIn(t, server.Path("outbound", "archive"))
	if whole := slices.DeleteFunc(names, func(name string) bool { return filepath.Ext(name) == ".tmp" }); !slices.Equal(whole, []string{"a.835"}) {
		t.Errorf("copies: %v", whole)
	}
	if left := namesIn(t, server.Path("outbound")); !slices.Equal(left, []string{"a.835"}) {
		t.Errorf("left: %v", left)
	}
}

// TestKilledWhileCopying kills a node at each step of an archive's copy. Each file is there or its copy is, and when
// another node has gone on, there is one copy of each.
func TestKilledWhileCopying(t *testing.T) {
	t.Parallel()
	for _, config := range []string{noRename, "ForceCommand internal-sftp -P rename"} {
		for _, at := range []string{"pull.copying", "pull.copy_reading", "pull.copied", "pull.copy_named"} {
			t.Run(at+", "+config, func(t *testing.T) {
				t.Parallel()
				h := newHouse(t)
				server := sshdtest.Start(t, sshdtest.Options{Config: config})
				want := fillOutbound(t, server)
				c := h.connect(server, archiving(server))
				dying := h.startChild(func(c2 *childConfig) { c2.DieAt = at })
				id := h.request(c)
				waitFor(t, "the node dies at "+at, dying.exited)
				for name, content := range want {
					original, errO := os.ReadFile(server.Path("outbound", name))
					copied, errC := os.ReadFile(server.Path("outbound", "archive", name))
					if (errO != nil || string(original) != string(content)) && (errC != nil || string(copied) != string(content)) {
						t.Errorf("neither %s nor its whole copy is there", name)
					}
				}
				h.start()
				if run := h.ended(id); run.State != storage.RunSucceeded {
					t.Fatalf("run: %s %s, log %v", run.State, run.ErrorCode, h.codes(id))
				}
				inArchive(t, server, want)
				h.allLoaded(3)
			})
		}
	}
}
