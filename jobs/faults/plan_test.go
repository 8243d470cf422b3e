package faults

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/ediport/ediport/jobs/internal/failpoint"
)

// What happens at a failpoint, in the process that reaches it.
const (
	actExit   = "exit"   // it is killed
	actFail   = "fail"   // what it does there fails
	actPanic  = "panic"  // it panics
	actFreeze = "freeze" // the whole process stands still until others have done its work
	actHold   = "hold"   // it waits while a deed is done
	actJump   = "jump"   // its clock jumps an hour ahead
	actBack   = "back"   // its clock jumps an hour back
	actMute   = "mute"   // it waits while a deed is done, and its signs of life stop until it may go on
)

// A plan is what a seed means.
type plan struct {
	Seed    int
	Workers int
	Point   string
	Action  string
	Nth     int    // the fault happens when the point is reached for the Nth time, in all processes together
	Deed    string // what is done meanwhile, or belongs to it
	Copies  string // why the partner's server doesn't rename what is archived; "": it does
}

// Why a server doesn't rename.
const (
	copiesAcross = "across"    // the archive is on another file system
	copiesNot    = "forbidden" // nothing may be renamed
)

func (p plan) String() string {
	what := p.Action
	if p.Deed != "" {
		what = p.Deed
	}
	return fmt.Sprintf("seed %d: %d nodes, %s at %s, time %d", p.Seed, p.Workers, what, p.Point, p.Nth)
}

// anyPoint is whatever point is reached.
const anyPoint = "any"

// firstSeeds is how many seeds there were first: five times each point, then each deed. Points that came later have
// theirs behind, so that a seed means what it meant.
var (
	firstSeeds = pointRounds*failpoint.First() + len(deedPlans)
	allSeeds   = pointRounds*len(failpoint.Points()) + len(deedPlans)
)

const pointRounds = 5

// planOf is the plan of a seed, from 1 on.
func planOf(seed int) plan {
	points, later := failpoint.Points()[:failpoint.First()], failpoint.Points()[failpoint.First():]
	i := (seed - 1) % allSeeds
	if i >= firstSeeds {
		points, i = later, i-firstSeeds
	}
	p := plan{Seed: seed, Workers: 2 + 2*(seed%2)}
	if len(points) == failpoint.First() && i >= pointRounds*len(points) {
		d := deedPlans[i-pointRounds*len(points)]
		p.Point, p.Deed, p.Nth, p.Action = d.point, d.deed, d.nth, actHold
		if act, other := actionOfDeed[d.deed]; other {
			p.Action = act
		}
		if p.Point == anyPoint {
			p.Nth = 1 + rand.New(rand.NewPCG(uint64(seed), 0)).IntN(anyMoments) //nolint:gosec // positive
		}
		return p
	}
	point, round := points[i%len(points)], i/len(points)
	p.Point = point.Name
	p.Action = actionOf(point, round)
	p.Nth = min(1+round%3, mostOf(point.Name))
	if strings.HasPrefix(point.Name, "pull.cop") {
		p.Copies = []string{copiesAcross, copiesNot}[round%2]
	}
	return p
}

// actionOf is what happens at a point in each of the five rounds.
func actionOf(p failpoint.Point, round int) string {
	switch {
	case round == 1 && p.Fails:
		return actFail
	case round == 2 && !p.Open && p.Name != "node.register": // whoever freezes with locks in hand is another matter
		return actFreeze
	case round == 4 && !strings.HasPrefix(p.Name, "node.") && !strings.HasPrefix(p.Name, "schedule."):
		return actPanic
	default:
		return actExit
	}
}

// mostOf is how often a point is certainly reached: by each file, or by a run as a whole.
func mostOf(point string) int {
	switch point {
	case "pull.begun", "pull.listed", "pull.saved", "pull.idle", "push.begun", "push.idle",
		"schedule.due", "schedule.added", "schedule.committed", "unwrap.stored", "unwrap.committed",
		"pull.stored", "pull.inserting", "pull.inserted", "pull.committed", "pull.recorded": // of several files at once
		return 1
	case "node.register":
		return 2
	default:
		return 3
	}
}
