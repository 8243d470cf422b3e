package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// A PaymentRow is one BPR and TRN of an 835, with its sums. Zero values of nullable columns become NULL.
type PaymentRow struct {
	AccountID             AccountID   `db:"account_id"`
	ID                    int64       `db:"id"`
	OperatorID            OperatorID  `db:"operator_id"`
	UnitID                int64       `db:"unit_id"`
	SetID                 int64       `db:"set_id"`
	FileID                FileID      `db:"file_id"`
	ByteOffset            int64       `db:"byte_offset"` // of BPR
	Position              int         `db:"position"`
	Usage                 string      `db:"usage"`
	ReceivedAt            time.Time   `db:"received_at"`
	KeyHash               []byte      `db:"key_hash"`            // the payment's identity
	HandlingCode          edi.Text    `db:"handling_code"`       // BPR01; in this table NULL means "not sent" unless said otherwise
	Amount                edi.Decimal `db:"amount"`              // BPR02
	CreditDebit           edi.Text    `db:"credit_debit"`        // BPR03
	Method                edi.Text    `db:"method"`              // BPR04
	Format                edi.Text    `db:"format"`              // BPR05
	PaymentDate           edi.Date    `db:"payment_date"`        // BPR16; NULL also: not a date
	TraceNumber           edi.Text    `db:"trace_number"`        // TRN02
	PayerTraceID          edi.Text    `db:"payer_trace_id"`      // TRN03
	PayerSupplement       edi.Text    `db:"payer_supplement"`    // TRN04
	ProductionDate        edi.Date    `db:"production_date"`     // DTM*405
	Currency              edi.Text    `db:"currency"`            // CUR02
	ReceiverIdentifier    edi.Text    `db:"receiver_identifier"` // REF*EV
	PayerID               PayerID     `db:"payer_id"`            // our payer; NULL: none of its ids is known
	PayerName             edi.Text    `db:"payer_name"`          // N1*PR
	PayerIdentifier       edi.Text    `db:"payer_identifier"`    // N1*PR N104
	PayeeName             edi.Text    `db:"payee_name"`          // N1*PE
	PayeeQualifier        edi.Text    `db:"payee_qualifier"`     // N1*PE N103
	PayeeIdentifier       edi.Text    `db:"payee_identifier"`    // N1*PE N104
	PayeeNPI              edi.Text    `db:"payee_npi"`           // N104 with XX
	PayeeTaxID            edi.Text    `db:"payee_tax_id"`        // N104 with FI, or REF*TJ
	Claims                int         `db:"claims"`
	Charge                edi.Decimal `db:"charge"`                 // ΣCLP03
	Paid                  edi.Decimal `db:"paid"`                   // ΣCLP04
	PatientResponsibility edi.Decimal `db:"patient_responsibility"` // ΣCLP05
	Adjustments           edi.Decimal `db:"adjustments"`            // Σ CAS of claims and lines
	ProviderAdjustments   edi.Decimal `db:"provider_adjustments"`   // Σ PLB
	Difference            edi.Decimal `db:"difference"`             // BPR02 − ΣCLP04 + ΣPLB
	Balanced              bool        `db:"balanced"`
	ClaimsUnbalanced      int         `db:"claims_unbalanced"`
	FirstClaimID          int64       `db:"first_claim_id"` // claims have ids first…last; NULL: no claims
	LastClaimID           int64       `db:"last_claim_id"`
	DuplicateOf           int64       `db:"duplicate_of"`   // the same payment, loaded first; NULL: this is the first
	DuplicateKind         string      `db:"duplicate_kind"` // NULL: not a duplicate
	Counted               bool        `db:"counted"`        // stands in totals, worklists and posting
	SplitOf               int64       `db:"split_of"`       // the payment this is a part of; NULL: whole
	Extra                 []byte      `db:"extra"`          // contacts, addresses, bank details, the rest; NULL: nothing
}

const copyPayment = `
COPY payment (
	account_id, id, operator_id, unit_id, set_id, file_id, byte_offset, position, usage, received_at,
	key_hash, handling_code, amount, credit_debit, method, format, payment_date, trace_number,
	payer_trace_id, payer_supplement, production_date, currency, receiver_identifier, payer_id,
	payer_name, payer_identifier, payee_name, payee_qualifier, payee_identifier, payee_npi,
	payee_tax_id, claims, charge, paid, patient_responsibility, adjustments, provider_adjustments,
	difference, balanced, claims_unbalanced, first_claim_id, last_claim_id, duplicate_of,
	duplicate_kind, counted, split_of, extra
) FROM STDIN`

