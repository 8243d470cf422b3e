package tabular

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/remittance"
)

// Remittance has the money of 835s. Charges, payments and adjustments add up over its rows: the columns that begin with
// payment_ and claim_ are repeated in each row and do not.
var Remittance = define(Table{
	Name: "remittance", Title: "Remittance", Sets: []string{"835"},
	Grain: "a service line; a claim without lines, or what a claim has beyond its lines; a provider adjustment (PLB)",
}, remittanceColumns)

// Adjustments has the reasons why less, or more, was paid than charged.
var Adjustments = define(Table{
	Name: "adjustments", Title: "Adjustments", Sets: []string{"835"}, Extra: true,
	Grain: "one reason and amount of a CAS, of a claim or service line, or of a PLB",
}, adjustmentColumns)

// A remittanceRow is what a row of an 835 is made of.
type remittanceRow struct {
	kind       string
	payment    *remittance.Payment
	claim      *remittance.Claim
	line       *remittance.Line
	own        []remittance.Adjustment // of this row
	charge     edi.Sum                 // of a claim_adjustment: what the claim's has beyond those of its lines
	paid       edi.Sum
	provider   *remittance.ProviderAdjustment
	adjustment *remittance.Adjustment
}

type remittanceRows maker

// Payment does nothing: rows carry it.
func (m *remittanceRows) Payment(*remittance.Payment) error { return nil }

// Summary does nothing.
func (m *remittanceRows) Summary(*remittance.Summary) error { return nil }

// Claim writes the rows of a claim. Whatever its lines leave of its charge and payment has a row of its own, so that rows add up to claims
// also where a payer's lines do not.
func (m *remittanceRows) Claim(c *remittance.Claim) error {
	r := remittanceRow{payment: c.Payment, claim: c}
	r.beyondLines()
	if r.kind != "" {
		r.own = c.Adjustments
		if err := m.row(&r, c.Pos); err != nil {
			return err
		}
	}
	for i := range c.Lines {
		r.kind, r.line, r.own = "line", &c.Lines[i], c.Lines[i].Adjustments
		if err := m.row(&r, r.line.Pos); err != nil {
			return err
		}
	}
	return nil
}

// beyondLines sets what the row of the claim itself has; it has no kind if the lines say all.
func (r *remittanceRow) beyondLines() {
	r.charge.Add(r.claim.Charge)
	r.paid.Add(r.claim.Paid)
	for i := range r.claim.Lines {
		r.charge.Sub(r.claim.Lines[i].Charge)
		r.paid.Sub(r.claim.Lines[i].Paid)
	}
	switch {
	case len(r.claim.Lines) == 0:
		r.kind = "claim"
	case len(r.claim.Adjustments) > 0 || r.charge.Sign() != 0 || r.paid.Sign() != 0:
		r.kind = "claim_adjustment"
	}
}

// ProviderAdjustment writes the row of a pair of a PLB.
func (m *remittanceRows) ProviderAdjustment(a *remittance.ProviderAdjustment) error {
	r := remittanceRow{kind: "provider_adjustment", payment: a.Payment, provider: a}
	return m.row(&r, a.Pos)
}

func (m *remittanceRows) row(r *remittanceRow, at edi.Position) error {
	if err := add((*maker)(m), Remittance, remittanceColumns, at, r); err != nil {
		return err
	}
	if r.provider != nil {
		return add((*maker)(m), Adjustments, adjustmentColumns, at, r)
	}
	for i := range r.own {
		r.adjustment = &r.own[i]
		if err := add((*maker)(m), Adjustments, adjustmentColumns, r.adjustment.Position, r); err != nil {
			return err
		}
	}
	return nil
}

func (c *cells) remarks(list []remittance.Remark) {
	for i := range list {
		c.item(list[i].Code)
	}
}

func (r *remittanceRow) amount(group string) *edi.Sum {
	var s edi.Sum
	for i := range r.own {
		if r.own[i].Group.Is(group) {
			s.Add(r.own[i].Amount)
		}
	}
	return &s
}

// groupColumn is the sum of one adjustment group.
func groupColumn(name, group, doc string) column[remittanceRow] {
	return column[remittanceRow]{Column{name, Amount, doc}, func(r *remittanceRow, c *cells) {
		for i := range r.own {
			if r.own[i].Group.Is(group) {
				c.sum(r.amount(group))
				return
			}
		}
	}}
}

