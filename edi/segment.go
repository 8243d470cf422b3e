package edi

import (
	"bytes"
	"iter"
)

// A Segment is a view into its Reader's buffer, valid until the next call to [Reader.Next];
// [Segment.Clone] and [Record.Append] keep it, [Reader.Hold] lends it longer. Its bytes must not be changed. It has the size
// of a pointer: pass it by value.
type Segment struct{ *view }

// A view is what a Segment shows.
type view struct {
	text []byte   // its tag and elements, without the terminator, and without line breaks that wrap it
	ends []uint32 // ends[n] is the end of element n in text; ends[0] that of the tag
	del  *Delimiters

	raw     []byte // what leads to the segment and the segment as it stands in the file; for segments that are framed alone
	lead    uint32 // length of what leads to it
	sep     uint8  // length of the element separator
	open    bool   // the file ended before its terminator
	wrapped bool   // the file has line breaks in it

	line, interchange, group, transaction, segment uint32
	window                                         uint32 // of its Reader; 0 for a copy
	offset                                         int64
}

// Pos returns where the segment stands in its file.
func (s Segment) Pos() Position {
	if s.view == nil {
		return Position{}
	}
	return Position{
		Offset: s.offset, Line: int(s.line), Interchange: int(s.interchange), Group: int(s.group),
		Transaction: int(s.transaction), Segment: int(s.segment),
	}
}

// End returns the offset of the first byte after the segment and its terminator.
func (s Segment) End() int64 {
	if s.view == nil {
		return 0
	}
	end := s.offset + int64(len(s.Raw()))
	if !s.open && s.del != nil {
		end += int64(len(s.del.Terminator))
	}
	return end
}

// Tag returns the segment id, such as CLP. Blanks around it are left out.
func (s Segment) Tag() string {
	return tagName(trim(s.Element(0)))
}

// Is tells whether the segment's id is tag, without making a string.
func (s Segment) Is(tag string) bool {
	if s.view == nil || len(s.ends) == 0 {
		return s.view != nil && tag == ""
	}
	b := s.text[:s.ends[0]]
	if len(b) <= len(tag) || b[0] > ' ' && b[len(b)-1] > ' ' { // nearly all: there is no blank to leave out, or too little without it
		return string(b) == tag
	}
	return string(trim(b)) == tag
}

// Len returns the number of elements, the tag not counted.
func (s Segment) Len() int {
	if s.view == nil {
		return 0
	}
	return max(len(s.ends)-1, 0)
}

// Element returns element n as it stands in the file, before any decoding: CLP02 is
// Element(2), and Element(0) is the tag. It is nil if the segment ends earlier. Line breaks that wrap a segment are
// left out, see [Segment.Wrapped]. The bytes are the Reader's.
func (s Segment) Element(n int) []byte {
	if s.view == nil || uint(n) >= uint(len(s.ends)) {
		return nil
	}
	start, end := uint32(0), s.ends[n]
	if n > 0 {
		start = s.ends[n-1] + uint32(s.sep)
	}
	return s.text[start:end:end]
}

// Text returns element n without blanks and line breaks around it, nil if it is empty or absent. The bytes are the Reader's.
func (s Segment) Text(n int) Text {
	if s.view == nil || uint(n) >= uint(len(s.ends)) {
		return nil
	}
	start, end := uint(0), uint(s.ends[n])
	if n > 0 {
		start = uint(s.ends[n-1]) + uint(s.sep)
	}
	if start >= end || end > uint(len(s.text)) {
		return nil
	}
	b := s.text[start:end:end]
	if b[0] > ' ' && b[len(b)-1] > ' ' { // nearly all
		return Text(b)
	}
	return Text(trim(b))
}

// Value returns element n as a string of the caller's, without blanks around it.
func (s Segment) Value(n int) string { return string(s.Text(n)) }

// Component returns component c (from 1) of the first repetition of element n, without blanks around it; nil if absent. An
// element without component separators is its own first component.
func (s Segment) Component(n, c int) Text {
	if s.view == nil {
		return nil
	}
	first, _ := cut(s.Element(n), s.del.Repetition)
	return nth(first, c, s.del.Component)
}

// Repetitions yields the repetitions of element n, each as it stands in the file. An empty or absent
// element has none.
func (s Segment) Repetitions(n int) iter.Seq[Composite] {
	return func(yield func(Composite) bool) {
		rest := s.Element(n)
		for len(rest) > 0 {
			var one []byte
			one, rest = cut(rest, s.del.Repetition)
			if !yield(Composite{raw: one, sep: s.del.Component}) {
				return
			}
		}
	}
}

