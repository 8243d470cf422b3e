package edi_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
)

const (
	isa = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *261121*0830*^*00501*000000001*0*P*:~"
	gs  = "GS*HP*SENDER*RECEIVER*20261121*0830*1*X*005010X221A1~"
)

// envelope wraps transaction sets in an interchange whose trailers count them.
func envelope(sets ...string) string {
	return isa + gs + strings.Join(sets, "") + fmt.Sprintf("GE*%d*1~IEA*1*000000001~", len(sets))
}

// read returns each segment as "tag@offset", the codes of the findings, and the error that ended it, nil for io.EOF.
func read(r *edi.Reader) (tags, codes []string, err error) {
	r.Report = func(f edi.Finding) {
		codes = append(codes, strings.TrimSpace(f.Code.Kind+" "+f.Code.Value))
	}
	for {
		s, err := r.Next()
		if err == io.EOF {
			return tags, codes, nil
		}
		if err != nil {
			return tags, codes, err
		}
		tags = append(tags, s.Tag())
	}
}

func TestReaderFraming(t *testing.T) {
	set := "ST*835*0001~BPR*I*1~SE*3*0001~"
	whole := envelope(set)
	tags := "ISA GS ST BPR SE GE IEA"
	for _, c := range []struct{ name, in, tags, codes string }{
		{"plain", whole, tags, ""},
		{"line feeds after terminators", strings.ReplaceAll(whole, "~", "~\n"), tags, ""},
		{"CRLF after terminators", strings.ReplaceAll(whole, "~", "~\r\n"), tags, ""},
		{"line feed as terminator", strings.ReplaceAll(whole, "~", "\n"), tags, ""},
		{"CRLF as terminator", strings.ReplaceAll(whole, "~", "\r\n"), tags, ""},
		{"CR as terminator", strings.ReplaceAll(whole, "~", "\r"), tags, ""},
		{"byte order mark", "\xef\xbb\xbf" + whole, tags, ""},
		{"indented lines", strings.ReplaceAll(whole, "~", "~\n   \t"), tags, ""},
		{"other delimiters", strings.NewReplacer("*", "|", "~", "!", ":", "<").Replace(whole), tags, ""},
		{"separator of two bytes", strings.ReplaceAll(whole, "*", "Ö"), tags, ""},
		{"separator of one byte that is not ASCII", strings.ReplaceAll(whole, "*", "\xd6"), tags, ""},
		{"no last terminator", strings.TrimSuffix(whole, "~"), tags, "envelope.unterminated"},
		{"empty segment", strings.Replace(whole, "~BPR", "~~BPR", 1), tags, "envelope.empty_segment"},
		{"junk before", "220 ready\n" + whole, tags, "envelope.junk"},
		{"junk behind", whole + "\nend of file", tags, "envelope.junk"},
		{"junk between", whole + "NOTE LISA*x~" + whole, tags + " " + tags, "envelope.junk"},
		{"two interchanges, other delimiters", whole + "\n" + strings.ReplaceAll(whole, "*", "|"), tags + " " + tags, ""},
		{"ISA without padding", strings.ReplaceAll(whole, "SENDER         *", "SENDER*"), tags, "TA105 006"},
		{"wrong SE01", strings.Replace(whole, "SE*3", "SE*9", 1), tags, "IK502 4"},
		{"wrong SE02", strings.Replace(whole, "SE*3*0001", "SE*3*1", 1), tags, "IK502 3"},
		{"wrong GE01", strings.Replace(whole, "GE*1*1", "GE*2*1", 1), tags, "AK905 5"},
		{"wrong GE02", strings.Replace(whole, "GE*1*1", "GE*1*2", 1), tags, "AK905 4"},
		{"GE02 with zeros", strings.Replace(whole, "GE*1*1", "GE*1*001", 1), tags, ""},
		{"wrong IEA01", strings.Replace(whole, "IEA*1", "IEA*0", 1), tags, "TA105 021"},
		{"wrong IEA02", strings.Replace(whole, "IEA*1*000000001", "IEA*1*000000002", 1), tags, "TA105 001"},
		{"no SE", strings.Replace(whole, "SE*3*0001~", "", 1), "ISA GS ST BPR GE IEA", "IK502 2"},
		{"no GE", strings.Replace(whole, "GE*1*1~", "", 1), "ISA GS ST BPR SE IEA", "AK905 3"},
		{"no IEA", strings.Replace(whole, "IEA*1*000000001~", "", 1), "ISA GS ST BPR SE GE", "TA105 023"},
		{"stray segment", strings.Replace(whole, "GE*", "N1*PR~GE*", 1), "ISA GS ST BPR SE N1 GE IEA", "envelope.stray"},
		{"control number twice", envelope(set, set), "ISA GS ST BPR SE ST BPR SE GE IEA", "IK502 23"},
		{"no group version", strings.Replace(whole, "*005010X221A1", "", 1), tags, "AK905 2"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for way, r := range map[string]io.Reader{
				"whole": strings.NewReader(c.in), "byte by byte": iotest.OneByteReader(strings.NewReader(c.in)),
			} {
				got, codes, err := read(edi.NewReader(r))
				if err != nil || strings.Join(got, " ") != c.tags || strings.Join(codes, ", ") != c.codes {
					t.Errorf("%s: %v, findings %v, error %v; want %s, findings %q", way, got, codes, err, c.tags, c.codes)
				}
			}
		})
	}
}

