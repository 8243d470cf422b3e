package guide

// What explains a segment that does not come next?
//
// One departure from the guide is to be one finding. So the walker looks for the one departure that explains the segment, places it
// accordingly, and goes on as if nothing else were wrong. It decides in two steps:
//
//  1. Does what follows fit better without the segment? Then the segment does not belong here, and changes nothing. To see that, both
//     readings are tried on the next segments, and each costs what would be found fault with (recover_cost.go). A tie says that the
//     segment belongs here.
//  2. Else the first of the explanations below that holds places it. What needs the least to be wrong comes first. Those about the
//     level of an HL are in recover_hl.go.
//
// The Step says which explanation it was. What the validator told of the segments before may be the same departure, seen from its
// other side: then it takes that back (revise.go).

// An explanation says why a segment does not come next, and places it. It is false, and places nothing, if it does not hold. late is
// the place for the segment that was passed already, nil if there is none.
type explanation func(w *Walker, tag int, late *candidate, step *Step) bool

// recover places a segment that does not come next.
func (w *Walker) recover(tag int, step *Step) {
	late := w.late(tag)
	for _, explains := range [...]explanation{
		(*Walker).exchanged,      // it belongs before the segment that stands before it
		(*Walker).relevel,        // it shows that the level code of the last HL is wrong
		(*Walker).withoutLS,      // the LS that goes with its loop is missing
		(*Walker).notImplied,     // the loop that seemed to lack its trigger was none
		(*Walker).withoutHL,      // it begins a loop again that an HL has once: an HL is missing
		(*Walker).tooLate,        // its place is passed, and likely to be free
		(*Walker).withoutTrigger, // the trigger of its loop is missing
		(*Walker).onceMore,       // its place is passed
		(*Walker).withoutParent,  // it is the trigger of a loop within one whose trigger is missing
		(*Walker).wrongCode,      // its qualifier is wrong, or else it has no place
	} {
		if explains(w, tag, late, step) {
			return
		}
	}
}

// late returns the innermost place for the segment that was passed already. One that waits for an LS gives way to one further out that
// tells of a missing HL.
func (w *Walker) late(tag int) *candidate {
	var late *candidate
	cs := w.stack[w.top].loop.chain[tag]
	for i := range cs {
		c := &cs[i]
		switch {
		case !w.q.in(c.def) || late != nil && c.level == late.level:
		case late != nil && w.beginsHL(c):
			return c
		case late != nil:
			return late
		case !w.waitsForLS(c):
			return c
		default:
			late = c
		}
	}
	return late
}

// waitsForLS tells whether a place goes with an LS and was not passed.
func (w *Walker) waitsForLS(c *candidate) bool {
	return c.opener >= 0 && c.rank >= w.stack[c.level].rank
}

func (w *Walker) withoutLS(_ int, late *candidate, step *Step) bool {
	if late == nil || !w.waitsForLS(late) {
		return false
	}
	w.place(late, step)
	return true
}

// An undo is what the last segment changed that closed or opened loops.
type undo struct {
	step   int // its number
	top    int // the innermost open loop before it
	level  int // of the loop that it is of
	rank   int // of that loop before it
	opened bool
	frame  frame // one level further in, before a loop was opened there
}

// rewind sets past to the loops that would be open without the segment before. It is false if that one closed none.
func (w *Walker) rewind() bool {
	switch w.steps - 1 {
	case w.pastStep: // it was explained by past: what else belongs there may follow
		return true
	case w.undo.step:
		u := &w.undo
		w.past, w.pastTop = w.stack, u.top
		w.past[u.level].rank = u.rank
		if u.opened {
			w.past[u.level+1] = u.frame
		}
		return true
	}
	return false
}

