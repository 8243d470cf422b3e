package tabular

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/parts"
)

// Benefits has what 271s say.
var Benefits = define(Table{
	Name: "benefits", Title: "Benefits", Sets: []string{"271"},
	Grain: "a statement (EB) and one of its service types; a rejection (AAA); a person of whom nothing is said",
}, benefitColumns)

// Inquiries has what 270s ask.
var Inquiries = define(Table{
	Name: "inquiries", Title: "Eligibility inquiries", Sets: []string{"270"},
	Grain: "a question (EQ) about a person; a person of whom nothing is asked",
}, inquiryColumns)

// An eligibilityRow is what a row of a 270 or 271 is made of.
type eligibilityRow struct {
	kind       string
	header     *parts.Header
	source     *eligibility.Source
	receiver   *eligibility.Receiver
	person     *eligibility.Person // nil: a rejection above the persons
	subscriber *eligibility.Person // the person, or the subscriber above
	benefit    *eligibility.Benefit
	service    edi.Text
	rejection  *parts.Rejection
	question   *eligibility.Question
}

type eligibilityRows maker

// Header does nothing: rows carry it.
func (m *eligibilityRows) Header(*parts.Header) error { return nil }

// Stray counts a level that has no place.
func (m *eligibilityRows) Stray(s *parts.Stray) error { return (*maker)(m).Stray(s) }

// Source writes the rejections of a source.
func (m *eligibilityRows) Source(s *eligibility.Source) error {
	return m.rejections(&eligibilityRow{header: s.Header, source: s}, s.Rejections)
}

// Receiver writes the rejections of a receiver.
func (m *eligibilityRows) Receiver(r *eligibility.Receiver) error {
	return m.rejections(&eligibilityRow{header: r.Header, source: r.Source, receiver: r}, r.Rejections)
}

func (m *eligibilityRows) rejections(r *eligibilityRow, list []parts.Rejection) error {
	r.kind = "rejection"
	for i := range list {
		r.rejection = &list[i]
		if err := add((*maker)(m), Benefits, benefitColumns, list[i].Pos, r); err != nil {
			return err
		}
	}
	return nil
}

// Answer writes the rows of a person of a 271.
func (m *eligibilityRows) Answer(a *eligibility.Answer) error {
	r := rowOf(&a.Person, &a.Person)
	if a.Subscriber != nil {
		r.subscriber = &a.Subscriber.Person
	}
	for i := range a.Benefits {
		if err := m.benefit(r, &a.Benefits[i]); err != nil {
			return err
		}
	}
	if len(a.Benefits) == 0 && len(a.Rejections) == 0 && !a.HasDependents {
		r.kind = "person"
		return add((*maker)(m), Benefits, benefitColumns, a.Pos, &r)
	}
	r.benefit, r.service = nil, nil
	return m.rejections(&r, a.Rejections)
}

func (m *eligibilityRows) benefit(r eligibilityRow, b *eligibility.Benefit) error {
	r.kind, r.benefit = "benefit", b
	for i := range max(len(b.ServiceTypes), 1) {
		if i < len(b.ServiceTypes) {
			r.service = b.ServiceTypes[i]
		}
		if err := add((*maker)(m), Benefits, benefitColumns, b.Pos, &r); err != nil {
			return err
		}
	}
	return nil
}

func rowOf(p, subscriber *eligibility.Person) eligibilityRow {
	return eligibilityRow{header: p.Header, source: p.Source, receiver: p.Receiver, person: p, subscriber: subscriber}
}

// Inquiry writes the rows of a person of a 270.
func (m *eligibilityRows) Inquiry(q *eligibility.Inquiry) error {
	r := rowOf(&q.Person, &q.Person)
	if q.Subscriber != nil {
		r.subscriber = &q.Subscriber.Person
	}
	r.kind = "inquiry"
	if len(q.Questions) == 0 && q.HasDependents {
		return nil
	}
	at := q.Pos
	for i := range max(len(q.Questions), 1) {
		if i < len(q.Questions) {
			r.question, at = &q.Questions[i], q.Questions[i].Pos
		}
		if err := add((*maker)(m), Inquiries, inquiryColumns, at, &r); err != nil {
			return err
		}
	}
	return nil
}

// ofPerson is a column that rejections above the persons leave empty.
func ofPerson(name string, kind Kind, doc string, cell func(*eligibility.Person, *cells)) column[eligibilityRow] {
	return column[eligibilityRow]{Column{name, kind, doc}, func(r *eligibilityRow, c *cells) {
		if r.person != nil {
			cell(r.person, c)
		}
	}}
}

func ofBenefit(name string, kind Kind, doc string, cell func(*eligibility.Benefit, *cells)) column[eligibilityRow] {
	return column[eligibilityRow]{Column{name, kind, doc}, func(r *eligibilityRow, c *cells) {
		if r.benefit != nil {
			cell(r.benefit, c)
		}
	}}
}

