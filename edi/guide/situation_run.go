package guide

import (
	"math/bits"

	"github.com/ediport/ediport/edi"
)

// situations judge a transaction set by the situational rules of its guide.
type situations struct {
	snip   int // 4, or 7 for the rules of a partner
	plan   *situationPlan
	open   uint64 // scopes
	truth  uint64 // facts
	passed uint64 // rules whose missing segment would have come before
	told   uint64 // rules about segments that must not stand here, broken in the open instance: once is enough
	places []edi.Place
	values []uint64       // of facts that others are compared with
	behind []edi.Position // by rule: the first segment behind the place of the missing one
	strays []int          // by scope: segments without place before it
}

func newSituations(p *situationPlan, snip int) *situations {
	return &situations{
		snip: snip, plan: p, places: make([]edi.Place, len(p.facts)), values: make([]uint64, len(p.facts)),
		behind: make([]edi.Position, len(p.rules)), strays: make([]int, len(p.scopes)),
	}
}

func (st *situations) level() int { return st.snip }

func (st *situations) begin() { st.open, st.truth, st.passed, st.told = 0, 0, 0, 0 }

// wants tells whether the rules look at a segment.
func (st *situations) wants(d *SegmentDef) bool {
	e := &st.plan.defs[d.Index]
	return len(e.facts) > 0 || len(e.judged) > 0 || e.passes != 0 || d.trigger && st.plan.scopeOf[d.Loop.Index] >= 0 ||
		d.Loop.Parent == nil && (d.Tag == "ST" || d.Tag == "SE")
}

func (st *situations) segment(v *Validator, s *edi.Segment, at *Step) {
	l := at.Loop.Index
	if left := st.open &^ st.plan.keep[l]; left != 0 && (!at.OutOfOrder || at.Opened) {
		st.close(v, left)
	}
	if n := st.plan.scopeOf[l]; n >= 0 && (at.Opened || at.Implied || at.Loop.Parent == nil && st.open&(1<<n) == 0) {
		st.close(v, st.open&(1<<n))
		st.enter(v, int(n))
	}
	d := &st.plan.defs[at.Def.Index]
	for m := d.passes &^ st.passed; m != 0; m &= m - 1 {
		st.behind[bits.TrailingZeros64(m)] = s.Pos()
	}
	st.passed |= d.passes
	for _, n := range d.judged {
		st.judge(v, s, at, n)
	}
	for _, n := range d.facts {
		st.learn(v, s, at, n)
	}
	if at.Loop.Parent == nil && at.Def.Tag == "SE" {
		st.close(v, st.open)
	}
}

func (st *situations) end(*Validator) {}

// enter begins an instance of a scope: what was known of the last one is forgotten.
func (st *situations) enter(v *Validator, n int) {
	sc := &st.plan.scopes[n]
	for _, f := range sc.facts {
		st.truth &^= 1 << f
	}
	for _, r := range sc.needs {
		st.passed &^= 1 << r
	}
	st.told &^= sc.rules
	st.open |= 1 << n
	st.strays[n] = v.unplaced
}

// close ends instances of scopes: now it is known what did not come.
func (st *situations) close(v *Validator, scopes uint64) {
	st.open &^= scopes
	for ; scopes != 0; scopes &= scopes - 1 {
		n := bits.TrailingZeros64(scopes)
		if v.unplaced != st.strays[n] {
			continue // the segment may be one of those that were not understood, which was told
		}
		for _, r := range st.plan.scopes[n].needs {
			st.judgeMissing(v, r)
		}
	}
}

func (st *situations) judgeMissing(v *Validator, number int) {
	s := st.plan.rules[number]
	for i := range s.targets {
		if st.truth&(1<<s.targets[i].fact) != 0 {
			return
		}
	}
	if !st.applies(s, nil) {
		return
	}
	t := &s.targets[0]
	at := v.segment.Pos()
	if st.passed&(1<<number) != 0 {
		at = st.behind[number]
	}
	if v.lacksAround(t.def.Loop, s.Loop, at) {
		return
	}
	v.Add(edi.Finding{
		Pos: at, Control: v.control, Segment: t.def.Tag, Loop: loopID(t.def.Loop), Severity: s.Severity, SNIP: st.snip,
		Code: s.code(), Message: s.message(t), Trigger: st.trigger(v, s, nil, nil),
	})
}

// lacksAround tells whether a loop around l, but within outer, was told to be missing at a place: what l should hold is missing with it.
func (v *Validator) lacksAround(l, outer *Loop, at edi.Position) bool {
	for l = l.Parent; l != nil && l != outer && l.Parent != nil; l = l.Parent {
		for i := len(v.findings) - 1; i >= 0 && v.findings[i].Pos.Segment >= at.Segment; i-- {
			if f := &v.findings[i]; f.Code.Kind == "IK304" && f.Code.Value == "3" && f.Loop == l.ID && f.Pos.Segment == at.Segment {
				return true
			}
		}
	}
	return false
}

