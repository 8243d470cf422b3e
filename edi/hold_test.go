package edi_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/ediport/ediport/edi"
)

// A bitwise source gives few bytes at a time, so that windows end anywhere.
type bitwise struct {
	in     []byte
	random *rand.Rand
}

func (b *bitwise) Read(p []byte) (int, error) {
	if len(b.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), 1+b.random.IntN(9000))], b.in)
	b.in = b.in[n:]
	return n, nil
}

// TestHoldOneAfterTheOther holds entities as decoders do: all before is released when one begins with the segment read last. Of few
// segments and of many, each stays what it was until the next one begins, wherever windows end.
func TestHoldOneAfterTheOther(t *testing.T) {
	t.Parallel()
	in := generated835(t, 1_500_000)
	for seed := range uint64(12) {
		random := rand.New(rand.NewPCG(seed, 835))
		r := edi.NewReader(&bitwise{in, random})
		if seed%3 == 0 {
			r = edi.NewReaderBytes(in)
		}
		var held []edi.Segment
		var copies []edi.Segment
		for size := 0; ; {
			s, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if len(held) >= size {
				sameSegments(t, held, copies)
				held, copies = held[:0], copies[:0]
				if size = 1 + random.IntN(150); random.IntN(10) == 0 {
					size *= 20
				}
				r.Release()
				r.Hold(s)
			}
			held, copies = append(held, s), append(copies, s.Clone())
		}
		sameSegments(t, held, copies)
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
}

// TestHoldAtTheEndOfAWindow lets an entity begin with each of the segments around the end of the first window, the last one of it among
// them: of that window nothing but this segment is held when the next one comes.
func TestHoldAtTheEndOfAWindow(t *testing.T) {
	t.Parallel()
	const window = 32 << 10
	in := generated835(t, 4*window)
	began := 0
	for first := 1000; ; first++ {
		for _, r := range []*edi.Reader{edi.NewReader(bytes.NewReader(in)), edi.NewReaderBytes(in)} {
			s := next(t, r, first)
			if end := s.End(); end > window+100 {
				if began < 10 {
					t.Errorf("only %d segments end near that of the window", began)
				}
				return
			} else if end < window-200 {
				break
			}
			began++
			r.Release()
			r.Hold(s)
			held, copies := []edi.Segment{s}, []edi.Segment{s.Clone()}
			for range 3500 { // over the next window
				s := next(t, r, 1)
				held, copies = append(held, s), append(copies, s.Clone())
			}
			sameSegments(t, held, copies)
		}
	}
}

// next returns the segment n of those that follow.
func next(t *testing.T, r *edi.Reader, n int) (s edi.Segment) {
	t.Helper()
	for range n {
		var err error
		if s, err = r.Next(); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func sameSegments(t *testing.T, got, want []edi.Segment) {
	t.Helper()
	for i, s := range got {
		if s.Pos() != want[i].Pos() || !bytes.Equal(s.Raw(), want[i].Raw()) || s.Len() != want[i].Len() {
			t.Errorf("segment %d of %d is %q at %v, want %q at %v", i, len(got), s.Raw(), s.Pos(), want[i].Raw(), want[i].Pos())
			return
		}
		for n := range s.Len() + 1 {
			if !bytes.Equal(s.Element(n), want[i].Element(n)) {
				t.Errorf("element %d of %q is %q", n, s.Raw(), s.Element(n))
				return
			}
		}
	}
}
