package authorization

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// A UMO is who decides: HL 20, loops 2000A and 2010A.
type UMO struct {
	parts.Entity
	Header      *parts.Header // not lent
	Level       parts.Level
	parts.Party // NM1, PER
	Rejections  []parts.Rejection
}

// A Requester is who asks: HL 21, loops 2000B and 2010B.
type Requester struct {
	parts.Entity
	Header     *parts.Header // not lent
	UMO        *UMO          // nil if the document has none above
	Level      parts.Level
	Context    []parts.Level // the levels above
	Name       parts.Name    // NM1: the one with an NPI (XX), else the first
	Parties    []parts.Party // 2010B: all
	Rejections []parts.Rejection
}

// A Patient is a subscriber (HL 22, loops 2000C and 2010C) or a dependent (HL 23, 2000D and 2010D).
type Patient struct {
	parts.Entity
	Header     *parts.Header // not lent
	UMO        *UMO          // nil if the document has none above
	Requester  *Requester    // nil if the document has none above
	Subscriber *Patient      // above a dependent; nil elsewhere
	Dependent  bool          // HL 23
	Level      parts.Level
	Context    []parts.Level // the levels above

	Name         parts.Name         // NM1
	References   []parts.Reference  // REF
	Address      parts.Address      // N3, N4
	Demographics parts.Demographics // DMG
	Relationship parts.Relationship // INS
	Rejections   []parts.Rejection
}

// An Event is what care is asked for, or decided on: HL EV, loops 2000E to 2010EC, with its services.
type Event struct {
	parts.Entity               // with the services
	Header       *parts.Header // not lent
	UMO          *UMO          // nil if the document has none above
	Requester    *Requester    // nil if the document has none above
	Patient      *Patient      // subscriber or dependent; nil if the document has none above
	Response     bool          // of a 278 response
	Level        parts.Level   // without the services, which have their own
	Context      []parts.Level // the levels above

	Review
	Diagnoses     []parts.HealthCode // HI
	Conditions    []Condition        // CRC
	Institutional Institutional      // CL1
	Ambulance     Ambulance          // CR1
	Spinal        Spinal             // CR2
	Oxygen        Oxygen             // CR5
	HomeHealth    HomeHealth         // CR6
	Services      []Service          // in file order
}

// A Service is one item of an event: HL SS, loops 2000F to 2010FB.
type Service struct {
	parts.Span
	Level parts.Level

	Review
	Codes []parts.HealthCode // HI: LOI documents asked for

	Kind        edi.Text        // SV1 professional, SV2 institutional, SV3 dental; "" if none of them was sent
	Procedure   parts.Procedure // SV101, SV202, SV301
	Revenue     edi.Text        // SV201
	Charge      parts.Number    // SV102, SV203, SV302
	Unit        edi.Text        // SV103, SV204
	Quantity    parts.Number    // SV104, SV205, SV306
	Rate        parts.Number    // SV206
	Pointers    []edi.Text      // SV107: ordinals of the event's diagnoses
	EPSDT       edi.Text        // SV111
	NursingHome edi.Text        // SV209
	LevelOfCare edi.Text        // SV120, SV210
	OralCavity  []edi.Text      // SV304
	Prosthesis  edi.Text        // SV305
	Description edi.Text        // SV307
	Teeth       []Tooth         // TOO

	first, end int // its segments among those of the event
}

// A Review is what events and services have in common.
type Review struct {
	Traces      []parts.Trace     // TRN
	Request     Request           // UM
	Decision    Decision          // HCR
	References  []parts.Reference // REF: BB authorization, NT administrative
	Dates       []parts.Date      // DTP: AAH event, 435 admission, 472 service, 007 effective, 036 expiration, 102 issue …
	Deliveries  []parts.Delivery  // HSD
	Attachments []Attachment      // PWK
	Messages    []parts.Note      // MSG
	Parties     []Party           // 2010E, 2010F
	Rejections  []parts.Rejection // AAA; an event has those of its parties and services as well, a service those of its parties
}

// A Request is UM.
type Request struct {
	Category          edi.Text   // UM01: AR admission, HS health services, SC specialty care, IN individual
	CertificationType edi.Text   // UM02: I initial, R renewal, 3 cancel …
	ServiceType       edi.Text   // UM03
	Facility          edi.Text   // UM04-1
	FacilityQualifier edi.Text   // UM04-2: A bill type, B place of service
	Frequency         edi.Text   // UM04-3
	Causes            []edi.Text // UM05-1 to 3: related causes
	CauseState        edi.Text   // UM05-4
	CauseCountry      edi.Text   // UM05-5
	Urgency           edi.Text   // UM06: 03 emergency, U urgent, E elective
	Condition         edi.Text   // UM07
	Prognosis         edi.Text   // UM08
	Release           edi.Text   // UM09
	DelayReason       edi.Text   // UM10
	Pos               edi.Position
}

