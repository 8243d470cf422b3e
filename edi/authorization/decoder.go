package authorization

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

// A Handler receives what a Decoder reads, in file order. What it gets is lent, except for the Header. An error ends the decoding.
type Handler interface {
	Header(*parts.Header) error
	UMO(*UMO) error
	Requester(*Requester) error
	Patient(*Patient) error
	Request(*Event) error  // of a request
	Response(*Event) error // of a response
	Stray(*parts.Stray) error
}

// Ignore is a Handler that leaves everything out. Embed it to receive some events only.
type Ignore struct{}

// Header does nothing.
func (Ignore) Header(*parts.Header) error { return nil }

// UMO does nothing.
func (Ignore) UMO(*UMO) error { return nil }

// Requester does nothing.
func (Ignore) Requester(*Requester) error { return nil }

// Patient does nothing.
func (Ignore) Patient(*Patient) error { return nil }

// Request does nothing.
func (Ignore) Request(*Event) error { return nil }

// Response does nothing.
func (Ignore) Response(*Event) error { return nil }

// Stray does nothing.
func (Ignore) Stray(*parts.Stray) error { return nil }

// entities that collect segments.
const (
	none = iota
	header
	umo
	requester
	patient
	event
	stray
)

// ranks of the levels.
const (
	umoRank = iota
	requesterRank
	subscriberRank
	dependentRank
	eventRank
	serviceRank
)

var ranks = decode.NewRanks(map[uint8]int{
	inUMO: umoRank, inRequester: requesterRank, inSubscriber: subscriberRank, inDependent: dependentRank, inEvent: eventRank,
	inService: serviceRank,
})

// response is BHT02 of a 278 response; all else is a request.
const response = "11"

// people are the kinds of levels that name one person.
var people = [decode.MaxKinds]bool{inSubscriber: true, inDependent: true}

// A Decoder turns the segments of 278 transaction sets into events. Its memory is that of the largest patient event with
// the levels above. It is not safe for several goroutines.
type Decoder struct {
	handler Handler
	levels  decode.Levels

	current   int
	rank      int // of the current patient
	header    *decode.HeaderBuilder
	umo       umoBuilder
	requester requesterBuilder
	patients  [2]patientBuilder // subscriber and dependent
	event     eventBuilder
	stray     decode.StrayBuilder
}

// NewDecoder returns a Decoder that tells h.
func NewDecoder(h Handler) *Decoder {
	return &Decoder{handler: h, levels: decode.Levels{Resolver: decode.Resolver{Kinds: kinds}, Ranks: ranks, People: people}}
}

// Segment takes the next segment of a transaction set, ST to SE, with its place in the guide. s may be lent. It returns the
// error of the handler.
func (d *Decoder) Segment(s edi.Segment, at guide.Step) error { return d.segment(&s, &at) }

func (d *Decoder) segment(s *edi.Segment, at *guide.Step) error {
	kind, tag, begins := d.levels.Take(s, at)
	if begins == decode.EndsAll {
		return d.End()
	}
	// Services are parts of their event.
	within := begins == decode.BeginsLevel && kind == inService && d.current == event && d.levels.Keeps(s, at, kind, eventRank)
	if begins != decode.BeginsNothing && !within {
		if err := d.flush(); err != nil {
			return err
		}
	}
	d.levels.Enter(s, at, kind, begins)
	if begins != decode.BeginsNothing && !within {
		d.begin(s, kind, begins)
	}
	d.add(s, at, kind, tag)
	return nil
}

// End emits what is being collected. SE ends a transaction set by itself; End is for one that breaks off, and does no harm
// after SE.
func (d *Decoder) End() error {
	err := d.flush()
	d.Reset()
	return err
}

// Reset drops what is being collected, to begin anew with the next ST.
func (d *Decoder) Reset() {
	d.current, d.header = none, nil
	d.levels.Stop()
}

func (d *Decoder) begin(s *edi.Segment, kind uint8, begins decode.Beginning) {
	switch {
	case begins == decode.BeginsHeader:
		d.current, d.header = header, new(decode.HeaderBuilder) // handlers may keep it
	case begins == decode.BeginsStray:
		d.current = stray
		d.stray.Begin()
	case kind == inUMO:
		d.current = umo
		d.umo.reset()
		d.levels.Check(&d.umo.Arena, s)
	case kind == inRequester:
		d.current = requester
		d.requester.reset()
		d.levels.Check(&d.requester.Arena, s)
	case kind == inSubscriber, kind == inDependent:
		d.current = patient
		d.rank = ranks.Of(kind)
		b := &d.patients[d.rank-subscriberRank]
		b.reset()
		d.levels.Check(&b.Arena, s)
	default: // a service without its event is an event of that service alone
		d.current = event
		d.event.reset()
		d.levels.Check(&d.event.Arena, s)
	}
}

func (d *Decoder) add(s *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	switch d.current {
	case header:
		d.header.Add(s, at, tag)
	case umo:
		d.umo.add(s, at, kind, tag)
	case requester:
		d.requester.add(s, at, kind, tag)
	case patient:
		d.patients[d.rank-subscriberRank].add(s, at, kind, tag)
	case event:
		d.event.add(s, at, kind, tag)
	case stray:
		d.stray.Add(s, at, tag)
	}
}
