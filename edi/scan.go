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

// A scanner finds the separators of a segment, eight bytes at a time: elements average four bytes, so
// that a search per separator would cost more than the look at each byte.
type scanner struct {
	element, terminator         byte
	elementWord, terminatorWord uint64
	multi                       bool   // a delimiter has several bytes
	elementBytes, terminatorSeq []byte // used if multi
}

func newScanner(d Delimiters) scanner {
	s := scanner{element: d.Element[0], terminator: d.Terminator[0]}
	s.elementWord = lowBits * uint64(s.element)
	s.terminatorWord = lowBits * uint64(s.terminator)
	s.multi = len(d.Element) > 1 || len(d.Terminator) > 1
	s.elementBytes, s.terminatorSeq = []byte(d.Element), []byte(d.Terminator)
	return s
}

// zeroBytes marks, by its high bit, each byte of x that is zero: exactly, without borrows between bytes.
func zeroBytes(x uint64) uint64 {
	return ^((x&low7Bits + low7Bits) | x | low7Bits)
}

// segment finds the end of the segment that b starts with, appends the ends of its elements (the
// last being the end of the segment) to ends, and tells whether the segment holds control characters. It
// returns -1 if b ends before the terminator.
func (s *scanner) segment(b []byte, ends []uint32) (end int, _ []uint32, control bool) {
	if s.multi {
		return s.slowSegment(b, ends)
	}
	i := 0
	for ; i+8 <= len(b); i += 8 {
		x := binary.LittleEndian.Uint64(b[i:])
		hits := zeroBytes(x^s.elementWord) | zeroBytes(x^s.terminatorWord)
		ctl := (x - blanks) &^ x & highBits
		for ; hits != 0; hits &= hits - 1 {
			bit := bits.TrailingZeros64(hits)
			j := i + bit>>3
			ends = append(ends, uint32(j))
			if b[j] == s.terminator {
				// A borrow can only mark bytes above a true control character; below the terminator the mark is exact.
				return j, ends, control || ctl&(1<<uint(bit)-1) != 0
			}
		}
		control = control || ctl != 0
	}
	for ; i < len(b); i++ {
		switch c := b[i]; {
		case c == s.element:
			ends = append(ends, uint32(i))
		case c == s.terminator:
			return i, append(ends, uint32(i)), control
		case c < ' ':
			control = true
		}
	}
	return -1, ends, control
}

// slowSegment is segment for delimiters of several bytes.
func (s *scanner) slowSegment(b []byte, ends []uint32) (int, []uint32, bool) {
	end := bytes.Index(b, s.terminatorSeq)
	if end < 0 {
		return -1, ends, false
	}
	for i := 0; ; {
		j := bytes.Index(b[i:end], s.elementBytes)
		if j < 0 {
			return end, append(ends, uint32(end)), true
		}
		ends = append(ends, uint32(i+j))
		i += j + len(s.elementBytes)
	}
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
