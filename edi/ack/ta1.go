package ack

import (
	"github.com/ediport/ediport/edi"
)

// A TA1 is the answer about one interchange. It names it by control number, date and time, sender and receiver swapped.
type TA1 struct {
	Pos           edi.Position
	ControlNumber edi.Text // TA101: ISA13
	Date          edi.Text // TA102: ISA09
	Time          edi.Text // TA103: ISA10
	Code          edi.Text // TA104: A accepted, E with errors, R rejected
	Note          edi.Text // TA105: why; 000 is no error
}

// ReadTA1 reads a TA1. Its texts are lent as the segment is.
func ReadTA1(s edi.Segment) TA1 {
	return TA1{Pos: s.Pos(), ControlNumber: s.Text(1), Date: s.Text(2), Time: s.Text(3), Code: s.Text(4), Note: s.Text(5)}
}

// Outcome returns what the answer means for the interchange.
func (t TA1) Outcome() Outcome { return outcomeOf(t.Code) }
