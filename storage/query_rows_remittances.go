package storage

import (
	"time"

	"github.com/lib/pq"
)

// A Remittance is one payment of an 835 with its sums.
type Remittance struct {
	AccountID             AccountID  `db:"account_id" public:"acc"`
	ID                    int64      `db:"id" public:"pay"`
	OperatorID            OperatorID `db:"operator_id" json:"-"`
	UnitID                int64      `db:"unit_id" public:"unt"`
	SetID                 int64      `db:"set_id" public:"set"`
	FileID                FileID     `db:"file_id" public:"fil"`
	ByteOffset            int64      `db:"byte_offset"` // of BPR
	Position              int        `db:"position"`
	Usage                 string     `db:"usage"`
	ReceivedAt            time.Time  `db:"received_at"`
	HandlingCode          string     `db:"handling_code"`         // BPR01
	Amount                Money      `db:"amount"`                // BPR02
	CreditDebit           string     `db:"credit_debit"`          // BPR03
	Method                string     `db:"method"`                // BPR04
	Format                string     `db:"format"`                // BPR05
	PaymentDate           Day        `db:"payment_date"`          // BPR16
	TraceNumber           string     `db:"trace_number"`          // TRN02
	PayerTraceID          string     `db:"payer_trace_id"`        // TRN03
	PayerSupplement       string     `db:"payer_supplement"`      // TRN04
	ProductionDate        Day        `db:"production_date"`       // DTM*405
	Currency              string     `db:"currency"`              // CUR02
	ReceiverIdentifier    string     `db:"receiver_identifier"`   // REF*EV
	PayerID               PayerID    `db:"payer_id" public:"pyr"` // our payer; 0: none of its ids is known
	PayerName             string     `db:"payer_name"`            // N1*PR
	PayerIdentifier       string     `db:"payer_identifier"`      // N1*PR N104
	PayeeName             string     `db:"payee_name"`            // N1*PE
	PayeeQualifier        string     `db:"payee_qualifier"`       // N1*PE N103
	PayeeIdentifier       string     `db:"payee_identifier"`      // N1*PE N104
	PayeeNPI              string     `db:"payee_npi"`             // N104 with XX
	PayeeTaxID            string     `db:"payee_tax_id"`          // N104 with FI, or REF*TJ
	Claims                int        `db:"claims"`
	Charge                Money      `db:"charge"`                 // ΣCLP03
	Paid                  Money      `db:"paid"`                   // ΣCLP04
	PatientResponsibility Money      `db:"patient_responsibility"` // ΣCLP05
	Adjustments           Money      `db:"adjustments"`            // Σ CAS of claims and lines
	ProviderAdjustments   Money      `db:"provider_adjustments"`   // Σ PLB
	Difference            Money      `db:"difference"`             // BPR02 − ΣCLP04 + ΣPLB
	Balanced              bool       `db:"balanced"`
	ClaimsUnbalanced      int        `db:"claims_unbalanced"`
	DuplicateOf           int64      `db:"duplicate_of" public:"pay"`          // the same payment, loaded first; 0: this is the first
	DuplicateKind         string     `db:"duplicate_kind"`                     // "": not a duplicate
	Counted               bool       `db:"counted"`                            // stands in totals, worklists and posting
	SplitOf               int64      `db:"split_of" public:"pay"`              // the payment this is a part of; 0: whole
	Extra                 JSON       `db:"extra" mask:"account" only:"detail"` // contacts, addresses, bank details, the rest; "": nothing
	DecidedBy             UserID     `db:"decided_by" public:"usr"`            // who let a duplicate count, or not; 0: nobody yet
	DecidedAt             *time.Time `db:"decided_at"`
	AccountName           string     `db:"account_name" sql:"a.name"`
	FileName              string     `db:"file_name" sql:"f.name"`
	FirstClaimID          int64      `db:"first_claim_id" json:"-"` // claims have ids first…last; 0: no claims
	LastClaimID           int64      `db:"last_claim_id" json:"-"`
}

