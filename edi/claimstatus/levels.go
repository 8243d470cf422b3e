package claimstatus

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// Tracking is what a loop 2200 says, at whichever level.
type Tracking struct {
	Traces     []parts.Trace     // TRN
	Statuses   []Status          // STC
	References []parts.Reference // REF: 1K payer claim control number, EJ patient control number, BLT bill type, D9 clearinghouse …
	Dates      []parts.Date      // DTP: 472 service, 050 received, 009 processed
	Quantities []parts.Quantity  // QTY: 90, QA accepted; AA, QC rejected
	Amounts    []parts.Amount    // AMT: YU accepted, YY rejected, T3 charge
}

// A Status is STC: up to three statuses of one moment.
type Status struct {
	Codes         [3]StatusCode // STC01, 10, 11; those not sent are zero
	EffectiveDate edi.Date      // STC02
	Action        edi.Text      // STC03: WQ accept, U reject
	Charge        parts.Number  // STC04
	Paid          parts.Number  // STC05
	Adjudicated   edi.Date      // STC06
	Method        edi.Text      // STC07
	PaymentDate   edi.Date      // STC08
	PaymentNumber edi.Text      // STC09: of the check or transfer
	Message       edi.Text      // STC12
	Pos           edi.Position  // of the STC
}

// A StatusCode is one composite of an STC.
type StatusCode struct {
	Category edi.Text // component 1: A0 … acknowledged, P pending, F finalized, R more information, E error, D search
	Status   edi.Text // component 2
	Entity   edi.Text // component 3: whom the status is about
	List     edi.Text // component 4: RX pharmacy; "" is the usual list
}

// A Source is who answers, mostly the payer: HL 20, loops 2000A to 2200A.
type Source struct {
	parts.Entity
	Header   *parts.Header // not lent
	Level    parts.Level
	Name     parts.Name      // NM1
	Contacts []parts.Contact // PER
	Tracking                 // of a 277CA
}

// A Receiver is who asked or submitted: HL 21, loops 2000B to 2200B.
type Receiver struct {
	parts.Entity
	Header  *parts.Header // not lent
	Source  *Source       // nil if the document has none above
	Level   parts.Level
	Context []parts.Level // the levels above
	Name    parts.Name    // NM1
	Tracking
}

// A Provider is whose claims they are: HL 19, loops 2000C to 2200C.
type Provider struct {
	parts.Entity
	Header   *parts.Header // not lent
	Source   *Source       // nil if the document has none above
	Receiver *Receiver     // nil if the document has none above
	Level    parts.Level
	Context  []parts.Level // the levels above
	Name     parts.Name    // NM1: the one with an NPI (XX), else the first
	Names    []parts.Name  // all NM1
	Tracking
}

// A Patient is a subscriber (HL 22), a dependent (HL 23) or the patient of a 277CA (HL PT), without the claims.
type Patient struct {
	parts.Entity
	Header       *parts.Header // not lent
	Source       *Source       // nil if the document has none above
	Receiver     *Receiver     // nil if the document has none above
	Provider     *Provider     // nil if the document has none above
	Subscriber   *Patient      // above a dependent; nil elsewhere
	Dependent    bool          // HL 23
	Level        parts.Level
	Context      []parts.Level      // the levels above
	Name         parts.Name         // NM1
	Demographics parts.Demographics // DMG, of a 276
}

// A Claim is one claim: the statuses of it (277) or the request for them (276).
type Claim struct {
	parts.Entity
	Patient *Patient // with the levels above; nil if the document has none
	Ordinal int      // in its transaction set, from 1
	Tracking
	Lines []Line // 2220, in a 276 2210

	// The levels above. Header is not lent; the others are nil if the document has none.
	Header   *parts.Header
	Source   *Source
	Receiver *Receiver
	Provider *Provider
}

// A Line is a service line of a claim.
type Line struct {
	parts.Span
	Procedure  parts.Procedure   // SVC01
	Charge     parts.Number      // SVC02
	Paid       parts.Number      // SVC03
	Revenue    edi.Text          // SVC04
	Units      parts.Number      // SVC07
	Statuses   []Status          // STC
	References []parts.Reference // REF: FJ line item control number
	Dates      []parts.Date      // DTP: 472 service

	first, end int // its segments among those of the claim
}
