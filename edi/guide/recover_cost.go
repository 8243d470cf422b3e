package guide

import "github.com/ediport/ediport/edi"

// maxLook is how many segments behind one that is not expected are looked at.
const maxLook = 2

// isStray tells whether the segment, which does not come next or passes over what is required, does not belong here at all, although it
// may have a place: what follows fits better without it. Then it changes nothing. A tie says that it does belong here.
func (w *Walker) isStray(s *edi.Segment, p *place, tag int, step *Step) bool {
	hl := s.Is("HL")
	if hl && (p == nil || w.repeatsHL(&HLStep{ID: number(s.Text(1))}, p.candidate.loop)) {
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

// tryAhead is the cost of the segments behind the one in hand.
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
	case step.Def == nil:
		return 1
	case w.above >= 0:
		level = w.above
	case w.undo.step == w.steps:
		level = w.undo.level
	}
	cost := step.faults(&from, level)
	if step.comesLate(&from) || step.isDoubled(&from, top) {
		return cost
	}
	for i := top; i > level; i-- {
		cost += from[i].closed()
	}
	cost += w.stack[level].missing(from[level].rank, w.stack[level].rank)
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
	l, bit := step.childOf()
	required, most := l.Children[bit].limits()
	seen := l.depth <= level && open[l.depth].saw(bit)
	switch {
	case step.Implied:
	case step.OutOfOrder && required && !seen: // that it was lacking was counted
	case step.comesLate(open): // likewise
	case step.OutOfOrder || seen && most == 1:
		n++
	}
	return n
}

// limits tells whether a segment or loop must be there, and how often it may.
func (n Node) limits() (required bool, most int) {
	if n.Loop != nil {
		return n.Loop.Usage == Required, n.Loop.Max
	}
	return n.Segment.Usage == Required || n.Segment.With != "", n.Segment.Max
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

// missing counts the required children of the ranks from first up to, but not including, end that were not there.
func (f *frame) missing(first, end int) (n int) {
	for _, r := range f.loop.required {
		if rank := f.loop.rankOf(r); r > 0 && rank >= first && rank < end && !f.saw(r) {
			n++
		}
	}
	return n
}

// closed counts what was not there when the loop is closed.
func (f *frame) closed() int {
	n := f.missing(f.rank, maxChildren)
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

// opened counts what is missing at the beginning of the loop at level, just opened.
func (w *Walker) opened(level int) (n int) {
	f, around := &w.stack[level], &w.stack[level-1]
	if f.implied == w.steps {
		n++
		if f.loop.HL == nil || w.lateAt != w.steps-1 {
			n += f.missing(0, f.rank)
		}
	}
	for _, b := range around.loop.brackets {
		if b.segment < b.loop && b.loop == f.loop.child && !around.saw(b.segment) {
			n++
		}
	}
	return n
}
