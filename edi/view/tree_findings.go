package view

import (
	"cmp"
	"math"
	"slices"

	"github.com/ediport/ediport/edi"
)

// waiting holds findings until the segment that they are about is shown.
type waiting struct {
	held  map[int64][]edi.Finding // by the offset of the segment
	count int
}

const (
	maxHeldFindings = 5_000
	anywhere        = math.MaxInt64
)

// add keeps a finding; false if there are too many.
func (w *waiting) add(f edi.Finding) bool {
	if w.count >= maxHeldFindings {
		return false
	}
	if w.held == nil {
		w.held = make(map[int64][]edi.Finding)
	}
	w.held[f.Pos.Offset] = append(w.held[f.Pos.Offset], f)
	w.count++
	return true
}

// at removes the findings about the segment at an offset, and returns them.
func (w *waiting) at(offset int64) []edi.Finding {
	found := w.held[offset]
	if found != nil {
		delete(w.held, offset)
		w.count -= len(found)
	}
	return found
}

// take removes the findings from one offset up to another, and returns them in file order.
func (w *waiting) take(from, to int64) []edi.Finding {
	if w.count == 0 {
		return nil
	}
	var found []edi.Finding
	for offset := range w.held {
		if offset >= from && offset < to {
			found = append(found, w.at(offset)...)
		}
	}
	slices.SortStableFunc(found, func(a, b edi.Finding) int { return cmp.Compare(a.Pos.Offset, b.Pos.Offset) })
	return found
}
