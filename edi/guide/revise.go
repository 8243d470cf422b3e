package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// What is told of a segment is told at once, and the segments behind it may show that the departure was another one (see recover.go).
// Here is what the validator then takes back or says in other words. It looks back a few segments only, however long the set is.
const (
	maxStrays   = 256 // segments with a garbled id that are remembered
	maxGarbled  = 12  // from such a segment to where one is noticed to be missing: others may come before it or after it
	maxRestart  = 10  // to the first of several segments that stand too late, where the loop began anew
	maxMisnamed = 6   // to where a segment was told to be missing that then is one too many
	maxRecent   = 64  // findings; few segments have more than some
)

// childOf returns the loop that the segment is a child of, itself or as the trigger of a loop, and which child it is.
func (s *Step) childOf() (l *Loop, child int) {
	if s.Opened && s.Loop.Parent != nil {
		return s.Loop.Parent, s.Loop.child
	}
	return s.Loop, s.Def.child
}

// lastTold returns the last finding at one of the segments from first to last about the place of one with that tag, "" for any, which
// has one of the codes; -1 if there is none.
func (v *Validator) lastTold(first, last int, tag string, codes ...string) int {
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= first; i-- {
		f := &v.findings[i]
		if f.Pos.Segment <= last && f.Code.Kind == "IK304" && (tag == "" || f.Segment == tag) && slices.Contains(codes, f.Code.Value) {
			return i
		}
	}
	return -1
}

// takeBack takes back finding i, if there is one.
func (v *Validator) takeBack(i int) bool {
	if i >= 0 {
		v.findings = slices.Delete(v.findings, i, i+1)
	}
	return i >= 0
}

// forget takes back findings about the segments just before.
func (v *Validator) forget(wrong func(edi.Finding) bool) {
	first := max(len(v.findings)-maxRecent, 0)
	v.findings = append(v.findings[:first], slices.DeleteFunc(v.findings[first:], wrong)...)
}

// dropFinding takes back a finding about a segment.
func (v *Validator) dropFinding(ordinal int, tag, code string) bool {
	return v.takeBack(v.lastTold(ordinal, ordinal, tag, code))
}

// displaced counts a segment that comes just behind the one that closed its loop. If the loop was told to lack it, that is
// taken back: it stands too late. It is false for more of the same loop that follows.
func (v *Validator) displaced(at *Step) bool {
	here := v.segment.Ordinal()
	follows := v.behindAt == here-1
	if v.behindAt = here; follows {
		return false
	}
	l, child := at.childOf()
	if l.depth <= v.top && v.stack[l.depth].loop == l {
		most, code := at.Def.Max, "5"
		if at.Opened {
			most, code = at.Loop.Max, "4"
		}
		v.count(l.depth, child, most, code, at.Def, at.Loop)
		return true
	}
	if i := v.lastTold(here-1, here, at.Def.Tag, "3", "I6"); i >= 0 && v.findings[i].Loop == at.Loop.ID {
		v.takeBack(i)
	}
	return true
}

// relevel takes the last HL for the beginning of another loop than its level code says.
func (v *Validator) relevel(at *Step) {
	root := at.Loop
	for root.HL == nil {
		root = root.Parent
	}
	first := v.segment.Pos()
	for _, g := range v.gaps {
		if g.level == root.depth && g.child == 0 {
			first = g.at
		}
	}
	v.gaps = slices.DeleteFunc(v.gaps, func(g gap) bool { return g.level >= root.depth })
	old := v.stack[root.depth].loop
	if n := &v.stack[0].counts[old.child]; v.top >= root.depth && *n > 0 {
		*n--
	}
	v.stack[0].counts[root.child]++
	v.top = root.depth
	v.stack[v.top].open(root)
	if v.tree.last.implied {
		v.tree.restore()
		v.withoutTrigger(root)
		v.gaps[len(v.gaps)-1].at = first
		return
	}
	v.tree.relevel(v, root)
}

// tooLate reports a segment that stands too late in its loop.
func (v *Validator) tooLate(at *Step) {
	v.lateAt, v.late, v.latePos = v.segment.Ordinal(), at.Def, v.segment.Pos()
	if v.afterStray(at) || v.misled() {
		return
	}
	v.markLate(at)
	v.segmentFinding(at.Def.Tag, at.Loop, "7", v.segment.Pos(), "the segment "+title(at.Def)+" stands too late in its loop")
}

