package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// displaced counts a segment that comes just behind the one that closed its loop. If the loop was told to lack it, that is
// taken back: it stands too late. It is false for more of the same loop that follows.
func (v *Validator) displaced(at *Step) bool {
	here := v.segment.Ordinal()
	follows := v.behindAt == here-1
	if v.behindAt = here; follows {
		return false
	}
	l, child, most, code := at.Loop, at.Def.child, at.Def.Max, "5"
	if at.Opened {
		l, child, most, code = at.Loop.Parent, at.Loop.child, at.Loop.Max, "4"
	}
	if l.depth <= v.top && v.stack[l.depth].loop == l {
		v.count(l.depth, child, most, code, at.Def, at.Loop)
		return true
	}
	for i := len(v.findings) - 1; i >= 0; i-- {
		f := &v.findings[i]
		if f.Pos.Segment < here-1 {
			break
		}
		if f.Code.Kind == "IK304" && (f.Code.Value == "3" || f.Code.Value == "I6") && f.Segment == at.Def.Tag && f.Loop == at.Loop.ID {
			v.findings = slices.Delete(v.findings, i, i+1)
			break
		}
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

// maxRestart is how far behind the first segment that is out of order others may tell that a new instance of the loop began there.
const maxRestart = 10

// restarted takes a second segment of a loop that is out of order, or once too often, for a sign that with the first one a new
// instance began, whose trigger is missing.
func (v *Validator) restarted(at *Step) bool {
	l, here := at.Loop, v.segment.Ordinal()
	if at.Opened && l.Parent != nil {
		l = l.Parent
	}
	in := &v.stack[l.depth]
	if l.Parent == nil || in.loop != l || l.depth > v.top {
		return false
	}
	child := at.Def.child
	if at.Opened {
		child = at.Loop.child
	}
	if in.late == 0 || here-in.late > maxRestart || in.counts[child] < 2 {
		return false
	}
	late := in.late
	v.forget(func(f edi.Finding) bool {
		return f.Pos.Segment > late && f.Loop == l.ID && f.Code.Kind == "IK304" && f.Code.Value == "7"
	})
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= late; i-- {
		f := &v.findings[i]
		if f.Pos.Segment == late && f.Code.Kind == "IK304" && f.Code.Value == "7" {
			*f = v.missingFinding(l.Trigger, l, f.Pos)
			v.incomplete = true
			if v.balance != nil {
				v.balance.doubtLoop(l)
			}
		}
	}
	return true
}

// maxRecent is how many findings can be about the segments just before: few have more than some.
const maxRecent = 64

// forget takes back findings about the segments just before. Only the last ones are looked at, however many there are.
func (v *Validator) forget(wrong func(edi.Finding) bool) {
	first := max(len(v.findings)-maxRecent, 0)
	v.findings = append(v.findings[:first], slices.DeleteFunc(v.findings[first:], wrong)...)
}

// maxMisnamed is how far behind that may be.
const maxMisnamed = 6

// misnamed tells whether a segment that is one too many was told to be missing just before: it stands in the wrong loop.
func (v *Validator) misnamed(tag string) bool {
	here := v.segment.Ordinal()
	for i := len(v.findings) - 1; i >= 0; i-- {
		f := &v.findings[i]
		if f.Pos.Segment < here-maxMisnamed {
			return false
		}
		if f.Code.Kind == "IK304" && f.Code.Value == "3" && f.Segment == tag {
			v.forget(func(f edi.Finding) bool {
				return f.Pos.Segment > here-maxMisnamed && f.Code.Kind == "IK304" && f.Code.Value == "7"
			})
			return true
		}
	}
	return false
}

// isEmpty tells whether nothing but the trigger was there.
func (in *instance) isEmpty() bool {
	if in.loop.Parent == nil {
		return false
	}
	for _, n := range in.counts[1:len(in.loop.Children)] {
		if n > 0 {
			return false
		}
	}
	return in.counts[0] > 0
}

// withoutBracket reports that an LS or LE is missing: the LS before the first instance of its loop, the LE here, behind the last.
func (v *Validator) withoutBracket(in *instance, b bracket) {
	d := in.loop.Children[b.segment].Segment
	at := v.segment.Pos()
	if b.segment < b.loop {
		at = in.bracketed
	}
	if v.garbled(at.Segment) {
		return
	}
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= at.Segment-2; i-- {
		if f := &v.findings[i]; f.Segment == d.Tag && f.Code.Kind == "IK304" {
			return // it is there, before its place, and that was told
		}
	}
	l := in.loop.Children[b.loop].Loop
	v.Add(edi.Finding{
		Pos: at, Control: v.control, Segment: d.Tag, Loop: loopID(in.loop), Severity: edi.Error, SNIP: 2,
		Code: edi.Code{Kind: "IK304", Value: "I6"}, Message: "the segment " + title(d) + " is missing: it goes with loop " + d.With,
		Trigger: edi.Place{Segment: l.Trigger.Tag, Position: in.bracketed.Segment, Loop: l.ID},
	})
}

// closesBracket tells whether a mark is the LE of an LS that is there.
func (v *Validator) closesBracket(in *instance, m gap) bool {
	for _, b := range in.loop.brackets {
		if b.segment < b.loop && b.segment < m.child && in.counts[b.segment] > 0 {
			return true
		}
	}
	return false
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
	l := at.Loop
	if at.Opened && l.Parent != nil {
		l = l.Parent
	}
	if in := &v.stack[l.depth]; in.loop == l {
		in.late = v.segment.Ordinal()
	}
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

// misled tells whether the segment is out of order because the one before was taken for another than the one missing from a loop that
// closed just before, which was told.
func (v *Validator) misled() bool {
	here := v.segment.Ordinal()
	for i := len(v.findings) - 1; v.before != nil && i >= 0 && v.findings[i].Pos.Segment >= here-2; i-- {
		if f := &v.findings[i]; f.Code.Kind == "IK304" && f.Code.Value == "3" && f.Segment == v.before.Tag {
			return true
		}
	}
	return false
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

// dropFinding takes back a finding about a segment.
func (v *Validator) dropFinding(ordinal int, tag, code string) bool {
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= ordinal; i-- {
		f := &v.findings[i]
		if f.Pos.Segment == ordinal && f.Segment == tag && f.Code.Kind == "IK304" && f.Code.Value == code {
			v.findings = slices.Delete(v.findings, i, i+1)
			return true
		}
	}
	return false
}

// duplicated tells whether a segment that is missing from loop l stood just before it began, where it was one too many: that is told as its
// being out of order, once.
func (v *Validator) duplicated(d *SegmentDef, l *Loop, at edi.Position) bool {
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= at.Segment-3; i-- {
		f := &v.findings[i]
		if f.Code.Kind == "IK304" && f.Segment == d.Tag && f.Loop == loopID(l) && f.Code.Value == "5" {
			f.Code.Value, f.Message = "7", "the segment "+title(d)+" stands before its place"
			return true
		}
	}
	return false
}

// noHL takes back that an HL is missing, because the next one has its number: the loop that seemed to be of another HL was there once too
// often.
func (v *Validator) noHL() {
	if v.anewAt < 0 {
		return
	}
	for i := range v.findings {
		f := &v.findings[i]
		if f.Pos.Segment == v.anewAt && f.Segment == "HL" && f.Code.Kind == "IK304" && f.Code.Value == "3" {
			l := v.anew
			f.Segment, f.Loop, f.Code.Value = l.Trigger.Tag, l.ID, "4"
			f.Message = "there are more instances of loop " + l.ID + " (" + l.Name + ") here than the " + decimal(l.Max) + " that the guide allows"
		}
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

// skip notes what is required and stands in the guide before a child of the same rank that is there; it may still follow.
func (v *Validator) skip(level, child, order int) {
	in := &v.stack[level]
	for _, r := range in.loop.required[in.next:] {
		switch rank := in.loop.rankOf(r); {
		case rank > order:
			return
		case rank == order && r < child && in.counts[r] == 0 && !v.hasGap(level, r):
			v.gaps = append(v.gaps, gap{level, r, v.segment.Pos()})
		}
	}
}

func (v *Validator) hasGap(level, child int) bool {
	for i := len(v.gaps) - 1; i >= 0 && v.gaps[i].level == level; i-- {
		if v.gaps[i].child == child {
			return true
		}
	}
	return false
}
