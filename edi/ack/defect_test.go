package ack

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/mutate"
)

// Files with one defect each: a 999 tells each finding at its position, with the value as it stands in the file.
func TestSingleDefects(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../internal/mutationtest/testdata/*.edi")
	if err != nil || len(files) < 8 {
		t.Fatalf("%d documents: %v", len(files), err)
	}
	cases, elements, values := 0, 0, 0
	for _, file := range files {
		x12, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		d, err := mutate.Parse(x12)
		if err != nil {
			t.Fatal(err)
		}
		defects(d, func(name string, broken *mutate.Document) {
			if cases++; cases%5 != 0 || t.Failed() { // a sample: all of them take long
				return
			}
			a := answer(t, broken.Bytes(), DefaultPolicy())
			a.sound(t)
			a.agrees(t)
			e, v := a.exact(t, broken)
			elements, values = elements+e, values+v
			if t.Failed() {
				t.Logf("%s, %s:\n%s", filepath.Base(file), name, strings.ReplaceAll(a.x999+a.xTA1, "~", "~\n"))
			}
		})
	}
	if cases < 6000 || elements < 600 || values < 300 {
		t.Errorf("%d files with %d faulty elements, %d with a value: too few to show anything", cases, elements, values)
	}
}

// defects calls check with d changed in one place, each in turn.
func defects(d *mutate.Document, check func(name string, broken *mutate.Document)) {
	try := func(name string, change func(*mutate.Document)) {
		c := d.Clone()
		change(c)
		check(name, c)
	}
	for i := 1; i < len(d.Segments); i++ {
		id := d.Segments[i][0]
		try("delete "+id, func(c *mutate.Document) { c.Delete(i); c.Recount() })
		try("duplicate "+id, func(c *mutate.Document) { c.Duplicate(i); c.Recount() })
		try("insert before "+id, func(c *mutate.Document) { c.Insert(i, "QQQ*1"); c.Recount() })
		if i+1 < len(d.Segments) {
			try("swap "+id, func(c *mutate.Document) { c.Swap(i, i+1) })
		}
		try("append to "+id, func(c *mutate.Document) { c.Append(i, "X") })
		for n := 1; n < len(d.Segments[i]); n++ {
			for _, value := range []string{"", "?", strings.Repeat("9", 120), "A\x02", d.Element(i, n) + d.Delimiters.Component + "B"} {
				try("set "+id, func(c *mutate.Document) { c.Set(i, n, value) })
			}
		}
	}
}

// exact fails if a finding about a segment is not told where it is, or with another value than the file has there.
func (a *answered) exact(t testing.TB, d *mutate.Document) (elements, values int) {
	t.Helper()
	if strings.Contains(a.xTA1, "*R*") || a.x999 == "" {
		return 0, 0
	}
	at := map[int64]int{}
	for i := range d.Segments {
		at[d.Place(i).Offset] = i
	}
	said := readBack(t, a.x999)
	for _, f := range a.findings {
		if f.Severity != edi.Error || f.SNIP > 2 || f.Pos.Transaction != 1 || f.Pos.Group != 1 || f.Code.Kind != "IK403" && f.Code.Kind != "IK304" {
			continue
		}
		var x *ElementError
		e := find(said[0].Sets[0], &f, &x)
		if e == nil {
			t.Errorf("%s is not told", f)
			continue
		}
		if x == nil {
			continue
		}
		elements++
		i, ok := at[f.Pos.Offset]
		if !ok {
			t.Errorf("%s: no segment stands there", f)
			continue
		}
		want := d.Element(i, f.Element)
		if f.Component > 0 {
			want = d.Component(i, f.Element, f.Component)
		}
		if f.Repetition > 1 {
			continue
		}
		if want = strings.TrimSpace(want[:min(len(want), maxValue)]); !isClean(want) {
			want = ""
		}
		if !x.Value.Is(want) {
			t.Errorf("%s: the value is %q, want %q", f, x.Value, want)
		}
		if want != "" {
			values++
		}
	}
	return elements, values
}

// find returns the error of a set that tells f, and which of its elements, if it is about one.
func find(s *Set, f *edi.Finding, x **ElementError) *SegmentError {
	for _, e := range s.Errors {
		if e.Position.Value != f.Pos.Segment || !e.Loop.Is(f.Loop) || f.Segment != "" && !e.Segment.Is(f.Segment) {
			continue
		}
		if f.Code.Kind == "IK304" && e.Code.Is(f.Code.Value) {
			return e
		}
		for i := range e.Elements {
			y := &e.Elements[i]
			if y.Element.Value == f.Element && y.Component.Value == f.Component && y.Code.Is(f.Code.Value) {
				*x = y
				return e
			}
		}
	}
	return nil
}
