package ingest

import (
	"github.com/ediport/ediport/edi"
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
