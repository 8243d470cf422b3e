package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// An AuthorizationEventRow is one patient event of a 278. Zero values of nullable columns become NULL.
type AuthorizationEventRow struct {
	AccountID               AccountID  `db:"account_id"`
	ID                      int64      `db:"id"`
	OperatorID              OperatorID `db:"operator_id"`
	UnitID                  int64      `db:"unit_id"`
	SetID                   int64      `db:"set_id"`
	FileID                  FileID     `db:"file_id"`
	ByteOffset              int64      `db:"byte_offset"` // of HL
	Position                int        `db:"position"`
	Usage                   string     `db:"usage"`
	ReceivedAt              time.Time  `db:"received_at"`
	Kind                    string     `db:"kind"`
	HL                      edi.Text   `db:"hl"` // HL01, as sent
	Person                  string     `db:"person"`
	AnsweredOn              edi.Date   `db:"answered_on"`      // BHT04; in this table NULL means "not sent" unless said otherwise
	Reference               edi.Text   `db:"reference"`        // BHT03
	TraceNumber             edi.Text   `db:"trace_number"`     // TRN02 of TRN*2, else of the first
	TraceOriginator         edi.Text   `db:"trace_originator"` // TRN03 of the same
	InquiryID               int64      `db:"inquiry_id"`       // the question it answers; NULL: none of ours, or not matched
	PayerID                 PayerID    `db:"payer_id"`         // our payer (UMO); NULL: none of its ids is known
	PayerName               edi.Text   `db:"payer_name"`       // 2010A
	PayerIdentifier         edi.Text   `db:"payer_identifier"`
	RequesterName           edi.Text   `db:"requester_name"` // 2010B
	RequesterNPI            edi.Text   `db:"requester_npi"`
	LastName                edi.Text   `db:"last_name"`
	FirstName               edi.Text   `db:"first_name"`
	MemberID                edi.Text   `db:"member_id"`
	BirthDate               edi.Date   `db:"birth_date"`
	Gender                  edi.Text   `db:"gender"`
	SubscriberLastName      edi.Text   `db:"subscriber_last_name"` // for a dependent: the subscriber's; NULL: the person is the subscriber
	SubscriberFirstName     edi.Text   `db:"subscriber_first_name"`
	SubscriberMemberID      edi.Text   `db:"subscriber_member_id"`
	RequestCategory         edi.Text   `db:"request_category"`   // UM01
	CertificationType       edi.Text   `db:"certification_type"` // UM02
	ServiceType             edi.Text   `db:"service_type"`       // UM03
	FacilityCode            edi.Text   `db:"facility_code"`      // UM04-1
	Urgency                 edi.Text   `db:"urgency"`            // UM06
	EventFrom               edi.Date   `db:"event_from"`         // DTP*AAH
	EventTo                 edi.Date   `db:"event_to"`
	AdmissionDate           edi.Date   `db:"admission_date"`           // DTP*435
	DischargeDate           edi.Date   `db:"discharge_date"`           // DTP*096
	DiagnosisCodes          []edi.Text `db:"diagnosis_codes"`          // HI
	CertificationNumber     edi.Text   `db:"certification_number"`     // HCR02, newest
	AdministrativeReference edi.Text   `db:"administrative_reference"` // REF*NT
	ActionCode              edi.Text   `db:"action_code"`              // HCR01 of the event; NULL: decided per service, or not at all
	Outcome                 string     `db:"outcome"`
	CertifiedFrom           edi.Date   `db:"certified_from"` // DTP*007
	CertifiedTo             edi.Date   `db:"certified_to"`
	ExpiresOn               edi.Date   `db:"expires_on"` // DTP*036
	Services                int        `db:"services"`
	Extra                   []byte     `db:"extra"` // providers, transport, home health, messages, attachments …; NULL: nothing
}

const copyAuthorizationEvent = `
COPY authorization_event (
	account_id, id, operator_id, unit_id, set_id, file_id, byte_offset, position, usage, received_at,
	kind, hl, person, answered_on, reference, trace_number, trace_originator, inquiry_id, payer_id,
	payer_name, payer_identifier, requester_name, requester_npi, last_name, first_name, member_id,
	birth_date, gender, subscriber_last_name, subscriber_first_name, subscriber_member_id,
	request_category, certification_type, service_type, facility_code, urgency, event_from, event_to,
	admission_date, discharge_date, diagnosis_codes, certification_number, administrative_reference,
	action_code, outcome, certified_from, certified_to, expires_on, services, extra
) FROM STDIN`

