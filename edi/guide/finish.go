package guide

import (
	"errors"
	"fmt"
)

// finish resolves what the lines of the definition name, computes the tables of the walker, and refuses a guide that can't work.
func (p *definitionParser) finish() error {
	g := p.guide
	if g.ID == "" || g.Set == "" || g.Name == "" {
		return errors.New("guide, set and name are needed")
	}
	for _, l := range g.Loops {
		if len(l.Children) == 0 || l.Children[0].Segment == nil {
			return fmt.Errorf("loop %s can't be reached: it does not begin with a segment", l.ID)
		}
		l.Trigger = l.Children[0].Segment
		if l.Parent != nil {
			l.depth = l.Parent.depth + 1
			l.Trigger.trigger = true
		}
		if l.Trigger.Max != 1 || l.Trigger.Usage != Required {
			return fmt.Errorf("loop %s begins with a segment that is not required once", l.ID)
		}
	}
	for _, d := range g.Segments {
		if err := checkSegment(d); err != nil {
			return err
		}
		d.setQualifier()
		d.compileElements()
		linkFormats(d.Elements)
		d.setPlan()
	}
	for _, l := range g.Loops {
		if err := p.finishHL(l); err != nil {
			return err
		}
		if err := l.rank(); err != nil {
			return err
		}
	}
	if err := g.linkHL(); err != nil {
		return err
	}
	for _, l := range g.Loops {
		l.setRequired()
	}
	if err := g.compile(); err != nil {
		return err
	}
	return g.compileSituations(p.rules)
}

// linkHL lists below each HL loop those that may hang under it.
func (g *Guide) linkHL() error {
	n := 0
	for _, l := range g.Loops {
		if l.HL == nil {
			continue
		}
		if l.hlIndex = n; n == maxHLLoops {
			return fmt.Errorf("more than %d HL loops", maxHLLoops)
		}
		n++
		for _, p := range l.HL.Parents {
			p.below = append(p.below, l)
		}
	}
	return nil
}

// setRequired lists the children that each instance of the loop must have, in their order. The Reader reports a missing SE, and
// HL loops below others are required by their parent.
func (l *Loop) setRequired() {
	for i, n := range l.Children {
		switch {
		case n.Loop != nil:
			if n.Loop.Usage == Required && (n.Loop.HL == nil || len(n.Loop.HL.Parents) == 0) {
				l.required = append(l.required, i)
			}
		case n.Segment.With != "":
			for j, m := range l.Children {
				if m.Loop != nil && m.Loop.ID == n.Segment.With {
					l.brackets = append(l.brackets, bracket{i, j})
				}
			}
		case n.Segment.Usage == Required && n.Segment.Tag != "SE":
			l.required = append(l.required, i)
		}
	}
}

// rankOf returns the rank of child i.
func (l *Loop) rankOf(i int) int {
	if n := l.Children[i]; n.Segment != nil {
		return n.Segment.order
	}
	return l.Children[i].Loop.order
}

// linkFormats finds for each date, time or period (data element 1251) the element with its format (1250).
func linkFormats(elements []*ElementDef) {
	format := 0
	for i, e := range elements {
		switch {
		case e.DE == "1250" && e.Usage != NotUsed:
			format = i + 1
		case e.DE == "1251":
			e.formatBy = format
		}
		linkFormats(e.Components)
	}
}

func checkSegment(d *SegmentDef) error {
	if n := len(d.Elements); n == 0 || n > 64 {
		return fmt.Errorf("%s in loop %q has %d elements, not 1 to 64", d.Tag, d.Loop.ID, n)
	}
	for _, n := range d.Notes {
		for _, e := range n.Elements {
			if e > len(d.Elements) {
				return fmt.Errorf("%s in loop %q: the syntax note %s names an element beyond the last", d.Tag, d.Loop.ID, n)
			}
		}
	}
	for _, e := range d.Elements {
		if e.Type == TypeComposite && e.Usage != NotUsed && len(e.Components) == 0 {
			return fmt.Errorf("%s in loop %q has no components", e.Ref, d.Loop.ID)
		}
	}
	if d.With == "" {
		return nil
	}
	for _, n := range d.Loop.Children {
		if n.Loop != nil && n.Loop.ID == d.With {
			return nil
		}
	}
	return fmt.Errorf("%s in loop %q stands with the unknown loop %s", d.Tag, d.Loop.ID, d.With)
}

