package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

// An eligibilityLoader loads 271s, an answer for each person, and 270s, an inquiry for each. A routing unit is a subscriber's
// loop with its dependents.
type eligibilityLoader struct {
	hierarchy
	decoder *eligibility.Decoder

	row      storage.EligibilityAnswerRow
	benefits benefitWriter
	asked    storage.InquiryRow
}

func newEligibilityLoader() setLoader {
	l := new(eligibilityLoader)
	l.decoder = eligibility.NewDecoder(l)
	l.reject = func(list []parts.Rejection) error { return l.rejections(list, 0) }
	return l
}

func (l *eligibilityLoader) begin(s *set) error {
	l.reset(s)
	l.decoder.Reset()
	return nil
}

func (l *eligibilityLoader) segment(s edi.Segment, at guide.Step) error {
	l.see(s)
	return l.decoder.Segment(s, at)
}

func (l *eligibilityLoader) end() error {
	if err := l.decoder.End(); err != nil {
		return err
	}
	if err := l.refuse(); err != nil {
		return err
	}
	return l.close(l.last)
}

// Header keeps what all answers of the set have in common.
func (l *eligibilityLoader) Header(h *parts.Header) error { return l.takeHeader(h) }

// Source takes the payer.
func (l *eligibilityLoader) Source(s *eligibility.Source) error {
	if err := l.settle(s.Pos.Offset); err != nil {
		return err
	}
	l.refuseLater(&s.Span, s.Rejections)
	return l.source(&s.Name)
}

// Receiver tells who asked what is wrong with all of it.
func (l *eligibilityLoader) Receiver(r *eligibility.Receiver) error {
	if r.Source == nil {
		return l.refuseReceiver(&r.Span, nil, receiverOf(r), nil, r.Rejections)
	}
	return l.refuseReceiver(&r.Span, &r.Source.Span, receiverOf(r), r.Source.Rejections, r.Rejections)
}

func receiverOf(r *eligibility.Receiver) provider {
	if r == nil {
		return provider{}
	}
	return providerOf(&r.Name, r.References)
}

// Stray keeps what stands below a level without a place.
func (l *eligibilityLoader) Stray(s *parts.Stray) error { return l.stray(s, "patient") }

// join makes sure that the open unit is that of a person: a dependent belongs to that of the subscriber above.
func (l *eligibilityLoader) join(p *eligibility.Person, subscriber *eligibility.Person) error {
	if err := l.refuse(); err != nil {
		return err
	}
	if subscriber != nil && l.unit.id != 0 && l.unit.start == subscriber.Pos.Offset && hangsBelow(&p.Level, p.Context) {
		return nil
	}
	var asked provider
	if linked(&p.Level, p.Context, "21") {
		asked = receiverOf(p.Receiver)
	}
	return l.open("patient", p.Pos.Offset, p.Context, asked)
}

