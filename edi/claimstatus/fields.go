package claimstatus

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

// Kinds of loops. Loops that are none of these fill no fields.
const (
	inOther uint8 = iota + 1
	inSource
	inReceiver
	inProvider
	inPatient
	inDependent
	inClaim
	inLine
)

var kinds = decode.NewKinds(map[string]uint8{
	"2000A": inSource, "2100A": inSource, "2200A": inSource,
	"2000B": inReceiver, "2100B": inReceiver, "2200B": inReceiver,
	"2000C": inProvider, "2100C": inProvider, "2200C": inProvider,
	"2000D": inPatient, "2100D": inPatient, "2000E": inDependent, "2100E": inDependent,
	"2200D": inClaim, "2200E": inClaim,
	"2210D": inLine, "2210E": inLine, "2220D": inLine, "2220E": inLine,
}, inOther)

// tracker reads the segments of loops 2200. Which level they speak of is decided by the HL above them, not by the qualifier of TRN,
// which senders confuse: TRN*1 below an HL 21 is still about the receiver.
type tracker struct {
	decode.Arena
	statuses decode.Slab[Status]
}

func (b *tracker) reset() {
	b.Reset()
	b.statuses.Reset()
}

func (b *tracker) track(t *Tracking, s *decode.Segment, tag decode.Tag) {
	switch tag {
	case decode.TagTRN:
		b.TRN(&t.Traces, s)
	case decode.TagSTC:
		b.readSTC(&t.Statuses, s)
	case decode.TagREF:
		b.REF(&t.References, s)
	case decode.TagDTP:
		b.DTP(&t.Dates, s)
	case decode.TagQTY:
		b.QTY(&t.Quantities, s)
	case decode.TagAMT:
		b.AMT(&t.Amounts, s)
	}
}

func (b *tracker) readSTC(list *[]Status, s *decode.Segment) {
	*b.statuses.Append(list) = Status{
		Codes: [3]StatusCode{statusCode(s, 1), statusCode(s, 10), statusCode(s, 11)}, EffectiveDate: b.Day(s, 2), Action: s.Text(3),
		Charge: b.Number(s, 4), Paid: b.Number(s, 5), Adjudicated: b.Day(s, 6), Method: s.Text(7), PaymentDate: b.Day(s, 8),
		PaymentNumber: s.Text(9), Message: s.Text(12), Pos: s.Pos(),
	}
}

func statusCode(s *decode.Segment, n int) StatusCode {
	c := s.Components(n)
	return StatusCode{
		Category: decode.Component(c, 1), Status: decode.Component(c, 2), Entity: decode.Component(c, 3), List: decode.Component(c, 4),
	}
}

// A sourceBuilder fills a Source.
type sourceBuilder struct {
	tracker
	source Source
}

func (b *sourceBuilder) reset() {
	b.tracker.reset()
	b.source = Source{}
}

func (b *sourceBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case tag == decode.TagNM1:
		if kind == inSource {
			b.source.Name = decode.NM1(s)
		}
	case tag == decode.TagPER:
		b.PER(&b.source.Contacts, s)
	default:
		b.track(&b.source.Tracking, s, tag)
	}
}

func (b *sourceBuilder) finish() *Source {
	b.source.Entity = b.Entity()
	return &b.source
}

// A receiverBuilder fills a Receiver.
type receiverBuilder struct {
	tracker
	receiver Receiver
}

func (b *receiverBuilder) reset() {
	b.tracker.reset()
	b.receiver = Receiver{Context: b.receiver.Context[:0]}
}

func (b *receiverBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case tag == decode.TagNM1:
		if kind == inReceiver {
			b.receiver.Name = decode.NM1(s)
		}
	default:
		b.track(&b.receiver.Tracking, s, tag)
	}
}

func (b *receiverBuilder) finish() *Receiver {
	b.receiver.Entity = b.Entity()
	return &b.receiver
}

// A providerBuilder fills a Provider.
type providerBuilder struct {
	tracker
	provider Provider
}

func (b *providerBuilder) reset() {
	b.tracker.reset()
	b.provider = Provider{Context: b.provider.Context[:0], Names: b.provider.Names[:0]}
}

func (b *providerBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case tag == decode.TagNM1:
		if kind == inProvider {
			b.addName(decode.NM1(s))
		}
	default:
		b.track(&b.provider.Tracking, s, tag)
	}
}

// addName takes a name of the provider, who may be named by several ids.
func (b *providerBuilder) addName(n parts.Name) {
	p := &b.provider
	if len(p.Names) == 0 || n.Qualifier.Is("XX") && !p.Name.Qualifier.Is("XX") {
		p.Name = n
	}
	p.Names = append(p.Names, n)
}

func (b *providerBuilder) finish() *Provider {
	b.provider.Entity = b.Entity()
	return &b.provider
}

// A patientBuilder fills a Patient.
type patientBuilder struct {
	decode.Arena
	patient Patient
}

func (b *patientBuilder) reset() {
	b.Reset()
	b.patient = Patient{Context: b.patient.Context[:0]}
}

func (b *patientBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case kind != inPatient && kind != inDependent:
	case tag == decode.TagNM1:
		if b.patient.Name.IsZero() {
			b.patient.Name = decode.NM1(s)
		}
	case tag == decode.TagDMG:
		b.DMG(&b.patient.Demographics, s)
	}
}

func (b *patientBuilder) finish() *Patient {
	b.patient.Entity = b.Entity()
	return &b.patient
}

// A claimBuilder fills a Claim.
type claimBuilder struct {
	tracker
	claim Claim
}

func (b *claimBuilder) reset() {
	b.tracker.reset()
	b.claim = Claim{Lines: b.claim.Lines[:0]}
}

func (b *claimBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	c := &b.claim
	switch kind {
	case inClaim:
		b.track(&c.Tracking, s, tag)
	case inLine:
		if at.Opened {
			c.Lines = append(c.Lines, Line{first: b.Len() - 1})
		}
		if n := len(c.Lines); n > 0 {
			b.addToLine(&c.Lines[n-1], s, tag)
		}
	}
}

func (b *claimBuilder) addToLine(l *Line, s *decode.Segment, tag decode.Tag) {
	l.end = b.Len()
	switch tag {
	case decode.TagSVC:
		l.Procedure, l.Charge, l.Paid = decode.Procedure(s, 1), b.Number(s, 2), b.Number(s, 3)
		l.Revenue, l.Units = s.Text(4), b.Number(s, 7)
	case decode.TagSTC:
		b.readSTC(&l.Statuses, s)
	case decode.TagREF:
		b.REF(&l.References, s)
	case decode.TagDTP:
		b.DTP(&l.Dates, s)
	}
}

func (b *claimBuilder) finish() *Claim {
	c := &b.claim
	c.Entity = b.Entity()
	for i := range c.Lines {
		l := &c.Lines[i]
		l.Span = b.Span(l.first, l.end)
	}
	return c
}
