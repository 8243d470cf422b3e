package storage

import (
	"context"
	"time"

	"github.com/ediport/ediport/edi"
)

// An InterchangeRow is one ISA…IEA of a file. Zero values of nullable columns become NULL.
type InterchangeRow struct {
	OperatorID        OperatorID `db:"operator_id"`
	ID                int64      `db:"id"`
	FileID            FileID     `db:"file_id"`
	Ordinal           int        `db:"ordinal"` // in the file, from 1
	ByteStart         int64      `db:"byte_start"`
	ByteEnd           int64      `db:"byte_end"` // first byte after it
	Complete          bool       `db:"complete"` // IEA was there
	Segments          int64      `db:"segments"`
	Groups            int        `db:"groups"`
	SenderQualifier   edi.Text   `db:"sender_qualifier"`   // ISA05; these as sent, trimmed
	SenderID          edi.Text   `db:"sender_id"`          // ISA06
	ReceiverQualifier edi.Text   `db:"receiver_qualifier"` // ISA07
	ReceiverID        edi.Text   `db:"receiver_id"`        // ISA08
	DateSent          edi.Text   `db:"date_sent"`          // ISA09, has no zone: kept as sent
	TimeSent          edi.Text   `db:"time_sent"`          // ISA10
	Version           edi.Text   `db:"version"`            // ISA12
	ControlNumber     edi.Text   `db:"control_number"`     // ISA13
	TA1Requested      bool       `db:"ta1_requested"`      // ISA14 = 1
	Usage             string     `db:"usage"`              // ISA15
	PartnerID         PartnerID  `db:"partner_id"`         // NULL: no partner has these identities
	ContentHash       []byte     `db:"content_hash"`
	Disposition       string     `db:"disposition"`
	DispositionReason string     `db:"disposition_reason"` // a code; NULL: the disposition speaks for itself
	DuplicateOf       int64      `db:"duplicate_of"`       // the first interchange with this key and content; NULL: this is it
	Reuses            int64      `db:"reuses"`             // an earlier one with this key and other content; NULL: none
	TA1Code           string     `db:"ta1_code"`           // TA104 we answered; NULL: none
	TA1Note           string     `db:"ta1_note"`           // TA105 we answered; NULL: none
	ReceivedAt        time.Time  `db:"received_at"`
}

const copyInterchange = `
COPY interchange (
	operator_id, id, file_id, ordinal, byte_start, byte_end, complete, segments, groups,
	sender_qualifier, sender_id, receiver_qualifier, receiver_id, date_sent, time_sent, version,
	control_number, ta1_requested, usage, partner_id, content_hash, disposition, disposition_reason,
	duplicate_of, reuses, ta1_code, ta1_note, received_at
) FROM STDIN`

// Interchange adds a row. The row is the caller's again when it returns.
func (l *Loader) Interchange(ctx context.Context, r *InterchangeRow) error {
	b := l.begin(tableInterchange)
	b.id(int64(r.OperatorID))
	b.id(r.ID)
	b.id(int64(r.FileID))
	b.integer(r.Ordinal)
	b.id(r.ByteStart)
	b.id(r.ByteEnd)
	b.boolean(r.Complete)
	b.id(r.Segments)
	b.integer(r.Groups)
	b.text(r.SenderQualifier)
	b.text(r.SenderID)
	b.text(r.ReceiverQualifier)
	b.text(r.ReceiverID)
	b.text(r.DateSent)
	b.text(r.TimeSent)
	b.text(r.Version)
	b.text(r.ControlNumber)
	b.boolean(r.TA1Requested)
	b.str(r.Usage)
	b.optID(int64(r.PartnerID))
	b.bytea(r.ContentHash)
	b.str(r.Disposition)
	b.optStr(r.DispositionReason)
	b.optID(r.DuplicateOf)
	b.optID(r.Reuses)
	b.optStr(r.TA1Code)
	b.optStr(r.TA1Note)
	b.instant(r.ReceivedAt)
	return l.end(ctx, b)
}

// A GroupRow is one GS…GE. Zero values of nullable columns become NULL.
type GroupRow struct {
	OperatorID     OperatorID `db:"operator_id"`
	ID             int64      `db:"id"`
	FileID         FileID     `db:"file_id"`
	InterchangeID  int64      `db:"interchange_id"`
	Ordinal        int        `db:"ordinal"` // in the interchange
	ByteStart      int64      `db:"byte_start"`
	ByteEnd        int64      `db:"byte_end"`
	Sets           int        `db:"sets"`
	FunctionalID   edi.Text   `db:"functional_id"`  // GS01
	SenderCode     edi.Text   `db:"sender_code"`    // GS02
	ReceiverCode   edi.Text   `db:"receiver_code"`  // GS03
	DateSent       edi.Text   `db:"date_sent"`      // GS04, has no zone: kept as sent
	TimeSent       edi.Text   `db:"time_sent"`      // GS05
	ControlNumber  edi.Text   `db:"control_number"` // GS06
	Version        edi.Text   `db:"version"`        // GS08
	Disposition    string     `db:"disposition"`
	Acknowledgment string     `db:"acknowledgment"`
}

