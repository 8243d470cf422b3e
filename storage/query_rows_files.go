package storage

import (
	"time"

	"github.com/lib/pq"
)

// An InterchangeItem is one ISA…IEA of a file.
type InterchangeItem struct {
	OperatorID        OperatorID  `db:"operator_id" json:"-"`
	ID                int64       `db:"id" public:"int"`
	FileID            FileID      `db:"file_id" public:"fil"`
	Ordinal           int         `db:"ordinal"` // in the file, from 1
	ByteStart         int64       `db:"byte_start"`
	ByteEnd           int64       `db:"byte_end"` // first byte after it
	Complete          bool        `db:"complete"` // IEA was there
	Segments          int64       `db:"segments"`
	GroupCount        int         `db:"group_count" sql:"t.groups"`
	SenderQualifier   string      `db:"sender_qualifier"`        // ISA05; these as sent, trimmed
	SenderID          string      `db:"sender_id"`               // ISA06
	ReceiverQualifier string      `db:"receiver_qualifier"`      // ISA07
	ReceiverID        string      `db:"receiver_id"`             // ISA08
	DateSent          string      `db:"date_sent"`               // ISA09, has no zone: kept as sent
	TimeSent          string      `db:"time_sent"`               // ISA10
	Version           string      `db:"version"`                 // ISA12
	ControlNumber     string      `db:"control_number"`          // ISA13
	TA1Requested      bool        `db:"ta1_requested"`           // ISA14 = 1
	Usage             string      `db:"usage"`                   // ISA15
	PartnerID         PartnerID   `db:"partner_id" public:"prt"` // 0: no partner has these identities
	Disposition       string      `db:"disposition"`
	DispositionReason string      `db:"disposition_reason"`        // a code; "": the disposition speaks for itself
	DuplicateOf       int64       `db:"duplicate_of" public:"int"` // the first interchange with this key and content; 0: this is it
	Reuses            int64       `db:"reuses" public:"int"`       // an earlier one with this key and other content; 0: none
	TA1Code           string      `db:"ta1_code"`                  // TA104 we answered; "": none
	TA1Note           string      `db:"ta1_note"`                  // TA105 we answered; "": none
	ReceivedAt        time.Time   `db:"received_at"`
	TA1FileID         FileID      `db:"ta1_file_id" public:"fil"` // 0: none was sent
	PartnerName       string      `db:"partner_name" sql:"p.name"`
	DuplicateOfFileID FileID      `db:"duplicate_of_file_id" sql:"d.file_id" public:"fil"` // 0: no duplicate, or not the scope's to see
	ReusesFileID      FileID      `db:"reuses_file_id" sql:"u.file_id" public:"fil"`       // 0: none, or not the scope's to see
	Groups            []GroupItem `db:"-" json:"groups"`
}

// A GroupItem is one GS…GE.
type GroupItem struct {
	OperatorID           OperatorID `db:"operator_id" json:"-"`
	ID                   int64      `db:"id" public:"grp"`
	FileID               FileID     `db:"file_id" public:"fil"`
	InterchangeID        int64      `db:"interchange_id" public:"int"`
	Ordinal              int        `db:"ordinal"` // in the interchange
	ByteStart            int64      `db:"byte_start"`
	ByteEnd              int64      `db:"byte_end"`
	Sets                 int        `db:"sets"`
	FunctionalID         string     `db:"functional_id"`  // GS01
	SenderCode           string     `db:"sender_code"`    // GS02
	ReceiverCode         string     `db:"receiver_code"`  // GS03
	DateSent             string     `db:"date_sent"`      // GS04, has no zone: kept as sent
	TimeSent             string     `db:"time_sent"`      // GS05
	ControlNumber        string     `db:"control_number"` // GS06
	Version              string     `db:"version"`        // GS08
	Disposition          string     `db:"disposition"`
	Acknowledgment       string     `db:"acknowledgment"`
	AcknowledgmentFileID FileID     `db:"acknowledgment_file_id" public:"fil"` // 0: not sent
	AcknowledgedAt       *time.Time `db:"acknowledged_at"`                     // nil: not sent
}