// AuthorizationEvent adds a row. The row is the caller's again when it returns.
func (l *Loader) AuthorizationEvent(ctx context.Context, r *AuthorizationEventRow) error {
	b := l.begin(tableAuthorizationEvent)
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
	b.optText(r.TraceOriginator)
	b.optID(r.InquiryID)
	b.optID(int64(r.PayerID))
	b.optText(r.PayerName)
	b.optText(r.PayerIdentifier)
	b.optText(r.RequesterName)
	b.optText(r.RequesterNPI)
	b.optText(r.LastName)
	b.optText(r.FirstName)
	b.optText(r.MemberID)
	b.date(r.BirthDate)
	b.optText(r.Gender)
	b.optText(r.SubscriberLastName)
	b.optText(r.SubscriberFirstName)
	b.optText(r.SubscriberMemberID)
	b.optText(r.RequestCategory)
	b.optText(r.CertificationType)
	b.optText(r.ServiceType)
	b.optText(r.FacilityCode)
	b.optText(r.Urgency)
	b.date(r.EventFrom)
	b.date(r.EventTo)
	b.date(r.AdmissionDate)
	b.date(r.DischargeDate)
	b.optTexts(r.DiagnosisCodes)
	b.optText(r.CertificationNumber)
	b.optText(r.AdministrativeReference)
	b.optText(r.ActionCode)
	b.str(r.Outcome)
	b.date(r.CertifiedFrom)
	b.date(r.CertifiedTo)
	b.date(r.ExpiresOn)
	b.integer(r.Services)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// An AuthorizationServiceRow is one service of an event. Zero values of nullable columns become NULL.
type AuthorizationServiceRow struct {
	AccountID           AccountID   `db:"account_id"`
	EventID             int64       `db:"event_id"`
	ServiceNo           int         `db:"service_no"` // of HL SS below the event, from 1
	ByteOffset          int64       `db:"byte_offset"`
	Position            int         `db:"position"`
	HL                  edi.Text    `db:"hl"`                  // HL01, as sent
	TraceNumber         edi.Text    `db:"trace_number"`        // TRN02; in this table NULL means "not sent"
	CertificationType   edi.Text    `db:"certification_type"`  // UM02
	ServiceType         edi.Text    `db:"service_type"`        // UM03
	ProcedureQualifier  edi.Text    `db:"procedure_qualifier"` // SV101-1, SV202-1, SV301-1
	ProcedureCode       edi.Text    `db:"procedure_code"`
	Modifiers           []edi.Text  `db:"modifiers"`
	RevenueCode         edi.Text    `db:"revenue_code"` // SV201
	Charge              NullDecimal `db:"charge"`       // SV102, SV203, SV302
	Unit                edi.Text    `db:"unit"`         // SV103, SV204
	Quantity            NullDecimal `db:"quantity"`     // SV104, SV205, SV306
	ServiceFrom         edi.Date    `db:"service_from"` // DTP*472
	ServiceTo           edi.Date    `db:"service_to"`
	ActionCode          edi.Text    `db:"action_code"`          // HCR01, newest
	CertificationNumber edi.Text    `db:"certification_number"` // HCR02, newest
	CertifiedFrom       edi.Date    `db:"certified_from"`       // DTP*007
	CertifiedTo         edi.Date    `db:"certified_to"`
	ExpiresOn           edi.Date    `db:"expires_on"` // DTP*036
	Extra               []byte      `db:"extra"`      // teeth, delivery pattern, providers, messages …; NULL: nothing
}

const copyAuthorizationService = `
COPY authorization_service (
	account_id, event_id, service_no, byte_offset, position, hl, trace_number, certification_type,
	service_type, procedure_qualifier, procedure_code, modifiers, revenue_code, charge, unit, quantity,
	service_from, service_to, action_code, certification_number, certified_from, certified_to,
	expires_on, extra
) FROM STDIN`

// AuthorizationService adds a row. The row is the caller's again when it returns.
func (l *Loader) AuthorizationService(ctx context.Context, r *AuthorizationServiceRow) error {
	b := l.begin(tableAuthorizationService)
	b.id(int64(r.AccountID))
	b.id(r.EventID)
	b.integer(r.ServiceNo)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.text(r.HL)
	b.optText(r.TraceNumber)
	b.optText(r.CertificationType)
	b.optText(r.ServiceType)
	b.optText(r.ProcedureQualifier)
	b.optText(r.ProcedureCode)
	b.optTexts(r.Modifiers)
	b.optText(r.RevenueCode)
	b.optMoney(r.Charge)
	b.optText(r.Unit)
	b.optQuantity(r.Quantity)
	b.date(r.ServiceFrom)
	b.date(r.ServiceTo)
	b.optText(r.ActionCode)
	b.optText(r.CertificationNumber)
	b.date(r.CertifiedFrom)
	b.date(r.CertifiedTo)
	b.date(r.ExpiresOn)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// An AuthorizationDecisionRow is one HCR or AAA of a 278. Zero values of nullable columns become NULL.
type AuthorizationDecisionRow struct {
	AccountID           AccountID  `db:"account_id"`
	UnitID              int64      `db:"unit_id"`
	DecisionNo          int        `db:"decision_no"` // in the unit, then by date of entry
	EventID             int64      `db:"event_id"`    // NULL: it refuses above any event
	ServiceNo           int        `db:"service_no"`  // 0: the event itself
	SetID               int64      `db:"set_id"`      // NULL: entered by a person
	FileID              FileID     `db:"file_id"`     // NULL: entered by a person
	ByteOffset          int64      `db:"byte_offset"` // NULL: entered by a person
	Position            NullInt    `db:"position"`    // NULL: entered by a person
	Usage               string     `db:"usage"`
	Source              string     `db:"source"`
	DecidedAt           time.Time  `db:"decided_at"`           // received, or entered
	Loop                string     `db:"loop"`                 // '' for a person's
	ActionCode          edi.Text   `db:"action_code"`          // HCR01; NULL: an AAA
	CertificationNumber edi.Text   `db:"certification_number"` // HCR02; NULL: not sent
	ReasonCodes         []edi.Text `db:"reason_codes"`         // HCR03; NULL: none sent
	SecondOpinion       edi.Text   `db:"second_opinion"`       // HCR04; NULL: not sent
	RejectReason        edi.Text   `db:"reject_reason"`        // AAA03; NULL: an HCR
	FollowUp            edi.Text   `db:"follow_up"`            // AAA04; NULL: an HCR, or not sent
	IssuedOn            edi.Date   `db:"issued_on"`            // DTP*102; NULL: not sent
	CertifiedFrom       edi.Date   `db:"certified_from"`       // DTP*007; NULL: not sent
	CertifiedTo         edi.Date   `db:"certified_to"`
	ExpiresOn           edi.Date   `db:"expires_on"` // DTP*036; NULL: not sent
}

const copyAuthorizationDecision = `
COPY authorization_decision (
	account_id, unit_id, decision_no, event_id, service_no, set_id, file_id, byte_offset, position,
	usage, source, decided_at, loop, action_code, certification_number, reason_codes, second_opinion,
	reject_reason, follow_up, issued_on, certified_from, certified_to, expires_on
) FROM STDIN`

// AuthorizationDecision adds a row. The row is the caller's again when it returns.
func (l *Loader) AuthorizationDecision(ctx context.Context, r *AuthorizationDecisionRow) error {
	b := l.begin(tableAuthorizationDecision)
	b.id(int64(r.AccountID))
	b.id(r.UnitID)
	b.integer(r.DecisionNo)
	b.optID(r.EventID)
	b.integer(r.ServiceNo)
	b.optID(r.SetID)
	b.optID(int64(r.FileID))
	b.optID(r.ByteOffset)
	b.optInteger(r.Position)
	b.str(r.Usage)
	b.str(r.Source)
	b.instant(r.DecidedAt)
	b.str(r.Loop)
	b.optText(r.ActionCode)
	b.optText(r.CertificationNumber)
	b.optTexts(r.ReasonCodes)
	b.optText(r.SecondOpinion)
	b.optText(r.RejectReason)
	b.optText(r.FollowUp)
	b.date(r.IssuedOn)
	b.date(r.CertifiedFrom)
	b.date(r.CertifiedTo)
	b.date(r.ExpiresOn)
	return l.end(ctx, b)
}
