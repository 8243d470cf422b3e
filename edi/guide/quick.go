package guide

import (
	"math/bits"

	"github.com/ediport/ediport/edi"
)

// counted counts a segment that stands in the open loop, where it may stand once more, with nothing passed over; or opens its loop, once
// more. It is false, and does nothing, for any other: see [Validator.usage].
func (v *Validator) counted(at *Step) bool {
	d := at.Def
	if !at.plain || v.scan.slow || d.With != "" {
		return false
	}
	if at.Opened {
		return v.opened(at.Loop)
	}
	if at.Loop.depth != v.top {
		return false
	}
	in := &v.stack[v.top]
	if !in.passes(d.order, d.child) {
		return false
	}
	n := &in.counts[d.child]
	if int(*n) >= min(d.Max, 65535) {
		return false
	}
	*n++
	return true
}

// opened opens an instance of l, which may be there once more, and closes those of loops beside it in which nothing is missing.
func (v *Validator) opened(l *Loop) bool {
	level := l.depth - 1
	if l.HL != nil || v.top < level || v.stack[level].loop != l.Parent || len(v.gaps) > 0 || len(v.marks) > 0 {
		return false
	}
	for i := level + 1; i <= v.top; i++ {
		if !v.stack[i].complete() {
			return false
		}
	}
	in := &v.stack[level]
	if len(in.loop.brackets) > 0 {
		return false
	}
	if !in.passes(l.order, l.child) {
		return false
	}
	n := &in.counts[l.child]
	if int(*n) >= min(l.Max, 65535) {
		return false
	}
	*n++
	v.top = l.depth
	v.stack[v.top].open(l)
	return true
}

// passes goes on behind the required children of lower rank, and tells whether none of them is missing, nor one that stands before
// child.
func (in *instance) passes(order, child int) bool {
	for in.next < len(in.loop.required) {
		r := in.loop.required[in.next]
		if in.loop.rankOf(r) >= order {
			return r >= child || in.counts[r] > 0
		}
		if in.counts[r] == 0 {
			return false
		}
		in.next++
	}
	return true
}

// complete tells whether nothing is missing in an instance.
func (in *instance) complete() bool {
	for _, child := range in.loop.required[in.next:] {
		if in.counts[child] == 0 {
			return false
		}
	}
	for _, b := range in.loop.brackets {
		if in.counts[b.segment] == 0 && in.counts[b.loop] > 0 {
			return false
		}
	}
	return true
}

// subscribe lists for each segment of the guide the rules that look at it.
func (v *Validator) subscribe() {
	v.wanted = make([]uint64, len(v.guide.Segments))
	for i, d := range v.guide.Segments {
		for n, r := range v.rules {
			if r.wants(d) {
				v.wanted[i] |= 1 << n
			}
		}
	}
}

// apply lets the rules see the segment.
func (v *Validator) apply(s *edi.Segment, at *Step) {
	n := at.Def.Index
	if n >= len(v.wanted) {
		return
	}
	m := v.wanted[n]
	if at.Implied {
		m = 1<<len(v.rules) - 1
	}
	for ; m != 0; m &= m - 1 {
		v.rules[bits.TrailingZeros64(m)].segment(v, s, at)
	}
}

// levelCode returns an HL03 as a string, that of its loop if it is no other.
func levelCode(code []byte, l *Loop) string {
	if string(code) == l.HL.Level {
		return l.HL.Level
	}
	return string(code)
}
