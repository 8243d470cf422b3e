package ingest

import (
	"math"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/storage"
)

// An acknowledgmentLoader loads 999s and 997s. They belong to the operator, not to an account. Which group and set of ours they
// answer is found when acknowledgments are matched: it may not be known yet, and they come in any order.
type acknowledgmentLoader struct {
	set     *set
	decoder *ack.Decoder
	id      int64 // of the acknowledgment's row; 0 before its first child
	answers int   // groups that the set answers: one, in a set that follows its guide
	errors  errorRows
}

func newAcknowledgmentLoader() setLoader {
	l := new(acknowledgmentLoader)
	l.decoder = ack.NewDecoder(l)
	return l
}

func (l *acknowledgmentLoader) begin(s *set) error {
	l.decoder.Reset()
	l.set, l.id, l.answers = s, 0, 0
	return nil
}

func (l *acknowledgmentLoader) segment(s edi.Segment, at guide.Step) error {
	return l.decoder.Segment(s, at)
}

func (l *acknowledgmentLoader) end() error { return l.decoder.End() }

// need takes the id of the acknowledgment's row, which is written last, for the rows of its sets and errors.
func (l *acknowledgmentLoader) need() (err error) {
	if l.id == 0 {
		l.id, err = l.set.rows.NewID(l.set.ctx, storage.IDAcknowledgment)
	}
	return err
}

// Error writes the rows of a faulty segment.
func (l *acknowledgmentLoader) Error(e *ack.SegmentError) error {
	if err := l.need(); err != nil {
		return err
	}
	return l.errors.write(l.set, l.id, e)
}

// Set writes the row of a set.
func (l *acknowledgmentLoader) Set(s *ack.Set) error {
	if err := l.need(); err != nil {
		return err
	}
	return l.set.rows.AcknowledgmentSet(l.set.ctx, &storage.AcknowledgmentSetRow{
		OperatorID: l.set.file.Operator, AcknowledgmentID: l.id, No: s.Ordinal, ByteOffset: s.Pos.Offset, SetCode: s.Code,
		ControlNumber: s.ControlNumber, Guide: s.Guide, Code: s.Answer, ErrorCodes: s.ErrorCodes,
	})
}

// Group writes the row of the acknowledgment.
func (l *acknowledgmentLoader) Group(g *ack.Group) error {
	if err := l.need(); err != nil {
		return err
	}
	l.answers++
	row := acknowledgmentRow(l.set, l.id)
	row.SetID, row.Ordinal, row.Kind, row.ByteOffset = l.set.id, l.answers, l.set.transaction.Set, g.Pos.Offset
	row.Code, row.FunctionalID, row.GroupControlNumber, row.Version = g.Code, g.FunctionalID, g.ControlNumber, g.Version
	row.SetsIncluded, row.SetsReceived, row.SetsAccepted = integer(g.Included), integer(g.Received), integer(g.Accepted)
	row.GroupErrorCodes = g.ErrorCodes
	l.id = 0
	return l.set.rows.Acknowledgment(l.set.ctx, &row)
}

// loadTA1 writes the row of an interchange acknowledgment, the one of that ordinal in its interchange.
func loadTA1(s *set, seg edi.Segment, ordinal int) error {
	id, err := s.rows.NewID(s.ctx, storage.IDAcknowledgment)
	if err != nil {
		return err
	}
	a := ack.ReadTA1(seg)
	row := acknowledgmentRow(s, id)
	row.Ordinal, row.Kind, row.ByteOffset = ordinal, "TA1", a.Pos.Offset
	row.InterchangeControlNumber, row.InterchangeDate, row.InterchangeTime = a.ControlNumber, a.Date, a.Time
	row.Code, row.Note = a.Code, a.Note
	return s.rows.Acknowledgment(s.ctx, &row)
}

// acknowledgmentRow is what the rows of all acknowledgments have in common.
func acknowledgmentRow(s *set, id int64) storage.AcknowledgmentRow {
	row := storage.AcknowledgmentRow{
		OperatorID: s.file.Operator, ID: id, FileID: s.file.ID, InterchangeID: s.ids.interchange, Usage: s.usage(), ReceivedAt: s.now,
	}
	if s.partner != nil {
		row.PartnerID = s.partner.ID
	}
	s.said = true
	return row
}

// errorRows numbers the rows of the errors of a set: one for each IK3, and one for each IK4 behind it.
type errorRows struct {
	acknowledgment int64
	set, no        int
	context        []edi.Text
}

func (r *errorRows) write(s *set, id int64, e *ack.SegmentError) error {
	if id != r.acknowledgment || e.Set.Ordinal != r.set {
		r.acknowledgment, r.set, r.no = id, e.Set.Ordinal, 0
	}
	row := storage.AcknowledgmentErrorRow{
		OperatorID: s.file.Operator, AcknowledgmentID: id, SetNo: e.Set.Ordinal, ByteOffset: e.Pos.Offset,
		Segment: e.Segment, Position: integer(e.Position), Loop: e.Loop, SegmentCode: e.Code, Context: r.sent(e.Contexts),
	}
	if err := r.add(s, &row); err != nil {
		return err
	}
	for _, code := range e.Codes { // of a 997
		row.SegmentCode = code
		if err := r.add(s, &row); err != nil {
			return err
		}
	}
	row.SegmentCode = e.Code
	for i := range e.Elements {
		n := &e.Elements[i]
		row.ByteOffset, row.ElementCode, row.Context = n.Pos.Offset, n.Code, r.sent(n.Contexts)
		row.Element, row.Component, row.Repetition = smallInteger(n.Element), smallInteger(n.Component), smallInteger(n.Repetition)
		if err := r.add(s, &row); err != nil {
			return err
		}
	}
	return nil
}

func (r *errorRows) add(s *set, row *storage.AcknowledgmentErrorRow) error {
	r.no++
	row.No = r.no
	return s.rows.AcknowledgmentError(s.ctx, row)
}

// sent returns the segments of contexts as sent: they name the inquiry that an error concerns by its trace, which matching needs.
// Senders may put a claim or member number there, so the column counts as patient data and is the operator's alone; what IK404 and
// AK404 copy of the faulty element is not kept. They are in memory that the next call uses again.
func (r *errorRows) sent(contexts []ack.Context) []edi.Text {
	r.context = r.context[:0]
	for i := range contexts {
		r.context = append(r.context, contexts[i].Sent)
	}
	return r.context
}

// integer is a number as an integer column keeps it; one that does not fit counts as not readable.
func integer(n ack.Number) storage.NullInt { return upTo(n, math.MaxInt32) }

func smallInteger(n ack.Number) storage.NullInt { return upTo(n, math.MaxInt16) }

func upTo(n ack.Number, most int) storage.NullInt {
	return storage.NullInt{Int: int64(n.Value), Valid: n.Sent && n.Value <= most}
}
