package storage

import (
	"time"

	"github.com/lib/pq"
)

// An Authorization is one patient event of a 278 with the roll-up of its decisions.
type Authorization struct {
	AccountID               AccountID      `db:"account_id" public:"acc"`
	ID                      int64          `db:"id" public:"aut"`
	OperatorID              OperatorID     `db:"operator_id" json:"-"`
	UnitID                  int64          `db:"unit_id" public:"unt"`
	SetID                   int64          `db:"set_id" public:"set"`
	FileID                  FileID         `db:"file_id" public:"fil"`
	ByteOffset              int64          `db:"byte_offset"` // of HL
	Position                int            `db:"position"`
	Usage                   string         `db:"usage"`
	ReceivedAt              time.Time      `db:"received_at"`
	Kind                    string         `db:"kind"`
	HL                      string         `db:"hl"` // HL01, as sent
	Person                  string         `db:"person"`
	AnsweredOn              Day            `db:"answered_on"`                 // BHT04
	Reference               string         `db:"reference"`                   // BHT03
	TraceNumber             string         `db:"trace_number" mask:"account"` // TRN02 of TRN*2, else of the first
	TraceOriginator         string         `db:"trace_originator"`            // TRN03 of the same
	InquiryID               int64          `db:"inquiry_id" public:"inq"`     // the question it answers; 0: none of ours, or not matched
	PayerID                 PayerID        `db:"payer_id" public:"pyr"`       // our payer (UMO); 0: none of its ids is known
	PayerName               string         `db:"payer_name"`                  // 2010A
	PayerIdentifier         string         `db:"payer_identifier"`
	RequesterName           string         `db:"requester_name"` // 2010B
	RequesterNPI            string         `db:"requester_npi"`
	LastName                string         `db:"last_name" mask:"account"`
	FirstName               string         `db:"first_name" mask:"account"`
	MemberID                string         `db:"member_id" mask:"account"`
	BirthDate               Day            `db:"birth_date" mask:"account"`
	Gender                  string         `db:"gender" mask:"account"`
	SubscriberLastName      string         `db:"subscriber_last_name" mask:"account"` // for a dependent: the subscriber's; "": the person is the subscriber
	SubscriberFirstName     string         `db:"subscriber_first_name" mask:"account"`
	SubscriberMemberID      string         `db:"subscriber_member_id" mask:"account"`
	RequestCategory         string         `db:"request_category"`   // UM01
	CertificationType       string         `db:"certification_type"` // UM02
	ServiceType             string         `db:"service_type"`       // UM03
	FacilityCode            string         `db:"facility_code"`      // UM04-1
	Urgency                 string         `db:"urgency"`            // UM06
	EventFrom               Day            `db:"event_from"`         // DTP*AAH
	EventTo                 Day            `db:"event_to"`
	AdmissionDate           Day            `db:"admission_date"`           // DTP*435
	DischargeDate           Day            `db:"discharge_date"`           // DTP*096
	DiagnosisCodes          pq.StringArray `db:"diagnosis_codes"`          // HI
	CertificationNumber     string         `db:"certification_number"`     // HCR02, newest
	AdministrativeReference string         `db:"administrative_reference"` // REF*NT
	ActionCode              string         `db:"action_code"`              // HCR01 of the event; "": decided per service, or not at all
	Outcome                 string         `db:"outcome"`
	CertifiedFrom           Day            `db:"certified_from"` // DTP*007
	CertifiedTo             Day            `db:"certified_to"`
	ExpiresOn               Day            `db:"expires_on"` // DTP*036
	Services                int            `db:"services"`
	Extra                   JSON           `db:"extra" mask:"account" only:"detail"` // providers, transport, home health, messages, attachments …; "": nothing
	AccountName             string         `db:"account_name" sql:"a.name"`
	ActionText              string         `db:"-" json:"action_text"`
}

