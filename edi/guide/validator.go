package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// DefaultMaxFindings is the limit of findings per transaction set unless [Validator.MaxFindings] sets another.
const DefaultMaxFindings = 1000

// A Validator checks transaction sets against a guide, segment by segment, in one pass: segments and loops that are missing, too
// many or in the wrong place, elements, codes, lengths, types, syntax notes and HL links (SNIP 1 and 2), and what further rules
// know of the guide, such as the balance of an 835 (SNIP 3). It needs memory for the open loops and the findings of one
// set. It is not safe for several goroutines.
type Validator struct {
	// MaxFindings limits the findings that are reported per set; 0 is DefaultMaxFindings. The verdict counts all of them.
	MaxFindings int

	guide    *Guide
	report   func(edi.Finding)
	control  edi.Control
	findings []edi.Finding
	dropped  int
	verdict  Verdict

	stack      [maxDepth]instance
	top        int
	gaps       []gap
	marks      []gap // segments that go with a loop, LS and LE, where they stood
	tree       hierarchy
	rules      []rule
	ended      bool // the SE was seen
	incomplete bool // a trigger is missing

	segment  *edi.Segment // in hand
	step     *Step        // its place
	scan     elementScan  // of its elements
	held     edi.Segment
	heldStep Step
}

// maxMarks bounds the segments that wait for their loop; more than one of them is an error already.
const maxMarks = 64

// A rule is a check beyond structure and elements.
type rule interface {
	begin()
	segment(v *Validator, s *edi.Segment, at *Step)
	end(v *Validator) // at SE; not called for a set that breaks off
}

// An instance is an open loop with the number of its children so far.
type instance struct {
	loop   *Loop
	next   int // in loop.required: the first whose place has not been passed
	counts [maxChildren]uint16
}

// A gap is a place where something required was not there. It may still come, late.
type gap struct {
	level int
	child int
	at    edi.Position // of the segment that stood there instead
}

// NewValidator returns a validator of sets of g. report receives the findings of a set when it ends, in file order.
func NewValidator(g *Guide, report func(edi.Finding)) *Validator {
	v := &Validator{guide: g, report: report, rules: rulesOf(g)}
	v.Begin(edi.Control{})
	return v
}

// Begin makes the validator ready for a transaction set; control goes into its findings. It is to be called before each ST.
func (v *Validator) Begin(control edi.Control) {
	v.control = control
	v.findings, v.dropped, v.verdict = v.findings[:0], 0, Accepted
	v.top, v.gaps, v.ended, v.incomplete = 0, v.gaps[:0], false, false
	v.marks = v.marks[:0]
	v.stack[0].open(v.guide.Root)
	v.stack[0].counts[0] = 0
	v.tree.reset()
	v.scan.del = nil
	for _, r := range v.rules {
		r.begin()
	}
}

func (in *instance) open(l *Loop) {
	in.loop, in.next = l, 0
	clear(in.counts[:len(l.Children)])
	in.counts[0] = 1
}

// Segment checks the next segment of the set, ST to SE, at the place that a [Walker] found.
func (v *Validator) Segment(s edi.Segment, step Step) {
	v.held, v.heldStep = s, step // kept here, so that pointers to them cost no allocation
	v.check(&v.held, &v.heldStep)
}

func (v *Validator) check(s *edi.Segment, at *Step) {
	v.segment, v.step = s, at
	if at.Def == nil {
		v.misplaced(s, at)
		return
	}
	v.usage(at)
	v.elements(s, at)
	switch {
	case at.Opened && at.Loop.HL != nil:
		v.tree.step(v, s, at)
	case at.Def.Tag == "AAA":
		v.tree.refuse()
	case at.Def.Tag == "SE":
		v.closeSet()
	}
	for _, r := range v.rules {
		r.segment(v, s, at)
	}
}

// End reports the findings of the set, in file order, and returns its verdict. Of a set without SE, which the Reader reports,
// it does not say what is missing.
func (v *Validator) End() Verdict {
	if v.ended {
		for _, r := range v.rules {
			r.end(v)
		}
	}
	slices.SortStableFunc(v.findings, compareFindings)
	for i := range v.findings {
		v.report(v.findings[i])
	}
	v.findings = v.findings[:0]
	return v.verdict
}

