package guide

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
)

// A situationPlan is the rules of a guide as tables, by the segments that matter to them. It does not change.
type situationPlan struct {
	rules   []*Situation
	facts   []fact
	scopes  []scope
	scopeOf []int8   // by loop: its scope, -1 for none
	keep    []uint64 // by loop: scopes that stay open when a segment of it comes
	defs    []defSituations
}

// A fact is something about a scope that is found out as its segments come.
type fact struct {
	test  test
	value bool // it is compared with others
}

// A scope is a loop whose instances rules are about, or whose facts they ask for.
type scope struct {
	loop  *Loop
	facts []int
	needs []int // rules that are judged when an instance ends
	rules uint64
}

// defSituations is what the coming of a segment means for the rules.
type defSituations struct {
	facts  []int  // to be found out
	judged []int  // rules about this segment
	passes uint64 // rules whose missing segment would have come before
}

// maxSituations bounds rules, facts and scopes of a guide: each is a bit of a word.
const maxSituations = 64

type situationCompiler struct {
	guide *Guide
	plan  *situationPlan
	rule  *Situation
	defs  []*SegmentDef // that the rule judges
}

func newSituationPlan(g *Guide) *situationPlan {
	p := &situationPlan{
		scopeOf: make([]int8, len(g.Loops)), keep: make([]uint64, len(g.Loops)), defs: make([]defSituations, len(g.Segments)),
	}
	for i := range p.scopeOf {
		p.scopeOf[i] = -1
	}
	return p
}

// compileSituations resolves the rules of a definition: clauses are those of rule i.
func (g *Guide) compileSituations(clauses [][]string) error {
	if len(g.Situations) == 0 {
		return nil
	}
	plan := newSituationPlan(g)
	plan.rules = g.Situations
	names := make(map[string]bool)
	for i, s := range g.Situations {
		c := &situationCompiler{guide: g, plan: plan, rule: s}
		if names[s.Name] {
			return fmt.Errorf("rule %s is there twice", s.Name)
		}
		names[s.Name] = true
		if err := c.compile(i, clauses[i]); err != nil {
			return fmt.Errorf("rule %s: %w", s.Name, err)
		}
	}
	g.situations = plan
	return plan.finish(g)
}

// finish computes what depends on all rules.
func (p *situationPlan) finish(g *Guide) error {
	if len(p.rules) > maxSituations || len(p.facts) > maxSituations || len(p.scopes) > maxSituations {
		return fmt.Errorf("more than %d rules, facts or loops of rules", maxSituations)
	}
	for _, l := range g.Loops {
		for i := range p.scopes {
			if encloses(p.scopes[i].loop, l) {
				p.keep[l.Index] |= 1 << i
			}
		}
	}
	return nil
}

func (c *situationCompiler) compile(number int, clauses []string) error {
	demand := clauses[len(clauses)-1]
	conditions := ""
	if len(clauses) == 2 {
		var ok bool
		if conditions, ok = strings.CutPrefix(clauses[0], "if "); !ok {
			return fmt.Errorf("%q does not begin with if", clauses[0])
		}
	} else if len(clauses) != 1 {
		return errors.New("want conditions, a demand and a reason")
	}
	if err := c.demand(demand); err != nil {
		return err
	}
	if err := c.conditions(conditions); err != nil {
		return err
	}
	c.register(number)
	return nil
}

// register puts a rule into the tables of the segments that matter to it.
func (c *situationCompiler) register(number int) {
	home := c.scope(c.rule.Loop)
	c.plan.scopes[home].rules |= 1 << number
	if c.rule.verb != needsSegment {
		for _, d := range c.defs {
			e := &c.plan.defs[d.Index]
			e.judged = append(e.judged, number)
		}
		return
	}
	sc := &c.plan.scopes[home]
	sc.needs = append(sc.needs, number)
	wanted := c.rule.targets[0].def
	for _, d := range c.guide.Segments {
		if encloses(c.rule.Loop, d.Loop) && c.follows(d, wanted) || !encloses(c.rule.Loop, d.Loop) {
			c.plan.defs[d.Index].passes |= 1 << number
		}
	}
}

