package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// DefaultMaxFindings is the limit of findings per transaction set unless [Validator.MaxFindings] sets another.
const DefaultMaxFindings = 1000

// A Validator checks transaction sets against a guide, segment by segment, in one pass: segments and loops that are missing, too
// many or in the wrong place, elements, codes, lengths, types, syntax notes and HL links (SNIP 1 and 2), the balance of an
// 835 (SNIP 3), what must be sent or must not because of what stands elsewhere (SNIP 4, see [Situation]), codes of outside lists
// (SNIP 5, as package codes has them when the set begins) and rules of a partner (SNIP 7, see [PartnerRules]). It needs
// memory for the open loops and the findings of one set. It is not safe for several goroutines.
type Validator struct {
	// MaxFindings limits the findings that are reported per set; 0 is DefaultMaxFindings. The verdict counts all of them.
	MaxFindings int
	// Levels are the SNIP types that are checked; the zero value is all. What else is found goes neither into the report nor
	// into the verdict. To be set before Begin.
	Levels Levels
	// Partner are rules of a trading partner, compiled; nil for none. To be set before Begin.
	Partner *PartnerRules

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
	strays     []stray
	strayed    bool     // the last of them waits for a segment that has its place
	balance    *balance // one of the rules; nil if there is none
	tree       hierarchy
	rules      []rule        // of the levels that are checked
	wanted     []uint64      // by SegmentDef.Index: rules that look at such segments
	rulesFor   Levels        // those levels
	partnerFor *PartnerRules // whose rules are among them
	all        []rule
	ended      bool // the SE was seen
	incomplete bool // a trigger is missing
	disturbed  int  // so many segments are too many, unknown or out of place
	behindAt   int  // ordinal of the last segment that stood behind its place
	mismatchAt int  // ordinal of the last segment with a wrong qualifier
	mismatched *Loop
	anewAt     int // ordinal of the last segment that told that an HL is missing by beginning a loop again
	anew       *Loop
	lateAt     int // ordinal of the last segment that stood too late in its loop
	late       *SegmentDef
	latePos    edi.Position
	before     *SegmentDef // of the segment before the one in hand
	unplaced   int         // segments without place, and triggers that are missing

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
	level() int               // SNIP type
	wants(d *SegmentDef) bool // whether segment is to be called for such segments; for one that begins a loop in place of its trigger it always is
	begin()
	segment(v *Validator, s *edi.Segment, at *Step)
	end(v *Validator) // at SE; not called for a set that breaks off
}

// An instance is an open loop with the number of its children so far.
type instance struct {
	loop      *Loop
	next      int          // in loop.required: the first whose place has not been passed
	bracketed edi.Position // of the first loop within that goes with an LS
	late      int          // ordinal of the first of its segments that stood too late
	counts    [maxChildren]uint16
}

// A gap is a place where something required was not there. It may still come, late.
type gap struct {
	level int
	child int
	at    edi.Position // of the segment that stood there instead
}

// NewValidator returns a validator of sets of g. report receives the findings of a set when it ends, in file order.
func NewValidator(g *Guide, report func(edi.Finding)) *Validator {
	v := &Validator{guide: g, report: report, all: rulesOf(g)}
	for _, r := range v.all {
		if b, is := r.(*balance); is {
			v.balance = b
		}
	}
	v.rules = v.all
	v.Begin(edi.Control{})
	return v
}

// Begin makes the validator ready for a transaction set; control goes into its findings. It is to be called before each ST.
func (v *Validator) Begin(control edi.Control) {
	v.control = control
	v.findings, v.dropped, v.verdict = v.findings[:0], 0, Accepted
	v.top, v.gaps, v.ended, v.incomplete, v.disturbed, v.behindAt = 0, v.gaps[:0], false, false, 0, -1
	v.lateAt, v.late, v.before, v.anewAt, v.anew = -1, nil, nil, -1, nil
	v.mismatchAt = -1
	v.marks, v.strays, v.strayed = v.marks[:0], v.strays[:0], false
	v.stack[0].open(v.guide.Root)
	v.stack[0].counts[0] = 0
	v.tree.reset()
	v.scan.del = nil
	v.chooseRules()
	for _, r := range v.rules {
		r.begin()
	}
}

