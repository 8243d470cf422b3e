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

// tracker reads the segments of loops 2200.
type tracker struct {
	decode.Arena
	statuses decode.Slab[Status]
}

func (b *tracker) reset() {
	b.Reset()
	b.statuses.Reset()
}

func (b *tracker) track(t *Tracking, s edi.Segment, tag decode.Tag) {
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

func (b *tracker) readSTC(list *[]Status, s edi.Segment) {
	*b.statuses.Append(list) = Status{
		Codes: [3]StatusCode{statusCode(s, 1), statusCode(s, 10), statusCode(s, 11)}, EffectiveDate: b.Day(s, 2), Action: s.Text(3),
		Charge: b.Number(s, 4), Paid: b.Number(s, 5), Adjudicated: b.Day(s, 6), Method: s.Text(7), PaymentDate: b.Day(s, 8),
		PaymentNumber: s.Text(9), Message: s.Text(12), Pos: s.Pos(),
	}
}

func statusCode(s edi.Segment, n int) StatusCode {
	c := s.Composite(n)
	if c.Len() == 0 {
		return StatusCode{}
	}
	return StatusCode{Category: c.Component(1), Status: c.Component(2), Entity: c.Component(3), List: c.Component(4)}
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

func (b *sourceBuilder) add(s edi.Segment, at guide.Step, kind uint8, tag decode.Tag) {
	s = b.Keep(s, at)
	switch {
	case kind != inSource:
	case tag == decode.TagNM1, tag == decode.TagPER:
		b.Party(&b.source.Party, s, tag)
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

func (b *receiverBuilder) add(s edi.Segment, at guide.Step, kind uint8, tag decode.Tag) {
	s = b.Keep(s, at)
	switch {
	case kind != inReceiver:
	case tag == decode.TagNM1, tag == decode.TagPER:
		b.Party(&b.receiver.Party, s, tag)
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

func (b *providerBuilder) add(s edi.Segment, at guide.Step, kind uint8, tag decode.Tag) {
	s = b.Keep(s, at)
	switch {
	case kind != inProvider:
	case tag == decode.TagNM1:
		b.addName(decode.NM1(s))
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

func (b *patientBuilder) add(s edi.Segment, at guide.Step, kind uint8, tag decode.Tag) {
	s = b.Keep(s, at)
	switch {
	case kind != inPatient && kind != inDependent:
	case tag == decode.TagNM1:
		b.patient.Name = decode.NM1(s)
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

func (b *claimBuilder) add(s edi.Segment, at guide.Step, kind uint8, tag decode.Tag) {
	s = b.Keep(s, at)
	c := &b.claim
	switch kind {
	case inClaim:
		b.track(&c.Tracking, s, tag)
	case inLine:
		if tag == decode.TagSVC {
			c.Lines = append(c.Lines, Line{first: b.Len() - 1})
		}
		if n := len(c.Lines); n > 0 {
			b.addToLine(&c.Lines[n-1], s, tag)
		}
	}
}

func (b *claimBuilder) addToLine(l *Line, s edi.Segment, tag decode.Tag) {
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
