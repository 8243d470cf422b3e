package parallel_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parallel"
	"github.com/ediport/ediport/edi/remittance"
	"github.com/ediport/ediport/fixtures"
)

// trace tells everything that r gives: segments with positions, findings, errors, places in guides, headers.
func trace(r *edi.Reader) (string, error) {
	var b strings.Builder
	report := func(f edi.Finding) { fmt.Fprintf(&b, "finding %+v\n", f) }
	c := guide.NewChecker(report)
	c.Set = func(s guide.Result) { fmt.Fprintf(&b, "set %v %v %v %d\n", s.Pos, s.Control, s.Verdict, s.Findings) }
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for tries := 0; ; {
		for sc.Next() {
			s, place := sc.Segment(), ""
			if loop := sc.Step().Loop; s.Pos().Segment > 0 && loop != nil {
				place = loop.Path()
			}
			fmt.Fprintf(&b, "%+v %d %s %q %d %s %s %s\n", s.Pos(), s.End(), place, s.Raw(), s.Len(),
				sc.Interchange().ControlNumber, sc.Group().ControlNumber, sc.Transaction().ControlNumber)
			c.Segment(sc)
		}
		if sc.Err() == nil {
			break
		}
		fmt.Fprintf(&b, "error %v\n", sc.Err())
		var syntax *edi.SyntaxError
		if tries++; !errors.As(sc.Err(), &syntax) || tries > 100 {
			break
		}
	}
	c.End()
	return b.String(), nil
}

// split is trace with several goroutines.
func split(t *testing.T, s *edi.Splitter) (string, int) {
	t.Helper()
	var b strings.Builder
	parts := 0
	for text, err := range parallel.Each(s, 3, trace) {
		if err != nil {
			t.Fatal(err)
		}
		b.WriteString(text)
		parts++
	}
	return b.String(), parts
}

// agree fails unless in gives the same in parts as in one piece, and returns the number of parts.
func agree(t *testing.T, in []byte) (parts int) {
	t.Helper()
	want, _ := trace(edi.NewReader(bytes.NewReader(in)))
	for _, size := range []int64{1, 300} {
		memory := edi.NewSplitterBytes(in)
		file := edi.NewSplitter(bytes.NewReader(in), int64(len(in)))
		for _, s := range []*edi.Splitter{memory, file} {
			s.Part = size
			got, n := split(t, s)
			if got != want {
				t.Fatalf("parts of %d bytes: %s", size, difference(got, want))
			}
			parts = max(parts, n)
		}
	}
	return parts
}

// difference returns the first line that is not the same.
func difference(got, want string) string {
	g, w := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(g), len(w)) {
		if g[i] != w[i] {
			return fmt.Sprintf("line %d\ngot  %s\nwant %s", i+1, g[i], w[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(g), len(w))
}

const (
	isa = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0830*^*00501*000000001*0*P*:~"
	gs  = "GS*HP*SENDER*RECEIVER*20261121*0830*1*X*005010X221A1~"
)

func set(n int, body string) string {
	return fmt.Sprintf("ST*835*%04d~%sSE*%d*%04[1]d~", n, body, 2+strings.Count(body, "~"))
}

func TestPartsGiveWhatTheWholeGives(t *testing.T) {
	t.Parallel()
	three := set(1, "BPR*I*1~") + set(2, "BPR*I*1~TRN*1*A~") + set(3, "")
	whole := isa + gs + three + "GE*3*1~IEA*1*000000001~"
	for _, c := range []struct {
		name, in string
		parts    int
	}{
		{"plain", whole, 4},
		{"nothing", "", 1},
		{"text", "Dear partner, there is no data today.", 1},
		{"line breaks", strings.ReplaceAll(whole, "~", "~\n"), 4},
		{"CRLF", strings.ReplaceAll(whole, "~", "~\r\n"), 4},
		{"terminator CRLF", strings.ReplaceAll(whole, "~", "\r\n"), 4},
		{"terminator line feed", strings.ReplaceAll(whole, "~", "\n"), 4},
		{"folded", fold(whole, "\n"), 4},
		{"a fold in a tag", strings.ReplaceAll(whole, "ST*835*0002", "S\nT*835*0002"), 4},
		{"a fold in a trailer", strings.ReplaceAll(whole, "SE*4", "S\r\nE*4"), 4},
		{"two interchanges", whole + "\n" + strings.ReplaceAll(whole, "*", "|"), 7},
		{"junk between", whole + "SE*1*1~" + whole, 7},
		{"two groups", isa + gs + three + "GE*3*1~" + gs + three + "GE*3*1~IEA*2*000000001~", 7},
		{"a control number twice", isa + gs + three + three + "GE*6*1~IEA*1*000000001~", 7},
		{"control numbers that descend: parts grow with what is known of them", isa + gs + set(9, "") + set(5, "") + set(7, "") + set(5, "") + "GE*4*1~IEA*1*000000001~", 3},
		{"no SE", strings.ReplaceAll(whole, "SE*3*0001~", ""), 3},
		{"no GE", isa + gs + three + gs + three + "GE*3*1~IEA*2*000000001~", 7},
		{"no IEA", isa + gs + three + "GE*3*1~" + whole, 7},
		{"no trailers", isa + gs + three, 3},
		{"cut off", whole[:len(whole)-40], 3},
		{"stray segments", isa + gs + "N1*PR~" + three + "SE*1*1~N1*PE~" + three + "GE*6*1~", 8},
		{"empty segments", strings.ReplaceAll(whole, "~", "~~~~~"), 4},
		{"tags like those of envelopes", isa + gs + set(1, "STC*1~SEX*1~GSA*1~IEB*1~ISB*1~TA2*1~S~G*1~") + three + "GE*4*1~IEA*1*000000001~", 5},
		{"a TA1 in a set", isa + gs + set(1, "TA1*1~") + three + "GE*4*1~IEA*1*000000001~", 5},
		{"lower case and blanks", isa + gs + set(1, "bpr*1~ bpr*1~\tBPR*1~") + three + "GE*4*1~IEA*1*000000001~", 5},
		{"other delimiters within", isa + gs + three + strings.ReplaceAll(whole, "~", "!") + whole, 10},
		{"an ISA that can't be read", isa + gs + three + "ISA*00~" + whole, 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if parts := agree(t, []byte(c.in)); parts != c.parts {
				t.Errorf("%d parts, want %d", parts, c.parts)
			}
		})
	}
}

// fold cuts s into lines of 80 bytes.
func fold(s, lineBreak string) string {
	var b strings.Builder
	for ; len(s) > 80; s = s[80:] {
		b.WriteString(s[:80] + lineBreak)
	}
	return b.String() + s
}

func TestLongSegments(t *testing.T) {
	t.Parallel()
	in := isa + gs + set(1, "N3*"+strings.Repeat("A", 3000)+"~") + isa + gs + set(2, "N3*"+strings.Repeat("*", 100)+"~") + isa + gs + set(3, "") + set(4, "")
	limited := func(r *edi.Reader) { r.MaxSegment, r.MaxElements = 1000, 50 }
	whole := edi.NewReader(strings.NewReader(in))
	limited(whole)
	want, _ := trace(whole)
	s := edi.NewSplitter(strings.NewReader(in), int64(len(in)))
	s.Part, s.MaxSegment, s.MaxElements = 1, 1000, 50
	if got, parts := split(t, s); got != want || parts != 2 {
		t.Errorf("%d parts, %s", parts, difference(got, want))
	}
}

func TestCorpusInParts(t *testing.T) {
	dir := os.Getenv("EDIPORT_CORPUS")
	if dir == "" {
		t.Skip("EDIPORT_CORPUS is not set: the published sample files are not there")
	}
	n := 0
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) == ".tsv" || filepath.Ext(path) == ".md" {
			return err
		}
		in, err := os.ReadFile(path)
		if err != nil || len(in) > 1<<20 {
			return err
		}
		n++
		t.Run(filepath.Base(path), func(t *testing.T) { agree(t, in) })
		return nil
	})
	if err != nil || n == 0 {
		t.Fatalf("%d files, %v", n, err)
	}
}

