package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// An EligibilityAnswerRow is what a 271 says of one person. Zero values of nullable columns become NULL.
type EligibilityAnswerRow struct {
	AccountID           AccountID  `db:"account_id"`
	ID                  int64      `db:"id"`
	OperatorID          OperatorID `db:"operator_id"`
	UnitID              int64      `db:"unit_id"`
	SetID               int64      `db:"set_id"`
	FileID              FileID     `db:"file_id"`
	ByteOffset          int64      `db:"byte_offset"` // of HL
	Position            int        `db:"position"`
	Usage               string     `db:"usage"`
	ReceivedAt          time.Time  `db:"received_at"`
	HL                  edi.Text   `db:"hl"` // HL01, as sent
	Person              string     `db:"person"`
	AnsweredOn          edi.Date   `db:"answered_on"`      // BHT04; in this table NULL means "not sent" unless said otherwise
	Reference           edi.Text   `db:"reference"`        // BHT03
	TraceNumber         edi.Text   `db:"trace_number"`     // TRN02 of TRN*2, else of the first
	TraceOriginator     edi.Text   `db:"trace_originator"` // TRN03 of the same
	InquiryID           int64      `db:"inquiry_id"`       // the question it answers; NULL: none of ours, or not matched
	PayerID             PayerID    `db:"payer_id"`         // our payer; NULL: none of its ids is known
	PayerName           edi.Text   `db:"payer_name"`       // 2100A NM103
	PayerIdentifier     edi.Text   `db:"payer_identifier"` // 2100A NM109
	ProviderName        edi.Text   `db:"provider_name"`    // 2100B
	ProviderNPI         edi.Text   `db:"provider_npi"`
	LastName            edi.Text   `db:"last_name"` // of the person
	FirstName           edi.Text   `db:"first_name"`
	MiddleName          edi.Text   `db:"middle_name"`
	Suffix              edi.Text   `db:"suffix"`
	MemberID            edi.Text   `db:"member_id"`            // NM109 with MI, else REF*1W
	BirthDate           edi.Date   `db:"birth_date"`           // DMG02
	Gender              edi.Text   `db:"gender"`               // DMG03
	RelationshipCode    edi.Text   `db:"relationship_code"`    // INS02
	GroupNumber         edi.Text   `db:"group_number"`         // REF*6P
	GroupName           edi.Text   `db:"group_name"`           // REF03
	PlanNumber          edi.Text   `db:"plan_number"`          // REF*18
	SubscriberLastName  edi.Text   `db:"subscriber_last_name"` // for a dependent: the subscriber's; NULL: the person is the subscriber
	SubscriberFirstName edi.Text   `db:"subscriber_first_name"`
	SubscriberMemberID  edi.Text   `db:"subscriber_member_id"`
	PlanBegin           edi.Date   `db:"plan_begin"`   // DTP*346, else 291 or 307
	PlanEnd             edi.Date   `db:"plan_end"`     // DTP*347, else 291 or 307
	ServiceFrom         edi.Date   `db:"service_from"` // DTP*472 or 291 asked for
	ServiceTo           edi.Date   `db:"service_to"`
	Status              string     `db:"status"`
	PlanName            edi.Text   `db:"plan_name"`      // EB05 of the benefit that states the coverage
	InsuranceType       edi.Text   `db:"insurance_type"` // EB04 of the same
	Benefits            int        `db:"benefits"`       // EB
	Rejections          int        `db:"rejections"`     // AAA that concern it
	Extra               []byte     `db:"extra"`          // addresses, contacts, other references and dates; NULL: nothing
}

const copyEligibilityAnswer = `
COPY eligibility_answer (
	account_id, id, operator_id, unit_id, set_id, file_id, byte_offset, position, usage, received_at,
	hl, person, answered_on, reference, trace_number, trace_originator, inquiry_id, payer_id,
	payer_name, payer_identifier, provider_name, provider_npi, last_name, first_name, middle_name,
	suffix, member_id, birth_date, gender, relationship_code, group_number, group_name, plan_number,
	subscriber_last_name, subscriber_first_name, subscriber_member_id, plan_begin, plan_end,
	service_from, service_to, status, plan_name, insurance_type, benefits, rejections, extra
) FROM STDIN`

