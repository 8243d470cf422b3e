package guide

import (
	"bytes"
	"encoding/binary"
	"math/bits"

	"github.com/ediport/ediport/edi"
)

// elements checks the elements of a segment that has its place. Most values are seen to be right by the plan of the segment; of any
// other, what is wrong with it, if anything, is found by [Validator.one].
func (v *Validator) elements(s *edi.Segment, at *Step) {
	d := at.Def
	scan := &v.scan
	if scan.del == nil {
		scan.learn(s.Delimiters())
		if at.memory != nil {
			at.memory.use(s.Delimiters())
		}
	}
	known := at.known
	if known != nil && known.clean {
		if v.wanted[d.Index] != 0 { // rules may go on from here
			scan.begin(s, at)
			scan.plain, scan.quick = true, true // or it would not be remembered
		}
		return
	}
	scan.begin(s, at)
	scan.look(scan.text)
	n := len(scan.ends) - 1
	present, sure := v.quickly(d, min(n, len(d.plan)), at.coded)
	present &= d.used // what must not be sent was told, and asks for nothing
	if v.complete(d, n, present) {
		if sure && known != nil {
			known.clean = true
		}
		return
	}
	if missing := d.mandatory &^ present; missing != 0 {
		if n <= 0 {
			missing &= -missing // of a segment that is but its id the first is enough
		}
		v.missingElements(scan, missing)
	}
	if n > len(d.Elements) {
		v.surplus(scan, n)
	}
	if n > 0 && scan.ends[n] == scan.ends[n-1]+scan.separator {
		scan.component, scan.repetition = 0, 0
		v.trailing(scan, n)
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

// complete tells whether nothing is to be said about a segment of n elements, but for its values.
func (v *Validator) complete(d *SegmentDef, n int, present uint64) bool {
	scan := &v.scan
	if d.mandatory&^present != 0 || n > len(d.Elements) || n <= 0 || scan.ends[n] == scan.ends[n-1]+scan.separator {
		return false
	}
	if present&d.noted == 0 && d.noted != ^uint64(0) {
		return true
	}
	for i := range d.notes {
		if d.notes[i].broken(present) {
			return false
		}
	}
	return true
}

// quickly checks the first n elements, and tells which of them are there. coded says that the qualifier is one of
// the guide's. It is sure if the plan knew of all values that they are right.
func (v *Validator) quickly(d *SegmentDef, n int, coded bool) (present uint64, sure bool) {
	scan := &v.scan
	text, ends, separator, cuts, quick := scan.text, scan.ends, scan.separator, scan.cuts, scan.quick
	plan := d.plan[:n]
	first := 0
	sure = quick
	if coded && quick && n > 0 && d.codeFirst && cuts[0] >= ends[1] {
		first, present = 1, 1
	}
	end := ends[first]
	for i := first; i < len(plan); i++ {
		begin := end + separator
		end = ends[i+1]
		if begin == end {
			continue
		}
		c := &plan[i]
		good := false
		switch {
		case !quick:
		case cuts[0] < end || c.kind >= checkPeriod:
			from := cuts
			for cuts[0] < end {
				cuts = cuts[1:]
			}
			good = scan.special(c, begin, end, from)
		case c.kind == checkText:
			size := end - begin
			good = size >= uint32(c.least) && size <= uint32(c.most) && text[begin] != ' ' && text[end-1] != ' '
		case c.kind == checkCode:
			size := int(end - begin)
			good = size <= 7 && c.codes.has(wordKey(word(text, int(begin), size), size))
		default:
			good = scan.fine(c, begin, end)
		}
		if good {
			present |= 1 << i
			continue
		}
		sure = false
		if v.one(i, text[begin:end:end]) {
			present |= 1 << i
		}
	}
	return present, sure
}

// one checks element i+1, of which the plan could not say that it is right. It tells whether the element is there.
func (v *Validator) one(i int, value []byte) bool {
	if value[0] == ' ' && isBlank(value) {
		return false
	}
	scan := &v.scan
	scan.element, scan.component, scan.repetition = i+1, 0, 0
	v.value(scan, scan.def.Elements[i], value)
	return true
}

// An elementScan is the state of the walk through one segment.
type elementScan struct {
	elementPlace
	glance
	segment *edi.Segment
	format  []byte

	del     *delimiters // of the interchange; nil until the first segment of a set
	shown   delimiters
	repeats bool // the segment holds repetition separators
	parts   bool // and component separators
	plain   bool // and nothing but printable ASCII
	slow    bool // see Checker
	short   [8]byte
}

type delimiters struct {
	repetition, component         string
	repetitionWord, componentWord uint64
	repetitionByte                int  // -1 if absent
	simple                        bool // both are one byte, or absent, and no blanks
}

func (sc *elementScan) begin(s *edi.Segment, at *Step) {
	sc.segment, sc.loop, sc.def = s, at.Loop, at.Def
	text, ends, separator := s.Spans()
	sc.text, sc.ends, sc.separator = text, ends, uint32(separator)
	if len(text) < len(sc.short) {
		sc.lengthen()
	}
}

// lengthen makes the text of a short segment long enough for [word], by blanks behind it.
func (sc *elementScan) lengthen() {
	sc.short = [8]byte{' ', ' ', ' ', ' ', ' ', ' ', ' ', ' '}
	copy(sc.short[:], sc.text)
	sc.text = sc.short[:]
}

func (sc *elementScan) learn(d edi.Delimiters) {
	sc.shown = delimiters{repetition: d.Repetition, component: d.Component, repetitionByte: -1}
	sc.del = &sc.shown
	if len(d.Repetition) > 1 || len(d.Component) != 1 || d.Component == " " || d.Repetition == " " {
		return
	}
	sc.shown.simple = true
	sc.shown.componentWord = lowBits * uint64(d.Component[0])
	sc.shown.repetitionWord = sc.shown.componentWord // as if it were absent, and then found like a component
	if d.Repetition != "" {
		sc.shown.repetitionByte = int(d.Repetition[0])
		sc.shown.repetitionWord = lowBits * uint64(d.Repetition[0])
	}
}

// behind is behind any element.
const behind = ^uint32(0)

// look tells what the segment holds, eight bytes at a time, so that most elements need no second look.
func (sc *elementScan) look(b []byte) {
	d := sc.del
	sc.cuts = sc.cuts[:0]
	if !d.simple || len(b) < 8 {
		sc.quick = false
		sc.plain = isPlain(b)
		sc.repeats = d.repetition != "" && contains(b, d.repetition)
		sc.parts = contains(b, d.component)
		return
	}
	var odd uint64
	i := 0
	for ; i <= len(b)-8; i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		odd |= x | (x - blanks) | (x + lowBits)
		if mayHoldZero(x^d.componentWord)|mayHoldZero(x^d.repetitionWord) != 0 {
			sc.mark(i, zeroBytes(x^d.componentWord)|zeroBytes(x^d.repetitionWord))
		}
	}
	if i < len(b) { // the last bytes, and blanks
		x := binary.LittleEndian.Uint64(b[len(b)-8:])>>(8*uint(i+8-len(b))&63) | blanks<<(8*uint(len(b)-i)&63)
		odd |= x | (x - blanks) | (x + lowBits)
		if mayHoldZero(x^d.componentWord)|mayHoldZero(x^d.repetitionWord) != 0 {
			sc.mark(i, zeroBytes(x^d.componentWord)|zeroBytes(x^d.repetitionWord))
		}
	}
	sc.plain = odd&highBits == 0
	sc.quick = sc.plain && !sc.slow
	sc.parts = len(sc.cuts) > 0
	sc.repeats = sc.parts
	sc.cuts = append(sc.cuts, behind)
}

// mark notes the separators that zeroBytes found from i on.
func (sc *elementScan) mark(i int, hits uint64) {
	for ; hits != 0; hits &= hits - 1 {
		sc.cuts = append(sc.cuts, uint32(i+bits.TrailingZeros64(hits)>>3))
	}
}

// special is fine for values with separators, and for those whose check is not about one value alone.
func (sc *elementScan) special(c *check, begin, end uint32, cuts []uint32) bool {
	if c.kind == checkPeriod && cuts[0] >= end {
		formatBegin, formatEnd := sc.stands(int(c.format))
		return sc.period(c, begin, end, formatBegin, formatEnd)
	}
	return sc.cut(c, begin, end, cuts, sc.del.repetitionByte)
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
	if sc.del.component == "" {
		return // the ISA has no separator of components, which was told
	}
	whole := value
	more := true
	var present uint64
	for i, c := range e.Components {
		var part []byte
		if more {
			part, value, more = cutPart(value, sc.del.component)
		}
		sc.component = i + 1
		if len(part) > 0 && c.Usage != NotUsed && !isBlank(part) {
			present |= 1 << i
		}
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
	if extra := bytes.TrimRight(value, sc.del.component+" \r\n"); more && len(extra) > 0 {
		sc.component = len(e.Components) + 1
		v.elementFinding(&sc.elementPlace, "13", "has more components than the "+decimal(len(e.Components))+" of the guide")
	}
	if present&e.noted != 0 {
		v.componentNotes(sc, e, present)
	}
	if sc.component = 0; bytes.HasSuffix(whole, []byte(sc.del.component)) {
		v.trailing(sc, sc.element)
	}
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

// trailing warns of separators that nothing follows: at the end of the segment, or of a composite.
func (v *Validator) trailing(sc *elementScan, element int) {
	v.format(sc, element, "format.trailing_separator", "a separator stands behind the last value, and nothing follows it")
}

// format warns once per segment of a lack of form that changes nothing.
func (v *Validator) format(sc *elementScan, element int, kind, message string) {
	at := sc.segment.Ordinal()
	for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment == at; i-- {
		if v.findings[i].Code.Kind == kind {
			return
		}
	}
	p := sc.elementPlace
	p.element = element
	f := v.element(&p, edi.Warning, edi.Code{Kind: kind}, message)
	f.SNIP = 1
	v.Add(f)
}

// badQualifier reports a segment whose name may stand here, but not with this code.
func (v *Validator) badQualifier(s *edi.Segment, at *Step) {
	d := at.Near
	p := elementPlace{loop: at.Loop, def: d, element: d.qualifier}
	e := d.Element(d.qualifier)
	if e.Type == TypeComposite {
		e = e.Components[0]
		if len(s.Text(d.qualifier)) > 0 {
			p.component = 1
		}
	}
	value := s.Component(d.qualifier, 1)
	if len(value) == 0 {
		v.elementFinding(&p, "1", "is required and is missing")
		return
	}
	switch known := shared().known[e.DE]; {
	case bytes.IndexFunc(value, isControl) >= 0:
		v.elementFinding(&p, "6", "holds a control character")
	case len(value) < e.Min:
		v.elementFinding(&p, "4", "is shorter than "+decimal(e.Min)+" characters")
	case len(value) > e.Max:
		v.elementFinding(&p, "5", "is longer than "+decimal(e.Max)+" characters")
	case known != nil && known.Has(value):
		v.elementFinding(&p, "I6", "holds a code with which no "+d.Tag+" may stand here")
	default:
		v.elementFinding(&p, "7", "holds a code that its list does not have")
	}
}
