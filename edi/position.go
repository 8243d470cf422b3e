package edi

import "fmt"

// A Position says where a segment stands. Ordinals are counted from 1 as people say them, and are 0 where
// they do not apply (a GS belongs to no transaction set); only byte offsets start at 0.
type Position struct {
	Offset      int64 // first byte of the segment's tag, from the start of the file
	Line        int   // line of that byte, by line feeds
	Interchange int   // ordinal of the interchange in the file
	Group       int   // ordinal of the functional group in its interchange
	Transaction int   // ordinal of the transaction set in its group
	Segment     int   // ordinal of the segment in its transaction set: ST is 1, as in IK302
}

// String returns the position as a person reads it: "segment 812, line 812, byte 40961".
func (p Position) String() string {
	if p.Segment == 0 {
		return fmt.Sprintf("line %d, byte %d", p.Line, p.Offset)
	}
	return fmt.Sprintf("segment %d, line %d, byte %d", p.Segment, p.Line, p.Offset)
}