var paymentColumns = []column[remittanceRow]{
	{Column{"payer_name", Text, "payer: N102 of loop 1000A"}, func(r *remittanceRow, c *cells) { c.text(r.payment.Payer.Name.Last) }},
	{Column{"payer_id", Text, "payer's id in the payment: TRN03"}, func(r *remittanceRow, c *cells) { c.text(r.payment.Trace.Originator) }},
	{Column{"payee_name", Text, "payee: N102 of loop 1000B"}, func(r *remittanceRow, c *cells) { c.text(r.payment.Payee.Name.Last) }},
	{Column{"payee_id", Text, "payee's NPI or tax id: N104 of loop 1000B"}, func(r *remittanceRow, c *cells) { c.text(r.payment.Payee.Name.ID) }},
	{Column{"payment_number", Text, "check or transfer number: TRN02"}, func(r *remittanceRow, c *cells) { c.text(r.payment.Trace.Number) }},
	{Column{"payment_method", Text, "ACH, CHK, NON (none) …: BPR04"}, func(r *remittanceRow, c *cells) { c.text(r.payment.Method) }},
	{Column{"payment_date", Date, "BPR16"}, func(r *remittanceRow, c *cells) { c.date(r.payment.Date) }},
	{Column{"payment_amount", Amount, "of the whole payment, repeated in each row: BPR02"}, func(r *remittanceRow, c *cells) { c.decimal(r.payment.Amount) }},
}

// ofClaim is a column that provider adjustments leave empty.
func ofClaim(name string, kind Kind, doc string, cell func(*remittance.Claim, *cells)) column[remittanceRow] {
	return column[remittanceRow]{Column{name, kind, doc}, func(r *remittanceRow, c *cells) {
		if r.claim != nil {
			cell(r.claim, c)
		}
	}}
}

// ofLine is a column that only service lines fill.
func ofLine(name string, kind Kind, doc string, cell func(*remittance.Line, *cells)) column[remittanceRow] {
	return column[remittanceRow]{Column{name, kind, doc}, func(r *remittanceRow, c *cells) {
		if r.line != nil {
			cell(r.line, c)
		}
	}}
}

var claimColumns = []column[remittanceRow]{
	ofClaim("patient_control_number", Text, "CLP01", func(r *remittance.Claim, c *cells) { c.text(r.PatientControlNumber) }),
	ofClaim("payer_claim_control_number", Text, "CLP07", func(r *remittance.Claim, c *cells) { c.text(r.PayerControlNumber) }),
	ofClaim("claim_status", Text, "claim payment status: CLP02", func(r *remittance.Claim, c *cells) { c.text(r.Status) }),
	ofClaim("claim_status_meaning", Text, "what CLP02 means", func(r *remittance.Claim, c *cells) { c.meaning(codes.ClaimPaymentStatus, r.Status) }),
	ofClaim("claim_charge", Amount, "of the whole claim, repeated in each of its rows: CLP03", func(r *remittance.Claim, c *cells) { c.decimal(r.Charge) }),
	ofClaim("claim_paid", Amount, "of the whole claim, repeated: CLP04", func(r *remittance.Claim, c *cells) { c.decimal(r.Paid) }),
	ofClaim("claim_patient_responsibility", Amount, "of the whole claim, repeated: CLP05", func(r *remittance.Claim, c *cells) { c.number(r.PatientResponsibility) }),
	ofClaim("claim_filing_indicator", Text, "kind of coverage: CLP06", func(r *remittance.Claim, c *cells) { c.text(r.FilingIndicator) }),
	ofClaim("patient_name", Text, "last, first: NM1*QC", func(r *remittance.Claim, c *cells) { c.fullName(&r.Patient) }),
	ofClaim("member_id", Text, "NM109 of NM1*IL, else of NM1*QC", func(r *remittance.Claim, c *cells) {
		c.text(r.Insured.ID)
		if len(r.Insured.ID) == 0 {
			c.text(r.Patient.ID)
		}
	}),
	ofClaim("corrected_member_id", Text, "NM109 of NM1*74", func(r *remittance.Claim, c *cells) { c.text(r.Corrected.ID) }),
	ofClaim("rendering_id", Text, "rendering provider: NM109 of NM1*82", func(r *remittance.Claim, c *cells) { c.text(r.Rendering.ID) }),
	ofClaim("claim_from", Date, "first day of the statement: DTM*232", func(r *remittance.Claim, c *cells) { c.date(dated(r.Dates, "232").From) }),
	ofClaim("claim_to", Date, "last day of the statement: DTM*233", func(r *remittance.Claim, c *cells) { c.date(dated(r.Dates, "233").From) }),
	ofClaim("claim_remarks", List, "remark codes (RARC) of the whole claim, repeated: MIA and MOA", func(r *remittance.Claim, c *cells) { c.remarks(r.Remarks) }),
}