// EligibilityAnswer adds a row. The row is the caller's again when it returns.
func (l *Loader) EligibilityAnswer(ctx context.Context, r *EligibilityAnswerRow) error {
	b := l.begin(tableEligibilityAnswer)
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
	b.optText(r.ProviderName)
	b.optText(r.ProviderNPI)
	b.optText(r.LastName)
	b.optText(r.FirstName)
	b.optText(r.MiddleName)
	b.optText(r.Suffix)
	b.optText(r.MemberID)
	b.date(r.BirthDate)
	b.optText(r.Gender)
	b.optText(r.RelationshipCode)
	b.optText(r.GroupNumber)
	b.optText(r.GroupName)
	b.optText(r.PlanNumber)
	b.optText(r.SubscriberLastName)
	b.optText(r.SubscriberFirstName)
	b.optText(r.SubscriberMemberID)
	b.date(r.PlanBegin)
	b.date(r.PlanEnd)
	b.date(r.ServiceFrom)
	b.date(r.ServiceTo)
	b.str(r.Status)
	b.optText(r.PlanName)
	b.optText(r.InsuranceType)
	b.integer(r.Benefits)
	b.integer(r.Rejections)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// A BenefitRow is one EB. Zero values of nullable columns become NULL.
type BenefitRow struct {
	AccountID             AccountID   `db:"account_id"`
	AnswerID              int64       `db:"answer_id"`
	BenefitNo             int         `db:"benefit_no"` // of EB in the person's loop, from 1
	ByteOffset            int64       `db:"byte_offset"`
	Position              int         `db:"position"`
	InformationCode       edi.Text    `db:"information_code"`       // EB01
	CoverageLevel         edi.Text    `db:"coverage_level"`         // EB02; in this table NULL means "not sent" unless said otherwise
	ServiceType           edi.Text    `db:"service_type"`           // EB03, the first; all of them are in benefit_service_type
	InsuranceType         edi.Text    `db:"insurance_type"`         // EB04
	PlanName              edi.Text    `db:"plan_name"`              // EB05
	TimePeriod            edi.Text    `db:"time_period"`            // EB06
	Amount                NullDecimal `db:"amount"`                 // EB07
	Percent               NullDecimal `db:"percent"`                // EB08, as sent: 0.2 is 20 %
	QuantityQualifier     edi.Text    `db:"quantity_qualifier"`     // EB09
	Quantity              NullDecimal `db:"quantity"`               // EB10
	AuthorizationRequired edi.Text    `db:"authorization_required"` // EB11
	Network               edi.Text    `db:"network"`                // EB12
	ProcedureQualifier    edi.Text    `db:"procedure_qualifier"`    // EB13-1
	ProcedureCode         edi.Text    `db:"procedure_code"`         // EB13-2
	Modifiers             []edi.Text  `db:"modifiers"`              // EB13-3…6
	DateFrom              edi.Date    `db:"date_from"`              // of the first DTP below it
	DateTo                edi.Date    `db:"date_to"`
	DateQualifier         edi.Text    `db:"date_qualifier"`
	Message               edi.Text    `db:"message"` // MSG01, joined by line breaks
	Extra                 []byte      `db:"extra"`   // the rest; NULL: nothing
}

const copyBenefit = `
COPY benefit (
	account_id, answer_id, benefit_no, byte_offset, position, information_code, coverage_level,
	service_type, insurance_type, plan_name, time_period, amount, percent, quantity_qualifier,
	quantity, authorization_required, network, procedure_qualifier, procedure_code, modifiers,
	date_from, date_to, date_qualifier, message, extra
) FROM STDIN`

// Benefit adds a row. The row is the caller's again when it returns.
func (l *Loader) Benefit(ctx context.Context, r *BenefitRow) error {
	b := l.begin(tableBenefit)
	b.id(int64(r.AccountID))
	b.id(r.AnswerID)
	b.integer(r.BenefitNo)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.text(r.InformationCode)
	b.optText(r.CoverageLevel)
	b.optText(r.ServiceType)
	b.optText(r.InsuranceType)
	b.optText(r.PlanName)
	b.optText(r.TimePeriod)
	b.optMoney(r.Amount)
	b.optQuantity(r.Percent)
	b.optText(r.QuantityQualifier)
	b.optQuantity(r.Quantity)
	b.optText(r.AuthorizationRequired)
	b.optText(r.Network)
	b.optText(r.ProcedureQualifier)
	b.optText(r.ProcedureCode)
	b.optTexts(r.Modifiers)
	b.date(r.DateFrom)
	b.date(r.DateTo)
	b.optText(r.DateQualifier)
	b.optText(r.Message)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// A BenefitServiceTypeRow is one repetition of EB03. Zero values of nullable columns become NULL.
type BenefitServiceTypeRow struct {
	AccountID   AccountID `db:"account_id"`
	AnswerID    int64     `db:"answer_id"`
	BenefitNo   int       `db:"benefit_no"`
	No          int       `db:"no"` // repetition of EB03: a code may stand there twice
	ServiceType edi.Text  `db:"service_type"`
}

const copyBenefitServiceType = `
COPY benefit_service_type (
	account_id, answer_id, benefit_no, no, service_type
) FROM STDIN`

// BenefitServiceType adds a row. The row is the caller's again when it returns.
func (l *Loader) BenefitServiceType(ctx context.Context, r *BenefitServiceTypeRow) error {
	b := l.begin(tableBenefitServiceType)
	b.id(int64(r.AccountID))
	b.id(r.AnswerID)
	b.integer(r.BenefitNo)
	b.integer(r.No)
	b.text(r.ServiceType)
	return l.end(ctx, b)
}

// A BenefitDetailRow is one segment or loop below an EB. Zero values of nullable columns become NULL.
type BenefitDetailRow struct {
	AccountID  AccountID `db:"account_id"`
	AnswerID   int64     `db:"answer_id"`
	BenefitNo  int       `db:"benefit_no"`
	No         int       `db:"no"` // in the benefit's loop, in file order
	ByteOffset int64     `db:"byte_offset"`
	Position   int       `db:"position"`
	Kind       string    `db:"kind"`
	Qualifier  edi.Text  `db:"qualifier"` // DTP01, NM101, REF01, HSD01 …; in this table NULL means "not sent" or not of this kind
	Code       edi.Text  `db:"code"`      // procedure code, reference, NM109
	Name       edi.Text  `db:"name"`      // of an entity, last or organization
	FirstName  edi.Text  `db:"first_name"`
	DateFrom   edi.Date  `db:"date_from"`
	DateTo     edi.Date  `db:"date_to"`
	Text       edi.Text  `db:"text"`  // message, description
	Extra      []byte    `db:"extra"` // the rest of the loop; NULL: nothing
}

const copyBenefitDetail = `
COPY benefit_detail (
	account_id, answer_id, benefit_no, no, byte_offset, position, kind, qualifier, code, name,
	first_name, date_from, date_to, text, extra
) FROM STDIN`

// BenefitDetail adds a row. The row is the caller's again when it returns.
func (l *Loader) BenefitDetail(ctx context.Context, r *BenefitDetailRow) error {
	b := l.begin(tableBenefitDetail)
	b.id(int64(r.AccountID))
	b.id(r.AnswerID)
	b.integer(r.BenefitNo)
	b.integer(r.No)
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.str(r.Kind)
	b.optText(r.Qualifier)
	b.optText(r.Code)
	b.optText(r.Name)
	b.optText(r.FirstName)
	b.date(r.DateFrom)
	b.date(r.DateTo)
	b.optText(r.Text)
	b.optJSON(r.Extra)
	return l.end(ctx, b)
}

// An EligibilityRejectionRow is one AAA of a 271. Zero values of nullable columns become NULL.
type EligibilityRejectionRow struct {
	AccountID  AccountID `db:"account_id"`
	UnitID     int64     `db:"unit_id"`
	No         int       `db:"no"`        // in the unit
	AnswerID   int64     `db:"answer_id"` // NULL: it concerns the payer or the provider, no person
	SetID      int64     `db:"set_id"`
	FileID     FileID    `db:"file_id"`
	ByteOffset int64     `db:"byte_offset"`
	Position   int       `db:"position"`
	Usage      string    `db:"usage"`
	Loop       string    `db:"loop"`        // 2000A, 2100A, 2100B, 2100C, 2110C …
	Valid      edi.Text  `db:"valid"`       // AAA01
	ReasonCode edi.Text  `db:"reason_code"` // AAA03
	FollowUp   edi.Text  `db:"follow_up"`   // AAA04
}

const copyEligibilityRejection = `
COPY eligibility_rejection (
	account_id, unit_id, no, answer_id, set_id, file_id, byte_offset, position, usage, loop, valid,
	reason_code, follow_up
) FROM STDIN`

// EligibilityRejection adds a row. The row is the caller's again when it returns.
func (l *Loader) EligibilityRejection(ctx context.Context, r *EligibilityRejectionRow) error {
	b := l.begin(tableEligibilityRejection)
	b.id(int64(r.AccountID))
	b.id(r.UnitID)
	b.integer(r.No)
	b.optID(r.AnswerID)
	b.id(r.SetID)
	b.id(int64(r.FileID))
	b.id(r.ByteOffset)
	b.integer(r.Position)
	b.str(r.Usage)
	b.str(r.Loop)
	b.text(r.Valid)
	b.text(r.ReasonCode)
	b.text(r.FollowUp)
	return l.end(ctx, b)
}