func ofQuestion(name string, kind Kind, doc string, cell func(*eligibility.Question, *cells)) column[eligibilityRow] {
	return column[eligibilityRow]{Column{name, kind, doc}, func(r *eligibilityRow, c *cells) {
		if r.question != nil {
			cell(r.question, c)
		}
	}}
}

var personColumns = []column[eligibilityRow]{
	{Column{"payer_name", Text, "information source: NM103 of loop 2100A"}, func(r *eligibilityRow, c *cells) {
		if r.source != nil {
			c.text(r.source.Name.Last)
		}
	}},
	{Column{"payer_id", Text, "NM109 of loop 2100A"}, func(r *eligibilityRow, c *cells) {
		if r.source != nil {
			c.text(r.source.Name.ID)
		}
	}},
	{Column{"provider_name", Text, "information receiver: NM103 of loop 2100B"}, func(r *eligibilityRow, c *cells) {
		if r.receiver != nil {
			c.fullName(&r.receiver.Name)
		}
	}},
	{Column{"provider_id", Text, "its NPI mostly: NM109 of loop 2100B"}, func(r *eligibilityRow, c *cells) {
		if r.receiver != nil {
			c.text(r.receiver.Name.ID)
		}
	}},
	{Column{"transaction_reference", Text, "the submitter's id of the transaction: BHT03"}, func(r *eligibilityRow, c *cells) {
		if r.header != nil {
			c.text(r.header.Reference)
		}
	}},
	ofPerson("trace_number", Text, "of the question: TRN02, TRN*2 first in a 271", func(p *eligibility.Person, c *cells) {
		for i := range p.Traces {
			if p.Traces[i].Type.Is("2") || len(c.now.Text) == 0 {
				c.text(p.Traces[i].Number)
			}
			if p.Traces[i].Type.Is("2") {
				return
			}
		}
	}),
	ofPerson("person", Text, "subscriber or dependent: HL03", func(p *eligibility.Person, c *cells) {
		if p.Dependent {
			c.str("dependent")
		} else {
			c.str("subscriber")
		}
	}),
	{Column{"member_id", Text, "of the subscriber: NM109 of loop 2100C"}, func(r *eligibilityRow, c *cells) {
		if r.subscriber != nil {
			c.text(r.subscriber.Name.ID)
		}
	}},
	ofPerson("last_name", Text, "of the person: NM103", func(p *eligibility.Person, c *cells) { c.text(p.Name.Last) }),
	ofPerson("first_name", Text, "NM104", func(p *eligibility.Person, c *cells) { c.text(p.Name.First) }),
	ofPerson("birth_date", Date, "DMG02", func(p *eligibility.Person, c *cells) { c.date(p.Demographics.BirthDate) }),
	ofPerson("gender", Text, "DMG03", func(p *eligibility.Person, c *cells) { c.text(p.Demographics.Gender) }),
	ofPerson("group_number", Text, "REF*6P", func(p *eligibility.Person, c *cells) { c.text(reference(p.References, "6P")) }),
	ofPerson("patient_account", Text, "REF*EJ", func(p *eligibility.Person, c *cells) { c.text(reference(p.References, "EJ")) }),
}

