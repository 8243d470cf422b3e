package ingest

import (
	"context"
	"crypto/sha256"
	"hash"
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/edi/remittance"
	"github.com/ediport/ediport/storage"
)

// A remittanceLoader loads 835s: a payment per set, which is one routing unit.
type remittanceLoader struct {
	remittance.Ignore
	set     *set
	decoder *remittance.Decoder

	unit      unit
	payment   *remittance.Payment
	row       storage.PaymentRow
	patient   edi.Sum // Σ CLP05
	tally     remittance.Tally
	claims    hash.Hash // over the claims: tells a duplicate from a conflict
	unhashed  []byte    // of the claims
	plb       int
	claim     storage.ClaimPaymentRow
	line      storage.ServiceLineRow
	extra     extra
	texts     []edi.Text
	codes     []edi.Text
	rendering []byte
	last      int64 // behind the last segment
}

func newRemittanceLoader() *remittanceLoader {
	l := &remittanceLoader{claims: sha256.New()}
	l.decoder = remittance.NewDecoder(l)
	return l
}

func (l *remittanceLoader) begin(s *set) error {
	l.set, l.unit, l.payment = s, unit{}, nil
	l.decoder.Reset()
	return nil
}

func (l *remittanceLoader) segment(s edi.Segment, at guide.Step) error {
	l.last = s.End()
	return l.decoder.Segment(s, at)
}

// Payment begins the routing unit: who is paid decides whose rows these are.
func (l *remittanceLoader) Payment(p *remittance.Payment) error {
	l.payment, l.plb, l.tally, l.patient = p, 0, remittance.Tally{}, edi.Sum{}
	l.claims.Reset()
	l.unhashed = l.unhashed[:0]
	var err error
	if l.unit, err = l.set.beginUnit("set", l.set.start, nil, payeeOf(p), 0); err != nil {
		return err
	}
	id, err := l.set.rows.NewID(l.set.ctx, storage.IDPayment)
	if err != nil {
		return err
	}
	payer, err := l.set.payer(p.Payer.Name.Last,
		storage.PayerIdentifier{Kind: "TRN03", Value: p.Trace.Originator.String()},
		storage.PayerIdentifier{Kind: "2U", Value: reference(p.Payer.References, "2U").String()},
		storage.PayerIdentifier{Kind: "N104", Value: p.Payer.Name.ID.String()})
	if err != nil {
		return err
	}
	l.row = l.paymentRow(p, id, payer)
	return nil
}

// payeeOf returns what names the payee (EXCHANGE 2).
func payeeOf(p *remittance.Payment) provider {
	to := provider{npi: npiOf(&p.Payee.Name), tin: reference(p.Payee.References, "TJ"), payerAssigned: reference(p.Payee.References, "PQ")}
	if p.Payee.Name.Qualifier.Is("FI") {
		to.tin = p.Payee.Name.ID
	}
	return to
}

func (l *remittanceLoader) paymentRow(p *remittance.Payment, id int64, payer storage.PayerID) storage.PaymentRow {
	s := l.set
	to := payeeOf(p)
	produced, _ := date(p.Dates, "405")
	return storage.PaymentRow{
		AccountID: l.unit.account, ID: id, OperatorID: s.file.Operator, UnitID: l.unit.id, SetID: s.id, FileID: s.file.ID,
		ByteOffset: bprOf(p).Offset, Position: bprOf(p).Segment, Usage: s.usage(), ReceivedAt: s.now,
		HandlingCode: p.Handling, Amount: p.Amount, CreditDebit: p.CreditDebit, Method: p.Method, Format: p.Format,
		PaymentDate: p.Date, TraceNumber: p.Trace.Number, PayerTraceID: p.Trace.Originator, PayerSupplement: p.Trace.Supplemental,
		ProductionDate: produced, Currency: p.Currency, ReceiverIdentifier: p.ReceiverID,
		PayerID: payer, PayerName: p.Payer.Name.Last, PayerIdentifier: p.Payer.Name.ID,
		PayeeName: p.Payee.Name.Last, PayeeQualifier: p.Payee.Name.Qualifier, PayeeIdentifier: p.Payee.Name.ID,
		PayeeNPI: to.npi, PayeeTaxID: to.tin,
	}
}

// bprOf returns where the BPR stands, or the set's begin.
func bprOf(p *remittance.Payment) edi.Position {
	for i := range p.Segments {
		if p.Segments[i].Is("BPR") {
			return p.Segments[i].Pos()
		}
	}
	return p.Pos
}

