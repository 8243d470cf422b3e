package ack

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// A Number is a count or a position that may be absent. One that can't be read counts as not sent and is among the Problems.
type Number struct {
	Value int
	Sent  bool
}

// A Group is the answer about one functional group: AK1 and AK9. Its Segments are those that belong to none of its sets.
type Group struct {
	parts.Entity
	Kind             edi.Text   // ST01: 999 or 997
	SetControlNumber edi.Text   // ST02: of the acknowledgment itself
	FunctionalID     edi.Text   // AK101: GS01 of the group that is answered
	ControlNumber    edi.Text   // AK102: its GS06
	Version          edi.Text   // AK103: its GS08
	Code             edi.Text   // AK901: A accepted, E with errors, P partly, R rejected; "" if AK9 is missing
	Included         Number     // AK902: sets that the group's trailer says it has
	Received         Number     // AK903: sets found
	Accepted         Number     // AK904: sets accepted
	ErrorCodes       []edi.Text // AK905 to AK909
	Named            Named      // what the sets say that have an answer of their own
	Sets             []*Set     // those sets; filled by Groups only
}

// Named counts the sets that an acknowledgment names.
type Named struct {
	Sets     int // AK2
	Accepted int // IK501 A or E
	Rejected int // any other IK501
}

// A Set is the answer about one transaction set: AK2 and IK5 (AK5). Its Segments are those that belong to none of its errors.
type Set struct {
	parts.Entity
	Group         *Group          // while the set is read, without what AK9 says
	Ordinal       int             // in the acknowledgment, from 1
	Code          edi.Text        // AK201: 270
	ControlNumber edi.Text        // AK202: ST02 of the set
	Guide         edi.Text        // AK203: its ST03
	Answer        edi.Text        // IK501: A accepted, E with errors, R rejected; "" if IK5 is missing
	ErrorCodes    []edi.Text      // IK502 to IK506
	Errors        []*SegmentError // filled by Groups only
}

// A SegmentError is a segment that is wrong, or missing: IK3 (AK3), with the contexts and elements behind it.
type SegmentError struct {
	parts.Entity
	Set      *Set           // without what IK5 says
	Ordinal  int            // in the set, from 1
	Segment  edi.Text       // IK301: its id
	Position Number         // IK302: its place in the set, ST is 1
	Loop     edi.Text       // IK303
	Code     edi.Text       // IK304
	Codes    []edi.Text     // AK305 to AK308: more codes, in a 997 only
	Contexts []Context      // CTX
	Elements []ElementError // IK4
}

// An ElementError is an element that is wrong: IK4 (AK4). Its value is patient data.
type ElementError struct {
	Pos        edi.Position
	Element    Number    // IK401-1
	Component  Number    // IK401-2: not sent for the whole element
	Repetition Number    // IK401-3: not sent for the first
	Reference  edi.Text  // IK402: number of the data element
	Code       edi.Text  // IK403
	Value      edi.Text  // IK404: what was sent
	Contexts   []Context // CTX
}

// A Context says what an error is about: CTX. Its reference is patient data.
type Context struct {
	Pos        edi.Position
	Name       edi.Text // CTX01-1: SITUATIONAL TRIGGER, or what Reference is, such as TRN02
	Reference  edi.Text // CTX01-2
	Segment    edi.Text // CTX02
	Position   Number   // CTX03
	Loop       edi.Text // CTX04
	Element    Number   // CTX05-1
	Component  Number   // CTX05-2
	Repetition Number   // CTX05-3
	Sent       edi.Text // the segment as sent
}
