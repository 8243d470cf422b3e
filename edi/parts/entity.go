package parts

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A Place is where a segment stands in its guide. Def is nil for a segment that the guide has no place for; Loop is then the
// loop around it, and Near a segment of its name that may stand nearby with other codes: its fields are filled like those
// of Near.
type Place struct {
	Loop *guide.Loop
	Def  *guide.SegmentDef
	Near *guide.SegmentDef

	Opened bool // the segment begins an instance of Loop, as its trigger
}

// A Span is a run of segments that belong together.
type Span struct {
	Pos      edi.Position  // of the first segment
	End      int64         // offset of the first byte after the last segment and its terminator
	Segments []edi.Segment // in file order, also those that no field names
	Places   []Place       // Places[i] is where Segments[i] stands in the guide
}

// An Entity is what decoders emit: a Span with what could not be used of it.
type Entity struct {
	Span
	Unplaced []edi.Segment // those of Segments that the guide has no place for
	Problems []Problem     // elements that can't be read; their fields are zero
}

// A Problem is an element that can't be read as the number or date that it should be.
type Problem struct {
	Pos       edi.Position // of its segment
	Segment   string       // id of its segment
	Element   int          // from 1
	Component int          // 0 is the whole element
}

// A Level is a hierarchical level (HL) around an entity.
type Level struct {
	Code   string      // HL03 as the guide has it: 20 source, 21 receiver, 19 provider, 22 subscriber, 23 dependent, PT patient, EV event, SS service
	ID     int         // HL01; 0 if it can't be read
	Parent int         // HL02; 0 if there is none
	Loop   *guide.Loop // its loop in the guide
	Start  int64       // offset of its HL
	End    int64       // offset behind its own last segment, which stands before the next HL
}

// A Stray is what stands below an HL that has no place in the guide: it belongs to no person or provider.
type Stray struct {
	Entity
	Header     *Header // not lent
	Rejections []Rejection
}

// A Header is the beginning of a document with levels: its ST and BHT and all else before the first HL. It is not lent: it is
// made anew for each transaction set.
type Header struct {
	Entity
	Set           edi.Text    // ST01
	ControlNumber edi.Text    // ST02
	Structure     edi.Text    // BHT01
	Purpose       edi.Text    // BHT02
	Reference     edi.Text    // BHT03: the submitter's transaction id
	Date          edi.Date    // BHT04
	Time          edi.Text    // BHT05
	Type          edi.Text    // BHT06
	Rejections    []Rejection // AAA before the first HL, where none should be
}
