package diff

// A pair is two nodes that are the same thing in both files; one of them is nil if the other file has no such thing.
type pair struct{ a, b *node }

// align matches the items of two nodes: first those that say the same, then those that are about the same, then, of what nothing
// tells apart, one after the other. Pairs come in the order of a, with what only b has behind what stands before it there.
func align(a, b []*node) []pair {
	m := matcher{a: a, b: b, toB: make([]int, len(a)), toA: make([]int, len(b))}
	for i := range m.toB {
		m.toB[i] = -1
	}
	for j := range m.toA {
		m.toA[j] = -1
	}
	m.by(func(n *node) (any, bool) {
		type same struct {
			kind string
			hash uint64
		}
		return same{n.kind(), n.hash}, true
	})
	m.by(func(n *node) (any, bool) { return [2]string{n.kind(), n.id}, n.id != "" })
	m.by(func(n *node) (any, bool) { return [2]string{n.kind(), n.near}, n.near != "" })
	m.by(func(n *node) (any, bool) { return n.kind(), mayDiffer(n) })
	return m.pairs()
}

// mayDiffer tells whether a node can be matched with another of its kind whatever both are about: a segment that was changed, or
// the only loop of its kind. Claims, persons and benefits are others, not changed ones.
func mayDiffer(n *node) bool {
	switch {
	case n.loop == nil:
		return n.segment.Tag() != "PLB"
	case n.id == "":
		return true
	case n.loop.HL != nil:
		return n.loop.HL.Level == "20" || n.loop.HL.Level == "21"
	}
	tag := n.segment.Tag()
	return tag == "NM1" || tag == "N1"
}

type matcher struct {
	a, b     []*node
	toB, toA []int
}

// by matches what is left and has equal keys: the first of a with the first of b, and so on.
func (m *matcher) by(key func(*node) (any, bool)) {
	waiting := make(map[any][]int)
	for j, n := range m.b {
		if m.toA[j] < 0 {
			if k, ok := key(n); ok {
				waiting[k] = append(waiting[k], j)
			}
		}
	}
	for i, n := range m.a {
		if m.toB[i] >= 0 {
			continue
		}
		k, ok := key(n)
		if list := waiting[k]; ok && len(list) > 0 {
			m.toB[i], m.toA[list[0]] = list[0], i
			waiting[k] = list[1:]
		}
	}
}

func (m *matcher) pairs() []pair {
	var all []pair
	next := 0
	onlyB := func(until int) {
		for ; next < until; next++ {
			if m.toA[next] < 0 {
				all = append(all, pair{nil, m.b[next]})
			}
		}
	}
	for i, n := range m.a {
		if m.toB[i] < 0 {
			all = append(all, pair{n, nil})
			continue
		}
		onlyB(m.toB[i])
		all = append(all, pair{n, m.b[m.toB[i]]})
	}
	onlyB(len(m.b))
	return all
}

// alignInOrder matches items whose order counts: what is equal at the start and at the end, and in between what is
// equal and there only once in both, as far as it stands in the same order. Between those, segments of one id are taken for changed.
func alignInOrder(a, b []*node) []pair {
	var head, tail []pair
	for len(a) > 0 && len(b) > 0 && a[0].hash == b[0].hash {
		head = append(head, pair{a[0], b[0]})
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1].hash == b[len(b)-1].hash {
		tail = append(tail, pair{a[len(a)-1], b[len(b)-1]})
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	anchors := ascending(uniques(a, b))
	fromA, fromB := 0, 0
	for _, x := range anchors {
		head = append(head, changedInOrder(a[fromA:x[0]], b[fromB:x[1]])...)
		head = append(head, pair{a[x[0]], b[x[1]]})
		fromA, fromB = x[0]+1, x[1]+1
	}
	head = append(head, changedInOrder(a[fromA:], b[fromB:])...)
	for i := len(tail) - 1; i >= 0; i-- {
		head = append(head, tail[i])
	}
	return head
}

// uniques returns the positions of what is there once in a and once in b, in the order of a.
func uniques(a, b []*node) [][2]int {
	type seen struct{ inA, inB, atB int }
	counts := make(map[uint64]*seen, len(a))
	for _, n := range a {
		if counts[n.hash] == nil {
			counts[n.hash] = &seen{}
		}
		counts[n.hash].inA++
	}
	for j, n := range b {
		if c := counts[n.hash]; c != nil {
			c.inB++
			c.atB = j
		}
	}
	var found [][2]int
	for i, n := range a {
		if c := counts[n.hash]; c.inA == 1 && c.inB == 1 {
			found = append(found, [2]int{i, c.atB})
		}
	}
	return found
}

// ascending returns a longest part of the positions whose second numbers ascend.
func ascending(all [][2]int) [][2]int {
	var tops, before []int // tops[k] is the position that ends the best row of k+1
	before = make([]int, len(all))
	for i, x := range all {
		low, high := 0, len(tops)
		for low < high {
			if mid := (low + high) / 2; all[tops[mid]][1] < x[1] {
				low = mid + 1
			} else {
				high = mid
			}
		}
		before[i] = -1
		if low > 0 {
			before[i] = tops[low-1]
		}
		if low == len(tops) {
			tops = append(tops, i)
		} else {
			tops[low] = i
		}
	}
	row := make([][2]int, len(tops))
	at := -1
	if len(tops) > 0 {
		at = tops[len(tops)-1]
	}
	for k := len(row) - 1; k >= 0; k-- {
		row[k] = all[at]
		at = before[at]
	}
	return row
}

// changedInOrder pairs segments of one id between two anchors, in their order; the rest was removed or added.
func changedInOrder(a, b []*node) []pair {
	var all []pair
	j := 0
	for _, n := range a {
		k := j
		for k < len(b) && b[k].segment.Tag() != n.segment.Tag() {
			k++
		}
		if k == len(b) {
			all = append(all, pair{n, nil})
			continue
		}
		for ; j < k; j++ {
			all = append(all, pair{nil, b[j]})
		}
		all = append(all, pair{n, b[k]})
		j = k + 1
	}
	for ; j < len(b); j++ {
		all = append(all, pair{nil, b[j]})
	}
	return all
}
