package guide_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// generated returns a generated 835 of about 8 MB.
func generated(b *testing.B) []byte {
	b.Helper()
	var buf bytes.Buffer
	if _, err := fixtures.Write835(&buf, fixtures.Options{Bytes: 8 << 20, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkRead is the share of reading in the two below. Compare two versions:
//
//	go test -run - -bench . -count 10 ./edi/guide > old.txt   (and new.txt; then benchstat old.txt new.txt)
func BenchmarkRead(b *testing.B) {
	file := generated(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r := edi.NewReader(bytes.NewReader(file))
		for {
			if _, err := r.Next(); err == io.EOF {
				break
			} else if err != nil {
				b.Fatal(err)
			}
		}
	}
}

func BenchmarkWalk(b *testing.B) {
	file := generated(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		sc := guide.NewScanner(edi.NewReader(bytes.NewReader(file)))
		for sc.Next() {
			if sc.Step().Def == nil {
				b.Fatal("a segment has no place")
			}
		}
		if sc.Err() != nil {
			b.Fatal(sc.Err())
		}
	}
}

func BenchmarkValidate(b *testing.B) {
	file := generated(b)
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	for b.Loop() {
		r := edi.NewReader(bytes.NewReader(file))
		c := guide.NewChecker(func(f edi.Finding) { b.Fatal(f) })
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
		if sc.Err() != nil {
			b.Fatal(sc.Err())
		}
	}
}

// BenchmarkDefinitions is the cost of the first use of all guides.
func BenchmarkDefinitions(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		guide.LoadAll(b)
	}
}
