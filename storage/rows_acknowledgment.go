package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// An AcknowledgmentRow is a TA1, 999 or 997 that a partner sent. Zero values of nullable columns become NULL.
type AcknowledgmentRow struct {
	OperatorID               OperatorID `db:"operator_id"`
	ID                       int64      `db:"id"`
	FileID                   FileID     `db:"file_id"`
	InterchangeID            int64      `db:"interchange_id"`
	SetID                    int64      `db:"set_id"`  // NULL: a TA1 stands outside sets
	Ordinal                  int        `db:"ordinal"` // in its interchange (TA1) or 1
	Kind                     string     `db:"kind"`
	ByteOffset               int64      `db:"byte_offset"`
	Usage                    string     `db:"usage"`
	PartnerID                PartnerID  `db:"partner_id"`                 // NULL: no partner has the identities
	InterchangeControlNumber edi.Text   `db:"interchange_control_number"` // TA101; NULL: not a TA1
	InterchangeDate          edi.Text   `db:"interchange_date"`           // TA102; NULL: not a TA1
	InterchangeTime          edi.Text   `db:"interchange_time"`           // TA103; NULL: not a TA1
	Code                     edi.Text   `db:"code"`                       // TA104 or AK901; '' if missing
	Note                     edi.Text   `db:"note"`                       // TA105; NULL: not a TA1
	FunctionalID             edi.Text   `db:"functional_id"`              // AK101; NULL: a TA1
	GroupControlNumber       edi.Text   `db:"group_control_number"`       // AK102; NULL: a TA1
	Version                  edi.Text   `db:"version"`                    // AK103; NULL: not sent
	SetsIncluded             NullInt    `db:"sets_included"`              // AK902; NULL: a TA1, or not readable
	SetsReceived             NullInt    `db:"sets_received"`              // AK903
	SetsAccepted             NullInt    `db:"sets_accepted"`              // AK904
	GroupErrorCodes          []edi.Text `db:"group_error_codes"`          // AK905–09
	MatchedInterchangeID     int64      `db:"matched_interchange_id"`     // ours that it answers; NULL: not found (yet)
	MatchedGroupID           int64      `db:"matched_group_id"`           // ours that it answers; NULL: not found (yet), or a TA1
	ReceivedAt               time.Time  `db:"received_at"`
}

const copyAcknowledgment = `
COPY acknowledgment (
	operator_id, id, file_id, interchange_id, set_id, ordinal, kind, byte_offset, usage, partner_id,
	interchange_control_number, interchange_date, interchange_time, code, note, functional_id,
	group_control_number, version, sets_included, sets_received, sets_accepted, group_error_codes,
	matched_interchange_id, matched_group_id, received_at
) FROM STDIN`

// Acknowledgment adds a row. The row is the caller's again when it returns.
func (l *Loader) Acknowledgment(ctx context.Context, r *AcknowledgmentRow) error {
	b := l.begin(tableAcknowledgment)
	b.id(int64(r.OperatorID))
	b.id(r.ID)
	b.id(int64(r.FileID))
	b.id(r.InterchangeID)
	b.optID(r.SetID)
	b.integer(r.Ordinal)
	b.str(r.Kind)
	b.id(r.ByteOffset)
	b.str(r.Usage)
	b.optID(int64(r.PartnerID))
	b.optText(r.InterchangeControlNumber)
	b.optText(r.InterchangeDate)
	b.optText(r.InterchangeTime)
	b.text(r.Code)
	b.optText(r.Note)
	b.optText(r.FunctionalID)
	b.optText(r.GroupControlNumber)
	b.optText(r.Version)
	b.optInteger(r.SetsIncluded)
	b.optInteger(r.SetsReceived)
	b.optInteger(r.SetsAccepted)
	b.texts(r.GroupErrorCodes)
	b.optID(r.MatchedInterchangeID)
	b.optID(r.MatchedGroupID)
	b.instant(r.ReceivedAt)
	return l.end(ctx, b)
}

