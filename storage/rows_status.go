package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// A ClaimStatusAnswerRow is what a 277 or 277CA says of one claim. Zero values of nullable columns become NULL.
type ClaimStatusAnswerRow struct {
	AccountID               AccountID   `db:"account_id"`
	ID                      int64       `db:"id"`
	OperatorID              OperatorID  `db:"operator_id"`
	UnitID                  int64       `db:"unit_id"`
	SetID                   int64       `db:"set_id"`
	FileID                  FileID      `db:"file_id"`
	ByteOffset              int64       `db:"byte_offset"` // of TRN
	Position                int         `db:"position"`
	Usage                   string      `db:"usage"`
	ReceivedAt              time.Time   `db:"received_at"`
	Kind                    string      `db:"kind"`
	HL                      edi.Text    `db:"hl"` // HL01, as sent
	Person                  string      `db:"person"`
	AnsweredOn              edi.Date    `db:"answered_on"`  // BHT04; in this table NULL means "not sent" unless said otherwise
	Reference               edi.Text    `db:"reference"`    // BHT03
	TraceNumber             edi.Text    `db:"trace_number"` // TRN02
	InquiryID               int64       `db:"inquiry_id"`   // the question it answers; NULL: none of ours, or not matched
	PayerID                 PayerID     `db:"payer_id"`     // our payer; NULL: none of its ids is known
	PayerName               edi.Text    `db:"payer_name"`
	PayerIdentifier         edi.Text    `db:"payer_identifier"`
	ProviderName            edi.Text    `db:"provider_name"`
	ProviderNPI             edi.Text    `db:"provider_npi"`
	LastName                edi.Text    `db:"last_name"`
	FirstName               edi.Text    `db:"first_name"`
	MemberID                edi.Text    `db:"member_id"`
	BirthDate               edi.Date    `db:"birth_date"`
	PatientControlNumber    edi.Text    `db:"patient_control_number"`     // REF*EJ; in a 277CA TRN02
	PayerClaimControlNumber edi.Text    `db:"payer_claim_control_number"` // REF*1K
	ClearinghouseTrace      edi.Text    `db:"clearinghouse_trace"`        // REF*D9
	BillType                edi.Text    `db:"bill_type"`                  // REF*BLT
	ServiceFrom             edi.Date    `db:"service_from"`               // DTP*472
	ServiceTo               edi.Date    `db:"service_to"`
	CategoryCode            edi.Text    `db:"category_code"`  // STC01-1 of the first STC: the headline
	StatusCode              edi.Text    `db:"status_code"`    // STC01-2
	EntityCode              edi.Text    `db:"entity_code"`    // STC01-3
	StatusDate              edi.Date    `db:"status_date"`    // STC02
	ActionCode              edi.Text    `db:"action_code"`    // STC03 (277CA: WQ or U)
	Charge                  NullDecimal `db:"charge"`         // STC04
	Paid                    NullDecimal `db:"paid"`           // STC05
	AdjudicatedOn           edi.Date    `db:"adjudicated_on"` // STC06
	PaymentMethod           edi.Text    `db:"payment_method"` // STC07
	PaymentDate             edi.Date    `db:"payment_date"`   // STC08
	PaymentNumber           edi.Text    `db:"payment_number"` // STC09
	Lines                   int         `db:"lines"`
	Statuses                int         `db:"statuses"` // STC of the claim and its lines
	Extra                   []byte      `db:"extra"`    // other references, addresses; NULL: nothing
}

const copyClaimStatusAnswer = `
COPY claim_status_answer (
	account_id, id, operator_id, unit_id, set_id, file_id, byte_offset, position, usage, received_at,
	kind, hl, person, answered_on, reference, trace_number, inquiry_id, payer_id, payer_name,
	payer_identifier, provider_name, provider_npi, last_name, first_name, member_id, birth_date,
	patient_control_number, payer_claim_control_number, clearinghouse_trace, bill_type, service_from,
	service_to, category_code, status_code, entity_code, status_date, action_code, charge, paid,
	adjudicated_on, payment_method, payment_date, payment_number, lines, statuses, extra
) FROM STDIN`

