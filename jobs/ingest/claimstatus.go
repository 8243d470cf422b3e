package ingest

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/storage"
)

// A claimStatusLoader loads 277s and 277CAs, an answer for each claim, and 276s, an inquiry for each. A routing unit is a provider's
// loop with all its patients. What a 277 says to the receiver, of all providers together, is a unit of its own.
type claimStatusLoader struct {
	hierarchy
	decoder *claimstatus.Decoder

	owner  int64 // where the provider of the open unit starts
	row    storage.ClaimStatusAnswerRow
	status storage.ClaimStatusRow
	line   storage.ClaimStatusLineRow
	asked  storage.InquiryRow
}

// noOwner is the owner of units whose provider nobody names.
const noOwner = -1

func newClaimStatusLoader() setLoader {
	l := new(claimStatusLoader)
	l.decoder = claimstatus.NewDecoder(l)
	l.reject = func([]parts.Rejection) error { return nil } // these documents have none
	return l
}

func (l *claimStatusLoader) begin(s *set) error {
	l.reset(s)
	l.decoder.Reset()
	return nil
}

func (l *claimStatusLoader) segment(s edi.Segment, at guide.Step) error {
	l.see(s)
	return l.decoder.Segment(s, at)
}

func (l *claimStatusLoader) end() error {
	if err := l.decoder.End(); err != nil {
		return err
	}
	return l.close(l.last)
}

func (l *claimStatusLoader) openUnit(start int64, above []parts.Level, p provider, owner int64) error {
	l.owner = owner
	return l.open("provider", start, above, p)
}

// Header keeps what all answers of the set have in common.
func (l *claimStatusLoader) Header(h *parts.Header) error {
	l.header = h
	return nil
}

// Source takes the payer.
func (l *claimStatusLoader) Source(s *claimstatus.Source) error {
	l.cut = 0
	if err := l.close(s.Pos.Offset); err != nil {
		return err
	}
	if len(s.Statuses) > 0 { // no guide has them; they are kept all the same
		if err := l.openUnit(s.Pos.Offset, nil, provider{}, noOwner); err != nil {
			return err
		}
		if err := l.writeStatuses("source", 0, 0, s.Statuses); err != nil {
			return err
		}
		if err := l.close(s.End); err != nil {
			return err
		}
	}
	return l.source(&s.Name)
}

// Receiver writes what is said to the receiver: of a 277CA, of all claims of a submission.
func (l *claimStatusLoader) Receiver(r *claimstatus.Receiver) error {
	if err := l.close(r.Pos.Offset); err != nil {
		return err
	}
	l.cut = loopStart(&r.Span, "2200B")
	if len(r.Statuses) == 0 {
		return nil
	}
	start := l.cut
	if start == 0 {
		start = r.Statuses[0].Pos.Offset
	}
	above := append(append([]parts.Level(nil), r.Context...), parts.Level{Start: r.Pos.Offset, End: start})
	if err := l.openUnit(start, above, providerOf(&r.Name, r.References), noOwner); err != nil {
		return err
	}
	if err := l.writeStatuses("receiver", 0, 0, r.Statuses); err != nil {
		return err
	}
	return l.close(r.End)
}

// Provider begins the routing unit of a provider.
func (l *claimStatusLoader) Provider(p *claimstatus.Provider) error {
	if err := l.openUnit(p.Pos.Offset, p.Context, statusProvider(p), p.Pos.Offset); err != nil {
		return err
	}
	return l.writeStatuses("provider", 0, 0, p.Statuses)
}

// statusProvider returns what all names of a provider say.
func statusProvider(p *claimstatus.Provider) provider {
	to := providerOf(&p.Name, p.References)
	for i := range p.Names {
		to.fill(providerOf(&p.Names[i], nil))
	}
	return to
}

// Patient makes sure that the open unit is that of the patient's provider.
func (l *claimStatusLoader) Patient(p *claimstatus.Patient) error {
	owner, of := int64(noOwner), provider{}
	if p.Provider != nil && linked(&p.Level, p.Context, "19") {
		owner, of = p.Provider.Pos.Offset, statusProvider(p.Provider)
	}
	if l.unit.id != 0 && l.owner == owner {
		return nil
	}
	return l.openUnit(p.Pos.Offset, p.Context, of, owner)
}

