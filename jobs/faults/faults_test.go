package faults

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ediport/ediport/jobs/internal/failpoint"
)

// everyBuild are the seeds that each build runs: one of each kind of fault.
var everyBuild = []int{3, 10, 13, 14, 18, 23, 26, 27, 34, 38, 47, 68, 85, 156, 181, 188, 191, 194, 198, 199, 204, 207, 209, 212, 214, 223, 232}

// seeds are those that are asked for by FAULT_SEEDS=17, =1-200 or =all, else those of each build.
func seeds(t *testing.T) []int {
	t.Helper()
	asked := os.Getenv("FAULT_SEEDS")
	var all []int
	switch asked {
	case "":
		return everyBuild
	case "all":
		asked = fmt.Sprint("1-", allSeeds)
	}
	for part := range strings.SplitSeq(asked, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err1 := strconv.Atoi(from)
		last, err2 := strconv.Atoi(to)
		if err1 != nil || err2 != nil || first < 1 {
			t.Fatalf("FAULT_SEEDS=%s is no list of seeds such as 17 or 1-200", asked)
		}
		for seed := first; seed <= last; seed++ {
			all = append(all, seed)
		}
	}
	return all
}

// tally counts how often each point was the moment of a fault.
var tally = struct {
	sync.Mutex
	at map[string]int
}{at: map[string]int{}}

// TestFaults runs the seeds.
func TestFaults(t *testing.T) {
	t.Parallel()
	all := seeds(t)
	t.Cleanup(func() { checkTally(t, all) })
	for _, seed := range all {
		t.Run(strconv.Itoa(seed), func(t *testing.T) {
			t.Parallel()
			run(t, planOf(seed))
		})
	}
}

// run is one run of the suite, which tells what came of it in one line.
func run(t *testing.T, p plan) {
	t.Helper()
	began, hit := time.Now(), "did not happen"
	defer func() {
		outcome := "ok"
		if t.Failed() {
			outcome = "FAILED"
		}
		fmt.Printf("%v (%s): %s, %d ms\n", p, hit, outcome, time.Since(began).Milliseconds())
	}()
	w := newWorld(t, p)
	for range p.Workers {
		w.nodes = append(w.nodes, w.startNode(true))
	}
	at, point := w.awaitFault()
	hit = fmt.Sprintf("%s, in %s", point, at.id)
	tally.Lock()
	tally.at[point]++
	tally.Unlock()
	w.follow(at)
	w.settle() // of a frozen node, too, the others end what it has open and do its work
	if w.frozen != nil {
		w.collect()
		w.thaw()
		w.eventually("the frozen node is back", func() bool {
			return w.number(`SELECT count(*) FROM node WHERE id = $1`, at.id) == 1
		})
		w.settle()
		if !guardsOff() { // else nobody tells it to
			w.eventually("the node that slept has tidied up", func() bool { return !w.unfinished(folderIn) && !w.unfinished(folderArchive) })
		}
		if strings.HasPrefix(point, "pull.") || strings.HasPrefix(point, "push.") {
			w.eventually("the node that slept knows that others did its work", func() bool {
				return strings.Contains(at.said(1<<20), "taken over by another node")
			})
			w.settle()
		}
	}
	w.check()
}

// checkTally: over all seeds, each point is the moment of at least five faults. It tells how many they were.
func checkTally(t *testing.T, ran []int) {
	t.Helper()
	if len(ran) < allSeeds {
		return
	}
	tally.Lock()
	defer tally.Unlock()
	for _, p := range failpoint.Points() {
		fmt.Printf("point %-18s %2d faults\n", p.Name, tally.at[p.Name])
		if tally.at[p.Name] < pointRounds {
			t.Errorf("%s was the moment of %d faults, want at least %d", p.Name, tally.at[p.Name], pointRounds)
		}
	}
}
