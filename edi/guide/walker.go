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
	Implied    bool // the trigger of Loop is missing: its instance begins with this segment, and Opened is false

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
	steps int // segments so far

	// Where the loop around an implied one had come to: should its segments go on, the implied loop was none.
	impliedLevel, impliedRank int
}

// A frame is an open instance of a loop.
type frame struct {
	loop    *Loop
	rank    int // of the last child
	implied int // number of the segment that opened the loop without its trigger; 0 if none did
	seen    [maxChildren / 64]uint64
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
	w.steps, w.impliedRank = 0, -1
}

// Step places the next segment of the transaction set, ST to SE.
func (w *Walker) Step(s edi.Segment) Step {
	var step Step
	w.step(&s, &step)
	return step
}

func (w *Walker) step(s *edi.Segment, step *Step) {
	*step = Step{}
	w.steps++
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

// place puts the segment at a candidate of an open loop, closing the loops within that one.
func (w *Walker) place(c *candidate, step *Step) {
	f := &w.stack[c.level]
	f.rank = c.rank
	f.see(c.bit)
	step.Def = c.def
	was := w.top
	w.top = c.level
	if c.loop == nil {
		step.Loop = f.loop
		return
	}
	step.Loop, step.Opened = c.loop, true
	w.top++
	f = &w.stack[w.top]
	if f.loop == c.loop && f.implied == w.steps-1 && w.steps > 1 && was >= w.top {
		f.implied, step.OutOfOrder = 0, true // the trigger follows a segment of its loop
		return
	}
	f.loop, f.rank, f.implied = c.loop, 0, 0
	f.seen = [len(f.seen)]uint64{1}
}

// maxHL bounds the memory for the loops of HLs.
const maxHL = 1 << 20

func (w *Walker) linkHL(s *edi.Segment, l *Loop) HLStep {
	w.hlNow = l
	h := HLStep{ID: number(s.Text(1)), Parent: number(s.Text(2))}
	h.Above = w.loopOf(h.Parent)
	// HL01 counts from 1. If it does not, children may name the number it has or the one it should have; a number far beyond the
	// count can't make the table grow.
	counted := len(w.hl) + 1
	if counted <= maxHL {
		w.hl = append(w.hl, uint8(l.Index))
	}
	if h.ID >= 1 && h.ID <= min(counted+1000, maxHL) {
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