// A Decision is HCR.
type Decision struct {
	Action        edi.Text   // HCR01: A1 certified, A2 in part, A3 not, A4 pended, A6 modified, C cancelled, CT contact, NA not needed
	Number        edi.Text   // HCR02: the certification's
	Reasons       []edi.Text // HCR03, which repeats
	SecondOpinion edi.Text   // HCR04
	Pos           edi.Position
}

// IsZero tells whether there is no decision.
func (d *Decision) IsZero() bool { return d.Action == nil && d.Number == nil }

// A Party is one of the loops below an event or service. Its role is Name.Entity: 71 to SJ providers, L5 who wants more
// information, 45, FS, ND, PW, R3 places of transport, 00, CA, GG another UMO.
type Party struct {
	parts.Party
	Loop       string            // its id in the guide: 2010EA …
	Dates      []parts.Date      // DTP, of another UMO
	Rejections []parts.Rejection // AAA
}

// An Attachment is PWK.
type Attachment struct {
	Type         edi.Text // PWK01
	Transmission edi.Text // PWK02
	Qualifier    edi.Text // PWK05
	Number       edi.Text // PWK06: control number that the attachment carries
	Description  edi.Text // PWK07
	Pos          edi.Position
}

// A Condition is CRC.
type Condition struct {
	Category edi.Text    // CRC01
	Applies  edi.Text    // CRC02: Y or N
	Codes    [5]edi.Text // CRC03 to CRC07; empty ones last
	Pos      edi.Position
}

// A Tooth is TOO.
type Tooth struct {
	List     edi.Text   // TOO01
	Code     edi.Text   // TOO02
	Surfaces []edi.Text // TOO03
	Pos      edi.Position
}

// An Institutional is CL1.
type Institutional struct {
	AdmissionType   edi.Text // CL101
	AdmissionSource edi.Text // CL102
	PatientStatus   edi.Text // CL103
	NursingHome     edi.Text // CL104
}

// An Ambulance is CR1.
type Ambulance struct {
	WeightUnit       edi.Text     // CR101
	Weight           parts.Number // CR102
	Transport        edi.Text     // CR103
	Reason           edi.Text     // CR104
	DistanceUnit     edi.Text     // CR105
	Distance         parts.Number // CR106
	RoundTrip        edi.Text     // CR109
	StretcherPurpose edi.Text     // CR110
}

// A Spinal is CR2.
type Spinal struct {
	Treatment    parts.Number // CR201: ordinal in the series
	Treatments   parts.Number // CR202
	From         edi.Text     // CR203: subluxation level
	To           edi.Text     // CR204
	Condition    edi.Text     // CR208
	Complication edi.Text     // CR209
	Description1 edi.Text     // CR210
	Description2 edi.Text     // CR211
	XRays        edi.Text     // CR212
}

// An Oxygen is CR5.
type Oxygen struct {
	Equipment      [3]edi.Text  // CR503, 04, 18
	Reason         edi.Text     // CR505
	Flow           parts.Number // CR506
	DailyUses      parts.Number // CR507
	HoursPerUse    parts.Number // CR508
	Order          edi.Text     // CR509
	BloodGas       parts.Number // CR510
	Saturation     parts.Number // CR511
	TestCondition  edi.Text     // CR512
	Findings       [3]edi.Text  // CR513 to CR515
	PortableFlow   parts.Number // CR516
	DeliverySystem edi.Text     // CR517
}

// A HomeHealth is CR6.
type HomeHealth struct {
	Prognosis          edi.Text   // CR601
	Start              edi.Date   // CR602
	Period             parts.Date // CR603, 04: certification
	Medicare           edi.Text   // CR607
	CertificationType  edi.Text   // CR608
	Surgery            edi.Date   // CR609
	ProcedureQualifier edi.Text   // CR610
	Procedure          edi.Text   // CR611
	Ordered            edi.Date   // CR612
	LastVisit          edi.Date   // CR613
	PhysicianContact   edi.Date   // CR614
	Admission          parts.Date // CR615, 16
	Location           edi.Text   // CR617
}
