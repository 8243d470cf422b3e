package guide_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/fixtures"
)

// places walks a document and returns for each segment its loop and what is special about it: "N3 1000A late".
func places(t *testing.T, d document) []string {
	t.Helper()
	var got []string
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(d.file())))
	for sc.Next() {
		if sc.Segment().Pos().Segment == 0 {
			continue
		}
		got = append(got, place(sc.Segment(), sc.Step()))
	}
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
	return got
}

func place(s edi.Segment, at guide.Step) string {
	words := []string{s.Tag(), at.Loop.Path()}
	for word, set := range map[string]bool{
		"opens": at.Opened, "late": at.OutOfOrder, "mismatch": at.Mismatch, "implied": at.Implied,
		"none": at.Def == nil, "near": at.Near != nil,
	} {
		if set {
			words = append(words, word)
		}
	}
	slices.Sort(words[2:])
	return strings.Join(strings.Fields(strings.Join(words, " ")), " ")
}

func TestWalkerPlaces(t *testing.T) {
	tests := []struct {
		rule string
		in   document
		at   int // segment from which want goes
		want []string
	}{
		{"loops open by their trigger", payment, 11, []string{
			"LX 2000 opens", "CLP 2000/2100 opens", "NM1 2000/2100", "DTM 2000/2100", "SVC 2000/2100/2110 opens", "DTM 2000/2100/2110",
		}},
		{"a trigger opens the next instance", payment, 19, []string{"SVC 2000/2100/2110 opens", "DTM 2000/2100/2110", "SE"}},
		{"HL loops are siblings", answer, 3, []string{
			"HL 2000A opens", "NM1 2000A/2100A opens", "HL 2000B opens", "NM1 2000B/2100B opens", "HL 2000C opens", "TRN 2000C",
			"NM1 2000C/2100C opens",
		}},
		{
			"segments of one position in any order", payment.plus(13, "NM1*82*1*ROE").plus(15, "REF*EA*1", "MOA***MA01"), 13,
			[]string{"NM1 2000/2100", "NM1 2000/2100", "REF 2000/2100", "MOA 2000/2100 late", "DTM 2000/2100"},
		},
		{
			"sibling loops in any order",
			document{payment[0], payment[1], payment[2], "N1*PE*CLINIC*XX*1", "N1*PR*PAYER", "N3*1 MAIN ST"},
			4,
			[]string{"N1 1000B opens", "N1 1000A opens", "N3 1000A"},
		},
		{
			"a segment that fits nowhere changes nothing", payment.plus(13, "EB*1"), 12,
			[]string{"CLP 2000/2100 opens", "EB 2000/2100 none", "NM1 2000/2100", "DTM 2000/2100"},
		},
		{
			"a late segment of an outer loop leaves the inner one open", payment.plus(16, "REF*EA*1"), 15,
			[]string{"SVC 2000/2100/2110 opens", "REF 2000/2100 late", "DTM 2000/2100/2110", "CAS 2000/2100/2110"},
		},
		{"a parent without trigger is open", payment.without(11), 11, []string{"CLP 2000/2100 opens", "NM1 2000/2100"}},
		{"content tells that a required loop began", payment.without(5), 5, []string{"N3 1000A implied", "N4 1000A", "PER 1000A", "N1 1000B opens"}},
		{
			"content tells that a loop began anew", payment.plus(21, "NM1*QC*1*ROE*RICHARD", "DTM*050*20260103"), 20,
			[]string{"DTM 2000/2100/2110", "NM1 2000/2100 implied", "DTM 2000/2100"},
		},
		{"a trigger may follow", payment.without(5).plus(6, payment[4]), 5, []string{"N3 1000A implied", "N1 1000A late opens", "N4 1000A"}},
		{"an unknown qualifier stays near", payment.plus(14, "REF*Q9*1"), 14, []string{"REF 2000/2100 near none", "DTM 2000/2100"}},
		{"a required segment with a bad qualifier", payment.with(13, "NM1*Q9*1*DOE"), 13, []string{"NM1 2000/2100 mismatch"}},
		{"HL of a wrong parent goes by its level", answer.with(7, "HL*3*7*22*0"), 7, []string{"HL 2000C opens", "TRN 2000C"}},
		{"HL of an unknown level goes by its parent", answer.with(7, "HL*3*2*99*0"), 7, []string{"HL 2000C mismatch opens", "TRN 2000C"}},
		{"a level may be missing", answer.without(7), 7, []string{"TRN 2000C implied", "NM1 2000C/2100C opens"}},
	}
	for _, tt := range tests {
		got := places(t, tt.in)[tt.at-1:]
		if len(got) > len(tt.want) {
			got = got[:len(tt.want)]
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s:\n got %q\nwant %q", tt.rule, got, tt.want)
		}
	}
}

