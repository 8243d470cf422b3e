package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// maxLook is how many segments behind one that is not expected are looked at.
const maxLook = 2

// isStray tells whether the segment, which does not come next or passes over what is required, does not belong here at all, although it
// may have a place: what follows fits better without it. Then it changes nothing. A tie says that it does belong here.
func (w *Walker) isStray(s *edi.Segment, p *place, tag int, step *Step) bool {
	hl := s.Is("HL")
	if hl && (p == nil || w.hlStep == w.steps-1) {
		return false // its codes are rather wrong, or it is there twice
	}
	defer w.q.begin(s) // its bytes may have moved
	if w.look(1) == nil {
		return false
	}
	steps, open := w.steps, w.stack[w.top].loop
	w.save()
	with := w.tryNext(s)
	late, opened := w.tried.OutOfOrder, w.tried.Opened
	if with += w.tryAhead(hl); with <= 1 {
		w.reset(steps)
		return false
	}
	w.reset(steps)
	if opened && w.look(1).Is("SE") {
		return false // what would tell is not there
	}
	without := 1 + w.tryAhead(hl)
	w.reset(steps)
	if without >= with {
		return false
	}
	w.q.begin(s)
	step.Loop, step.stray, step.passed = open, true, late || w.late(tag) != nil
	return true
}

// tryAhead is the cost of the segments behind the one in hand, which may be an HL.
func (w *Walker) tryAhead(hl bool) (cost int) {
	for n := 1; n <= maxLook; n++ {
		s := w.look(n)
		if s == nil {
			break
		}
		if s.Is("HL") {
			if hl {
				break // further on there is more to think of than places
			}
			hl = true
		}
		w.steps++
		cost += w.tryNext(s)
	}
	return cost
}

func (w *Walker) save() {
	path, other := append(w.saved.path[:0], w.path...), append(w.saved.other[:0], w.other...)
	w.saved = w.position
	w.saved.path, w.saved.other = path, other
}

// reset goes back to the position that was saved.
func (w *Walker) reset(steps int) {
	w.steps = steps
	path, other := append(w.path[:0], w.saved.path...), append(w.other[:0], w.saved.other...)
	w.position = w.saved
	w.path, w.other = path, other
}

// tryNext is the cost of a segment ahead.
func (w *Walker) tryNext(s *edi.Segment) int {
	cost := w.try(s)
	if w.tried.Opened && w.tried.Loop.HL != nil {
		w.hlNow, w.other = w.tried.Loop, w.other[:0]
	}
	if !s.Is("HL") || w.tried.Def == nil || w.tried.OutOfOrder {
		return cost
	}
	if id := number(s.Text(1)); id > 0 && id != len(w.hl)+1 {
		cost++
	}
	if l := w.tried.Loop; l.HL != nil && len(l.HL.Parents) > 0 && !hasLoop(l.HL.Parents, w.loopOf(number(s.Text(2)))) {
		cost++
	}
	return cost
}

// try places a segment and tells what it costs: how much would be found fault with.
func (w *Walker) try(s *edi.Segment) int {
	w.q.begin(s)
	tag := w.tag()
	if tag == 0 {
		return 1
	}
	from, top := w.stack, w.top
	w.above, w.trying = -1, true
	w.tried = Step{}
	w.settle(w.find(tag), tag, &w.tried)
	w.trying = false
	step := &w.tried
	level := w.top
	switch {
	case step.Def == nil || step.Mismatch && step.Implied:
		return 1
	case w.above >= 0:
		level = w.above
	case w.undo.step == w.steps:
		level = w.undo.level
	}
	cost := step.faults(&from, level)
	if step.Behind || step.Releveled || step.OutOfOrder && level == w.top || step.comesLate(&from) || step.isDoubled(&from, top) {
		return cost
	}
	for i := top; i > level; i-- {
		cost += from[i].lacks()
	}
	cost += w.passed(&from[level], level)
	for i := level + 1; i <= w.top; i++ {
		cost += w.opened(i)
	}
	return cost
}

// faults counts what is wrong with the place of a segment itself; open are the loops before it, those beyond level closed by it.
func (step *Step) faults(open *[maxDepth]frame, level int) (n int) {
	if step.Mismatch {
		n++
	}
	l, bit, required, most := step.Loop, step.Def.child, step.Def.Usage == Required || step.Def.With != "", step.Def.Max
	if step.Opened {
		l, bit, required, most = l.Parent, l.child, l.Usage == Required, l.Max
	}
	f := &open[l.depth]
	seen := l.depth <= level && f.saw(bit)
	switch {
	case step.Implied || step.Opened && step.Loop.HL != nil:
	case step.Behind && required:
	case step.OutOfOrder && required && !seen: // that it was lacking was counted
	case step.comesLate(open): // likewise
	case step.OutOfOrder || seen && most == 1:
		n++
	}
	return n
}

// comesLate tells whether the segment is the trigger of a loop that began without; open are the loops before it.
func (step *Step) comesLate(open *[maxDepth]frame) bool {
	f := &open[step.Loop.depth]
	return step.Opened && step.OutOfOrder && f.loop == step.Loop && f.implied > 0
}

// isDoubled tells whether the segment is a trigger twice in a row, once too often.
func (step *Step) isDoubled(open *[maxDepth]frame, top int) bool {
	l := step.Loop
	return step.Opened && l.Max == 1 && top == l.depth && open[top].loop == l && open[top].sawAfter(0) == 0
}

// lacks counts what is required and was not there when the loop is closed.
func (f *frame) lacks() (n int) {
	for _, r := range f.loop.required {
		if rank := f.loop.rankOf(r); r > 0 && rank >= f.rank && !f.saw(r) {
			n++
		}
	}
	if f.sawAfter(0) == 0 {
		n = min(n, 1)
	}
	for _, b := range f.loop.brackets {
		if b.segment > b.loop && f.saw(b.loop) && !f.saw(b.segment) {
			n++
		}
	}
	return n
}

// passed counts what is required in the loop at level and was passed over since it was as before.
func (w *Walker) passed(before *frame, level int) (n int) {
	f := &w.stack[level]
	for _, r := range f.loop.required {
		if rank := f.loop.rankOf(r); r > 0 && rank >= before.rank && rank < f.rank && !f.saw(r) {
			n++
		}
	}
	return n
}

// opened counts what is missing at the beginning of the loop at level, just opened.
func (w *Walker) opened(level int) (n int) {
	f := &w.stack[level]
	if f.implied == w.steps {
		n++
		for _, r := range f.loop.required {
			if r > 0 && (f.loop.HL == nil || w.lateAt != w.steps-1) && f.loop.rankOf(r) < f.rank && !f.saw(r) {
				n++
			}
		}
	}
	around := &w.stack[level-1]
	for _, b := range around.loop.brackets {
		if b.segment < b.loop && b.loop == f.loop.child && !around.saw(b.segment) {
			n++
		}
	}
	return n
}

// straying reports a segment that does not belong here, or that is out of order: its place was before, or it was told to be missing just
// before.
func (v *Validator) straying(tag string, at *Step) {
	here := v.segment.Ordinal()
	passed := at.passed
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= here-1; i-- {
		f := &v.findings[i]
		if f.Code.Kind == "IK304" && f.Code.Value == "3" && f.Segment == tag {
			v.findings = slices.Delete(v.findings, i, i+1)
			passed = true
			break
		}
	}
	if passed {
		v.segmentFinding(tag, at.Loop, "7", v.segment.Pos(), "the segment "+tag+" stands too late")
		return
	}
	v.segmentFinding(tag, at.Loop, "2", v.segment.Pos(), "the segment "+tag+" does not belong here")
}
