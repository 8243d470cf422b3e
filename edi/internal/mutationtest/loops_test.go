package mutationtest

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi/internal/mutate"
)

// end returns the index behind the last segment of an instance and of the loops within it.
func (in *instance) end() int {
	end := in.segments[len(in.segments)-1]
	for _, inner := range in.loops {
		end = max(end, inner.end()-1)
	}
	return end + 1
}

// whole tells whether a loop can come or go in one piece: other HL name those of an HL by their numbers, LS and LE go with the loop
// between them, and an NM1 behind loop 2120 may be taken for one of its own.
func (f *facts) whole(in *instance) bool {
	for j := in.segments[0]; j < in.end(); j++ {
		if f.segments[j].bracket {
			return false
		}
	}
	return !in.loop.hl && !strings.HasPrefix(in.loop.id, "2120")
}

// loopDeletion takes out the loop that segment i opens.
func (f *facts) loopDeletion(i int) trial {
	s := &f.segments[i]
	end := s.instance.end()
	d := f.changed(func(d *mutate.Document, at int) {
		for range end - i {
			d.Delete(at)
		}
	}, i)
	tr := f.trial(i, "delete loop", d)
	_, all := f.earlier(i)
	if s.loop.usage == "R" && all == 1 {
		tr.allowed = []string{missing(i+1, s.segmentFacts)}
	} else {
		tr.allowed = []string{f.balance(d)}
	}
	return tr
}

// loopDuplication repeats the loop that segment i opens, behind itself.
func (f *facts) loopDuplication(i int) trial {
	s := &f.segments[i]
	end := s.instance.end()
	d := f.changed(func(d *mutate.Document, at int) { d.Repeat(at, at+end-i-1) }, i)
	tr := f.trial(i, "duplicate loop", d)
	tr.at = end
	_, all := f.earlier(i)
	if all == s.loop.max {
		tr.allowed = []string{fmt.Sprintf("%d %s %s IK304 4", f.last(i)+end-i, s.id, s.loop.id)}
	} else {
		tr.allowed = []string{f.balance(d)}
	}
	return tr
}