// A SetItem is one ST…SE: what its guide says, what we did, what the sender was told.
type SetItem struct {
	OperatorID         OperatorID `db:"operator_id" json:"-"`
	ID                 int64      `db:"id" public:"set"`
	FileID             FileID     `db:"file_id" public:"fil"`
	InterchangeID      int64      `db:"interchange_id" public:"int"`
	GroupID            int64      `db:"group_id" public:"grp"`
	Ordinal            int        `db:"ordinal"`      // in the group
	FileOrdinal        int        `db:"file_ordinal"` // in the file
	ByteStart          int64      `db:"byte_start"`
	ByteEnd            int64      `db:"byte_end"`
	Segments           int        `db:"segments"`       // ST and SE included, whatever SE01 says
	SetCode            string     `db:"set_code"`       // ST01
	ControlNumber      string     `db:"control_number"` // ST02
	Version            string     `db:"version"`        // GS08 as sent
	Guide              string     `db:"guide"`          // the guide applied, '' if none
	Usage              string     `db:"usage"`          // ISA15
	Verdict            string     `db:"verdict"`
	Disposition        string     `db:"disposition"`
	DispositionReason  string     `db:"disposition_reason"` // a code; "": the disposition speaks for itself
	Acknowledgment     string     `db:"acknowledgment"`
	Errors             int        `db:"errors"` // findings by severity
	Warnings           int        `db:"warnings"`
	DecidedBy          UserID     `db:"decided_by" public:"usr"` // who loaded or discarded it by hand; 0: nobody
	InterchangeOrdinal int        `db:"interchange_ordinal" sql:"i.ordinal"`
	GroupOrdinal       int        `db:"group_ordinal" sql:"g.ordinal"`
	Summary            JSON       `db:"summary" sql:"s.summary"` // for the operator only: it speaks of all accounts
}

// A FindingItem is one departure from a guide or an envelope rule.
type FindingItem struct {
	OperatorID         OperatorID `db:"operator_id" json:"-"`
	FileID             FileID     `db:"file_id" public:"fil"`
	No                 int        `db:"no"`                  // in the file, in file order
	InterchangeOrdinal int        `db:"interchange_ordinal"` // 0: does not apply
	GroupOrdinal       int        `db:"group_ordinal"`
	SetOrdinal         int        `db:"set_ordinal"`
	SetID              int64      `db:"set_id" public:"set"`     // 0: outside any set
	UnitID             int64      `db:"unit_id" public:"unt"`    // 0: outside any routing unit, exchange plane
	AccountID          AccountID  `db:"account_id" public:"acc"` // of the unit; absent as unit_id
	Severity           string     `db:"severity"`
	Snip               int        `db:"snip"`
	CodeKind           string     `db:"code_kind"`
	CodeValue          string     `db:"code_value"`
	Loop               string     `db:"loop"` // '' outside loops
	Segment            string     `db:"segment"`
	Position           int        `db:"position"` // ST is 1; 0 for envelopes
	Element            int        `db:"element"`
	Component          int        `db:"component"`
	Repetition         int        `db:"repetition"`
	ByteOffset         int64      `db:"byte_offset"`
	Line               int64      `db:"line"`
	Message            string     `db:"message"`
	Value              string     `db:"value" mask:"plane"` // "": policy does not keep it, or there is none
}

// A UnitItem is the part of a set that goes to one account.
type UnitItem struct {
	OperatorID        OperatorID    `db:"operator_id" json:"-"`
	ID                int64         `db:"id" public:"unt"`
	SetID             int64         `db:"set_id" public:"set"`
	FileID            FileID        `db:"file_id" public:"fil"`
	Ordinal           int           `db:"ordinal"` // in the set
	Kind              string        `db:"kind"`
	ByteStart         int64         `db:"byte_start"`
	ByteEnd           int64         `db:"byte_end"`
	AccountID         AccountID     `db:"account_id" public:"acc"` // the operator's unrouted account if none
	RoutedBy          string        `db:"routed_by"`
	IdentityKind      string        `db:"identity_kind"`       // kind of the identifier that routed it, or would have; "": the unit names none
	IdentityValue     string        `db:"identity_value"`      // of the provider; absent as identity_kind
	Candidates        pq.Int64Array `db:"candidates" json:"-"` // accounts that hit at the same step; nil: not ambiguous
	Usage             string        `db:"usage"`
	ReceivedAt        time.Time     `db:"received_at"`
	AccountName       string        `db:"account_name" sql:"a.name"`
	FileName          string        `db:"file_name" sql:"f.name"`
	SetCode           string        `db:"set_code" sql:"s.set_code"`
	SetControlNumber  string        `db:"set_control_number" sql:"s.control_number"`
	Age               time.Duration `db:"-" json:"-"` // since it was received
	CandidateAccounts []AccountRef  `db:"-" json:"candidate_accounts"`
}
