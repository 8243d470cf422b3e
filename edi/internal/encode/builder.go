package encode

import (
	"fmt"
	"strconv"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A Builder composes the segments of one entity, element by element, in the order of the guide:
//
//	b.Begin("CLP").Text(c.PatientControlNumber).Text(c.Status).Decimal(c.Charge).Close()
//
// The first value that can't be written is kept as the builder's error; what follows is ignored.
type Builder struct {
	del   *edi.Delimiters
	never [256]bool // bytes that no value may hold

	entity  string
	ordinal int
	err     error

	record edi.Record
	levels []mark // the hierarchical levels that begin in the entity
	once   once

	raw      []byte // the segment in hand
	tag      string
	element  int
	start    int  // of the element in hand
	end      int  // of the last element that is not empty
	optional bool // the segment is left out if it is empty
}

// A mark is an HL: it stands before segment index of the record.
type mark struct {
	code  string // HL03
	index int
}

func (b *Builder) reset(del *edi.Delimiters) {
	b.entity, b.ordinal, b.err = "", 0, nil
	b.record.Reset()
	b.levels = b.levels[:0]
	if b.del == del {
		return
	}
	b.del, b.never = del, [256]bool{0x7f: true}
	for c := range byte(' ') {
		b.never[c] = true
	}
	for _, d := range []string{del.Element, del.Component, del.Repetition, del.Terminator} {
		if d != "" {
			b.never[d[0]] = true
		}
	}
}

// fail keeps the first error.
func (b *Builder) fail(segment string, element int, message string, err error) {
	if b.err != nil {
		return
	}
	b.err = &parts.InvalidError{
		Entity: b.entity, Ordinal: b.ordinal, Err: err,
		Finding: edi.Finding{Segment: segment, Element: element, SNIP: 1, Message: message},
	}
}

// decoded refuses an entity of a decoder that could not read all of it: what is not in its fields would be lost.
func (b *Builder) decoded(e *parts.Entity) {
	switch {
	case len(e.Problems) > 0:
		p := e.Problems[0]
		b.fail(p.Segment, p.Element, ref(p.Segment, p.Element)+" could not be read", parts.ErrNotRead)
	case len(e.Unplaced) > 0:
		b.fail("", 0, "it has segments that its guide has no place for", parts.ErrNotRead)
	default:
		if d := b.once.doubled(e.Places); d != nil {
			b.fail(d.Tag, 0, "it has more than one "+d.Tag+" ("+d.Name+"), which its guide allows once", parts.ErrNotRead)
		}
		if tag, n := unsent(e); n > 0 {
			b.fail(tag, n, ref(tag, n)+" was not sent, and 0 would be written for it", parts.ErrNotRead)
		}
	}
}

// unsent returns the first amount that a decoded entity should have and has not: its field is 0, as if that had been sent.
func unsent(e *parts.Entity) (tag string, element int) {
	for i, s := range e.Segments[:min(len(e.Segments), len(e.Places))] {
		d := e.Places[i].Def
		if d == nil {
			continue
		}
		for j, x := range d.Elements {
			if x.Type != guide.TypeR || len(s.Text(j+1)) > 0 {
				continue
			}
			pair := (d.Tag == "CAS" || d.Tag == "PLB") && x.DE == deAmount && len(s.Text(j)) > 0 // goes with the reason before it
			if pair || x.Usage == guide.Required {
				return d.Tag, j + 1
			}
		}
	}
	return "", 0
}

const deAmount = "782"

// Late refuses an entity that can't follow what was written.
func (b *Builder) Late(message string) { b.fail("", 0, message, parts.ErrOrder) }

// Nowhere refuses an entity with a value that would be lost, because its document has no place for it.
func (b *Builder) Nowhere(segment, message string) { b.fail(segment, 0, message, parts.ErrOrder) }

func ref(tag string, element int) string {
	if element < 10 {
		return tag + "0" + strconv.Itoa(element)
	}
	return tag + strconv.Itoa(element)
}

// Level begins a hierarchical level within the entity, below the one that the entity began with.
func (b *Builder) Level(code string) {
	b.levels = append(b.levels, mark{code: code, index: b.record.Len()})
}

// Begin begins a segment, which is written whatever its elements are.
func (b *Builder) Begin(tag string) *Builder {
	b.raw = append(b.raw[:0], tag...)
	b.tag, b.element, b.end, b.optional = tag, 0, len(b.raw), false
	return b
}

// Maybe begins a segment that is left out if none of its elements has a value.
func (b *Builder) Maybe(tag string) *Builder {
	b.Begin(tag)
	b.optional = true
	return b
}

// Close ends the segment. Empty elements at its end are left out.
func (b *Builder) Close() {
	if b.optional && b.end == len(b.tag) {
		return
	}
	b.record.Compose(b.raw[:b.end], b.del, edi.Position{})
}

func (b *Builder) next() {
	b.element++
	b.raw = append(b.raw, b.del.Element...)
	b.start = len(b.raw)
}

// filled notes that the element in hand has a value.
func (b *Builder) filled() { b.end = len(b.raw) }

// value adds t to the element in hand.
func (b *Builder) value(t edi.Text) {
	for _, c := range t {
		if b.never[c] {
			err := edi.ErrDelimiterInData
			if c < ' ' || c == 0x7f {
				err = edi.ErrCharacter
			}
			b.fail(b.tag, b.element, fmt.Sprintf("%s: %v", ref(b.tag, b.element), err), err)
			return
		}
	}
	if n := len(t); n > 0 && (t[0] == ' ' || t[n-1] == ' ') {
		b.fail(b.tag, b.element, fmt.Sprintf("%s: %v", ref(b.tag, b.element), parts.ErrBlanks), parts.ErrBlanks)
		return
	}
	b.raw = append(b.raw, t...)
}

// Text adds an element.
func (b *Builder) Text(t edi.Text) *Builder {
	b.next()
	if len(t) > 0 {
		b.value(t)
		b.filled()
	}
	return b
}

// Texts adds elements.
func (b *Builder) Texts(list ...edi.Text) *Builder {
	for _, t := range list {
		b.Text(t)
	}
	return b
}

// Code adds an element that the encoder knows.
func (b *Builder) Code(code string) *Builder {
	b.next()
	if code != "" {
		b.raw = append(b.raw, code...)
		b.filled()
	}
	return b
}

// Skip adds n elements without value.
func (b *Builder) Skip(n int) *Builder {
	for range n {
		b.next()
	}
	return b
}

// Decimal adds a number.
func (b *Builder) Decimal(d edi.Decimal) *Builder {
	b.next()
	b.raw = d.Append(b.raw)
	b.filled()
	return b
}

// Number adds a number that may be absent.
func (b *Builder) Number(n parts.Number) *Builder {
	if !n.Sent {
		b.next()
		return b
	}
	return b.Decimal(n.Value)
}

// Numbers adds numbers that may be absent.
func (b *Builder) Numbers(list ...parts.Number) *Builder {
	for _, n := range list {
		b.Number(n)
	}
	return b
}

// Day adds a date, CCYYMMDD.
func (b *Builder) Day(d edi.Date) *Builder {
	b.next()
	if !d.IsZero() {
		b.raw = appendDay(b.raw, d)
		b.filled()
	}
	return b
}

func appendDay(raw []byte, d edi.Date) []byte {
	var text [10]byte
	t := d.Append(text[:0])
	raw = append(raw, t[:4]...)
	raw = append(raw, t[5:7]...)
	return append(raw, t[8:]...)
}

// Components adds a composite.
func (b *Builder) Components(list ...edi.Text) *Builder {
	b.next()
	b.components(list)
	return b
}

func (b *Builder) components(list []edi.Text) {
	for i, t := range list {
		if i > 0 {
			b.raw = append(b.raw, b.del.Component...)
		}
		if len(t) > 0 {
			b.value(t)
			b.filled()
		}
	}
	b.raw = b.raw[:max(b.end, b.start)] // without separators that nothing follows
}

// Repeated adds an element that repeats, without empty repetitions.
func (b *Builder) Repeated(list []edi.Text) *Builder {
	b.next()
	for _, t := range list {
		if len(t) == 0 {
			continue
		}
		if len(b.raw) > b.start {
			b.raw = append(b.raw, b.del.Repetition...)
		}
		b.value(t)
		b.filled()
	}
	return b
}
