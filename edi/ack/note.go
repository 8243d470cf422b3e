package ack

import (
	"slices"

	"github.com/ediport/ediport/edi"
)

// maxCodes is the number of codes that an IK5 and an AK9 have place for.
const maxCodes = 5

// A note is what is told about an interchange or, if group is not 0, a functional group.
type note struct {
	interchange, group int
	telling
}

// notes are those of the open envelopes, and of what the Scanner read ahead of.
type notes []note

// add takes a finding into account that concerns the envelope at p: of an interchange the first of the worst, of a group some.
func (n *notes) add(p edi.Position, t telling) {
	x := note{interchange: p.Interchange, telling: t}
	switch {
	case t.level == interchangeLevel:
	case t.level == groupLevel && p.Group != 0:
		x.group = p.Group
	default:
		return
	}
	same := 0
	for i := range *n {
		old := &(*n)[i]
		if old.interchange != x.interchange || old.group != x.group {
			continue
		}
		if x.group == 0 || old.code == x.code {
			if old.treatment == ToNote && x.treatment == ToReject {
				*old = x
			}
			return
		}
		same++
	}
	if same < maxCodes || x.treatment == ToReject && same < 2*maxCodes {
		*n = append(*n, x)
	}
}

// of takes out the notes of a group of an interchange, or of the interchange itself if group is 0.
func (n *notes) of(interchange, group int) []note {
	var out []note
	*n = slices.DeleteFunc(*n, func(x note) bool {
		if x.interchange != interchange || x.group != group {
			return false
		}
		out = append(out, x)
		return true
	})
	return out
}

// drop forgets what concerns an interchange.
func (n *notes) drop(interchange int) {
	*n = slices.DeleteFunc(*n, func(x note) bool { return x.interchange <= interchange })
}
