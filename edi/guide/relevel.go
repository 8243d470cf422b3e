package guide

import "github.com/ediport/ediport/edi"

// An openHL is an HL that later ones may hang below.
type openHL struct {
	loop     *Loop
	id       int
	promise  byte // HL04: '0', '1', or 0 if it does not tell
	children bool // one was there
}

// repeatsHL tells whether an HL is the one just before, once more.
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

// checkLevel looks at the level code of an HL beside its parent. If they don't go together, one of both is wrong: the level,
// if the parent is open, promised children and waits for one, or if no open HL can have a child of the level.
func (w *Walker) checkLevel(s *edi.Segment, h *HLStep, step *Step) {
	l := step.Loop
	if step.OutOfOrder {
		return
	}
	i := -1
	for j := range w.path {
		if w.path[j].id == h.Parent && h.Parent > 0 {
			i = j
		}
	}
	switch {
	case len(s.Text(2)) == 0 && len(l.HL.Parents) > 0:
		if !w.expects(l) {
			w.setLevel(w.topLevel(), step)
		}
	case i < 0: // the parent is none, or wrong
	case hasLoop(l.HL.Parents, w.path[i].loop):
		w.other = append(w.other, w.path[i].loop.below...)
		if !step.Mismatch {
			return
		}
	case w.path[i].promise == '0' || len(w.path[i].loop.below) == 0:
	default:
		p := &w.path[i]
		w.other = append(w.other, p.loop.below...)
		waits := i == len(w.path)-1 && p.promise == '1' && !p.children
		if waits || len(l.HL.Parents) == 0 || !w.expects(l) {
			w.other = append(w.other, l)
			w.setLevel(likeliest(p.loop.below), step)
		}
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

// likeliest chooses a level that the guide requires, or else the first.
func likeliest(ls []*Loop) *Loop {
	for _, l := range ls {
		if l.Usage == Required {
			return l
		}
	}
	return ls[0]
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

// relevel takes the last HL for one of another level, because of a segment that can't be in the loop that the HL seemed to begin.
func (w *Walker) relevel(tag int, step *Step) bool {
	if len(w.other) == 0 || w.top != 1 || w.stack[1].loop != w.hlNow || w.q.segment.Is("HL") {
		return false
	}
	now := w.hlNow
	if w.belongs(tag, now) {
		return false
	}
	for _, l := range w.other {
		if l == now || !w.belongs(tag, l) {
			continue
		}
		w.reopen(l)
		w.hlNow, w.other = l, w.other[:0]
		if n := len(w.path); n > 0 {
			w.path[n-1].loop = l
		}
		for i := len(w.hl) - 1; i >= 0 && !w.trying; i-- {
			if w.hl[i] == uint8(now.Index) {
				w.hl[i] = uint8(l.Index)
				break
			}
		}
		w.settle(w.find(tag), tag, step)
		step.Releveled = true
		return true
	}
	return false
}

// belongs tells whether the segment may stand somewhere in loop l.
func (w *Walker) belongs(tag int, l *Loop) bool {
	for i := range l.byTag[tag] {
		if w.q.in(l.byTag[tag][i].def) {
			return true
		}
	}
	for i := range l.inside[tag] {
		if w.q.in(l.inside[tag][i].def) {
			return true
		}
	}
	for _, d := range l.deep[tag] {
		if w.q.in(d.Trigger) && !d.isBracketed() {
			return true
		}
	}
	return false
}

// isBracketed tells whether the loop goes with an LS, without which it tells nothing.
func (l *Loop) isBracketed() bool {
	for _, n := range l.Parent.Children {
		if n.Segment != nil && n.Segment.With == l.ID {
			return true
		}
	}
	return false
}
