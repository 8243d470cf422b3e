package tabular

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/parts"
)

// Statuses has what 277s and 277CAs say.
var Statuses = define(Table{
	Name: "statuses", Title: "Claim statuses", Sets: []string{"277"},
	Grain: "a status (STC) of a source, receiver, provider, claim or service line; a claim without any",
}, statusColumns)

// StatusRequests has what 276s ask.
var StatusRequests = define(Table{
	Name: "status_requests", Title: "Claim status requests", Sets: []string{"276"},
	Grain: "a request (TRN in the loop of a subscriber or dependent)",
}, requestColumns)

// A statusRow is what a row of a 276 or 277 is made of.
type statusRow struct {
	kind     string
	header   *parts.Header
	source   *claimstatus.Source
	receiver *claimstatus.Receiver
	provider *claimstatus.Provider
	patient  *claimstatus.Patient
	tracking *claimstatus.Tracking // of the level that the status is about
	line     *claimstatus.Line
	status   *claimstatus.Status
}

type statusRows maker

// Header does nothing: rows carry it.
func (m *statusRows) Header(*parts.Header) error { return nil }

// Patient does nothing.
func (m *statusRows) Patient(*claimstatus.Patient) error { return nil }

// Stray counts a level that has no place.
func (m *statusRows) Stray(s *parts.Stray) error { return (*maker)(m).Stray(s) }

// Source writes the statuses of a source.
func (m *statusRows) Source(s *claimstatus.Source) error {
	return m.statuses(&statusRow{kind: "source", header: s.Header, source: s, tracking: &s.Tracking}, s.Statuses)
}

// Receiver writes the statuses of a receiver.
func (m *statusRows) Receiver(r *claimstatus.Receiver) error {
	return m.statuses(&statusRow{kind: "receiver", header: r.Header, source: r.Source, receiver: r, tracking: &r.Tracking}, r.Statuses)
}

// Provider writes the statuses of a provider.
func (m *statusRows) Provider(p *claimstatus.Provider) error {
	r := &statusRow{kind: "provider", header: p.Header, source: p.Source, receiver: p.Receiver, provider: p, tracking: &p.Tracking}
	return m.statuses(r, p.Statuses)
}

// Claim writes the statuses of a claim and of its lines.
func (m *statusRows) Claim(c *claimstatus.Claim) error {
	r := claimRow("claim", c)
	if len(c.Statuses) == 0 {
		if err := add((*maker)(m), Statuses, statusColumns, c.Pos, r); err != nil {
			return err
		}
	}
	if err := m.statuses(r, c.Statuses); err != nil {
		return err
	}
	r.kind = "line"
	for i := range c.Lines {
		r.line = &c.Lines[i]
		if err := m.statuses(r, r.line.Statuses); err != nil {
			return err
		}
	}
	return nil
}

func (m *statusRows) statuses(r *statusRow, list []claimstatus.Status) error {
	for i := range list {
		r.status = &list[i]
		if err := add((*maker)(m), Statuses, statusColumns, list[i].Pos, r); err != nil {
			return err
		}
	}
	r.status = nil
	return nil
}

// Request writes the row of a request.
func (m *statusRows) Request(c *claimstatus.Claim) error {
	r := claimRow("request", c)
	if len(c.Lines) > 0 {
		r.line = &c.Lines[0]
	}
	return add((*maker)(m), StatusRequests, requestColumns, c.Pos, r)
}

func claimRow(kind string, c *claimstatus.Claim) *statusRow {
	return &statusRow{
		kind: kind, header: c.Header, source: c.Source, receiver: c.Receiver, provider: c.Provider, patient: c.Patient, tracking: &c.Tracking,
	}
}

func ofPatient(name string, kind Kind, doc string, cell func(*claimstatus.Patient, *cells)) column[statusRow] {
	return column[statusRow]{Column{name, kind, doc}, func(r *statusRow, c *cells) {
		if r.patient != nil {
			cell(r.patient, c)
		}
	}}
}

func ofTracking(name string, kind Kind, doc string, cell func(*claimstatus.Tracking, *cells)) column[statusRow] {
	return column[statusRow]{Column{name, kind, doc}, func(r *statusRow, c *cells) { cell(r.tracking, c) }}
}

