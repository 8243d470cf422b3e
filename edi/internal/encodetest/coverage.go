package encodetest

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// Coverage notes which elements of a guide were written.
type Coverage struct {
	guide *guide.Guide
	seen  map[string]bool
}

// NewCoverage returns a Coverage of g of which nothing was seen.
func NewCoverage(g *guide.Guide) *Coverage { return &Coverage{guide: g, seen: make(map[string]bool)} }

func name(d *guide.SegmentDef, ref string) string {
	return fmt.Sprintf("%s %s, %s", d.Loop.ID, ref, d.Name)
}

// Add notes what the transaction sets of x12 hold.
func (c *Coverage) Add(t *testing.T, x12 []byte) {
	t.Helper()
	sc := guide.NewScanner(edi.NewReader(bytes.NewReader(x12)))
	for sc.Next() {
		s, d := sc.Segment(), sc.Step().Def
		if sc.Guide() != c.guide || d == nil {
			continue
		}
		for i, e := range d.Elements {
			c.element(s, d, i+1, e)
		}
	}
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
}

func (c *Coverage) element(s edi.Segment, d *guide.SegmentDef, n int, e *guide.ElementDef) {
	if len(s.Text(n)) > 0 {
		c.seen[name(d, e.Ref)] = true
	}
	for i, part := range e.Components {
		if len(s.Component(n, i+1)) > 0 {
			c.seen[name(d, part.Ref)] = true
		}
	}
}

// Missing returns the elements that the guide uses and that were never there.
func (c *Coverage) Missing() []string {
	var missing []string
	note := func(d *guide.SegmentDef, e *guide.ElementDef) {
		if n := name(d, e.Ref); e.Usage != guide.NotUsed && !c.seen[n] {
			missing = append(missing, n)
		}
	}
	for _, d := range c.guide.Segments {
		for _, e := range d.Elements {
			note(d, e)
			for _, part := range e.Components {
				if e.Usage != guide.NotUsed {
					note(d, part)
				}
			}
		}
	}
	return missing
}