// setQualifier finds the codes that tell a segment from others of its name: those of the first element, of the third of an
// HL, of the first component where that is a composite.
func (d *SegmentDef) setQualifier() {
	d.qualifier = 1
	if d.Tag == "HL" {
		d.qualifier = 3
	}
	e := d.Element(d.qualifier)
	if e != nil && len(e.Components) > 0 {
		e = e.Components[0]
	}
	if e != nil {
		d.qualifiers = e.Codes
	}
}

func (p *definitionParser) finishHL(l *Loop) error {
	if (l.HL != nil) != (l.Parent != nil && l.Trigger.Tag == "HL") {
		return fmt.Errorf("loop %s: 'under' and a first segment HL go together", l.ID)
	}
	if l.HL == nil {
		return nil
	}
	if l.Parent != p.guide.Root {
		return fmt.Errorf("loop %s: an HL loop stands within another loop", l.ID)
	}
	if l.Trigger.qualifiers == nil || len(l.Trigger.qualifiers.Values) != 1 {
		return fmt.Errorf("loop %s: its HL03 needs one code", l.ID)
	}
	l.HL.Level = l.Trigger.qualifiers.Values[0]
	for _, id := range p.under[l] {
		parent := p.guide.Loop(id)
		if parent == nil || parent.HL == nil || parent.Index >= l.Index {
			return fmt.Errorf("loop %s can't be reached: %s is no HL loop before it", l.ID, id)
		}
		l.HL.Parents = append(l.HL.Parents, parent)
	}
	return nil
}

// rank numbers the children of a loop by their order; those that may come in any order among themselves share a rank.
func (l *Loop) rank() error {
	rank, last := 0, -1
	var lastTrigger string
	for i, n := range l.Children {
		var position int
		var trigger string
		if n.Segment != nil {
			position = n.Segment.Position
		} else {
			position, trigger = n.Loop.Trigger.Position, n.Loop.Trigger.Tag
		}
		sameKind := trigger != "" && trigger == lastTrigger
		// Positions count anew in the detail and summary areas of a set.
		if position < last && !sameKind && l.Parent != nil {
			return fmt.Errorf("loop %q: position %04d comes after %04d", l.ID, position, last)
		}
		if i > 0 && position != last && !sameKind {
			rank++
		}
		if n.Segment != nil {
			n.Segment.order = rank
		} else {
			n.Loop.order = rank
		}
		last, lastTrigger = position, trigger
	}
	return nil
}

// A candidate is one place in a loop for a segment of some name: the loop's own segment, or the trigger of a loop below.
type candidate struct {
	def   *SegmentDef
	loop  *Loop // that def opens; nil for the loop's own segments
	level int   // depth of the loop that the candidate is of
	rank  int
	bit   int // child of that loop

	doubtful bool // the loop is there once below its HL, or goes with an LS
	opener   int  // child that is that LS; -1 for none
}

// compile fills the tables that the walker goes by: for each loop and segment name its candidates.
func (g *Guide) compile() error {
	if err := g.tags.build(g.Segments); err != nil {
		return err
	}
	for _, l := range g.Loops {
		if len(l.Children) > maxChildren {
			return fmt.Errorf("loop %q has more than %d children", l.ID, maxChildren)
		}
		l.byTag = make([][]candidate, g.tags.n)
		l.deep = make([][]*Loop, g.tags.n)
		l.inside = make([][]candidate, g.tags.n)
		for i, n := range l.Children {
			c := candidate{def: n.Segment, loop: n.Loop, level: l.depth, bit: i}
			if n.Loop != nil {
				c.def, c.rank = n.Loop.Trigger, n.Loop.order
			} else if c.rank = c.def.order; c.def.trigger {
				continue // a trigger opens a new instance: it is a candidate of the parent
			}
			c.setDoubts(l)
			tag := g.tags.find(c.def.Tag)
			for _, other := range l.byTag[tag] {
				if overlap(other.def.qualifiers, c.def.qualifiers) {
					return fmt.Errorf("loop %q: %s %q and %q can't be told apart", l.ID, c.def.Tag, other.def.Name, c.def.Name)
				}
			}
			l.byTag[tag] = append(l.byTag[tag], c)
			if n.Loop != nil {
				l.addDeep(&g.tags, n.Loop)
				l.addInside(&g.tags, n.Loop)
			}
		}
		l.setChain(g.tags.n)
		if err := l.setAhead(g); err != nil {
			return err
		}
	}
	return nil
}

