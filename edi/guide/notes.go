package guide

import (
	"math/bits"
	"slices"
)

// A compiledNote is a syntax note as sets of elements: element n is bit n-1.
type compiledNote struct {
	note       *Note
	first, all uint64
}

// compileElements computes the sets of elements that a segment is checked with. It leaves out notes that can't be
// broken without breaking the guide's own usage.
func (d *SegmentDef) compileElements() {
	for i, e := range d.Elements {
		if e.Usage != NotUsed {
			d.used |= 1 << i
		}
		if e.Usage == Required {
			d.mandatory |= 1 << i
		}
	}
	d.notes, d.noted = compileNotes(d.Notes, d.used, d.mandatory)
	for _, e := range d.Elements {
		e.compileNotes()
	}
}

func compileNotes(notes []Note, used, mandatory uint64) (compiled []compiledNote, noted uint64) {
	for i := range notes {
		n := compiledNote{note: &notes[i], first: 1 << (notes[i].Elements[0] - 1)}
		for _, e := range n.note.Elements {
			n.all |= 1 << (e - 1)
		}
		switch kind := n.note.Kind; {
		case n.all&used == 0 || kind == 'R' && n.all&mandatory != 0:
			continue
		case kind == 'R':
			noted = ^uint64(0)
		case kind == 'C' || kind == 'L':
			noted |= n.first
		default:
			noted |= n.all
		}
		compiled = append(compiled, n)
	}
	return compiled, noted
}

// compileNotes takes the notes of a composite from the dictionary; those about components that the guide has not are left out.
func (e *ElementDef) compileNotes() {
	if len(e.Components) == 0 || e.Usage == NotUsed {
		return
	}
	for _, n := range shared().notes[e.DE] {
		if slices.Max(n.Elements) <= len(e.Components) {
			e.Notes = append(e.Notes, n)
		}
	}
	var used, mandatory uint64
	for i, c := range e.Components {
		if c.Usage != NotUsed {
			used |= 1 << i
		}
		if c.Usage == Required {
			mandatory |= 1 << i
		}
	}
	e.notes, e.noted = compileNotes(e.Notes, used, mandatory)
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
	if e, code := n.fault(p.def.Elements, present); e > 0 && !v.told(e) { // by another note
		p.element = e
		v.elementFinding(p, code, n.complaint(p.def.Elements))
	}
}

// componentNotes reports the broken notes of a composite.
func (v *Validator) componentNotes(sc *elementScan, e *ElementDef, present uint64) {
	for i := range e.notes {
		n := &e.notes[i]
		if !n.broken(present) {
			continue
		}
		if c, code := n.fault(e.Components, present); c > 0 {
			sc.component = c
			v.elementFinding(&sc.elementPlace, code, n.complaint(e.Components))
		}
	}
}

// fault returns the element at which a broken note is to be reported, 0 for none, and the code.
func (n *compiledNote) fault(elements []*ElementDef, present uint64) (element int, code string) {
	first := true
	for _, e := range n.note.Elements {
		there, usage := present&(1<<(e-1)) != 0, elements[e-1].Usage
		switch {
		case usage == NotUsed:
		case n.note.Kind == 'E' && there && !first:
			return e, "10"
		case n.note.Kind == 'E':
			first = first && !there
		case !there && usage == Required:
			return 0, ""
		case !there:
			return e, "2"
		}
	}
	return 0, ""
}

// complaint continues the name of that element.
func (n *compiledNote) complaint(elements []*ElementDef) string {
	if n.note.Kind == 'E' {
		return "excludes another element that is there (" + n.describe(elements) + ")"
	}
	return "is missing where " + n.describe(elements)
}

// describe says in words what the note wants.
func (n *compiledNote) describe(elements []*ElementDef) string {
	refs := ""
	for i, e := range n.note.Elements {
		if i > 0 {
			refs += ", "
		}
		refs += elements[e-1].Ref
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
