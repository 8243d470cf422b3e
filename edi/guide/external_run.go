package guide

import (
	"sync"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
)

// An externalPlan says which elements of a guide are from outside lists.
type externalPlan struct {
	defs     [][]external // by segment
	lists    []codes.List
	payments bool // an 835
}

// externalPlans holds the plan of each guide that was used, nil for one without such values: making it costs more than to check a small file.
var externalPlans sync.Map // *Guide → *externalPlan

// externals check the values of a set that are from outside lists.
type externals struct {
	*externalPlan
	tables []*codes.Table // of lists, as they were when the set began
	seen   uint64         // codes.Changes of the tables
	ready  bool

	day   int  // on which codes are to be in use: 20261121; 0 is not known
	older bool // the claim in hand may carry codes that are not in use any more

	separator byte // of components in the set; 0 until it is needed
}

// newExternals returns the checks of a guide, nil if it has no such values.
func newExternals(g *Guide) *externals {
	plan, ok := externalPlans.Load(g)
	if !ok {
		plan, _ = externalPlans.LoadOrStore(g, newExternalPlan(g))
	}
	if p := plan.(*externalPlan); p != nil {
		return &externals{externalPlan: p}
	}
	return nil
}

func newExternalPlan(g *Guide) *externalPlan {
	x := &externalPlan{defs: make([][]external, len(g.Segments)), payments: g.Set == "835"}
	number := make(map[*outsideCheck]*outsideCheck)
	any := false
	for _, d := range g.Segments {
		x.defs[d.Index] = externalsOf(d)
		any = any || len(x.defs[d.Index]) > 0
		for i := range x.defs[d.Index] {
			e := &x.defs[d.Index][i]
			if e.check != nil {
				e.check = x.numbered(e.check, number)
				continue
			}
			for code, c := range e.by {
				e.keys, e.checks = append(e.keys, codeKey([]byte(code))), append(e.checks, x.numbered(c, number))
			}
		}
	}
	if !any {
		return nil
	}
	return x
}

// numbered returns a copy of a check that knows its table.
func (x *externalPlan) numbered(c *outsideCheck, known map[*outsideCheck]*outsideCheck) *outsideCheck {
	if n := known[c]; n != nil {
		return n
	}
	n := *c
	n.table = -1
	if c.list != "" {
		n.table = len(x.lists)
		x.lists = append(x.lists, c.list)
	}
	known[c] = &n
	return &n
}

func (x *externals) level() int { return 5 }

func (x *externals) begin() {
	x.day, x.older, x.separator = 0, false, 0
	if n := codes.Changes(); !x.ready || n != x.seen {
		x.ready, x.seen = true, n
		x.tables = x.tables[:0]
		for _, list := range x.lists {
			x.tables = append(x.tables, codes.Of(list))
		}
	}
}

func (x *externals) end(*Validator) {}

// wants tells whether the checks look at a segment.
func (x *externals) wants(d *SegmentDef) bool {
	switch d.Tag {
	case "BPR", "BHT", "CLP", "DTM":
		return true
	}
	return len(x.defs[d.Index]) > 0
}

func (x *externals) segment(v *Validator, s *edi.Segment, at *Step) {
	d := at.Def
	switch {
	case x.payments && len(d.Tag) == 3:
		x.payment(s, d)
	case d.Tag == "BHT":
		x.day = dayOf(s.Text(4))
	}
	for i := range x.defs[d.Index] {
		e := &x.defs[d.Index][i]
		value := s.Element(e.element)
		if len(value) == 0 {
			continue
		}
		if e.repeats {
			x.repetitions(v, s, at, e)
			continue
		}
		if e.component > 0 {
			value = x.part(s, value, e.component)
		}
		if value = unpadded(value); len(value) > 0 {
			x.value(v, s, at, e, value, 0)
		}
	}
}

// part returns a component of a composite that does not repeat; nil if it is not there.
func (x *externals) part(s *edi.Segment, composite []byte, n int) []byte {
	if x.separator == 0 {
		d := s.Delimiters().Component
		if len(d) != 1 {
			return componentOf(composite, n, d)
		}
		x.separator = d[0]
	}
	start := 0
	for i, c := range composite {
		if c != x.separator {
			continue
		}
		if n--; n == 0 {
			return composite[start:i]
		}
		start = i + 1
	}
	if n == 1 {
		return composite[start:]
	}
	return nil
}

// unpadded returns a value without blanks around it.
func unpadded(b []byte) []byte {
	if len(b) > 0 && (b[0] <= ' ' || b[len(b)-1] <= ' ') {
		return trim(b)
	}
	return b
}

