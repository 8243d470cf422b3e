package guide

import (
	"encoding/binary"

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

	Behind    bool // the segment belongs before the one that closed its loop; what is open stays open. OutOfOrder is set
	Anew      bool // Opened is set, and the loop around Loop begins anew as well: its HL is missing
	Releveled bool // the level code of the last HL is wrong: Loop tells what the HL began, as this segment shows

	HL HLStep // set for HL segments

	memory *memory // of the Walker, told with the first segment of a set
	known  *known  // what it remembers of the segment; nil for nothing

	plain  bool // but for Opened nothing is set that is out of the ordinary
	coded  bool // the whole element with the qualifier is one of Def's codes
	stray  bool // what follows shows that the segment does not belong here, although it had a place. Def is nil
	passed bool // that place was before
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
	position
	memory memory
	q      qualifier
	steps  int // segments so far

	look  func(n int) *edi.Segment // shows the segment of the set n behind the one in hand, nil if there is none; nil: none can be seen
	saved position
	tried Step // of a segment that was placed to see what follows from that

	trying bool // such a segment is being placed
	lateAt int  // number of the last segment that was out of order
}

// A position is where a Walker has come to.
type position struct {
	stack   [maxDepth]frame
	top     int
	hl      []uint8 // by HL01 - 1: index of the loop, 0 is none
	hlNow   *Loop   // loop of the last HL
	path    []openHL
	guessed bool    // the last HL is one that is missing
	hlStep  int     // number of the last HL among the segments
	counted int     // what its HL01 should be
	other   []*Loop // what the last HL may have begun, should its segments not fit
	undo    undo
	above   int // level of the loop below which the segment in hand opened loops without their triggers; -1 for none

	// The open loops as they would be without the segment before the last one that stood behind its place.
	past     [maxDepth]frame
	pastTop  int
	pastStep int // number of that one

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
	w.hlNow, w.path, w.other = nil, w.path[:0], w.other[:0]
	w.steps, w.impliedRank, w.undo.step, w.pastStep, w.hlStep = 0, -1, -1, -1, -1
	w.guessed, w.lateAt, w.counted = false, -1, 0
	w.memory.wanted = false
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
	w.q.begin(s)
	if w.steps == 1 {
		step.memory = &w.memory
	}
	var k *known
	same := false
	if w.memory.wanted {
		if k = w.memory.slot(w.stack[w.top].loop, w.q.text); k != nil {
			if same = k.is(w.q.text); same && w.recall(k, step) {
				k.again = true
				if step.Opened && step.Loop.HL != nil {
					w.linkHL(s, step)
				}
				return
			}
			if !same && k.defends() {
				k = nil
			}
		}
	}
	tag := w.tag()
	if tag == 0 {
		step.Loop = w.stack[w.top].loop
		return
	}
	p := w.find(tag)
	switch {
	case p != nil && !p.passes:
		f := &w.stack[w.top]
		l, rank := f.loop, f.rank
		w.placeNext(p.candidate, step)
		if k != nil {
			w.memory.keep(k, same, w.guide, l, rank, p, w.q.text)
			k.coded, step.known = step.coded, k
		}
	case w.look == nil:
		w.settle(p, tag, step)
	case !w.isStray(s, p, tag, step):
		w.settle(w.find(tag), tag, step)
		if step.OutOfOrder {
			w.lateAt = w.steps
		}
	}
	if step.Opened && step.Loop.HL != nil {
		w.linkHL(s, step)
	}
}

// tag returns the number of the segment's name in the guide, 0 for a name that the guide does not use.
func (w *Walker) tag() int {
	q := &w.q
	if len(q.text) >= 4 {
		if n := q.ends[0]; n == 2 || n == 3 {
			if tag := w.guide.tags.number(binary.BigEndian.Uint32(q.text) >> (8 * (4 - n) & 31)); tag != 0 {
				return tag
			}
		}
	}
	return w.guide.tags.number(q.tag())
}

// find looks for the segment behind what was there last, from the open loop outwards.
func (w *Walker) find(tag int) *place {
	g, f := w.guide, &w.stack[w.top]
	places := g.places[f.loop.ahead[f.rank*g.tags.n+tag]:]
	p := w.next(places)
	if p == nil && w.q.tighten() {
		p = w.next(places)
	}
	if p == nil || p.candidate.doubtful && w.doubts(p.candidate) {
		return nil
	}
	return p
}

// recall puts the segment where it is known to come next. It is false, and places nothing, if it is not.
func (w *Walker) recall(k *known, step *Step) bool {
	if !k.follows(&w.stack[w.top]) {
		return false
	}
	c := w.guide.places[k.place].candidate
	if c.doubtful && w.doubts(c) {
		return false
	}
	step.coded, step.known = k.coded, k
	w.q.loose = false
	w.place(c, step)
	return true
}