var lineColumns = []column[remittanceRow]{
	ofLine("line_number", Number, "ordinal of the service line in its claim", nil),
	ofLine("line_control_number", Text, "provider's number of the line: REF*6R", func(l *remittance.Line, c *cells) { c.text(reference(l.References, "6R")) }),
	ofLine("service_from", Date, "DTM*472, or 150", func(l *remittance.Line, c *cells) { c.date(dated(l.Dates, "472", "150").From) }),
	ofLine("service_to", Date, "DTM*472, or 151", func(l *remittance.Line, c *cells) { c.date(lastDay(dated(l.Dates, "472", "151"))) }),
	ofLine("procedure", Text, "SVC01-2", func(l *remittance.Line, c *cells) { c.text(l.Procedure.Code) }),
	ofLine("modifiers", List, "SVC01-3 to SVC01-6", func(l *remittance.Line, c *cells) { c.modifiers(&l.Procedure) }),
	ofLine("submitted_procedure", Text, "as billed, if the payer changed it: SVC06-2", func(l *remittance.Line, c *cells) { c.text(l.Original.Code) }),
	ofLine("revenue_code", Text, "SVC04", func(l *remittance.Line, c *cells) { c.text(l.Revenue) }),
	ofLine("units", Number, "units paid: SVC05; 1 if not sent", func(l *remittance.Line, c *cells) {
		if c.number(l.Units); !l.Units.Sent {
			c.count(1)
		}
	}),
	ofLine("allowed", Amount, "AMT*B6", func(l *remittance.Line, c *cells) { c.number(amountOf(l.Amounts, "B6")) }),
}

var moneyColumns = []column[remittanceRow]{
	{Column{"charge", Amount, "of the row: SVC02 of a line, CLP03 of a claim without lines; of a claim_adjustment CLP03 less the lines' SVC02"}, func(r *remittanceRow, c *cells) {
		switch {
		case r.kind == "line":
			c.decimal(r.line.Charge)
		case r.kind == "claim":
			c.decimal(r.claim.Charge)
		case r.kind == "claim_adjustment" && r.charge.Sign() != 0:
			c.sum(&r.charge)
		}
	}},
	{Column{"paid", Amount, "of the row: SVC03 of a line, CLP04 of a claim without lines; of a claim_adjustment CLP04 less the lines' SVC03"}, func(r *remittanceRow, c *cells) {
		switch {
		case r.kind == "line":
			c.decimal(r.line.Paid)
		case r.kind == "claim":
			c.decimal(r.claim.Paid)
		case r.kind == "claim_adjustment" && r.paid.Sign() != 0:
			c.sum(&r.paid)
		}
	}},
	groupColumn("contractual", "CO", "adjustments of group CO of the row"),
	groupColumn("patient_responsibility", "PR", "adjustments of group PR of the row: deductible, coinsurance, copay …"),
	groupColumn("other_adjustments", "OA", "adjustments of group OA of the row"),
	groupColumn("payer_initiated", "PI", "adjustments of group PI of the row"),
	{Column{"adjustments", List, "each adjustment of the row: group, reason (CARC) and amount, as CO-45 39.40"}, func(r *remittanceRow, c *cells) {
		for i := range r.own {
			a := &r.own[i]
			c.itemOf(func(b []byte) []byte {
				b = append(append(append(append(b, a.Group...), '-'), a.Reason...), ' ')
				return a.Amount.Append(b)
			})
		}
	}},
	{Column{"remarks", List, "remark codes (RARC) of the line: LQ"}, func(r *remittanceRow, c *cells) {
		if r.line != nil {
			c.remarks(r.line.Remarks)
		}
	}},
}

