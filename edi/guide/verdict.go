package guide

import "github.com/ediport/ediport/edi"

// A Verdict is what the guide says of a transaction set.
type Verdict uint8

// Verdicts: an error of SNIP 1 and 2 rejects, any other error leaves the set accepted with errors.
const (
	Unchecked Verdict = iota // no guide is known
	Accepted
	AcceptedWithErrors
	Rejected
)

var verdictNames = [...]string{
	Unchecked: "unchecked", Accepted: "accepted", AcceptedWithErrors: "accepted_with_errors", Rejected: "rejected",
}

// String returns unchecked, accepted, accepted_with_errors or rejected.
func (v Verdict) String() string { return verdictNames[v] }

// MarshalText lets encoders show the verdict as a word.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// after returns the verdict of a set that had v before f was found.
func (v Verdict) after(f *edi.Finding) Verdict {
	switch {
	case f.Severity != edi.Error:
		return v
	case f.SNIP <= 2:
		return Rejected
	default:
		return max(v, AcceptedWithErrors)
	}
}
