package guide

import "math/bits"

// A compiledNote is a syntax note as sets of elements: element n is bit n-1.
type compiledNote struct {
	note       *Note
	first, all uint64
}

// compileElements computes the sets of elements that a segment is checked with. It leaves out notes that can't be
// broken without breaking the guide's own usage.
func (d *SegmentDef) compileElements() {
	var used uint64
	for i, e := range d.Elements {
		if e.Usage != NotUsed {
			used |= 1 << i
		}
		if e.Usage == Required {
			d.mandatory |= 1 << i
		}
	}
	for i := range d.Notes {
		n := compiledNote{note: &d.Notes[i], first: 1 << (d.Notes[i].Elements[0] - 1)}
		for _, e := range n.note.Elements {
			n.all |= 1 << (e - 1)
		}
		switch kind := n.note.Kind; {
		case n.all&used == 0 || kind == 'R' && n.all&d.mandatory != 0:
			continue
		case kind == 'R':
			d.noted = ^uint64(0)
		case kind == 'C' || kind == 'L':
			d.noted |= n.first
		default:
			d.noted |= n.all
		}
		d.notes = append(d.notes, n)
	}
}

// broken tells whether a segment with the present elements breaks the note.
func (n *compiledNote) broken(present uint64) bool {
	there := present & n.all
	switch n.note.Kind {
	case 'P':
		return there != 0 && there != n.all
	case 'R':
		return there == 0
	case 'E':
		return bits.OnesCount64(there) > 1
	case 'C':
		return there&n.first != 0 && there != n.all
	default: // L
		return there == n.first
	}
}

// noteFinding reports a broken note at the element that is missing, or for E at the second that is there. It says
// nothing about elements that the guide requires or forbids: that was reported.
func (v *Validator) noteFinding(p *elementPlace, n *compiledNote, present uint64) {
	p.component, p.repetition = 0, 0
	if n.note.Kind == 'E' {
		first := true
		for _, e := range n.note.Elements {
			if present&(1<<(e-1)) == 0 || p.def.Element(e).Usage == NotUsed {
				continue
			}
			if !first {
				p.element = e
				v.elementFinding(p, "10", "excludes another element that is there ("+n.describe(p.def)+")")
				return
			}
			first = false
		}
		return
	}
	for _, e := range n.note.Elements {
		if present&(1<<(e-1)) != 0 {
			if n.note.Kind == 'P' && p.def.Element(e).Usage == NotUsed {
				return
			}
			continue
		}
		if p.def.Element(e).Usage == NotUsed {
			continue
		}
		if p.def.Element(e).Usage == Required {
			return
		}
		p.element = e
		v.elementFinding(p, "2", "is missing where "+n.describe(p.def))
		return
	}
}

// describe says in words what the note wants.
func (n *compiledNote) describe(d *SegmentDef) string {
	refs := ""
	for i, e := range n.note.Elements {
		if i > 0 {
			refs += ", "
		}
		refs += d.Element(e).Ref
	}
	switch n.note.Kind {
	case 'P':
		return "all or none are sent of " + refs
	case 'R':
		return "at least one is needed of " + refs
	case 'E':
		return "at most one may be sent of " + refs
	case 'C':
		return "the first needs all others of " + refs
	default:
		return "the first needs another of " + refs
	}
}
