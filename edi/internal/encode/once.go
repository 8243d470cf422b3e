package encode

import (
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// once looks for segments that are there twice, though there is one field for them.
type once struct {
	segments map[*guide.SegmentDef]bool // of the open instances of their loops
	loops    map[*guide.Loop]bool       // in the open instance of their parents
}

// doubled returns a segment that stands more than once where its guide allows it once, nil if there is none.
func (o *once) doubled(places []parts.Place) *guide.SegmentDef {
	if o.segments == nil {
		o.segments, o.loops = make(map[*guide.SegmentDef]bool), make(map[*guide.Loop]bool)
	}
	clear(o.segments)
	clear(o.loops)
	for i := range places {
		d := places[i].Def
		if d == nil {
			continue
		}
		if places[i].Opened {
			if l := d.Loop; l.HL == nil && l.Max == 1 && o.loops[l] {
				return d
			}
			o.open(d.Loop)
		}
		if d.Max == 1 && o.segments[d] {
			return d
		}
		o.segments[d] = true
	}
	return nil
}

// open begins an instance of a loop.
func (o *once) open(l *guide.Loop) {
	for d := range o.segments {
		if d.Loop == l {
			delete(o.segments, d)
		}
	}
	for below := range o.loops {
		if below.Parent == l {
			delete(o.loops, below)
		}
	}
	o.loops[l] = true
}
