package edi

import (
	"bytes"
	"errors"
)

// A Tokenizer finds the elements and segments of X12 in memory, a block of bytes at a time, and nothing else: no envelopes, no
// positions in a file, no line breaks, no other delimiters further on. It is for those who need no more and need it fast, for
// counting or for an index; a [Reader] is built on the same search. It is not safe for several goroutines.
type Tokenizer struct {
	// Ends holds, in order, the offset in the block of the end of each element, tags included: that of the delimiter behind it.
	Ends []uint32
	// Segments holds for each whole segment how many of Ends there are up to and including its last one: the elements of
	// segment i end at Ends[Segments[i-1]:Segments[i]], those of the first segment at Ends[:Segments[0]].
	Segments []uint32

	scan scanner
}

// NewTokenizer returns a Tokenizer for text with these delimiters; see [ParseDelimiters].
func NewTokenizer(d Delimiters) *Tokenizer { return &Tokenizer{scan: newScanner(d)} }

// maxBlock bounds what Block looks at, so that offsets have 32 bits.
const maxBlock = 1 << 30

// Block fills Ends and Segments for b, which starts where a segment does, and returns how many bytes its whole segments have. The
// rest, if any, is a segment that is not whole: it is to begin the next block. Of more than 1 GiB only so much is looked
// at. Line breaks behind terminators count to the tags that they stand before. Ends and Segments are valid until the next call,
// and of their memory no more than that of the largest block is used.
func (t *Tokenizer) Block(b []byte) int {
	b = b[:min(len(b), maxBlock)]
	found := tokens{ends: t.Ends[:0], marks: t.Segments[:0]}
	if t.scan.multi {
		t.scan.slow(b, &found, 0)
	} else {
		for found.next < len(b) {
			found.room()
			t.scan.words(b, &found, 0)
		}
	}
	t.Segments = found.marks
	if len(found.marks) == 0 {
		t.Ends = found.ends[:0]
		return 0
	}
	t.Ends = found.ends[:found.marks[len(found.marks)-1]]
	return int(t.Ends[len(t.Ends)-1]) + int(t.scan.end)
}

// Element returns element n of segment i of block b, the last one given to Block: element 0 is the tag. It is nil if the segment
// ends earlier.
func (t *Tokenizer) Element(b []byte, i, n int) []byte {
	first := uint32(0)
	if i > 0 {
		first = t.Segments[i-1]
	}
	ends := t.Ends[first:t.Segments[i]]
	if uint(n) >= uint(len(ends)) {
		return nil
	}
	start := uint32(0)
	switch {
	case n > 0:
		start = ends[n-1] + uint32(t.scan.separator)
	case i > 0:
		start = t.Ends[first-1] + uint32(t.scan.end)
	}
	return b[start:ends[n]:ends[n]]
}

// ParseDelimiters returns the delimiters of the interchange whose ISA b begins with. An error is ErrTruncated, if b ends within the
// ISA, ErrDelimiter, or ErrNotX12, if b begins with something else.
func ParseDelimiters(b []byte) (Delimiters, error) {
	if !bytes.HasPrefix(b, []byte("ISA")) {
		return Delimiters{}, ErrNotX12
	}
	d, _, err := parseISA(b, true)
	if errors.Is(err, errShortISA) {
		err = ErrTruncated
	}
	return d, err
}
