package authorization

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// reviewer reads the segments that events and services have in common.
type reviewer struct {
	decode.Arena
	attachments decode.Slab[Attachment]
	parties     decode.Slab[Party]
}

func (b *reviewer) reset() {
	b.Reset()
	b.attachments.Reset()
	b.parties.Reset()
}

func (b *reviewer) review(r *Review, s *decode.Segment, at *guide.Step, tag decode.Tag) {
	switch tag {
	case decode.TagTRN:
		b.TRN(&r.Traces, s)
	case decode.TagAAA:
		b.AAA(&r.Rejections, s, at.Loop)
	case decode.TagUM:
		b.readUM(&r.Request, s)
	case decode.TagHCR:
		r.Decision = Decision{Action: s.Text(1), Number: s.Text(2), SecondOpinion: s.Text(4), Pos: s.Pos()}
		b.Repetitions(&r.Decision.Reasons, s, 3)
	case decode.TagREF:
		b.REF(&r.References, s)
	case decode.TagDTP:
		b.DTP(&r.Dates, s)
	case decode.TagHSD:
		b.HSD(&r.Deliveries, s)
	case decode.TagPWK:
		*b.attachments.Append(&r.Attachments) = Attachment{
			Type: s.Text(1), Transmission: s.Text(2), Qualifier: s.Text(5), Number: s.Text(6), Description: s.Text(7), Pos: s.Pos(),
		}
	case decode.TagMSG:
		b.MSG(&r.Messages, s)
	}
}

func (b *reviewer) readUM(r *Request, s *decode.Segment) {
	*r = Request{
		Category: s.Text(1), CertificationType: s.Text(2), ServiceType: s.Text(3), Urgency: s.Text(6), Condition: s.Text(7),
		Prognosis: s.Text(8), Release: s.Text(9), DelayReason: s.Text(10), Pos: s.Pos(),
	}
	c := s.Components(4)
	r.Facility, r.FacilityQualifier, r.Frequency = decode.Component(c, 1), decode.Component(c, 2), decode.Component(c, 3)
	c = s.Components(5)
	for n := 1; n <= 3; n++ {
		b.AppendText(&r.Causes, decode.Component(c, n))
	}
	r.CauseState, r.CauseCountry = decode.Component(c, 4), decode.Component(c, 5)
}

// party reads a segment of a loop below an event or service.
func (b *reviewer) party(list *[]Party, s *decode.Segment, at *guide.Step, tag decode.Tag) {
	if at.Opened || len(*list) == 0 {
		p := b.parties.Append(list)
		p.Loop = at.Loop.ID
	}
	p := &(*list)[len(*list)-1]
	switch tag {
	case decode.TagAAA:
		b.AAA(&p.Rejections, s, at.Loop)
	case decode.TagDTP:
		b.DTP(&p.Dates, s)
	default:
		b.Party(&p.Party, s, tag)
	}
}

func (b *eventBuilder) readService(v *Service, s *decode.Segment, tag decode.Tag) {
	switch tag {
	case decode.TagHI:
		b.HI(&v.Codes, s)
	case decode.TagSV1:
		v.Kind, v.Procedure, v.Charge, v.Unit, v.Quantity = s.Text(0), decode.Procedure(s, 1), b.Number(s, 2), s.Text(3), b.Number(s, 4)
		b.Components(&v.Pointers, s, 7)
		v.EPSDT, v.LevelOfCare = s.Text(11), s.Text(20)
	case decode.TagSV2:
		v.Kind, v.Revenue, v.Procedure, v.Charge = s.Text(0), s.Text(1), decode.Procedure(s, 2), b.Number(s, 3)
		v.Unit, v.Quantity, v.Rate, v.NursingHome, v.LevelOfCare = s.Text(4), b.Number(s, 5), b.Number(s, 6), s.Text(9), s.Text(10)
	case decode.TagSV3:
		v.Kind, v.Procedure, v.Charge = s.Text(0), decode.Procedure(s, 1), b.Number(s, 2)
		b.Components(&v.OralCavity, s, 4)
		v.Prosthesis, v.Quantity, v.Description = s.Text(5), b.Number(s, 6), s.Text(7)
	case decode.TagTOO:
		t := b.teeth.Append(&v.Teeth)
		t.List, t.Code, t.Pos = s.Text(1), s.Text(2), s.Pos()
		b.Components(&t.Surfaces, s, 3)
	}
}

func (b *eventBuilder) readEvent(e *Event, s *decode.Segment, tag decode.Tag) {
	switch tag {
	case decode.TagHI:
		b.HI(&e.Diagnoses, s)
	case decode.TagCRC:
		c := b.conditions.Append(&e.Conditions)
		c.Category, c.Applies, c.Pos = s.Text(1), s.Text(2), s.Pos()
		i := 0
		for n := 3; n <= 7; n++ {
			if code := s.Text(n); len(code) > 0 {
				c.Codes[i] = code
				i++
			}
		}
	case decode.TagCL1:
		e.Institutional = Institutional{AdmissionType: s.Text(1), AdmissionSource: s.Text(2), PatientStatus: s.Text(3), NursingHome: s.Text(4)}
	case decode.TagCR1:
		e.Ambulance = Ambulance{
			WeightUnit: s.Text(1), Weight: b.Number(s, 2), Transport: s.Text(3), Reason: s.Text(4), DistanceUnit: s.Text(5),
			Distance: b.Number(s, 6), RoundTrip: s.Text(9), StretcherPurpose: s.Text(10),
		}
	case decode.TagCR2:
		e.Spinal = Spinal{
			Treatment: b.Number(s, 1), Treatments: b.Number(s, 2), From: s.Text(3), To: s.Text(4), Condition: s.Text(8),
			Complication: s.Text(9), Description1: s.Text(10), Description2: s.Text(11), XRays: s.Text(12),
		}
	case decode.TagCR5:
		b.readCR5(&e.Oxygen, s)
	case decode.TagCR6:
		b.readCR6(&e.HomeHealth, s)
	}
}

func (b *eventBuilder) readCR5(o *Oxygen, s *decode.Segment) {
	*o = Oxygen{
		Equipment: [3]edi.Text{s.Text(3), s.Text(4), s.Text(18)}, Reason: s.Text(5), Flow: b.Number(s, 6), DailyUses: b.Number(s, 7),
		HoursPerUse: b.Number(s, 8), Order: s.Text(9), BloodGas: b.Number(s, 10), Saturation: b.Number(s, 11), TestCondition: s.Text(12),
		Findings: [3]edi.Text{s.Text(13), s.Text(14), s.Text(15)}, PortableFlow: b.Number(s, 16), DeliverySystem: s.Text(17),
	}
}

func (b *eventBuilder) readCR6(h *HomeHealth, s *decode.Segment) {
	*h = HomeHealth{
		Prognosis: s.Text(1), Start: b.Day(s, 2), Period: b.Period(s, 3), Medicare: s.Text(7), CertificationType: s.Text(8),
		Surgery: b.Day(s, 9), ProcedureQualifier: s.Text(10), Procedure: s.Text(11), Ordered: b.Day(s, 12), LastVisit: b.Day(s, 13),
		PhysicianContact: b.Day(s, 14), Admission: b.Period(s, 15), Location: s.Text(17),
	}
}
