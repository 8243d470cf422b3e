package encodetest

import (
	"bytes"
	"testing"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
)

// Envelope returns the envelope of the documents of tests.
func Envelope() parts.Envelope {
	return parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "SENDER", ReceiverQualifier: "ZZ", ReceiverID: "RECEIVER", Usage: "T",
		Time: time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC),
	}
}

// Findings returns what a reader of x12 reports, by the given SNIP types.
func Findings(t *testing.T, x12 []byte, levels guide.Levels) []edi.Finding {
	t.Helper()
	var all []edi.Finding
	r := edi.NewReader(bytes.NewReader(x12))
	c := guide.NewChecker(func(f edi.Finding) { all = append(all, f) })
	c.Levels = levels
	r.Report = c.Report
	sc := guide.NewScanner(r)
	sets := 0
	for sc.Next() {
		c.Segment(sc)
		if sc.Pos().Segment == 1 {
			sets++
		}
	}
	c.End()
	if err := sc.Err(); err != nil {
		t.Fatal(err)
	}
	if sets == 0 {
		t.Error("there is no transaction set")
	}
	return all
}

// Same fails with the first segment in which two files differ.
func Same(t *testing.T, got, want []byte) {
	t.Helper()
	a, b := bytes.Split(got, []byte("~")), bytes.Split(want, []byte("~"))
	for i := range max(len(a), len(b)) {
		var g, w []byte
		if i < len(a) {
			g = a[i]
		}
		if i < len(b) {
			w = b[i]
		}
		if !bytes.Equal(g, w) {
			t.Fatalf("segment %d:\ngot  %s\nwant %s", i+1, g, w)
		}
	}
}

// Random returns the envelope for documents that are made at random, which break rules of the situation.
func Random() parts.Envelope {
	env := Envelope()
	env.Levels = guide.NewLevels(1, 2, 3)
	return env
}

// WholeGuide makes documents of a guide at random, has them decoded and encoded, and fails if the result is another document, has
// findings, or if there is an element of the guide that is never written. It returns what was told.
func (start Start) WholeGuide(t *testing.T, key string, values map[string]string) *Log {
	t.Helper()
	all := new(Log)
	g := guide.Lookup(key)
	c := NewCoverage(g)
	for seed := range uint64(60) {
		x12 := Document(g, Options{Seed: seed, All: seed%3 == 0, Values: values})
		got, told, err := start.Rewrite(x12, Random())
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		Same(t, got, x12)
		all.Merge(told)
		for _, f := range Findings(t, got, guide.NewLevels(1, 2)) {
			t.Fatalf("seed %d: %v", seed, f)
		}
		c.Add(t, got)
	}
	for _, m := range c.Missing() {
		t.Errorf("never written: %s", m)
	}
	return all
}
