package remittance

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// A Payment is what stands before the first claim: the money, who pays it and who is paid. It is not lent.
type Payment struct {
	parts.Entity
	ControlNumber  edi.Text    // ST02
	Handling       edi.Text    // BPR01: I remittance only, H no payment
	Amount         edi.Decimal // BPR02
	CreditDebit    edi.Text    // BPR03
	Method         edi.Text    // BPR04: ACH, CHK, NON, FWT, BOP
	Format         edi.Text    // BPR05: CCP, CTX
	Sender         Bank        // BPR06 to BPR09
	Originator     edi.Text    // BPR10
	Supplemental   edi.Text    // BPR11
	Receiver       Bank        // BPR12 to BPR15
	Date           edi.Date    // BPR16: effective date of the transfer or issue date of the check
	Trace          parts.Trace // TRN; TRN02 is the check or transfer number, TRN03 the payer
	CurrencyEntity edi.Text    // CUR01
	Currency       edi.Text    // CUR02; "" is US dollars
	ReceiverID     edi.Text    // REF02 of REF*EV
	Version        edi.Text    // REF02 of REF*F2
	References     []parts.Reference
	Dates          []parts.Date // DTM; 405 is the production date
	Payer          parts.Party  // 1000A
	Payee          parts.Party  // 1000B
	Delivery       Delivery     // 1000B RDM
}

// A Bank is one end of a transfer.
type Bank struct {
	IDQualifier      edi.Text // BPR06, BPR12
	ID               edi.Text // BPR07, BPR13
	AccountQualifier edi.Text // BPR08, BPR14
	Account          edi.Text // BPR09, BPR15
}

// A Delivery is RDM: how the remittance is delivered.
type Delivery struct {
	Method edi.Text // RDM01
	Name   edi.Text // RDM02
	Number edi.Text // RDM03
}

// A Summary opens a group of claims: LX with the provider's totals, TS3 and TS2.
type Summary struct {
	parts.Entity
	Number   edi.Text            // LX01
	Provider ProviderSummary     // TS3
	Medicare SupplementalSummary // TS2
}

// A ProviderSummary is TS3. Amounts are in dollars.
type ProviderSummary struct {
	Provider              edi.Text     // TS301
	FacilityType          edi.Text     // TS302
	FiscalPeriodEnd       edi.Date     // TS303
	Claims                parts.Number // TS304
	Charge                parts.Number // TS305
	MSPPayer              parts.Number // TS313
	NonLabCharge          parts.Number // TS315
	HCPCSReportable       parts.Number // TS317
	HCPCSPayable          parts.Number // TS318
	ProfessionalComponent parts.Number // TS320
	MSPPatientLiability   parts.Number // TS321
	PatientReimbursement  parts.Number // TS322
	PIPClaims             parts.Number // TS323
	PIPAdjustment         parts.Number // TS324
	Pos                   edi.Position // of the TS3
}

// A SupplementalSummary is TS2, for Medicare Part A. Amounts are in dollars.
type SupplementalSummary struct {
	DRG                   parts.Number // TS201
	FederalSpecific       parts.Number // TS202
	HospitalSpecific      parts.Number // TS203
	DisproportionateShare parts.Number // TS204
	Capital               parts.Number // TS205
	IndirectEducation     parts.Number // TS206
	OutlierDays           parts.Number // TS207
	DayOutlier            parts.Number // TS208
	CostOutlier           parts.Number // TS209
	AverageLengthOfStay   parts.Number // TS210
	Discharges            parts.Number // TS211
	CostReportDays        parts.Number // TS212
	CoveredDays           parts.Number // TS213
	NoncoveredDays        parts.Number // TS214
	MSPPassThrough        parts.Number // TS215
	AverageDRGWeight      parts.Number // TS216
	PPSCapitalFederal     parts.Number // TS217
	PPSCapitalHospital    parts.Number // TS218
	PPSDisproportionate   parts.Number // TS219
	Pos                   edi.Position // of the TS2
}

// A ProviderAdjustment is one reason and amount of a PLB: money outside of claims. A positive amount lowers the payment.
// The amounts of one PLB share its Entity.
type ProviderAdjustment struct {
	parts.Entity
	Payment      *Payment
	Provider     edi.Text    // PLB01
	FiscalPeriod edi.Date    // PLB02
	Reason       edi.Text    // PLB03-1, 05-1 …
	Reference    edi.Text    // PLB03-2, 05-2 …: claim number, trace number
	Amount       edi.Decimal // PLB04, 06 …
	Element      int         // of the reason: 3, 5, 7, 9, 11 or 13
	Pair         int         // ordinal in its PLB, from 1
}
