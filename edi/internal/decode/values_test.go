package decode

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// TestRepetitions compares the short way to the first components of repetitions with that of the segment.
func TestRepetitions(t *testing.T) {
	t.Parallel()
	for _, value := range []string{
		"", "30", "30^98^A6", "^", "30^", "^30", "30^^98", " 30 ^ 98 ", "  ", "30^ ^98", "30:1^98:2", "30:1", ":1^98", "A^B:C^D", "1^33^35^47^48^50^86",
	} {
		s := segments(t, "EB*1**"+value+"*X~")[0]
		var a Arena
		var got []edi.Text
		a.Repetitions(&got, a.Keep(&s, &guide.Step{}), 3)
		want := s.AppendFirsts(nil, 3)
		if len(got) != len(want) {
			t.Errorf("%q: %q, want %q", value, got, want)
			continue
		}
		for i := range want {
			if string(got[i]) != string(want[i]) {
				t.Errorf("%q: %q, want %q", value, got, want)
			}
		}
	}
}

// TestPeriods: a range of dates that was read before is read no differently, whatever came between.
func TestPeriods(t *testing.T) {
	t.Parallel()
	var warm Arena
	list := []string{
		"20260101-20261231", strings.Repeat("\x00", len("CCYYMMDD-CCYYMMDD")), "20260101-20261231", "20260101-20261232", "20260101-20261231", "20261231-20260101", "20260101-20261231", "20260101",
		"20250101-20251231", "20260101-20261231", "20260101/20261231", "20260101-20261231", "2026010X-20261231", "", "20260101-20261231",
	}
	for i, value := range list {
		s := segments(t, "DTP*292*RD8*"+value+"~")[0]
		var fresh Arena
		var got, want []parts.Date
		problems := len(warm.problems)
		warm.DTP(&got, warm.Keep(&s, &guide.Step{}))
		fresh.DTP(&want, fresh.Keep(&s, &guide.Step{}))
		if got[0].From != want[0].From || got[0].To != want[0].To || string(got[0].Sent) != string(want[0].Sent) {
			t.Errorf("%d, %q: %+v, want %+v", i, value, got[0], want[0])
		}
		if n := len(warm.problems) - problems; n != len(fresh.problems) {
			t.Errorf("%d, %q: %d problems, want %d", i, value, n, len(fresh.problems))
		}
	}
}
