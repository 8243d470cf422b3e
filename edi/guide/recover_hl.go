package guide

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// What is told by the HL segments, and what tells of them: the path of those that later ones may hang below, and the explanations that
// are about a level.

// An openHL is an HL that later ones may hang below.
type openHL struct {
	loop     *Loop
	id       int
	promise  byte // HL04: '0', '1', or 0 if it does not tell
	children bool // one was there
}

// repeatsHL tells whether an HL of loop l is the one just before, once more.
func (w *Walker) repeatsHL(h *HLStep, l *Loop) bool {
	n := len(w.path)
	return w.hlStep == w.steps-1 && n > 0 && w.path[n-1].loop == l && w.path[n-1].id == h.ID && h.ID == len(w.hl)
}

// enter puts an HL below its parent.
func (w *Walker) enter(h *HLStep, l *Loop, hl04 edi.Text) {
	w.path = w.path[:w.parentOf(h.Parent, l)+1]
	if n := len(w.path); n > 0 {
		w.path[n-1].children = true
	}
	var promise byte
	if len(hl04) == 1 {
		promise = hl04[0]
	}
	w.path = append(w.path, openHL{loop: l, id: h.ID, promise: promise})
}

// guessHL puts an HL of loop l that is missing below its parent. It had the next number, most likely.
func (w *Walker) guessHL(l *Loop) {
	w.hlNow, w.guessed = l, true
	w.other = w.other[:0]
	w.enter(&HLStep{ID: len(w.hl) + 1}, l, nil)
	if len(w.hl) < maxHL {
		w.hl = append(w.hl, uint8(l.Index))
	}
}

// parentOf finds the open HL that one of loop l hangs below: that of the given number, or else the innermost of the level above;
// -1 for none.
func (w *Walker) parentOf(id int, l *Loop) int {
	found := -1
	for i := len(w.path) - 1; i >= 0; i-- {
		if p := &w.path[i]; hasLoop(l.HL.Parents, p.loop) {
			if p.id == id {
				return i
			}
			if found < 0 {
				found = i
			}
		}
	}
	return found
}

// named returns the loop of the HL with a number, for one of loop l below it. Where several have the number, it is the open one.
func (w *Walker) named(id int, l *Loop) *Loop {
	if i := w.parentOf(id, l); id > 0 && i >= 0 && w.path[i].id == id {
		return w.path[i].loop
	}
	return w.loopOf(id)
}

func (h *HL) under(parent *Loop) bool {
	return hasLoop(h.Parents, parent) || len(h.Parents) == 0 && parent == nil
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

// withoutHL explains a segment that begins again, behind others, a loop that an HL has once: the HL is missing.
func (w *Walker) withoutHL(_ int, late *candidate, step *Step) bool {
	if late == nil || !w.beginsHL(late) {
		return false
	}
	w.openAbove(0, late.loop)
	step.Loop, step.Def, step.Opened, step.Anew = late.loop, late.def, true, true
	return true
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

// checkLevel looks at the level code of an HL beside its parent. If they don't go together, one of both is wrong: the level,
// if the parent is open, promised children and waits for one, or if no open HL can have a child of the level.
func (w *Walker) checkLevel(s *edi.Segment, h *HLStep, step *Step) {
	l := step.Loop
	if len(s.Text(2)) == 0 && len(l.HL.Parents) > 0 {
		if !w.expects(l) {
			w.setLevel(w.topLevel(), step)
		}
		return
	}
	i := len(w.path) - 1
	for i >= 0 && (w.path[i].id != h.Parent || h.Parent == 0) {
		i--
	}
	if i < 0 { // the parent is none, or wrong
		return
	}
	p := &w.path[i]
	w.other = append(w.other, p.loop.below...)
	waits := i == len(w.path)-1 && p.promise == '1' && !p.children
	if len(p.loop.below) > 0 && !hasLoop(p.loop.below, l) && (waits || !w.expects(l)) {
		w.other = append(w.other, l)
		w.setLevel(p.loop.below[0], step)
	}
}

// expects tells whether an open HL can have a child of loop l.
func (w *Walker) expects(l *Loop) bool {
	for i := range w.path {
		if w.path[i].promise != '0' && hasLoop(l.HL.Parents, w.path[i].loop) {
			return true
		}
	}
	return false
}

func (w *Walker) topLevel() *Loop {
	for _, l := range w.guide.Loops {
		if l.HL != nil && len(l.HL.Parents) == 0 {
			return l
		}
	}
	return nil
}

// setLevel takes the HL in hand, or the last one, for the beginning of loop l.
func (w *Walker) setLevel(l *Loop, step *Step) {
	if l == nil || l == step.Loop {
		return
	}
	w.reopen(l)
	step.Loop, step.Def, step.Opened, step.Mismatch = l, l.Trigger, true, true
}

func (w *Walker) reopen(l *Loop) {
	w.stack[0].rank = l.order
	w.stack[0].see(l.child)
	w.top = l.depth
	w.stack[w.top] = frame{loop: l}
	w.stack[w.top].see(0)
	w.undo.step = -1
}

// maxLookBack is how many HLs back the one in hand is looked for.
const maxLookBack = 16

// relevel takes the last HL for one of another level, because of a segment that can't be in the loop that the HL seemed to begin.
func (w *Walker) relevel(tag int, _ *candidate, step *Step) bool {
	if len(w.other) == 0 || w.top != 1 || w.stack[1].loop != w.hlNow || w.q.segment.Is("HL") {
		return false
	}
	now := w.hlNow
	i := slices.IndexFunc(w.other, func(l *Loop) bool { return l != now && w.belongs(tag, l) })
	if i < 0 || w.belongs(tag, now) {
		return false
	}
	l := w.other[i]
	w.reopen(l)
	w.hlNow, w.other = l, w.other[:0]
	if n := len(w.path); n > 0 {
		last := w.path[n-1]
		last.loop, w.path = l, w.path[:n-1]
		w.path = append(w.path[:w.parentOf(0, l)+1], last)
	}
	for i := len(w.hl) - 1; i >= max(0, len(w.hl)-maxLookBack) && !w.trying; i-- { // it is the last, unless there are too many to keep
		if w.hl[i] == uint8(now.Index) {
			w.hl[i] = uint8(l.Index)
			break
		}
	}
	w.settle(w.find(tag), tag, step)
	step.Releveled = true
	return true
}

// belongs tells whether the segment may stand somewhere in loop l.
func (w *Walker) belongs(tag int, l *Loop) bool {
	in := func(c candidate) bool { return w.q.in(c.def) }
	return slices.ContainsFunc(l.byTag[tag], in) || slices.ContainsFunc(l.inside[tag], in)
}
