package eligibility

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// A Source is who has the information, mostly the payer: HL 20, loops 2000A and 2100A.
type Source struct {
	parts.Entity
	Header      *parts.Header // not lent
	parts.Party               // NM1, PER
	Rejections  []parts.Rejection
}

// A Receiver is who asked, mostly the provider: HL 21, loops 2000B and 2100B.
type Receiver struct {
	parts.Entity
	Header      *parts.Header // not lent
	Source      *Source       // nil if the document has none above
	parts.Party               // NM1, REF, N3, N4, PRV
	Rejections  []parts.Rejection
}

// A Person is a subscriber (HL 22, loops 2000C, 2100C) or a dependent (HL 23, 2000D, 2100D).
type Person struct {
	parts.Entity
	Header        *parts.Header // not lent
	Source        *Source       // nil if the document has none above
	Receiver      *Receiver     // nil if the document has none above
	Dependent     bool          // HL 23
	HasDependents bool          // HL04 is 1: the person may be named only for a dependent who follows
	Level         parts.Level   // of the person
	Context       []parts.Level // the levels above, the source first

	Traces       []parts.Trace      // TRN
	Name         parts.Name         // NM1
	References   []parts.Reference  // REF: 6P group number, EJ patient account …
	Address      parts.Address      // N3, N4
	Provider     parts.Provider     // PRV
	Demographics parts.Demographics // DMG
	Relationship parts.Relationship // INS
	Diagnoses    []parts.HealthCode // HI
	Dates        []parts.Date       // DTP: 291 plan, 346 plan begin …
	Military     parts.Military     // MPI
}

// An Answer is what a 271 says about a person.
type Answer struct {
	Person
	Subscriber *Answer // the subscriber above a dependent; nil for a subscriber
	Benefits   []Benefit
	Rejections []parts.Rejection // AAA of the person and of all benefits
}

// A Benefit is one statement: EB with its loops, 2110C and 2110D.
type Benefit struct {
	parts.Span
	Information       edi.Text          // EB01: 1 active, 6 inactive, B co-payment, C deductible …
	CoverageLevel     edi.Text          // EB02: IND, FAM …
	ServiceTypes      []edi.Text        // EB03, which repeats: 30 plan, 98 office visit …
	InsuranceType     edi.Text          // EB04
	Plan              edi.Text          // EB05
	Period            edi.Text          // EB06: 23 calendar year, 29 remaining …
	Amount            parts.Number      // EB07
	Percent           parts.Number      // EB08: a fraction, 0.2 is 20 percent
	QuantityQualifier edi.Text          // EB09
	Quantity          parts.Number      // EB10
	Authorization     edi.Text          // EB11: Y required, N not, U unknown
	Network           edi.Text          // EB12: Y in, N out, W either, U unknown
	Procedure         parts.Procedure   // EB13
	Pointers          []edi.Text        // EB14: ordinals of Diagnoses
	Deliveries        []parts.Delivery  // HSD
	References        []parts.Reference // REF
	Dates             []parts.Date      // DTP
	Rejections        []parts.Rejection // AAA
	Messages          []parts.Note      // MSG
	Additional        []Additional      // III
	Entities          []parts.Party     // 2120: primary care provider, other payer …

	first, end int // its segments among those of the answer
}

// An Additional is III: where a benefit applies, or a condition of it.
type Additional struct {
	List     edi.Text // III01: ZZ place of service …
	Code     edi.Text // III02
	Category edi.Text // III03
	Text     edi.Text // III04
	Pos      edi.Position
}

// An Inquiry is what a 270 asks about a person.
type Inquiry struct {
	Person
	Subscriber *Inquiry // the subscriber above a dependent; nil for a subscriber
	Questions  []Question
}

// A Question is EQ with its loop, 2110C and 2110D.
type Question struct {
	parts.Span
	ServiceTypes  []edi.Text        // EQ01, which repeats
	Procedure     parts.Procedure   // EQ02
	CoverageLevel edi.Text          // EQ03
	Pointers      []edi.Text        // EQ05: ordinals of Diagnoses
	Amounts       []parts.Amount    // AMT
	Additional    []Additional      // III
	References    []parts.Reference // REF
	Dates         []parts.Date      // DTP

	first, end int // its segments among those of the inquiry
}