// Composite returns the first repetition of element n.
func (s Segment) Composite(n int) Composite {
	if s.view == nil {
		return Composite{}
	}
	first, _ := cut(s.Element(n), s.del.Repetition)
	return Composite{raw: first, sep: s.del.Component}
}

// Raw returns the segment as it stands in the file, without its terminator. The bytes are the Reader's.
func (s Segment) Raw() []byte {
	if s.view == nil {
		return nil
	}
	if s.wrapped {
		return s.raw[s.lead:]
	}
	return s.text
}

// Lead returns the bytes between the previous terminator and the tag: line breaks, indentation, junk. The bytes are the Reader's.
func (s Segment) Lead() []byte {
	if s.view == nil {
		return nil
	}
	if s.lead == 0 {
		return nil
	}
	return s.raw[:s.lead]
}

// Wrapped tells whether the file has line breaks within the segment, as files do whose lines are cut at 80 characters
// wherever that is. Its elements are without them; [Segment.Raw] has them.
func (s Segment) Wrapped() bool { return s.view != nil && s.wrapped }

// Lent tells whether the segment is a Reader's, not a copy.
func (s Segment) Lent() bool { return s.view != nil && s.window != 0 }

// Terminated is false for the last segment of a file that ends without its terminator.
func (s Segment) Terminated() bool { return s.view == nil || !s.open }

// Delimiters returns the delimiters of the segment's interchange.
func (s Segment) Delimiters() Delimiters {
	if s.view == nil || s.del == nil {
		return Delimiters{}
	}
	return *s.del
}

// Clone returns a copy of the segment that outlives the Reader.
func (s Segment) Clone() Segment {
	if s.view == nil {
		return s
	}
	v := *s.view
	v.own(s.appendTo(make([]byte, 0, s.size())))
	v.ends = append([]uint32(nil), s.ends...)
	v.window = 0
	return Segment{&v}
}

// framed tells whether raw is set: something leads to the segment, or it is wrapped.
func (v *view) framed() bool { return v.lead > 0 || v.wrapped }

// size returns the number of bytes that the view shows.
func (v *view) size() int {
	switch {
	case v.wrapped:
		return len(v.raw) + len(v.text)
	case v.lead > 0:
		return len(v.raw)
	}
	return len(v.text)
}

// appendTo appends the bytes that the view shows to b.
func (v *view) appendTo(b []byte) []byte {
	if v.framed() {
		b = append(b, v.raw...)
	}
	if v.wrapped || v.lead == 0 {
		b = append(b, v.text...)
	}
	return b
}

// own makes the view show b, which appendTo has filled.
func (v *view) own(b []byte) {
	b = b[:len(b):len(b)]
	from := int(v.lead)
	if v.wrapped {
		from = len(v.raw)
	}
	v.text = b[from:]
	if v.raw = nil; v.wrapped {
		v.raw = b[:from:from]
	} else if v.lead > 0 {
		v.raw = b
	}
}

// A Composite is one repetition of an element: its components. It is lent like its segment.
type Composite struct {
	raw []byte
	sep string
}

// Raw returns the repetition as it stands in the file.
func (c Composite) Raw() []byte { return c.raw }

// Component returns component n, from 1, without blanks around it; nil if absent or empty.
func (c Composite) Component(n int) Text { return nth(c.raw, n, c.sep) }

// Len returns the number of components; 0 for an empty repetition.
func (c Composite) Len() int {
	if len(c.raw) == 0 {
		return 0
	}
	if c.sep == "" {
		return 1
	}
	return bytes.Count(c.raw, []byte(c.sep)) + 1
}

// nth returns part n of b, from 1, trimmed.
func nth(b []byte, n int, sep string) Text {
	for ; n > 1; n-- {
		if _, b = cut(b, sep); len(b) == 0 {
			return nil
		}
	}
	part, _ := cut(b, sep)
	return Text(trim(part))
}

// cut splits b at the first sep; without one, or with an empty sep, all of b is before.
func cut(b []byte, sep string) (before, after []byte) {
	i := -1
	switch len(sep) {
	case 0:
	case 1:
		if len(b) > 16 {
			i = bytes.IndexByte(b, sep[0])
			break
		}
		for k, c := range b {
			if c == sep[0] {
				i = k
				break
			}
		}
	default:
		i = bytes.Index(b, []byte(sep))
	}
	if i < 0 {
		return b, nil
	}
	return b[:i], b[i+len(sep):]
}

// trim removes blanks, tabs and line breaks around b; nil for nothing left.
func trim(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	if len(b) == 0 {
		return nil
	}
	return b
}

func isBlank(c byte) bool { return c == ' ' || c == '\n' || c == '\r' || c == '\t' }
