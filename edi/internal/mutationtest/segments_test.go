package mutationtest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ediport/ediport/edi/internal/mutate"
)

// A trial is a document changed in one place, and what may be found.
type trial struct {
	name     string
	document *mutate.Document
	at       int      // position of the change in the set
	allowed  []string // outcomes, one finding in short or "" for none; nil: at most one error, at that place or behind it
}

// segmentTrials deletes, repeats and exchanges each segment between ST and SE, and puts foreign ones behind it.
func (f *facts) segmentTrials() (trials []trial) {
	for i := range f.segments {
		s := &f.segments[i]
		if s.id == "SE" {
			continue
		}
		d := f.changed(func(d *mutate.Document, at int) { d.Insert(at+1, "ZZZ*1") }, i)
		trials = append(trials, f.trial(i, "unknown behind", d, fmt.Sprintf("%d ZZZ %s IK304 1", i+2, s.loop.id)))
		d = f.changed(func(d *mutate.Document, at int) { d.Insert(at+1, "BIG*20260105*1") }, i)
		trials = append(trials, f.trial(i, "foreign behind", d, fmt.Sprintf("%d BIG %s IK304 6", i+2, s.loop.id)))
		if s.id == "ST" {
			continue
		}
		d = f.changed(func(d *mutate.Document, at int) { d.Set(at, 0, "ZZZ") }, i)
		trials = append(trials, f.mistyping(i, d))
		d = f.changed(func(d *mutate.Document, at int) { d.Insert(at+1, f.second()) }, i)
		once := f.document.Segments[f.first+1][0]
		trials = append(trials, f.trial(i, "stray behind", d, fmt.Sprintf("%d %s - IK304 5", i+2, once)))
		trials = append(trials, f.deletion(i), f.duplication(i))
		if s.trigger && f.whole(s.instance) {
			trials = append(trials, f.loopDeletion(i), f.loopDuplication(i))
		}
		if f.segments[i+1].id != "SE" {
			trials = append(trials, f.exchange(i))
		}
	}
	return trials
}

func (f *facts) changed(change func(d *mutate.Document, at int), i int) *mutate.Document {
	d := f.document.Clone()
	change(d, f.first+i)
	d.Recount()
	return d
}

func (f *facts) trial(i int, op string, d *mutate.Document, allowed ...string) trial {
	s := &f.segments[i]
	name := fmt.Sprintf("%s %s %d %s", f.name, op, i+1, s.id)
	if q := f.document.Element(f.first+i, s.qualifier()); len(q) <= 3 {
		name += "*" + q
	}
	return trial{name, d, i + 1, allowed}
}

// mistyping: a segment whose id is none does not count as missing, too. Its loop is one of those around.
func (f *facts) mistyping(i int, d *mutate.Document) trial {
	tr := f.trial(i, "mistype", d)
	tell := func(l *loopFacts) {
		tr.allowed = append(tr.allowed, fmt.Sprintf("%d ZZZ %s IK304 1", i+1, l.id))
	}
	tell(f.segments[i-1].loop)
	for l := f.segments[i].loop; l != nil; l = l.parent {
		tell(l)
	}
	return tr
}

// second returns the second segment of the set, which no loop has.
func (f *facts) second() string { return strings.Join(f.document.Segments[f.first+1], "*") }

func missing(position int, d *segmentFacts) string {
	return fmt.Sprintf("%d %s %s IK304 3", position, d.id, d.loop.id)
}

func (f *facts) deletion(i int) trial {
	s := &f.segments[i]
	d := f.changed(func(d *mutate.Document, at int) { d.Delete(at) }, i)
	tr := f.trial(i, "delete", d)
	switch {
	case s.bracket:
		tr.allowed = []string{fmt.Sprintf("%d %s %s IK304 I6", i+1, s.id, s.loop.id)}
	case !s.trigger && s.usage == "R" && f.same(i) == 1:
		tr.allowed = []string{missing(i+1, s.segmentFacts)}
	case !s.trigger:
		tr.allowed = []string{f.balance(d)}
	default:
		tr.allowed = f.withoutTrigger(i, d)
	}
	return tr
}

