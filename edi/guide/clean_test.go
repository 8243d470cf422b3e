package guide_test

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/ediport/ediport/fixtures"
)

// TestRememberedSegments checks files in which segments come again: as they were, damaged, and with other delimiters, so that the
// same bytes mean something else. What is remembered of clean segments must not change what is found.
func TestRememberedSegments(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 21))
	found := 0
	for _, e := range fixtures.Catalog() {
		file, err := fixtures.FS.ReadFile("files/" + e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if len(file) > 20_000 {
			continue
		}
		for range 20 {
			chain := slices.Clone(file)
			for range 6 {
				next := mutate(random, file)
				switch random.IntN(8) {
				case 0:
					next = exchange(file, '*', '|')
				case 1:
					next = exchange(file, ':', '*')
				case 2:
					next = exchange(next, '^', '>')
				case 3: // ISA11 alone: what repeated is one value now
					next = slices.Clone(file)
					next[82] = '|'
				case 4: // ISA16 alone: what was one value has components
					next = slices.Clone(file)
					next[104] = '-'
				}
				chain = append(chain, next...)
				chain = append(chain, file...)
			}
			found += sameFindings(t, chain)
			if t.Failed() {
				return
			}
		}
	}
	if found < 500 {
		t.Errorf("only %d findings", found)
	}
}

// exchange exchanges two bytes wherever they stand.
func exchange(file []byte, a, b byte) []byte {
	return bytes.Map(func(r rune) rune {
		switch r {
		case rune(a):
			return rune(b)
		case rune(b):
			return rune(a)
		}
		return r
	}, file)
}
