package edi

import (
	"bytes"
	"encoding/binary"
	"math/bits"
)

const (
	lowBits  = 0x0101010101010101
	low7Bits = 0x7f7f7f7f7f7f7f7f
	highBits = 0x8080808080808080
	blanks   = 0x2020202020202020
)

// A scanner finds the separators in a buffer, eight bytes at a time: elements average four bytes, so
// that a search per separator would cost more than the look at each byte.
type scanner struct {
	element, terminator         byte
	elementWord, terminatorWord uint64
	separator, end              uint8  // lengths of the delimiters
	loose                       bool   // no delimiter is a line break: line breaks before a segment mean nothing
	multi                       bool   // a delimiter has several bytes
	elementBytes, terminatorSeq []byte // used if multi
}

func newScanner(d Delimiters) scanner {
	s := scanner{element: d.Element[0], terminator: d.Terminator[0], separator: uint8(len(d.Element)), end: uint8(len(d.Terminator))}
	s.elementWord = lowBits * uint64(s.element)
	s.terminatorWord = lowBits * uint64(s.terminator)
	s.multi = len(d.Element) > 1 || len(d.Terminator) > 1
	s.loose = !s.multi && s.terminator != '\n' && s.terminator != '\r'
	s.elementBytes, s.terminatorSeq = []byte(d.Element), []byte(d.Terminator)
	return s
}

// tokens are the separators found in a buffer.
type tokens struct {
	ends    []uint32 // of elements, counted from the start of their segment
	marks   []uint32 // marks[i] is how many of ends there are up to the last one of segment i
	next    int      // where to look on
	start   int      // of the segment that is open there: behind the terminator before it
	control bool     // there are control characters
}

func (t *tokens) reset(at int) {
	t.ends, t.marks = t.ends[:0], t.marks[:0]
	t.next, t.start, t.control = at, at, false
}

// room makes room for more tokens, at least eight. Slices of the ends that were given out stay as they are.
func (t *tokens) room() {
	if len(t.ends)+8 > cap(t.ends) {
		t.ends = append(make([]uint32, 0, max(512, 2*cap(t.ends))), t.ends...)
	}
	if len(t.marks)+8 > cap(t.marks) {
		t.marks = append(make([]uint32, 0, max(128, 2*cap(t.marks))), t.marks...)
	}
}

// zeroBytes marks, by its high bit, each byte of x that is zero: exactly, without borrows between bytes.
func zeroBytes(x uint64) uint64 {
	return ^((x&low7Bits + low7Bits) | x | low7Bits)
}

// scan finds the separators in b, from t.next on. Of delimiters of several bytes it leaves what may be the beginning of one at
// the end of b.
func (s *scanner) scan(b []byte, t *tokens) {
	if s.multi {
		s.slow(b, t, ^0)
		return
	}
	for t.next < len(b) {
		t.room()
		s.words(b, t, ^uint32(0))
	}
}

// words is scan until b or the room for tokens ends. Ends are counted from the start of segments where relative has all bits, from
// the start of b where it has none.
func (s *scanner) words(b []byte, t *tokens, relative uint32) {
	ends, marks := t.ends[:cap(t.ends)], t.marks[:cap(t.marks)]
	k, m, from, start := len(t.ends), len(t.marks), uint32(t.next), uint32(t.start)&relative
	element, terminator := s.elementWord, s.terminatorWord
	rest := b[t.next:]
	rest = rest[:min(len(rest), len(ends)-k, len(marks)-m)] // each byte may be a separator
	var control uint64
	i := 0
	for ; i <= len(rest)-8; i += 8 {
		x := binary.LittleEndian.Uint64(rest[i:])
		last := zeroBytes(x ^ terminator)
		control |= (x - blanks) &^ x
		hits := zeroBytes(x^element) | last
		at := from + uint32(i)
		if last == 0 { // nearly all
			for at -= start; hits != 0; hits &= hits - 1 {
				ends[k] = at + uint32(bits.TrailingZeros64(hits)>>3)
				k++
			}
			continue
		}
		for ; hits != 0; hits &= hits - 1 {
			j := at + uint32(bits.TrailingZeros64(hits)>>3)
			ends[k] = j - start
			k++
			if hits&-hits&last != 0 {
				marks[m] = uint32(k)
				m++
				start = (j + 1) & relative
			}
		}
	}
	if t.next+len(rest) == len(b) {
		for ; i < len(rest); i++ {
			c := rest[i]
			if c < ' ' {
				control = highBits
			}
			if c != s.element && c != s.terminator {
				continue
			}
			j := from + uint32(i)
			ends[k] = j - start
			k++
			if c == s.terminator {
				marks[m] = uint32(k)
				m++
				start = (j + 1) & relative
			}
		}
	}
	t.ends, t.marks, t.next, t.start = ends[:k], marks[:m], t.next+i, int(start)
	t.control = t.control || control&highBits != 0
}

// slow is words for delimiters of several bytes.
func (s *scanner) slow(b []byte, t *tokens, relative int) {
	t.control = true
	for i := t.next; ; {
		t.next = i
		if i == len(b) {
			return
		}
		t.room()
		switch rest := b[i:]; {
		case begins(rest, s.terminatorSeq):
			t.ends = append(t.ends, uint32(i-t.start))
			t.marks = append(t.marks, uint32(len(t.ends)))
			i += len(s.terminatorSeq)
			t.start = i & relative
		case begins(rest, s.elementBytes):
			t.ends = append(t.ends, uint32(i-t.start))
			i += len(s.elementBytes)
		case len(rest) < len(s.terminatorSeq) && begins(s.terminatorSeq, rest), len(rest) < len(s.elementBytes) && begins(s.elementBytes, rest):
			return
		default:
			i++
		}
	}
}

func begins(b, with []byte) bool { return b[0] == with[0] && bytes.HasPrefix(b, with) }

// hasControl tells whether there are control characters in b.
func hasControl(b []byte) bool {
	for ; len(b) >= 8; b = b[8:] {
		// A borrow can only mark bytes above a true control character.
		if x := binary.LittleEndian.Uint64(b); (x-blanks)&^x&highBits != 0 {
			return true
		}
	}
	for _, c := range b {
		if c < ' ' {
			return true
		}
	}
	return false
}

// elements appends the ends of the elements of a whole segment without its terminator.
func (s *scanner) elements(b []byte, ends []uint32) []uint32 {
	for i := 0; ; {
		j := bytes.Index(b[i:], s.elementBytes)
		if j < 0 {
			return append(ends, uint32(len(b)))
		}
		ends = append(ends, uint32(i+j))
		i += j + len(s.elementBytes)
	}
}
