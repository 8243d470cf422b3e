package remittance

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// A Claim is a claim payment: CLP and all that follows it up to the next one.
type Claim struct {
	parts.Entity
	Payment *Payment // not lent
	Summary *Summary // the group that the claim stands in; nil without LX
	Ordinal int      // in its transaction set, from 1

	PatientControlNumber  edi.Text     // CLP01: the provider's
	Status                edi.Text     // CLP02: claim payment status; 22 is a reversal
	Charge                edi.Decimal  // CLP03
	Paid                  edi.Decimal  // CLP04
	PatientResponsibility parts.Number // CLP05
	FilingIndicator       edi.Text     // CLP06
	PayerControlNumber    edi.Text     // CLP07: the payer claim control number
	FacilityType          edi.Text     // CLP08
	Frequency             edi.Text     // CLP09
	DRG                   edi.Text     // CLP11
	DRGWeight             parts.Number // CLP12
	DischargeFraction     parts.Number // CLP13

	Adjustments []Adjustment // CAS of the claim itself

	Patient         parts.Name // NM1*QC
	Insured         parts.Name // NM1*IL
	Corrected       parts.Name // NM1*74
	Rendering       parts.Name // NM1*82
	Crossover       parts.Name // NM1*TT
	PriorityPayer   parts.Name // NM1*PR
	OtherSubscriber parts.Name // NM1*GB

	Inpatient  Inpatient  // MIA
	Outpatient Outpatient // MOA
	Remarks    []Remark   // of MIA05, 20 to 23 and MOA03 to 07

	References []parts.Reference // REF
	Dates      []parts.Date      // DTM: 232 and 233 statement, 036 expiration, 050 received
	Contacts   []parts.Contact   // PER
	Amounts    []parts.Amount    // AMT: AU coverage, I interest …
	Quantities []parts.Quantity  // QTY
	Lines      []Line            // SVC
}

// A Line is a service line of a claim.
type Line struct {
	parts.Span
	Procedure    parts.Procedure // SVC01
	Charge       edi.Decimal     // SVC02
	Paid         edi.Decimal     // SVC03
	Revenue      edi.Text        // SVC04
	Units        parts.Number    // SVC05; 1 if not sent
	Original     parts.Procedure // SVC06: as submitted, if the payer changed it
	OriginalUnit parts.Number    // SVC07

	Adjustments []Adjustment      // CAS
	References  []parts.Reference // REF: 6R line item control number, 0K policy …
	Dates       []parts.Date      // DTM: 472 service, 150 and 151 period
	Amounts     []parts.Amount    // AMT: B6 allowed …
	Quantities  []parts.Quantity  // QTY
	Remarks     []Remark          // LQ

	first, end int // its segments among those of the claim
}

// An Adjustment is one reason of a CAS. A positive amount lowers the payment.
type Adjustment struct {
	Group    edi.Text     // CAS01: CO contractual, PR patient, OA other, PI payer initiated
	Reason   edi.Text     // CAS02, 05, 08, 11, 14, 17: CARC
	Amount   edi.Decimal  // CAS03, 06 …
	Quantity parts.Number // CAS04, 07 …
	Element  int          // of the reason: 2, 5, 8, 11, 14 or 17
	Position edi.Position // of the CAS
}

// A Remark is a remark code.
type Remark struct {
	List    edi.Text     // LQ01: HE RARC, RX pharmacy; "" of MIA and MOA, whose codes are RARCs
	Code    edi.Text     // LQ02, MIA05, MOA03 …
	Segment string       // LQ, MIA or MOA
	Element int          // of the code
	Pos     edi.Position // of the segment
}

// An Inpatient is MIA. Amounts are in dollars.
type Inpatient struct {
	CoveredDays            parts.Number // MIA01
	OperatingOutlier       parts.Number // MIA02
	PsychiatricDays        parts.Number // MIA03
	DRG                    parts.Number // MIA04
	DisproportionateShare  parts.Number // MIA06
	MSPPassThrough         parts.Number // MIA07
	PPSCapital             parts.Number // MIA08
	CapitalFederalPortion  parts.Number // MIA09
	CapitalHospitalPortion parts.Number // MIA10
	CapitalShare           parts.Number // MIA11
	OldCapital             parts.Number // MIA12
	CapitalEducation       parts.Number // MIA13
	OperatingHospital      parts.Number // MIA14
	CostReportDays         parts.Number // MIA15
	OperatingFederal       parts.Number // MIA16
	CapitalPPS             parts.Number // MIA17
	IndirectEducation      parts.Number // MIA18
	NonpayableProfessional parts.Number // MIA19
	CapitalException       parts.Number // MIA24
	Pos                    edi.Position // of the MIA
}

// An Outpatient is MOA. Amounts are in dollars.
type Outpatient struct {
	ReimbursementRate      parts.Number // MOA01
	HCPCSPayable           parts.Number // MOA02
	ESRDPayment            parts.Number // MOA08
	NonpayableProfessional parts.Number // MOA09
	Pos                    edi.Position // of the MOA
}

// reset makes the claim ready for the next one. The parts that most claims lack are large; they are cleared if they were filled.
func (c *Claim) reset() {
	for _, n := range [...]*parts.Name{&c.Patient, &c.Insured, &c.Corrected, &c.Rendering, &c.Crossover, &c.PriorityPayer, &c.OtherSubscriber} {
		if n.Pos.Segment != 0 || n.Pos.Offset != 0 {
			*n = parts.Name{}
		}
	}
	if c.Inpatient.Pos.Segment != 0 || c.Inpatient.Pos.Offset != 0 {
		c.Inpatient = Inpatient{}
	}
	if c.Outpatient.Pos.Segment != 0 || c.Outpatient.Pos.Offset != 0 {
		c.Outpatient = Outpatient{}
	}
	c.Entity, c.Payment, c.Summary, c.Ordinal = parts.Entity{}, nil, nil, 0
	c.PatientControlNumber, c.Status, c.FilingIndicator, c.PayerControlNumber = nil, nil, nil, nil
	c.FacilityType, c.Frequency, c.DRG = nil, nil, nil
	c.Charge, c.Paid, c.PatientResponsibility = edi.Decimal{}, edi.Decimal{}, parts.Number{}
	c.DRGWeight, c.DischargeFraction = parts.Number{}, parts.Number{}
	c.Adjustments, c.Remarks, c.References, c.Dates = nil, nil, nil, nil
	c.Contacts, c.Amounts, c.Quantities = nil, nil, nil
	c.Lines = c.Lines[:0]
}