// end closes the payment: totals and duplicates are known only now.
func (l *remittanceLoader) end() error {
	if err := l.decoder.End(); err != nil {
		return err
	}
	if l.payment == nil {
		return nil
	}
	s, row := l.set, &l.row
	row.Claims, row.ClaimsUnbalanced = l.tally.Claims, l.tally.Unbalanced
	row.Charge, row.Paid, row.PatientResponsibility = total(&l.tally.Charge), total(&l.tally.Paid), total(&l.patient)
	row.Adjustments, row.ProviderAdjustments = total(&l.tally.Adjustments), total(&l.tally.ProviderAdjustments)
	var difference edi.Sum
	difference.Add(row.Amount)
	difference.SubSum(&l.tally.Paid)
	difference.AddSum(&l.tally.ProviderAdjustments)
	row.Difference, row.Balanced = total(&difference), difference.Sign() == 0
	row.KeyHash = l.paymentKey()
	row.Extra = slices.Clone(l.paymentExtra())
	l.hashRest()
	// What else the row holds is the payment's, which is not lent.
	s.pending = append(s.pending, pendingPayment{*row, l.claims.Sum(nil)})
	return s.endUnit(&l.unit, l.last)
}

// A pendingPayment waits until its round is written: only then is the connection free to ask whether it is known.
type pendingPayment struct {
	row    storage.PaymentRow
	claims []byte // hash over its claims
}

// claimPayments writes the payments that wait, each marked if the same payment was loaded before.
func (l *load) claimPayments(ctx context.Context) error {
	for i := range l.pending {
		row := &l.pending[i].row
		match, err := l.tx.ClaimPayment(ctx, row.KeyHash, l.pending[i].claims, row.ID)
		if err != nil {
			return err
		}
		row.DuplicateOf, row.DuplicateKind, row.Counted = match.DuplicateOf, match.Kind, match.DuplicateOf == 0
		if err := l.rows.Payment(ctx, row); err != nil {
			return err
		}
		l.payments = append(l.payments, storage.LoadedPayment{Account: row.AccountID, ID: row.ID})
	}
	l.pending = l.pending[:0]
	return nil
}

// paymentKey is a payment's identity (EXCHANGE 1). A zero payment has no trace of its own: there the envelope counts too.
func (l *remittanceLoader) paymentKey() []byte {
	p := l.payment
	parts := []string{
		p.Trace.Originator.String(), p.Trace.Number.String(), p.Date.String(), canonical(p.Amount),
		p.Payee.Name.Qualifier.String() + " " + p.Payee.Name.ID.String(), l.set.usage(),
	}
	if p.Method.Is("NON") || p.Amount.IsZero() {
		parts = append(parts, l.set.interchange.ControlNumber, l.set.group.ControlNumber, l.set.transaction.ControlNumber)
	}
	return keyHash(parts...)
}

// canonical writes equal amounts alike: 100 and 100.00 are one.
func canonical(d edi.Decimal) string {
	var s edi.Sum
	s.Add(d)
	return s.String()
}

// total is a sum as its column wants it. A sum of more digits than a Decimal has is refused by the loader as unfit.
func total(s *edi.Sum) edi.Decimal {
	d, ok := s.Decimal()
	if !ok {
		return edi.NewDecimal(999_999_999_999_999_999, 0)
	}
	return d
}

func (l *remittanceLoader) paymentExtra() []byte {
	p, x := l.payment, &l.extra
	x.reset()
	x.party("payer", &p.Payer)
	x.party("payee", &p.Payee)
	bank(x, "sender_bank", &p.Sender)
	bank(x, "receiver_bank", &p.Receiver)
	x.text("originator", p.Originator)
	x.text("originator_supplement", p.Supplemental)
	x.references(p.References)
	x.dates(p.Dates)
	x.object("delivery", func(x *extra) {
		x.text("method", p.Delivery.Method)
		x.text("name", p.Delivery.Name)
		x.text("number", p.Delivery.Number)
	})
	return x.bytes()
}

func bank(x *extra, name string, b *remittance.Bank) {
	x.object(name, func(x *extra) {
		x.text("id_qualifier", b.IDQualifier)
		x.text("id", b.ID)
		x.text("account_qualifier", b.AccountQualifier)
		x.text("account", b.Account)
	})
}

// ProviderAdjustment writes one pair of a PLB.
func (l *remittanceLoader) ProviderAdjustment(a *remittance.ProviderAdjustment) error {
	l.tally.AddProviderAdjustment(a)
	if a.Pair <= 1 {
		l.hash(a.Segments)
	}
	l.plb++
	return l.set.rows.ProviderAdjustment(l.set.ctx, &storage.ProviderAdjustmentRow{
		AccountID: l.unit.account, PaymentID: l.row.ID, No: l.plb, ByteOffset: a.Pos.Offset, Position: a.Pos.Segment,
		ProviderIdentifier: a.Provider, FiscalPeriod: a.FiscalPeriod, ReasonCode: a.Reason, Reference: a.Reference, Amount: a.Amount,
	})
}