// An AuthorizationServiceItem is one service of a patient event.
type AuthorizationServiceItem struct {
	ServiceNo           int            `db:"service_no"` // of HL SS below the event, from 1
	ByteOffset          int64          `db:"byte_offset"`
	Position            int            `db:"position"`
	HL                  string         `db:"hl"`                          // HL01, as sent
	TraceNumber         string         `db:"trace_number" mask:"account"` // TRN02
	CertificationType   string         `db:"certification_type"`          // UM02
	ServiceType         string         `db:"service_type"`                // UM03
	ProcedureQualifier  string         `db:"procedure_qualifier"`         // SV101-1, SV202-1, SV301-1
	ProcedureCode       string         `db:"procedure_code"`
	Modifiers           pq.StringArray `db:"modifiers"`
	RevenueCode         string         `db:"revenue_code"` // SV201
	Charge              Money          `db:"charge"`       // SV102, SV203, SV302
	Unit                string         `db:"unit"`         // SV103, SV204
	Quantity            Quantity       `db:"quantity"`     // SV104, SV205, SV306
	ServiceFrom         Day            `db:"service_from"` // DTP*472
	ServiceTo           Day            `db:"service_to"`
	ActionCode          string         `db:"action_code"`          // HCR01, newest
	CertificationNumber string         `db:"certification_number"` // HCR02, newest
	CertifiedFrom       Day            `db:"certified_from"`       // DTP*007
	CertifiedTo         Day            `db:"certified_to"`
	ExpiresOn           Day            `db:"expires_on"`           // DTP*036
	Extra               JSON           `db:"extra" mask:"account"` // teeth, delivery pattern, providers, messages …; "": nothing
	ActionText          string         `db:"-" json:"action_text"`
	Decisions           []DecisionItem `db:"-" json:"decisions"` // oldest first
}

// A DecisionItem is one decision (HCR), or refusal to look at it (AAA); a person may have entered it.
type DecisionItem struct {
	UnitID              int64          `db:"unit_id" public:"unt"`
	DecisionNo          int            `db:"decision_no"`           // in the unit, then by date of entry
	EventID             int64          `db:"event_id" public:"aut"` // 0: it refuses above any event
	ServiceNo           int            `db:"service_no"`            // 0: the event itself
	SetID               int64          `db:"set_id" public:"set"`   // 0: entered by a person
	FileID              FileID         `db:"file_id" public:"fil"`  // 0: entered by a person
	ByteOffset          int64          `db:"byte_offset"`           // 0: entered by a person
	Position            *int64         `db:"position"`              // nil: entered by a person
	Usage               string         `db:"usage"`
	Source              string         `db:"source"`
	DecidedAt           time.Time      `db:"decided_at"`           // received, or entered
	Loop                string         `db:"loop"`                 // '' for a person's
	ActionCode          string         `db:"action_code"`          // HCR01; "": an AAA
	CertificationNumber string         `db:"certification_number"` // HCR02; "": not sent
	ReasonCodes         pq.StringArray `db:"reason_codes"`         // HCR03; nil: none sent
	SecondOpinion       string         `db:"second_opinion"`       // HCR04; "": not sent
	RejectReason        string         `db:"reject_reason"`        // AAA03; "": an HCR
	FollowUp            string         `db:"follow_up"`            // AAA04; "": an HCR, or not sent
	IssuedOn            Day            `db:"issued_on"`            // DTP*102; "": not sent
	CertifiedFrom       Day            `db:"certified_from"`       // DTP*007; "": not sent
	CertifiedTo         Day            `db:"certified_to"`
	ExpiresOn           Day            `db:"expires_on"`              // DTP*036; "": not sent
	EnteredBy           UserID         `db:"entered_by" public:"usr"` // 0: from a response
	Note                string         `db:"note" mask:"account"`     // who, when, number; "": from a response
	ActionText          string         `db:"-" json:"action_text"`
	ReasonTexts         []string       `db:"-" json:"reason_texts"`
	RejectText          string         `db:"-" json:"reject_text"`
	FollowUpText        string         `db:"-" json:"follow_up_text"`
}
