package edi_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/fixtures"
)

// Compare two versions: go test ./edi -run '^$' -bench . -count 10 | tee new.txt; benchstat old.txt new.txt

func generated835(b testing.TB, size int64) []byte {
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

// BenchmarkTokenize finds the ends of elements and segments in memory, a block at a time.
func BenchmarkTokenize(b *testing.B) {
	in := generated835(b, 10_000_000)
	t := edi.NewTokenizer(edi.StandardDelimiters)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		for rest := in; len(rest) > 0; {
			n := t.Block(rest[:min(len(rest), 32<<10)])
			if n == 0 {
				b.Fatal("no segment")
			}
			rest = rest[n:]
		}
	}
}

// BenchmarkWrite writes again what it reads.
func BenchmarkWrite(b *testing.B) {
	in := generated835(b, 10_000_000)
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		r, w := edi.NewReader(bytes.NewReader(in)), edi.NewWriter(io.Discard, edi.StandardDelimiters)
		for {
			s, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if err := w.Copy(s); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkSplit cuts a file into parts for several goroutines.
func BenchmarkSplit(b *testing.B) {
	in := generated835(b, 10_000_000)
	b.SetBytes(int64(len(in)))
	for b.Loop() {
		s := edi.NewSplitterBytes(in)
		for {
			if _, err := s.Next(); err == io.EOF {
				break
			}
		}
	}
}
