package parts

import "github.com/ediport/ediport/edi"

// A Number is a number that may be absent. A number that can't be read counts as not sent and is among the Problems.
type Number struct {
	Value edi.Decimal
	Sent  bool
}

// NewNumber returns d as a number that is sent.
func NewNumber(d edi.Decimal) Number { return Number{Value: d, Sent: true} }

// String returns the number, "" if it was not sent.
func (n Number) String() string {
	if !n.Sent {
		return ""
	}
	return n.Value.String()
}

// MarshalText writes n as String does.
func (n Number) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// A Reference is REF.
type Reference struct {
	Qualifier   edi.Text   // REF01
	ID          edi.Text   // REF02
	Description edi.Text   // REF03
	Further     []edi.Text // REF04: its components, which are a qualifier and an id in turn
	Pos         edi.Position
}

// A Date is DTP or DTM.
type Date struct {
	Qualifier edi.Text // DTP01, DTM01: what happened then
	From      edi.Date // the date, or the first day of a range
	To        edi.Date // last day of a range; zero for a single date
	Format    edi.Text // DTP02: D8, RD8; an encoder makes it of From and To if it is not set
	Sent      edi.Text // DTP03, DTM02 as sent; an encoder looks at it only if From is not set
	Pos       edi.Position
}

// A Trace is TRN.
type Trace struct {
	Type         edi.Text // TRN01: 1 of this transaction, 2 of the one it answers
	Number       edi.Text // TRN02
	Originator   edi.Text // TRN03
	Supplemental edi.Text // TRN04
	Pos          edi.Position
}

// An Amount is AMT. In dollars unless the document says otherwise.
type Amount struct {
	Qualifier edi.Text    // AMT01
	Value     edi.Decimal // AMT02
	Pos       edi.Position
}

// A Quantity is QTY.
type Quantity struct {
	Qualifier edi.Text    // QTY01
	Value     edi.Decimal // QTY02
	Pos       edi.Position
}

// A Procedure is a composite procedure id, such as SVC01 or EB13.
type Procedure struct {
	Qualifier   edi.Text    // component 1: HC HCPCS, NU revenue code, AD dental, N4 NDC
	Code        edi.Text    // component 2
	Modifiers   [4]edi.Text // components 3 to 6; empty ones last
	Description edi.Text    // component 7
	EndCode     edi.Text    // component 8: last code of a range
}

// A HealthCode is one composite of HI: a diagnosis or what its qualifier says.
type HealthCode struct {
	Qualifier edi.Text // component 1: ABK principal diagnosis, ABF diagnosis, LOI document asked for
	Code      edi.Text // component 2
	Date      Date     // components 3 and 4
	Pos       edi.Position
}

// A Rejection is AAA: why a request, or part of it, was not answered.
type Rejection struct {
	Valid    edi.Text     // AAA01: N the request is invalid, Y valid but not answered now
	Reason   edi.Text     // AAA03
	FollowUp edi.Text     // AAA04: what may be done next
	Loop     string       // id of the loop that it stands in
	Name     int          // of a level with several names, the ordinal of the one that it stands with, from 1
	Pos      edi.Position // of the AAA
}

// A Delivery is HSD: how often and how long services are given.
type Delivery struct {
	QuantityQualifier edi.Text // HSD01
	Quantity          Number   // HSD02
	Unit              edi.Text // HSD03
	Frequency         Number   // HSD04: units per HSD03
	PeriodQualifier   edi.Text // HSD05
	Periods           Number   // HSD06
	Pattern           edi.Text // HSD07
	PatternTime       edi.Text // HSD08
	Pos               edi.Position
}

// A Note is a text for people: MSG.
type Note struct {
	Text edi.Text // MSG01
	Pos  edi.Position
}