func FuzzParts(f *testing.F) {
	f.Add([]byte(isa + gs + set(1, "BPR*I*1~") + set(2, "") + "GE*2*1~IEA*1*000000001~"))
	f.Add([]byte(isa + gs + set(1, "BPR\n*I*1~") + "ISA" + set(2, "") + isa + gs + set(2, "") + set(2, "")))
	f.Fuzz(func(t *testing.T, in []byte) { agree(t, in) })
}

// TestTypedInParts decodes claims in several goroutines and compares the sums.
func TestTypedInParts(t *testing.T) {
	t.Parallel()
	var in bytes.Buffer
	if _, err := fixtures.Write835(&in, fixtures.Options{Bytes: 2_000_000, Seed: 3}); err != nil {
		t.Fatal(err)
	}
	tally := func(r *edi.Reader) (list []string, err error) {
		for c, err := range remittance.Claims(r) {
			if err != nil {
				return list, err
			}
			list = append(list, fmt.Sprintf("%v %s %v %d", c.Pos, c.PatientControlNumber, c.Paid, len(c.Segments)))
		}
		return list, nil
	}
	want, err := tally(edi.NewReader(bytes.NewReader(in.Bytes())))
	if err != nil {
		t.Fatal(err)
	}
	s := edi.NewSplitterBytes(in.Bytes())
	s.Part = 100_000
	var got []string
	parts := 0
	for list, err := range parallel.Each(s, 2, tally) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, list...)
		parts++
	}
	if parts < 5 || len(got) < 1000 || strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%d claims in %d parts, want %d claims", len(got), parts, len(want))
	}
}

func TestLeavingTheLoop(t *testing.T) {
	t.Parallel()
	in := isa + gs + strings.Repeat(set(1, ""), 100)
	s := edi.NewSplitterBytes([]byte(in))
	s.Part = 1
	n := 0
	for range parallel.Each(s, 4, func(*edi.Reader) (int, error) { return 0, nil }) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d parts", n)
	}
}

func TestErrorsAndPanicsOfWork(t *testing.T) {
	t.Parallel()
	in := isa + gs + set(1, "") + set(2, "") + set(3, "")
	broken := errors.New("broken")
	s := edi.NewSplitterBytes([]byte(in))
	s.Part = 1
	var errs []error
	for _, err := range parallel.Each(s, 2, func(r *edi.Reader) (int, error) {
		for {
			segment, err := r.Next()
			if err == io.EOF {
				return 0, nil
			}
			if err == nil && segment.Is("ST") && segment.Value(2) == "0002" {
				return 0, broken
			}
		}
	}) {
		errs = append(errs, err)
	}
	if len(errs) != 3 || errs[0] != nil || errs[1] != broken || errs[2] != nil {
		t.Errorf("errors %v, want that of the second part", errs)
	}
	defer func() {
		if recover() != "lost" {
			t.Error("the panic did not arrive")
		}
	}()
	s = edi.NewSplitterBytes([]byte(in))
	for range parallel.Each(s, 2, func(*edi.Reader) (int, error) { panic("lost") }) {
		t.Error("a result came")
	}
}
