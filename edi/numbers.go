package edi

import "strconv"

// maxLooseNumbers bounds the memory for control numbers that do not ascend one by one.
const maxLooseNumbers = 100_000

// maxNumberBytes bounds what is kept and shown of a control number, which has at most 9 characters where it is right.
const maxNumberBytes = 64

// A numberSet tells whether a control number was there before. Numbers that ascend one by one, as nearly all do,
// need no memory: they are the range first…last.
type numberSet struct {
	first, last uint64
	some        bool
	loose       map[string]struct{}
}

func (n *numberSet) reset() { *n = numberSet{} }

// add puts text into the set and is false if it was there.
func (n *numberSet) add(text string) bool {
	v, err := strconv.ParseUint(text, 10, 64)
	switch {
	case err != nil:
	case !n.some:
		n.first, n.last, n.some = v, v, true
		return true
	case v >= n.first && v <= n.last:
		return false
	case v == n.last+1:
		if _, there := n.loose[text]; there {
			return false
		}
		n.last = v
		return true
	}
	if _, there := n.loose[text]; there {
		return false
	}
	if n.loose == nil {
		n.loose = make(map[string]struct{})
	}
	if len(n.loose) < maxLooseNumbers && len(text) <= maxNumberBytes {
		n.loose[text] = struct{}{}
	}
	return true
}

// drop takes the number that was added last out of the set again.
func (n *numberSet) drop(text string) {
	delete(n.loose, text)
	if v, err := strconv.ParseUint(text, 10, 64); err != nil || !n.some || v != n.last {
		return
	}
	if n.some = n.first < n.last; n.some {
		n.last--
	}
}
