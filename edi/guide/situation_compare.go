package guide

import (
	"bytes"

	"github.com/ediport/ediport/edi"
)

// An answer is what a test says of a segment: nothing where the value is absent or can't be read.
type answer uint8

const (
	unknown answer = iota
	no
	yes
)

func answerOf(b bool) answer {
	if b {
		return yes
	}
	return no
}

// valueOf returns the value at a place of a segment, of the first repetition.
func valueOf(s *edi.Segment, element, component int) []byte {
	b := s.Element(element)
	if len(b) == 0 || component <= 1 && isShortCode(b) {
		return b
	}
	return s.Component(element, max(component, 1))
}

// isShortCode tells whether b is a code of up to three letters and digits, as most qualifiers are: it holds neither separators nor blanks.
func isShortCode(b []byte) bool {
	if len(b) > 3 {
		return false
	}
	for _, c := range b {
		if c < '0' || c > 'Z' || c > '9' && c < 'A' {
			return false
		}
	}
	return true
}

// means tells whether a segment is one of those that are meant.
func (q *qualified) means(s *edi.Segment) bool {
	return q.element == 0 || codeKey(valueOf(s, q.element, 1)) == q.key
}

// holds tells what a test says of a segment.
func (st *situations) holds(t *test, s *edi.Segment) answer {
	if !t.only.means(s) {
		return no
	}
	if t.element == 0 {
		return yes
	}
	value := valueOf(s, t.element, t.component)
	switch {
	case t.op == present:
		return answerOf(len(value) > 0)
	case len(value) == 0:
		return unknown
	case t.value.another:
		if st.truth&(1<<t.value.fact) == 0 {
			return unknown
		}
		return answerOf((codeKey(value) == st.values[t.value.fact]) == (t.op == equal))
	case t.value.number != nil:
		return t.compare(value)
	default:
		return answerOf(t.value.has(value) == (t.op == equal))
	}
}

func (v *operand) has(value []byte) bool {
	if v.codes.Has(value) {
		return true
	}
	for _, b := range v.begins {
		if bytes.HasPrefix(value, []byte(b)) {
			return true
		}
	}
	return false
}

func (t *test) compare(value []byte) answer {
	d, err := edi.ParseDecimal(value)
	if err != nil {
		return unknown
	}
	switch n := d.Cmp(*t.value.number); t.op {
	case equal:
		return answerOf(n == 0)
	case unequal:
		return answerOf(n != 0)
	case less:
		return answerOf(n < 0)
	case more:
		return answerOf(n > 0)
	case atMost:
		return answerOf(n <= 0)
	default:
		return answerOf(n >= 0)
	}
}

// message is the sentence of a finding: what is wrong with a target, and why.
func (r *Situation) message(t *target) string {
	if r.partner != nil && r.partner.Message != "" {
		return r.partner.Message
	}
	var what string
	if t.element == 0 {
		what = "the segment " + title(t.def)
	} else {
		p := elementPlace{def: t.def, element: t.element, component: t.component}
		what = p.label()
	}
	if r.partner != nil {
		return what + r.partner.demand(r) + ", as the partner's rule " + r.Name + " has it"
	}
	return what + r.demand() + ", because " + r.Because
}

func (r *Situation) demand() string {
	switch r.verb {
	case needsSegment:
		where := ""
		if l := r.targets[0].def.Loop; l.Parent != nil {
			where = " in loop " + l.ID
		}
		if len(r.targets) > 1 {
			return ", or another that could stand for it, is missing" + where
		}
		return " is missing" + where
	case needsElement:
		return " is missing"
	case forbidsSegment:
		return " must not stand here"
	case forbidsElement:
		return " must not be sent"
	}
	words := map[operator]string{
		equal: " must be ", unequal: " must not be ", less: " must be less than ", more: " must be more than ",
		atMost: " must not be more than ", atLeast: " must not be less than ",
	}
	value := r.value.text
	if r.value.another {
		return words[r.op] + "the same as " + r.value.ref
	}
	if r.value.codes != nil && len(r.value.codes.Values) > 1 && r.op == equal {
		value = "one of " + value
	}
	return words[r.op] + value
}