func TestReaderPositions(t *testing.T) {
	in := strings.ReplaceAll(envelope("ST*835*0001~BPR*I*1~SE*3*0001~", "ST*835*0002~SE*2*0002~"), "~", "~\n")
	r := edi.NewReader(strings.NewReader(in))
	var got []string
	for {
		s, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		p := s.Pos()
		if !strings.HasPrefix(in[p.Offset:], s.Tag()) {
			t.Errorf("%s: offset %d points elsewhere", s.Tag(), p.Offset)
		}
		if in[s.End()-1] != '~' {
			t.Errorf("%s: End is not behind its terminator", s.Tag())
		}
		got = append(got, fmt.Sprintf("%s %d:%d.%d.%d.%d", s.Tag(), p.Line, p.Interchange, p.Group, p.Transaction, p.Segment))
	}
	want := "ISA 1:1.0.0.0, GS 2:1.1.0.0, ST 3:1.1.1.1, BPR 4:1.1.1.2, SE 5:1.1.1.3, ST 6:1.1.2.1, SE 7:1.1.2.2, GE 8:1.1.0.0, IEA 9:1.0.0.0"
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestReaderErrors(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     error
	}{
		{"empty file", "", edi.ErrNotX12},
		{"text", "Dear partner, there is no data today.", edi.ErrNotX12},
		{"a name with ISA in it", "NM1*QC*1*LISA*ISABEL~", edi.ErrNotX12},
		{"letter as separator", strings.ReplaceAll(isa, "*", "X"), edi.ErrNotX12},
		{"ISA cut off", isa[:60], edi.ErrTruncated},
		{"ISA without separators", isa[:20] + strings.Repeat("A", 1000), edi.ErrDelimiter},
		{"equal delimiters", strings.Replace(isa, ":~", "~~", 1), edi.ErrDelimiter},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := read(edi.NewReader(strings.NewReader(c.in)))
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want %v", err, c.want)
			}
		})
	}
}

func TestSegmentTooLongResumesAtNextInterchange(t *testing.T) {
	long := envelope("ST*835*0001~N3*" + strings.Repeat("A", 3000) + "~SE*3*0001~")
	r := edi.NewReader(strings.NewReader(long + envelope("ST*835*0001~SE*2*0001~")))
	r.MaxSegment = 1000
	_, _, err := read(r)
	if !errors.Is(err, edi.ErrSegmentTooLong) {
		t.Fatalf("error %v, want ErrSegmentTooLong", err)
	}
	tags, _, err := read(r)
	if err != nil || strings.Join(tags, " ") != "ISA GS ST SE GE IEA" {
		t.Errorf("after it: %v, %v", tags, err)
	}
}

