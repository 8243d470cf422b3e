package guide

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
)

// A Situation is a rule of a guide about several segments or elements: what must be sent, or must not, because of what stands
// elsewhere (SNIP 4). In a definition it is a line of its own, within the loop in whose instances it holds:
//
//	rule crossover-without-forwarding warning  if CLP02 <> 19 20 21 23  forbids NM1*TT  because the claim was not forwarded
//
// Conditions are joined by "and" or by "or". A place is a segment (MOA, NM1*TT by its qualifier) or an element (CLP02, STC01-1),
// in the loop of the rule or within it; before a slash stands another loop (2000E/UM01), one around that of the rule or
// one within it. A place alone is there; others are compared: =, <>, and with numbers <, >, <=, >=. A code F* begins with F.
// Then the rule "needs" segments (one of them, joined by "or") or elements (all of them), "forbids" what it names, or says how
// the value of one element "then" is.
type Situation struct {
	Name     string
	Loop     *Loop // its instances are what the rule is about; the root is the whole set
	Severity edi.Severity
	Text     string // conditions and demand, as the definition has them
	Because  string // the reason, in plain words: it ends the sentence of a finding

	verb    verb
	any     bool // one condition is enough
	when    []condition
	targets []target
	op      operator // of then
	value   operand

	partner *PartnerRule // that it was made of; nil in a guide
}

type verb uint8

const (
	needsSegment verb = iota
	needsElement
	forbidsSegment
	forbidsElement
	then
)

// A condition compares a place, of the segment that the rule judges (own) or of one that was seen before.
type condition struct {
	negated bool // no such place
	own     bool
	fact    int // if it is not own
	test    test
}

// A target is what a rule demands something of.
type target struct {
	def       *SegmentDef // the first of those it may be
	defs      []*SegmentDef
	element   int
	component int
	only      qualified
	fact      int // of needsSegment
}

// qualified says which segments are meant where a definition allows several codes in its qualifier; the zero value is all.
type qualified struct {
	element int
	key     uint64
}

// A test looks at one element of a segment, or just at the segment.
type test struct {
	only               qualified
	element, component int
	op                 operator
	value              operand
}

type operator uint8

const (
	present operator = iota
	equal
	unequal
	less
	more
	atMost
	atLeast
)

var operators = map[string]operator{"=": equal, "<>": unequal, "<": less, ">": more, "<=": atMost, ">=": atLeast}

// An operand is what a value is compared with: codes, a number, or the value of another place.
type operand struct {
	text    string
	codes   *CodeSet
	begins  []string
	number  *edi.Decimal
	another bool // the value of fact
	fact    int
	ref     string // of that place
}

// parseSituation reads the line of a rule; places in it are resolved when the guide is complete.
func parseSituation(loop *Loop, text string) (*Situation, []string, error) {
	clauses := splitClauses(text)
	name, severity, _ := strings.Cut(clauses[0], " ")
	s := &Situation{Name: name, Loop: loop}
	switch severity {
	case "error":
		s.Severity = edi.Error
	case "warning":
		s.Severity = edi.Warning
	default:
		return nil, nil, fmt.Errorf("rule %s: %q is neither error nor warning", name, severity)
	}
	var rest []string
	for _, c := range clauses[1:] {
		if because, ok := strings.CutPrefix(c, "because "); ok {
			s.Because = because
			continue
		}
		rest = append(rest, c)
	}
	s.Text = strings.Join(rest, "  ")
	if s.Because == "" || len(rest) == 0 {
		return nil, nil, fmt.Errorf("rule %s needs a demand and a reason", name)
	}
	return s, rest, nil
}