// demand reads: needs REF*BB or REF*NT; needs BPR05 BPR06; forbids MOA; then BPR02 = 0.
func (c *situationCompiler) demand(text string) error {
	word, rest := field(text)
	s := c.rule
	switch word {
	case "then":
		words := strings.Fields(rest)
		if len(words) < 3 {
			return fmt.Errorf("%q compares nothing", text)
		}
		t, err := c.target(words[0])
		if err != nil {
			return err
		}
		s.verb, s.targets, c.defs = then, []target{t}, t.defs
		s.op, s.value, err = c.comparison(t.def, t.element, t.component, words[1:])
		if err == nil && s.op == present {
			err = fmt.Errorf("%q compares nothing", text)
		}
		return err
	case "needs", "forbids":
		for _, ref := range strings.Fields(rest) {
			if ref == "or" {
				continue
			}
			t, err := c.target(ref)
			if err != nil {
				return err
			}
			s.targets = append(s.targets, t)
			c.defs = append(c.defs, t.defs...)
		}
		if len(s.targets) == 0 {
			return fmt.Errorf("%q names nothing", text)
		}
		return c.verbOf(word)
	}
	return fmt.Errorf("%q is neither needs, forbids nor then", word)
}

func (c *situationCompiler) verbOf(word string) error {
	s := c.rule
	elements := s.targets[0].element > 0
	for i := range s.targets {
		t := &s.targets[i]
		if (t.element > 0) != elements || elements && !slices.Equal(t.defs, s.targets[0].defs) {
			return errors.New("segments and elements, or elements of several segments, are mixed")
		}
	}
	switch {
	case word == "needs" && elements:
		s.verb, c.defs = needsElement, s.targets[0].defs
	case word == "needs":
		s.verb, c.defs = needsSegment, nil
		for i := range s.targets {
			s.targets[i].fact = c.fact(c.rule.Loop, s.targets[i].defs, test{only: s.targets[i].only})
		}
	case elements:
		s.verb, c.defs = forbidsElement, s.targets[0].defs
	default:
		s.verb = forbidsSegment
	}
	return nil
}

// conditions reads: BPR01 = H or BPR04 = NON.
func (c *situationCompiler) conditions(text string) error {
	if text == "" {
		return nil
	}
	parts := strings.Split(text, " and ")
	if alternatives := strings.Split(text, " or "); len(alternatives) > 1 {
		if len(parts) > 1 {
			return errors.New("and and or are mixed")
		}
		parts, c.rule.any = alternatives, true
	}
	for _, p := range parts {
		if err := c.condition(p); err != nil {
			return err
		}
	}
	return nil
}

func (c *situationCompiler) condition(text string) error {
	var k condition
	if text, k.negated = strings.CutPrefix(text, "no "); text == "" {
		return errors.New("an empty condition")
	}
	words := strings.Fields(text)
	t, err := c.target(words[0])
	if err != nil {
		return err
	}
	k.test = test{only: t.only, element: t.element, component: t.component}
	if k.test.op, k.test.value, err = c.comparison(t.def, t.element, t.component, words[1:]); err != nil {
		return err
	}
	k.own = len(c.defs) > 0 && slices.Equal(c.defs, t.defs)
	if !k.own {
		if k.test.value.another {
			return errors.New("only the segment that the rule judges can be compared with another place")
		}
		k.fact = c.fact(c.home(words[0], t.def), t.defs, k.test)
	}
	c.rule.when = append(c.rule.when, k)
	return nil
}

// comparison reads: = F0 F1, <> SC, = 0, = BPR10; nothing for a place that is just there.
func (c *situationCompiler) comparison(d *SegmentDef, element, component int, words []string) (operator, operand, error) {
	var v operand
	if len(words) == 0 {
		return present, v, nil
	}
	op, ok := operators[words[0]]
	if !ok || element == 0 || len(words) == 1 {
		return 0, v, fmt.Errorf("%q is no comparison of an element", strings.Join(words, " "))
	}
	v.text = strings.Join(words[1:], " ")
	e := d.Element(element)
	if component > 0 {
		e = e.Components[component-1]
	}
	if t, err := c.target(words[1]); err == nil && t.element > 0 && len(words) == 2 {
		v.another, v.ref = true, t.def.Element(t.element).Ref
		v.fact = c.fact(c.home(words[1], t.def), t.defs, test{only: t.only, element: t.element, component: t.component})
		c.plan.facts[v.fact].value = true
		return op, v, nil
	}
	if e.Type == TypeR || e.Type == TypeN0 {
		n, err := edi.ParseDecimal([]byte(words[1]))
		v.number = &n
		return op, v, err
	}
	if op != equal && op != unequal {
		return 0, v, fmt.Errorf("%s is no number", e.Ref)
	}
	var codes []string
	for _, w := range words[1:] {
		if begin, ok := strings.CutSuffix(w, "*"); ok {
			v.begins = append(v.begins, begin)
			continue
		}
		if e.Codes != nil && !e.Codes.Has([]byte(w)) {
			return 0, v, fmt.Errorf("%s can't be %s", e.Ref, w)
		}
		codes = append(codes, w)
	}
	v.codes = newCodeSet("", codes)
	return op, v, nil
}