const copyGroup = `
COPY functional_group (
	operator_id, id, file_id, interchange_id, ordinal, byte_start, byte_end, sets, functional_id,
	sender_code, receiver_code, date_sent, time_sent, control_number, version, disposition,
	acknowledgment
) FROM STDIN`

// Group adds a row. The row is the caller's again when it returns.
func (l *Loader) Group(ctx context.Context, r *GroupRow) error {
	b := l.begin(tableGroup)
	b.id(int64(r.OperatorID))
	b.id(r.ID)
	b.id(int64(r.FileID))
	b.id(r.InterchangeID)
	b.integer(r.Ordinal)
	b.id(r.ByteStart)
	b.id(r.ByteEnd)
	b.integer(r.Sets)
	b.text(r.FunctionalID)
	b.text(r.SenderCode)
	b.text(r.ReceiverCode)
	b.text(r.DateSent)
	b.text(r.TimeSent)
	b.text(r.ControlNumber)
	b.text(r.Version)
	b.str(r.Disposition)
	b.str(r.Acknowledgment)
	return l.end(ctx, b)
}

// A SetRow is one ST…SE. Zero values of nullable columns become NULL.
type SetRow struct {
	OperatorID        OperatorID `db:"operator_id"`
	ID                int64      `db:"id"`
	FileID            FileID     `db:"file_id"`
	InterchangeID     int64      `db:"interchange_id"`
	GroupID           int64      `db:"group_id"`
	Ordinal           int        `db:"ordinal"`      // in the group
	FileOrdinal       int        `db:"file_ordinal"` // in the file
	ByteStart         int64      `db:"byte_start"`
	ByteEnd           int64      `db:"byte_end"`
	Segments          int        `db:"segments"`       // ST and SE included, whatever SE01 says
	SetCode           edi.Text   `db:"set_code"`       // ST01
	ControlNumber     edi.Text   `db:"control_number"` // ST02
	Version           edi.Text   `db:"version"`        // GS08 as sent
	Guide             string     `db:"guide"`          // the guide applied, '' if none
	Usage             string     `db:"usage"`          // ISA15
	Verdict           string     `db:"verdict"`
	Disposition       string     `db:"disposition"`
	DispositionReason string     `db:"disposition_reason"` // a code; NULL: the disposition speaks for itself
	Acknowledgment    string     `db:"acknowledgment"`
	Errors            int        `db:"errors"` // findings by severity
	Warnings          int        `db:"warnings"`
}

const copySet = `
COPY transaction_set (
	operator_id, id, file_id, interchange_id, group_id, ordinal, file_ordinal, byte_start, byte_end,
	segments, set_code, control_number, version, guide, usage, verdict, disposition,
	disposition_reason, acknowledgment, errors, warnings
) FROM STDIN`

// Set adds a row. The row is the caller's again when it returns.
func (l *Loader) Set(ctx context.Context, r *SetRow) error {
	b := l.begin(tableSet)
	b.id(int64(r.OperatorID))
	b.id(r.ID)
	b.id(int64(r.FileID))
	b.id(r.InterchangeID)
	b.id(r.GroupID)
	b.integer(r.Ordinal)
	b.integer(r.FileOrdinal)
	b.id(r.ByteStart)
	b.id(r.ByteEnd)
	b.integer(r.Segments)
	b.text(r.SetCode)
	b.text(r.ControlNumber)
	b.text(r.Version)
	b.str(r.Guide)
	b.str(r.Usage)
	b.str(r.Verdict)
	b.str(r.Disposition)
	b.optStr(r.DispositionReason)
	b.str(r.Acknowledgment)
	b.integer(r.Errors)
	b.integer(r.Warnings)
	return l.end(ctx, b)
}

// A SetSummaryRow is a set's counts and sums over all its accounts, as JSON. Zero values of nullable columns become NULL.
type SetSummaryRow struct {
	OperatorID OperatorID `db:"operator_id"`
	SetID      int64      `db:"set_id"`
	Summary    []byte     `db:"summary"`
}

const copySetSummary = `
COPY transaction_set_summary (
	operator_id, set_id, summary
) FROM STDIN`

// SetSummary adds a row. The row is the caller's again when it returns.
func (l *Loader) SetSummary(ctx context.Context, r *SetSummaryRow) error {
	b := l.begin(tableSetSummary)
	b.id(int64(r.OperatorID))
	b.id(r.SetID)
	b.json(r.Summary)
	return l.end(ctx, b)
}

// A SetAccountRow is the fact that a set concerns an account. Zero values of nullable columns become NULL.
type SetAccountRow struct {
	AccountID     AccountID  `db:"account_id"`
	SetID         int64      `db:"set_id"`
	OperatorID    OperatorID `db:"operator_id"`
	FileID        FileID     `db:"file_id"`
	InterchangeID int64      `db:"interchange_id"`
	GroupID       int64      `db:"group_id"`
}

