package guide

import (
	"encoding/binary"

	"github.com/ediport/ediport/edi"
)

// A cleanMemory remembers segments in whose elements nothing was found, byte for byte and by their place in the guide, because in a
// batch the same dates, notes, addresses and benefits come again and again. Only what follows from the bytes of one segment alone may
// be left out for a segment that is known: types, lengths, codes, notes. It is a table in which a younger segment takes the place of
// an older one.
type cleanMemory struct {
	delimiters edi.Delimiters // by which the segments were read
	checked    int            // segments so far, up to cleanAfter
	slots      []cleanSegment
	filled     bool // some slot is
}

// A cleanSegment fills a line of the processor's cache.
type cleanSegment struct {
	def  uint16 // SegmentDef.Index + 1; 0 is none
	size uint8
	text [61]byte
}

const (
	cleanBits  = 11
	cleanAfter = 500 // segments before there is a memory: a small file gains nothing by it
)

// use empties the memory unless it was filled with the same delimiters.
func (m *cleanMemory) use(d edi.Delimiters) {
	if m.delimiters == d {
		return
	}
	if m.delimiters = d; m.filled {
		clear(m.slots)
		m.filled = false
	}
}

// slot returns where a segment is remembered; nil for one that can't be.
func (m *cleanMemory) slot(d *SegmentDef, text []byte) *cleanSegment {
	if len(m.slots) != 1<<cleanBits {
		m.grow()
		return nil
	}
	n := len(text)
	if n < 8 || n > len(cleanSegment{}.text) {
		return nil
	}
	const mixer = 0x9e3779b97f4a7c15
	h := uint64(d.Index)
	for b := text; len(b) > 8; b = b[8:] {
		h = (h ^ binary.LittleEndian.Uint64(b)) * mixer
	}
	h = (h ^ binary.LittleEndian.Uint64(text[n-8:])) * mixer
	return &m.slots[h>>(64-cleanBits)]
}

// grow makes the memory when it is worth it.
func (m *cleanMemory) grow() {
	if m.checked++; m.checked > cleanAfter {
		m.slots = make([]cleanSegment, 1<<cleanBits)
	}
}

// holds tells whether it is this segment that is remembered here.
func (c *cleanSegment) holds(d *SegmentDef, text []byte) bool {
	return int(c.def) == d.Index+1 && string(c.text[:c.size]) == string(text)
}

// keep remembers a segment in a slot of the memory's.
func (m *cleanMemory) keep(c *cleanSegment, d *SegmentDef, text []byte) {
	m.filled = true
	c.def, c.size = uint16(d.Index+1), uint8(copy(c.text[:], text))
}
