package parts

import (
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// An Envelope is what an encoder can't know from the documents themselves: who sends to whom, when, and the numbers that name what is
// sent. The encoder checks it when the first document begins.
type Envelope struct {
	SenderQualifier   string // ISA05: ZZ mutually defined, 01 DUNS, 30 tax id …
	SenderID          string // ISA06, up to 15 characters
	ReceiverQualifier string // ISA07
	ReceiverID        string // ISA08
	GroupSender       string // GS02; "" is SenderID
	GroupReceiver     string // GS03; "" is ReceiverID

	// Time is ISA09, ISA10, GS04 and GS05, and BHT04 and BHT05 unless the Header has them, as the clock of its zone shows it.
	Time time.Time

	Interchange int // ISA13, 1 to 999999999; 0 is 1
	Group       int // GS06 of the first group, from which they count up; 0 is 1. Behind 999999999 comes 1
	Transaction int // ST02 of the first document of each group, likewise. A document's own control number goes first

	Usage        string // ISA15: P production, T test
	AckRequested bool   // ISA14: a TA1 is wanted

	Delimiters edi.Delimiters // of one byte each; the zero value is edi.StandardDelimiters
	LineBreak  string         // after each segment: "" or "\n" or "\r\n"
	Levels     guide.Levels   // SNIP types that are checked in writing; the zero value is all
}