// hash adds what the payment says of its claims to their hash.
func (l *remittanceLoader) hash(segments []edi.Segment) {
	for i := range segments {
		l.unhashed = append(append(l.unhashed, segments[i].Raw()...), '\n')
	}
	if len(l.unhashed) >= hashBuffer {
		l.hashRest()
	}
}

func (l *remittanceLoader) hashRest() {
	l.claims.Write(l.unhashed)
	l.unhashed = l.unhashed[:0]
}

// Claim writes a claim payment with its lines and adjustments.
func (l *remittanceLoader) Claim(c *remittance.Claim) error {
	l.tally.AddClaim(c)
	if c.PatientResponsibility.Sent {
		l.patient.Add(c.PatientResponsibility.Value)
	}
	l.hash(c.Segments)
	s := l.set
	id, err := s.rows.NewID(s.ctx, storage.IDClaim)
	if err != nil {
		return err
	}
	if l.row.FirstClaimID == 0 {
		l.row.FirstClaimID = id
	}
	l.row.LastClaimID = id
	denied, err := l.lines(c, id)
	if err != nil {
		return err
	}
	if err := l.adjustments(id, 0, c.Adjustments); err != nil {
		return err
	}
	if len(c.Lines) == 0 && isDenied(c.Charge, c.Paid, c.Adjustments) {
		denied = 1
	}
	l.claimRow(c, id, denied)
	if err := s.rows.ClaimPayment(s.ctx, &l.claim); err != nil {
		return err
	}
	return l.people(c, id)
}

func (l *remittanceLoader) people(c *remittance.Claim, id int64) error {
	m := mention{unit: &l.unit, kind: "claim", row: id, role: "patient", name: &c.Patient, member: c.Patient.ID, on: l.claim.StatementFrom}
	if m.on.IsZero() {
		m.on = l.payment.Date
	}
	if err := l.set.mention(m); err != nil || c.Insured.IsZero() {
		return err
	}
	m.role, m.name, m.member = "insured", &c.Insured, c.Insured.ID
	return l.set.mention(m)
}

func (l *remittanceLoader) claimRow(c *remittance.Claim, id int64, denied int) {
	s, p := l.set, &l.row
	from, to := date(c.Dates, "232")
	if end, _ := date(c.Dates, "233"); !end.IsZero() {
		to = end
	}
	received, _ := date(c.Dates, "050")
	l.texts = l.texts[:0]
	for i := range c.Remarks {
		l.texts = append(l.texts, c.Remarks[i].Code)
	}
	var adjusted edi.Sum
	c.AdjustmentTotal(&adjusted)
	balance := c.Balance()
	l.rendering = fullName(l.rendering, &c.Rendering)
	l.claim = storage.ClaimPaymentRow{
		AccountID: p.AccountID, ID: id, PaymentID: p.ID, Ordinal: c.Ordinal, UnitID: p.UnitID, SetID: s.id, FileID: s.file.ID,
		ByteOffset: c.Pos.Offset, Position: c.Pos.Segment, Usage: s.usage(), PaymentDate: p.PaymentDate, PayerID: p.PayerID,
		PayeeIdentifier: p.PayeeIdentifier, PatientControlNumber: c.PatientControlNumber, StatusCode: c.Status,
		Charge: c.Charge, Paid: c.Paid, PatientResponsibility: number(c.PatientResponsibility), FilingIndicator: c.FilingIndicator,
		PayerClaimControlNumber: c.PayerControlNumber, FacilityCode: c.FacilityType, FrequencyCode: c.Frequency,
		DRGCode: c.DRG, DRGWeight: number(c.DRGWeight), DischargeFraction: number(c.DischargeFraction),
		PatientLastName: c.Patient.Last, PatientFirstName: c.Patient.First, PatientMemberID: c.Patient.ID,
		InsuredLastName: c.Insured.Last, InsuredFirstName: c.Insured.First, InsuredMemberID: c.Insured.ID,
		RenderingName: l.rendering, RenderingNPI: npiOf(&c.Rendering), StatementFrom: from, StatementTo: to, PayerReceived: received,
		RemarkCodes: l.texts, Adjustments: total(&adjusted), Difference: balance, Balanced: balance.IsZero(),
		Lines: len(c.Lines), DeniedLines: denied, Reversal: c.Status.Is("22"), Extra: l.claimExtra(c),
	}
}