// chooseRules takes the rules of the levels that are checked.
func (v *Validator) chooseRules() {
	if v.rulesFor == v.Levels && v.partnerFor == v.Partner && v.wanted != nil {
		return
	}
	v.rulesFor, v.partnerFor = v.Levels, v.Partner
	v.rules = slices.Clone(v.all)
	if plan := v.Partner.planOf(v.guide); plan != nil {
		v.rules = append(v.rules, newSituations(plan, 7))
	}
	v.rules = slices.DeleteFunc(v.rules, func(r rule) bool { return !v.Levels.Has(r.level()) })
	v.subscribe()
}

func (in *instance) open(l *Loop) {
	in.loop, in.next, in.late = l, 0, 0
	clear(in.counts[:len(l.Children)])
	in.counts[0] = 1
}

// Segment checks the next segment of the set, ST to SE, at the place that a [Walker] found.
func (v *Validator) Segment(s edi.Segment, step Step) {
	v.held, v.heldStep = s, step // kept here, so that pointers to them cost no allocation
	if k := step.known; k != nil && !v.stillKnown(k) {
		v.heldStep.known = nil
	}
	v.check(&v.held, &v.heldStep)
}

// stillKnown tells whether the Walker, which may be further on, remembers the segment still.
func (v *Validator) stillKnown(k *known) bool {
	text, _, _ := v.held.Spans()
	return k.is(text) && v.guide.places[k.place].candidate.def == v.heldStep.Def
}

func (v *Validator) check(s *edi.Segment, at *Step) {
	v.segment, v.step = s, at
	if at.Def == nil {
		v.misplaced(s, at)
		return
	}
	if at.Opened && at.Loop.HL != nil && v.tree.repeated(v, at) {
		v.hlFinding(&elementPlace{loop: at.Loop, def: at.Def, element: 1}, s.Pos(), "is that of the HL before, which is repeated")
		return
	}
	if !v.counted(at) {
		v.usage(at)
	}
	if v.strayed {
		v.found(at)
	}
	v.elements(s, at)
	if at.Mismatch {
		v.forgive(at)
	}
	switch {
	case at.Def.role == roleNone:
	case at.Opened && at.Loop.HL != nil:
		v.tree.step(v, s, at)
	case at.Def.role == roleRefusal:
		v.tree.refuse()
	case at.Def.role == roleEnd:
		v.closeSet()
	}
	v.apply(s, at)
	v.before = at.Def
}