// applies tells whether the conditions of a rule hold; s is the segment that it judges, if it judges one.
func (st *situations) applies(r *Situation, s *edi.Segment) bool {
	for i := range r.when {
		k := &r.when[i]
		var holds bool
		if k.own {
			holds = st.holds(&k.test, s) == yes
		} else {
			holds = st.truth&(1<<k.fact) != 0
		}
		if holds != k.negated {
			if r.any {
				return true
			}
		} else if !r.any {
			return false
		}
	}
	return !r.any
}

// judge applies a rule to the segment in hand.
func (st *situations) judge(v *Validator, s *edi.Segment, at *Step, number int) {
	r := st.plan.rules[number]
	if st.told&(1<<number) != 0 || !st.applies(r, s) || v.faultyConditions(r, s) {
		return
	}
	for i := range r.targets {
		t := &r.targets[i]
		if r.verb == forbidsSegment && at.Def != t.def && !containsDef(t.defs, at.Def) || !t.only.means(s) || !st.offends(r, t, s) {
			continue
		}
		if v.faulty(s, t.element) {
			return
		}
		f := edi.Finding{
			Pos: s.Pos(), Control: v.control, Segment: at.Def.Tag, Loop: loopID(at.Loop), Element: t.element, Component: t.component,
			Severity: r.Severity, SNIP: st.snip, Code: r.code(), Message: r.message(t), Trigger: st.trigger(v, r, s, at),
		}
		v.Add(f)
		if r.verb == forbidsSegment && r.partner == nil {
			st.told |= 1 << number
		}
		return
	}
}

// code is how a 999 tells that the rule was broken; kind situation.NAME where it has no word for that.
func (r *Situation) code() edi.Code {
	if r.partner != nil {
		return r.partner.code(r.verb)
	}
	switch r.verb {
	case needsSegment:
		return edi.Code{Kind: "IK304", Value: "I6"}
	case forbidsSegment:
		return edi.Code{Kind: "IK304", Value: "I9"}
	case needsElement:
		return edi.Code{Kind: "IK403", Value: "I9"}
	case forbidsElement:
		return edi.Code{Kind: "IK403", Value: "I13"}
	default:
		return edi.Code{Kind: "situation." + r.Name}
	}
}

// offends tells whether a target of the rule is not as it demands.
func (st *situations) offends(r *Situation, t *target, s *edi.Segment) bool {
	switch r.verb {
	case forbidsSegment:
		return true
	case needsElement:
		return len(valueOf(s, t.element, t.component)) == 0
	case forbidsElement:
		return len(valueOf(s, t.element, t.component)) > 0
	default:
		if r.partner != nil {
			return r.partner.offended(s)
		}
		return st.holds(&test{t.only, t.element, t.component, r.op, r.value}, s) == no
	}
}

func containsDef(defs []*SegmentDef, d *SegmentDef) bool {
	for _, x := range defs {
		if x == d {
			return true
		}
	}
	return false
}

// learn finds out a fact from a segment.
func (st *situations) learn(v *Validator, s *edi.Segment, at *Step, n int) {
	f := &st.plan.facts[n]
	if st.truth&(1<<n) != 0 || st.holds(&f.test, s) != yes || f.test.element > 0 && v.faulty(s, f.test.element) {
		return
	}
	st.truth |= 1 << n
	st.places[n] = edi.Place{
		Segment: at.Def.Tag, Position: s.Ordinal(), Loop: loopID(at.Loop), Element: f.test.element, Component: f.test.component,
	}
	if f.value {
		st.values[n] = codeKey(valueOf(s, f.test.element, f.test.component))
	}
}

// trigger returns the place of the first condition that made the rule apply.
func (st *situations) trigger(v *Validator, r *Situation, s *edi.Segment, at *Step) edi.Place {
	for i := range r.when {
		switch k := &r.when[i]; {
		case k.negated:
		case k.own:
			if st.holds(&k.test, s) == yes {
				return edi.Place{
					Segment: at.Def.Tag, Position: s.Ordinal(), Loop: loopID(at.Loop), Element: k.test.element, Component: k.test.component,
				}
			}
		case st.truth&(1<<k.fact) != 0:
			return st.places[k.fact]
		}
	}
	return edi.Place{}
}

// faulty tells whether something was found about an element of the segment in hand already.
func (v *Validator) faulty(s *edi.Segment, element int) bool {
	for i := len(v.findings) - 1; i >= 0; i-- {
		f := &v.findings[i]
		if f.Pos.Segment != s.Ordinal() {
			return false
		}
		if f.Element == element && (element > 0 || f.Code.Kind == "IK304" && s.Is(f.Segment)) {
			return true
		}
	}
	return false
}

// faultyConditions tells whether a value of the segment in hand that a condition rests on is faulty itself.
func (v *Validator) faultyConditions(r *Situation, s *edi.Segment) bool {
	if n := len(v.findings); n == 0 || v.findings[n-1].Pos.Segment != s.Ordinal() {
		return false
	}
	for i := range r.when {
		if k := &r.when[i]; k.own && k.test.element > 0 && v.faulty(s, k.test.element) {
			return true
		}
	}
	return false
}
