package guide

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/ediport/ediport/edi"
)

// elements checks the elements of a segment that has its place.
func (v *Validator) elements(s *edi.Segment, at *Step) {
	d := at.Def
	scan := &v.scan
	scan.begin(s, at)
	n := s.Len()
	whole := !scan.repeats && !scan.parts
	var present uint64
	for i := range min(n, len(d.Elements)) {
		value := s.Element(i + 1)
		if len(value) == 0 || value[0] == ' ' && isBlank(value) {
			continue
		}
		present |= 1 << i
		scan.element, scan.component, scan.repetition = i+1, 0, 0
		// Most elements are simple ones in a segment without repetitions and components.
		if e := d.Elements[i]; whole && e.Usage != NotUsed && e.Type != TypeComposite {
			v.simple(scan, e, value, e.formatBy)
		} else {
			v.value(scan, e, value)
		}
	}
	if missing := d.mandatory &^ present; missing != 0 {
		v.missingElements(scan, missing)
	}
	if n > len(d.Elements) {
		v.surplus(scan, n)
	}
	if present&d.noted == 0 && d.noted != ^uint64(0) {
		return
	}
	for i := range d.notes {
		if d.notes[i].broken(present) {
			v.noteFinding(&scan.elementPlace, &d.notes[i], present)
		}
	}
}

// An elementScan is the state of the walk through one segment.
type elementScan struct {
	elementPlace
	segment *edi.Segment
	format  []byte

	del     *delimiters // of the interchange; nil until the first segment of a set
	shown   delimiters
	repeats bool // the segment holds repetition separators
	parts   bool // and component separators
	plain   bool // and nothing but printable ASCII
}

type delimiters struct {
	repetition, component         string
	repetitionWord, componentWord uint64
	simple                        bool // both are one byte, or absent
}

func (sc *elementScan) begin(s *edi.Segment, at *Step) {
	sc.segment, sc.loop, sc.def = s, at.Loop, at.Def
	if sc.del == nil {
		d := s.Delimiters()
		sc.shown = delimiters{repetition: d.Repetition, component: d.Component, simple: len(d.Repetition) <= 1 && len(d.Component) == 1}
		if sc.del = &sc.shown; sc.shown.simple {
			sc.shown.componentWord = lowBits * uint64(d.Component[0])
			sc.shown.repetitionWord = sc.shown.componentWord // as if it were absent, and then found like a component
			if d.Repetition != "" {
				sc.shown.repetitionWord = lowBits * uint64(d.Repetition[0])
			}
		}
	}
	sc.look(s.Raw())
}

const (
	lowBits  = 0x0101010101010101
	low7Bits = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
	blanks   = 0x2020202020202020
)

func hasZero(x uint64) bool { return ((x&low7Bits+low7Bits)|x)&highBits != highBits }

// look tells what the segment holds, eight bytes at a time, so that most elements need no second look.
func (sc *elementScan) look(b []byte) {
	d := sc.del
	if !d.simple || len(b) < 8 {
		sc.plain = isPlain(b)
		sc.repeats = d.repetition != "" && contains(b, d.repetition)
		sc.parts = contains(b, d.component)
		return
	}
	var odd uint64
	repeats, parts := false, false
	for i := 0; ; i += 8 {
		if i > len(b)-8 {
			i = len(b) - 8 // the last eight, some of them again
		}
		x := binary.LittleEndian.Uint64(b[i:])
		odd |= x | (x - blanks) | (x + lowBits)
		repeats = repeats || hasZero(x^d.repetitionWord)
		parts = parts || hasZero(x^d.componentWord)
		if i == len(b)-8 {
			break
		}
	}
	sc.plain = odd&highBits == 0
	sc.parts = parts
	sc.repeats = repeats && d.repetition != ""
}

func (v *Validator) missingElements(sc *elementScan, missing uint64) {
	for ; missing != 0; missing &= missing - 1 {
		sc.element, sc.component, sc.repetition = bits.TrailingZeros64(missing)+1, 0, 0
		v.elementFinding(&sc.elementPlace, "1", "is required and is missing")
	}
}

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
		severity := edi.Error
		if e.Tolerated {
			severity = edi.Warning
		}
		v.Add(v.element(&sc.elementPlace, severity, edi.Code{Kind: "IK403", Value: "I10"}, sc.label()+" must not be sent here"))
		return
	}
	if !sc.repeats || !contains(value, sc.del.repetition) {
		v.repetition(sc, e, value)
		return
	}
	n := bytes.Count(value, []byte(sc.del.repetition)) + 1
	if n > e.Repeat {
		sc.repetition = e.Repeat + 1
		v.elementFinding(&sc.elementPlace, "12", "is repeated more often than the "+decimal(e.Repeat)+" times that the guide allows")
	}
	for i := 1; i <= min(n, e.Repeat); i++ {
		one, rest, _ := bytes.Cut(value, []byte(sc.del.repetition))
		value = rest
		sc.repetition = i
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
	if sc.parts && contains(value, sc.del.component) {
		sc.component = 2
		v.elementFinding(&sc.elementPlace, "13", "has components, and is a simple element")
		sc.component = 0
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
			part, value, more = cutPart(value, sc.del.component)
		}
		sc.component = i + 1
		if len(part) == 0 || isBlank(part) {
			if c.Usage == Required {
				v.elementFinding(&sc.elementPlace, "1", "is required and is missing")
			}
			continue
		}
		if c.Usage == NotUsed {
			v.elementFinding(&sc.elementPlace, "I10", "must not be sent here")
			continue
		}
		if c.formatBy > 0 {
			sc.format = componentOf(whole, c.formatBy, sc.del.component)
		}
		v.simple(sc, c, part, -1)
		sc.format = nil
	}
	if more && !isBlank(value) {
		sc.component = len(e.Components) + 1
		v.elementFinding(&sc.elementPlace, "13", "has more components than the "+decimal(len(e.Components))+" of the guide")
	}
	sc.component = 0
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
	for i := len(sc.def.Elements) + 1; i <= n; i++ {
		if !isBlank(sc.segment.Element(i)) {
			sc.element, sc.component, sc.repetition = i, 0, 0
			v.elementFinding(&sc.elementPlace, "3", "is more than the "+decimal(len(sc.def.Elements))+" elements of the segment")
			return
		}
	}
}

// badQualifier reports a segment whose name may stand here, but not with this code.
func (v *Validator) badQualifier(s *edi.Segment, at *Step) {
	d := at.Near
	p := elementPlace{loop: at.Loop, def: d, element: d.qualifier}
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
