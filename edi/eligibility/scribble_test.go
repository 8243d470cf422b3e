package eligibility

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/fixtures"
)

// TestScribbledAnswers: what a caller changes in an answer is not met in a later one, although both lie in the same memory.
func TestScribbledAnswers(t *testing.T) {
	t.Parallel()
	files := map[string]string{"generated": generated(t)}
	for _, e := range fixtures.Catalog() {
		if e.Set != "271" {
			continue
		}
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name] = strings.Repeat(string(x12), 3)
	}
	for name, x12 := range files {
		got, want := answersOf(t, x12, true), answersOf(t, x12, false)
		if want == "" {
			t.Errorf("%s: no answers", name)
		}
		decodetest.Equal(t, got, want)
	}
}

// answersOf dumps the answers of x12, and changes each after it was dumped.
func answersOf(t *testing.T, x12 string, scribble bool) string {
	t.Helper()
	var text strings.Builder
	for a, err := range Answers(edi.NewReader(strings.NewReader(x12))) {
		if err != nil {
			t.Fatal(err)
		}
		text.WriteString(decodetest.Dump("Answer", a))
		if scribble {
			decodetest.Scribble(a)
		}
	}
	return text.String()
}
