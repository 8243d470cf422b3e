package tabular

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/parts"
)

// Authorizations has what 278s ask for and decide.
var Authorizations = define(Table{
	Name: "authorizations", Title: "Authorizations", Sets: []string{"278"},
	Grain: "a service (2000F); a patient event without services; a rejection (AAA) above the events",
}, authorizationColumns)

// An authorizationRow is what a row of a 278 is made of.
type authorizationRow struct {
	kind       string
	header     *parts.Header
	umo        *authorization.UMO
	requester  *authorization.Requester
	patient    *authorization.Patient
	event      *authorization.Event
	service    *authorization.Service
	rejections []parts.Rejection
}

type authorizationRows maker

// Header does nothing: rows carry it.
func (m *authorizationRows) Header(*parts.Header) error { return nil }

// Stray counts a level that has no place.
func (m *authorizationRows) Stray(s *parts.Stray) error { return (*maker)(m).Stray(s) }

// UMO writes the rejection of a UMO.
func (m *authorizationRows) UMO(u *authorization.UMO) error {
	return m.rejection(authorizationRow{header: u.Header, umo: u, rejections: u.Rejections})
}

// Requester writes the rejection of a requester.
func (m *authorizationRows) Requester(r *authorization.Requester) error {
	return m.rejection(authorizationRow{header: r.Header, umo: r.UMO, requester: r, rejections: r.Rejections})
}

// Patient writes the rejection of a patient.
func (m *authorizationRows) Patient(p *authorization.Patient) error {
	return m.rejection(authorizationRow{header: p.Header, umo: p.UMO, requester: p.Requester, patient: p, rejections: p.Rejections})
}

func (m *authorizationRows) rejection(r authorizationRow) error {
	if len(r.rejections) == 0 {
		return nil
	}
	r.kind = "rejection"
	return add((*maker)(m), Authorizations, authorizationColumns, r.rejections[0].Pos, &r)
}

// Request writes the rows of an event that is asked for.
func (m *authorizationRows) Request(e *authorization.Event) error { return m.event(e) }

// Response writes the rows of an event that is decided on.
func (m *authorizationRows) Response(e *authorization.Event) error { return m.event(e) }

func (m *authorizationRows) event(e *authorization.Event) error {
	r := authorizationRow{kind: "event", header: e.Header, umo: e.UMO, requester: e.Requester, patient: e.Patient, event: e, rejections: e.Rejections}
	if len(e.Services) == 0 {
		return add((*maker)(m), Authorizations, authorizationColumns, e.Pos, &r)
	}
	r.kind = "service"
	for i := range e.Services {
		r.service = &e.Services[i]
		if err := add((*maker)(m), Authorizations, authorizationColumns, r.service.Pos, &r); err != nil {
			return err
		}
	}
	return nil
}

func ofEvent(name string, kind Kind, doc string, cell func(*authorization.Event, *cells)) column[authorizationRow] {
	return column[authorizationRow]{Column{name, kind, doc}, func(r *authorizationRow, c *cells) {
		if r.event != nil {
			cell(r.event, c)
		}
	}}
}

func ofService(name string, kind Kind, doc string, cell func(*authorization.Service, *cells)) column[authorizationRow] {
	return column[authorizationRow]{Column{name, kind, doc}, func(r *authorizationRow, c *cells) {
		if r.service != nil {
			cell(r.service, c)
		}
	}}
}

func ofMember(name string, kind Kind, doc string, cell func(*authorization.Patient, *cells)) column[authorizationRow] {
	return column[authorizationRow]{Column{name, kind, doc}, func(r *authorizationRow, c *cells) {
		if r.patient != nil {
			cell(r.patient, c)
		}
	}}
}

// decision is that of the service, if it has one, else of the event.
func (r *authorizationRow) decision() *authorization.Decision {
	switch {
	case r.service != nil && !r.service.Decision.IsZero():
		return &r.service.Decision
	case r.event != nil:
		return &r.event.Decision
	}
	return &authorization.Decision{}
}

// dates are those of the service before those of the event.
func (r *authorizationRow) dates(qualifiers ...string) *parts.Date {
	if r.service != nil {
		if d := dated(r.service.Dates, qualifiers...); !d.From.IsZero() {
			return d
		}
	}
	if r.event != nil {
		return dated(r.event.Dates, qualifiers...)
	}
	return &parts.Date{}
}

func rejected(name, doc string, of func(*parts.Rejection) edi.Text) column[authorizationRow] {
	return column[authorizationRow]{Column{name, List, doc}, func(r *authorizationRow, c *cells) {
		for i := range r.rejections {
			c.item(of(&r.rejections[i]))
		}
	}}
}

