package authorization

import (
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/encode"
)

// writeReview writes what begins an event or service, up to its dates. loop is the one that it stands in.
func writeReview(b *encode.Builder, r *Review, loop string) {
	b.TRN(r.Traces)
	b.Rejected(r.Rejections, "2000E", "2010E", "2000F", "2010F")
	b.AAA(encode.RejectionsOf(r.Rejections, loop, true))
	u := &r.Request
	b.Maybe("UM").Texts(u.Category, u.CertificationType, u.ServiceType).Components(u.Facility, u.FacilityQualifier, u.Frequency)
	var causes [3]edi.Text
	if copy(causes[:], u.Causes) < len(u.Causes) {
		b.Nowhere("UM", "there are more related causes than three")
	}
	b.Components(causes[0], causes[1], causes[2], u.CauseState, u.CauseCountry)
	b.Texts(u.Urgency, u.Condition, u.Prognosis, u.Release, u.DelayReason).Close()
	h := &r.Decision
	b.Maybe("HCR").Texts(h.Action, h.Number).Repeated(h.Reasons).Text(h.SecondOpinion).Close()
	b.REF(r.References)
	b.DTP(r.Dates)
}

// writeRest writes what ends an event or service.
func writeRest(b *encode.Builder, r *Review) {
	for i := range r.Attachments {
		a := &r.Attachments[i]
		b.Begin("PWK").Texts(a.Type, a.Transmission).Skip(2).Texts(a.Qualifier, a.Number, a.Description).Close()
	}
	b.MSG(r.Messages)
	for i := range r.Parties {
		p := &r.Parties[i]
		b.Party(&p.Party, p.Rejections)
		b.DTP(p.Dates)
	}
}

func writeEvent(b *encode.Builder, v *Event) {
	writeReview(b, &v.Review, "2000E")
	b.HI(v.Diagnoses)
	b.HSD(v.Deliveries)
	for i := range v.Conditions {
		c := &v.Conditions[i]
		b.Begin("CRC").Texts(c.Category, c.Applies).Texts(c.Codes[:]...).Close()
	}
	c := &v.Institutional
	b.Maybe("CL1").Texts(c.AdmissionType, c.AdmissionSource, c.PatientStatus, c.NursingHome).Close()
	writeAmbulance(b, &v.Ambulance)
	writeSpinal(b, &v.Spinal)
	writeOxygen(b, &v.Oxygen)
	writeHomeHealth(b, &v.HomeHealth)
	writeRest(b, &v.Review)
}

func writeAmbulance(b *encode.Builder, a *Ambulance) {
	b.Maybe("CR1").Text(a.WeightUnit).Number(a.Weight).Texts(a.Transport, a.Reason, a.DistanceUnit).Number(a.Distance).Skip(2)
	b.Texts(a.RoundTrip, a.StretcherPurpose).Close()
}

func writeSpinal(b *encode.Builder, s *Spinal) {
	b.Maybe("CR2").Numbers(s.Treatment, s.Treatments).Texts(s.From, s.To).Skip(3)
	b.Texts(s.Condition, s.Complication, s.Description1, s.Description2, s.XRays).Close()
}

func writeOxygen(b *encode.Builder, o *Oxygen) {
	b.Maybe("CR5").Skip(2).Texts(o.Equipment[0], o.Equipment[1], o.Reason).Numbers(o.Flow, o.DailyUses, o.HoursPerUse)
	b.Text(o.Order).Numbers(o.BloodGas, o.Saturation).Text(o.TestCondition).Texts(o.Findings[:]...).Number(o.PortableFlow)
	b.Texts(o.DeliverySystem, o.Equipment[2]).Close()
}

func writeHomeHealth(b *encode.Builder, h *HomeHealth) {
	b.Maybe("CR6").Text(h.Prognosis).Day(h.Start).Period(&h.Period).Skip(2).Texts(h.Medicare, h.CertificationType)
	b.Day(h.Surgery).Texts(h.ProcedureQualifier, h.Procedure).Day(h.Ordered).Day(h.LastVisit).Day(h.PhysicianContact)
	b.Period(&h.Admission).Text(h.Location).Close()
}

// misplaced tells whether the service has a value that its kind has no element for.
func (v *Service) misplaced() bool {
	has := func(list ...edi.Text) bool {
		return slices.ContainsFunc(list, func(t edi.Text) bool { return len(t) > 0 })
	}
	pointers, dental := len(v.Pointers) > 0 || has(v.EPSDT), len(v.OralCavity) > 0 || has(v.Prosthesis, v.Description)
	institutional := has(v.Revenue, v.NursingHome) || v.Rate.Sent
	switch string(v.Kind) {
	case "SV1":
		return institutional || dental
	case "SV2":
		return pointers || dental
	case "SV3":
		return pointers || institutional || has(v.Unit, v.LevelOfCare)
	}
	p := &v.Procedure
	return pointers || dental || institutional || has(v.Kind, v.Unit, v.LevelOfCare, p.Qualifier, p.Code) || v.Charge.Sent || v.Quantity.Sent
}

func writeService(b *encode.Builder, v *Service) {
	writeReview(b, &v.Review, "2000F")
	b.HI(v.Codes)
	if v.misplaced() {
		b.Nowhere("", "the service has values that its Kind has no element for")
	}
	switch string(v.Kind) {
	case "SV1":
		b.Begin("SV1").Procedure(&v.Procedure).Number(v.Charge).Text(v.Unit).Number(v.Quantity).Skip(2).Components(v.Pointers...)
		b.Skip(3).Text(v.EPSDT).Skip(8).Text(v.LevelOfCare).Close()
	case "SV2":
		b.Begin("SV2").Text(v.Revenue).Procedure(&v.Procedure).Number(v.Charge).Text(v.Unit).Numbers(v.Quantity, v.Rate).Skip(2)
		b.Texts(v.NursingHome, v.LevelOfCare).Close()
	case "SV3":
		b.Begin("SV3").Procedure(&v.Procedure).Number(v.Charge).Skip(1).Components(v.OralCavity...).Text(v.Prosthesis)
		b.Number(v.Quantity).Text(v.Description).Close()
	}
	for i := range v.Teeth {
		t := &v.Teeth[i]
		b.Begin("TOO").Texts(t.List, t.Code).Components(t.Surfaces...).Close()
	}
	b.HSD(v.Deliveries)
	writeRest(b, &v.Review)
}