const copySetAccount = `
COPY transaction_set_account (
	account_id, set_id, operator_id, file_id, interchange_id, group_id
) FROM STDIN`

// SetAccount adds a row. The row is the caller's again when it returns.
func (l *Loader) SetAccount(ctx context.Context, r *SetAccountRow) error {
	b := l.begin(tableSetAccount)
	b.id(int64(r.AccountID))
	b.id(r.SetID)
	b.id(int64(r.OperatorID))
	b.id(int64(r.FileID))
	b.id(r.InterchangeID)
	b.id(r.GroupID)
	return l.end(ctx, b)
}

// A UnitRow is the part of a set that goes to one account. Zero values of nullable columns become NULL.
type UnitRow struct {
	OperatorID    OperatorID `db:"operator_id"`
	ID            int64      `db:"id"`
	SetID         int64      `db:"set_id"`
	FileID        FileID     `db:"file_id"`
	Ordinal       int        `db:"ordinal"` // in the set
	Kind          string     `db:"kind"`
	ByteStart     int64      `db:"byte_start"`
	ByteEnd       int64      `db:"byte_end"`
	ContextRanges []int64    `db:"context_ranges"` // pairs start, end: ISA, GS, ST and parent loops, their trailers
	AccountID     AccountID  `db:"account_id"`     // the operator's unrouted account if none
	RoutedBy      string     `db:"routed_by"`
	IdentityKind  string     `db:"identity_kind"`  // kind of the identifier that routed it, or would have; NULL: the unit names none
	IdentityValue edi.Text   `db:"identity_value"` // of the provider; NULL as identity_kind
	Candidates    []int64    `db:"candidates"`     // accounts that hit at the same step; NULL: not ambiguous
	Usage         string     `db:"usage"`
	ReceivedAt    time.Time  `db:"received_at"`
}

const copyUnit = `
COPY routing_unit (
	operator_id, id, set_id, file_id, ordinal, kind, byte_start, byte_end, context_ranges, account_id,
	routed_by, identity_kind, identity_value, candidates, usage, received_at
) FROM STDIN`

// Unit adds a row. The row is the caller's again when it returns.
func (l *Loader) Unit(ctx context.Context, r *UnitRow) error {
	b := l.begin(tableUnit)
	b.id(int64(r.OperatorID))
	b.id(r.ID)
	b.id(r.SetID)
	b.id(int64(r.FileID))
	b.integer(r.Ordinal)
	b.str(r.Kind)
	b.id(r.ByteStart)
	b.id(r.ByteEnd)
	b.ids(r.ContextRanges)
	b.id(int64(r.AccountID))
	b.str(r.RoutedBy)
	b.optStr(r.IdentityKind)
	b.optText(r.IdentityValue)
	b.optIDs(r.Candidates)
	b.str(r.Usage)
	b.instant(r.ReceivedAt)
	return l.end(ctx, b)
}

// A FindingRow is one departure from a guide. Zero values of nullable columns become NULL.
type FindingRow struct {
	OperatorID         OperatorID `db:"operator_id"`
	FileID             FileID     `db:"file_id"`
	No                 int        `db:"no"`                  // in the file, in file order
	InterchangeOrdinal int        `db:"interchange_ordinal"` // 0: does not apply
	GroupOrdinal       int        `db:"group_ordinal"`
	SetOrdinal         int        `db:"set_ordinal"`
	SetID              int64      `db:"set_id"`     // NULL: outside any set
	UnitID             int64      `db:"unit_id"`    // NULL: outside any routing unit, exchange plane
	AccountID          AccountID  `db:"account_id"` // of the unit; NULL as unit_id
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
	Value              edi.Text   `db:"value"` // NULL: policy does not keep it, or there is none
}

const copyFinding = `
COPY finding (
	operator_id, file_id, no, interchange_ordinal, group_ordinal, set_ordinal, set_id, unit_id,
	account_id, severity, snip, code_kind, code_value, loop, segment, position, element, component,
	repetition, byte_offset, line, message, value
) FROM STDIN`

// Finding adds a row. The row is the caller's again when it returns.
func (l *Loader) Finding(ctx context.Context, r *FindingRow) error {
	b := l.begin(tableFinding)
	b.id(int64(r.OperatorID))
	b.id(int64(r.FileID))
	b.integer(r.No)
	b.integer(r.InterchangeOrdinal)
	b.integer(r.GroupOrdinal)
	b.integer(r.SetOrdinal)
	b.optID(r.SetID)
	b.optID(r.UnitID)
	b.optID(int64(r.AccountID))
	b.str(r.Severity)
	b.integer(r.Snip)
	b.str(r.CodeKind)
	b.str(r.CodeValue)
	b.str(r.Loop)
	b.str(r.Segment)
	b.integer(r.Position)
	b.integer(r.Element)
	b.integer(r.Component)
	b.integer(r.Repetition)
	b.id(r.ByteOffset)
	b.id(r.Line)
	b.str(r.Message)
	b.optText(r.Value)
	return l.end(ctx, b)
}