var authorizationColumns = []column[authorizationRow]{
	{Column{"row", Text, "service, event or rejection"}, func(r *authorizationRow, c *cells) { c.str(r.kind) }},
	{Column{"document", Text, "request or response: BHT02 and the guide tell"}, func(r *authorizationRow, c *cells) {
		if r.event != nil && !r.event.Response {
			c.str("request")
		} else {
			c.str("response")
		}
	}},
	{Column{"payer_name", Text, "utilization management organization: NM103 of loop 2010A"}, func(r *authorizationRow, c *cells) {
		if r.umo != nil {
			c.text(r.umo.Name.Last)
		}
	}},
	{Column{"payer_id", Text, "NM109 of loop 2010A"}, func(r *authorizationRow, c *cells) {
		if r.umo != nil {
			c.text(r.umo.Name.ID)
		}
	}},
	{Column{"requester_name", Text, "NM1 of loop 2010B"}, func(r *authorizationRow, c *cells) {
		if r.requester != nil {
			c.fullName(&r.requester.Name)
		}
	}},
	{Column{"requester_id", Text, "its NPI mostly: NM109 of loop 2010B"}, func(r *authorizationRow, c *cells) {
		if r.requester != nil {
			c.text(r.requester.Name.ID)
		}
	}},
	{Column{"transaction_reference", Text, "BHT03"}, func(r *authorizationRow, c *cells) {
		if r.header != nil {
			c.text(r.header.Reference)
		}
	}},
	ofMember("patient_name", Text, "last, first: NM1 of loop 2010C or 2010D", func(p *authorization.Patient, c *cells) { c.fullName(&p.Name) }),
	ofMember("member_id", Text, "of the subscriber: NM109 of loop 2010C", func(p *authorization.Patient, c *cells) {
		c.text(p.Name.ID)
		if p.Subscriber != nil {
			c.text(p.Subscriber.Name.ID)
		}
	}),
	ofMember("birth_date", Date, "DMG02", func(p *authorization.Patient, c *cells) { c.date(p.Demographics.BirthDate) }),
	ofEvent("trace_number", Text, "TRN02 of the event, TRN*2 first", func(e *authorization.Event, c *cells) {
		for i := range e.Traces {
			if len(c.now.Text) == 0 || e.Traces[i].Type.Is("2") {
				c.text(e.Traces[i].Number)
			}
		}
	}),
	ofEvent("request_category", Text, "UM01 of the event: AR admission, HS health services, SC specialty care", func(e *authorization.Event, c *cells) { c.text(e.Request.Category) }),
	ofEvent("certification_type", Text, "UM02 of the event: I initial …", func(e *authorization.Event, c *cells) { c.text(e.Request.CertificationType) }),
	{Column{"service_type", Text, "UM03 of the service, else of the event"}, func(r *authorizationRow, c *cells) {
		if r.service != nil {
			c.text(r.service.Request.ServiceType)
		}
		if r.event != nil && len(c.now.Text) == 0 {
			c.text(r.event.Request.ServiceType)
		}
	}},
	ofEvent("facility", Text, "UM04-1 of the event", func(e *authorization.Event, c *cells) { c.text(e.Request.Facility) }),
	ofEvent("diagnoses", List, "HI of the event: codes without their qualifiers", func(e *authorization.Event, c *cells) {
		for i := range e.Diagnoses {
			c.item(e.Diagnoses[i].Code)
		}
	}),
	ofService("procedure", Text, "SV101-2, SV202-2 or SV301-2", func(s *authorization.Service, c *cells) { c.text(s.Procedure.Code) }),
	ofService("modifiers", List, "components 3 to 6 of the same", func(s *authorization.Service, c *cells) { c.modifiers(&s.Procedure) }),
	ofService("revenue_code", Text, "SV201", func(s *authorization.Service, c *cells) { c.text(s.Revenue) }),
	ofService("charge", Amount, "SV102, SV203 or SV302", func(s *authorization.Service, c *cells) { c.number(s.Charge) }),
	ofService("quantity", Number, "SV104, SV205 or SV306", func(s *authorization.Service, c *cells) { c.number(s.Quantity) }),
	ofService("unit", Text, "SV103 or SV204", func(s *authorization.Service, c *cells) { c.text(s.Unit) }),
	{Column{"service_from", Date, "DTP*472 or AAH: of the service, else of the event"}, func(r *authorizationRow, c *cells) { c.date(r.dates("472", "AAH", "435").From) }},
	{Column{"service_to", Date, "its last day"}, func(r *authorizationRow, c *cells) { c.date(lastDay(r.dates("472", "AAH", "435"))) }},
	{Column{"action", Text, "decision: HCR01 of the service, else of the event"}, func(r *authorizationRow, c *cells) { c.text(r.decision().Action) }},
	{Column{"action_meaning", Text, "what it means: certified, pended, denied …"}, func(r *authorizationRow, c *cells) {
		c.meaning(codes.CertificationAction, r.decision().Action)
	}},
	{Column{"certification_number", Text, "HCR02"}, func(r *authorizationRow, c *cells) { c.text(r.decision().Number) }},
	{Column{"reasons", List, "HCR03, with what they mean"}, func(r *authorizationRow, c *cells) {
		for _, reason := range r.decision().Reasons {
			c.coded(codes.HCDecisionReason, reason)
		}
	}},
	{Column{"effective", Date, "first day that the decision holds: DTP*007"}, func(r *authorizationRow, c *cells) { c.date(r.dates("007").From) }},
	{Column{"expires", Date, "last day: of DTP*007, or DTP*036"}, func(r *authorizationRow, c *cells) {
		if d := r.dates("007"); !d.To.IsZero() {
			c.date(d.To)
			return
		}
		c.date(r.dates("036").From)
	}},
	{Column{"messages", List, "MSG01 of the event and of the service"}, func(r *authorizationRow, c *cells) {
		if r.event != nil {
			for i := range r.event.Messages {
				c.item(r.event.Messages[i].Text)
			}
		}
		if r.service != nil {
			for i := range r.service.Messages {
				c.item(r.service.Messages[i].Text)
			}
		}
	}},
	rejected("reject_reasons", "AAA03, all of the event with its services and parties, or of the level above", func(r *parts.Rejection) edi.Text { return r.Reason }),
	rejected("follow_up", "what may be done next, in the same order: AAA04", func(r *parts.Rejection) edi.Text { return r.FollowUp }),
}
