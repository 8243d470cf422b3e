package jobs

import (
	"os"
	"slices"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
	"github.com/ediport/ediport/jobs/transfer/sshdtest"
)

// TestReplacedWithinItsSecondIsTaken: a file that replaced one that was taken, with its size and in its second, stays
// when that one is archived, and is taken in its turn, once. Not parallel: a failpoint is the whole process's.
func TestReplacedWithinItsSecondIsTaken(t *testing.T) {
	h := newHouse(t)
	server := sshdtest.Start(t, sshdtest.Options{Config: noRename})
	at := time.Date(2026, 4, 1, 8, 30, 0, 0, time.UTC)
	write := func(content string) error {
		server.WriteFile("outbound/a.835", []byte(content))
		return os.Chtimes(server.Path("outbound", "a.835"), at, at)
	}
	if err := write("first"); err != nil {
		t.Fatal(err)
	}
	c := h.connect(server, archiving(server))
	h.start()
	failpoint.SetCheck("pull.copied", func() error {
		failpoint.SetCheck("pull.copied", nil)
		return write("other")
	})
	t.Cleanup(func() { failpoint.SetCheck("pull.copied", nil) })
	run := h.pulled(c, 1, 1)
	if codes := h.codes(run.ID); !slices.Contains(codes, "pull.remote_changed") {
		t.Fatalf("the log says %v", codes)
	}
	h.pulled(c, 1, 1)
	h.pulled(c, 0, 0)
	if left := namesIn(t, server.Path("outbound")); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	var archived []string
	for _, name := range namesIn(t, server.Path("outbound", "archive")) {
		content, err := os.ReadFile(server.Path("outbound", "archive", name))
		if err != nil {
			t.Fatal(err)
		}
		archived = append(archived, string(content))
	}
	if slices.Sort(archived); !slices.Equal(archived, []string{"first", "other"}) {
		t.Errorf("archived: %v", archived)
	}
	h.allLoaded(2)
}
