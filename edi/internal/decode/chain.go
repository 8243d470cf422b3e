package decode

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// A Chain is the path of hierarchical levels from the top to the one that is being read. The zero value is empty.
type Chain struct {
	levels []parts.Level
	ranks  []int
}

// Reset empties the chain, for the next transaction set.
func (c *Chain) Reset() { c.levels, c.ranks = c.levels[:0], c.ranks[:0] }

// Nowhere is the rank of an HL02 that names no level.
const Nowhere = -1

// Open begins the level of an HL. rank orders the levels of a document from its top, 0, downwards; above is the rank of
// the level that HL02 names, Nowhere if it names none. The parent is the level of the path that HL02 names. ok is false
// if the path has no such level: if HL02 names an earlier one, that is behind us and all of its rank is left out of the
// path, so that nobody is given to a wrong parent; if it names none, the nearest level above is taken.
func (c *Chain) Open(s edi.Segment, loop *guide.Loop, rank, above int) (ok bool) {
	l := LevelOf(s, loop)
	n, ok := c.parent(l.Parent, rank, above)
	c.levels = append(c.levels[:n], l)
	c.ranks = append(c.ranks[:n], rank)
	return ok
}

// LevelOf returns the level that s begins: an HL, or the first segment of a level whose HL is missing.
func LevelOf(s edi.Segment, loop *guide.Loop) parts.Level {
	l := parts.Level{Loop: loop, Start: s.Pos().Offset, End: s.End()}
	if loop != nil && loop.HL != nil {
		l.Code = loop.HL.Level
	}
	if s.Is("HL") {
		l.ID, l.Parent = whole(s.Text(1)), whole(s.Text(2))
	}
	return l
}

// OpenWithout begins a level whose HL is missing: s is what shows that there should be one.
func (c *Chain) OpenWithout(s edi.Segment, loop *guide.Loop, rank int) {
	n, _ := c.parent(0, rank, Nowhere)
	l := LevelOf(s, loop)
	c.levels = append(c.levels[:n], l)
	c.ranks = append(c.ranks[:n], rank)
}

// parent returns how many levels of the path stand above a new one.
func (c *Chain) parent(id, rank, above int) (n int, ok bool) {
	for n = len(c.levels); n > 0; n-- {
		if c.ranks[n-1] < rank && id != 0 && c.levels[n-1].ID == id {
			return n, true
		}
	}
	if above >= 0 && above < rank {
		rank = above
	}
	for n = len(c.levels); n > 0; n-- {
		if c.ranks[n-1] < rank {
			return n, false
		}
	}
	return 0, id == 0
}

// Extend says that s belongs to the deepest level.
func (c *Chain) Extend(s edi.Segment) {
	if n := len(c.levels); n > 0 {
		c.levels[n-1].End = s.End()
	}
}

// Above appends the levels above the deepest one to list, the top first.
func (c *Chain) Above(list []parts.Level) []parts.Level {
	return append(list, c.levels[:max(len(c.levels)-1, 0)]...)
}

// Current returns the deepest level.
func (c *Chain) Current() parts.Level {
	if len(c.levels) == 0 {
		return parts.Level{}
	}
	return c.levels[len(c.levels)-1]
}

// At returns the level of that rank on the path and, appended to list, those above it.
func (c *Chain) At(rank int, list []parts.Level) (parts.Level, []parts.Level) {
	for i, r := range c.ranks {
		if r == rank {
			return c.levels[i], append(list, c.levels[:i]...)
		}
	}
	return parts.Level{}, list
}

// Has tells whether a level of that rank is on the path.
func (c *Chain) Has(rank int) bool {
	for _, r := range c.ranks {
		if r == rank {
			return true
		}
	}
	return false
}

// whole reads a number of levels; 0 if it is none.
func whole(t edi.Text) int {
	n := 0
	for _, c := range t {
		if c < '0' || c > '9' || n > 1e9 {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}