func TestWalkerLinksHL(t *testing.T) {
	var got []string
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(decision.with(7, "HL*3*9*22*1").file())))
	for sc.Next() {
		if sc.Segment().Is("HL") {
			h := sc.Step().HL
			above := "-"
			if h.Above != nil {
				above = h.Above.ID
			}
			got = append(got, fmt.Sprintf("%d %d %s %s", h.ID, h.Parent, above, sc.Step().Loop.HL.Level))
		}
	}
	if want := []string{"1 0 - 20", "2 1 2000A 21", "3 9 - 22", "4 3 2000C EV", "5 4 2000E SS"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestScannerOverSeveralSets(t *testing.T) {
	first, second := payment.file(), answer.file()
	var got []string
	r := edi.NewReader(strings.NewReader(first + strings.Replace(second, "005010X279A1*", "005010X279*", 1)))
	r.Report = func(f edi.Finding) { got = append(got, short(f)) }
	sc := guide.NewScanner(r)
	for sc.Next() {
		key := "-"
		if g := sc.Guide(); g != nil {
			key = g.Key
		}
		s := sc.Segment()
		if s.Is("ST") || s.Is("GS") || s.Is("GE") {
			got = append(got, s.Tag()+" "+key+" "+sc.Group().FunctionalID+" "+sc.Transaction().Set+" "+sc.Step().SegmentName())
		}
	}
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
	want := []string{
		"GS - HP  Functional Group Header", "ST 835 HP 835 Transaction Set Header", "GE - HP 835 Functional Group Trailer",
		"GS - HB  Functional Group Header", "ST 271 HB 271 Transaction Set Header", "GE - HB 271 Functional Group Trailer",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestScannerReportsAlias(t *testing.T) {
	findings, verdicts := check(t, strings.Replace(payment.file(), "005010X221A1", "005010X221", 1))
	if want := []string{"1 ST warning guide.alias"}; !slices.Equal(findings, want) || verdicts[0] != guide.Accepted {
		t.Errorf("findings %q, verdict %v, want %q, accepted", findings, verdicts, want)
	}
}

func TestUnknownGuideIsUnchecked(t *testing.T) {
	file := strings.ReplaceAll(payment.file(), "005010X221A1", "004010X091A1")
	findings, verdicts := check(t, file)
	if len(findings) != 0 || len(verdicts) != 1 || verdicts[0] != guide.Unchecked {
		t.Errorf("findings %q, verdicts %v, want none, unchecked", findings, verdicts)
	}
}

func TestSetWithoutEnd(t *testing.T) {
	file, _, _ := strings.Cut(payment.file(), "SVC*HC:99214")
	findings, verdicts := check(t, file+"GE*1*1~IEA*1*000000001~")
	if len(findings) != 1 || !strings.Contains(findings[0], "IK502 2") || verdicts[0] != guide.Rejected {
		t.Errorf("findings %q, verdicts %v, want one: the SE is missing", findings, verdicts)
	}
}

func TestFindingsAreCapped(t *testing.T) {
	d := slices.Clone(payment)
	for range 30 {
		d = append(d, "LQ*HE*M1", "EB*1")
	}
	r := edi.NewReader(strings.NewReader(d.file()))
	n := 0
	c := guide.NewChecker(func(edi.Finding) { n++ })
	c.MaxFindings = 10
	var res guide.Result
	c.Set = func(r guide.Result) { res = r }
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	if n != 10 || res.Findings != 10 || res.Truncated != 20 || res.Verdict != guide.Rejected {
		t.Errorf("%d reported, result %+v, want 10 of 30", n, res)
	}
}

// TestNoAllocationPerSegment: what is allocated does not grow with the file.
func TestNoAllocationPerSegment(t *testing.T) {
	for name, write := range map[string]func(io.Writer, fixtures.Options) (fixtures.Totals, error){"835": fixtures.Write835, "271": fixtures.Write271} {
		allocations := func(mb int64) float64 {
			var buf bytes.Buffer
			if _, err := write(&buf, fixtures.Options{Bytes: mb << 20, Seed: 1, PerSet: 1 << 20}); err != nil {
				t.Fatal(err)
			}
			return testing.AllocsPerRun(2, func() {
				r := edi.NewReader(bytes.NewReader(buf.Bytes()))
				c := guide.NewChecker(func(f edi.Finding) { t.Error(f) })
				r.Report = c.Report
				sc := guide.NewScanner(r)
				for sc.Next() {
					c.Segment(sc)
				}
				c.End()
			})
		}
		if one, four := allocations(1), allocations(4); four > one+20 {
			t.Errorf("%s: %v allocations for 1 MB, %v for 4 MB", name, one, four)
		}
	}
}

func TestNames(t *testing.T) {
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(payment.file())))
	for sc.Next() {
		s, at := sc.Segment(), sc.Step()
		switch {
		case s.Is("SVC"):
			if at.ElementName(1, 2) == "" || at.ElementName(1, 9) != "" || at.ElementName(99, 0) != "" {
				t.Error("SVC01-2 has no name, or what is not there has one")
			}
		case s.Is("CLP"):
			if at.LoopName() != "2100 Claim Payment Information" || at.SegmentName() != "Claim Payment Information" {
				t.Errorf("%q, %q", at.LoopName(), at.SegmentName())
			}
		}
	}
}
