package ack

import "github.com/ediport/ediport/edi"

// An Outcome is what an acknowledgment means for a transaction set or interchange of ours.
type Outcome uint8

// Outcomes.
const (
	Unclear            Outcome = iota // it contradicts itself, or does not say: a person must look
	Accepted                          // it is processed
	AcceptedWithErrors                // it is processed, but has errors
	Rejected                          // it is not processed
)

// String returns the outcome as JSON and pages spell it: accepted_with_errors.
func (o Outcome) String() string {
	switch o {
	case Accepted:
		return "accepted"
	case AcceptedWithErrors:
		return "accepted_with_errors"
	case Rejected:
		return "rejected"
	default:
		return "unclear"
	}
}

// MarshalText writes o as String does.
func (o Outcome) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// outcomeOf reads IK501, AK501 or TA104.
func outcomeOf(code edi.Text) Outcome {
	switch string(code) {
	case "A":
		return Accepted
	case "E":
		return AcceptedWithErrors
	case "R", "M", "W", "X":
		return Rejected
	default:
		return Unclear
	}
}

// Outcome returns what the answer means for a set of the group: one that it names, or nil for any that it does not name. It is
// known when all of the group was read. If AK901 is
//
//   - A, all sets are accepted; one whose own answer is a rejection is unclear.
//   - R, M, W or X, all are rejected, whatever else is said.
//   - E or P, sets are what their own answer says; those not named are accepted if AK902 to AK904 leave no other
//     explanation, else unclear.
//   - missing or another code, only the answers of sets count.
//
// Source: TR3 005010X231A1, AK2 (situational) and AK9.
func (g *Group) Outcome(set *Set) Outcome {
	own := Unclear
	if set != nil {
		own = outcomeOf(set.Answer)
	}
	switch group := outcomeOf(g.Code); {
	case group == Rejected:
		return Rejected
	case group == Accepted && own == Rejected:
		return Unclear
	case group == Accepted && own == Unclear:
		return Accepted
	case set != nil:
		return own
	case (group == AcceptedWithErrors || g.Code.Is("P")) && g.restAccepted():
		return Accepted
	default:
		return Unclear
	}
}

// restAccepted tells whether the counts say that all sets that are not named were accepted.
func (g *Group) restAccepted() bool {
	if !g.Included.Sent || !g.Received.Sent || !g.Accepted.Sent || g.Included != g.Received {
		return false
	}
	if g.Named.Accepted+g.Named.Rejected < g.Named.Sets {
		return false // what is accepted may be one without an answer
	}
	rest := g.Received.Value - g.Named.Sets
	return rest >= 0 && g.Accepted.Value == g.Named.Accepted+rest
}
