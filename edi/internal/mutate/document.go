// Package mutate changes X12 files in exactly one place, to see what a validator makes of it. It knows delimiters, segments,
// elements, repetitions and components, and of the envelopes the counts; of guides it knows nothing, and it shares no code with
// what reads and validates, so that they can't share a mistake.
//
//	d, err := mutate.Parse(file)
//	d.Delete(d.Find("NM1*QC"))
//	d.Recount()
//	file = d.Bytes()
//
// [Document.Apply] does the same from a line of text: "delete NM1*QC".
package mutate

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Delimiters are the four separators of an interchange.
type Delimiters struct{ Element, Repetition, Component, Terminator string }

// A Segment is an id and its elements: element n is at n. An element holds its repetitions and components as they stand in the
// file, separators included.
type Segment []string

// A Document is the segments of a file.
type Document struct {
	Delimiters Delimiters
	Segments   []Segment

	breaks string // behind each terminator
}

var errNoISA = errors.New("mutate: the file does not begin with an ISA of 106 bytes")

// Parse reads a file that begins with a well-formed ISA.
func Parse(file []byte) (*Document, error) {
	s := string(file)
	if len(s) < 106 || s[:3] != "ISA" {
		return nil, errNoISA
	}
	d := &Document{Delimiters: Delimiters{Element: s[3:4], Repetition: s[82:83], Component: s[104:105], Terminator: s[105:106]}}
	for rest := s[106:]; d.breaks != rest && (rest[len(d.breaks)] == '\n' || rest[len(d.breaks)] == '\r'); {
		d.breaks = rest[:len(d.breaks)+1]
	}
	for raw := range strings.SplitSeq(s, d.Delimiters.Terminator) {
		if raw = strings.Trim(raw, "\r\n"); raw != "" {
			d.Segments = append(d.Segments, d.split(raw))
		}
	}
	return d, nil
}

func (d *Document) split(raw string) Segment { return strings.Split(raw, d.Delimiters.Element) }

// Clone returns a copy that can be changed without changing d. Segments are shared until one of the methods changes them.
func (d *Document) Clone() *Document {
	c := *d
	c.Segments = slices.Clone(d.Segments)
	return &c
}

// Bytes returns the file.
func (d *Document) Bytes() []byte {
	var b []byte
	for _, s := range d.Segments {
		b = d.appendSegment(b, s)
	}
	return b
}

func (d *Document) appendSegment(b []byte, s Segment) []byte {
	for n, element := range s {
		if n > 0 {
			b = append(b, d.Delimiters.Element...)
		}
		b = append(b, element...)
	}
	b = append(b, d.Delimiters.Terminator...)
	return append(b, d.breaks...)
}

// A Place is where a segment stands.
type Place struct {
	ID      string
	Ordinal int   // in its transaction set, ST is 1; 0 for envelope segments
	Offset  int64 // of its first byte in the file
}

// Place tells where segment i stands.
func (d *Document) Place(i int) Place {
	p := Place{ID: d.Segments[i][0]}
	var b []byte
	for j, s := range d.Segments[:i+1] {
		switch s[0] {
		case "ISA", "GS", "GE", "IEA", "TA1":
			p.Ordinal = 0
		case "ST":
			p.Ordinal = 1
		default:
			p.Ordinal++
		}
		if j < i {
			b = d.appendSegment(b[:0], s)
			p.Offset += int64(len(b))
		}
	}
	return p
}

// Find returns the index of the first segment that begins with prefix, such as "CLP" or "NM1*QC"; "CLP/2" is the second one. It
// is -1 if there is none. The asterisk stands for the element separator of the document.
func (d *Document) Find(prefix string) int {
	nth := 1
	if i := strings.LastIndexByte(prefix, '/'); i > 0 {
		if n, err := strconv.Atoi(prefix[i+1:]); err == nil {
			prefix, nth = prefix[:i], n
		}
	}
	want := strings.Split(prefix, "*")
	for i, s := range d.Segments {
		if len(s) >= len(want) && slices.Equal(s[:len(want)], want) {
			if nth--; nth == 0 {
				return i
			}
		}
	}
	return -1
}
