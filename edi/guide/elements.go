package guide

import (
	"bytes"

	"github.com/ediport/ediport/edi"
)

// elements checks the elements of a segment that has its place.
func (v *Validator) elements(s edi.Segment, at *Step) {
	d := at.Def
	raw := s.Raw()
	del := s.Delimiters()
	scan := &v.scan
	*scan = elementScan{
		segment: s, place: elementPlace{step: at, def: d}, del: del,
		repeats: del.Repetition != "" && contains(raw, del.Repetition),
		parts:   contains(raw, del.Component), plain: isPlain(raw),
	}
	n := s.Len()
	var present uint64
	for i, e := range d.Elements {
		scan.place.element = i + 1
		if i >= n {
			if e.Usage == Required {
				scan.reset()
				v.elementFinding(&scan.place, "1", "is required and is missing")
			}
			continue
		}
		value := s.Element(i + 1)
		if len(value) == 0 || isBlank(value) {
			if e.Usage == Required {
				scan.reset()
				v.elementFinding(&scan.place, "1", "is required and is missing")
			}
			continue
		}
		present |= 1 << i
		scan.reset()
		v.value(scan, e, value)
	}
	if n > len(d.Elements) {
		v.surplus(scan, n)
	}
	for i := range d.notes {
		if d.notes[i].broken(present) {
			v.noteFinding(&scan.place, &d.notes[i], present)
		}
	}
}

// An elementScan is the state of the walk through one segment.
type elementScan struct {
	segment edi.Segment
	place   elementPlace
	del     edi.Delimiters
	repeats bool // the segment holds repetition separators
	parts   bool // and component separators
	plain   bool // and nothing but printable ASCII
	format  []byte
}

func (sc *elementScan) reset() { sc.place.component, sc.place.repetition = 0, 0 }

func contains(b []byte, sep string) bool {
	if len(sep) == 1 {
		return bytes.IndexByte(b, sep[0]) >= 0
	}
	return sep != "" && bytes.Contains(b, []byte(sep))
}

func isBlank(b []byte) bool {
	for _, c := range b {
		if c != ' ' && c != '\n' && c != '\r' && c != '\t' {
			return false
		}
	}
	return true
}

// value checks an element that is there: its repetitions, and their components.
func (v *Validator) value(sc *elementScan, e *ElementDef, value []byte) {
	if e.Usage == NotUsed {
		v.elementFinding(&sc.place, "I10", "must not be sent here")
		return
	}
	if !sc.repeats {
		v.repetition(sc, e, value)
		return
	}
	if !contains(value, sc.del.Repetition) {
		v.repetition(sc, e, value)
		return
	}
	n := bytes.Count(value, []byte(sc.del.Repetition)) + 1
	if n > e.Repeat {
		sc.place.repetition = e.Repeat + 1
		v.elementFinding(&sc.place, "12", "is repeated more often than the "+decimal(e.Repeat)+" times that the guide allows")
	}
	for i := 1; i <= min(n, e.Repeat); i++ {
		one, rest, _ := bytes.Cut(value, []byte(sc.del.Repetition))
		value = rest
		sc.place.repetition = i
		if len(one) > 0 {
			v.repetition(sc, e, one)
		}
	}
}

func (v *Validator) repetition(sc *elementScan, e *ElementDef, value []byte) {
	if e.Type == TypeComposite {
		v.composite(sc, e, value)
		return
	}
	if sc.parts && contains(value, sc.del.Component) {
		sc.place.component = 2
		v.elementFinding(&sc.place, "13", "has components, and is a simple element")
		sc.place.component = 0
		return
	}
	v.simple(sc, e, value, e.formatBy)
}

func (v *Validator) composite(sc *elementScan, e *ElementDef, value []byte) {
	whole := value
	more := true
	for i, c := range e.Components {
		var part []byte
		if more {
			part, value, more = cutPart(value, sc.del.Component)
		}
		sc.place.component = i + 1
		if len(part) == 0 || isBlank(part) {
			if c.Usage == Required {
				v.elementFinding(&sc.place, "1", "is required and is missing")
			}
			continue
		}
		if c.Usage == NotUsed {
			v.elementFinding(&sc.place, "I10", "must not be sent here")
			continue
		}
		if c.formatBy > 0 {
			sc.format = componentOf(whole, c.formatBy, sc.del.Component)
		}
		v.simple(sc, c, part, -1)
		sc.format = nil
	}
	if more && !isBlank(value) {
		sc.place.component = len(e.Components) + 1
		v.elementFinding(&sc.place, "13", "has more components than the "+decimal(len(e.Components))+" of the guide")
	}
	sc.place.component = 0
}

func cutPart(b []byte, sep string) (part, rest []byte, more bool) {
	if len(sep) == 1 {
		if i := bytes.IndexByte(b, sep[0]); i >= 0 {
			return b[:i], b[i+1:], true
		}
		return b, nil, false
	}
	return bytes.Cut(b, []byte(sep))
}

func componentOf(b []byte, n int, sep string) []byte {
	for ; n > 1; n-- {
		_, b, _ = cutPart(b, sep)
	}
	part, _, _ := cutPart(b, sep)
	return trim(part)
}

// surplus reports elements beyond the last of the guide, if they hold anything.
func (v *Validator) surplus(sc *elementScan, n int) {
	for i := len(sc.place.def.Elements) + 1; i <= n; i++ {
		if !isBlank(sc.segment.Element(i)) {
			sc.reset()
			sc.place.element = i
			v.elementFinding(&sc.place, "3", "is more than the "+decimal(len(sc.place.def.Elements))+" elements of the segment")
			return
		}
	}
}

// badQualifier reports a segment whose name may stand here, but not with this code.
func (v *Validator) badQualifier(s edi.Segment, at *Step) {
	d := at.Near
	p := elementPlace{step: at, def: d, element: d.qualifier}
	e := d.Element(d.qualifier)
	if e.Type == TypeComposite {
		p.component, e = 1, e.Components[0]
	}
	value := s.Component(d.qualifier, 1)
	if len(value) == 0 {
		v.elementFinding(&p, "1", "is required and is missing")
		return
	}
	code, message := "7", "holds a code that its list does not have"
	if known := shared().known[e.DE]; known != nil && known.Has(value) {
		code, message = "I6", "holds a code with which no "+d.Tag+" may stand here"
	}
	v.elementFinding(&p, code, message)
}