// target finds the definitions of a place: 2000E/UM01, NM1*TT, STC01-1.
func (c *situationCompiler) target(ref string) (target, error) {
	within, name := c.rule.Loop, ref
	if id, rest, ok := strings.Cut(ref, "/"); ok {
		if within, name = c.guide.Loop(id), rest; within == nil {
			return target{}, fmt.Errorf("%s: there is no loop %s", ref, id)
		}
	}
	var t target
	name, code, _ := strings.Cut(name, "*")
	name, component, _ := strings.Cut(name, "-")
	if component != "" {
		t.component, _ = strconv.Atoi(component)
	}
	tag := name
	if n := len(name); n >= 4 {
		if e, err := strconv.Atoi(name[n-2:]); err == nil {
			tag, t.element = name[:n-2], e
		}
	}
	for _, d := range c.guide.Segments {
		if d.Tag == tag && inside(within, d.Loop) && (code == "" || d.qualifiers != nil && d.qualifiers.Has([]byte(code))) {
			t.defs = append(t.defs, d)
		}
	}
	if len(t.defs) == 0 {
		return t, fmt.Errorf("%s is no segment of loop %q", ref, within.ID)
	}
	t.def = t.defs[0]
	t.only = onlyWith(t.defs, code)
	for _, d := range t.defs {
		e := d.Element(t.element)
		if t.element > 0 && (e == nil || t.component > len(e.Components)) {
			return t, fmt.Errorf("%s is no element of the guide", ref)
		}
	}
	return t, nil
}

// onlyWith returns what tells the segments with a code from others of the same definitions.
func onlyWith(defs []*SegmentDef, code string) qualified {
	if code == "" || !slices.ContainsFunc(defs, func(d *SegmentDef) bool { return len(d.qualifiers.Values) > 1 }) {
		return qualified{}
	}
	return qualified{defs[0].qualifier, codeKey([]byte(code))}
}

// home returns the loop in whose instances a place is looked for: that of the rule if the place is within it, otherwise its own.
func (c *situationCompiler) home(ref string, d *SegmentDef) *Loop {
	if id, _, ok := strings.Cut(ref, "/"); ok && !encloses(c.rule.Loop, d.Loop) {
		return c.guide.Loop(id)
	}
	return c.rule.Loop
}

// scope returns the number of the scope of a loop.
func (c *situationCompiler) scope(l *Loop) int {
	if n := c.plan.scopeOf[l.Index]; n >= 0 {
		return int(n)
	}
	n := len(c.plan.scopes)
	c.plan.scopes = append(c.plan.scopes, scope{loop: l})
	c.plan.scopeOf[l.Index] = int8(n)
	return n
}

func (c *situationCompiler) fact(home *Loop, defs []*SegmentDef, t test) int {
	n := len(c.plan.facts)
	c.plan.facts = append(c.plan.facts, fact{test: t})
	sc := &c.plan.scopes[c.scope(home)]
	sc.facts = append(sc.facts, n)
	for _, d := range defs {
		e := &c.plan.defs[d.Index]
		e.facts = append(e.facts, n)
	}
	return n
}

// inside tells whether l is outer or stands within it.
func inside(outer, l *Loop) bool {
	for ; l != nil; l = l.Parent {
		if l == outer {
			return true
		}
	}
	return false
}

// encloses tells whether l stands within outer, or within an HL loop that hangs below it.
func encloses(outer, l *Loop) bool {
	if inside(outer, l) {
		return true
	}
	if outer.HL == nil {
		return false
	}
	for ; l != nil && l.HL == nil; l = l.Parent {
	}
	return l != nil && slices.ContainsFunc(l.HL.Parents, func(p *Loop) bool { return encloses(outer, p) })
}

// follows tells whether d stands behind the place of wanted, both in the loop of the rule.
func (c *situationCompiler) follows(d, wanted *SegmentDef) bool {
	return slices.Compare(c.path(d), c.path(wanted)) > 0
}

// path is the places of the loops between that of the rule and the segment, and of the segment: by rank and, as most files have
// it, by the order of the guide among those of one rank. HL loops below stand at the end.
func (c *situationCompiler) path(d *SegmentDef) []int {
	var p []int
	if !d.trigger {
		p = append(p, d.child, d.order)
	}
	for l := d.Loop; l != nil && l != c.rule.Loop; l = l.Parent {
		if l.HL != nil {
			p = append(p, l.Index, len(c.guide.Segments))
			break
		}
		p = append(p, l.child, l.order)
	}
	slices.Reverse(p)
	return p
}
