package edi

import "fmt"

// Severity says what a finding means for its document.
type Severity uint8

// Severities. Only an error rejects, unless a partner rule says otherwise.
const (
	Error Severity = iota
	Warning
	Info
)

// String returns "error", "warning" or "info".
func (s Severity) String() string {
	switch s {
	case Error:
		return "error"
	case Warning:
		return "warning"
	default:
		return "info"
	}
}

// MarshalText lets encoders show the severity as a word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// A Code names a kind of departure the way acknowledgments do.
type Code struct {
	Kind  string `json:"kind"`  // TA105, IK304, IK403, IK502, AK905, or a rule's own name such as balance.claim
	Value string `json:"value"` // the code in that list; "" for a rule's own name
}

// A Finding is one departure from a rule, at a position. It holds no element value: positions and codes suffice to find it.
type Finding struct {
	Pos        Position
	Control    Control // the control numbers around it, as sent
	Segment    string  // segment id; the missing one's if a segment is missing; "" if it is not an id, as that may be data
	Loop       string  // loop id in its guide, "" in the envelope
	Element    int     // 0 is the whole segment
	Component  int     // 0 is the whole element
	Repetition int     // 0 is the whole element
	Severity   Severity
	SNIP       int // kind of check, 1 to 7
	Code       Code
	Message    string // one sentence for a person, without values from the file
	Trigger    Place  // of a situation: what made the rule apply, as CTX tells it; zero where nothing else did
}

// A Place is a segment of a transaction set, or an element of it.
type Place struct {
	Segment   string // segment id
	Position  int    // in its transaction set: ST is 1
	Loop      string // loop id in its guide
	Element   int    // 0 is the whole segment
	Component int    // 0 is the whole element
}

// Control holds the control numbers of the envelopes around a segment, as sent; "" where there is none. See [NewControl].
type Control struct {
	ISA13, GS06, ST02 string
}

// NewControl returns the control numbers for findings: what exceeds 64 bytes is cut off, so that a file can't make each of its
// findings as long as itself.
func NewControl(isa13, gs06, st02 string) Control {
	clip := func(s string) string { return s[:min(len(s), maxNumberBytes)] }
	return Control{ISA13: clip(isa13), GS06: clip(gs06), ST02: clip(st02)}
}

// String returns where and what: "IEA, line 20, byte 600: ... (TA105 021)".
func (f Finding) String() string {
	return fmt.Sprintf("%s, %s: %s (%s %s)", f.Segment, f.Pos, f.Message, f.Code.Kind, f.Code.Value)
}