// setDoubts notes what speaks against taking a segment for the trigger of a loop within l, although it may come next.
func (c *candidate) setDoubts(l *Loop) {
	c.opener = -1
	if c.loop == nil {
		return
	}
	for i, n := range l.Children[:c.bit] {
		if n.Segment != nil && n.Segment.With == c.loop.ID {
			c.opener = i
		}
	}
	c.doubtful = c.opener >= 0 || l.HL != nil && c.loop.Max == 1
}

// setChain lists the candidates of the loop and of those around it, from the inside out: the loops that are open when l is the
// innermost are always the same.
func (l *Loop) setChain(tags int) {
	l.chain = make([][]candidate, tags)
	for tag := range l.chain {
		for p := l; p != nil; p = p.Parent {
			l.chain[tag] = append(l.chain[tag], p.byTag[tag]...)
		}
	}
}

// addDeep lists the loops below a child, so that a loop can be found whose parent's trigger is missing.
func (l *Loop) addDeep(tags *tagTable, child *Loop) {
	for _, n := range child.Children {
		if n.Loop != nil {
			tag := tags.find(n.Loop.Trigger.Tag)
			l.deep[tag] = append(l.deep[tag], n.Loop)
			l.addDeep(tags, n.Loop)
		}
	}
}

// addInside lists the segments of a child, so that it can be found although its trigger is missing.
func (l *Loop) addInside(tags *tagTable, child *Loop) {
	for _, n := range child.Children[1:] {
		if n.Segment != nil {
			tag := tags.find(n.Segment.Tag)
			l.inside[tag] = append(l.inside[tag], candidate{def: n.Segment})
		}
	}
}

func overlap(a, b *CodeSet) bool {
	if a == nil || b == nil {
		return true
	}
	for _, k := range a.keys {
		if b.has(k) {
			return true
		}
	}
	return false
}

// A tagTable numbers the segment names of a guide, without a map: names are hashed by a multiplication that was chosen so
// that no two of them meet. Number 0 stands for all other names.
type tagTable struct {
	n     int // numbers in use, 0 included
	mul   uint32
	slots [1 << tagBits]struct {
		key uint32
		tag uint8
	}
}

const tagBits = 10

func (t *tagTable) build(defs []*SegmentDef) error {
	var keys []uint32
	seen := make(map[uint32]bool)
	for _, d := range defs {
		k := tagKey([]byte(d.Tag))
		if k == 0 {
			return fmt.Errorf("%q is no segment id", d.Tag)
		}
		if !seen[k] {
			seen[k] = true
			keys = append(keys, k)
		}
	}
	if t.n = len(keys) + 1; t.n > 255 {
		return errors.New("more than 254 segment ids")
	}
	for mul := uint32(2654435769); ; mul += 2 {
		if t.place(keys, mul) {
			return nil
		}
	}
}

func (t *tagTable) place(keys []uint32, mul uint32) bool {
	clear(t.slots[:])
	t.mul = mul
	for i, k := range keys {
		slot := &t.slots[k*mul>>(32-tagBits)]
		if slot.key != 0 {
			return false
		}
		slot.key, slot.tag = k, uint8(i+1)
	}
	return true
}

func (t *tagTable) number(key uint32) int {
	if slot := &t.slots[key*t.mul>>(32-tagBits)]; slot.key == key {
		return int(slot.tag)
	}
	return 0
}

func (t *tagTable) find(tag string) int { return t.number(tagKey([]byte(tag))) }

// tagKey packs a segment id, which has two or three characters; 0 for anything else.
func tagKey(b []byte) uint32 {
	switch len(b) {
	case 2:
		return uint32(b[0])<<8 | uint32(b[1])
	case 3:
		return uint32(b[0])<<16 | uint32(b[1])<<8 | uint32(b[2])
	}
	return 0
}