// A Claim is one claim payment (CLP) of a remittance.
type Claim struct {
	AccountID               AccountID      `db:"account_id" public:"acc"`
	ID                      int64          `db:"id" public:"clm"`
	PaymentID               int64          `db:"payment_id" public:"pay"`
	Ordinal                 int            `db:"ordinal"` // of CLP in the payment; with payment_id the claim payment's identity
	UnitID                  int64          `db:"unit_id" public:"unt"`
	SetID                   int64          `db:"set_id" public:"set"`
	FileID                  FileID         `db:"file_id" public:"fil"`
	ByteOffset              int64          `db:"byte_offset"`
	Position                int            `db:"position"`
	Usage                   string         `db:"usage"`
	PaymentDate             Day            `db:"payment_date"`                          // of the payment
	PayerID                 PayerID        `db:"payer_id" public:"pyr"`                 // of the payment
	PayeeIdentifier         string         `db:"payee_identifier"`                      // of the payment
	PatientControlNumber    string         `db:"patient_control_number" mask:"account"` // CLP01, '' and "0" never thread
	StatusCode              string         `db:"status_code"`                           // CLP02
	Charge                  Money          `db:"charge"`                                // CLP03
	Paid                    Money          `db:"paid"`                                  // CLP04
	PatientResponsibility   Money          `db:"patient_responsibility"`                // CLP05
	FilingIndicator         string         `db:"filing_indicator"`                      // CLP06
	PayerClaimControlNumber string         `db:"payer_claim_control_number"`            // CLP07
	FacilityCode            string         `db:"facility_code"`                         // CLP08
	FrequencyCode           string         `db:"frequency_code"`                        // CLP09
	DRGCode                 string         `db:"drg_code"`                              // CLP11
	DRGWeight               Quantity       `db:"drg_weight"`                            // CLP12
	DischargeFraction       Quantity       `db:"discharge_fraction"`                    // CLP13
	PatientLastName         string         `db:"patient_last_name" mask:"account"`      // NM1*QC
	PatientFirstName        string         `db:"patient_first_name" mask:"account"`
	PatientMemberID         string         `db:"patient_member_id" mask:"account"` // NM109
	InsuredLastName         string         `db:"insured_last_name" mask:"account"` // NM1*IL
	InsuredFirstName        string         `db:"insured_first_name" mask:"account"`
	InsuredMemberID         string         `db:"insured_member_id" mask:"account"`
	RenderingName           string         `db:"rendering_name"` // NM1*82
	RenderingNPI            string         `db:"rendering_npi"`
	StatementFrom           Day            `db:"statement_from"` // DTM*232, 036 is in extra
	StatementTo             Day            `db:"statement_to"`   // DTM*233
	PayerReceived           Day            `db:"payer_received"` // DTM*050
	RemarkCodes             pq.StringArray `db:"remark_codes"`   // MIA, MOA
	Adjustments             Money          `db:"adjustments"`    // Σ CAS of the claim and its lines
	Difference              Money          `db:"difference"`     // charge − paid − adjustments
	Balanced                bool           `db:"balanced"`
	Lines                   int            `db:"lines"`
	DeniedLines             int            `db:"denied_lines"`                       // a denied claim without lines counts 1
	Reversal                bool           `db:"reversal"`                           // CLP02 = 22
	Extra                   JSON           `db:"extra" mask:"account" only:"detail"` // other names, references, amounts, quantities, contacts; "": nothing
	ReversesClaimID         int64          `db:"reverses_claim_id" public:"clm"`     // the claim payment it undoes; 0: no reversal, or original not on file
	ReversedByClaimID       int64          `db:"reversed_by_claim_id" public:"clm"`  // 0: stands
	CorrectsClaimID         int64          `db:"corrects_claim_id" public:"clm"`     // the reversed claim payment it replaces; 0: none known
	AccountName             string         `db:"account_name" sql:"a.name"`
	TraceNumber             string         `db:"trace_number" sql:"p.trace_number"` // of its payment
	PayerName               string         `db:"payer_name" sql:"p.payer_name"`
	Counted                 bool           `db:"counted" sql:"p.counted"` // its payment stands in totals
	StatusText              string         `db:"-" json:"status_text"`    // CLP02 in words
}

