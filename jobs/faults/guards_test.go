package faults

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/internal/guards"
)

// guardsOff tells whether this is a run from which something must come to harm.
func guardsOff() bool { return os.Getenv(guards.Variable) != "" }

// unguarded are the guards that are taken away, the fault that needs them, and the promise that is broken
// without them.
var unguarded = []struct {
	off, point, action, promise string
}{
	{"OneCommit", "pull.inserting", actExit, "each remote file is taken once"},
	{"RemoteAfterCommit", "pull.stored", actExit, "each remote file is taken once"},
	{"RecheckState", "ingest.committed", actExit, "each file is loaded once"},
	{"OneFiring", "schedule.committed", actExit, "a due time has one run"},
	{"LookBeforeSending", "push.renamed", actExit, "nothing is stuck"},
}

// TestGuardsAreNeeded builds this suite without guards and expects it to fail, by the promise that the guard keeps.
func TestGuardsAreNeeded(t *testing.T) {
	if os.Getenv("FAULT_SEEDS") == "" {
		t.Skip("it builds the suite once more: run make test-faults")
	}
	if guardsOff() {
		t.Skip("this is the suite without guards")
	}
	suite := filepath.Join(t.TempDir(), "suite.test")
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-tags", "faultguards_off", "-o", suite, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the suite without guards: %v\n%s", err, out)
	}
	for _, c := range unguarded {
		t.Run(c.off, func(t *testing.T) {
			t.Parallel()
			seed := seedOf(t, c.point, c.action)
			cmd := exec.CommandContext(t.Context(), suite, "-test.run", "TestFaults")
			cmd.Env = append(os.Environ(), guards.Variable+"="+c.off, "FAULT_SEEDS="+strconv.Itoa(seed))
			out, err := cmd.CombinedOutput()
			if err == nil || !strings.Contains(string(out), "broken promise: "+c.promise) {
				t.Errorf("without %s, %s at %s (seed %d) does not break the promise %q: %v\n%s", c.off, c.action, c.point, seed, c.promise, err, out)
			}
		})
	}
}

// seedOf is the first seed that does this at a point.
func seedOf(t *testing.T, point, action string) int {
	t.Helper()
	for seed := 1; seed <= allSeeds; seed++ {
		if p := planOf(seed); p.Point == point && p.Action == action && p.Deed == "" {
			return seed
		}
	}
	t.Fatalf("no seed means %s at %s", action, point)
	return 0
}