// exchanged finds the place of a segment that would have come next, had the one before it not closed its loop.
func (w *Walker) exchanged(tag int, _ *candidate, step *Step) bool {
	if !w.rewind() || w.fillsNew(tag, w.past[w.pastTop].loop) {
		return false
	}
	cs := w.past[w.pastTop].loop.chain[tag]
	for i := range cs {
		c := &cs[i]
		f := &w.past[c.level]
		if c.rank < f.rank || c.loop != nil && c.loop.HL != nil || c.opener >= 0 && !f.saw(c.opener) || !w.q.in(c.def) {
			continue
		}
		f.rank, w.pastTop, w.pastStep = c.rank, c.level, w.steps
		f.see(c.bit)
		if w.stack[c.level].loop == f.loop && c.level <= w.top {
			w.stack[c.level].see(c.bit)
		}
		*step = Step{Loop: f.loop, Def: c.def, OutOfOrder: true, Behind: true}
		if c.loop != nil {
			step.Loop, step.Opened = c.loop, true
			w.pastTop++
			w.past[w.pastTop] = frame{loop: c.loop}
			w.past[w.pastTop].see(0)
		}
		return true
	}
	return false
}

// fillsNew tells whether the segment is of a loop that must come first in the one that was just opened, other than the one that was
// open before.
func (w *Walker) fillsNew(tag int, before *Loop) bool {
	f := &w.stack[w.top]
	for i := range f.loop.inside[tag] {
		d := f.loop.inside[tag][i].def
		if d.Loop != before && d.Loop.Usage == Required && d.Loop.Parent == f.loop && !f.saw(d.Loop.child) && w.q.in(d) {
			return true
		}
	}
	return false
}

func (w *Walker) notImplied(_ int, late *candidate, step *Step) bool {
	if late == nil || late.level != w.impliedLevel || w.impliedRank < 0 || late.rank < w.impliedRank {
		return false
	}
	w.impliedRank = -1
	w.place(late, step)
	return true
}

// tooLate puts a segment before what was there last, if it is likely that it is missing there.
func (w *Walker) tooLate(tag int, late *candidate, step *Step) bool {
	return late != nil && !w.stoodBefore(late) && w.onceMore(tag, late, step)
}

// stoodBefore tells whether the place of c is taken, or likely to be that in a new instance of its loop: it comes first there,
// and the open one is well past it.
func (w *Walker) stoodBefore(c *candidate) bool {
	f := &w.stack[c.level]
	return c.loop == nil && f.saw(c.bit) && (c.def.Max == 1 || c.rank == 1 && (w.top > c.level || f.sawAfter(c.bit) > 1))
}

// onceMore puts a segment before what was there last. A loop's own segment leaves the loops within it open: what follows mostly
// belongs there.
func (w *Walker) onceMore(_ int, late *candidate, step *Step) bool {
	if late == nil {
		return false
	}
	step.OutOfOrder = true
	if late.loop != nil || late.level == w.top {
		w.place(late, step)
		return true
	}
	f := &w.stack[late.level]
	f.see(late.bit)
	step.Loop, step.Def = f.loop, late.def
	return true
}

// sawAfter counts the children behind a given one that were there.
func (f *frame) sawAfter(bit int) (n int) {
	for bit++; bit < maxChildren; bit++ {
		if f.saw(bit) {
			n++
		}
	}
	return n
}

// withoutTrigger finds an instance of a loop by a segment within it: of a loop below an open one, or, if the segment may stand once in
// its loop and did, of that loop again.
func (w *Walker) withoutTrigger(tag int, late *candidate, step *Step) bool {
	for level := w.top; level >= 0; level-- {
		f := &w.stack[level]
		cs := f.loop.inside[tag]
		for i := range cs {
			if d := cs[i].def; d.Loop.order >= f.rank && w.q.in(d) && w.impliable(f, d) {
				w.imply(level, d, step)
				return true
			}
		}
		if late != nil && late.level == level && level > 0 && f.loop.Max > 1 && f.loop.HL == nil {
			w.imply(level-1, late.def, step)
			return true
		}
	}
	if late != nil && late.level == 1 && w.stack[1].loop.HL != nil && w.stoodBefore(late) {
		w.imply(0, late.def, step)
		return true
	}
	return false
}

// impliable tells whether d suffices to tell that its loop was begun. HL loops are told by their first and their required
// segments only, and just below the current HL; a loop that can't repeat must not have been there.
func (w *Walker) impliable(f *frame, d *SegmentDef) bool {
	if d.Loop.HL != nil {
		return d.Loop.HL.under(w.hlNow) && (d.order == 1 || d.Usage == Required)
	}
	return d.qualifiers != nil && d.Loop.Max > 1 || !f.saw(d.Loop.child)
}