// A ClaimLine is one service line (SVC).
type ClaimLine struct {
	LineNo             int               `db:"line_no"` // of SVC in the claim, from 1
	ByteOffset         int64             `db:"byte_offset"`
	Position           int               `db:"position"`
	ProcedureQualifier string            `db:"procedure_qualifier"`                // SVC01-1
	ProcedureCode      string            `db:"procedure_code"`                     // SVC01-2
	Modifiers          pq.StringArray    `db:"modifiers"`                          // SVC01-3…6
	Charge             Money             `db:"charge"`                             // SVC02
	Paid               Money             `db:"paid"`                               // SVC03
	RevenueCode        string            `db:"revenue_code"`                       // SVC04
	UnitsPaid          Quantity          `db:"units_paid"`                         // SVC05
	SubmittedCode      string            `db:"submitted_code"`                     // SVC06-2
	UnitsCharged       Quantity          `db:"units_charged"`                      // SVC07
	ServiceFrom        Day               `db:"service_from"`                       // DTM*150 or 472
	ServiceTo          Day               `db:"service_to"`                         // DTM*151 or 472
	Allowed            Money             `db:"allowed"`                            // AMT*B6
	LineControlNumber  string            `db:"line_control_number" mask:"account"` // REF*6R
	RenderingNPI       string            `db:"rendering_npi"`                      // REF*HPI
	RemarkCodes        pq.StringArray    `db:"remark_codes"`                       // LQ*HE
	Difference         Money             `db:"difference"`                         // charge − paid − adjustments of the line
	Denied             bool              `db:"denied"`                             // charged, nothing paid, and not only written off
	Extra              JSON              `db:"extra" mask:"account"`               // the rest; "": nothing
	Adjustments        []ClaimAdjustment `db:"-" json:"adjustments"`
	RemarkTexts        []string          `db:"-" json:"remark_texts"` // as RemarkCodes
}

// A ClaimAdjustment is one reason of a CAS.
type ClaimAdjustment struct {
	LineNo     int      `db:"line_no"`     // 0: of the claim
	AdjNo      int      `db:"adj_no"`      // of the triple within claim or line
	ByteOffset int64    `db:"byte_offset"` // of CAS
	Position   int      `db:"position"`
	GroupCode  string   `db:"group_code"`  // CAS01
	ReasonCode string   `db:"reason_code"` // CAS02, 05 …
	Amount     Money    `db:"amount"`      // CAS03, 06 …
	Quantity   Quantity `db:"quantity"`    // CAS04, 07 …; "": not sent
	GroupText  string   `db:"-" json:"group_text"`
	ReasonText string   `db:"-" json:"reason_text"`
}

// A ProviderAdjustmentItem is one pair of a PLB: money outside claims.
type ProviderAdjustmentItem struct {
	AccountID          AccountID `db:"account_id" public:"acc"`
	PaymentID          int64     `db:"payment_id" public:"pay"`
	No                 int       `db:"no"`          // of the pair in the payment
	ByteOffset         int64     `db:"byte_offset"` // of PLB
	Position           int       `db:"position"`
	ProviderIdentifier string    `db:"provider_identifier"`                              // PLB01
	FiscalPeriod       Day       `db:"fiscal_period"`                                    // PLB02; "": not a date
	ReasonCode         string    `db:"reason_code"`                                      // PLB03-1
	Reference          string    `db:"reference" mask:"account"`                         // PLB03-2; "": not sent
	Amount             Money     `db:"amount"`                                           // PLB04
	ClaimID            int64     `db:"claim_id" public:"clm"`                            // the claim payment the reference names; 0: not on file, or none
	OtherPaymentID     int64     `db:"other_payment_id" public:"pay"`                    // FB: the payment with its other half; 0: not on file, or not FB
	ClaimPaymentID     int64     `db:"claim_payment_id" sql:"c.payment_id" public:"pay"` // payment of the claim it names
	ReasonText         string    `db:"-" json:"reason_text"`
}
