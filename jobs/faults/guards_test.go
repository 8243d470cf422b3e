//go:build faultguards

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/ediport/ediport/jobs/internal/guards"
)

// unguarded are the guards that are taken away, the fault that needs them, and the promise that is broken
// without them. Of several together, each of enough is enough.
var unguarded = []struct {
	off, point, action, deed, promise string
	enough                            []string
}{
	{off: "OneFiring", point: "schedule.committed", action: actExit, promise: "a due time has one run"},
	{off: "UniqueDue", point: "schedule.committed", action: actHold, deed: deedAgain, promise: "a due time has one run"},
	{
		off: "FenceSelf,FenceEpoch", point: "pull.writing", action: actMute, deed: deedMute, promise: "who is given up works no more",
		enough: []string{"FenceSelf"},
	},
	{off: "OneCommit", point: "pull.inserting", action: actExit, promise: "each remote file is taken once"},
	{off: "RemoteAfterCommit", point: "pull.stored", action: actExit, promise: "each remote file is taken once"},
	{off: "SizeCheck", point: "pull.saved", action: actHold, deed: deedGrow, promise: "the original is kept"},
	{
		off: "FenceSelf,FenceEpoch,SightingLock", point: "pull.stored", action: actFreeze, promise: "each remote file is taken once",
		enough: []string{"FenceEpoch", "SightingLock"},
	},
	{off: "RecheckState", point: "unwrap.committed", action: actExit, promise: "each remittance is one file"},
	{off: "RecheckState", point: "ingest.committed", action: actExit, promise: "each file is loaded once"},
	{off: "LookBeforeSending", point: "push.renamed", action: actExit, promise: "nothing is stuck"},
	{off: "CopyBeforeDelete", point: "pull.copied", action: actExit, promise: "each remote file is in one place"},
	{
		off: "FenceSelf,FenceEpoch", point: "push.sending", action: actFreeze, deed: deedCollect, promise: "each outbound file arrives once",
		enough: []string{"FenceSelf", "FenceEpoch"},
	},
}

// unguardedTries is how often a run may come out well without its guards: on a busy machine something else may
// stop a node that nobody told to stop.
const unguardedTries = 8

// TestGuardsAreNeeded builds this suite without guards and expects it to fail, by the promise that the guards keep.
func TestGuardsAreNeeded(t *testing.T) {
	suite := filepath.Join(t.TempDir(), "suite.test")
	if out, err := exec.CommandContext(t.Context(), "go", "test", "-c", "-tags", "faultguards_off", "-o", suite, ".").CombinedOutput(); err != nil {
		t.Fatalf("building the suite without guards: %v\n%s", err, out)
	}
	for _, c := range unguarded {
		seed := strconv.Itoa(seedOf(t, c.point, c.action, c.deed))
		run := func(t *testing.T, off string) (string, error) {
			t.Helper()
			cmd := exec.CommandContext(t.Context(), suite, "-test.run", "TestFaults")
			cmd.Env = append(os.Environ(), guards.Variable+"="+off, "FAULT_SEEDS="+seed)
			out, err := cmd.CombinedOutput()
			return string(out), err
		}
		t.Run(c.off+" at "+c.point, func(t *testing.T) {
			t.Parallel()
			var out string
			var err error
			for try := range unguardedTries {
				if out, err = run(t, c.off); err != nil && strings.Contains(out, "broken promise: "+c.promise) {
					fmt.Printf("without %s, seed %s breaks the promise: %s (run %d)\n", c.off, seed, c.promise, try+1)
					return
				}
			}
			t.Errorf("without %s, seed %s does not break the promise %q: %v\n%s", c.off, seed, c.promise, err, out)
		})
		for _, one := range c.enough {
			off := slices.DeleteFunc(strings.Split(c.off, ","), func(name string) bool { return name == one })
			t.Run(one+" is enough at "+c.point, func(t *testing.T) {
				t.Parallel()
				if out, err := run(t, strings.Join(off, ",")); err != nil {
					t.Errorf("without %s, seed %s: %v\n%s", off, seed, err, out)
				}
			})
		}
	}
}

// seedOf is the first seed that does this at a point.
func seedOf(t *testing.T, point, action, deed string) int {
	t.Helper()
	for seed := 1; seed <= allSeeds; seed++ {
		if p := planOf(seed); p.Point == point && p.Action == action && p.Deed == deed {
			return seed
		}
	}
	t.Fatalf("no seed means %s %s at %s", action, deed, point)
	return 0
}
