package storage

import (
	"time"

	"github.com/lib/pq"
)

// An EligibilityAnswer is what a 271 says of one person.
type EligibilityAnswer struct {
	AccountID           AccountID  `db:"account_id" public:"acc"`
	ID                  int64      `db:"id" public:"elg"`
	OperatorID          OperatorID `db:"operator_id" json:"-"`
	UnitID              int64      `db:"unit_id" public:"unt"`
	SetID               int64      `db:"set_id" public:"set"`
	FileID              FileID     `db:"file_id" public:"fil"`
	ByteOffset          int64      `db:"byte_offset"` // of HL
	Position            int        `db:"position"`
	Usage               string     `db:"usage"`
	ReceivedAt          time.Time  `db:"received_at"`
	HL                  string     `db:"hl"` // HL01, as sent
	Person              string     `db:"person"`
	AnsweredOn          Day        `db:"answered_on"`                 // BHT04
	Reference           string     `db:"reference"`                   // BHT03
	TraceNumber         string     `db:"trace_number" mask:"account"` // TRN02 of TRN*2, else of the first
	TraceOriginator     string     `db:"trace_originator"`            // TRN03 of the same
	InquiryID           int64      `db:"inquiry_id" public:"inq"`     // the question it answers; 0: none of ours, or not matched
	PayerID             PayerID    `db:"payer_id" public:"pyr"`       // our payer; 0: none of its ids is known
	PayerName           string     `db:"payer_name"`                  // 2100A NM103
	PayerIdentifier     string     `db:"payer_identifier"`            // 2100A NM109
	ProviderName        string     `db:"provider_name"`               // 2100B
	ProviderNPI         string     `db:"provider_npi"`
	LastName            string     `db:"last_name" mask:"account"` // of the person
	FirstName           string     `db:"first_name" mask:"account"`
	MiddleName          string     `db:"middle_name" mask:"account"`
	Suffix              string     `db:"suffix" mask:"account"`
	MemberID            string     `db:"member_id" mask:"account"`            // NM109 with MI, else REF*1W
	BirthDate           Day        `db:"birth_date" mask:"account"`           // DMG02
	Gender              string     `db:"gender" mask:"account"`               // DMG03
	RelationshipCode    string     `db:"relationship_code"`                   // INS02
	GroupNumber         string     `db:"group_number"`                        // REF*6P
	GroupName           string     `db:"group_name"`                          // REF03
	PlanNumber          string     `db:"plan_number"`                         // REF*18
	SubscriberLastName  string     `db:"subscriber_last_name" mask:"account"` // for a dependent: the subscriber's; "": the person is the subscriber
	SubscriberFirstName string     `db:"subscriber_first_name" mask:"account"`
	SubscriberMemberID  string     `db:"subscriber_member_id" mask:"account"`
	PlanBegin           Day        `db:"plan_begin"`   // DTP*346, else 291 or 307
	PlanEnd             Day        `db:"plan_end"`     // DTP*347, else 291 or 307
	ServiceFrom         Day        `db:"service_from"` // DTP*472 or 291 asked for
	ServiceTo           Day        `db:"service_to"`
	Status              string     `db:"status"`
	PlanName            string     `db:"plan_name"`                          // EB05 of the benefit that states the coverage
	InsuranceType       string     `db:"insurance_type"`                     // EB04 of the same
	Benefits            int        `db:"benefits"`                           // EB
	Rejections          int        `db:"rejections"`                         // AAA that concern it
	Extra               JSON       `db:"extra" mask:"account" only:"detail"` // addresses, contacts, other references and dates; "": nothing
	AccountName         string     `db:"account_name" sql:"a.name"`
}

// A BenefitItem is one EB with what hangs below it.
type BenefitItem struct {
	BenefitNo             int                 `db:"benefit_no"` // of EB in the person's loop, from 1
	ByteOffset            int64               `db:"byte_offset"`
	Position              int                 `db:"position"`
	InformationCode       string              `db:"information_code"`       // EB01
	CoverageLevel         string              `db:"coverage_level"`         // EB02
	ServiceType           string              `db:"service_type"`           // EB03, the first; all of them are in benefit_service_type
	InsuranceType         string              `db:"insurance_type"`         // EB04
	PlanName              string              `db:"plan_name"`              // EB05
	TimePeriod            string              `db:"time_period"`            // EB06
	Amount                Money               `db:"amount"`                 // EB07
	Percent               Quantity            `db:"percent"`                // EB08, as sent: 0.2 is 20 %
	QuantityQualifier     string              `db:"quantity_qualifier"`     // EB09
	Quantity              Quantity            `db:"quantity"`               // EB10
	AuthorizationRequired string              `db:"authorization_required"` // EB11
	Network               string              `db:"network"`                // EB12
	ProcedureQualifier    string              `db:"procedure_qualifier"`    // EB13-1
	ProcedureCode         string              `db:"procedure_code"`         // EB13-2
	Modifiers             pq.StringArray      `db:"modifiers"`              // EB13-3…6
	DateFrom              Day                 `db:"date_from"`              // of the first DTP below it
	DateTo                Day                 `db:"date_to"`
	DateQualifier         string              `db:"date_qualifier"`
	Message               string              `db:"message" mask:"account"` // MSG01, joined by line breaks
	Extra                 JSON                `db:"extra" mask:"account"`   // the rest; "": nothing
	InformationText       string              `db:"-" json:"information_text"`
	CoverageText          string              `db:"-" json:"coverage_text"`
	InsuranceText         string              `db:"-" json:"insurance_text"`
	PeriodText            string              `db:"-" json:"period_text"`
	ServiceTypes          []CodeText          `db:"-" json:"service_types"`
	Details               []BenefitDetailItem `db:"-" json:"details"`
}

// A BenefitDetailItem is one thing below an EB: a date, a message, an entity …
type BenefitDetailItem struct {
	BenefitNo  int    `db:"benefit_no"`
	No         int    `db:"no"` // in the benefit's loop, in file order
	ByteOffset int64  `db:"byte_offset"`
	Position   int    `db:"position"`
	Kind       string `db:"kind"`
	Qualifier  string `db:"qualifier"`           // DTP01, NM101, REF01, HSD01 …
	Code       string `db:"code" mask:"account"` // procedure code, reference, NM109
	Name       string `db:"name" mask:"account"` // of an entity, last or organization
	FirstName  string `db:"first_name" mask:"account"`
	DateFrom   Day    `db:"date_from"`
	DateTo     Day    `db:"date_to"`
	Text       string `db:"text" mask:"account"`  // message, description
	Extra      JSON   `db:"extra" mask:"account"` // the rest of the loop; "": nothing
}

// A RejectionItem is an AAA: why there is no (full) answer.
type RejectionItem struct {
	UnitID       int64  `db:"unit_id" public:"unt"`
	No           int    `db:"no"`                     // in the unit
	AnswerID     int64  `db:"answer_id" public:"elg"` // 0: it concerns the payer or the provider, no person
	SetID        int64  `db:"set_id" public:"set"`
	FileID       FileID `db:"file_id" public:"fil"`
	ByteOffset   int64  `db:"byte_offset"`
	Position     int    `db:"position"`
	Usage        string `db:"usage"`
	Loop         string `db:"loop"`        // 2000A, 2100A, 2100B, 2100C, 2110C …
	Valid        string `db:"valid"`       // AAA01
	ReasonCode   string `db:"reason_code"` // AAA03
	FollowUp     string `db:"follow_up"`   // AAA04
	ReasonText   string `db:"-" json:"reason_text"`
	FollowUpText string `db:"-" json:"follow_up_text"`
}
