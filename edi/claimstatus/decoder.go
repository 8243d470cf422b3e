package claimstatus

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

// A Handler receives what a Decoder reads, in file order. What it gets is lent, except for the Header. An error ends the decoding.
type Handler interface {
	Header(*parts.Header) error
	Source(*Source) error
	Receiver(*Receiver) error
	Provider(*Provider) error
	Patient(*Patient) error
	Claim(*Claim) error   // of a 277 or 277CA
	Request(*Claim) error // of a 276
	Stray(*parts.Stray) error
}

// Ignore is a Handler that leaves everything out. Embed it to receive some events only.
type Ignore struct{}

// Header does nothing.
func (Ignore) Header(*parts.Header) error { return nil }

// Source does nothing.
func (Ignore) Source(*Source) error { return nil }

// Receiver does nothing.
func (Ignore) Receiver(*Receiver) error { return nil }

// Provider does nothing.
func (Ignore) Provider(*Provider) error { return nil }

// Patient does nothing.
func (Ignore) Patient(*Patient) error { return nil }

// Claim does nothing.
func (Ignore) Claim(*Claim) error { return nil }

// Request does nothing.
func (Ignore) Request(*Claim) error { return nil }

// Stray does nothing.
func (Ignore) Stray(*parts.Stray) error { return nil }

// entities that collect segments.
const (
	none = iota
	header
	source
	receiver
	provider
	patient
	claim
	stray
)

// ranks of the levels.
const (
	sourceRank = iota
	receiverRank
	providerRank
	patientRank
	dependentRank
)

var ranks = decode.NewRanks(map[uint8]int{
	inSource: sourceRank, inReceiver: receiverRank, inProvider: providerRank, inPatient: patientRank, inDependent: dependentRank,
})

// people are the kinds of levels that name one person.
var people = [decode.MaxKinds]bool{inPatient: true, inDependent: true}

// A Decoder turns the segments of 276 and 277 transaction sets into events. Its memory is that of the largest claim with
// the levels above. It is not safe for several goroutines.
type Decoder struct {
	handler Handler
	levels  decode.Levels
	asking  bool // a 276

	current  int
	rank     int // of the current patient
	claims   int // in this transaction set
	header   *decode.HeaderBuilder
	source   sourceBuilder
	receiver receiverBuilder
	provider providerBuilder
	patients [2]patientBuilder // subscriber or patient, and dependent
	claim    claimBuilder
	stray    decode.StrayBuilder
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
	claimBegins := begins == decode.BeginsNothing && d.beginsClaim(kind, at)
	if begins != decode.BeginsNothing || claimBegins {
		if err := d.flush(); err != nil {
			return err
		}
	}
	d.levels.Enter(s, at, kind, begins)
	switch {
	case claimBegins:
		d.current = claim
		d.claims++
		d.claim.reset()
	case begins != decode.BeginsNothing:
		d.begin(s, kind, begins)
	}
	d.add(s, at, kind, tag)
	return nil
}

// beginsClaim tells whether a segment is the first of a claim. A claim may lack its TRN.
func (d *Decoder) beginsClaim(kind uint8, at *guide.Step) bool {
	switch d.current {
	case patient:
		return kind == inClaim || kind == inLine
	case claim:
		return kind == inClaim && at.Opened
	}
	return false
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
		d.asking, d.claims = s.Text(1).Is("276"), 0
	case begins == decode.BeginsStray:
		d.current = stray
		d.stray.Begin()
	case kind == inSource:
		d.current = source
		d.source.reset()
		d.levels.Check(&d.source.Arena, s)
	case kind == inReceiver:
		d.current = receiver
		d.receiver.reset()
		d.levels.Check(&d.receiver.Arena, s)
	case kind == inProvider:
		d.current = provider
		d.provider.reset()
		d.levels.Check(&d.provider.Arena, s)
	default:
		d.current = patient
		d.rank = ranks.Of(kind)
		b := &d.patients[d.rank-patientRank]
		b.reset()
		d.levels.Check(&b.Arena, s)
	}
}

func (d *Decoder) add(s *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	switch d.current {
	case header:
		d.header.Add(s, at, tag)
	case source:
		d.source.add(s, at, kind, tag)
	case receiver:
		d.receiver.add(s, at, kind, tag)
	case provider:
		d.provider.add(s, at, kind, tag)
	case patient:
		d.patients[d.rank-patientRank].add(s, at, kind, tag)
	case claim:
		d.claim.add(s, at, kind, tag)
	case stray:
		d.stray.Add(s, at, tag)
	}
}
