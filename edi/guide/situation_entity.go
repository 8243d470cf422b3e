package guide

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
)

// entities check that a claim status whose text asks for an entity has one (STC01-3): which do is said by the list of claim
// statuses, so this is no rule line of a definition.
type entities struct {
	elements [][]int // by segment: composites with a status
	statuses *codes.Table
	seen     uint64
}

// newEntities returns the check for a guide, nil if it has no statuses.
func newEntities(g *Guide) *entities {
	e := &entities{elements: make([][]int, len(g.Segments))}
	found := false
	for _, d := range g.Segments {
		for i, c := range d.Elements {
			if c.DE == "C043" && len(c.Components) >= 3 {
				e.elements[d.Index] = append(e.elements[d.Index], i+1)
				found = true
			}
		}
	}
	if !found {
		return nil
	}
	return e
}

func (e *entities) level() int { return 4 }

func (e *entities) begin() {
	if n := codes.Changes(); e.statuses == nil || n != e.seen {
		e.statuses, e.seen = codes.Of(codes.ClaimStatus), n
	}
}

func (e *entities) end(*Validator) {}

func (e *entities) wants(d *SegmentDef) bool { return len(e.elements[d.Index]) > 0 }

func (e *entities) segment(v *Validator, s *edi.Segment, at *Step) {
	for _, n := range e.elements[at.Def.Index] {
		status := s.Component(n, 2)
		if len(status) == 0 || len(s.Component(n, 3)) > 0 || s.Component(n, 4).Is("RX") {
			continue
		}
		if entry, ok := e.statuses.Find(status); !ok || entry.Kind != "entity" || v.faulty(s, n) {
			continue
		}
		p := elementPlace{loop: at.Loop, def: at.Def, element: n, component: 3}
		f := v.element(&p, edi.Warning, edi.Code{Kind: "IK403", Value: "I9"}, p.label()+" is missing, because the status says something about an entity")
		f.SNIP = 4
		f.Trigger = edi.Place{Segment: at.Def.Tag, Position: s.Ordinal(), Loop: loopID(at.Loop), Element: n, Component: 2}
		v.Add(f)
	}
}