// imply opens the loop of d, and those between it and the given level, without their triggers.
func (w *Walker) imply(level int, d *SegmentDef, step *Step) {
	if d.Loop.HL == nil {
		w.impliedLevel, w.impliedRank = level, w.stack[level].rank
	}
	was := w.hlNow
	w.openAbove(level, d.Loop)
	if d.Loop.HL != nil && was != nil {
		w.other = append(append(append(w.other[:0], was.below...), was), was.HL.Parents...)
	}
	f := &w.stack[w.top]
	f.implied, f.rank = w.steps, d.order
	f.see(d.child)
	step.Loop, step.Def, step.Implied = d.Loop, d, true
}

// withoutParent looks for a loop that the segment opens below a loop which is not open.
func (w *Walker) withoutParent(tag int, _ *candidate, step *Step) bool {
	for level := w.top; level >= 0; level-- {
		f := &w.stack[level]
		for _, l := range f.loop.deep[tag] {
			if !w.q.in(l.Trigger) || !w.reachable(f, l) || level == 0 && w.awaits(tag) {
				continue
			}
			w.openAbove(level, l)
			step.Loop, step.Def, step.Opened = l, l.Trigger, true
			return true
		}
	}
	return false
}

// awaits tells whether an open loop still lacks a required segment or loop of this name: then its qualifier is more likely to be wrong than
// an HL to be missing.
func (w *Walker) awaits(tag int) bool {
	for level := w.top; level > 0; level-- {
		f := &w.stack[level]
		for i := range f.loop.byTag[tag] {
			if c := &f.loop.byTag[tag][i]; c.rank >= f.rank && c.required() && !f.saw(c.bit) {
				return true
			}
		}
	}
	return false
}

// reachable tells whether the loop of f could come to l next. An HL loop can only be opened below the current HL.
func (w *Walker) reachable(f *frame, l *Loop) bool {
	for l.Parent != f.loop {
		l = l.Parent
	}
	return l.order >= f.rank && (l.HL == nil || l.HL.under(w.hlNow) || w.parentOf(0, l) >= 0)
}

// openAbove opens l and the loops between it and the given level, whose triggers are missing.
func (w *Walker) openAbove(level int, l *Loop) {
	w.above = level
	w.top = level + l.depth - w.stack[level].loop.depth
	for i := w.top; i > level; i-- {
		w.stack[i] = frame{loop: l}
		if i < w.top {
			w.stack[i].implied = w.steps
		}
		l = l.Parent
	}
	for i := level; i < w.top; i++ {
		child := w.stack[i+1].loop
		w.stack[i].rank = child.order
		w.stack[i].see(child.child)
		if child.HL != nil {
			w.guessHL(child)
		}
	}
}

// wrongCode places a segment by its name alone: where one that is required is still missing, or where only one can be. It always
// holds: what it finds no place for has none.
func (w *Walker) wrongCode(tag int, _ *candidate, step *Step) bool {
	step.Loop = w.stack[w.top].loop
	if w.guide.tags.find("HL") == tag {
		w.unknownLevel(tag, step)
		return true
	}
	for level := w.top; level >= 0; level-- {
		f := &w.stack[level]
		c, near := f.byName(f.loop.byTag[tag])
		if c != nil {
			w.place(c, step)
			step.Mismatch = c.def.Element(c.def.qualifier).Usage == Required || !w.q.empty(c.def)
			return true
		}
		if near != nil {
			step.Near = near
			return true
		}
	}
	return true
}

// byName chooses among the candidates that may come next: a required one that is missing, the only one, or the first loop.
func (f *frame) byName(cs []candidate) (c *candidate, near *SegmentDef) {
	var loop *candidate
	n := 0
	for i := range cs {
		if cs[i].rank < f.rank {
			continue
		}
		n++
		if c = &cs[i]; c.required() && !f.saw(c.bit) {
			return c, nil
		}
		if loop == nil && c.loop != nil {
			loop = c
		}
	}
	switch {
	case n <= 1:
		return c, nil
	case loop != nil:
		return loop, nil
	}
	return nil, c.def
}