// Payment adds a row. The row is the caller's again when it returns.
func (l *Loader) Payment(ctx context.Context, r *PaymentRow) error {
	b := l.begin(tablePayment)
	b.id(int64(r.AccountID))
	b.id(r.ID)
	b.id(int64(r.OperatorID))
	b.id(r.UnitID)
	b.id(r.SetID)
	b.id(int64(r.FileID))
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.str(r.Usage)
	b.instant(r.ReceivedAt)
	b.bytea(r.KeyHash)
	b.optText(r.HandlingCode)
	b.money(r.Amount, "amount")
	b.optText(r.CreditDebit)
	b.optText(r.Method)
	b.optText(r.Format)
	b.date(r.PaymentDate)
	b.text(r.TraceNumber)
	b.optText(r.PayerTraceID)
	b.optText(r.PayerSupplement)
	b.date(r.ProductionDate)
	b.optText(r.Currency)
	b.optText(r.ReceiverIdentifier)
	b.optID(int64(r.PayerID))
	b.optText(r.PayerName)
	b.optText(r.PayerIdentifier)
	b.optText(r.PayeeName)
	b.optText(r.PayeeQualifier)
	b.optText(r.PayeeIdentifier)
	b.optText(r.PayeeNPI)
	b.optText(r.PayeeTaxID)
	b.integer(r.Claims)
	b.money(r.Charge, "charge")
	b.money(r.Paid, "paid")
	b.money(r.PatientResponsibility, "patient_responsibility")
	b.money(r.Adjustments, "adjustments")
	b.money(r.ProviderAdjustments, "provider_adjustments")
	b.money(r.Difference, "difference")
	b.boolean(r.Balanced)
	b.integer(r.ClaimsUnbalanced)
	b.optID(r.FirstClaimID)
	b.optID(r.LastClaimID)
	b.optID(r.DuplicateOf)
	b.optStr(r.DuplicateKind)
	b.boolean(r.Counted)
	b.optID(r.SplitOf)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// A ClaimPaymentRow is one CLP. Zero values of nullable columns become NULL.
type ClaimPaymentRow struct {
	AccountID               AccountID   `db:"account_id"`
	ID                      int64       `db:"id"`
	PaymentID               int64       `db:"payment_id"`
	Ordinal                 int         `db:"ordinal"` // of CLP in the payment; with payment_id the claim payment's identity
	UnitID                  int64       `db:"unit_id"`
	SetID                   int64       `db:"set_id"`
	FileID                  FileID      `db:"file_id"`
	ByteOffset              int64       `db:"byte_offset"`
	Position                int         `db:"position"`
	Usage                   string      `db:"usage"`
	PaymentDate             edi.Date    `db:"payment_date"`               // of the payment; in this table NULL means "not sent" unless said otherwise
	PayerID                 PayerID     `db:"payer_id"`                   // of the payment
	PayeeIdentifier         edi.Text    `db:"payee_identifier"`           // of the payment
	PatientControlNumber    edi.Text    `db:"patient_control_number"`     // CLP01, '' and "0" never thread
	StatusCode              edi.Text    `db:"status_code"`                // CLP02
	Charge                  edi.Decimal `db:"charge"`                     // CLP03
	Paid                    edi.Decimal `db:"paid"`                       // CLP04
	PatientResponsibility   NullDecimal `db:"patient_responsibility"`     // CLP05
	FilingIndicator         edi.Text    `db:"filing_indicator"`           // CLP06
	PayerClaimControlNumber edi.Text    `db:"payer_claim_control_number"` // CLP07
	FacilityCode            edi.Text    `db:"facility_code"`              // CLP08
	FrequencyCode           edi.Text    `db:"frequency_code"`             // CLP09
	DRGCode                 edi.Text    `db:"drg_code"`                   // CLP11
	DRGWeight               NullDecimal `db:"drg_weight"`                 // CLP12
	DischargeFraction       NullDecimal `db:"discharge_fraction"`         // CLP13
	PatientLastName         edi.Text    `db:"patient_last_name"`          // NM1*QC
	PatientFirstName        edi.Text    `db:"patient_first_name"`
	PatientMemberID         edi.Text    `db:"patient_member_id"` // NM109
	InsuredLastName         edi.Text    `db:"insured_last_name"` // NM1*IL
	InsuredFirstName        edi.Text    `db:"insured_first_name"`
	InsuredMemberID         edi.Text    `db:"insured_member_id"`
	RenderingName           edi.Text    `db:"rendering_name"` // NM1*82
	RenderingNPI            edi.Text    `db:"rendering_npi"`
	StatementFrom           edi.Date    `db:"statement_from"` // DTM*232, 036 is in extra
	StatementTo             edi.Date    `db:"statement_to"`   // DTM*233
	PayerReceived           edi.Date    `db:"payer_received"` // DTM*050
	RemarkCodes             []edi.Text  `db:"remark_codes"`   // MIA, MOA
	Adjustments             edi.Decimal `db:"adjustments"`    // Σ CAS of the claim and its lines
	Difference              edi.Decimal `db:"difference"`     // charge − paid − adjustments
	Balanced                bool        `db:"balanced"`
	Lines                   int         `db:"lines"`
	DeniedLines             int         `db:"denied_lines"` // a denied claim without lines counts 1
	Reversal                bool        `db:"reversal"`     // CLP02 = 22
	Extra                   []byte      `db:"extra"`        // other names, references, amounts, quantities, contacts; NULL: nothing
}

const copyClaimPayment = `
COPY claim_payment (
	account_id, id, payment_id, ordinal, unit_id, set_id, file_id, byte_offset, position, usage,
	payment_date, payer_id, payee_identifier, patient_control_number, status_code, charge, paid,
	patient_responsibility, filing_indicator, payer_claim_control_number, facility_code,
	frequency_code, drg_code, drg_weight, discharge_fraction, patient_last_name, patient_first_name,
	patient_member_id, insured_last_name, insured_first_name, insured_member_id, rendering_name,
	rendering_npi, statement_from, statement_to, payer_received, remark_codes, adjustments, difference,
	balanced, lines, denied_lines, reversal, extra
) FROM STDIN`

// ClaimPayment adds a row. The row is the caller's again when it returns.
func (l *Loader) ClaimPayment(ctx context.Context, r *ClaimPaymentRow) error {
	b := l.begin(tableClaimPayment)
	b.id(int64(r.AccountID))
	b.id(r.ID)
	b.id(r.PaymentID)
	b.integer(r.Ordinal)
	b.id(r.UnitID)
	b.id(r.SetID)
	b.id(int64(r.FileID))
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.str(r.Usage)
	b.date(r.PaymentDate)
	b.optID(int64(r.PayerID))
	b.optText(r.PayeeIdentifier)
	b.text(r.PatientControlNumber)
	b.text(r.StatusCode)
	b.money(r.Charge, "charge")
	b.money(r.Paid, "paid")
	b.optMoney(r.PatientResponsibility)
	b.optText(r.FilingIndicator)
	b.optText(r.PayerClaimControlNumber)
	b.optText(r.FacilityCode)
	b.optText(r.FrequencyCode)
	b.optText(r.DRGCode)
	b.optQuantity(r.DRGWeight)
	b.optQuantity(r.DischargeFraction)
	b.optText(r.PatientLastName)
	b.optText(r.PatientFirstName)
	b.optText(r.PatientMemberID)
	b.optText(r.InsuredLastName)
	b.optText(r.InsuredFirstName)
	b.optText(r.InsuredMemberID)
	b.optText(r.RenderingName)
	b.optText(r.RenderingNPI)
	b.date(r.StatementFrom)
	b.date(r.StatementTo)
	b.date(r.PayerReceived)
	b.optTexts(r.RemarkCodes)
	b.money(r.Adjustments, "adjustments")
	b.money(r.Difference, "difference")
	b.boolean(r.Balanced)
	b.integer(r.Lines)
	b.integer(r.DeniedLines)
	b.boolean(r.Reversal)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// A ServiceLineRow is one SVC of an 835. Zero values of nullable columns become NULL.
type ServiceLineRow struct {
	AccountID          AccountID   `db:"account_id"`
	ClaimID            int64       `db:"claim_id"`
	LineNo             int         `db:"line_no"` // of SVC in the claim, from 1
	ByteOffset         int64       `db:"byte_offset"`
	Position           int         `db:"position"`
	ProcedureQualifier edi.Text    `db:"procedure_qualifier"` // SVC01-1; in this table NULL means "not sent"
	ProcedureCode      edi.Text    `db:"procedure_code"`      // SVC01-2
	Modifiers          []edi.Text  `db:"modifiers"`           // SVC01-3…6
	Charge             NullDecimal `db:"charge"`              // SVC02
	Paid               NullDecimal `db:"paid"`                // SVC03
	RevenueCode        edi.Text    `db:"revenue_code"`        // SVC04
	UnitsPaid          NullDecimal `db:"units_paid"`          // SVC05
	SubmittedCode      edi.Text    `db:"submitted_code"`      // SVC06-2
	UnitsCharged       NullDecimal `db:"units_charged"`       // SVC07
	ServiceFrom        edi.Date    `db:"service_from"`        // DTM*150 or 472
	ServiceTo          edi.Date    `db:"service_to"`          // DTM*151 or 472
	Allowed            NullDecimal `db:"allowed"`             // AMT*B6
	LineControlNumber  edi.Text    `db:"line_control_number"` // REF*6R
	RenderingNPI       edi.Text    `db:"rendering_npi"`       // REF*HPI
	RemarkCodes        []edi.Text  `db:"remark_codes"`        // LQ*HE
	Difference         edi.Decimal `db:"difference"`          // charge − paid − adjustments of the line
	Denied             bool        `db:"denied"`              // charged, nothing paid, and not only written off
	Extra              []byte      `db:"extra"`               // the rest; NULL: nothing
}

const copyServiceLine = `
COPY service_line (
	account_id, claim_id, line_no, byte_offset, position, procedure_qualifier, procedure_code,
	modifiers, charge, paid, revenue_code, units_paid, submitted_code, units_charged, service_from,
	service_to, allowed, line_control_number, rendering_npi, remark_codes, difference, denied, extra
) FROM STDIN`

// ServiceLine adds a row. The row is the caller's again when it returns.
func (l *Loader) ServiceLine(ctx context.Context, r *ServiceLineRow) error {
	b := l.begin(tableServiceLine)
	b.id(int64(r.AccountID))
	b.id(r.ClaimID)
	b.integer(r.LineNo)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.optText(r.ProcedureQualifier)
	b.optText(r.ProcedureCode)
	b.optTexts(r.Modifiers)
	b.optMoney(r.Charge)
	b.optMoney(r.Paid)
	b.optText(r.RevenueCode)
	b.optQuantity(r.UnitsPaid)
	b.optText(r.SubmittedCode)
	b.optQuantity(r.UnitsCharged)
	b.date(r.ServiceFrom)
	b.date(r.ServiceTo)
	b.optMoney(r.Allowed)
	b.optText(r.LineControlNumber)
	b.optText(r.RenderingNPI)
	b.optTexts(r.RemarkCodes)
	b.money(r.Difference, "difference")
	b.boolean(r.Denied)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// An AdjustmentRow is one reason of a CAS. Zero values of nullable columns become NULL.
type AdjustmentRow struct {
	AccountID  AccountID   `db:"account_id"`
	ClaimID    int64       `db:"claim_id"`
	LineNo     int         `db:"line_no"`     // 0: of the claim
	AdjNo      int         `db:"adj_no"`      // of the triple within claim or line
	ByteOffset int64       `db:"byte_offset"` // of CAS
	Position   int         `db:"position"`
	GroupCode  edi.Text    `db:"group_code"`  // CAS01
	ReasonCode edi.Text    `db:"reason_code"` // CAS02, 05 …
	Amount     edi.Decimal `db:"amount"`      // CAS03, 06 …
	Quantity   NullDecimal `db:"quantity"`    // CAS04, 07 …; NULL: not sent
}

const copyAdjustment = `
COPY adjustment (
	account_id, claim_id, line_no, adj_no, byte_offset, position, group_code, reason_code, amount,
	quantity
) FROM STDIN`

// Adjustment adds a row. The row is the caller's again when it returns.
func (l *Loader) Adjustment(ctx context.Context, r *AdjustmentRow) error {
	b := l.begin(tableAdjustment)
	b.id(int64(r.AccountID))
	b.id(r.ClaimID)
	b.integer(r.LineNo)
	b.integer(r.AdjNo)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.text(r.GroupCode)
	b.text(r.ReasonCode)
	b.money(r.Amount, "amount")
	b.optQuantity(r.Quantity)
	return l.end(ctx, b)
}

// A ProviderAdjustmentRow is one pair of a PLB. Zero values of nullable columns become NULL.
type ProviderAdjustmentRow struct {
	AccountID          AccountID   `db:"account_id"`
	PaymentID          int64       `db:"payment_id"`
	No                 int         `db:"no"`          // of the pair in the payment
	ByteOffset         int64       `db:"byte_offset"` // of PLB
	Position           int         `db:"position"`
	ProviderIdentifier edi.Text    `db:"provider_identifier"` // PLB01
	FiscalPeriod       edi.Date    `db:"fiscal_period"`       // PLB02; NULL: not a date
	ReasonCode         edi.Text    `db:"reason_code"`         // PLB03-1
	Reference          edi.Text    `db:"reference"`           // PLB03-2; NULL: not sent
	Amount             edi.Decimal `db:"amount"`              // PLB04
}

const copyProviderAdjustment = `
COPY provider_adjustment (
	account_id, payment_id, no, byte_offset, position, provider_identifier, fiscal_period, reason_code,
	reference, amount
) FROM STDIN`

// ProviderAdjustment adds a row. The row is the caller's again when it returns.
func (l *Loader) ProviderAdjustment(ctx context.Context, r *ProviderAdjustmentRow) error {
	b := l.begin(tableProviderAdjustment)
	b.id(int64(r.AccountID))
	b.id(r.PaymentID)
	b.integer(r.No)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.text(r.ProviderIdentifier)
	b.date(r.FiscalPeriod)
	b.text(r.ReasonCode)
	b.optText(r.Reference)
	b.money(r.Amount, "amount")
	return l.end(ctx, b)
}
