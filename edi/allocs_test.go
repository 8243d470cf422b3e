package edi_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// TestReadingDoesNotAllocate reads on in the middle of files with various framings.
func TestReadingDoesNotAllocate(t *testing.T) {
	plain := string(generated835(t, 1_000_000))
	for name, in := range map[string]string{
		"plain":         plain,
		"line breaks":   strings.ReplaceAll(plain, "~", "~\r\n"),
		"folded":        fold(plain, "\n"),
		"of two bytes":  strings.ReplaceAll(plain, "~", "\r\n"),
		"with blanks":   strings.ReplaceAll(plain, "~", "~  "),
		"empty between": strings.ReplaceAll(plain, "~", "~~"),
	} {
		for way, r := range map[string]*edi.Reader{
			"stream": edi.NewReader(strings.NewReader(in)), "memory": edi.NewReaderBytes([]byte(in)), "held": edi.NewReader(strings.NewReader(in)),
		} {
			read := func() {
				for n := range 1000 {
					s, err := r.Next()
					if err != nil {
						t.Fatal(err)
					}
					if way == "held" && n%50 == 0 {
						r.Hold(s)
					}
					if _ = s.Element(1); s.Tag() == "" {
						t.Fatal("no tag")
					}
				}
			}
			for range 10 {
				read()
			}
			if name == "folded" && way == "held" {
				continue // what is held without its line breaks is memory of its own
			}
			if n := testing.AllocsPerRun(20, read); n != 0 {
				t.Errorf("%s, %s: %v allocations per 1000 segments, want 0", name, way, n)
			}
		}
	}
}

func TestHold(t *testing.T) {
	in := generated835(t, 300_000)
	whole := edi.NewReaderBytes(in)
	for way, r := range map[string]*edi.Reader{"stream": edi.NewReader(bytes.NewReader(in)), "memory": edi.NewReaderBytes(in)} {
		var held []edi.Segment
		total := 0
		for {
			s, err := r.Next()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if total%700 == 0 { // a few windows at a time
				for i := range held {
					p := held[i].Pos()
					if got := in[p.Offset : p.Offset+int64(len(held[i].Raw()))]; !bytes.Equal(got, held[i].Raw()) {
						t.Fatalf("%s: held at %v: %q, want %q", way, p, held[i].Raw(), got)
					}
				}
				held = held[:0]
				r.Hold(s)
			}
			held = append(held, s)
			total++
		}
		r.Release()
		want := 0
		if way == "stream" {
			for _, err := whole.Next(); err == nil; _, err = whole.Next() {
				want++
			}
			if total != want || total < 5000 {
				t.Errorf("%d segments, want %d", total, want)
			}
		}
	}
}
