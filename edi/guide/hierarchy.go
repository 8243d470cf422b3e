package guide

import "github.com/ediport/ediport/edi"

// A hierarchy follows the HL segments of a set: which HL is open below which, and how many children it has.
type hierarchy struct {
	open []level
	next int // HL01 that comes next
}

// A level is an open HL.
type level struct {
	id       int
	loop     *Loop
	children int
	child    byte // HL04: 0 or 1, 0 if not sent
	refused  bool // an AAA says why nothing follows below
	counts   [maxHLLoops]int
	at       edi.Position
}

const maxHLLoops = 12

func (h *hierarchy) reset() { h.open, h.next = h.open[:0], 1 }

// step links the HL in hand to its parent.
func (h *hierarchy) step(v *Validator, s *edi.Segment, at *Step) {
	l := at.Loop
	p := elementPlace{loop: l, def: at.Def, element: 1}
	if at.HL.ID != h.next {
		v.elementFinding(&p, "I12", "does not count the HL segments from 1 upwards")
	}
	h.next = max(at.HL.ID, h.next) + 1
	if at.HL.ID > 0 {
		h.next = at.HL.ID + 1
	}
	if p.element = 2; len(l.HL.Parents) > 0 && len(s.Text(2)) > 0 && !hasLoop(l.HL.Parents, at.HL.Above) {
		v.elementFinding(&p, "I12", "does not name an earlier HL of the level above")
	}
	h.closeUntil(v, func(n *level) bool {
		if at.HL.Above != nil && hasLoop(l.HL.Parents, at.HL.Above) {
			return n.id == at.HL.Parent
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
	n := level{id: at.HL.ID, loop: l, at: v.segment.Pos()}
	if c := s.Text(4); len(c) == 1 {
		n.child = c[0]
	}
	h.open = append(h.open, n)
}

// refuse notes an AAA at the innermost open HL: the levels below it need not follow.
func (h *hierarchy) refuse() {
	if n := len(h.open); n > 0 {
		h.open[n-1].refused = true
	}
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
			}
		}
	}
	if n.child == '1' && n.children == 0 || n.child == '0' && n.children > 0 {
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
