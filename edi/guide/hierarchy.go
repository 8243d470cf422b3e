package guide

import (
	"math"

	"github.com/ediport/ediport/edi"
)

// A hierarchy follows the HL segments of a set: which HL is open below which, and how many children it has.
type hierarchy struct {
	open []level
	numbering

	// The last HL and what was before it, should it have to be linked anew.
	last         lastHL
	saved        []level
	savedNumbers numbering
}

// A numbering follows HL01.
type numbering struct {
	next    int // comes next
	other   int // may come next as well: after one that did not count, the count goes on from it or without it
	guessed int // so many of the numbers before went to HLs that are missing; they may not have been numbered at all

	// The numbers that were left out last: from lost up to, but not including, found. They may still come, from late on.
	lost, late, found int
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
	counts   [maxHLLoops]int32
	at       edi.Position
}

const maxHLLoops = 12

func (h *hierarchy) reset() { h.open, h.numbering = h.open[:0], numbering{next: 1} }

// step links the HL in hand to its parent.
func (h *hierarchy) step(v *Validator, s *edi.Segment, at *Step) {
	if at.OutOfOrder {
		h.retract(at.Loop)
	}
	h.save()
	h.last = lastHL{
		HLStep: at.HL, at: v.segment.Pos(), numbered: len(s.Text(1)) > 0 && !v.told(1), linked: len(s.Text(2)) > 0 && !v.told(2),
		level: levelCode(s.Text(3), at.Loop),
	}
	if c := s.Text(4); len(c) == 1 && !v.told(4) && !v.told(3) {
		h.last.child = c[0]
	}
	h.link(v, at.Loop)
}

func (h *hierarchy) save() { h.saved, h.savedNumbers = append(h.saved[:0], h.open...), h.numbering }

func (h *hierarchy) restore() { h.open, h.numbering = append(h.open[:0], h.saved...), h.savedNumbers }

// repeated tells whether the HL in hand is the one just before, once more.
func (h *hierarchy) repeated(v *Validator, at *Step) bool {
	n := len(h.open)
	return n > 0 && !h.last.implied && h.last.at.Segment == v.segment.Ordinal()-1 && h.last.ID == at.HL.ID && at.HL.ID > 0 &&
		h.open[n-1].loop == at.Loop && h.last.Parent == at.HL.Parent
}

// A lastHL is what the last HL says.
type lastHL struct {
	HLStep
	at       edi.Position
	numbered bool // HL01 is there and can be judged
	linked   bool // HL02
	level    string
	child    byte
	implied  bool // there is none: an HL is missing
}

// link puts the last HL, one of loop l, below its parent.
func (h *hierarchy) link(v *Validator, l *Loop) {
	hl := &h.last
	p := elementPlace{loop: l, def: l.Trigger, element: 2}
	if h.guessed == 1 && hl.ID > 0 && hl.ID == h.next-1 {
		v.noHL()
	}
	lost := hl.Parent >= h.next && hl.Parent < hl.ID // its parent is left out
	counted := h.count(hl.ID)
	if hl.ID != counted && hl.numbered {
		hl.child = 0 // who its children are is not known, nor those of another HL of this number
		for i := range h.open {
			if h.open[i].id == hl.ID {
				h.open[i].child = 0
			}
		}
	}
	linked := len(l.HL.Parents) == 0 && !v.step.Mismatch || hasLoop(l.HL.Parents, hl.Above)
	switch {
	case lost || !hl.linked:
	case !linked && h.wasLost(hl.Parent): // that was told
	case !linked:
		v.hlFinding(&p, hl.at, "does not name an earlier HL of the level above")
	case !h.isOpen(l) && h.canHang(l):
		v.hlFinding(&p, hl.at, "names another HL than the one that this one stands below")
	}
	if lost && len(h.open) > 0 {
		h.open[len(h.open)-1].children++ // the HL left out, most likely
	}
	above := h.isOpen(l)
	h.closeUntil(v, func(n *level) bool {
		if above {
			return hasLoop(l.HL.Parents, n.loop) && (n.id == hl.Parent || n.counted == hl.Parent)
		}
		return hasLoop(l.HL.Parents, n.loop)
	})
	told := v.lastTold(hl.at.Segment, v.segment.Ordinal(), "HL", "3") >= 0 // what else is wrong with the HL follows from that
	if len(h.open) > 0 {
		parent := &h.open[len(h.open)-1]
		parent.children++
		if n := &parent.counts[l.hlIndex]; int(*n) < min(l.Max, math.MaxInt32) {
			*n++
		} else if linked && !told {
			told = true
			v.segmentFinding("HL", l, "4", hl.at, "there are more instances of loop "+l.ID+" ("+l.Name+") here than the "+decimal(l.Max)+" that the guide allows")
		}
	}
	if hl.ID != counted && hl.numbered && !told {
		p.element = 1
		v.hlFinding(&p, hl.at, "does not count the HL segments from 1 upwards")
	}
	h.open = append(h.open, level{id: hl.ID, counted: counted, loop: l, at: hl.at, child: hl.child})
}

