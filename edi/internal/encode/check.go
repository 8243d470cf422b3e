package encode

import (
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A checker judges entities by their guide before they are written: each in a document of its own, with the levels above it and
// nothing else, so that what is refused leaves no trace.
type checker struct {
	trial *run
	live  *run // of the set that is open
}

func (d *Document) checkerOf(g *guide.Guide) *checker {
	c := d.checkers[g]
	if c == nil {
		c = &checker{trial: newRun(g), live: newRun(g)}
		d.checkers[g] = c
	}
	return c
}

// trialLevels are the SNIP types that one entity can be judged by; what goes beyond is judged when the set ends.
func trialLevels(all guide.Levels) guide.Levels {
	var types []int
	for n := 1; n <= 4; n++ {
		if all.Has(n) {
			types = append(types, n)
		}
	}
	if len(types) == 0 {
		return guide.NewLevels(1)
	}
	return guide.NewLevels(types...)
}

// check returns an InvalidError for the first fault of the entity that d has composed.
func (c *checker) check(d *Document, s *set, above []frame, later []string) error {
	r := c.trial
	r.begin(d.trial)
	levels := 0
	for i := range above {
		f := &above[i]
		if f.loop != nil {
			levels++
			d.hl(r, f.loop, levels, levels-1, "1")
		}
		for _, seg := range f.record.Segments() {
			r.step(seg)
		}
	}
	first := r.segments + 1
	c.entity(d, s, levels)
	r.compose(d.se(s, r.segments+1), &d.del)
	for _, f := range r.end() {
		if f.Pos.Segment >= first && !excused(&f, later) {
			return &parts.InvalidError{Entity: d.builder.entity, Ordinal: d.builder.ordinal, Finding: f}
		}
	}
	return nil
}

func (c *checker) entity(d *Document, s *set, levels int) {
	b, own := &d.builder, levels+1
	if d.next.code != "" {
		children := "0"
		if l := levelLoop(s.guide, d.next.code); len(b.levels) > 0 || !hasChildren(l, false) {
			children = "1"
		}
		d.hl(c.trial, levelLoop(s.guide, d.next.code), own, levels, children)
	}
	segments, first := b.record.Segments(), 0
	for i, l := range b.levels {
		for _, seg := range segments[first:l.index] {
			c.trial.step(seg)
		}
		first = l.index
		d.hl(c.trial, levelLoop(s.guide, l.code), own+1+i, own, "0")
	}
	for _, seg := range segments[first:] {
		c.trial.step(seg)
	}
}

// excused tells whether a finding is due to the rest of the document, which is not there yet.
func excused(f *edi.Finding, later []string) bool {
	switch {
	case f.Segment == "HL" && f.SNIP <= 2: // levels below follow; the HL itself is ours
		return true
	case f.Code.Kind == "balance.payment":
		return true
	case f.Code == edi.Code{Kind: "IK304", Value: "3"}:
		return slices.Contains(later, f.Segment)
	}
	return false
}
