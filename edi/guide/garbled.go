package guide

import "slices"

// A stray is a segment that no set of this kind has. It may be another one whose id was garbled: what is missing just behind it.
type stray struct {
	at    int // ordinal
	until int // that of the first segment behind it that has its place without it; 0 if none came yet
}

// maxStrays bounds the memory for them.
const maxStrays = 256

// maxGarbled is how far behind a segment with a garbled id it is noticed that one is missing: others may come before it or after it.
const maxGarbled = 12

// stray notes the segment in hand as one whose id may be garbled.
func (v *Validator) stray() {
	if len(v.strays) < maxStrays {
		v.strays = append(v.strays, stray{at: v.segment.Ordinal()})
		v.strayed = true
	}
}

// found tells the strays that the segment in hand has its place.
func (v *Validator) found(at *Step) {
	if b := v.balance; b != nil {
		b.afterStray(v, at)
	}
	if !v.inPlace(at) {
		return
	}
	v.strayed = false
	for i := len(v.strays) - 1; i >= 0 && v.strays[i].until == 0; i-- {
		v.strays[i].until = v.segment.Ordinal()
	}
}

// inPlace tells whether the segment in hand comes where it may, once more.
func (v *Validator) inPlace(at *Step) bool {
	if at.Implied || at.OutOfOrder || at.Mismatch || at.Anew || at.Releveled {
		return false
	}
	level, child, most := at.Loop.depth, at.Def.child, at.Def.Max
	switch {
	case at.Opened && at.Loop.HL != nil:
		return true
	case at.Opened:
		level, child, most = level-1, at.Loop.child, at.Loop.Max
	}
	n := int(v.stack[level].counts[child])
	return n > 0 && n <= most
}

// garbled tells whether what is missing before the given segment stood there, with a garbled id. Each such segment stands for
// one that is missing, and only as long as no other has found its place.
func (v *Validator) garbled(before int) bool {
	for i := len(v.strays) - 1; i >= 0; i-- {
		switch s := v.strays[i]; {
		case s.at < before-maxGarbled:
			return false
		case s.at < before && (s.until == 0 || before <= s.until):
			v.strays = slices.Delete(v.strays, i, i+1)
			return true
		}
	}
	return false
}
