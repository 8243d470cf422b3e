package guide

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

// PartnerRules are what a trading partner wants beyond the guides (SNIP 7). They are read from configuration, are checked by
// [PartnerRules.Compile] before their first use, and are then set in [Checker] or [Validator]. Safe for several goroutines once compiled.
type PartnerRules struct {
	Partner string        `json:"partner,omitempty"` // for people; it is in no finding
	Rules   []PartnerRule `json:"rules"`

	plans map[*Guide]*situationPlan
}

// A PartnerRule demands something of a place: of a segment, or of an element if Element is not 0. Exactly one of Require, Forbid,
// Codes, and the form (Pattern, MinLength, MaxLength) is set. Its findings have the kind partner.NAME and, as value, the code that a
// 999 would have for it, an IK403 of an element and an IK304 of a segment.
type PartnerRule struct {
	Name      string `json:"name"`                // a word in lower case: member_id
	Guide     string `json:"guide"`               // key of the guide: 270, 278-request; see Keys
	Loop      string `json:"loop,omitempty"`      // 2100C; "" is the set itself
	Segment   string `json:"segment"`             // NM1
	Qualifier string `json:"qualifier,omitempty"` // code that tells the segment from others of its name: IL; "" is any
	Element   int    `json:"element,omitempty"`   // 9 for NM109; 0 is the whole segment
	Component int    `json:"component,omitempty"` // of a composite

	Require   bool     `json:"require,omitempty"`    // the element in each such segment, the segment in each instance of the loop
	Forbid    bool     `json:"forbid,omitempty"`     //
	Codes     []string `json:"codes,omitempty"`      // the only values that may be sent
	Pattern   string   `json:"pattern,omitempty"`    // regular expression that the whole value matches
	MinLength int      `json:"min_length,omitempty"` // in characters
	MaxLength int      `json:"max_length,omitempty"` // 0 is no limit

	Severity string `json:"severity,omitempty"` // error, warning or info; "" is warning
	Message  string `json:"message,omitempty"`  // what a finding says; "" is a sentence made of the rule

	allowed *CodeSet
	pattern *regexp.Regexp
}

// ErrPartnerRules says that rules of a partner can't work as they are written.
var ErrPartnerRules = errors.New("partner rules")

// ReadPartnerRules reads rules in JSON, the form that [PartnerRules] has, and compiles them. Errors other than those of r wrap
// [ErrPartnerRules]: unknown keys, places that no guide has, and rules that contradict themselves or their guide.
func ReadPartnerRules(r io.Reader) (*PartnerRules, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxPartnerRules+1))
	if err != nil {
		return nil, fmt.Errorf("reading partner rules: %w", err)
	}
	if len(text) > maxPartnerRules {
		return nil, fmt.Errorf("%w: longer than %d bytes", ErrPartnerRules, maxPartnerRules)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	p := new(PartnerRules)
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPartnerRules, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: something follows behind the rules", ErrPartnerRules)
	}
	if err := p.Compile(); err != nil {
		return nil, err
	}
	return p, nil
}

const maxPartnerRules = 1 << 20

// Compile checks the rules and makes them ready for use; errors wrap [ErrPartnerRules] and name the rule.
func (p *PartnerRules) Compile() error {
	plans := make(map[*Guide]*situationPlan)
	names := make(map[string]bool)
	for i := range p.Rules {
		r := &p.Rules[i]
		if names[r.Name] {
			return fmt.Errorf("%w: the name %q is there twice", ErrPartnerRules, r.Name)
		}
		names[r.Name] = true
		if err := r.compile(plans); err != nil {
			return fmt.Errorf("%w: rule %d (%s): %w", ErrPartnerRules, i+1, r.Name, err)
		}
	}
	for g, plan := range plans {
		if err := plan.finish(g); err != nil {
			return fmt.Errorf("%w: guide %s: %w", ErrPartnerRules, g.Key, err)
		}
	}
	p.plans = plans
	return nil
}