// Truncated returns the number of findings of the last set that were left out.
func (v *Validator) Truncated() int { return v.dropped }

// Add takes a finding about this set that others made, such as the Reader's about its SE, into the report and the verdict.
func (v *Validator) Add(f edi.Finding) {
	v.verdict = v.verdict.after(&f)
	limit := v.MaxFindings
	if limit <= 0 {
		limit = DefaultMaxFindings
	}
	if len(v.findings) >= limit {
		v.dropped++
		return
	}
	v.findings = append(v.findings, f)
}

// usage counts the segment where it stands and notices what was passed over.
func (v *Validator) usage(at *Step) {
	before := len(v.findings) + v.dropped
	switch {
	case at.Opened && v.awaits(at):
		v.closeTo(at.Loop.depth)
		v.stack[at.Loop.depth].counts[0] = 1
	case at.Opened:
		v.openLoop(at.Loop)
	case at.Implied:
		v.openLoop(at.Loop)
		v.withoutTrigger(at.Loop)
		v.pass(at.Loop.depth, at.Def.order)
		v.stack[at.Loop.depth].counts[at.Def.child]++
	case at.OutOfOrder && at.Loop.depth < v.top:
		v.count(at.Loop.depth, at.Def.child, at.Def.Max, "5", at.Def, at.Loop)
	default:
		v.closeTo(at.Loop.depth)
		v.pass(at.Loop.depth, at.Def.order)
		v.count(at.Loop.depth, at.Def.child, at.Def.Max, "5", at.Def, at.Loop)
	}
	if at.Def.With != "" && len(v.marks) < maxMarks {
		v.marks = append(v.marks, gap{at.Loop.depth, at.Def.child, v.segment.Pos()})
	}
	if at.OutOfOrder && len(v.findings)+v.dropped == before { // one finding is enough
		v.segmentFinding(at.Def.Tag, at.Loop, "7", v.segment.Pos(), "the segment "+title(at.Def)+" stands too late in its loop")
	}
}

// openLoop opens an instance of l, and of the loops around it whose triggers are missing.
func (v *Validator) openLoop(l *Loop) {
	level := l.depth - 1
	if v.top < level || v.stack[level].loop != l.Parent {
		v.openLoop(l.Parent)
		v.withoutTrigger(l.Parent)
	}
	if v.doubled(l) {
		v.count(level, l.child, l.Max, "4", l.Trigger, l)
		return
	}
	v.closeTo(level)
	v.pass(level, l.order)
	if l.HL == nil { // HL loops are counted by their parent HL
		v.count(level, l.child, l.Max, "4", l.Trigger, l)
	} else {
		v.stack[level].counts[l.child] = 1
	}
	v.top = l.depth
	v.stack[v.top].open(l)
}

// withoutTrigger notes that the loop that was just opened has no trigger; it may still come.
func (v *Validator) withoutTrigger(l *Loop) {
	v.incomplete = true
	in := &v.stack[l.depth]
	in.counts[0], in.next = 0, 1
	v.gaps = append(v.gaps, gap{l.depth, 0, v.segment.Pos()})
	if l.HL != nil {
		v.tree.imply(l)
	}
}

// awaits tells whether the segment is the trigger of a loop that is open without it.
func (v *Validator) awaits(at *Step) bool {
	d := at.Loop.depth
	return at.OutOfOrder && v.top >= d && v.stack[d].loop == at.Loop && v.stack[d].counts[0] == 0
}

// doubled tells whether the trigger of l came twice in a row, once too often: what belongs to the first instance follows the second.
func (v *Validator) doubled(l *Loop) bool {
	if v.top != l.depth || v.stack[v.top].loop != l || l.HL != nil || int(v.stack[l.depth-1].counts[l.child]) < l.Max {
		return false
	}
	for _, n := range v.stack[v.top].counts[1:len(l.Children)] {
		if n > 0 {
			return false
		}
	}
	return true
}

