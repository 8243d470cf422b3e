package storage

import (
	"time"

	"github.com/lib/pq"
)

// An AcknowledgmentItem is a TA1, 999 or 997 that a partner sent.
type AcknowledgmentItem struct {
	OperatorID               OperatorID     `db:"operator_id" json:"-"`
	ID                       int64          `db:"id" public:"ack"`
	FileID                   FileID         `db:"file_id" public:"fil"`
	InterchangeID            int64          `db:"interchange_id" public:"int"`
	SetID                    int64          `db:"set_id" public:"set"` // 0: a TA1 stands outside sets
	Ordinal                  int            `db:"ordinal"`             // in its interchange (TA1) or 1
	Kind                     string         `db:"kind"`
	ByteOffset               int64          `db:"byte_offset"`
	Usage                    string         `db:"usage"`
	PartnerID                PartnerID      `db:"partner_id" public:"prt"`             // 0: no partner has the identities
	InterchangeControlNumber string         `db:"interchange_control_number"`          // TA101; "": not a TA1
	InterchangeDate          string         `db:"interchange_date"`                    // TA102; "": not a TA1
	InterchangeTime          string         `db:"interchange_time"`                    // TA103; "": not a TA1
	Code                     string         `db:"code"`                                // TA104 or AK901; '' if missing
	Note                     string         `db:"note"`                                // TA105; "": not a TA1
	FunctionalID             string         `db:"functional_id"`                       // AK101; "": a TA1
	GroupControlNumber       string         `db:"group_control_number"`                // AK102; "": a TA1
	Version                  string         `db:"version"`                             // AK103; "": not sent
	SetsIncluded             *int64         `db:"sets_included"`                       // AK902; nil: a TA1, or not readable
	SetsReceived             *int64         `db:"sets_received"`                       // AK903
	SetsAccepted             *int64         `db:"sets_accepted"`                       // AK904
	GroupErrorCodes          pq.StringArray `db:"group_error_codes"`                   // AK905–09
	MatchedInterchangeID     int64          `db:"matched_interchange_id" public:"int"` // ours that it answers; 0: not found (yet)
	MatchedGroupID           int64          `db:"matched_group_id" public:"grp"`       // ours that it answers; 0: not found (yet), or a TA1
	MatchedFileID            FileID         `db:"matched_file_id" public:"fil"`        // ours that it answers; 0: not found (yet)
	ReceivedAt               time.Time      `db:"received_at"`
	FileName                 string         `db:"file_name" sql:"f.name"`
	PartnerName              string         `db:"partner_name" sql:"p.name"`
}

// An AcknowledgmentSetItem is what a 999 or 997 says of one set.
type AcknowledgmentSetItem struct {
	OperatorID       OperatorID                `db:"operator_id" json:"-"`
	AcknowledgmentID int64                     `db:"acknowledgment_id" public:"ack"`
	No               int                       `db:"no"`
	ByteOffset       int64                     `db:"byte_offset"`
	SetCode          string                    `db:"set_code"`                                      // AK201
	ControlNumber    string                    `db:"control_number"`                                // AK202
	Guide            string                    `db:"guide"`                                         // AK203, '' if not sent
	Code             string                    `db:"code"`                                          // IK501 or AK501, '' if missing
	ErrorCodes       pq.StringArray            `db:"error_codes"`                                   // IK502–06
	MatchedSetID     int64                     `db:"matched_set_id" public:"set"`                   // ours; 0: none of ours, or not certain which
	MatchedFileID    FileID                    `db:"matched_file_id" sql:"o.file_id" public:"fil"`  // the file in which it left
	MatchedOffset    int64                     `db:"matched_byte_offset" sql:"o.byte_offset"`       // where it stands there
	MatchedWord      string                    `db:"matched_acknowledgment" sql:"o.acknowledgment"` // what stands for it after all that was said: A, E, R, unclear
	Errors           []AcknowledgmentErrorItem `db:"-" json:"errors"`
}

// An AcknowledgmentErrorItem is one error of a set: IK3 and IK4, or AK3 and AK4.
type AcknowledgmentErrorItem struct {
	OperatorID       OperatorID     `db:"operator_id" json:"-"`
	AcknowledgmentID int64          `db:"acknowledgment_id" public:"ack"`
	SetNo            int            `db:"set_no"`
	No               int            `db:"no"`
	ByteOffset       int64          `db:"byte_offset"`
	Segment          string         `db:"segment"`                 // IK301
	Position         *int64         `db:"position"`                // IK302; nil: not readable
	Loop             string         `db:"loop"`                    // IK303, '' if not sent
	SegmentCode      string         `db:"segment_code"`            // IK304, '' if not sent
	Element          *int64         `db:"element"`                 // IK401-1; nil: the whole segment
	Component        *int64         `db:"component"`               // IK401-2; nil: the whole element
	Repetition       *int64         `db:"repetition"`              // IK401-3; nil: the first
	ElementCode      string         `db:"element_code"`            // IK403; "": the whole segment
	Context          pq.StringArray `db:"context" mask:"operator"` // CTX, as sent
}