// planOf returns the compiled rules about a guide, nil if there are none.
func (p *PartnerRules) planOf(g *Guide) *situationPlan {
	if p == nil {
		return nil
	}
	return p.plans[g]
}

var partnerName = regexp.MustCompile(`^[a-z0-9][a-z0-9_.-]{0,62}$`)

func (r *PartnerRule) compile(plans map[*Guide]*situationPlan) error {
	g := Lookup(r.Guide)
	switch {
	case !partnerName.MatchString(r.Name):
		return errors.New("a name is of lower-case letters, digits, _, - and ., at most 63")
	case g == nil:
		return fmt.Errorf("there is no guide %q; there are %q", r.Guide, Keys())
	case g.Loop(r.Loop) == nil:
		return fmt.Errorf("guide %s has no loop %q", r.Guide, r.Loop)
	}
	s := &Situation{Name: r.Name, Loop: g.Loop(r.Loop), partner: r}
	var err error
	if s.Severity, err = r.severity(); err != nil {
		return err
	}
	if err := r.demands(s); err != nil {
		return err
	}
	plan := plans[g]
	if plan == nil {
		plan = newSituationPlan(g)
		plans[g] = plan
	}
	c := &situationCompiler{guide: g, plan: plan, rule: s}
	t, err := r.target(s.Loop)
	if err != nil {
		return err
	}
	if s.verb == needsSegment {
		t.fact = c.fact(s.Loop, t.defs, test{only: t.only})
	}
	s.targets, c.defs = []target{t}, t.defs
	plan.rules = append(plan.rules, s)
	c.register(len(plan.rules) - 1)
	return nil
}

func (r *PartnerRule) severity() (edi.Severity, error) {
	switch r.Severity {
	case "error":
		return edi.Error, nil
	case "", "warning":
		return edi.Warning, nil
	case "info":
		return edi.Info, nil
	}
	return 0, fmt.Errorf("severity %q is neither error, warning nor info", r.Severity)
}

// demands reads what the rule wants.
func (r *PartnerRule) demands(s *Situation) error {
	form := r.Pattern != "" || r.MinLength != 0 || r.MaxLength != 0
	wants := 0
	for _, w := range []bool{r.Require, r.Forbid, len(r.Codes) > 0, form} {
		if w {
			wants++
		}
	}
	switch {
	case wants != 1:
		return errors.New("want one of require, forbid, codes, and pattern or length")
	case r.Element < 0 || r.Component < 0 || r.Component > 0 && r.Element == 0:
		return errors.New("elements and components count from 1, and a component is one of an element")
	case !r.Require && !r.Forbid && r.Element == 0:
		return errors.New("codes, pattern and length are those of an element")
	case r.MinLength < 0 || r.MaxLength < 0 || r.MaxLength > 0 && r.MaxLength < r.MinLength:
		return errors.New("the least length is more than the most, or one is negative")
	}
	switch {
	case r.Require && r.Element > 0:
		s.verb = needsElement
	case r.Require:
		s.verb = needsSegment
	case r.Forbid && r.Element > 0:
		s.verb = forbidsElement
	case r.Forbid:
		s.verb = forbidsSegment
	default:
		s.verb = then
	}
	if len(r.Codes) > 0 {
		r.allowed = newCodeSet("", r.Codes)
	}
	if r.Pattern != "" {
		if _, err := regexp.Compile(r.Pattern); err != nil { // by itself: a)|(b would be valid within the group below, and match parts
			return fmt.Errorf("pattern: %w", err)
		}
		var err error
		if r.pattern, err = regexp.Compile(`\A(?:` + r.Pattern + `)\z`); err != nil {
			return fmt.Errorf("pattern: %w", err)
		}
	}
	return nil
}