var benefitColumns = append(append([]column[eligibilityRow]{
	{Column{"row", Text, "benefit, rejection or person"}, func(r *eligibilityRow, c *cells) { c.str(r.kind) }},
}, personColumns...), []column[eligibilityRow]{
	ofPerson("plan_begin", Date, "DTP*291, 346 or 356 of the person: first day", func(p *eligibility.Person, c *cells) {
		c.date(dated(p.Dates, "291", "346", "356").From)
	}),
	ofPerson("plan_end", Date, "last day of DTP*291, or DTP*347 or 357", func(p *eligibility.Person, c *cells) {
		if plan := dated(p.Dates, "291"); !plan.To.IsZero() {
			c.date(plan.To)
			return
		}
		c.date(dated(p.Dates, "347", "357").From)
	}),
	ofBenefit("information", Text, "EB01: 1 the plan is active, B co-payment, C deductible …", func(b *eligibility.Benefit, c *cells) { c.text(b.Information) }),
	ofBenefit("information_meaning", Text, "what EB01 means", func(b *eligibility.Benefit, c *cells) { c.meaning(codes.EligibilityInformation, b.Information) }),
	{Column{"service_type", Text, "one of EB03"}, func(r *eligibilityRow, c *cells) { c.text(r.service) }},
	{Column{"service_type_meaning", Text, "what it means"}, func(r *eligibilityRow, c *cells) { c.meaning(codes.ServiceType, r.service) }},
	ofBenefit("coverage_level", Text, "IND, FAM …: EB02", func(b *eligibility.Benefit, c *cells) { c.text(b.CoverageLevel) }),
	ofBenefit("insurance_type", Text, "EB04", func(b *eligibility.Benefit, c *cells) { c.text(b.InsuranceType) }),
	ofBenefit("plan", Text, "EB05", func(b *eligibility.Benefit, c *cells) { c.text(b.Plan) }),
	ofBenefit("period", Text, "EB06", func(b *eligibility.Benefit, c *cells) { c.text(b.Period) }),
	ofBenefit("period_meaning", Text, "what EB06 means: calendar year, remaining …", func(b *eligibility.Benefit, c *cells) { c.meaning(codes.TimePeriod, b.Period) }),
	ofBenefit("amount", Amount, "EB07", func(b *eligibility.Benefit, c *cells) { c.number(b.Amount) }),
	ofBenefit("percent", Number, "a fraction, 0.2 is 20 percent: EB08", func(b *eligibility.Benefit, c *cells) { c.number(b.Percent) }),
	ofBenefit("quantity_qualifier", Text, "EB09", func(b *eligibility.Benefit, c *cells) { c.text(b.QuantityQualifier) }),
	ofBenefit("quantity", Number, "EB10", func(b *eligibility.Benefit, c *cells) { c.number(b.Quantity) }),
	ofBenefit("authorization_required", Text, "Y, N or U (unknown): EB11", func(b *eligibility.Benefit, c *cells) { c.text(b.Authorization) }),
	ofBenefit("in_network", Text, "Y, N, W (either) or U (unknown): EB12", func(b *eligibility.Benefit, c *cells) { c.text(b.Network) }),
	ofBenefit("procedure", Text, "EB13-2", func(b *eligibility.Benefit, c *cells) { c.text(b.Procedure.Code) }),
	ofBenefit("benefit_from", Date, "first day of the first DTP of the benefit", func(b *eligibility.Benefit, c *cells) {
		if len(b.Dates) > 0 {
			c.date(b.Dates[0].From)
		}
	}),
	ofBenefit("benefit_to", Date, "last day of a range in that DTP", func(b *eligibility.Benefit, c *cells) {
		if len(b.Dates) > 0 {
			c.date(b.Dates[0].To)
		}
	}),
	ofBenefit("messages", List, "MSG01", func(b *eligibility.Benefit, c *cells) {
		for i := range b.Messages {
			c.item(b.Messages[i].Text)
		}
	}),
	ofBenefit("related", List, "other payers, providers and contacts of the benefit: role and name, NM101 and NM103 of loop 2120", func(b *eligibility.Benefit, c *cells) {
		for i := range b.Entities {
			n := &b.Entities[i].Name
			c.itemOf(func(b []byte) []byte { return append(append(append(b, n.Entity...), ' '), n.Last...) })
		}
	}),
	{Column{"reject_reason", Text, "AAA03"}, func(r *eligibilityRow, c *cells) {
		if r.rejection != nil {
			c.text(r.rejection.Reason)
		}
	}},
	{Column{"reject_meaning", Text, "what AAA03 means"}, func(r *eligibilityRow, c *cells) {
		if r.rejection != nil {
			c.meaning(codes.RejectReason, r.rejection.Reason)
		}
	}},
	{Column{"follow_up", Text, "what may be done next: AAA04"}, func(r *eligibilityRow, c *cells) {
		if r.rejection != nil {
			c.text(r.rejection.FollowUp)
		}
	}},
	{Column{"reject_loop", Text, "loop that the rejection stands in"}, func(r *eligibilityRow, c *cells) {
		if r.rejection != nil {
			c.str(r.rejection.Loop)
		}
	}},
}...)

var inquiryColumns = append(append([]column[eligibilityRow]{}, personColumns...), []column[eligibilityRow]{
	ofQuestion("service_types", List, "EQ01", func(q *eligibility.Question, c *cells) { c.texts(q.ServiceTypes) }),
	ofQuestion("procedure", Text, "EQ02-2", func(q *eligibility.Question, c *cells) { c.text(q.Procedure.Code) }),
	ofQuestion("coverage_level", Text, "EQ03", func(q *eligibility.Question, c *cells) { c.text(q.CoverageLevel) }),
	{Column{"service_from", Date, "DTP*291 of the question, else of the person"}, func(r *eligibilityRow, c *cells) { c.date(r.asked().From) }},
	{Column{"service_to", Date, "its last day"}, func(r *eligibilityRow, c *cells) { c.date(r.asked().To) }},
}...)

// asked is the date that a question is about.
func (r *eligibilityRow) asked() *parts.Date {
	if r.question != nil {
		if d := dated(r.question.Dates, "291"); !d.From.IsZero() {
			return d
		}
	}
	return dated(r.person.Dates, "291")
}