// withoutTrigger: what stands behind a first segment that was deleted tells that it is missing, unless it may go with an earlier
// instance of the loop.
func (f *facts) withoutTrigger(i int, d *mutate.Document) []string {
	s := &f.segments[i]
	in := s.instance
	before, all := f.earlier(i)
	alone := len(in.segments) == 1 && len(in.loops) == 0
	switch {
	case alone && s.loop.hl:
		return nil
	case alone && (all > 1 || s.loop.usage == "S"):
		return []string{f.balance(d)}
	case before > 0 && !s.loop.hl:
		return nil
	}
	// Segments that several loops of the same kind may have don't tell whose first segment is missing.
	outcomes := []string{missing(i+1, s.segmentFacts)}
	for _, l := range f.siblings(s.segmentFacts) {
		outcomes = append(outcomes, fmt.Sprintf("%d %s %s IK304 3", i+1, s.id, l.id))
	}
	return outcomes
}

// siblings returns the other loops beside that of a first segment which begin with the same segment id.
func (f *facts) siblings(d *segmentFacts) (loops []*loopFacts) {
	for _, other := range f.segments {
		if d.trigger && !d.loop.hl && other.trigger && other.id == d.id && other.loop != d.loop && other.loop.parent == d.loop.parent && !slices.Contains(loops, other.loop) {
			loops = append(loops, other.loop)
		}
	}
	return loops
}

// last returns the position of the last segment like i in its loop, or if i is a first segment in the loop around.
func (f *facts) last(i int) int {
	in := f.segments[i].instance
	for j := len(f.segments) - 1; j > i; j-- {
		other := &f.segments[j]
		if other.segmentFacts != f.segments[i].segmentFacts {
			continue
		}
		if other.instance == in || f.segments[i].trigger && other.instance.parent == in.parent {
			return j + 1
		}
	}
	return i + 1
}

func (f *facts) duplication(i int) trial {
	s := &f.segments[i]
	d := f.changed(func(d *mutate.Document, at int) { d.Duplicate(at) }, i)
	tr := f.trial(i, "duplicate", d)
	if !s.trigger {
		if f.same(i) == s.max {
			tr.allowed = []string{fmt.Sprintf("%d %s %s IK304 5", f.last(i)+1, s.id, s.loop.id)}
		} else {
			tr.allowed = []string{f.balance(d)}
		}
		return tr
	}
	if s.loop.hl {
		return tr
	}
	if _, all := f.earlier(i); all == s.loop.max {
		tr.allowed = []string{fmt.Sprintf("%d %s %s IK304 4", f.last(i)+1, s.id, s.loop.id)}
		return tr
	}
	tr.allowed = []string{f.balance(d)}
	if needs := f.required(s.loop); len(needs) > 0 { // the first of the two instances lacks all that it must have; the first of that is told
		tr.allowed = []string{missing(i+2, needs[0])}
	}
	return tr
}

// exchange swaps a segment with the next: the one that comes late is out of sequence.
func (f *facts) exchange(i int) trial {
	a, b := &f.segments[i], &f.segments[i+1]
	d := f.changed(func(d *mutate.Document, at int) { d.Swap(at, at+1) }, i)
	tr := f.trial(i, "swap", d)
	late := fmt.Sprintf("%d %s %s IK304 7", i+2, a.id, a.loop.id)
	switch {
	case a.instance != b.instance:
	case a.trigger:
		if before, _ := f.earlier(i); before == 0 {
			tr.allowed = []string{late}
			for _, l := range f.siblings(a.segmentFacts) {
				tr.allowed = append(tr.allowed, fmt.Sprintf("%d %s %s IK304 3", i+1, a.id, l.id))
			}
		}
	case a.order == b.order:
		tr.allowed = []string{""}
	default:
		tr.allowed = []string{late}
	}
	return tr
}
