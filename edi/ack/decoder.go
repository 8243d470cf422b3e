package ack

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A Handler receives what a Decoder reads: of each set its errors, then the set; when all of the acknowledgment was read, the
// group. Sets and errors are lent. An error ends the decoding.
type Handler interface {
	Error(*SegmentError) error
	Set(*Set) error
	Group(*Group) error
}

// Ignore is a Handler that leaves everything out. Embed it to receive some events only.
type Ignore struct{}

// Error does nothing.
func (Ignore) Error(*SegmentError) error { return nil }

// Set does nothing.
func (Ignore) Set(*Set) error { return nil }

// Group does nothing.
func (Ignore) Group(*Group) error { return nil }

// A Decoder turns the segments of 999 and 997 transaction sets into events. Its memory is that of the largest error. It is not
// safe for several goroutines.
type Decoder struct {
	handler Handler
	keep    bool // nothing is lent: each entity has memory of its own

	group  *groupBuilder // nil outside of sets
	set    *setBuilder
	err    *errorBuilder
	inSet  bool
	inErr  bool
	sets   int // AK2 seen in the group
	errors int // IK3 seen in the set
}

// NewDecoder returns a Decoder that tells h.
func NewDecoder(h Handler) *Decoder {
	return &Decoder{handler: h, set: new(setBuilder), err: new(errorBuilder)}
}

// Segment takes the next segment of a transaction set, ST to SE. Its place in the guide, zero for a 997, only tells which segments
// are unplaced. s may be lent. It returns the error of the handler.
func (d *Decoder) Segment(s edi.Segment, at guide.Step) error {
	k := kindOf(s)
	if err := d.open(k); err != nil {
		return err
	}
	switch {
	case d.inErr:
		d.err.add(s, at, k)
	case d.inSet:
		d.set.add(s, at, k)
	default:
		d.group.add(s, at, k)
	}
	switch k {
	case setEnd:
		return d.endSet()
	case trailer:
		return d.End()
	default:
		return nil
	}
}

// open ends what the next segment ends and begins what it begins. What should have begun before it, and did not, is begun as
// well: an IK3 without AK2 is the error of a set without a number.
func (d *Decoder) open(k kind) error {
	var err error
	switch k {
	case header:
		err = d.End()
	case groupBegin:
		if d.group != nil && d.group.begun {
			err = d.End() // QUIRK: two answers in one ST; the second has no kind and number of its own
		}
	case setBegin, groupEnd, trailer:
		err = d.endSet()
	case segmentNote, setEnd:
		err = d.endError()
	}
	if err != nil {
		return err
	}
	if d.group == nil {
		d.group, d.sets = new(groupBuilder), 0 // handlers may keep it
	}
	switch k {
	case setBegin:
		d.beginSet()
	case setEnd:
		d.needSet()
	case segmentNote:
		d.needSet()
		d.beginError()
	case elementNote:
		d.needSet()
		if !d.inErr {
			d.beginError()
		}
	}
	return nil
}

func (d *Decoder) needSet() {
	if !d.inSet {
		d.beginSet()
	}
}

func (d *Decoder) beginSet() {
	if d.keep {
		d.set = new(setBuilder)
	}
	d.set.reset()
	d.sets++
	d.set.set.Group, d.set.set.Ordinal = &d.group.group, d.sets
	d.inSet, d.errors = true, 0
}

func (d *Decoder) beginError() {
	if d.keep {
		d.err = new(errorBuilder)
	}
	d.err.reset()
	d.errors++
	d.err.err.Set, d.err.err.Ordinal = &d.set.set, d.errors
	d.inErr = true
}

func (d *Decoder) endError() error {
	if !d.inErr {
		return nil
	}
	d.inErr = false
	return d.handler.Error(d.err.finish())
}

func (d *Decoder) endSet() error {
	if err := d.endError(); err != nil || !d.inSet {
		return err
	}
	d.inSet = false
	set := d.set.finish()
	named := &d.group.group.Named
	named.Sets++
	switch outcomeOf(set.Answer) {
	case Accepted, AcceptedWithErrors:
		named.Accepted++
	case Rejected:
		named.Rejected++
	}
	return d.handler.Set(set)
}

// End emits what is being collected. SE ends a transaction set by itself; End is for one that breaks off, and does no harm
// after SE.
func (d *Decoder) End() error {
	if d.group == nil {
		return nil
	}
	err := d.endSet()
	group := d.group.finish()
	d.group = nil
	if err != nil {
		return err
	}
	return d.handler.Group(group)
}

// Reset drops what is being collected, to begin anew with the next ST.
func (d *Decoder) Reset() { d.group, d.inSet, d.inErr = nil, false, false }
