package edi_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/fixtures"
)

// Compare two versions: go test ./edi -run '^$' -bench . -count 10 | tee new.txt; benchstat old.txt new.txt

func generated835(b *testing.B, size int64) []byte {
	b.Helper()
	var buf bytes.Buffer
	if _, err := fixtures.Write835(&buf, fixtures.Options{Bytes: size, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	return buf.Bytes()
}

// BenchmarkYardstick is the loop that the others are measured against: find each terminator.
func BenchmarkYardstick(b *testing.B) {
	in := generated835(b, 10_000_000)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		n := 0
		for rest := in; ; n++ {
			i := bytes.IndexByte(rest, '~')
			if i < 0 {
				break
			}
			rest = rest[i+1:]
		}
		if n == 0 {
			b.Fatal("no segments")
		}
	}
}

// BenchmarkRead reads all segments and elements of a stream, with positions and envelope checks.
func BenchmarkRead(b *testing.B) {
	in := generated835(b, 10_000_000)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		r := edi.NewReader(bytes.NewReader(in))
		elements := 0
		for {
			s, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			for n := 1; n <= s.Len(); n++ {
				elements += len(s.Element(n)) & 1
			}
		}
		if elements == 0 {
			b.Fatal("no elements")
		}
	}
}
