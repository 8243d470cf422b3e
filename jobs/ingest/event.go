package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

func (l *authorizationLoader) eventRow(e *authorization.Event, id int64, kind string) {
	s := l.set
	trace, originator := traceOf(e.Traces)
	l.event = storage.AuthorizationEventRow{
		AccountID: l.unit.account, ID: id, OperatorID: s.file.Operator, UnitID: l.unit.id, SetID: s.id, FileID: s.file.ID,
		ByteOffset: e.Pos.Offset, Position: e.Pos.Segment, Usage: s.usage(), ReceivedAt: s.now, Kind: kind, HL: hlOf(&e.Span), Person: "subscriber",
		AnsweredOn: l.header.Date, Reference: l.header.Reference, TraceNumber: trace, TraceOriginator: originator, PayerID: l.payer,
		RequestCategory: e.Request.Category, CertificationType: e.Request.CertificationType, ServiceType: e.Request.ServiceType,
		FacilityCode: e.Request.Facility, Urgency: e.Request.Urgency, DiagnosisCodes: l.diagnoses(e),
		CertificationNumber: e.Decision.Number, AdministrativeReference: reference(e.References, "NT"), ActionCode: e.Decision.Action,
		Outcome: "requested", Services: len(e.Services),
	}
	row := &l.event
	if kind == "response" {
		row.Outcome, row.InquiryID = outcomeOf(e), l.inquiry("278", trace)
	}
	row.EventFrom, row.EventTo = period(e.Dates, "AAH")
	row.AdmissionDate, _ = date(e.Dates, "435")
	row.DischargeDate, _ = date(e.Dates, "096")
	row.CertifiedFrom, row.CertifiedTo = period(e.Dates, "007")
	row.ExpiresOn, _ = date(e.Dates, "036")
	if e.UMO != nil {
		row.PayerName, row.PayerIdentifier = e.UMO.Name.Last, e.UMO.Name.ID
	}
	if e.Requester != nil {
		l.name = fullName(l.name, &e.Requester.Name)
		row.RequesterName, row.RequesterNPI = l.name, npiOf(&e.Requester.Name)
	}
	if e.Patient != nil {
		l.eventPerson(e.Patient)
	}
	row.Extra = l.eventExtra(e)
}

func (l *authorizationLoader) eventPerson(p *authorization.Patient) {
	row := &l.event
	row.Person, row.LastName, row.FirstName = personKind(p.Dependent), p.Name.Last, p.Name.First
	row.MemberID, row.BirthDate, row.Gender = memberOf(&p.Name), p.Demographics.BirthDate, p.Demographics.Gender
	if of := p.Subscriber; of != nil {
		row.SubscriberLastName, row.SubscriberFirstName, row.SubscriberMemberID = of.Name.Last, of.Name.First, memberOf(&of.Name)
	}
}

// diagnoses returns the codes of an event that are no documents asked for.
func (l *authorizationLoader) diagnoses(e *authorization.Event) []edi.Text {
	l.texts = l.texts[:0]
	for i := range e.Diagnoses {
		if !e.Diagnoses[i].Qualifier.Is("LOI") {
			l.texts = append(l.texts, e.Diagnoses[i].Code)
		}
	}
	return l.texts
}

func (l *authorizationLoader) serviceRow(v *authorization.Service, no int) {
	trace, _ := traceOf(v.Traces)
	l.texts = modifiers(l.texts, &v.Procedure)
	l.service = storage.AuthorizationServiceRow{
		AccountID: l.unit.account, EventID: l.event.ID, ServiceNo: no, ByteOffset: v.Pos.Offset, Position: v.Pos.Segment, HL: hlOf(&v.Span),
		TraceNumber: trace, CertificationType: v.Request.CertificationType, ServiceType: v.Request.ServiceType,
		ProcedureQualifier: v.Procedure.Qualifier, ProcedureCode: v.Procedure.Code, Modifiers: l.texts, RevenueCode: v.Revenue,
		Charge: number(v.Charge), Unit: v.Unit, Quantity: number(v.Quantity), ActionCode: v.Decision.Action, CertificationNumber: v.Decision.Number,
		Extra: l.serviceExtra(v),
	}
	row := &l.service
	row.ServiceFrom, row.ServiceTo = period(v.Dates, "472")
	row.CertifiedFrom, row.CertifiedTo = period(v.Dates, "007")
	row.ExpiresOn, _ = date(v.Dates, "036")
}

