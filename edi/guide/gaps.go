package guide

import "github.com/ediport/ediport/edi"

// skip notes what is required and stands in the guide before a child of the same rank that is there; it may still follow.
func (v *Validator) skip(level, child, order int) {
	in := &v.stack[level]
	for _, r := range in.loop.required[in.next:] {
		switch rank := in.loop.rankOf(r); {
		case rank > order:
			return
		case rank == order && r < child && in.counts[r] == 0 && !v.hasGap(level, r):
			v.gaps = append(v.gaps, gap{level, r, v.segment.Pos()})
		}
	}
}

func (v *Validator) hasGap(level, child int) bool {
	for i := len(v.gaps) - 1; i >= 0 && v.gaps[i].level == level; i-- {
		if v.gaps[i].child == child {
			return true
		}
	}
	return false
}

// isEmpty tells whether nothing but the trigger was there.
func (in *instance) isEmpty() bool {
	if in.loop.Parent == nil {
		return false
	}
	for _, n := range in.counts[1:len(in.loop.Children)] {
		if n > 0 {
			return false
		}
	}
	return in.counts[0] > 0
}

// withoutBracket reports that an LS or LE is missing: the LS before the first instance of its loop, the LE here, behind the last.
func (v *Validator) withoutBracket(in *instance, b bracket) {
	d := in.loop.Children[b.segment].Segment
	at := v.segment.Pos()
	if b.segment < b.loop {
		at = in.bracketed
	}
	if v.garbled(at.Segment) || v.lastTold(at.Segment-2, v.segment.Ordinal(), d.Tag, "2", "5", "7", "I9") >= 0 {
		return // it is there, with another id or before its place, and that was told
	}
	l := in.loop.Children[b.loop].Loop
	v.Add(edi.Finding{
		Pos: at, Control: v.control, Segment: d.Tag, Loop: loopID(in.loop), Severity: edi.Error, SNIP: 2,
		Code: edi.Code{Kind: "IK304", Value: "I6"}, Message: "the segment " + title(d) + " is missing: it goes with loop " + d.With,
		Trigger: edi.Place{Segment: l.Trigger.Tag, Position: in.bracketed.Segment, Loop: l.ID},
	})
}

// closesBracket tells whether a mark is the LE of an LS that is there.
func (v *Validator) closesBracket(in *instance, m gap) bool {
	for _, b := range in.loop.brackets {
		if b.segment < b.loop && b.segment < m.child && in.counts[b.segment] > 0 {
			return true
		}
	}
	return false
}
