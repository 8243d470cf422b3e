package decode

import (
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
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