// markLate notes in the loop that the segment is a child of where it first was out of order.
func (v *Validator) markLate(at *Step) {
	l, _ := at.childOf()
	if in := &v.stack[l.depth]; in.loop == l {
		in.late = v.segment.Ordinal()
	}
}

// misled tells whether the segment is out of order because the one before was taken for another than the one missing from a loop that
// closed just before, which was told.
func (v *Validator) misled() bool {
	here := v.segment.Ordinal()
	return v.before != nil && v.lastTold(here-2, here, v.before.Tag, "3") >= 0
}

// restarted takes a second segment of a loop that is out of order, or once too often, for a sign that with the first one a new
// instance began, whose trigger is missing.
func (v *Validator) restarted(at *Step) bool {
	l, child := at.childOf()
	in := &v.stack[l.depth]
	if l.Parent == nil || in.loop != l || l.depth > v.top {
		return false
	}
	late := in.late
	if late == 0 || v.segment.Ordinal()-late > maxRestart || in.counts[child] < 2 {
		return false
	}
	v.forget(func(f edi.Finding) bool {
		return f.Pos.Segment > late && f.Loop == l.ID && f.Code.Kind == "IK304" && f.Code.Value == "7"
	})
	if i := v.lastTold(late, late, "", "7"); i >= 0 {
		v.findings[i] = v.missingFinding(l.Trigger, l, v.findings[i].Pos)
		v.incomplete = true
		if v.balance != nil {
			v.balance.doubtLoop(l)
		}
	}
	return true
}

// misnamed tells whether a segment that is one too many was told to be missing just before: it stands in the wrong loop.
func (v *Validator) misnamed(tag string) bool {
	here := v.segment.Ordinal()
	if v.lastTold(here-maxMisnamed, here, tag, "3") < 0 {
		return false
	}
	v.forget(func(f edi.Finding) bool {
		return f.Pos.Segment > here-maxMisnamed && f.Code.Kind == "IK304" && f.Code.Value == "7"
	})
	return true
}

// firstOf returns where the first segment of a loop stands whose trigger is missing: at, or just before it, if the segment there stood too
// late in the loop before, and may belong to this one, which is open now.
func (v *Validator) firstOf(l *Loop, at edi.Position) edi.Position {
	if v.lateAt != at.Segment-1 || !v.countLate(l) {
		return at
	}
	v.dropFinding(v.lateAt, v.late.Tag, "7")
	return v.latePos
}

// takeLate looks at what stood too late just before an HL: if it may stand behind the HL, both were exchanged.
func (v *Validator) takeLate(at *Step) {
	if v.late == nil || v.lateAt != v.segment.Ordinal()-1 || at.OutOfOrder || v.late.Loop == at.Loop || !v.countLate(at.Loop) {
		return
	}
	if v.dropFinding(v.lateAt, v.late.Tag, "7") {
		v.segmentFinding(at.Def.Tag, at.Loop, "7", v.segment.Pos(), "the segment "+title(at.Def)+" stands too late in its loop")
	}
}

// countLate counts the segment that stood too late for one of loop l, which is open, if it may be that.
func (v *Validator) countLate(l *Loop) bool {
	for i, n := range l.Children {
		if n.Segment != nil && i > 0 && n.Segment.Tag == v.late.Tag && overlap(n.Segment.qualifiers, v.late.qualifiers) {
			v.stack[l.depth].counts[i]++
			return true
		}
	}
	return false
}

// duplicated tells whether a segment that is missing from loop l stood just before it began, where it was one too many: that is told as its
// being out of order, once.
func (v *Validator) duplicated(d *SegmentDef, l *Loop, at edi.Position) bool {
	i := v.lastTold(at.Segment-3, v.segment.Ordinal(), d.Tag, "5")
	if i < 0 || v.findings[i].Loop != loopID(l) {
		return false
	}
	v.findings[i].Code.Value, v.findings[i].Message = "7", "the segment "+title(d)+" stands before its place"
	return true
}

// noHL takes back that an HL is missing, because the next one has its number: the loop that seemed to be of another HL was there once too
// often.
func (v *Validator) noHL() {
	if v.anewAt < 0 {
		return
	}
	if i := v.lastTold(v.anewAt, v.anewAt, "HL", "3"); i >= 0 {
		l := v.anew
		f := &v.findings[i]
		f.Segment, f.Loop, f.Code.Value = l.Trigger.Tag, l.ID, "4"
		f.Message = "there are more instances of loop " + l.ID + " (" + l.Name + ") here than the " + decimal(l.Max) + " that the guide allows"
	}
	v.anewAt = -1
}

