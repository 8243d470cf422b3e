package decode

import (
	"slices"
	"testing"
)

func TestSlab(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		order string // which list grows, a or b
		a, b  []int
	}{
		{"one after the other", "aaabb", []int{0, 1, 2}, []int{3, 4}},
		{"an old list grows again", "aabba", []int{0, 1, 4}, []int{2, 3}},
		{"in turns", "ababab", []int{0, 2, 4}, []int{1, 3, 5}},
	} {
		var s Slab[int]
		for round := range 3 {
			s.Reset()
			lists := map[rune]*[]int{'a': {}, 'b': {}}
			for i, r := range c.order {
				*s.Append(lists[r]) = i
			}
			if !slices.Equal(*lists['a'], c.a) || !slices.Equal(*lists['b'], c.b) {
				t.Errorf("%s, round %d: %v %v, want %v %v", c.name, round, *lists['a'], *lists['b'], c.a, c.b)
			}
		}
	}
}
