package guide

// recover places a segment that does not come next, in the order of what most likely happened: it stands too late, the trigger
// before it is missing, its qualifier is wrong; or else it does not belong here.
func (w *Walker) recover(tag int, step *Step) {
	late := w.late(tag)
	switch {
	case late != nil && late.level == w.impliedLevel && w.impliedRank >= 0 && late.rank >= w.impliedRank:
		w.impliedRank = -1
		w.place(late, step) // the loop that was implied was none
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

// stoodBefore tells whether the place of c is taken.
func (w *Walker) stoodBefore(c *candidate) bool {
	return c.loop == nil && c.def.Max == 1 && w.stack[c.level].saw(c.bit)
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
	w.openAbove(level, d.Loop)
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
			if !w.q.in(l.Trigger) || !w.reachable(f, l) {
				continue
			}
			w.openAbove(level, l)
			step.Loop, step.Def, step.Opened = l, l.Trigger, true
			return true
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
	return l.HL == nil || l.HL.under(w.hlNow)
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
	depth := l.depth - w.stack[level].loop.depth
	w.top = level + depth
	for i := w.top; i > level; i-- {
		w.stack[i] = frame{loop: l}
		l = l.Parent
	}
	for i := level; i < w.top; i++ {
		child := w.stack[i+1].loop
		w.stack[i].rank = child.order
		w.stack[i].see(child.child)
		if child.HL != nil {
			w.hlNow = child
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
	cs := w.guide.Root.byTag[tag]
	for i := range cs {
		if cs[i].loop.HL.under(parent) {
			w.place(&cs[i], step)
			step.Mismatch = true
			return
		}
	}
}
