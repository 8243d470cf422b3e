package guide

import "errors"

// A place is a candidate as the walker meets it: what is needed to see whether a segment belongs there.
type place struct {
	candidate *candidate // nil ends a list of places
	codes     *CodeSet   // that tell it from its siblings; nil: any
	only      uint64     // key of the code, if there is but one
	number    uint16     // in Guide.places
	element   uint8      // that holds the code
	passes    bool       // what must stand before it is passed over
}

// setAhead lists for each rank in the loop and each segment name the places in which a segment may stand next, from the inside out. Ranks
// in the loops around need no look: each is that of the loop that is open in it.
func (l *Loop) setAhead(g *Guide) error {
	last := 0
	for i := range l.Children {
		last = max(last, l.rankOf(i))
	}
	l.ahead = make([]uint16, (last+1)*g.tags.n)
	for rank := range last + 1 {
		for tag := range g.tags.n {
			n, err := g.addPlaces(l, rank, l.chain[tag])
			if err != nil {
				return err
			}
			l.ahead[rank*g.tags.n+tag] = n
		}
	}
	return nil
}

// addPlaces returns where in g.places the list begins of those candidates that may come next.
func (g *Guide) addPlaces(l *Loop, rank int, cs []candidate) (uint16, error) {
	var list []place
	for i := range cs {
		c := &cs[i]
		if c.rank >= l.rankAt(c.level, rank) {
			p := c.place()
			p.passes = l.passes(rank, c)
			list = append(list, p)
		}
	}
	list = append(list, place{})
	begin := g.findPlaces(list)
	if begin == len(g.places) {
		for i := range list {
			list[i].number = uint16(begin + i)
		}
		g.places = append(g.places, list...)
	}
	if begin > 65535 {
		return 0, errors.New("the guide has too many places")
	}
	return uint16(begin), nil
}

// passes tells whether something that is required stands between the given rank of l and a candidate in l or around it.
func (l *Loop) passes(rank int, c *candidate) bool {
	for p := l; p != nil && p.depth >= c.level; p = p.Parent {
		for _, r := range p.required {
			if n := p.rankOf(r); n > l.rankAt(p.depth, rank) && (p.depth > c.level || n < c.rank) {
				return true
			}
		}
	}
	return false
}

func (c *candidate) place() place {
	p := place{candidate: c, codes: c.def.qualifiers, element: uint8(c.def.qualifier)}
	if p.codes != nil && len(p.codes.keys) == 1 {
		p.only = p.codes.keys[0]
	}
	return p
}

// findPlaces returns where the list stands already, or the end: lists are alike from one rank to the next.
func (g *Guide) findPlaces(list []place) int {
	for begin := 0; begin+len(list) <= len(g.places); begin++ {
		same := true
		for i := range list {
			if place := g.places[begin+i]; !place.equals(&list[i]) {
				same = false
				break
			}
		}
		if same {
			return begin
		}
	}
	return len(g.places)
}

// equals tells whether two places are alike, wherever they stand.
func (p place) equals(other *place) bool {
	p.number = other.number
	return p == *other
}

// rankAt is the rank that the loop around l at level has come to while l is open; that of l itself is given.
func (l *Loop) rankAt(level, rank int) int {
	if level == l.depth {
		return rank
	}
	for l.depth > level+1 {
		l = l.Parent
	}
	return l.order
}