func ofStatusLine(name string, kind Kind, doc string, cell func(*claimstatus.Line, *cells)) column[statusRow] {
	return column[statusRow]{Column{name, kind, doc}, func(r *statusRow, c *cells) {
		if r.line != nil {
			cell(r.line, c)
		}
	}}
}

func ofStatus(name string, kind Kind, doc string, cell func(*claimstatus.Status, *cells)) column[statusRow] {
	return column[statusRow]{Column{name, kind, doc}, func(r *statusRow, c *cells) {
		if r.status != nil {
			cell(r.status, c)
		}
	}}
}

var trackedColumns = []column[statusRow]{
	{Column{"payer_name", Text, "information source: NM103 of loop 2100A"}, func(r *statusRow, c *cells) {
		if r.source != nil {
			c.text(r.source.Name.Last)
		}
	}},
	{Column{"payer_id", Text, "NM109 of loop 2100A"}, func(r *statusRow, c *cells) {
		if r.source != nil {
			c.text(r.source.Name.ID)
		}
	}},
	{Column{"receiver_name", Text, "who asked or submitted: NM103 of loop 2100B"}, func(r *statusRow, c *cells) {
		if r.receiver != nil {
			c.fullName(&r.receiver.Name)
		}
	}},
	{Column{"provider_name", Text, "whose claim it is: NM103 of loop 2100C"}, func(r *statusRow, c *cells) {
		if r.provider != nil {
			c.fullName(&r.provider.Name)
		}
	}},
	{Column{"provider_id", Text, "its NPI mostly: NM109 of loop 2100C"}, func(r *statusRow, c *cells) {
		if r.provider != nil {
			c.text(r.provider.Name.ID)
		}
	}},
	{Column{"transaction_reference", Text, "BHT03"}, func(r *statusRow, c *cells) {
		if r.header != nil {
			c.text(r.header.Reference)
		}
	}},
	ofTracking("trace_number", Text, "TRN02: of the request; in a 277CA of the claim, its patient control number", func(t *claimstatus.Tracking, c *cells) {
		if len(t.Traces) > 0 {
			c.text(t.Traces[0].Number)
		}
	}),
	ofPatient("person", Text, "subscriber, dependent or patient (277CA)", func(p *claimstatus.Patient, c *cells) {
		switch {
		case p.Dependent:
			c.str("dependent")
		case p.Level.Code == "PT":
			c.str("patient")
		default:
			c.str("subscriber")
		}
	}),
	ofPatient("patient_name", Text, "last, first: NM1 of loop 2100D or 2100E", func(p *claimstatus.Patient, c *cells) { c.fullName(&p.Name) }),
	ofPatient("member_id", Text, "of the subscriber: NM109 of loop 2100D", func(p *claimstatus.Patient, c *cells) {
		c.text(p.Name.ID)
		if p.Subscriber != nil {
			c.text(p.Subscriber.Name.ID)
		}
	}),
	ofTracking("payer_claim_control_number", Text, "REF*1K", func(t *claimstatus.Tracking, c *cells) { c.text(reference(t.References, "1K")) }),
	ofTracking("patient_control_number", Text, "REF*EJ", func(t *claimstatus.Tracking, c *cells) { c.text(reference(t.References, "EJ")) }),
	ofTracking("clearinghouse_number", Text, "REF*D9", func(t *claimstatus.Tracking, c *cells) { c.text(reference(t.References, "D9")) }),
	ofTracking("bill_type", Text, "REF*BLT", func(t *claimstatus.Tracking, c *cells) { c.text(reference(t.References, "BLT")) }),
	ofTracking("claim_from", Date, "first day of service of the claim: DTP*472", func(t *claimstatus.Tracking, c *cells) { c.date(dated(t.Dates, "472").From) }),
	ofTracking("claim_to", Date, "last day", func(t *claimstatus.Tracking, c *cells) { c.date(lastDay(dated(t.Dates, "472"))) }),
	ofStatusLine("procedure", Text, "of the service line: SVC01-2; in a request of its first line", func(l *claimstatus.Line, c *cells) { c.text(l.Procedure.Code) }),
	ofStatusLine("revenue_code", Text, "SVC04", func(l *claimstatus.Line, c *cells) { c.text(l.Revenue) }),
	ofStatusLine("line_charge", Amount, "SVC02", func(l *claimstatus.Line, c *cells) { c.number(l.Charge) }),
	ofStatusLine("line_control_number", Text, "REF*FJ", func(l *claimstatus.Line, c *cells) { c.text(reference(l.References, "FJ")) }),
	ofStatusLine("service_from", Date, "DTP*472 of the line", func(l *claimstatus.Line, c *cells) { c.date(dated(l.Dates, "472").From) }),
	ofStatusLine("service_to", Date, "its last day", func(l *claimstatus.Line, c *cells) { c.date(lastDay(dated(l.Dates, "472"))) }),
}

