package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// An InquiryRow is one question: a 270, 276 or 278 request. Zero values of nullable columns become NULL.
type InquiryRow struct {
	AccountID               AccountID   `db:"account_id"`
	ID                      int64       `db:"id"`
	OperatorID              OperatorID  `db:"operator_id"`
	Direction               string      `db:"direction"`
	Kind                    string      `db:"kind"`
	UnitID                  int64       `db:"unit_id"`     // in: where it stands; NULL: ours
	SetID                   int64       `db:"set_id"`      // in: where it stands; NULL: ours, links are kept elsewhere
	FileID                  FileID      `db:"file_id"`     // in: where it stands; NULL: ours
	ByteOffset              int64       `db:"byte_offset"` // NULL: ours
	Position                NullInt     `db:"position"`    // NULL: ours
	Usage                   string      `db:"usage"`
	CreatedAt               time.Time   `db:"created_at"`
	AskedOn                 edi.Date    `db:"asked_on"`         // BHT04; in this table NULL means "not given" unless said otherwise
	Reference               edi.Text    `db:"reference"`        // BHT03
	TraceNumber             edi.Text    `db:"trace_number"`     // TRN02
	TraceOriginator         edi.Text    `db:"trace_originator"` // TRN03
	PayerID                 PayerID     `db:"payer_id"`
	PayerIdentifier         edi.Text    `db:"payer_identifier"`
	PayerName               edi.Text    `db:"payer_name"`
	ProviderNPI             edi.Text    `db:"provider_npi"`
	ProviderName            edi.Text    `db:"provider_name"`
	Person                  string      `db:"person"`
	LastName                edi.Text    `db:"last_name"`
	FirstName               edi.Text    `db:"first_name"`
	MemberID                edi.Text    `db:"member_id"`
	BirthDate               edi.Date    `db:"birth_date"`
	ServiceTypes            []edi.Text  `db:"service_types"`              // 270: EQ01
	PatientControlNumber    edi.Text    `db:"patient_control_number"`     // 276: REF*EJ
	PayerClaimControlNumber edi.Text    `db:"payer_claim_control_number"` // 276: REF*1K
	ServiceFrom             edi.Date    `db:"service_from"`
	ServiceTo               edi.Date    `db:"service_to"`
	Charge                  NullDecimal `db:"charge"` // 276: AMT*T3
	State                   string      `db:"state"`
	Outcome                 string      `db:"outcome"`     // NULL: no answer yet
	SentAt                  time.Time   `db:"sent_at"`     // NULL: not sent, or received
	DueAt                   time.Time   `db:"due_at"`      // NULL: no clock runs
	AnsweredAt              time.Time   `db:"answered_at"` // NULL: no answer yet
	Extra                   []byte      `db:"extra"`       // NULL: nothing
}

const copyInquiry = `
COPY inquiry (
	account_id, id, operator_id, direction, kind, unit_id, set_id, file_id, byte_offset, position,
	usage, created_at, asked_on, reference, trace_number, trace_originator, payer_id, payer_identifier,
	payer_name, provider_npi, provider_name, person, last_name, first_name, member_id, birth_date,
	service_types, patient_control_number, payer_claim_control_number, service_from, service_to,
	charge, state, outcome, sent_at, due_at, answered_at, extra
) FROM STDIN`

// Inquiry adds a row. The row is the caller's again when it returns.
func (l *Loader) Inquiry(ctx context.Context, r *InquiryRow) error {
	b := l.begin(tableInquiry)
	b.id(int64(r.AccountID))
	b.id(r.ID)
	b.id(int64(r.OperatorID))
	b.str(r.Direction)
	b.str(r.Kind)
	b.optID(r.UnitID)
	b.optID(r.SetID)
	b.optID(int64(r.FileID))
	b.optID(r.ByteOffset)
	b.optInteger(r.Position)
	b.str(r.Usage)
	b.instant(r.CreatedAt)
	b.date(r.AskedOn)
	b.optText(r.Reference)
	b.optText(r.TraceNumber)
	b.optText(r.TraceOriginator)
	b.optID(int64(r.PayerID))
	b.optText(r.PayerIdentifier)
	b.optText(r.PayerName)
	b.optText(r.ProviderNPI)
	b.optText(r.ProviderName)
	b.str(r.Person)
	b.optText(r.LastName)
	b.optText(r.FirstName)
	b.optText(r.MemberID)
	b.date(r.BirthDate)
	b.optTexts(r.ServiceTypes)
	b.optText(r.PatientControlNumber)
	b.optText(r.PayerClaimControlNumber)
	b.date(r.ServiceFrom)
	b.date(r.ServiceTo)
	b.optMoney(r.Charge)
	b.str(r.State)
	b.optStr(r.Outcome)
	b.instant(r.SentAt)
	b.instant(r.DueAt)
	b.instant(r.AnsweredAt)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// A PersonMentionRow is one place where a person occurs, for search. Zero values of nullable columns become NULL.
type PersonMentionRow struct {
	AccountID AccountID `db:"account_id"`
	LastName  edi.Text  `db:"last_name"`  // '' if not sent
	FirstName edi.Text  `db:"first_name"` // '' if not sent
	Kind      string    `db:"kind"`
	RowID     int64     `db:"row_id"` // of the claim payment, answer, event, inquiry
	Role      string    `db:"role"`
	MemberID  edi.Text  `db:"member_id"`  // NULL: not sent
	BirthDate edi.Date  `db:"birth_date"` // NULL: not sent
	OnDate    edi.Date  `db:"on_date"`    // service or payment date, for the list; NULL: not sent
	Usage     string    `db:"usage"`
	UnitID    int64     `db:"unit_id"`
}

const copyPersonMention = `
COPY person_mention (
	account_id, last_name, first_name, kind, row_id, role, member_id, birth_date, on_date, usage,
	unit_id
) FROM STDIN`

// PersonMention adds a row. The row is the caller's again when it returns.
func (l *Loader) PersonMention(ctx context.Context, r *PersonMentionRow) error {
	b := l.begin(tablePersonMention)
	b.id(int64(r.AccountID))
	b.text(r.LastName)
	b.text(r.FirstName)
	b.str(r.Kind)
	b.id(r.RowID)
	b.str(r.Role)
	b.optText(r.MemberID)
	b.date(r.BirthDate)
	b.date(r.OnDate)
	b.str(r.Usage)
	b.id(r.UnitID)
	return l.end(ctx, b)
}
