package ack

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ediport/ediport/edi"
)

// A Policy says how findings become acknowledgments, for one partner. It is plain data: [DefaultPolicy] and [TolerantPolicy] return one to
// change. Its zero value notes and rejects nothing.
type Policy struct {
	// Reject and Note list SNIP types: an error of a type in Reject rejects its transaction set (IK501 R), group (AK901 R) or
	// interchange (TA104 R); one in Note is told, and leaves it accepted with errors (E). Errors of other types do not reach the
	// acknowledgment, and neither do warnings.
	Reject []int `json:"reject"`
	Note   []int `json:"note"`
	// Kinds overrides this by kind of finding, also for warnings: by code ("IK403 I6", "TA105 021"), kind ("IK403",
	// "balance.claim"), or family of a rule's own kinds ("balance"), whichever is found first.
	Kinds map[string]Mapping `json:"kinds,omitempty"`
	// UnknownGuide says what becomes of a set whose guide is not known, so that it was not checked.
	UnknownGuide UnknownGuide `json:"unknown_guide"`
	// Values says whether an acknowledgment repeats values of the file: the bad ones, and the number of the business unit. Anything but
	// full is none.
	Values Values `json:"values"`
	// MaxErrors limits the IK3 segments per set; 0 is DefaultMaxErrors. What is left out is counted, see SetAnswer.
	MaxErrors int `json:"max_errors,omitempty"`
}

// DefaultMaxErrors is the limit of IK3 segments per set unless [Policy.MaxErrors] sets another.
const DefaultMaxErrors = 1000

// A Treatment is what a finding does to what it is about.
type Treatment string

// Treatments.
const (
	ToReject Treatment = "reject" // R
	ToNote   Treatment = "note"   // E
	ToIgnore Treatment = "ignore" // not told
)

// A Mapping says how a kind of finding is answered: the treatment, and the code for findings whose kind is a rule's own, which no
// acknowledgment knows. The first of these that can be said about a finding is: Element if it has an element, Segment, Set, Interchange. A
// rejection without any is told as IK502 5.
type Mapping struct {
	Treatment   Treatment `json:"treatment"`
	Element     string    `json:"element,omitempty"`     // IK403
	Segment     string    `json:"segment,omitempty"`     // IK304
	Set         string    `json:"set,omitempty"`         // IK502
	Interchange string    `json:"interchange,omitempty"` // TA105
}

// UnknownGuide is a treatment of sets that were not checked.
type UnknownGuide string

// Treatments of sets that were not checked.
const (
	AcceptUnknown      UnknownGuide = "accept"      // IK501 A
	RejectUnknownSet   UnknownGuide = "unsupported" // IK501 R, IK502 1: transaction set not supported
	RejectUnknownGuide UnknownGuide = "guide"       // IK501 R, IK502 I6: implementation convention not supported
)

// Values says whether values of the file are repeated.
type Values string

// Kinds of Values.
const (
	FullValues Values = "full"
	NoValues   Values = "none"
)

// DefaultPolicy returns the strict policy: errors of SNIP 1 and 2 reject, as guide.Verdict has it; those of SNIP 4 are noted; SNIP 3, 5 and 7
// have no codes in a 999 and are left out. A set that is guide.Rejected is answered R, one that is guide.Accepted A, one that is
// guide.AcceptedWithErrors E if any of its errors can be told, else A. Sets without a known guide are accepted.
func DefaultPolicy() Policy {
	return Policy{
		Reject: []int{1, 2}, Note: []int{4}, UnknownGuide: AcceptUnknown, Values: FullValues,
		Kinds: map[string]Mapping{
			"IK502 2":        {Treatment: ToReject}, // also where it follows from a missing IEA, and is information
			"envelope.stray": {Treatment: ToReject, Interchange: "022"},
		},
	}
}

// TolerantPolicy returns the policy for files that are used whatever is wrong with them, such as remittances: all errors that
// DefaultPolicy tells are noted, and reject nothing but a set that breaks off.
func TolerantPolicy() Policy {
	p := DefaultPolicy()
	p.Reject, p.Note = nil, []int{1, 2, 4}
	p.Kinds = map[string]Mapping{
		"IK502 2":        {Treatment: ToReject},
		"envelope.stray": {Treatment: ToNote, Interchange: "022"},
	}
	return p
}

