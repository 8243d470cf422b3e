package web

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/storage"
)

// A findingRow is a finding with where it is, as people say it, and what its code means.
type findingRow struct {
	storage.FindingItem
	Where   string // "CLP02 in loop 2100"
	Meaning string // of the code; "" if the code's kind has no list
}

func findingRows(items []storage.FindingItem) []findingRow {
	rows := make([]findingRow, len(items))
	for i, f := range items {
		rows[i] = findingRow{f, findingPlace(f), findingMeaning(f)}
	}
	return rows
}

// findingPlace names the element, or the segment, and its loop.
func findingPlace(f storage.FindingItem) string {
	var b strings.Builder
	b.WriteString(f.Segment)
	if f.Element > 0 {
		fmt.Fprintf(&b, "%02d", f.Element)
	}
	if f.Component > 0 {
		fmt.Fprintf(&b, "-%d", f.Component)
	}
	if f.Repetition > 1 {
		fmt.Fprintf(&b, " (repetition %d)", f.Repetition)
	}
	if f.Loop != "" {
		b.WriteString(" in loop " + f.Loop)
	}
	return b.String()
}

var findingLists = map[string]codes.List{
	"IK304": codes.SegmentError, "IK403": codes.ElementError, "IK502": codes.SetError,
	"AK905": codes.GroupError, "TA105": codes.InterchangeNote,
}

func findingMeaning(f storage.FindingItem) string {
	list, ok := findingLists[f.CodeKind]
	if !ok {
		return ""
	}
	return meaning(list, f.CodeValue)
}

// meaning returns what a code says; "" if the list doesn't have it.
func meaning(list codes.List, code string) string {
	if text := codes.Describe(list, code); text != codes.Unknown {
		return text
	}
	return ""
}