// rejections writes AAA; answer is 0 if they concern no person.
func (l *eligibilityLoader) rejections(list []parts.Rejection, answer int64) error {
	s := l.set
	for i := range list {
		r := &list[i]
		l.no++
		err := s.rows.EligibilityRejection(s.ctx, &storage.EligibilityRejectionRow{
			AccountID: l.unit.account, UnitID: l.unit.id, No: l.no, AnswerID: answer, SetID: s.id, FileID: s.file.ID,
			ByteOffset: r.Pos.Offset, Position: r.Pos.Segment, Usage: s.usage(), Loop: r.Loop, Valid: r.Valid, ReasonCode: r.Reason, FollowUp: r.FollowUp,
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Answer writes what a 271 says of a person.
func (l *eligibilityLoader) Answer(a *eligibility.Answer) error {
	var subscriber *eligibility.Person
	if a.Subscriber != nil {
		subscriber = &a.Subscriber.Person
	}
	if err := l.join(&a.Person, subscriber); err != nil {
		return err
	}
	s := l.set
	id, err := s.rows.NewID(s.ctx, storage.IDEligibility)
	if err != nil {
		return err
	}
	l.answerRow(a, id)
	if err := s.rows.EligibilityAnswer(s.ctx, &l.row); err != nil {
		return err
	}
	for i := range a.Benefits {
		if err := l.benefits.write(s, &l.row, a, i); err != nil {
			return err
		}
	}
	if err := l.rejections(a.Rejections, id); err != nil {
		return err
	}
	m := mention{unit: &l.unit, kind: "eligibility", row: id, member: l.row.MemberID, on: l.row.ServiceFrom}
	if m.on.IsZero() {
		m.on = l.row.AnsweredOn
	}
	return l.people(m, &a.Person, subscriber)
}

// people makes a person findable, and by the name of the subscriber too.
func (l *eligibilityLoader) people(m mention, p, subscriber *eligibility.Person) error {
	insured := subscriberID(subscriber)
	if m.member == nil {
		m.member = insured
	}
	m.role, m.name, m.birthDate = "patient", &p.Name, p.Demographics.BirthDate
	if err := l.set.mention(m); err != nil || subscriber == nil {
		return err
	}
	m.role, m.name, m.birthDate, m.member = "insured", &subscriber.Name, subscriber.Demographics.BirthDate, insured
	return l.set.mention(m)
}

func subscriberID(p *eligibility.Person) edi.Text {
	if p == nil {
		return nil
	}
	return personMember(p)
}

// personMember returns the member id of a person: NM109 with MI, else REF*1W.
func personMember(p *eligibility.Person) edi.Text {
	if id := memberOf(&p.Name); id != nil {
		return id
	}
	return reference(p.References, "1W")
}

func (l *eligibilityLoader) answerRow(a *eligibility.Answer, id int64) {
	s, p := l.set, &a.Person
	c := coverageOf(a)
	trace, originator := traceOf(p.Traces)
	begin, finish := c.plan(a)
	from, to := period(p.Dates, "472", "291")
	l.row = storage.EligibilityAnswerRow{
		AccountID: l.unit.account, ID: id, OperatorID: s.file.Operator, UnitID: l.unit.id, SetID: s.id, FileID: s.file.ID,
		ByteOffset: p.Pos.Offset, Position: p.Pos.Segment, Usage: s.usage(), ReceivedAt: s.now, HL: hlOf(&p.Span), Person: personKind(p.Dependent),
		AnsweredOn: p.Header.Date, Reference: p.Header.Reference, TraceNumber: trace, TraceOriginator: originator,
		InquiryID: l.inquiry("270", trace), PayerID: l.payer,
		LastName: p.Name.Last, FirstName: p.Name.First, MiddleName: p.Name.Middle, Suffix: p.Name.Suffix,
		MemberID: personMember(p), BirthDate: p.Demographics.BirthDate, Gender: p.Demographics.Gender, RelationshipCode: p.Relationship.Code,
		PlanNumber: reference(p.References, "18"), PlanBegin: begin, PlanEnd: finish, ServiceFrom: from, ServiceTo: to,
		Status: c.status, Benefits: len(a.Benefits), Rejections: len(a.Rejections), Extra: l.personExtra(p),
	}
	if p.Source != nil {
		l.row.PayerName, l.row.PayerIdentifier = p.Source.Name.Last, p.Source.Name.ID
	}
	if p.Receiver != nil {
		l.name = fullName(l.name, &p.Receiver.Name)
		l.row.ProviderName, l.row.ProviderNPI = l.name, npiOf(&p.Receiver.Name)
	}
	if c.stated != nil {
		l.row.PlanName, l.row.InsuranceType = c.stated.Plan, c.stated.InsuranceType
	}
	l.group(p)
	if a.Subscriber != nil {
		of := &a.Subscriber.Person
		l.row.SubscriberLastName, l.row.SubscriberFirstName, l.row.SubscriberMemberID = of.Name.Last, of.Name.First, personMember(of)
		if l.row.GroupNumber == nil {
			l.group(of) // a dependent is in the subscriber's group
		}
	}
}

func (l *eligibilityLoader) group(p *eligibility.Person) {
	for i := range p.References {
		if r := &p.References[i]; r.Qualifier.Is("6P") {
			l.row.GroupNumber, l.row.GroupName = r.ID, r.Description
			return
		}
	}
}

func (l *eligibilityLoader) personExtra(p *eligibility.Person) []byte {
	x := &l.extra
	x.reset()
	x.address(&p.Address)
	x.references(p.References)
	x.dates(p.Dates)
	x.list("traces", len(p.Traces), func(x *extra, i int) {
		x.text("type", p.Traces[i].Type)
		x.text("number", p.Traces[i].Number)
		x.text("originator", p.Traces[i].Originator)
		x.text("supplement", p.Traces[i].Supplemental)
	})
	healthCodes(x, "diagnoses", p.Diagnoses)
	x.object("provider", func(x *extra) {
		x.text("code", p.Provider.Code)
		x.text("taxonomy", p.Provider.ID)
	})
	x.object("relationship", func(x *extra) {
		x.text("insured", p.Relationship.Insured)
		x.text("maintenance_type", p.Relationship.MaintenanceType)
		x.text("maintenance_reason", p.Relationship.MaintenanceReason)
		x.text("birth_sequence", p.Relationship.BirthSequence)
	})
	military(x, &p.Military)
	if p.Source != nil {
		x.party("payer", &p.Source.Party)
	}
	if p.Receiver != nil {
		x.party("receiver", &p.Receiver.Party)
	}
	return x.bytes()
}

func military(x *extra, m *parts.Military) {
	x.object("military", func(x *extra) {
		x.text("status", m.Status)
		x.text("employment", m.Employment)
		x.text("affiliation", m.Affiliation)
		x.text("description", m.Description)
		x.text("rank", m.Rank)
		x.date("from", m.Period.From)
		x.date("to", m.Period.To)
	})
}

func healthCodes(x *extra, name string, codes []parts.HealthCode) {
	x.list(name, len(codes), func(x *extra, i int) {
		x.text("qualifier", codes[i].Qualifier)
		x.text("code", codes[i].Code)
		x.date("from", codes[i].Date.From)
		x.date("to", codes[i].Date.To)
	})
}