// End reports the findings of the set, in file order, and returns its verdict. Of a set without SE, which the Reader reports,
// it does not say what is missing.
func (v *Validator) End() Verdict {
	if v.ended {
		for _, r := range v.rules {
			r.end(v)
		}
	}
	if !v.ended {
		v.verdict = Rejected // it is not complete
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
	if !v.Levels.Has(f.SNIP) {
		return
	}
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
	if at.Releveled {
		v.relevel(at)
	}
	before := len(v.findings) + v.dropped
	switch {
	case at.Behind:
		if !v.displaced(at) {
			return
		}
		before = min(before, len(v.findings)+v.dropped)
	case at.Opened && v.awaits(at):
		v.stack[at.Loop.depth].counts[0] = 1
	case at.Opened:
		if at.Anew {
			v.closeTo(at.Loop.Parent.depth - 1)
			v.anewAt, v.anew = v.segment.Ordinal(), at.Loop
		}
		v.openLoop(at.Loop)
	case at.Implied:
		known := v.unmatched(at.Loop)
		v.openLoop(at.Loop)
		if !known {
			v.withoutTrigger(at.Loop)
		}
		v.pass(at.Loop.depth, at.Def.order)
		v.stack[at.Loop.depth].counts[at.Def.child]++
	case at.OutOfOrder && at.Loop.depth < v.top:
		v.count(at.Loop.depth, at.Def.child, at.Def.Max, "5", at.Def, at.Loop)
	default:
		v.closeTo(at.Loop.depth)
		v.pass(at.Loop.depth, at.Def.order)
		v.skip(at.Loop.depth, at.Def.child, at.Def.order)
		v.count(at.Loop.depth, at.Def.child, at.Def.Max, "5", at.Def, at.Loop)
	}
	if at.Def.With != "" && len(v.marks) < maxMarks {
		v.marks = append(v.marks, gap{at.Loop.depth, at.Def.child, v.segment.Pos()})
	}
	if at.OutOfOrder && len(v.findings)+v.dropped == before && !v.restarted(at) { // one finding is enough
		v.tooLate(at)
	}
	if at.Opened && at.Loop.HL != nil {
		v.takeLate(at)
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
	v.skip(level, l.child, l.order)
	if in := &v.stack[level]; len(in.loop.brackets) > 0 && in.counts[l.child] == 0 {
		in.bracketed = v.segment.Pos()
	}
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
	v.unplaced++ // what a rule misses may be it
	in := &v.stack[l.depth]
	in.counts[0], in.next = 0, 1
	at := v.firstOf(l, v.segment.Pos())
	v.gaps = append(v.gaps, gap{l.depth, 0, at})
	v.disturbed++
	if v.balance != nil {
		v.balance.doubtLoop(l)
	}
	if l.HL != nil {
		v.tree.imply(v, l)
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
	if v.misnamed(d.Tag) {
		return
	}
	if code == "4" {
		v.segmentFinding(d.Tag, l, "4", v.segment.Pos(), "there are more instances of loop "+l.ID+" ("+l.Name+") here than the "+decimal(most)+" that the guide allows")
		return
	}
	if v.restarted(v.step) || v.afterStray(v.step) {
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
		if in.counts[child] == 0 && !v.hasGap(level, child) {
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
	first := len(v.gaps)
	for first > 0 && v.gaps[first-1].level == level {
		first--
	}
	empty := in.isEmpty()
	if empty && first < len(v.gaps) {
		v.disturbed++
		if v.balance != nil {
			v.balance.doubtLoop(in.loop)
		}
	}
	for _, g := range v.gaps[first:] {
		if in.counts[g.child] > 0 {
			continue // it came late
		}
		if n := in.loop.Children[g.child]; n.Segment != nil {
			v.missing(n.Segment, in.loop, g.at)
		} else {
			v.missing(n.Loop.Trigger, n.Loop, g.at)
		}
		if empty {
			break // the trigger alone: one finding is enough
		}
	}
	v.gaps = v.gaps[:first]
	for _, b := range in.loop.brackets {
		if in.counts[b.segment] == 0 && in.counts[b.loop] > 0 {
			v.withoutBracket(in, b)
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
	if d := in.loop.Children[m.child].Segment; !in.has(d.With) && !v.closesBracket(in, m) {
		if v.dropFinding(m.at.Segment-1, d.Tag, "I6") { // it belongs to the instance before
			v.segmentFinding(d.Tag, in.loop, "7", m.at, "the segment "+title(d)+" stands too late")
			return true
		}
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
	v.unplaced++
	tag := s.Tag()
	switch known := v.guide.tags.find(tag) != 0; {
	case at.stray:
		v.straying(tag, at)
	case at.Near != nil:
		v.badQualifier(s, at)
	case known:
		v.segmentFinding(tag, at.Loop, "2", v.segment.Pos(), "the segment "+tag+" does not belong here")
	case slices.Contains(v.guide.Unused, tag):
		v.stray()
		v.segmentFinding(tag, at.Loop, "I4", v.segment.Pos(), "the segment "+tag+" is one that the guide does not use")
	case isSegmentID(tag):
		v.stray()
		v.segmentFinding(tag, at.Loop, "6", v.segment.Pos(), "the segment "+tag+" does not belong into this transaction set")
	default:
		v.stray()
		// What stands in the place of a segment id may be data, which is not repeated.
		v.segmentFinding(shownTag(tag), at.Loop, "1", v.segment.Pos(), "this is no segment of X12")
	}
}

// rulesOf returns the further checks of a guide.
func rulesOf(g *Guide) []rule {
	var rules []rule
	if g.Set == "835" {
		rules = append(rules, newBalance(g))
	}
	if g.situations != nil {
		rules = append(rules, newSituations(g.situations, 4))
	}
	if e := newEntities(g); e != nil {
		rules = append(rules, e)
	}
	if x := newExternals(g); x != nil {
		rules = append(rules, x)
	}
	return rules
}