// payment notes what an 835 says about the day that counts: the payment's, or that of its production.
func (x *externals) payment(s *edi.Segment, d *SegmentDef) {
	switch d.Tag {
	case "BPR":
		x.day = dayOf(s.Text(16))
	case "DTM":
		if x.day == 0 && d.Loop.Parent == nil {
			x.day = dayOf(s.Text(2))
		}
	case "CLP":
		// Reversals repeat the codes of the claim that they undo, and secondary payers those of the one before.
		switch string(s.Text(2)) {
		case "2", "3", "20", "21", "22":
			x.older = true
		default:
			x.older = false
		}
	case "PLB":
		x.older = false
	}
}

// dayOf reads CCYYMMDD as a number; 0 for anything else.
func dayOf(b []byte) int {
	if len(b) != 8 || !isDate(b) {
		return 0
	}
	return number(b)
}

func (x *externals) repetitions(v *Validator, s *edi.Segment, at *Step, e *external) {
	n := 0
	for c := range s.Repetitions(e.element) {
		n++
		if value := c.Component(max(e.component, 1)); len(value) > 0 {
			x.value(v, s, at, e, value, n)
		}
	}
}

// value checks one value; repetition is 0 in an element that can't repeat.
func (x *externals) value(v *Validator, s *edi.Segment, at *Step, e *external, value []byte, repetition int) {
	c := e.check
	if c == nil {
		if c = e.checkBy(x.qualifierOf(s, e, repetition)); c == nil {
			return
		}
	}
	if !c.applies(s, e, at.Def) {
		return
	}
	kind, message := x.verdict(c, value)
	if kind == "" || v.faulty(s, e.element) {
		return
	}
	p := elementPlace{loop: at.Loop, def: at.Def, element: e.element, component: e.component, repetition: repetition}
	v.Add(edi.Finding{
		Pos: s.Pos(), Control: v.control, Segment: at.Def.Tag, Loop: loopID(at.Loop), Element: e.element, Component: e.component,
		Repetition: repetition, Severity: edi.Warning, SNIP: 5, Code: edi.Code{Kind: kind}, Message: p.label() + message,
	})
}

// qualifierOf returns the code that says of what kind a value is.
func (x *externals) qualifierOf(s *edi.Segment, e *external, repetition int) []byte {
	if repetition > 1 && e.qualifier[0] == e.element {
		return nthComponent(s, e.element, repetition, e.qualifier[1])
	}
	q := s.Element(e.qualifier[0])
	if e.qualifier[1] > 0 {
		if e.repeats {
			return nthComponent(s, e.element, 1, e.qualifier[1])
		}
		q = x.part(s, q, e.qualifier[1])
	}
	return unpadded(q)
}

// checkBy returns the check of values with a qualifier, nil if they are not checked.
func (e *external) checkBy(qualifier []byte) *outsideCheck {
	key := codeKey(qualifier)
	for i := range e.keys {
		if e.keys[i] == key {
			return e.checks[i]
		}
	}
	return nil
}

func nthComponent(s *edi.Segment, element, repetition, component int) []byte {
	for c := range s.Repetitions(element) {
		if repetition--; repetition == 0 {
			return c.Component(component)
		}
	}
	return nil
}

// applies tells whether a check is made in this segment.
func (c *outsideCheck) applies(s *edi.Segment, e *external, d *SegmentDef) bool {
	switch c.only {
	case inUS:
		var country edi.Text
		switch d.Tag {
		case "N4":
			country = s.Text(4)
		case "UM":
			country = s.Component(5, 5) // of the accident
		}
		return len(country) == 0 || country.Is("US")
	case notOfNCPDP:
		return !s.Component(e.element, 4).Is("RX")
	default:
		return true
	}
}

// verdict says what is wrong with a value, if anything is.
func (x *externals) verdict(c *outsideCheck, value []byte) (kind, message string) {
	if c.mixed && c.form(value) {
		return "", ""
	}
	if c.table >= 0 && x.tables[c.table] != nil {
		day := x.day
		if x.older {
			day = 0
		}
		switch x.tables[c.table].Status(value, day) {
		case codes.InUse:
			return "", ""
		case codes.NotInUse:
			return "code.inactive", " holds a code that was not in use on the date that counts, as the list on file has it: " + c.what
		}
		if c.form != nil && !c.mixed && !c.form(value) {
			return "code.format", " is not written like " + c.what
		}
		return "code.unknown", " holds a code that the list on file does not have: it should be " + c.what
	}
	switch {
	case c.form == nil:
		return "", ""
	case !c.form(value):
		return "code.format", " is not written like " + c.what
	case c.digit && !hasCheckDigit(value):
		return "npi.check_digit", " is no National Provider Identifier: its check digit does not fit the other digits"
	}
	return "", ""
}
