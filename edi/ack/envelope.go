package ack

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/ediport/ediport/edi"
)

// maxNumber is the highest control number; it is followed by 1.
const maxNumber = 999_999_999

// guideID is the guide of the 999.
const guideID = "005010X231A1"

// An Envelope is what an acknowledgment is sent in: ISA and GS. [Reply] makes one for the sender of an interchange.
type Envelope struct {
	SenderQualifier    string    // ISA05
	SenderID           string    // ISA06
	ReceiverQualifier  string    // ISA07
	ReceiverID         string    // ISA08
	GroupSender        string    // GS02; "" is SenderID
	GroupReceiver      string    // GS03; "" is ReceiverID
	Usage              string    // ISA15: P or T
	ControlNumber      int       // ISA13: 1 to 999999999
	GroupControlNumber int       // GS06; 0 is ControlNumber
	Time               time.Time // ISA09, ISA10, GS04, GS05; X12 has no zone, so these are its own hours
	LineBreak          string    // behind each segment: "" or "\n"
}

// Reply returns the envelope of an answer to i and, unless it is nil, g: sender and receiver swapped, the same usage. What can't stand in a
// valid ISA or GS, because it is as broken as what was received, is replaced: qualifiers by ZZ, ids by what is left of them, or UNKNOWN.
func Reply(i edi.Interchange, g *edi.Group) Envelope {
	e := Envelope{
		SenderQualifier: qualifier(i.ReceiverQualifier), SenderID: identity(i.ReceiverID),
		ReceiverQualifier: qualifier(i.SenderQualifier), ReceiverID: identity(i.SenderID),
		Usage: "P",
	}
	if i.Usage == "T" {
		e.Usage = "T"
	}
	e.GroupSender, e.GroupReceiver = e.SenderID, e.ReceiverID
	if g != nil {
		e.GroupSender, e.GroupReceiver = partner(g.Receiver, e.SenderID), partner(g.Sender, e.ReceiverID)
	}
	return e
}

// qualifier returns an ISA05 that may be sent.
func qualifier(q string) string {
	if envelopeCodes("ISA", 5).Has([]byte(q)) {
		return q
	}
	return "ZZ"
}

// identity returns an ISA06 that may be sent.
func identity(id string) string {
	if id = strings.TrimSpace(printable(id, 15)); len(id) < 2 {
		return "UNKNOWN"
	}
	return id
}

// partner returns a GS02 that may be sent.
func partner(id, instead string) string {
	if id = strings.TrimSpace(printable(id, 15)); len(id) < 2 {
		return instead
	}
	return id
}

// WriteTA1 writes an interchange that holds the TA1s. Values that a TA1 can't have are an [*InvalidError].
func WriteTA1(w io.Writer, e Envelope, acknowledgments ...TA1) error {
	return checked(w, e, func(o *output) error {
		if err := o.begin(e); err != nil {
			return err
		}
		for i := range acknowledgments {
			a := &acknowledgments[i]
			if err := o.segment("TA1", text(a.ControlNumber), text(a.Date), text(a.Time), text(a.Code), text(a.Note)); err != nil {
				return err
			}
		}
		return o.end(e, 0)
	})
}

// Write999 writes an interchange with a functional group that holds a 999 for each of the given answers. Each is made of the fields of the
// Group, its Sets and their Errors; what only reading fills (positions, Segments, Named) does not matter, and a decoded answer may be
// given as it is.
//
// Left to the writer are the control numbers of the 999s if they are "", all counts of the envelopes, IK304 of errors with Elements if it
// is "", and of AK9 what is not given: Received and Accepted by the sets, Included as Received, the Code by the sets' answers.
// Values that the guide does not allow are an [*InvalidError]; nothing is written then.
func Write999(w io.Writer, e Envelope, groups ...*Group) error {
	return checked(w, e, func(o *output) error {
		if err := o.begin(e); err != nil {
			return err
		}
		if err := o.beginGroup(e); err != nil {
			return err
		}
		s := setWriter{out: o}
		for _, g := range groups {
			if err := s.whole(g); err != nil {
				return err
			}
		}
		if err := o.endGroup(e, s.sets); err != nil {
			return err
		}
		return o.end(e, 1)
	})
}

// An output composes segments.
type output struct {
	*edi.Writer
	count int // segments since the last ST
}

func newOutput(w io.Writer, e Envelope) *output {
	x := edi.NewWriter(w, edi.StandardDelimiters)
	x.LineBreak = e.LineBreak
	return &output{Writer: x}
}

func (o *output) segment(tag string, elements ...edi.Value) error {
	o.count++
	return o.Segment(tag, elements...)
}

func (o *output) begin(e Envelope) error {
	d := edi.StandardDelimiters
	if e.ControlNumber < 1 || e.ControlNumber > maxNumber {
		return &InvalidError{Segment: "ISA", Element: 13, Reason: "the control number is not 1 to 999999999"}
	}
	isa := []string{
		"ISA", "00", blanks(10), "00", blanks(10), e.SenderQualifier, pad(e.SenderID), e.ReceiverQualifier, pad(e.ReceiverID),
		e.Time.Format("060102"), e.Time.Format("1504"), d.Repetition, "00501", nine(e.ControlNumber), "0", e.Usage, d.Component,
	}
	for n, v := range isa { // the ISA shows the delimiters, which a Writer refuses in data
		if n != 11 && n != 16 && !isClean(v) {
			return &InvalidError{Segment: "ISA", Element: n, Reason: "holds a delimiter, a control character or a letter beyond ASCII"}
		}
	}
	return o.Bytes([]byte(strings.Join(isa, d.Element) + d.Terminator + o.LineBreak))
}

func (o *output) end(e Envelope, groups int) error {
	return o.segment("IEA", number(groups), edi.Str(nine(e.ControlNumber)))
}

func (o *output) beginGroup(e Envelope) error {
	return o.segment("GS", edi.Str("FA"), edi.Str(either(e.GroupSender, e.SenderID)), edi.Str(either(e.GroupReceiver, e.ReceiverID)),
		edi.Str(e.Time.Format("20060102")), edi.Str(e.Time.Format("1504")), number(e.groupNumber()), edi.Str("X"), edi.Str(guideID))
}

func (o *output) endGroup(e Envelope, sets int) error {
	return o.segment("GE", number(sets), number(e.groupNumber()))
}

func (e Envelope) groupNumber() int {
	if e.GroupControlNumber > 0 {
		return e.GroupControlNumber
	}
	return e.ControlNumber
}

func either(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func nine(n int) string { return fmt.Sprintf("%09d", n) }

func blanks(n int) string { return strings.Repeat(" ", n) }

func pad(id string) string { return id + blanks(max(15-len(id), 0)) }
