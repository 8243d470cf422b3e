package authorization

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// Kinds of loops. Loops that are none of these fill no fields.
const (
	inOther uint8 = iota + 1
	inUMO
	inRequester
	inSubscriber
	inDependent
	inEvent
	inEventParty
	inService
	inServiceParty
)

var kinds = decode.NewKinds(map[string]uint8{
	"2000A": inUMO, "2010A": inUMO, "2000B": inRequester, "2010B": inRequester, "2000C": inSubscriber, "2010C": inSubscriber,
	"2000D": inDependent, "2010D": inDependent, "2000E": inEvent, "2010EA": inEventParty, "2010EB": inEventParty, "2010EC": inEventParty,
	"2000F": inService, "2010F": inServiceParty, "2010FA": inServiceParty, "2010FB": inServiceParty,
}, inOther)

// A umoBuilder fills a UMO.
type umoBuilder struct {
	decode.Arena
	umo UMO
}

func (b *umoBuilder) reset() {
	b.Reset()
	b.umo = UMO{}
}

func (b *umoBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case tag == decode.TagAAA:
		b.AAA(&b.umo.Rejections, s, at.Loop)
	case kind == inUMO:
		b.Party(&b.umo.Party, s, tag)
	}
}

func (b *umoBuilder) finish() *UMO {
	b.umo.Entity = b.Entity()
	return &b.umo
}

// A requesterBuilder fills a Requester.
type requesterBuilder struct {
	decode.Arena
	requester Requester
}

func (b *requesterBuilder) reset() {
	b.Reset()
	b.requester = Requester{Context: b.requester.Context[:0]}
}

func (b *requesterBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	r := &b.requester
	switch {
	case tag == decode.TagAAA:
		b.AAA(&r.Rejections, s, at.Loop)
		r.Rejections[len(r.Rejections)-1].Name = len(r.Parties)
	case kind != inRequester:
	case tag == decode.TagNM1:
		p := b.AppendParty(&r.Parties)
		b.Party(p, s, tag)
		if len(r.Parties) == 1 || p.Name.Qualifier.Is("XX") && !r.Name.Qualifier.Is("XX") {
			r.Name = p.Name
		}
	default:
		if n := len(r.Parties); n > 0 {
			b.Party(&r.Parties[n-1], s, tag)
		}
	}
}

func (b *requesterBuilder) finish() *Requester {
	b.requester.Entity = b.Entity()
	return &b.requester
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
	p := &b.patient
	switch {
	case tag == decode.TagAAA:
		b.AAA(&p.Rejections, s, at.Loop)
	case kind != inSubscriber && kind != inDependent:
	case tag == decode.TagNM1:
		if p.Name.IsZero() {
			p.Name = decode.NM1(s)
		}
	case tag == decode.TagREF:
		b.REF(&p.References, s)
	case tag == decode.TagN3:
		decode.N3(&p.Address, s)
	case tag == decode.TagN4:
		decode.N4(&p.Address, s)
	case tag == decode.TagDMG:
		b.DMG(&p.Demographics, s)
	case tag == decode.TagINS:
		p.Relationship = decode.INS(s)
	}
}

func (b *patientBuilder) finish() *Patient {
	b.patient.Entity = b.Entity()
	return &b.patient
}

// An eventBuilder fills an Event.
type eventBuilder struct {
	reviewer
	teeth      decode.Slab[Tooth]
	conditions decode.Slab[Condition]
	event      Event
}

func (b *eventBuilder) reset() {
	b.reviewer.reset()
	b.teeth.Reset()
	b.conditions.Reset()
	b.event = Event{Context: b.event.Context[:0], Services: b.event.Services[:0]}
}

func (b *eventBuilder) service() *Service {
	if n := len(b.event.Services); n > 0 {
		return &b.event.Services[n-1]
	}
	return nil
}

func (b *eventBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	if kind == inService && at.Opened {
		b.event.Services = append(b.event.Services, Service{first: b.Len() - 1, Level: decode.LevelOf(*raw, at.Loop)})
	}
	e, v := &b.event, b.service()
	if v != nil {
		v.end = b.Len()
	}
	if tag == decode.TagAAA {
		b.AAA(&e.Rejections, s, at.Loop)
		b.rejectPart(v, s, at, kind)
		return
	}
	switch kind {
	case inEvent:
		b.review(&e.Review, s, at, tag)
		b.readEvent(e, s, tag)
	case inEventParty:
		b.party(&e.Parties, s, at, tag)
	case inService:
		if v != nil {
			b.review(&v.Review, s, at, tag)
			b.readService(v, s, tag)
		}
	case inServiceParty:
		if v != nil {
			b.party(&v.Parties, s, at, tag)
		}
	}
}

// rejectPart gives a rejection to the service and party that it is about.
func (b *eventBuilder) rejectPart(v *Service, s *decode.Segment, at *guide.Step, kind uint8) {
	switch {
	case kind == inEventParty:
		b.party(&b.event.Parties, s, at, decode.TagAAA)
	case v == nil:
	case kind == inService:
		b.AAA(&v.Rejections, s, at.Loop)
	case kind == inServiceParty:
		b.AAA(&v.Rejections, s, at.Loop)
		b.party(&v.Parties, s, at, decode.TagAAA)
	}
}

func (b *eventBuilder) finish() *Event {
	b.event.Entity = b.Entity()
	for i := range b.event.Services {
		v := &b.event.Services[i]
		v.Span = b.Span(v.first, v.end)
		v.Level.End = v.End
	}
	return &b.event
}