func (v *Validator) count(level, child, most int, code string, d *SegmentDef, l *Loop) {
	n := &v.stack[level].counts[child]
	if *n < 65535 {
		*n++
	}
	if int(*n) <= most || int(*n) == 65535 {
		return
	}
	if code == "4" {
		v.segmentFinding(d.Tag, l, "4", v.segment.Pos(), "there are more instances of loop "+l.ID+" ("+l.Name+") here than the "+decimal(most)+" that the guide allows")
		return
	}
	v.segmentFinding(d.Tag, l, "5", v.segment.Pos(), "there are more segments "+title(d)+" here than the "+decimal(most)+" that the guide allows")
}

// pass notes which required children of the loop at level should have come before rank.
func (v *Validator) pass(level, rank int) {
	in := &v.stack[level]
	for in.next < len(in.loop.required) {
		child := in.loop.required[in.next]
		if in.loop.rankOf(child) >= rank {
			return
		}
		if in.counts[child] == 0 {
			v.gaps = append(v.gaps, gap{level, child, v.segment.Pos()})
		}
		in.next++
	}
}

// closeTo closes the loops within the one at level.
func (v *Validator) closeTo(level int) {
	for v.top > level {
		v.closeLoop(v.top)
		v.top--
	}
}

func (v *Validator) closeLoop(level int) {
	in := &v.stack[level]
	if in.next < len(in.loop.required) {
		v.pass(level, len(in.loop.Children))
	}
	for len(v.gaps) > 0 && v.gaps[len(v.gaps)-1].level == level {
		g := v.gaps[len(v.gaps)-1]
		v.gaps = v.gaps[:len(v.gaps)-1]
		if in.counts[g.child] > 0 {
			continue // it came late
		}
		if n := in.loop.Children[g.child]; n.Segment != nil {
			v.missing(n.Segment, in.loop, g.at)
		} else {
			v.missing(n.Loop.Trigger, n.Loop, g.at)
		}
	}
	for _, b := range in.loop.brackets {
		d := in.loop.Children[b.segment].Segment
		if in.counts[b.segment] == 0 && in.counts[b.loop] > 0 {
			v.segmentFinding(d.Tag, in.loop, "I6", v.segment.Pos(), "the segment "+title(d)+" is missing: it goes with loop "+d.With)
		}
	}
	if len(v.marks) > 0 {
		v.marks = slices.DeleteFunc(v.marks, func(m gap) bool { return v.checkMark(m, level) })
	}
}

// checkMark reports a segment that goes with a loop which was not there. It is false for one of another instance.
func (v *Validator) checkMark(m gap, level int) bool {
	if m.level != level {
		return false
	}
	in := &v.stack[level]
	if d := in.loop.Children[m.child].Segment; !in.has(d.With) {
		v.segmentFinding(d.Tag, in.loop, "I9", m.at, "the segment "+title(d)+" stands here without loop "+d.With)
	}
	return true
}

// has tells whether a loop of the given id was there.
func (in *instance) has(id string) bool {
	for i, n := range in.loop.Children {
		if n.Loop != nil && n.Loop.ID == id {
			return in.counts[i] > 0
		}
	}
	return false
}

// closeSet closes all loops at the SE.
func (v *Validator) closeSet() {
	v.tree.closeAll(v)
	v.closeTo(0)
	v.closeLoop(0)
	v.ended = true
}

// misplaced reports a segment that has no place.
func (v *Validator) misplaced(s *edi.Segment, at *Step) {
	tag := s.Tag()
	switch known := v.guide.tags.find(tag) != 0; {
	case at.Near != nil:
		v.badQualifier(s, at)
	case known:
		v.segmentFinding(tag, at.Loop, "2", v.segment.Pos(), "the segment "+tag+" does not belong here")
	case isSegmentID(tag):
		v.segmentFinding(tag, at.Loop, "6", v.segment.Pos(), "the segment "+tag+" does not belong into this transaction set")
	default:
		// What stands in the place of a segment id may be data, so it is not repeated.
		v.segmentFinding("", at.Loop, "1", v.segment.Pos(), "this is no segment of X12")
	}
}

// rulesOf returns the further checks of a guide.
func rulesOf(g *Guide) []rule {
	if g.Set == "835" {
		return []rule{newBalance(g)}
	}
	return nil
}
