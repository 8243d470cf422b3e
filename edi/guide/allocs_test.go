package guide_test

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// TestCheckingDoesNotAllocate places and validates on in the middle of a set without findings.
func TestCheckingDoesNotAllocate(t *testing.T) {
	for name, write := range map[string]func() ([]byte, error){
		"835": func() ([]byte, error) {
			var b bytes.Buffer
			_, err := fixtures.Write835(&b, fixtures.Options{Bytes: 2_000_000, Seed: 1})
			return b.Bytes(), err
		},
		"271": func() ([]byte, error) {
			var b bytes.Buffer
			_, err := fixtures.Write271(&b, fixtures.Options{Bytes: 2_000_000, Seed: 1})
			return b.Bytes(), err
		},
	} {
		in, err := write()
		if err != nil {
			t.Fatal(err)
		}
		r := edi.NewReaderBytes(in)
		findings := 0
		c := guide.NewChecker(func(edi.Finding) { findings++ })
		r.Report = c.Report
		sc := guide.NewScanner(r)
		check := func() { // up to the next set, and on to its 2000th segment
			for sets := 0; sets == 0 || sc.Segment().Pos().Segment < 2000; {
				if !sc.Next() {
					t.Fatal("the file ends: ", sc.Err())
				}
				c.Segment(sc)
				if sc.Segment().Pos().Segment == 1 {
					sets++
				}
			}
		}
		check()
		body := func() {
			for range 500 {
				if !sc.Next() {
					t.Fatal("the file ends: ", sc.Err())
				}
				c.Segment(sc)
			}
		}
		if n := testing.AllocsPerRun(1, body); n != 0 {
			t.Errorf("%s: %v allocations per 500 segments, want 0", name, n)
		}
		if findings > 0 {
			t.Errorf("%s: %d findings", name, findings)
		}
	}
}