// forgive takes back what was told about the elements of a segment whose qualifier is wrong, besides that: it may be another segment. Of one
// that is too many or out of order nothing else is told.
func (v *Validator) forgive(at *Step) {
	here := v.segment.Ordinal()
	first := len(v.findings)
	whole := false
	for first > 0 && v.findings[first-1].Pos.Segment == here {
		first--
		if f := &v.findings[first]; f.Code.Kind == "IK304" && f.Code.Value != "3" && f.Code.Value != "I6" && f.Segment == at.Def.Tag {
			whole = true
		}
	}
	v.findings = append(v.findings[:first], slices.DeleteFunc(v.findings[first:], func(f edi.Finding) bool {
		return f.Pos.Segment == here && f.Code.Kind == "IK403" && (whole || f.Element != at.Def.qualifier)
	})...)
	v.mismatchAt, v.mismatched = here, at.Loop
}

// unmatched forgets the loop that the segment before began with a wrong qualifier, if the segment in hand shows that it is a sibling of
// that loop. Then nothing is missing.
func (v *Validator) unmatched(l *Loop) bool {
	m := v.mismatched
	if v.mismatchAt != v.segment.Ordinal()-1 || m == nil || m == l || m.HL != nil || m.Parent != l.Parent || m.Trigger.Tag != l.Trigger.Tag ||
		v.top != m.depth || v.stack[v.top].loop != m {
		return false
	}
	v.gaps = slices.DeleteFunc(v.gaps, func(g gap) bool { return g.level >= m.depth })
	v.top--
	v.stack[v.top].counts[m.child]--
	return true
}

// straying reports a segment that does not belong here, or that is out of order: its place was before, or it was told to be missing just
// before.
func (v *Validator) straying(tag string, at *Step) {
	code, message := "2", " does not belong here"
	here := v.segment.Ordinal()
	if v.takeBack(v.lastTold(here-1, here, tag, "3")) || at.passed {
		code, message = "7", " stands too late"
	}
	v.segmentFinding(tag, at.Loop, code, v.segment.Pos(), "the segment "+tag+message)
}

// A stray is a segment that no set of this kind has. It may be another one whose id was garbled: what is missing just behind it.
type stray struct {
	at    int // ordinal
	until int // that of the first segment behind it that has its place without it; 0 if none came yet
}

// stray notes the segment in hand as one whose id may be garbled.
func (v *Validator) stray() {
	if len(v.strays) < maxStrays {
		v.strays = append(v.strays, stray{at: v.segment.Ordinal()})
		v.strayed = true
	}
}

// found tells the strays that the segment in hand has its place.
func (v *Validator) found(at *Step) {
	if b := v.balance; b != nil {
		b.afterStray(v, at)
	}
	if !v.inPlace(at) {
		return
	}
	v.strayed = false
	for i := len(v.strays) - 1; i >= 0 && v.strays[i].until == 0; i-- {
		v.strays[i].until = v.segment.Ordinal()
	}
}

// inPlace tells whether the segment in hand comes where it may, once more.
func (v *Validator) inPlace(at *Step) bool {
	if at.Implied || at.OutOfOrder || at.Mismatch || at.Anew || at.Releveled {
		return false
	}
	l, child := at.childOf()
	_, most := l.Children[child].limits()
	n := int(v.stack[l.depth].counts[child])
	return n > 0 && n <= most
}

// garbled tells whether what is missing before the given segment stood there, with a garbled id. Each such segment stands for
// one that is missing, and only as long as no other has found its place.
func (v *Validator) garbled(before int) bool {
	for i := len(v.strays) - 1; i >= 0; i-- {
		switch s := v.strays[i]; {
		case s.at < before-maxGarbled:
			return false
		case s.at < before && (s.until == 0 || before <= s.until):
			v.strays = slices.Delete(v.strays, i, i+1)
			return true
		}
	}
	return false
}

// afterStray tells whether a segment that is out of order, or one too many, follows one with a garbled id, which then most likely
// began the loop anew.
func (v *Validator) afterStray(at *Step) bool {
	n := len(v.strays)
	if n == 0 || v.strays[n-1].at != v.segment.Ordinal()-1 || at.Loop.Parent == nil {
		return false
	}
	v.markLate(at)
	return true
}
