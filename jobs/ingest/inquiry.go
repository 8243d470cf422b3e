package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/storage"
)

// Inquiry writes the question of a 270 about a person. A subscriber who is only named for the dependents below is no question.
func (l *eligibilityLoader) Inquiry(q *eligibility.Inquiry) error {
	var subscriber *eligibility.Person
	if q.Subscriber != nil {
		subscriber = &q.Subscriber.Person
	}
	if err := l.join(&q.Person, subscriber); err != nil {
		return err
	}
	if q.HasDependents && len(q.Questions) == 0 && len(q.Traces) == 0 {
		return nil
	}
	s, p := l.set, &q.Person
	id, err := s.rows.NewID(s.ctx, storage.IDInquiry)
	if err != nil {
		return err
	}
	trace, originator := traceOf(p.Traces)
	l.asked = l.inquiryRow("270", id)
	row := &l.asked
	row.ByteOffset, row.Position = p.Pos.Offset, storage.NullInt{Int: int64(p.Pos.Segment), Valid: true}
	row.TraceNumber, row.TraceOriginator, row.Person = trace, originator, personKind(p.Dependent)
	row.LastName, row.FirstName, row.MemberID, row.BirthDate = p.Name.Last, p.Name.First, personMember(p), p.Demographics.BirthDate
	if row.MemberID == nil {
		row.MemberID = subscriberID(subscriber)
	}
	row.ServiceFrom, row.ServiceTo = period(p.Dates, "472", "291")
	if p.Source != nil {
		row.PayerName, row.PayerIdentifier = p.Source.Name.Last, p.Source.Name.ID
	}
	if p.Receiver != nil {
		l.name = fullName(l.name, &p.Receiver.Name)
		row.ProviderName, row.ProviderNPI = l.name, npiOf(&p.Receiver.Name)
	}
	l.texts = l.texts[:0]
	for i := range q.Questions {
		for _, t := range q.Questions[i].ServiceTypes {
			if len(t) > 0 {
				l.texts = append(l.texts, t)
			}
		}
	}
	row.ServiceTypes, row.Extra = l.texts, l.questionExtra(q)
	if err := s.rows.Inquiry(s.ctx, row); err != nil {
		return err
	}
	m := mention{unit: &l.unit, kind: "inquiry", row: id, member: row.MemberID, on: row.ServiceFrom}
	if m.on.IsZero() {
		m.on = row.AskedOn
	}
	return l.people(m, p, subscriber)
}

// inquiryRow is what all inquiries of a set have in common.
func (h *hierarchy) inquiryRow(kind string, id int64) storage.InquiryRow {
	s := h.set
	return storage.InquiryRow{
		AccountID: h.unit.account, ID: id, OperatorID: s.file.Operator, Direction: "in", Kind: kind,
		UnitID: h.unit.id, SetID: s.id, FileID: s.file.ID, Usage: s.usage(), CreatedAt: s.now,
		AskedOn: h.header.Date, Reference: h.header.Reference, PayerID: h.payer, State: "received",
	}
}

func (l *eligibilityLoader) questionExtra(q *eligibility.Inquiry) []byte {
	p, x := &q.Person, &l.extra
	x.reset()
	if q.Subscriber != nil {
		x.person("subscriber", &q.Subscriber.Name)
	}
	x.address(&p.Address)
	x.references(p.References)
	x.dates(p.Dates)
	healthCodes(x, "diagnoses", p.Diagnoses)
	x.text("gender", p.Demographics.Gender)
	x.text("relationship", p.Relationship.Code)
	x.list("questions", len(q.Questions), func(x *extra, i int) {
		e := &q.Questions[i]
		x.text("coverage_level", e.CoverageLevel)
		procedure(x, "procedure", e.Procedure.Qualifier, e.Procedure.Code, e.Procedure.Modifiers[:])
		x.amounts(e.Amounts)
		x.references(e.References)
		x.dates(e.Dates)
		x.list("additional", len(e.Additional), func(x *extra, j int) {
			x.text("list", e.Additional[j].List)
			x.text("code", e.Additional[j].Code)
			x.text("text", e.Additional[j].Text)
		})
	})
	return x.bytes()
}