// Stray keeps what stands below a level without a place.
func (l *claimStatusLoader) Stray(s *parts.Stray) error {
	l.owner = s.Pos.Offset
	return l.stray(s, "provider")
}

// Claim writes the statuses of a claim.
func (l *claimStatusLoader) Claim(c *claimstatus.Claim) error {
	s := l.set
	id, err := s.rows.NewID(s.ctx, storage.IDStatus)
	if err != nil {
		return err
	}
	l.claimRow(c, id)
	if err := s.rows.ClaimStatusAnswer(s.ctx, &l.row); err != nil {
		return err
	}
	if err := l.writeStatuses("claim", id, 0, c.Statuses); err != nil {
		return err
	}
	for i := range c.Lines {
		if err := l.writeLine(&c.Lines[i], id, i+1); err != nil {
			return err
		}
	}
	return l.people(mention{unit: &l.unit, kind: "status", row: id, member: l.row.MemberID, on: l.row.ServiceFrom}, c)
}

// people makes the patient of a claim findable, and the subscriber.
func (l *claimStatusLoader) people(m mention, c *claimstatus.Claim) error {
	if c.Patient == nil {
		return nil
	}
	if m.on.IsZero() {
		m.on = l.header.Date
	}
	m.role, m.name, m.birthDate = "patient", &c.Patient.Name, c.Patient.Demographics.BirthDate
	if err := l.set.mention(m); err != nil || c.Patient.Subscriber == nil {
		return err
	}
	m.role, m.name, m.birthDate = "insured", &c.Patient.Subscriber.Name, c.Patient.Subscriber.Demographics.BirthDate
	return l.set.mention(m)
}

// patientMember returns the member id of a patient, else that of the subscriber.
func patientMember(p *claimstatus.Patient) edi.Text {
	if id := memberOf(&p.Name); id != nil || p.Subscriber == nil {
		return id
	}
	return memberOf(&p.Subscriber.Name)
}

func (l *claimStatusLoader) claimRow(c *claimstatus.Claim, id int64) {
	s := l.set
	trace, _ := traceOf(c.Traces)
	from, to := period(c.Dates, "472")
	l.row = storage.ClaimStatusAnswerRow{
		AccountID: l.unit.account, ID: id, OperatorID: s.file.Operator, UnitID: l.unit.id, SetID: s.id, FileID: s.file.ID,
		ByteOffset: c.Pos.Offset, Position: c.Pos.Segment, Usage: s.usage(), ReceivedAt: s.now, Kind: s.kind, Person: "patient",
		AnsweredOn: l.header.Date, Reference: l.header.Reference, TraceNumber: trace, PayerID: l.payer,
		PatientControlNumber: reference(c.References, "EJ"), PayerClaimControlNumber: reference(c.References, "1K"),
		ClearinghouseTrace: reference(c.References, "D9"), BillType: reference(c.References, "BLT"), ServiceFrom: from, ServiceTo: to,
		Lines: len(c.Lines), Statuses: len(c.Statuses),
	}
	row := &l.row
	if s.kind == "277CA" {
		row.PatientControlNumber = trace
	} else {
		row.InquiryID = l.inquiry("276", trace)
	}
	if c.Source != nil {
		row.PayerName, row.PayerIdentifier = c.Source.Name.Last, c.Source.Name.ID
	}
	if c.Provider != nil {
		l.name = fullName(l.name, &c.Provider.Name)
		row.ProviderName, row.ProviderNPI = l.name, npiOf(&c.Provider.Name)
	}
	if p := c.Patient; p != nil {
		row.HL, row.LastName, row.FirstName, row.MemberID, row.BirthDate = hlOf(&p.Span), p.Name.Last, p.Name.First, patientMember(p), p.Demographics.BirthDate
		if s.kind != "277CA" {
			row.Person = personKind(p.Dependent)
		}
	}
	for i := range c.Lines {
		row.Statuses += len(c.Lines[i].Statuses)
	}
	l.headline(c)
	row.Extra = l.claimExtra(c)
}

