package guide

import "github.com/ediport/ediport/edi"

// A qualifier reads the two things that tell the place of a segment: its id, and the code that sets it apart from its siblings,
// packed when it is first needed.
type qualifier struct {
	segment *edi.Segment
	element int // whose code is packed
	key     uint64
}

// tag returns the packed id of the segment.
func (q *qualifier) tag() uint32 {
	b := q.segment.Element(0)
	if len(b) == 0 {
		return 0
	}
	if b[0] <= ' ' || b[len(b)-1] <= ' ' {
		b = trim(b)
	}
	return tagKey(b)
}

func (q *qualifier) in(d *SegmentDef) bool {
	if d.qualifiers == nil {
		return true
	}
	if q.element != d.qualifier {
		q.element = d.qualifier
		q.key = q.code()
	}
	return d.qualifiers.has(q.key)
}

// code packs the first component of the element. Most codes have two or three bytes and end with the element.
func (q *qualifier) code() uint64 {
	b := q.segment.Element(q.element)
	if len(b) > 3 {
		return codeKey(q.segment.Component(q.element, 1))
	}
	var k uint64
	for _, c := range b {
		if c < '0' || c > 'Z' || c > '9' && c < 'A' {
			return codeKey(q.segment.Component(q.element, 1)) // a separator, or a blank
		}
		k = k<<8 | uint64(c)
	}
	return k | uint64(len(b))<<56
}

// empty tells whether the element that holds the qualifier of d is empty.
func (q *qualifier) empty(d *SegmentDef) bool { return len(q.segment.Component(d.qualifier, 1)) == 0 }