func TestSourceErrorPassesThrough(t *testing.T) {
	in := envelope("ST*835*0001~SE*2*0001~")
	boom := errors.New("boom")
	for n := range in {
		_, _, err := read(edi.NewReader(io.MultiReader(strings.NewReader(in[:n]), iotest.ErrReader(boom))))
		if !errors.Is(err, boom) {
			t.Fatalf("source failing at byte %d: %v", n, err)
		}
	}
}

func TestSegmentParts(t *testing.T) {
	r := edi.NewReader(strings.NewReader(isa + "SVC*HC:99213:25*100*80**1^2: 3 ^*~"))
	if _, err := r.Next(); err != nil {
		t.Fatal(err)
	}
	s, err := r.Next()
	if err != nil {
		t.Fatal(err)
	}
	if s.Len() != 6 || s.Value(2) != "100" || s.Value(4) != "" || s.Element(9) != nil {
		t.Errorf("elements: %d %q %q %q", s.Len(), s.Value(2), s.Value(4), s.Element(9))
	}
	if got := s.Component(1, 2).String() + s.Component(1, 3).String() + s.Component(1, 4).String(); got != "9921325" {
		t.Errorf("components of SVC01: %q", got)
	}
	var reps []string
	for c := range s.Repetitions(5) {
		reps = append(reps, fmt.Sprintf("%s/%s/%d", c.Component(1), c.Component(2), c.Len()))
	}
	if strings.Join(reps, " ") != "1//1 2/3/2" {
		t.Errorf("repetitions of SVC05: %v", reps)
	}
}

// TestLentSegmentsAreReused shows why a segment must be cloned to be kept, and that clones and records survive.
func TestLentSegmentsAreReused(t *testing.T) {
	in := envelope("ST*835*0001~" + strings.Repeat("N3*ONE STREET~", 20000) + "SE*20002*0001~")
	r := edi.NewReader(iotest.HalfReader(strings.NewReader(in)))
	var rec edi.Record
	var clones []edi.Segment
	for {
		s, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		clones = append(clones, s.Clone())
		rec.Append(s)
	}
	var a, b bytes.Buffer
	wa, wb := edi.NewWriter(&a, edi.StandardDelimiters), edi.NewWriter(&b, edi.StandardDelimiters)
	for i, s := range rec.Segments() {
		if err := errors.Join(wa.Copy(s), wb.Copy(clones[i])); err != nil {
			t.Fatal(err)
		}
	}
	if a.String() != in || b.String() != in {
		t.Errorf("kept segments were overwritten")
	}
}

func TestWriter(t *testing.T) {
	var b strings.Builder
	w := edi.NewWriter(&b, edi.StandardDelimiters)
	if err := w.Segment("SVC", edi.Components("HC", "99213", "", ""), edi.Str("100"), edi.Str(""), edi.Repeat(edi.Str("1"), edi.Str("2")), edi.Str("")); err != nil {
		t.Fatal(err)
	}
	if b.String() != "SVC*HC:99213*100**1^2~" {
		t.Errorf("wrote %q", b.String())
	}
	for _, c := range []struct {
		value string
		want  error
	}{{"A*B", edi.ErrDelimiterInData}, {"A~", edi.ErrDelimiterInData}, {"A:B", edi.ErrDelimiterInData}, {"A\nB", edi.ErrCharacter}} {
		if err := w.Segment("N3", edi.Str(c.value)); !errors.Is(err, c.want) {
			t.Errorf("%q: error %v, want %v", c.value, err, c.want)
		} else if strings.Contains(err.Error(), c.value) {
			t.Errorf("the error shows the value: %v", err)
		}
	}
}
