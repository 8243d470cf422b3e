package edi_test

import (
	"bytes"
	"testing"

	"github.com/ediport/ediport/edi"
)

func TestCompose(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, separator, raw string }{
		{"elements", "*", "CLP*A1**100"},
		{"an empty last element", "*", "CLP*A1**"},
		{"an id alone", "*", "LX"},
		{"a separator of several bytes", "§", "CLP§A1§§100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := edi.Delimiters{Element: c.separator, Repetition: "^", Component: ":", Terminator: "~"}
			at := edi.Position{Offset: 7, Line: 2, Interchange: 1, Group: 3, Transaction: 4, Segment: 5}
			var r edi.Record
			s := r.Compose([]byte(c.raw), &d, at)
			want := bytes.Split([]byte(c.raw), []byte(c.separator))
			if s.Len() != len(want)-1 || s.Pos() != at || string(s.Raw()) != c.raw || r.Len() != 1 {
				t.Fatalf("got %d elements at %v: %s", s.Len(), s.Pos(), s.Raw())
			}
			for n, w := range want {
				if !bytes.Equal(s.Element(n), w) {
					t.Errorf("element %d is %q, want %q", n, s.Element(n), w)
				}
			}
			at.Segment = 6
			moved := r.AppendAt(s, at)
			if moved.Pos() != at || s.Pos().Segment != 5 || !bytes.Equal(moved.Raw(), s.Raw()) {
				t.Errorf("moved to %v, and the first to %v", moved.Pos(), s.Pos())
			}
		})
	}
}