func (l *remittanceLoader) claimExtra(c *remittance.Claim) []byte {
	x := &l.extra
	x.reset()
	for _, n := range []struct {
		name string
		who  *parts.Name
	}{
		{"corrected", &c.Corrected}, {"crossover_carrier", &c.Crossover}, {"priority_payer", &c.PriorityPayer}, {"other_subscriber", &c.OtherSubscriber},
	} {
		x.person(n.name, n.who)
	}
	x.references(c.References)
	x.amounts(c.Amounts)
	x.quantities(c.Quantities)
	x.contacts(c.Contacts)
	if expires, _ := date(c.Dates, "036"); !expires.IsZero() {
		x.date("coverage_expires", expires)
	}
	return x.bytes()
}

// lines writes the service lines of a claim and returns how many of them were denied.
func (l *remittanceLoader) lines(c *remittance.Claim, claim int64) (denied int, err error) {
	for i := range c.Lines {
		line := &c.Lines[i]
		l.lineRow(line, claim, i+1)
		if l.line.Denied {
			denied++
		}
		if err := l.set.rows.ServiceLine(l.set.ctx, &l.line); err != nil {
			return 0, err
		}
		if err := l.adjustments(claim, i+1, line.Adjustments); err != nil {
			return 0, err
		}
	}
	return denied, nil
}

func (l *remittanceLoader) lineRow(line *remittance.Line, claim int64, no int) {
	from, to := period(line.Dates, "472")
	if begin, _ := date(line.Dates, "150"); !begin.IsZero() {
		from, to = begin, begin
		if end, _ := date(line.Dates, "151"); !end.IsZero() {
			to = end
		}
	}
	l.codes = l.codes[:0]
	for i := range line.Remarks {
		l.codes = append(l.codes, line.Remarks[i].Code)
	}
	l.texts = modifiers(l.texts, &line.Procedure)
	l.line = storage.ServiceLineRow{
		AccountID: l.unit.account, ClaimID: claim, LineNo: no, ByteOffset: line.Pos.Offset, Position: line.Pos.Segment,
		ProcedureQualifier: line.Procedure.Qualifier, ProcedureCode: line.Procedure.Code, Modifiers: l.texts,
		Charge: storage.Some(line.Charge), Paid: storage.Some(line.Paid), RevenueCode: line.Revenue, UnitsPaid: number(line.Units),
		SubmittedCode: line.Original.Code, UnitsCharged: number(line.OriginalUnit), ServiceFrom: from, ServiceTo: to,
		Allowed: amount(line.Amounts, "B6"), LineControlNumber: reference(line.References, "6R"), RenderingNPI: reference(line.References, "HPI"),
		RemarkCodes: l.codes, Difference: line.Balance(), Denied: isDenied(line.Charge, line.Paid, line.Adjustments),
		Extra: l.lineExtra(line),
	}
}

func (l *remittanceLoader) lineExtra(line *remittance.Line) []byte {
	x := &l.extra
	x.reset()
	if len(line.References) > 1 || len(line.References) == 1 && !line.References[0].Qualifier.Is("6R") {
		x.references(line.References)
	}
	if len(line.Amounts) > 1 || len(line.Amounts) == 1 && !line.Amounts[0].Qualifier.Is("B6") {
		x.amounts(line.Amounts)
	}
	x.quantities(line.Quantities)
	x.text("description", line.Procedure.Description)
	return x.bytes()
}

// amount returns the first amount with the qualifier.
func amount(amounts []parts.Amount, qualifier string) storage.NullDecimal {
	for i := range amounts {
		if amounts[i].Qualifier.Is(qualifier) {
			return storage.Some(amounts[i].Value)
		}
	}
	return storage.NullDecimal{}
}

func (l *remittanceLoader) adjustments(claim int64, line int, list []remittance.Adjustment) error {
	for i := range list {
		a := &list[i]
		err := l.set.rows.Adjustment(l.set.ctx, &storage.AdjustmentRow{
			AccountID: l.unit.account, ClaimID: claim, LineNo: line, AdjNo: i + 1, ByteOffset: a.Position.Offset, Position: a.Position.Segment,
			GroupCode: a.Group, ReasonCode: a.Reason, Amount: a.Amount, Quantity: number(a.Quantity),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// isDenied tells whether something was charged, nothing paid, and the reasons are not only what is always written off or
// the patient's (EXCHANGE 8): CO 45, PR 1, 2, 3, OA 23.
func isDenied(charge, paid edi.Decimal, adjustments []remittance.Adjustment) bool {
	if charge.Sign() <= 0 || !paid.IsZero() {
		return false
	}
	for i := range adjustments {
		a := &adjustments[i]
		switch {
		case a.Group.Is("CO") && a.Reason.Is("45"):
		case a.Group.Is("PR") && (a.Reason.Is("1") || a.Reason.Is("2") || a.Reason.Is("3")):
		case a.Group.Is("OA") && a.Reason.Is("23"):
		default:
			return true
		}
	}
	return false
}
