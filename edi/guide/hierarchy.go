package guide

import "github.com/ediport/ediport/edi"

// A hierarchy follows the HL segments of a set: which HL is open below which, and how many children it has.
type hierarchy struct {
	open    []level
	next    int // HL01 that comes next
	other   int // HL01 that may come next as well: after one that did not count, the count goes on from it or without it
	guessed int // so many of the numbers before went to HLs that are missing; they may not have been numbered at all
}

// A level is an open HL.
type level struct {
	id       int // HL01
	counted  int // what HL01 should be
	loop     *Loop
	children int
	child    byte // HL04: 0 or 1, 0 if not sent
	refused  bool // an AAA says why nothing follows below
	implied  bool // the HL is missing
	counts   [maxHLLoops]int
	at       edi.Position
}

const maxHLLoops = 12

func (h *hierarchy) reset() { h.open, h.next, h.other, h.guessed = h.open[:0], 1, 0, 0 }

// step links the HL in hand to its parent.
func (h *hierarchy) step(v *Validator, s *edi.Segment, at *Step) {
	l := at.Loop
	if at.OutOfOrder {
		h.retract(l)
	}
	p := elementPlace{loop: l, def: at.Def, element: 1}
	lost := at.HL.Parent >= h.next && at.HL.Parent < at.HL.ID // its parent is one of the numbers left out, and that was told
	counted := h.count(at.HL.ID)
	if at.HL.ID != counted && len(s.Text(1)) > 0 {
		v.elementFinding(&p, "I12", "does not count the HL segments from 1 upwards")
	}
	if p.element = 2; !lost && len(l.HL.Parents) > 0 && len(s.Text(2)) > 0 && !hasLoop(l.HL.Parents, at.HL.Above) {
		v.elementFinding(&p, "I12", "does not name an earlier HL of the level above")
	}
	if lost && len(h.open) > 0 {
		h.open[len(h.open)-1].children++ // the HL left out, most likely
	}
	h.closeUntil(v, func(n *level) bool {
		if at.HL.Above != nil && hasLoop(l.HL.Parents, at.HL.Above) {
			return n.id == at.HL.Parent || n.counted == at.HL.Parent
		}
		return hasLoop(l.HL.Parents, n.loop)
	})
	if len(h.open) > 0 {
		parent := &h.open[len(h.open)-1]
		parent.children++
		if n := &parent.counts[l.hlIndex]; *n < l.Max {
			*n++
		} else {
			v.segmentFinding("HL", l, "4", v.segment.Pos(), "there are more instances of loop "+l.ID+" ("+l.Name+") here than the "+decimal(l.Max)+" that the guide allows")
		}
	}
	n := level{id: at.HL.ID, counted: counted, loop: l, at: v.segment.Pos()}
	if c := s.Text(4); len(c) == 1 {
		n.child = c[0]
	}
	h.open = append(h.open, n)
}

// imply opens an HL that is missing, under the next number.
func (h *hierarchy) imply(l *Loop) {
	for n := len(h.open); n > 0; n-- {
		if p := &h.open[n-1]; hasLoop(l.HL.Parents, p.loop) {
			p.children++
			p.counts[l.hlIndex]++
			break
		}
	}
	h.open = append(h.open, level{id: h.next, counted: h.next, loop: l, implied: true})
	h.next++
	h.guessed++
}

// retract takes back an implied HL: it stands late.
func (h *hierarchy) retract(l *Loop) {
	n := len(h.open) - 1
	if n < 0 || !h.open[n].implied || h.open[n].loop != l {
		return
	}
	h.open = h.open[:n]
	h.next--
	h.guessed--
	for n--; n >= 0; n-- {
		if p := &h.open[n]; hasLoop(l.HL.Parents, p.loop) {
			p.children--
			p.counts[l.hlIndex]--
			return
		}
	}
}

// refuse notes an AAA at the innermost open HL: the levels below it need not follow.
func (h *hierarchy) refuse() {
	if n := len(h.open); n > 0 {
		h.open[n-1].refused = true
	}
}

// count returns the number that an HL01 should be, id itself if it may.
func (h *hierarchy) count(id int) int {
	counted := h.next
	if id > 0 && id == h.other || id <= h.next && id >= h.next-h.guessed {
		counted = id
	}
	h.guessed, h.other = 0, 0
	if h.next = counted + 1; id != counted && id > 0 {
		h.next, h.other = id+1, counted+1
	}
	return counted
}

func hasLoop(ls []*Loop, l *Loop) bool {
	for _, x := range ls {
		if x == l {
			return true
		}
	}
	return false
}

// closeUntil closes the open HLs from the innermost, up to one that is the parent.
func (h *hierarchy) closeUntil(v *Validator, parent func(*level) bool) {
	for len(h.open) > 0 {
		n := &h.open[len(h.open)-1]
		if parent(n) {
			return
		}
		h.close(v, n)
		h.open = h.open[:len(h.open)-1]
	}
}

func (h *hierarchy) closeAll(v *Validator) {
	h.closeUntil(v, func(*level) bool { return false })
}

// close checks that an HL has the children that the guide and its own HL04 promise.
func (h *hierarchy) close(v *Validator, n *level) {
	if !n.refused {
		for _, l := range n.loop.below {
			if l.Usage == Required && n.counts[l.hlIndex] == 0 && (len(l.HL.Parents) == 1 || n.children == 0) {
				v.missing(l.Trigger, l, v.segment.Pos())
				return // HL04 has nothing to add
			}
		}
	}
	if n.child == '1' && n.children == 0 && !n.refused || n.child == '0' && n.children > 0 {
		message := "says that HL segments follow below this one, and none does"
		if n.child == '0' {
			message = "says that no HL segment follows below this one, and one does"
		}
		p := elementPlace{loop: n.loop, def: n.loop.Trigger, element: 4}
		f := v.element(&p, edi.Error, edi.Code{Kind: "IK403", Value: "I12"}, p.label()+" "+message)
		f.Pos = n.at
		v.Add(f)
	}
}