// placeNext puts the segment where find found that it comes next.
func (w *Walker) placeNext(c *candidate, step *Step) {
	step.coded = w.q.loose && c.def.qualifiers != nil
	w.q.loose = false
	w.place(c, step)
}

// settle places the segment, which comes next if p is not nil.
func (w *Walker) settle(p *place, tag int, step *Step) {
	if p != nil {
		w.placeNext(p.candidate, step)
		return
	}
	w.recover(tag, step)
	step.plain = false
}

// next returns the first of the places in which the segment may stand. It gives up before one that takes any code, if a closer look at
// the code could find another place before.
func (w *Walker) next(places []place) *place {
	for i := range places {
		p := &places[i]
		switch {
		case p.only != 0:
			if w.q.code(int(p.element)) != p.only {
				continue
			}
		case p.codes != nil:
			if !p.codes.has(w.q.code(int(p.element))) {
				continue
			}
		case w.q.loose && w.q.element != 0:
			return nil
		}
		if p.candidate == nil { // the end of the list
			return nil
		}
		return p
	}
	return nil
}

// place puts the segment at a candidate of an open loop, closing the loops within that one.
func (w *Walker) place(c *candidate, step *Step) {
	f := &w.stack[c.level]
	rank := f.rank
	f.rank = c.rank
	f.see(c.bit)
	step.Def = c.def
	was := w.top
	if was != c.level || c.loop != nil {
		u := &w.undo // set without a copy in between, which would cost as much as all else here
		u.step, u.top, u.level, u.rank, u.opened = w.steps, was, c.level, rank, c.loop != nil
		u.frame = w.stack[c.level+1]
	}
	w.top = c.level
	if c.loop == nil {
		step.Loop, step.plain = f.loop, true
		return
	}
	step.Loop, step.Opened = c.loop, true
	w.top++
	f = &w.stack[w.top]
	if f.implied > 0 && f.loop == c.loop && was >= w.top && w.isLate(f) {
		f.implied, step.OutOfOrder = 0, true // the trigger follows a segment of its loop
		f.see(0)
		w.top = was
		return
	}
	if f.implied > 0 && f.implied == w.steps-1 && was == w.top && c.loop.HL != nil && hasLoop(w.other, c.loop) {
		f.loop, f.implied, step.OutOfOrder, step.Releveled = c.loop, 0, true, true // and it is of another loop than the segment seemed
		f.rank = min(f.rank, len(c.loop.ahead)/w.guide.tags.n-1)
		return
	}
	f.loop, f.rank, f.implied = c.loop, 0, 0
	f.seen = [len(f.seen)]uint64{1}
	step.plain = true
}

// isLate tells whether the trigger in hand is that of the open instance which began without: it follows the first segment, or, if it is
// an HL of the number that was left out, the second.
func (w *Walker) isLate(f *frame) bool {
	return f.implied == w.steps-1 || f.implied == w.steps-2 && f.loop.HL != nil && number(w.q.segment.Text(1)) == len(w.hl)
}

// maxHL bounds the memory for the loops of HLs.
const maxHL = 1 << 20

// linkHL notes the HL in hand, which opened step.Loop by its level code, and tells how it is linked.
func (w *Walker) linkHL(s *edi.Segment, step *Step) {
	step.plain = false
	h := HLStep{ID: number(s.Text(1)), Parent: number(s.Text(2))}
	if n := w.counted; n > 0 && n < len(w.hl) && h.ID == n+1 && !w.guessed && !step.OutOfOrder { // the number of the HL before was wrong
		w.hl = w.hl[:n]
	}
	h.Above = w.named(h.Parent, step.Loop)
	w.other = w.other[:0]
	w.checkLevel(s, &h, step)
	l := step.Loop
	w.hlNow = l
	if step.OutOfOrder || w.repeatsHL(&h, l) { // it has its number and its place already
		w.path = w.path[:max(len(w.path)-1, 0)]
		w.hl = w.hl[:max(len(w.hl)-1, 0)]
	}
	if w.guessed && h.ID == len(w.hl) && !step.OutOfOrder { // it has the number of one that seemed to be missing, and was not
		w.hl = w.hl[:h.ID-1]
	}
	w.hlStep, w.guessed = w.steps, false
	w.enter(&h, l, s.Text(4))
	// HL01 counts from 1. If it does not, children may name the number it has or the one it should have; a number far beyond the
	// count can't make the table grow.
	counted := len(w.hl) + 1
	w.counted = counted
	if counted <= maxHL {
		w.hl = append(w.hl, uint8(l.Index))
	}
	if h.ID >= 1 && h.ID <= min(counted+1000, maxHL) {
		for len(w.hl) < h.ID {
			w.hl = append(w.hl, 0)
		}
		if w.hl[h.ID-1] == 0 {
			w.hl[h.ID-1] = uint8(l.Index)
		}
	}
	step.HL = h
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