// ofProvider is a column that only provider adjustments fill.
func ofProvider(name string, kind Kind, doc string, cell func(*remittance.ProviderAdjustment, *cells)) column[remittanceRow] {
	return column[remittanceRow]{Column{name, kind, doc}, func(r *remittanceRow, c *cells) {
		if r.provider != nil {
			cell(r.provider, c)
		}
	}}
}

var providerColumns = []column[remittanceRow]{
	ofProvider("provider_adjustment_reason", Text, "PLB03-1", func(a *remittance.ProviderAdjustment, c *cells) { c.text(a.Reason) }),
	ofProvider("provider_adjustment_meaning", Text, "what the reason means", func(a *remittance.ProviderAdjustment, c *cells) { c.meaning(codes.PLBReason, a.Reason) }),
	ofProvider("provider_adjustment_reference", Text, "PLB03-2", func(a *remittance.ProviderAdjustment, c *cells) { c.text(a.Reference) }),
	ofProvider("provider_adjustment", Amount, "PLB04; a positive amount lowers the payment", func(a *remittance.ProviderAdjustment, c *cells) { c.decimal(a.Amount) }),
}

var remittanceColumns = func() []column[remittanceRow] {
	kind := []column[remittanceRow]{{Column{"row", Text, "line, claim, claim_adjustment or provider_adjustment"}, func(r *remittanceRow, c *cells) { c.str(r.kind) }}}
	return join(kind, paymentColumns, claimColumns, numbered(lineColumns), moneyColumns, providerColumns)
}()

// numbered fills the column of the ordinal, which the line itself does not know.
func numbered(columns []column[remittanceRow]) []column[remittanceRow] {
	columns[0].cell = func(r *remittanceRow, c *cells) {
		for i := range claimLines(r.claim) {
			if r.line == &r.claim.Lines[i] {
				c.count(i + 1)
			}
		}
	}
	return columns
}

func claimLines(c *remittance.Claim) []remittance.Line {
	if c == nil {
		return nil
	}
	return c.Lines
}

func join(lists ...[]column[remittanceRow]) []column[remittanceRow] {
	var all []column[remittanceRow]
	for _, l := range lists {
		all = append(all, l...)
	}
	return all
}

var adjustmentColumns = join(
	[]column[remittanceRow]{{Column{"row", Text, "line, claim, claim_adjustment or provider_adjustment: whose adjustment it is"}, func(r *remittanceRow, c *cells) { c.str(r.kind) }}},
	paymentColumns, claimColumns, numbered(lineColumns)[:9], []column[remittanceRow]{
		{Column{"group", Text, "CAS01; PLB for a provider adjustment"}, func(r *remittanceRow, c *cells) {
			if r.provider != nil {
				c.str("PLB")
			} else {
				c.text(r.adjustment.Group)
			}
		}},
		{Column{"reason", Text, "CARC: CAS02, 05 …; of a PLB its reason: PLB03-1"}, func(r *remittanceRow, c *cells) {
			if r.provider != nil {
				c.text(r.provider.Reason)
			} else {
				c.text(r.adjustment.Reason)
			}
		}},
		{Column{"reason_meaning", Text, "what the reason means"}, func(r *remittanceRow, c *cells) {
			if r.provider != nil {
				c.meaning(codes.PLBReason, r.provider.Reason)
			} else {
				c.meaning(codes.CARC, r.adjustment.Reason)
			}
		}},
		{Column{"category", Text, "kind of work that a CARC means: coding, eligibility, patient-responsibility …"}, func(r *remittanceRow, c *cells) {
			if r.adjustment == nil {
				return
			}
			if e, ok := codes.Lookup(codes.CARC, string(r.adjustment.Reason)); ok {
				c.str(e.Kind)
			}
		}},
		{Column{"amount", Amount, "CAS03, 06 …; PLB04, 06 …: a positive amount lowers the payment"}, func(r *remittanceRow, c *cells) {
			if r.provider != nil {
				c.decimal(r.provider.Amount)
			} else {
				c.decimal(r.adjustment.Amount)
			}
		}},
		{Column{"quantity", Number, "CAS04, 07 …"}, func(r *remittanceRow, c *cells) {
			if r.adjustment != nil {
				c.number(r.adjustment.Quantity)
			}
		}},
		{Column{"reference", Text, "PLB03-2"}, func(r *remittanceRow, c *cells) {
			if r.provider != nil {
				c.text(r.provider.Reference)
			}
		}},
	})