// ClaimStatusAnswer adds a row. The row is the caller's again when it returns.
func (l *Loader) ClaimStatusAnswer(ctx context.Context, r *ClaimStatusAnswerRow) error {
	b := l.begin(tableClaimStatusAnswer)
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
	b.str(r.Kind)
	b.text(r.HL)
	b.str(r.Person)
	b.date(r.AnsweredOn)
	b.optText(r.Reference)
	b.optText(r.TraceNumber)
	b.optID(r.InquiryID)
	b.optID(int64(r.PayerID))
	b.optText(r.PayerName)
	b.optText(r.PayerIdentifier)
	b.optText(r.ProviderName)
	b.optText(r.ProviderNPI)
	b.optText(r.LastName)
	b.optText(r.FirstName)
	b.optText(r.MemberID)
	b.date(r.BirthDate)
	b.optText(r.PatientControlNumber)
	b.optText(r.PayerClaimControlNumber)
	b.optText(r.ClearinghouseTrace)
	b.optText(r.BillType)
	b.date(r.ServiceFrom)
	b.date(r.ServiceTo)
	b.optText(r.CategoryCode)
	b.optText(r.StatusCode)
	b.optText(r.EntityCode)
	b.date(r.StatusDate)
	b.optText(r.ActionCode)
	b.optMoney(r.Charge)
	b.optMoney(r.Paid)
	b.date(r.AdjudicatedOn)
	b.optText(r.PaymentMethod)
	b.date(r.PaymentDate)
	b.optText(r.PaymentNumber)
	b.integer(r.Lines)
	b.integer(r.Statuses)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// A ClaimStatusRow is one STC. Zero values of nullable columns become NULL.
type ClaimStatusRow struct {
	AccountID     AccountID   `db:"account_id"`
	UnitID        int64       `db:"unit_id"`
	StatusNo      int         `db:"status_no"` // of STC in the unit
	Level         string      `db:"level"`
	AnswerID      int64       `db:"answer_id"` // NULL: above claims
	LineNo        int         `db:"line_no"`   // 0: not of a line
	SetID         int64       `db:"set_id"`
	FileID        FileID      `db:"file_id"`
	ByteOffset    int64       `db:"byte_offset"`
	Position      int         `db:"position"`
	Usage         string      `db:"usage"`
	CategoryCode  edi.Text    `db:"category_code"`   // STC01-1
	StatusCode    edi.Text    `db:"status_code"`     // STC01-2
	EntityCode    edi.Text    `db:"entity_code"`     // STC01-3; in this table NULL means "not sent"
	StatusDate    edi.Date    `db:"status_date"`     // STC02
	ActionCode    edi.Text    `db:"action_code"`     // STC03
	Charge        NullDecimal `db:"charge"`          // STC04
	Paid          NullDecimal `db:"paid"`            // STC05
	AdjudicatedOn edi.Date    `db:"adjudicated_on"`  // STC06
	PaymentMethod edi.Text    `db:"payment_method"`  // STC07
	PaymentDate   edi.Date    `db:"payment_date"`    // STC08
	PaymentNumber edi.Text    `db:"payment_number"`  // STC09
	CategoryCode2 edi.Text    `db:"category_code_2"` // STC10
	StatusCode2   edi.Text    `db:"status_code_2"`
	EntityCode2   edi.Text    `db:"entity_code_2"`
	CategoryCode3 edi.Text    `db:"category_code_3"` // STC11
	StatusCode3   edi.Text    `db:"status_code_3"`
	EntityCode3   edi.Text    `db:"entity_code_3"`
	Message       edi.Text    `db:"message"` // STC12
}

const copyClaimStatus = `
COPY claim_status (
	account_id, unit_id, status_no, level, answer_id, line_no, set_id, file_id, byte_offset, position,
	usage, category_code, status_code, entity_code, status_date, action_code, charge, paid,
	adjudicated_on, payment_method, payment_date, payment_number, category_code_2, status_code_2,
	entity_code_2, category_code_3, status_code_3, entity_code_3, message
) FROM STDIN`

// ClaimStatus adds a row. The row is the caller's again when it returns.
func (l *Loader) ClaimStatus(ctx context.Context, r *ClaimStatusRow) error {
	b := l.begin(tableClaimStatus)
	b.id(int64(r.AccountID))
	b.id(r.UnitID)
	b.integer(r.StatusNo)
	b.str(r.Level)
	b.optID(r.AnswerID)
	b.integer(r.LineNo)
	b.id(r.SetID)
	b.id(int64(r.FileID))
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.str(r.Usage)
	b.text(r.CategoryCode)
	b.text(r.StatusCode)
	b.optText(r.EntityCode)
	b.date(r.StatusDate)
	b.optText(r.ActionCode)
	b.optMoney(r.Charge)
	b.optMoney(r.Paid)
	b.date(r.AdjudicatedOn)
	b.optText(r.PaymentMethod)
	b.date(r.PaymentDate)
	b.optText(r.PaymentNumber)
	b.optText(r.CategoryCode2)
	b.optText(r.StatusCode2)
	b.optText(r.EntityCode2)
	b.optText(r.CategoryCode3)
	b.optText(r.StatusCode3)
	b.optText(r.EntityCode3)
	b.optText(r.Message)
	return l.end(ctx, b)
}

// A ClaimStatusLineRow is one SVC of a 277. Zero values of nullable columns become NULL.
type ClaimStatusLineRow struct {
	AccountID          AccountID   `db:"account_id"`
	AnswerID           int64       `db:"answer_id"`
	LineNo             int         `db:"line_no"` // of SVC in the claim, from 1
	ByteOffset         int64       `db:"byte_offset"`
	Position           int         `db:"position"`
	ProcedureQualifier edi.Text    `db:"procedure_qualifier"` // SVC01-1; in this table NULL means "not sent"
	ProcedureCode      edi.Text    `db:"procedure_code"`      // SVC01-2
	Modifiers          []edi.Text  `db:"modifiers"`           // SVC01-3…6
	Charge             NullDecimal `db:"charge"`              // SVC02
	Paid               NullDecimal `db:"paid"`                // SVC03
	RevenueCode        edi.Text    `db:"revenue_code"`        // SVC04
	Units              NullDecimal `db:"units"`               // SVC07
	ServiceFrom        edi.Date    `db:"service_from"`        // DTP*472
	ServiceTo          edi.Date    `db:"service_to"`
	LineControlNumber  edi.Text    `db:"line_control_number"` // REF*FJ
	Extra              []byte      `db:"extra"`               // the rest; NULL: nothing
}

const copyClaimStatusLine = `
COPY claim_status_line (
	account_id, answer_id, line_no, byte_offset, position, procedure_qualifier, procedure_code,
	modifiers, charge, paid, revenue_code, units, service_from, service_to, line_control_number, extra
) FROM STDIN`

// ClaimStatusLine adds a row. The row is the caller's again when it returns.
func (l *Loader) ClaimStatusLine(ctx context.Context, r *ClaimStatusLineRow) error {
	b := l.begin(tableClaimStatusLine)
	b.id(int64(r.AccountID))
	b.id(r.AnswerID)
	b.integer(r.LineNo)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.optText(r.ProcedureQualifier)
	b.optText(r.ProcedureCode)
	b.optTexts(r.Modifiers)
	b.optMoney(r.Charge)
	b.optMoney(r.Paid)
	b.optText(r.RevenueCode)
	b.optQuantity(r.Units)
	b.date(r.ServiceFrom)
	b.date(r.ServiceTo)
	b.optText(r.LineControlNumber)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}
