package guide

// recover places a segment that does not come next, in the order of what most likely happened: it stands too late, the trigger
// before it is missing, its qualifier is wrong; or else it does not belong here.
func (w *Walker) recover(tag int, step *Step) {
	if w.behind(tag, step) || w.relevel(tag, step) {
		return
	}
	late := w.late(tag)
	if late != nil && late.opener >= 0 && late.rank >= w.stack[late.level].rank {
		again := w.lateAround(tag, late.level)
		if again == nil || !w.beginsHL(again) {
			w.place(late, step) // its LS is missing
			return
		}
		late = again
	}
	switch {
	case late != nil && late.level == w.impliedLevel && w.impliedRank >= 0 && late.rank >= w.impliedRank:
		w.impliedRank = -1
		w.place(late, step) // the loop that was implied was none
	case late != nil && w.beginsHL(late):
		w.openAbove(0, late.loop)
		step.Loop, step.Def, step.Opened, step.Anew = late.loop, late.def, true, true
	case late != nil && !w.stoodBefore(late):
		w.placeLate(late, step)
	case w.impliedByContent(tag, late, step):
	case late != nil:
		w.placeLate(late, step)
	case w.missingTrigger(tag, step):
	default:
		w.wrongQualifier(tag, step)
	}
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

// behind finds the place of a segment that would have come next, had the one before it not closed its loop: both were exchanged.
// What else belongs there may follow.
func (w *Walker) behind(tag int, step *Step) bool {
	if w.steps < 2 {
		return false
	}
	switch w.steps - 1 {
	case w.undo.step:
		u := &w.undo
		w.past, w.pastTop = w.stack, u.top
		w.past[u.level].rank = u.rank
		if u.opened {
			w.past[u.level+1] = u.frame
		}
	case w.pastStep:
	default:
		return false
	}
	if w.fillsNew(tag, w.past[w.pastTop].loop) {
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
		step.Loop, step.Def, step.Opened = f.loop, c.def, c.loop != nil
		if c.loop != nil {
			step.Loop = c.loop
			w.pastTop++
			w.past[w.pastTop] = frame{loop: c.loop}
			w.past[w.pastTop].see(0)
		}
		step.OutOfOrder, step.Behind = true, true
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

// late returns the innermost place for the segment that was passed already.
func (w *Walker) late(tag int) *candidate {
	cs := w.stack[w.top].loop.chain[tag]
	for i := range cs {
		if w.q.in(cs[i].def) {
			return &cs[i]
		}
	}
	return nil
}

// lateAround is late for the loops around the one at a level.
func (w *Walker) lateAround(tag, level int) *candidate {
	cs := w.stack[w.top].loop.chain[tag]
	for i := range cs {
		if cs[i].level < level && w.q.in(cs[i].def) {
			return &cs[i]
		}
	}
	return nil
}

// stoodBefore tells whether the place of c is taken, or likely to be that in a new instance of its loop: it comes first there,
// and the open one is well past it.
func (w *Walker) stoodBefore(c *candidate) bool {
	f := &w.stack[c.level]
	return c.loop == nil && f.saw(c.bit) && (c.def.Max == 1 || c.rank == 1 && (w.top > c.level || f.sawAfter(c.bit) > 1))
}

// doubts tells whether a loop that may come next does not: its LS is missing, or it was there, and an HL is missing.
func (w *Walker) doubts(c *candidate) bool {
	if c.opener >= 0 && w.stack[c.level].saw(c.opener) || c.opener < 0 && !w.beginsHL(c) {
		return false
	}
	w.q.tighten()
	return true
}

// beginsHL tells whether a loop that an HL has once begins again, behind others: its HL is missing.
func (w *Walker) beginsHL(c *candidate) bool {
	f := &w.stack[1]
	if c.loop == nil || c.level != 1 || f.loop.HL == nil || c.loop.Max > 1 || !f.saw(c.bit) {
		return false
	}
	return f.sawAfter(c.bit) > 0 || w.top > 2
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

// impliedByContent finds an instance of a loop by a segment within it, the trigger being lost: of a loop below an open one, or,
// if the segment may stand once in its loop and did, of that loop again.
func (w *Walker) impliedByContent(tag int, late *candidate, step *Step) bool {
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
	if late != nil && late.loop == nil && late.level == 1 && w.stack[1].loop.HL != nil && (late.rank == 1 || w.stoodBefore(late)) {
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

// placeLate puts a segment before what was there last. A loop's own segment leaves the loops within it open: what
// follows mostly belongs there.
func (w *Walker) placeLate(c *candidate, step *Step) {
	step.OutOfOrder = true
	if c.loop != nil || c.level == w.top {
		w.place(c, step)
		return
	}
	f := &w.stack[c.level]
	f.see(c.bit)
	step.Loop, step.Def = f.loop, c.def
}

// missingTrigger looks for a loop that the segment opens below a loop which is not open.
func (w *Walker) missingTrigger(tag int, step *Step) bool {
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
	if l.order < f.rank {
		return false
	}
	return l.HL == nil || l.HL.under(w.hlNow) || w.parentOf(0, l) >= 0
}

func (h *HL) under(parent *Loop) bool {
	if len(h.Parents) == 0 {
		return parent == nil
	}
	for _, p := range h.Parents {
		if p == parent {
			return true
		}
	}
	return false
}

// openAbove opens l and the loops between it and the given level, whose triggers are missing.
func (w *Walker) openAbove(level int, l *Loop) {
	w.above = level
	depth := l.depth - w.stack[level].loop.depth
	w.top = level + depth
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
			w.hlNow, w.guessed = child, true
			w.other = w.other[:0]
			w.enter(&HLStep{ID: len(w.hl) + 1}, child, nil)
			if len(w.hl) < maxHL {
				w.hl = append(w.hl, uint8(child.Index)) // it had the next number, most likely
			}
		}
	}
}

// wrongQualifier places a segment by its name alone: where one that is required is still missing, or where only one can be.
func (w *Walker) wrongQualifier(tag int, step *Step) {
	step.Loop = w.stack[w.top].loop
	if w.guide.tags.find("HL") == tag {
		w.unknownLevel(tag, step)
		return
	}
	for level := w.top; level >= 0; level-- {
		f := &w.stack[level]
		c, near := f.byName(f.loop.byTag[tag])
		if c != nil {
			w.place(c, step)
			step.Mismatch = c.def.Element(c.def.qualifier).Usage == Required || !w.q.empty(c.def)
			return
		}
		if near != nil {
			step.Near = near
			return
		}
	}
}

// byName chooses among the candidates that may come next: a required one that is missing, the only one, or the first loop.
func (f *frame) byName(cs []candidate) (c *candidate, near *SegmentDef) {
	var only, missing, loop *candidate
	n := 0
	for i := range cs {
		if cs[i].rank < f.rank {
			continue
		}
		n++
		only, near = &cs[i], cs[i].def
		if missing == nil && cs[i].required() && !f.saw(cs[i].bit) {
			missing = only
		}
		if loop == nil && cs[i].loop != nil {
			loop = only
		}
	}
	switch {
	case missing != nil:
		return missing, nil
	case n == 1:
		return only, nil
	case loop != nil:
		return loop, nil
	}
	return nil, near
}

// unknownLevel places an HL whose level code no loop has below the HL that it names as its parent.
func (w *Walker) unknownLevel(tag int, step *Step) {
	parent := w.loopOf(number(w.q.segment.Text(2)))
	var fit []*Loop
	for i := range w.guide.Root.byTag[tag] {
		if l := w.guide.Root.byTag[tag][i].loop; l.HL.under(parent) {
			fit = append(fit, l)
		}
	}
	if len(fit) == 0 {
		return
	}
	l := likeliest(fit)
	for i := range w.guide.Root.byTag[tag] {
		if c := &w.guide.Root.byTag[tag][i]; c.loop == l {
			w.place(c, step)
			step.Mismatch = true
		}
	}
}