// isOpen tells whether the HL that the last one, of loop l, names as its parent is open.
func (h *hierarchy) isOpen(l *Loop) bool {
	for i := range h.open {
		if n := &h.open[i]; hasLoop(l.HL.Parents, n.loop) && (n.id == h.last.Parent || n.counted == h.last.Parent) {
			return true
		}
	}
	return false
}

// canHang tells whether any open HL may be above one of loop l.
func (h *hierarchy) canHang(l *Loop) bool {
	for i := range h.open {
		if hasLoop(l.HL.Parents, h.open[i].loop) {
			return true
		}
	}
	return false
}

func (v *Validator) hlFinding(p *elementPlace, at edi.Position, message string) {
	f := v.element(p, edi.Error, edi.Code{Kind: "IK403", Value: "I12"}, p.label()+" "+message)
	f.Pos = at
	v.Add(f)
}

// relevel links the last HL anew, as one of loop l, and tells that its level code is wrong, instead of what was told about it.
func (h *hierarchy) relevel(v *Validator, l *Loop) {
	hl := &h.last
	v.forget(func(f edi.Finding) bool {
		return f.Pos.Offset == hl.at.Offset && f.Segment == "HL" && (f.Element >= 2 || f.Code.Kind == "IK304")
	})
	h.restore()
	if hl.level != l.HL.Level {
		hl.child = 0 // it is that of the other level
		p := elementPlace{loop: l, def: l.Trigger, element: 3}
		code := "7"
		if known := shared().known[l.Trigger.Elements[2].DE]; known != nil && known.Has([]byte(hl.level)) {
			code = "I6"
		} else if hl.level == "" {
			code = "1"
		}
		f := v.element(&p, edi.Error, edi.Code{Kind: "IK403", Value: code}, p.label()+" is not the level of what follows")
		f.Pos = hl.at
		v.Add(f)
	}
	h.link(v, l)
}

// imply opens an HL that is missing, under the next number.
func (h *hierarchy) imply(v *Validator, l *Loop) {
	h.save()
	h.last = lastHL{implied: true}
	if len(h.open) > maxHLLoops { // deeper than any guide: without a limit each HL of such a file would cost more than the last
		h.closeUntil(v, func(n *level) bool { return hasLoop(l.HL.Parents, n.loop) })
	}
	for n := len(h.open); n > 0 && h.open[n-1].implied && !hasLoop(l.HL.Parents, h.open[n-1].loop); n-- {
		h.open = h.open[:n-1] // nothing was promised; so many of them in a row can't pile up
	}
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

// wasLost tells whether a number was left out last.
func (n *numbering) wasLost(id int) bool { return id >= n.lost && id < n.found }

// count returns the number that an HL01 should be, id itself if it may.
func (n *numbering) count(id int) int {
	if n.wasLost(id) && id >= n.late && id != n.other { // that it was left out was told
		n.late, n.other = id+1, 0
		return id
	}
	if id > 0 && id == n.other { // what left it out was a wrong number
		n.lost, n.found = 0, 0
	}
	counted := n.next
	if id > 0 && id == n.other || id <= n.next && id >= n.next-n.guessed {
		counted = id
	}
	n.guessed, n.other = 0, 0
	n.next = counted + 1
	switch {
	case id > counted:
		n.next, n.other = id+1, counted+1
		n.lost, n.late, n.found = counted, counted, id
	case id > 0 && id < counted:
		n.other = id + 1
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

// leadsDown tells whether an HL of loop l is but a step on the way to those that the set is about: an AAA there says why they don't
// follow, whatever HL04 promises.
func (l *Loop) leadsDown() bool {
	for _, b := range l.below {
		if len(b.below) > 0 {
			return true
		}
	}
	return false
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
	if n.child == '1' && n.children == 0 && !(n.refused && n.loop.leadsDown()) || n.child == '0' && n.children > 0 {
		message := "says that HL segments follow below this one, and none does"
		if n.child == '0' {
			message = "says that no HL segment follows below this one, and one does"
		}
		p := elementPlace{loop: n.loop, def: n.loop.Trigger, element: 4}
		v.hlFinding(&p, n.at, message)
	}
}