// target finds the place in its guide.
func (r *PartnerRule) target(l *Loop) (target, error) {
	t := target{element: r.Element, component: r.Component}
	var inner []*SegmentDef // in loops within l
	for _, d := range l.segments() {
		if d.Tag != r.Segment || r.Qualifier != "" && (d.qualifiers == nil || !d.qualifiers.Has([]byte(r.Qualifier))) {
			continue
		}
		if d.Loop == l {
			t.defs = append(t.defs, d)
		} else {
			inner = append(inner, d)
		}
	}
	if len(t.defs) == 0 && r.Element == 0 {
		t.defs = inner // a loop is required or forbidden by its first segment
	}
	if len(t.defs) == 0 {
		return t, fmt.Errorf("loop %q of guide %s has no segment %s with qualifier %q", r.Loop, r.Guide, r.Segment, r.Qualifier)
	}
	t.def, t.only = t.defs[0], onlyWith(t.defs, r.Qualifier)
	return t, r.checkElement(t.defs)
}

// segments lists those of the loop, and the first of each loop right within it.
func (l *Loop) segments() []*SegmentDef {
	var all []*SegmentDef
	for _, n := range l.Children {
		if n.Segment != nil {
			all = append(all, n.Segment)
		} else {
			all = append(all, n.Loop.Trigger)
		}
	}
	return all
}

// always tells whether the guide requires the segment, with whatever code.
func (r *PartnerRule) always(defs []*SegmentDef) bool {
	return slices.ContainsFunc(defs, func(d *SegmentDef) bool {
		return d.Usage == Required && !d.trigger && (r.Qualifier == "" || len(d.qualifiers.Values) == 1)
	})
}

// checkElement refuses what could never be kept, or never be broken.
func (r *PartnerRule) checkElement(defs []*SegmentDef) error {
	if r.Element == 0 {
		if r.Forbid && r.always(defs) {
			return fmt.Errorf("the guide requires the segment %s", r.Segment)
		}
		return nil
	}
	for _, d := range defs {
		e := d.Element(r.Element)
		if e != nil && r.Component > 0 {
			if r.Component > len(e.Components) {
				return fmt.Errorf("%s has no component %d", e.Ref, r.Component)
			}
			e = e.Components[r.Component-1]
		}
		switch {
		case e == nil:
			return fmt.Errorf("%s has no element %d", r.Segment, r.Element)
		case e.Usage == NotUsed:
			return fmt.Errorf("the guide does not use %s", e.Ref)
		case e.Usage == Required && r.Forbid:
			return fmt.Errorf("the guide requires %s", e.Ref)
		case e.Type == TypeComposite && !r.Require && !r.Forbid:
			return fmt.Errorf("%s is a composite: name a component", e.Ref)
		}
		for _, code := range r.Codes {
			if e.Codes != nil && !e.Codes.Has([]byte(code)) {
				return fmt.Errorf("the guide does not allow code %q in %s", code, e.Ref)
			}
		}
	}
	return nil
}

// offended tells whether a value of the segment is not as the rule wants it.
func (r *PartnerRule) offended(s *edi.Segment) bool {
	for c := range s.Repetitions(r.Element) {
		if value := c.Component(max(r.Component, 1)); len(value) > 0 && !r.fits(value) {
			return true
		}
	}
	return false
}

func (r *PartnerRule) fits(value []byte) bool {
	if r.allowed != nil {
		return r.allowed.Has(value)
	}
	n := utf8.RuneCount(value)
	return n >= r.MinLength && (r.MaxLength == 0 || n <= r.MaxLength) && (r.pattern == nil || r.pattern.Match(value))
}

// code is that of the rule's findings: its name, and what a 999 would call it.
func (r *PartnerRule) code(v verb) edi.Code {
	c := edi.Code{Kind: "partner." + r.Name}
	switch {
	case v == needsSegment:
		c.Value = "I6"
	case v == needsElement, v == forbidsSegment:
		c.Value = "I9"
	case v == forbidsElement:
		c.Value = "I13"
	case r.allowed != nil:
		c.Value = "I6"
	default:
		c.Value = "I12"
	}
	return c
}

// demand is what the sentence of a finding says of the place.
func (r *PartnerRule) demand(s *Situation) string {
	switch {
	case s.verb != then:
		return s.demand()
	case r.allowed != nil:
		return " holds a code that the partner does not take"
	default:
		return " does not have the form that the partner wants"
	}
}
