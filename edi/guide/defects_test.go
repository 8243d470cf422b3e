package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// TestPlantedDefects breaks a long payment in four places; each is told once, in full, and nothing else is.
func TestPlantedDefects(t *testing.T) {
	lines := slices.Clone(payment[:11])
	lines[1] = "BPR*I*24000*C*CHK************20260105"
	for range 300 {
		lines = append(lines, payment[11:]...)
	}
	lines[803] = replaced(t, lines[803], "MC", "QQ")               // CLP06: no such code
	lines[1005] = replaced(t, lines[1005], "20260102", "20260230") // DTM02 of a line: no such date
	lines = slices.Delete(lines, 1101, 1102)                       // NM1*QC of a claim
	file := strings.Replace(lines.file(), "~SE*27", "~SE*28", 1)   // SE01
	offset := func(segment int) int64 {                            // of a segment of the set
		return int64(strings.Index(file, "ST*835") + len(strings.Join(lines[:segment-1], "~")) + 1)
	}
	want := []edi.Finding{
		{Segment: "CLP", Loop: "2100", Element: 6, Code: edi.Code{Kind: "IK403", Value: "7"}, Pos: edi.Position{Segment: 804}},
		{Segment: "DTM", Loop: "2110", Element: 2, Code: edi.Code{Kind: "IK403", Value: "8"}, Pos: edi.Position{Segment: 1006}},
		{Segment: "NM1", Loop: "2100", Code: edi.Code{Kind: "IK304", Value: "3"}, Pos: edi.Position{Segment: 1102}},
		{Segment: "SE", Element: 1, Code: edi.Code{Kind: "IK502", Value: "4"}, Pos: edi.Position{Segment: len(lines) + 1}},
	}
	r := edi.NewReader(strings.NewReader(file))
	var got []edi.Finding
	c := guide.NewChecker(func(f edi.Finding) { got = append(got, f) })
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	if len(got) != len(want) {
		t.Fatalf("%d findings %v, want %d", len(got), got, len(want))
	}
	for i, w := range want {
		g := got[i]
		if g.Segment != w.Segment || g.Loop != w.Loop || g.Element != w.Element || g.Code != w.Code || g.Pos.Segment != w.Pos.Segment ||
			g.Pos.Offset != offset(w.Pos.Segment) || g.Pos.Transaction != 1 || g.Control.ST02 != "0001" || g.Control.ISA13 == "" ||
			g.Severity != edi.Error || g.Message == "" {
			t.Errorf("finding %d is %+v, want %+v at byte %d", i, g, w, offset(w.Pos.Segment))
		}
	}
}

func replaced(t *testing.T, s, old, with string) string {
	t.Helper()
	if !strings.Contains(s, old) {
		t.Fatalf("%q holds no %q", s, old)
	}
	return strings.Replace(s, old, with, 1)
}

// TestFixturesValidate: the synthetic files follow their guides, except where one is meant not to.
func TestFixturesValidate(t *testing.T) {
	wrongCount := 0
	for _, e := range fixtures.Catalog() {
		in, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		findings, _ := check(t, string(in))
		var want []string
		for _, f := range e.Want.Faults {
			want = append(want, f.Code.Kind+" "+f.Code.Value)
		}
		for i, f := range findings {
			fields := strings.Fields(f)
			findings[i] = strings.Join(fields[max(len(fields)-2, 0):], " ")
		}
		wrongCount += len(want)
		if !slices.Equal(findings, want) {
			t.Errorf("%s: findings %q, want %q", e.Name, findings, want)
		}
	}
	if wrongCount == 0 {
		t.Error("no fixture has a fault: the comparison proves nothing")
	}
}
