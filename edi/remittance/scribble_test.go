package remittance

import (
	"bytes"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/fixtures"
)

// TestScribbledClaims: what a caller changes in a claim is not met in a later one, although both lie in the same memory.
func TestScribbledClaims(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if _, err := fixtures.Write835(&b, fixtures.Options{Bytes: 300_000, Seed: 2}); err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"generated": b.String()}
	for _, e := range fixtures.Catalog() {
		if e.Set != "835" {
			continue
		}
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name] = strings.Repeat(string(x12), 3)
	}
	for name, x12 := range files {
		got, want := claimsOf(x12, true), claimsOf(x12, false)
		if want == "" && name == "generated" {
			t.Errorf("%s: no claims", name)
		}
		decodetest.Equal(t, got, want)
	}
}

// claimsOf dumps the claims of x12, and changes each after it was dumped.
func claimsOf(x12 string, scribble bool) string {
	var text strings.Builder
	for c, err := range Claims(edi.NewReader(strings.NewReader(x12))) {
		if err != nil {
			break // the file is one that can't be read to its end
		}
		text.WriteString(decodetest.Dump("Claim", c))
		if scribble {
			decodetest.Scribble(c)
		}
	}
	return text.String()
}
