package diff

import (
	"bytes"
	"hash/maphash"
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// ignored are the elements that have no meaning to compare, by segment: element n is bit n.
var ignored = map[string]uint64{
	"ST":  1 << 2,
	"SE":  1<<1 | 1<<2,
	"BHT": 1<<4 | 1<<5,
	"HL":  1<<1 | 1<<2 | 1<<4,
	"LX":  1 << 1,
	"ISA": ^uint64(1<<5 | 1<<6 | 1<<7 | 1<<8 | 1<<15),
	"GS":  ^uint64(1<<1 | 1<<2 | 1<<3 | 1<<8),
}

func ignores(tag string, element int) bool { return ignored[tag]>>element&1 == 1 }

// canonical returns a value so that equal meanings are equal texts: without blanks around it, and numbers without what does
// not change them. text is lent.
func canonical(def *guide.ElementDef, text []byte) []byte {
	text = bytes.TrimSpace(text)
	if def == nil || def.Type != guide.TypeR && def.Type != guide.TypeN0 {
		return text
	}
	d, err := edi.ParseDecimal(text)
	if err != nil {
		return text
	}
	c, scale := d.Coefficient(), d.Scale()
	for scale > 0 && c%10 == 0 {
		c, scale = c/10, scale-1
	}
	return edi.NewDecimal(c, scale).Append(nil)
}

// An element is what an element says: its repetitions, each made of components, canonical and as sent.
type element struct {
	repetitions []composite
}

type composite struct {
	values [][]byte // canonical
	sent   []byte
}

func readElement(s edi.Segment, def *guide.ElementDef, n int) element {
	var e element
	for c := range s.Repetitions(n) {
		one := composite{sent: bytes.TrimSpace(c.Raw())}
		if c.Len() == 1 && (def == nil || len(def.Components) == 0) {
			one.values = [][]byte{canonical(def, c.Raw())}
		} else {
			for i := 1; i <= c.Len(); i++ {
				one.values = append(one.values, canonical(component(def, i), c.Component(i)))
			}
		}
		for len(one.values) > 0 && len(one.values[len(one.values)-1]) == 0 {
			one.values = one.values[:len(one.values)-1]
		}
		if len(one.values) > 0 {
			e.repetitions = append(e.repetitions, one)
		}
	}
	return e
}

func component(def *guide.ElementDef, n int) *guide.ElementDef {
	if def == nil || n > len(def.Components) {
		return nil
	}
	return def.Components[n-1]
}

// key is what an element means as one text; the order of repetitions does not count.
func (e element) key() []byte {
	keys := make([][]byte, len(e.repetitions))
	for i, r := range e.repetitions {
		keys[i] = bytes.Join(r.values, []byte{2})
	}
	slices.SortFunc(keys, bytes.Compare)
	return bytes.Join(keys, []byte{1})
}

var seed = maphash.MakeSeed()

// hashSegment is a hash of what a segment means at its place.
func hashSegment(s edi.Segment, def *guide.SegmentDef) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	tag := s.Tag()
	h.WriteString(tag)
	for n := 1; n <= s.Len(); n++ {
		if ignores(tag, n) || s.Text(n) == nil {
			continue
		}
		h.WriteByte(0)
		h.WriteByte(byte(n))
		h.Write(readElement(s, def.Element(n), n).key())
	}
	return h.Sum64()
}