// Request writes the question of a 276 about a claim.
func (l *claimStatusLoader) Request(c *claimstatus.Claim) error {
	s := l.set
	id, err := s.rows.NewID(s.ctx, storage.IDInquiry)
	if err != nil {
		return err
	}
	l.asked = l.inquiryRow("276", id)
	row := &l.asked
	row.ByteOffset, row.Position = c.Pos.Offset, storage.NullInt{Int: int64(c.Pos.Segment), Valid: true}
	row.TraceNumber, row.TraceOriginator = traceOf(c.Traces)
	row.PatientControlNumber, row.PayerClaimControlNumber = reference(c.References, "EJ"), reference(c.References, "1K")
	row.ServiceFrom, row.ServiceTo = period(c.Dates, "472")
	row.Person = "subscriber"
	if p := c.Patient; p != nil {
		row.Person = personKind(p.Dependent)
		row.LastName, row.FirstName, row.MemberID, row.BirthDate = p.Name.Last, p.Name.First, patientMember(p), p.Demographics.BirthDate
	}
	if c.Source != nil {
		row.PayerName, row.PayerIdentifier = c.Source.Name.Last, c.Source.Name.ID
	}
	if c.Provider != nil {
		l.name = fullName(l.name, &c.Provider.Name)
		row.ProviderName, row.ProviderNPI = l.name, npiOf(&c.Provider.Name)
	}
	for i := range c.Amounts {
		if c.Amounts[i].Qualifier.Is("T3") {
			row.Charge = storage.Some(c.Amounts[i].Value)
		}
	}
	row.Extra = l.requestExtra(c)
	if err := s.rows.Inquiry(s.ctx, row); err != nil {
		return err
	}
	return l.people(mention{unit: &l.unit, kind: "inquiry", row: id, member: row.MemberID, on: row.ServiceFrom}, c)
}

func (l *claimStatusLoader) requestExtra(c *claimstatus.Claim) []byte {
	x := &l.extra
	x.reset()
	if c.Patient != nil && c.Patient.Subscriber != nil {
		x.person("subscriber", &c.Patient.Subscriber.Name)
	}
	x.references(c.References)
	x.dates(c.Dates)
	x.list("lines", len(c.Lines), func(x *extra, i int) {
		line := &c.Lines[i]
		procedure(x, "procedure", line.Procedure.Qualifier, line.Procedure.Code, line.Procedure.Modifiers[:])
		x.number("charge", line.Charge)
		x.text("revenue_code", line.Revenue)
		x.number("units", line.Units)
		x.references(line.References)
		x.dates(line.Dates)
	})
	return x.bytes()
}

// writeInquiry writes the question of a 278 request.
func (l *authorizationLoader) writeInquiry(e *authorization.Event) error {
	s := l.set
	id, err := s.rows.NewID(s.ctx, storage.IDInquiry)
	if err != nil {
		return err
	}
	from := &l.event
	l.asked = l.inquiryRow("278", id)
	row := &l.asked
	row.ByteOffset, row.Position = e.Pos.Offset, storage.NullInt{Int: int64(e.Pos.Segment), Valid: true}
	row.TraceNumber, row.TraceOriginator, row.Person = from.TraceNumber, from.TraceOriginator, from.Person
	row.PayerName, row.PayerIdentifier, row.ProviderName, row.ProviderNPI = from.PayerName, from.PayerIdentifier, from.RequesterName, from.RequesterNPI
	row.LastName, row.FirstName, row.MemberID, row.BirthDate = from.LastName, from.FirstName, from.MemberID, from.BirthDate
	if e.Patient != nil {
		row.MemberID = authorizedMember(e.Patient)
	}
	row.ServiceFrom, row.ServiceTo = from.EventFrom, from.EventTo
	if len(from.ServiceType) > 0 {
		l.texts = append(l.texts[:0], from.ServiceType)
		row.ServiceTypes = l.texts
	}
	if err := s.rows.Inquiry(s.ctx, row); err != nil {
		return err
	}
	return l.people(mention{unit: &l.unit, kind: "inquiry", row: id, on: firstDay(row.ServiceFrom, row.AskedOn)}, e.Patient)
}

// codes adds an array of texts; empty ones are left out.
func (x *extra) codes(name string, list []edi.Text) {
	some := false
	for _, code := range list {
		switch {
		case len(code) == 0:
			continue
		case some:
			x.buf = append(x.buf, ',')
		default:
			x.name(name)
			x.buf = append(x.buf, '[')
		}
		some = true
		x.buf = appendJSON(x.buf, code)
	}
	if some {
		x.buf = append(x.buf, ']')
	}
}

// procedure adds a procedure code with its modifiers.
func procedure(x *extra, name string, qualifier, code edi.Text, modifiers []edi.Text) {
	x.object(name, func(x *extra) {
		x.text("qualifier", qualifier)
		x.text("code", code)
		x.codes("modifiers", modifiers)
	})
}