// headline takes the first status of the claim, or of its lines if the claim has none.
func (l *claimStatusLoader) headline(c *claimstatus.Claim) {
	var first *claimstatus.Status
	if len(c.Statuses) > 0 {
		first = &c.Statuses[0]
	}
	for i := 0; first == nil && i < len(c.Lines); i++ {
		if len(c.Lines[i].Statuses) > 0 {
			first = &c.Lines[i].Statuses[0]
		}
	}
	if first == nil {
		return
	}
	row, code := &l.row, &first.Codes[0]
	row.CategoryCode, row.StatusCode, row.EntityCode = code.Category, code.Status, code.Entity
	row.StatusDate, row.ActionCode, row.Charge, row.Paid = first.EffectiveDate, first.Action, number(first.Charge), number(first.Paid)
	row.AdjudicatedOn, row.PaymentMethod, row.PaymentDate, row.PaymentNumber = first.Adjudicated, first.Method, first.PaymentDate, first.PaymentNumber
}

func (l *claimStatusLoader) claimExtra(c *claimstatus.Claim) []byte {
	x := &l.extra
	x.reset()
	if c.Patient != nil && c.Patient.Subscriber != nil {
		x.person("subscriber", &c.Patient.Subscriber.Name)
	}
	if c.Receiver != nil {
		x.person("receiver", &c.Receiver.Name)
	}
	if c.Source != nil {
		x.contacts(c.Source.Contacts)
	}
	x.references(c.References)
	x.dates(c.Dates)
	x.amounts(c.Amounts)
	x.quantities(c.Quantities)
	return x.bytes()
}

// writeStatuses writes STC of one place; answer and line are 0 if they are of none.
func (l *claimStatusLoader) writeStatuses(level string, answer int64, line int, list []claimstatus.Status) error {
	s := l.set
	for i := range list {
		st := &list[i]
		l.no++
		l.status = storage.ClaimStatusRow{
			AccountID: l.unit.account, UnitID: l.unit.id, StatusNo: l.no, Level: level, AnswerID: answer, LineNo: line, SetID: s.id, FileID: s.file.ID,
			ByteOffset: st.Pos.Offset, Position: st.Pos.Segment, Usage: s.usage(),
			CategoryCode: st.Codes[0].Category, StatusCode: st.Codes[0].Status, EntityCode: st.Codes[0].Entity,
			StatusDate: st.EffectiveDate, ActionCode: st.Action, Charge: number(st.Charge), Paid: number(st.Paid), AdjudicatedOn: st.Adjudicated,
			PaymentMethod: st.Method, PaymentDate: st.PaymentDate, PaymentNumber: st.PaymentNumber,
			CategoryCode2: st.Codes[1].Category, StatusCode2: st.Codes[1].Status, EntityCode2: st.Codes[1].Entity,
			CategoryCode3: st.Codes[2].Category, StatusCode3: st.Codes[2].Status, EntityCode3: st.Codes[2].Entity, Message: st.Message,
		}
		if err := s.rows.ClaimStatus(s.ctx, &l.status); err != nil {
			return err
		}
	}
	return nil
}

func (l *claimStatusLoader) writeLine(line *claimstatus.Line, answer int64, no int) error {
	s := l.set
	from, to := period(line.Dates, "472")
	l.texts = modifiers(l.texts, &line.Procedure)
	l.extra.reset()
	l.extra.references(line.References)
	l.extra.dates(line.Dates)
	l.line = storage.ClaimStatusLineRow{
		AccountID: l.unit.account, AnswerID: answer, LineNo: no, ByteOffset: line.Pos.Offset, Position: line.Pos.Segment,
		ProcedureQualifier: line.Procedure.Qualifier, ProcedureCode: line.Procedure.Code, Modifiers: l.texts,
		Charge: number(line.Charge), Paid: number(line.Paid), RevenueCode: line.Revenue, Units: number(line.Units),
		ServiceFrom: from, ServiceTo: to, LineControlNumber: reference(line.References, "FJ"), Extra: l.extra.bytes(),
	}
	if err := s.rows.ClaimStatusLine(s.ctx, &l.line); err != nil {
		return err
	}
	return l.writeStatuses("line", answer, no, line.Statuses)
}