// Validate returns all that is wrong with the policy.
func (p *Policy) Validate() error {
	var all []error
	for _, snip := range slices.Concat(p.Reject, p.Note) {
		if snip < 1 || snip > 7 {
			all = append(all, fmt.Errorf("there is no SNIP type %d", snip))
		}
	}
	for kind, m := range p.Kinds {
		if m.Treatment != ToReject && m.Treatment != ToNote && m.Treatment != ToIgnore {
			all = append(all, fmt.Errorf("%s: treatment %q is none of reject, note, ignore", kind, m.Treatment))
		}
		for _, c := range []struct{ code, tag, name string }{
			{m.Element, "IK4", "IK403"}, {m.Segment, "IK3", "IK304"}, {m.Set, "IK5", "IK502"}, {m.Interchange, "TA1", "TA105"},
		} {
			if c.code != "" && !isCode(c.tag, c.code) {
				all = append(all, fmt.Errorf("%s: %q is no code of %s", kind, c.code, c.name))
			}
		}
	}
	if u := p.UnknownGuide; u != "" && u != AcceptUnknown && u != RejectUnknownSet && u != RejectUnknownGuide {
		all = append(all, fmt.Errorf("unknown_guide %q is none of accept, unsupported, guide", u))
	}
	if v := p.Values; v != "" && v != FullValues && v != NoValues {
		all = append(all, fmt.Errorf("values %q is none of full, none", v))
	}
	if p.MaxErrors < 0 {
		all = append(all, errors.New("max_errors is negative"))
	}
	return errors.Join(all...)
}

// isCode tells whether a segment of an acknowledgment knows the error code.
func isCode(tag, code string) bool {
	switch tag {
	case "IK3":
		return code != "8" && ackCodes(tag, 4).Has([]byte(code))
	case "IK4":
		return ackCodes(tag, 3).Has([]byte(code))
	case "IK5":
		return ackCodes(tag, 2).Has([]byte(code))
	case "AK9":
		return ackCodes(tag, 5).Has([]byte(code))
	case "TA1":
		return envelopeCodes(tag, 5).Has([]byte(code))
	}
	return false
}

// A level is where in an acknowledgment something is told.
type level uint8

const (
	nowhere level = iota
	elementLevel
	segmentLevel
	setLevel
	groupLevel
	interchangeLevel
)

// A telling is how a finding is told.
type telling struct {
	treatment Treatment
	level     level
	code      string
}

// telling returns how f is told.
func (p *Policy) telling(f *edi.Finding) telling {
	m, mapped := p.mapping(f.Code)
	t := telling{treatment: m.Treatment}
	switch {
	case mapped:
	case f.Severity != edi.Error:
		t.treatment = ToIgnore
	case slices.Contains(p.Reject, f.SNIP):
		t.treatment = ToReject
	case slices.Contains(p.Note, f.SNIP):
		t.treatment = ToNote
	default:
		t.treatment = ToIgnore
	}
	if t.treatment == ToIgnore {
		return t
	}
	t.level, t.code = words(f, &m)
	if t.level == nowhere && t.treatment == ToNote {
		t.treatment = ToIgnore // it has no words
	}
	return t
}

// mapping returns the entry of Kinds about a code.
func (p *Policy) mapping(c edi.Code) (Mapping, bool) {
	if len(p.Kinds) == 0 {
		return Mapping{}, false
	}
	if m, ok := p.Kinds[c.Kind+" "+c.Value]; ok {
		return m, true
	}
	if m, ok := p.Kinds[c.Kind]; ok {
		return m, true
	}
	family, _, ok := strings.Cut(c.Kind, ".")
	if !ok {
		return Mapping{}, false
	}
	m, ok := p.Kinds[family]
	return m, ok
}

// words returns where f is told, and by which code: its own, or that of m.
func words(f *edi.Finding, m *Mapping) (level, string) {
	c := f.Code
	switch {
	case m.Element != "" && f.Element > 0:
		return elementLevel, m.Element
	case m.Segment != "":
		return segmentLevel, m.Segment
	case m.Set != "":
		return setLevel, m.Set
	case m.Interchange != "":
		return interchangeLevel, m.Interchange
	case c.Kind == "IK403" && f.Element > 0 && isCode("IK4", c.Value):
		return elementLevel, c.Value
	case c.Kind == "IK304" && isCode("IK3", c.Value):
		return segmentLevel, c.Value
	case c.Kind == "IK502" && isCode("IK5", c.Value):
		return setLevel, c.Value
	case c.Kind == "AK905" && isCode("AK9", c.Value):
		return groupLevel, c.Value
	case c.Kind == "TA105" && isCode("TA1", c.Value):
		return interchangeLevel, c.Value
	}
	return nowhere, ""
}
