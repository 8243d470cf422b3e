package guide

import (
	"github.com/ediport/ediport/edi"
)

const (
	maxChildren = 128
	maxDepth    = 8
)

// A Step says where a segment stands in its guide.
type Step struct {
	Loop *Loop       // that the segment belongs to; of a segment without place the loop that was open
	Def  *SegmentDef // nil: the segment has no place here
	Near *SegmentDef // if Def is nil: a segment of this name that may stand here, with other codes in its qualifier

	Opened     bool // the segment opens a new instance of Loop
	OutOfOrder bool // the segment has its place, and stands too late for it
	Mismatch   bool // the segment was placed although its qualifier is none of Def's codes

	HL HLStep // set for HL segments
}

// An HLStep says how an HL is linked.
type HLStep struct {
	ID     int   // HL01, 0 if it is no number
	Parent int   // HL02, 0 if there is none
	Above  *Loop // loop of the HL that HL02 names; nil if there was none
}

// A Walker finds the place of each segment of a transaction set, in one pass: a segment is looked for in the open loop, behind
// the last one, then in the loops around it. A segment that stands too late is found as well, and one that fits
// nowhere changes nothing, so that one stray segment does not disturb the rest. A Walker needs the memory of the open loops and
// a byte for each HL; it is not safe for several goroutines.
type Walker struct {
	guide *Guide
	stack [maxDepth]frame
	top   int
	hl    []uint8 // by HL01 - 1: index of the loop, 0 is none
	hlNow *Loop   // loop of the last HL
	q     qualifier
}

// A frame is an open instance of a loop.
type frame struct {
	loop *Loop
	rank int // of the last child
	seen [maxChildren / 64]uint64
}

func (f *frame) see(bit int)      { f.seen[bit>>6] |= 1 << (bit & 63) }
func (f *frame) saw(bit int) bool { return f.seen[bit>>6]&(1<<(bit&63)) != 0 }
func (c *candidate) required() bool {
	if c.loop != nil {
		return c.loop.Usage == Required
	}
	return c.def.Usage == Required
}

// NewWalker returns a walker of g for one transaction set after the other; see [Walker.Reset].
func NewWalker(g *Guide) *Walker {
	w := &Walker{guide: g}
	w.Reset()
	return w
}

// Guide returns the guide that the walker goes by.
func (w *Walker) Guide() *Guide { return w.guide }

// Reset makes the walker ready for the next transaction set.
func (w *Walker) Reset() {
	w.top = 0
	w.stack[0] = frame{loop: w.guide.Root}
	w.hl = w.hl[:0]
	w.hlNow = nil
}

// Step places the next segment of the transaction set, ST to SE.
func (w *Walker) Step(s edi.Segment) Step {
	var step Step
	w.step(&s, &step)
	return step
}

func (w *Walker) step(s *edi.Segment, step *Step) {
	*step = Step{}
	q := &w.q
	q.segment, q.element = s, 0
	tag := w.guide.tags.number(q.tag())
	if tag == 0 {
		step.Loop = w.stack[w.top].loop
		return
	}
	if !w.inOrder(tag, step) {
		w.recover(tag, step)
	}
	if step.Opened && step.Loop.HL != nil {
		step.HL = w.linkHL(s, step.Loop)
	}
}

// inOrder looks for the segment behind what was there last, from the open loop outwards.
func (w *Walker) inOrder(tag int, step *Step) bool {
	cs := w.stack[w.top].loop.chain[tag]
	for i := range cs {
		c := &cs[i]
		if c.rank >= w.stack[c.level].rank && w.q.in(c.def) {
			w.place(c, step)
			return true
		}
	}
	return false
}

// recover places a segment that does not come next, in the order of what most likely happened: it stands too late, its
// qualifier is wrong, the trigger before it is missing; or else it does not belong here.
func (w *Walker) recover(tag int, step *Step) {
	if !w.outOfOrder(tag, step) && !w.missingTrigger(tag, step) {
		w.wrongQualifier(tag, step)
	}
}

func (w *Walker) outOfOrder(tag int, step *Step) bool {
	cs := w.stack[w.top].loop.chain[tag]
	for i := range cs {
		if w.q.in(cs[i].def) {
			w.placeLate(&cs[i], step)
			step.OutOfOrder = true
			return true
		}
	}
	return false
}

// placeLate places a segment before what was there last. A loop's own segment leaves the loops within it open: what
// follows mostly belongs there.
func (w *Walker) placeLate(c *candidate, step *Step) {
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

// place puts the segment at a candidate of an open loop, closing the loops within that one.
func (w *Walker) place(c *candidate, step *Step) {
	f := &w.stack[c.level]
	f.rank = c.rank
	f.see(c.bit)
	step.Def = c.def
	w.top = c.level
	if c.loop == nil {
		step.Loop = f.loop
		return
	}
	step.Loop, step.Opened = c.loop, true
	w.top++
	f = &w.stack[w.top]
	f.loop, f.rank = c.loop, 0
	f.seen = [len(f.seen)]uint64{1}
}

// maxHL bounds the memory for the loops of HLs.
const maxHL = 1 << 20

func (w *Walker) linkHL(s *edi.Segment, l *Loop) HLStep {
	w.hlNow = l
	h := HLStep{ID: number(s.Text(1)), Parent: number(s.Text(2))}
	h.Above = w.loopOf(h.Parent)
	// HL01 counts from 1. A number far beyond the count can't make the table grow.
	if h.ID >= 1 && h.ID <= min(len(w.hl)+1000, maxHL) {
		for len(w.hl) < h.ID {
			w.hl = append(w.hl, 0)
		}
		w.hl[h.ID-1] = uint8(l.Index)
	}
	return h
}

func (w *Walker) loopOf(id int) *Loop {
	if id < 1 || id > len(w.hl) || w.hl[id-1] == 0 {
		return nil
	}
	return w.guide.Loops[w.hl[id-1]]
}

// number reads a whole number of up to nine digits; 0 for anything else.
func number(b []byte) int {
	if len(b) > 9 {
		return 0
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