func (l *authorizationLoader) serviceExtra(v *authorization.Service) []byte {
	x := &l.extra
	x.reset()
	x.text("segment", v.Kind)
	x.text("procedure_description", v.Procedure.Description)
	x.text("procedure_end_code", v.Procedure.EndCode)
	x.text("description", v.Description)
	x.number("rate", v.Rate)
	x.codes("diagnosis_pointers", v.Pointers)
	x.text("epsdt", v.EPSDT)
	x.text("nursing_home", v.NursingHome)
	x.text("level_of_care", v.LevelOfCare)
	x.codes("oral_cavity", v.OralCavity)
	x.text("prosthesis", v.Prosthesis)
	healthCodes(x, "codes", v.Codes)
	x.list("teeth", len(v.Teeth), func(x *extra, i int) {
		x.text("list", v.Teeth[i].List)
		x.text("code", v.Teeth[i].Code)
		x.codes("surfaces", v.Teeth[i].Surfaces)
	})
	review(x, &v.Review)
	return x.bytes()
}

func (l *authorizationLoader) eventExtra(e *authorization.Event) []byte {
	x := &l.extra
	x.reset()
	if e.UMO != nil {
		x.contacts(e.UMO.Contacts)
	}
	if p := e.Patient; p != nil {
		x.object("person", func(x *extra) {
			x.text("middle_name", p.Name.Middle)
			x.text("suffix", p.Name.Suffix)
			x.text("relationship", p.Relationship.Code)
			x.address(&p.Address)
			x.references(p.References)
		})
	}
	if e.Requester != nil {
		x.list("requesters", len(e.Requester.Parties), func(x *extra, i int) { eventParty(x, &e.Requester.Parties[i]) })
	}
	healthCodes(x, "codes", e.Diagnoses)
	x.list("conditions", len(e.Conditions), func(x *extra, i int) {
		x.text("category", e.Conditions[i].Category)
		x.text("applies", e.Conditions[i].Applies)
		x.codes("codes", e.Conditions[i].Codes[:])
	})
	x.object("institutional", func(x *extra) {
		x.text("admission_type", e.Institutional.AdmissionType)
		x.text("admission_source", e.Institutional.AdmissionSource)
		x.text("patient_status", e.Institutional.PatientStatus)
		x.text("nursing_home", e.Institutional.NursingHome)
	})
	care(x, e)
	review(x, &e.Review)
	return x.bytes()
}

// review adds what events and services have in common.
func review(x *extra, r *authorization.Review) {
	q := &r.Request
	x.object("request", func(x *extra) {
		x.text("facility_qualifier", q.FacilityQualifier)
		x.text("frequency", q.Frequency)
		x.codes("causes", q.Causes)
		x.text("cause_state", q.CauseState)
		x.text("cause_country", q.CauseCountry)
		x.text("condition", q.Condition)
		x.text("prognosis", q.Prognosis)
		x.text("release", q.Release)
		x.text("delay_reason", q.DelayReason)
	})
	x.list("traces", len(r.Traces), func(x *extra, i int) {
		x.text("type", r.Traces[i].Type)
		x.text("number", r.Traces[i].Number)
		x.text("originator", r.Traces[i].Originator)
	})
	x.references(r.References)
	x.dates(r.Dates)
	x.list("deliveries", len(r.Deliveries), func(x *extra, i int) { delivery(x, &r.Deliveries[i]) })
	x.list("attachments", len(r.Attachments), func(x *extra, i int) {
		a := &r.Attachments[i]
		x.text("type", a.Type)
		x.text("transmission", a.Transmission)
		x.text("qualifier", a.Qualifier)
		x.text("number", a.Number)
		x.text("description", a.Description)
	})
	x.list("messages", len(r.Messages), func(x *extra, i int) { x.text("text", r.Messages[i].Text) })
	x.list("parties", len(r.Parties), func(x *extra, i int) {
		p := &r.Parties[i]
		x.text("loop", edi.Text(p.Loop))
		eventParty(x, &p.Party)
		x.dates(p.Dates)
	})
}

func eventParty(x *extra, p *parts.Party) {
	x.nameParts(&p.Name)
	x.address(&p.Address)
	x.references(p.References)
	x.contacts(p.Contacts)
	x.text("provider_code", p.Provider.Code)
	x.text("taxonomy", p.Provider.ID)
}
