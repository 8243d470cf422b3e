package storage

import (
	"time"

	"github.com/lib/pq"
)

// A ClaimStatusAnswer is what a 277 or 277CA says of one claim.
type ClaimStatusAnswer struct {
	AccountID               AccountID  `db:"account_id" public:"acc"`
	ID                      int64      `db:"id" public:"sts"`
	OperatorID              OperatorID `db:"operator_id" json:"-"`
	UnitID                  int64      `db:"unit_id" public:"unt"`
	SetID                   int64      `db:"set_id" public:"set"`
	FileID                  FileID     `db:"file_id" public:"fil"`
	ByteOffset              int64      `db:"byte_offset"` // of TRN
	Position                int        `db:"position"`
	Usage                   string     `db:"usage"`
	ReceivedAt              time.Time  `db:"received_at"`
	Kind                    string     `db:"kind"`
	HL                      string     `db:"hl"` // HL01, as sent
	Person                  string     `db:"person"`
	AnsweredOn              Day        `db:"answered_on"`                 // BHT04
	Reference               string     `db:"reference"`                   // BHT03
	TraceNumber             string     `db:"trace_number" mask:"account"` // TRN02
	InquiryID               int64      `db:"inquiry_id" public:"inq"`     // the question it answers; 0: none of ours, or not matched
	PayerID                 PayerID    `db:"payer_id" public:"pyr"`       // our payer; 0: none of its ids is known
	PayerName               string     `db:"payer_name"`
	PayerIdentifier         string     `db:"payer_identifier"`
	ProviderName            string     `db:"provider_name"`
	ProviderNPI             string     `db:"provider_npi"`
	LastName                string     `db:"last_name" mask:"account"`
	FirstName               string     `db:"first_name" mask:"account"`
	MemberID                string     `db:"member_id" mask:"account"`
	BirthDate               Day        `db:"birth_date" mask:"account"`
	PatientControlNumber    string     `db:"patient_control_number" mask:"account"` // REF*EJ; in a 277CA TRN02
	PayerClaimControlNumber string     `db:"payer_claim_control_number"`            // REF*1K
	ClearinghouseTrace      string     `db:"clearinghouse_trace"`                   // REF*D9
	BillType                string     `db:"bill_type"`                             // REF*BLT
	ServiceFrom             Day        `db:"service_from"`                          // DTP*472
	ServiceTo               Day        `db:"service_to"`
	CategoryCode            string     `db:"category_code"`  // STC01-1 of the first STC: the headline
	StatusCode              string     `db:"status_code"`    // STC01-2
	EntityCode              string     `db:"entity_code"`    // STC01-3
	StatusDate              Day        `db:"status_date"`    // STC02
	ActionCode              string     `db:"action_code"`    // STC03 (277CA: WQ or U)
	Charge                  Money      `db:"charge"`         // STC04
	Paid                    Money      `db:"paid"`           // STC05
	AdjudicatedOn           Day        `db:"adjudicated_on"` // STC06
	PaymentMethod           string     `db:"payment_method"` // STC07
	PaymentDate             Day        `db:"payment_date"`   // STC08
	PaymentNumber           string     `db:"payment_number"` // STC09
	Lines                   int        `db:"lines"`
	Statuses                int        `db:"statuses"`                           // STC of the claim and its lines
	Extra                   JSON       `db:"extra" mask:"account" only:"detail"` // other references, addresses; "": nothing
	AccountName             string     `db:"account_name" sql:"a.name"`
	CategoryText            string     `db:"-" json:"category_text"`
	StatusText              string     `db:"-" json:"status_text"`
}

// A StatusItem is one STC at its level.
type StatusItem struct {
	UnitID        int64  `db:"unit_id" public:"unt"`
	StatusNo      int    `db:"status_no"` // of STC in the unit
	Level         string `db:"level"`
	AnswerID      int64  `db:"answer_id" public:"sts"` // 0: above claims
	LineNo        int    `db:"line_no"`                // 0: not of a line
	SetID         int64  `db:"set_id" public:"set"`
	FileID        FileID `db:"file_id" public:"fil"`
	ByteOffset    int64  `db:"byte_offset"`
	Position      int    `db:"position"`
	Usage         string `db:"usage"`
	CategoryCode  string `db:"category_code"`   // STC01-1
	StatusCode    string `db:"status_code"`     // STC01-2
	EntityCode    string `db:"entity_code"`     // STC01-3
	StatusDate    Day    `db:"status_date"`     // STC02
	ActionCode    string `db:"action_code"`     // STC03
	Charge        Money  `db:"charge"`          // STC04
	Paid          Money  `db:"paid"`            // STC05
	AdjudicatedOn Day    `db:"adjudicated_on"`  // STC06
	PaymentMethod string `db:"payment_method"`  // STC07
	PaymentDate   Day    `db:"payment_date"`    // STC08
	PaymentNumber string `db:"payment_number"`  // STC09
	CategoryCode2 string `db:"category_code_2"` // STC10
	StatusCode2   string `db:"status_code_2"`
	EntityCode2   string `db:"entity_code_2"`
	CategoryCode3 string `db:"category_code_3"` // STC11
	StatusCode3   string `db:"status_code_3"`
	EntityCode3   string `db:"entity_code_3"`
	Message       string `db:"message" mask:"account"` // STC12
	CategoryText  string `db:"-" json:"category_text"`
	StatusText    string `db:"-" json:"status_text"`
	EntityText    string `db:"-" json:"entity_text"`
	CategoryText2 string `db:"-" json:"category_text_2"`
	StatusText2   string `db:"-" json:"status_text_2"`
	EntityText2   string `db:"-" json:"entity_text_2"`
	CategoryText3 string `db:"-" json:"category_text_3"`
	StatusText3   string `db:"-" json:"status_text_3"`
	EntityText3   string `db:"-" json:"entity_text_3"`
}

// A StatusLine is one service line of a claim status.
type StatusLine struct {
	LineNo             int            `db:"line_no"` // of SVC in the claim, from 1
	ByteOffset         int64          `db:"byte_offset"`
	Position           int            `db:"position"`
	ProcedureQualifier string         `db:"procedure_qualifier"` // SVC01-1
	ProcedureCode      string         `db:"procedure_code"`      // SVC01-2
	Modifiers          pq.StringArray `db:"modifiers"`           // SVC01-3…6
	Charge             Money          `db:"charge"`              // SVC02
	Paid               Money          `db:"paid"`                // SVC03
	RevenueCode        string         `db:"revenue_code"`        // SVC04
	Units              Quantity       `db:"units"`               // SVC07
	ServiceFrom        Day            `db:"service_from"`        // DTP*472
	ServiceTo          Day            `db:"service_to"`
	LineControlNumber  string         `db:"line_control_number" mask:"account"` // REF*FJ
	Extra              JSON           `db:"extra" mask:"account"`               // the rest; "": nothing
	StatusList         []StatusItem   `db:"-" json:"status_list"`
}
