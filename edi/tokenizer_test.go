package edi_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// tokens returns the elements of each segment of in, read in blocks of that size.
func tokens(t testing.TB, in []byte, d edi.Delimiters, size int) (segments [][]string) {
	t.Helper()
	tok := edi.NewTokenizer(d)
	for len(in) > 0 {
		block := in[:min(len(in), size)]
		n := tok.Block(block)
		if n == 0 && len(block) == len(in) {
			break
		}
		if n == 0 {
			size *= 2
			continue
		}
		for i := range tok.Segments {
			var elements []string
			for k := 0; tok.Element(block, i, k) != nil; k++ {
				elements = append(elements, string(tok.Element(block, i, k)))
			}
			segments = append(segments, elements)
		}
		in = in[n:]
	}
	return segments
}

func TestTokenizer(t *testing.T) {
	standard := edi.StandardDelimiters
	for _, c := range []struct {
		name, in string
		d        edi.Delimiters
		want     [][]string
	}{
		{"plain", "CLP*A1*1**~SE*2*1~", standard, [][]string{{"CLP", "A1", "1", "", ""}, {"SE", "2", "1"}}},
		{"an empty segment", "A~~B~", standard, [][]string{{"A"}, {""}, {"B"}}},
		{"line breaks", "A*1~\nB~\n", standard, [][]string{{"A", "1"}, {"\nB"}}},
		{"a rest", "A*1~B*2", standard, [][]string{{"A", "1"}}},
		{"delimiters of two bytes", "AÖ1\r\nBÖÖ2\r\n", edi.Delimiters{Element: "Ö", Terminator: "\r\n"}, [][]string{{"A", "1"}, {"B", "", "2"}}},
		{"many elements", "A" + strings.Repeat("*", 2000) + "~", standard, [][]string{append([]string{"A"}, make([]string, 2000)...)}},
	} {
		for _, size := range []int{1, 3, 8, 1 << 20} {
			if got := tokens(t, []byte(c.in), c.d, size); !slices.EqualFunc(got, c.want, slices.Equal) {
				t.Errorf("%s, blocks of %d: %q, want %q", c.name, size, got, c.want)
			}
		}
	}
}

// TestTokenizerAgreesWithReader compares both on a file without line breaks.
func TestTokenizerAgreesWithReader(t *testing.T) {
	in := generated835(t, 200_000)
	d, err := edi.ParseDelimiters(in)
	if err != nil {
		t.Fatal(err)
	}
	got := tokens(t, in, d, 5000)
	r := edi.NewReaderBytes(in)
	for i := 0; ; i++ {
		s, err := r.Next()
		if err == io.EOF {
			if i != len(got) {
				t.Errorf("%d segments, want %d", len(got), i)
			}
			return
		}
		if err != nil || i >= len(got) {
			t.Fatal(err, i)
		}
		for n := 0; n <= s.Len(); n++ {
			if string(s.Element(n)) != got[i][n] || len(got[i]) != s.Len()+1 {
				t.Fatalf("segment %d: %q, want %q", i, got[i], s.Raw())
			}
		}
	}
}

func TestTokenizerDoesNotAllocate(t *testing.T) {
	in := generated835(t, 100_000)
	tok := edi.NewTokenizer(edi.StandardDelimiters)
	tok.Block(in)
	if n := testing.AllocsPerRun(10, func() { tok.Block(in) }); n != 0 {
		t.Errorf("%v allocations per block, want 0", n)
	}
}

func TestParseDelimiters(t *testing.T) {
	if d, err := edi.ParseDelimiters([]byte(isa + gs)); err != nil || d != edi.StandardDelimiters {
		t.Errorf("%v, %v", d, err)
	}
	for in, want := range map[string]error{"": edi.ErrNotX12, "GS*": edi.ErrNotX12, isa[:40]: edi.ErrTruncated} {
		if _, err := edi.ParseDelimiters([]byte(in)); err != want {
			t.Errorf("%q: %v, want %v", in, err, want)
		}
	}
}

// The elements of a block of segments, and what is left of it.
func ExampleTokenizer() {
	block := []byte("CLP*A1*1*100*80~CAS*CO*45*20~NM1*QC*1*R")
	t := edi.NewTokenizer(edi.StandardDelimiters)
	n := t.Block(block)
	for i := range t.Segments {
		fmt.Printf("%s %s\n", t.Element(block, i, 0), t.Element(block, i, 2))
	}
	fmt.Printf("left: %s\n", bytes.TrimSpace(block[n:]))
	// Output:
	// CLP 1
	// CAS 45
	// left: NM1*QC*1*R
}
