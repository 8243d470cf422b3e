package authorization

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/fixtures"
)

// TestScribbledEvents: what a caller changes in one of the events is not met in a later one, although both lie in the same memory.
func TestScribbledEvents(t *testing.T) {
	t.Parallel()
	told := 0
	for _, e := range fixtures.Catalog() {
		if !slices.Contains([]string{"278"}, e.Set) {
			continue
		}
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		file := strings.Repeat(string(x12), 3)
		got, want := eventsOf(t, file, true), eventsOf(t, file, false)
		decodetest.Equal(t, got, want)
		told += len(want)
	}
	if told < 1000 {
		t.Errorf("%d bytes are told of all events", told)
	}
}

// eventsOf dumps the events of x12, and changes each after it was dumped.
func eventsOf(t *testing.T, x12 string, scribble bool) string {
	t.Helper()
	var text strings.Builder
	for v, err := range Responses(edi.NewReader(strings.NewReader(x12))) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(decodetest.Dump("Event", v))
		if scribble {
			decodetest.Scribble(v)
		}
	}
	return text.String()
}