// An AcknowledgmentSetRow is what a 999 or 997 says of one set. Zero values of nullable columns become NULL.
type AcknowledgmentSetRow struct {
	OperatorID       OperatorID `db:"operator_id"`
	AcknowledgmentID int64      `db:"acknowledgment_id"`
	No               int        `db:"no"`
	ByteOffset       int64      `db:"byte_offset"`
	SetCode          edi.Text   `db:"set_code"`       // AK201
	ControlNumber    edi.Text   `db:"control_number"` // AK202
	Guide            edi.Text   `db:"guide"`          // AK203, '' if not sent
	Code             edi.Text   `db:"code"`           // IK501 or AK501, '' if missing
	ErrorCodes       []edi.Text `db:"error_codes"`    // IK502–06
	MatchedSetID     int64      `db:"matched_set_id"` // ours; NULL: not found (yet)
}

const copyAcknowledgmentSet = `
COPY acknowledgment_set (
	operator_id, acknowledgment_id, no, byte_offset, set_code, control_number, guide, code,
	error_codes, matched_set_id
) FROM STDIN`

// AcknowledgmentSet adds a row. The row is the caller's again when it returns.
func (l *Loader) AcknowledgmentSet(ctx context.Context, r *AcknowledgmentSetRow) error {
	b := l.begin(tableAcknowledgmentSet)
	b.id(int64(r.OperatorID))
	b.id(r.AcknowledgmentID)
	b.integer(r.No)
	b.id(r.ByteOffset)
	b.text(r.SetCode)
	b.text(r.ControlNumber)
	b.text(r.Guide)
	b.text(r.Code)
	b.texts(r.ErrorCodes)
	b.optID(r.MatchedSetID)
	return l.end(ctx, b)
}

// An AcknowledgmentErrorRow is one IK3 or IK4 of a 999, AK3 or AK4 of a 997. Zero values of nullable columns become NULL.
type AcknowledgmentErrorRow struct {
	OperatorID       OperatorID `db:"operator_id"`
	AcknowledgmentID int64      `db:"acknowledgment_id"`
	SetNo            int        `db:"set_no"`
	No               int        `db:"no"`
	ByteOffset       int64      `db:"byte_offset"`
	Segment          edi.Text   `db:"segment"`      // IK301
	Position         NullInt    `db:"position"`     // IK302; NULL: not readable
	Loop             edi.Text   `db:"loop"`         // IK303, '' if not sent
	SegmentCode      edi.Text   `db:"segment_code"` // IK304, '' if not sent
	Element          NullInt    `db:"element"`      // IK401-1; NULL: the whole segment
	Component        NullInt    `db:"component"`    // IK401-2; NULL: the whole element
	Repetition       NullInt    `db:"repetition"`   // IK401-3; NULL: the first
	ElementCode      edi.Text   `db:"element_code"` // IK403; NULL: the whole segment
	Context          []edi.Text `db:"context"`      // CTX, as sent
}

const copyAcknowledgmentError = `
COPY acknowledgment_error (
	operator_id, acknowledgment_id, set_no, no, byte_offset, segment, position, loop, segment_code,
	element, component, repetition, element_code, context
) FROM STDIN`

// AcknowledgmentError adds a row. The row is the caller's again when it returns.
func (l *Loader) AcknowledgmentError(ctx context.Context, r *AcknowledgmentErrorRow) error {
	b := l.begin(tableAcknowledgmentError)
	b.id(int64(r.OperatorID))
	b.id(r.AcknowledgmentID)
	b.integer(r.SetNo)
	b.integer(r.No)
	b.id(r.ByteOffset)
	b.text(r.Segment)
	b.optInteger(r.Position)
	b.text(r.Loop)
	b.text(r.SegmentCode)
	b.optInteger(r.Element)
	b.optInteger(r.Component)
	b.optInteger(r.Repetition)
	b.optText(r.ElementCode)
	b.texts(r.Context)
	return l.end(ctx, b)
}
