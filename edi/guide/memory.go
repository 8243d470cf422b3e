package guide

import (
	"encoding/binary"

	"github.com/ediport/ediport/edi"
)

// A memory remembers segments, byte for byte and by the place of the one before: where the Walker found that they come next, and whether
// the Validator found nothing in their elements, because in a batch the same dates, notes, addresses and benefits come again and
// again. Only what follows from the bytes of one segment and from its place may be left out for a segment that is known. It is
// a table in which a younger segment takes the place of an older one, unless that was met again since the last one tried: a batch is full
// of segments that never come again.
//
// Without a Validator it is not worth it: to recognize a segment takes nearly as long as to place it.
type memory struct {
	wanted     bool           // by a Validator, for this transaction set
	delimiters edi.Delimiters // by which the segments were read
	seen       int            // segments so far, up to rememberAfter
	slots      []known
	filled     bool // some slot is
}

// A known segment fills a line of the processor's cache.
type known struct {
	size       uint8  // of text; 0: there is none
	loop, rank uint8  // that were open
	coded      bool   // see Step
	clean      bool   // nothing was found in its elements
	again      bool   // it was met again: the next segment that would take its place does not
	place      uint16 // where it comes next, in Guide.places
	text       [56]byte
}

const (
	memoryBits    = 12
	shortest      = 4
	rememberAfter = 500 // segments before there is a memory: a small file gains nothing by it
)

// use is told by a Validator that it is there. What was remembered with other delimiters is forgotten.
func (m *memory) use(d edi.Delimiters) {
	m.wanted = true
	if m.delimiters == d {
		return
	}
	if m.delimiters = d; m.filled {
		clear(m.slots)
		m.filled = false
	}
}

// slot returns where a segment is remembered that follows in loop l; nil for one that can't be.
func (m *memory) slot(l *Loop, text []byte) *known {
	if len(m.slots) != 1<<memoryBits {
		m.grow()
		return nil
	}
	n := len(text)
	if n < shortest || n > len(known{}.text) {
		return nil
	}
	return &m.slots[textHash(uint64(l.Index), text)>>(64-memoryBits)]
}

// textHash mixes a text of shortest bytes or more with a seed. Of one longer than 48 some bytes in its middle don't count.
func textHash(seed uint64, text []byte) uint64 {
	const a, b, c, d = 0x9e3779b97f4a7c15, 0xc2b2ae3d27d4eb4f, 0x165667b19e3779f9, 0x27d4eb2f165667c5
	n := len(text)
	if n < 8 {
		first, last := binary.LittleEndian.Uint32(text), binary.LittleEndian.Uint32(text[n-4:])
		return (seed ^ uint64(first) ^ uint64(last)<<32) * a
	}
	h := (seed^binary.LittleEndian.Uint64(text))*a ^ binary.LittleEndian.Uint64(text[n-8:])*b
	if n > 16 {
		h ^= binary.LittleEndian.Uint64(text[8:])*c ^ binary.LittleEndian.Uint64(text[n-16:])*d
		if n > 32 {
			h ^= binary.LittleEndian.Uint64(text[16:])*b ^ binary.LittleEndian.Uint64(text[n-24:])*c
		}
	}
	return (h ^ h>>32) * a
}

// defends tells whether the segment stays in its slot, for once, although another one comes that would take its place.
func (k *known) defends() bool {
	was := k.again
	k.again = false
	return was
}

// grow makes the memory when it is worth it.
func (m *memory) grow() {
	if m.seen++; m.seen > rememberAfter {
		m.slots = make([]known, 1<<memoryBits)
	}
}

// is tells whether these are the bytes of the segment.
func (k *known) is(text []byte) bool {
	return string(k.text[:k.size]) == string(text)
}

// follows tells whether the segment is known to come next where f is the open loop.
func (k *known) follows(f *frame) bool {
	return int(k.loop) == f.loop.Index && int(k.rank) == f.rank
}

// keep remembers in a slot that a segment comes next, at p, where loop l had come to rank. same tells that the slot is that of the segment
// already; if it also has the same definition, its elements are as clean as they were.
func (m *memory) keep(k *known, same bool, g *Guide, l *Loop, rank int, p *place, text []byte) {
	clean := same && k.clean && g.places[k.place].candidate.def == p.candidate.def
	m.filled = true
	k.loop, k.rank, k.place, k.clean, k.again = uint8(l.Index), uint8(rank), p.number, clean, same
	if !same {
		k.size = uint8(copy(k.text[:], text))
	}
}