var statusColumns = append(append([]column[statusRow]{
	{Column{"row", Text, "what the status is about: source, receiver, provider, claim or line"}, func(r *statusRow, c *cells) { c.str(r.kind) }},
}, trackedColumns...), []column[statusRow]{
	ofStatusLine("line_paid", Amount, "SVC03", func(l *claimstatus.Line, c *cells) { c.number(l.Paid) }),
	ofStatus("category", Text, "STC01-1", func(s *claimstatus.Status, c *cells) { c.text(s.Codes[0].Category) }),
	ofStatus("category_meaning", Text, "what it means", func(s *claimstatus.Status, c *cells) { c.meaning(codes.ClaimStatusCategory, s.Codes[0].Category) }),
	ofStatus("status", Text, "STC01-2", func(s *claimstatus.Status, c *cells) { c.text(s.Codes[0].Status) }),
	ofStatus("status_meaning", Text, "what it means", func(s *claimstatus.Status, c *cells) {
		if !s.Codes[0].List.Is("RX") {
			c.meaning(codes.ClaimStatus, s.Codes[0].Status)
		}
	}),
	ofStatus("entity", Text, "whom the status is about: STC01-3", func(s *claimstatus.Status, c *cells) { c.text(s.Codes[0].Entity) }),
	ofStatus("entity_meaning", Text, "who that is", func(s *claimstatus.Status, c *cells) { c.meaning(codes.Entity, s.Codes[0].Entity) }),
	ofStatus("more_statuses", List, "STC10 and STC11: category, status and entity, as A3:21:40", func(s *claimstatus.Status, c *cells) {
		for _, code := range s.Codes[1:] {
			if len(code.Category) > 0 {
				c.itemOf(func(b []byte) []byte { return appendStatus(b, code) })
			}
		}
	}),
	ofStatus("status_date", Date, "STC02", func(s *claimstatus.Status, c *cells) { c.date(s.EffectiveDate) }),
	ofStatus("action", Text, "WQ accepted, U rejected: STC03", func(s *claimstatus.Status, c *cells) { c.text(s.Action) }),
	ofStatus("charge", Amount, "STC04", func(s *claimstatus.Status, c *cells) { c.number(s.Charge) }),
	ofStatus("paid", Amount, "STC05", func(s *claimstatus.Status, c *cells) { c.number(s.Paid) }),
	ofStatus("adjudicated", Date, "STC06", func(s *claimstatus.Status, c *cells) { c.date(s.Adjudicated) }),
	ofStatus("payment_date", Date, "STC08", func(s *claimstatus.Status, c *cells) { c.date(s.PaymentDate) }),
	ofStatus("payment_number", Text, "of the check or transfer: STC09", func(s *claimstatus.Status, c *cells) { c.text(s.PaymentNumber) }),
	ofStatus("message", Text, "STC12", func(s *claimstatus.Status, c *cells) { c.text(s.Message) }),
}...)

func appendStatus(b []byte, code claimstatus.StatusCode) []byte {
	for i, t := range []edi.Text{code.Category, code.Status, code.Entity} {
		if i > 0 && len(t) > 0 {
			b = append(b, ':')
		}
		b = append(b, t...)
	}
	return b
}

var requestColumns = append(append([]column[statusRow]{}, trackedColumns...), []column[statusRow]{
	ofPatient("birth_date", Date, "DMG02", func(p *claimstatus.Patient, c *cells) { c.date(p.Demographics.BirthDate) }),
	ofPatient("gender", Text, "DMG03", func(p *claimstatus.Patient, c *cells) { c.text(p.Demographics.Gender) }),
	ofTracking("charge", Amount, "AMT*T3", func(t *claimstatus.Tracking, c *cells) { c.number(amountOf(t.Amounts, "T3")) }),
}...)
