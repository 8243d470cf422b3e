package edi_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

// fold cuts s into lines of 80 bytes, wherever that is.
func fold(s, lineBreak string) string {
	var b strings.Builder
	for ; len(s) > 80; s = s[80:] {
		b.WriteString(s[:80] + lineBreak)
	}
	return b.String() + s
}

func TestReaderUnwrapsFoldedLines(t *testing.T) {
	plain := envelope("ST*835*0001~BPR*I*1234.50*C~SVC*HC:99213:25*100^7~N1*PR*" + strings.Repeat("NAME ", 30) + "END~SE*5*0001~")
	for _, lineBreak := range []string{"\n", "\r\n", "\r"} {
		in := fold(plain, lineBreak)
		var codes []string
		r, want := edi.NewReader(strings.NewReader(in)), edi.NewReader(strings.NewReader(plain))
		r.Report = func(f edi.Finding) { codes = append(codes, f.Code.Kind) }
		var out strings.Builder
		w := edi.NewWriter(&out, edi.StandardDelimiters)
		var kept edi.Record
		for {
			s, err := r.Next()
			p, wantErr := want.Next()
			if err != wantErr {
				t.Fatalf("%v, want %v", err, wantErr)
			}
			if err == io.EOF {
				break
			}
			s = kept.Append(s.Clone())
			for n := 0; n <= p.Len(); n++ {
				if string(s.Element(n)) != string(p.Element(n)) || s.Len() != p.Len() {
					t.Errorf("%s%02d: %q, want %q", p.Tag(), n, s.Element(n), p.Element(n))
				}
			}
			if got := in[s.Pos().Offset:s.End()]; got != string(s.Raw())+"~" {
				t.Errorf("%s: offsets show %q, raw is %q", s.Tag(), got, s.Raw())
			}
			if err := w.Copy(s); err != nil {
				t.Fatal(err)
			}
		}
		if out.String() != in {
			t.Errorf("written again:\n%q\nwant\n%q", out.String(), in)
		}
		if strings.Join(codes, " ") != "envelope.wrapped" {
			t.Errorf("findings %v", codes)
		}
	}
}

func TestReaderTakesAnISA16ThatSeparatesNothing(t *testing.T) {
	whole := envelope("ST*835*0001~SVC*HC:1*5^6~SE*3*0001~")
	for name, in := range map[string]string{
		"empty":                  strings.Replace(whole, "*P*:~", "*P*~", 1),
		"the element separator":  strings.Replace(whole, "*P*:~", "*P**~", 1),
		"the same as repetition": strings.Replace(whole, "*^*", "*:*", 1),
	} {
		tags, codes, err := read(edi.NewReader(strings.NewReader(in)))
		if err != nil || strings.Join(tags, " ") != "ISA GS ST SVC SE GE IEA" || len(codes) == 0 {
			t.Errorf("%s: %v, findings %v, error %v", name, tags, codes, err)
		}
		for _, c := range codes {
			if !strings.HasPrefix(c, "TA105 ") {
				t.Errorf("%s: finding %s", name, c)
			}
		}
	}
}

// countingSource gives n bytes of a pattern and notes nothing else.
type countingSource struct {
	head, pattern string
	n             int
}

func (s *countingSource) Read(p []byte) (int, error) {
	if s.n <= 0 {
		return 0, io.EOF
	}
	n := copy(p, s.head)
	s.head = s.head[n:]
	for n < len(p) && len(s.head) == 0 {
		n += copy(p[n:], s.pattern)
	}
	s.n -= n
	return n, nil
}

func TestReaderKeepsNoEndlessHeader(t *testing.T) {
	for name, head := range map[string]string{"blanks behind ISA": "ISA", "blanks behind ISA16": strings.TrimSuffix(isa, "~")} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, _ = read(edi.NewReader(&countingSource{head, strings.Repeat(" ", 4096), 64 << 20}))
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 16<<20 {
			t.Errorf("%s: %d bytes were allocated", name, used)
		}
	}
}

// Each of these ISAs shows another terminator, and none comes: the Reader must not look through the rest for each.
func TestReaderGivesUpOnChainsOfUnusableHeaders(t *testing.T) {
	var in strings.Builder
	for i := range 20_000 {
		in.WriteString("ISA*00*          *00*          *ZZ*A*ZZ*B*260101*1200*^*00501*1*0*P*:")
		in.Write(utf8.AppendRune(nil, rune(0x4e00+i)))
		in.WriteString("X ")
	}
	r := edi.NewReader(strings.NewReader(in.String()))
	errs := 0
	for {
		_, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			errs++
		}
	}
	if errs == 0 || errs > 64 {
		t.Errorf("%d attempts in %d bytes", errs, in.Len())
	}
}

func TestFindingsDoNotRepeatEndlessControlNumbers(t *testing.T) {
	long := strings.Repeat("9", 100_000)
	r := edi.NewReader(strings.NewReader(envelope("ST*835*" + long + "~SE*7*" + long + "~")))
	found := 0
	r.Report = func(f edi.Finding) {
		if found++; len(fmt.Sprint(f)) > 1000 || len(f.Control.ST02) > 100 {
			t.Errorf("a finding of %d bytes", len(fmt.Sprint(f)))
		}
	}
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		}
	}
	if found == 0 {
		t.Error("no findings")
	}
}

func TestStrayFindingsDoNotShowData(t *testing.T) {
	r := edi.NewReader(strings.NewReader(isa + gs + "Doe, John*1~N1*PR~GE*0*1~IEA*1*000000001~"))
	var got []string
	r.Report = func(f edi.Finding) { got = append(got, f.Segment) }
	for {
		if _, err := r.Next(); err == io.EOF {
			break
		}
	}
	if fmt.Sprintf("%q", got) != `[""]` {
		t.Errorf("segments %q, want one finding that shows no data", got)
	}
}

func TestReaderTakesBreaksWithinTheEndOfAnISA(t *testing.T) {
	plain := envelope("ST*835*0001~SVC*HC:1*5^6~SE*3*0001~")
	for _, c := range []struct{ name, old, new string }{
		{"before ISA16", "*P*:~", "*P*\n:~"},
		{"before ISA16, CRLF", "*P*:~", "*P*\r\n:~"},
		{"before the terminator", "*P*:~", "*P*:\n~"},
		{"before the terminator, CRLF", "*P*:~", "*P*:\r\n~"},
		{"before the terminator, and behind it", "*P*:~", "*P*:\n~\n"},
	} {
		in := strings.Replace(plain, c.old, c.new, 1)
		for way, src := range map[string]io.Reader{"whole": strings.NewReader(in), "byte by byte": iotest.OneByteReader(strings.NewReader(in))} {
			r := edi.NewReader(src)
			tags, codes, err := read(r)
			if err != nil || strings.Join(tags, " ") != "ISA GS ST SVC SE GE IEA" {
				t.Errorf("%s, %s: %v, findings %v, error %v", c.name, way, tags, codes, err)
			}
			if d := r.Interchange().Delimiters; d != edi.StandardDelimiters {
				t.Errorf("%s, %s: delimiters %q", c.name, way, d)
			}
			for _, code := range codes {
				if code != "envelope.wrapped" {
					t.Errorf("%s, %s: finding %s", c.name, way, code)
				}
			}
		}
	}
}

func TestReaderReportsAnISAOfOtherLength(t *testing.T) {
	plain := envelope("ST*835*0001~SVC*HC:1*5^6~SE*3*0001~")
	for _, c := range []struct{ name, old, new string }{
		{"ISA15 and ISA16 are missing", "*0*P*:~", "*0~"},
		{"ISA14 is missing", "*0*P*:~", "*P*:~"},
		{"an element too many", "*0*P*:~", "*0*P*X*:~"},
		{"an element too many at the end", "*0*P*:~", "*0*P*:*X~"},
	} {
		for _, lineBreak := range []string{"", "\n"} {
			in := strings.ReplaceAll(strings.Replace(plain, c.old, c.new, 1), "~", "~"+lineBreak)
			tags, codes, err := read(edi.NewReader(iotest.OneByteReader(strings.NewReader(in))))
			if err != nil || strings.Join(tags, " ") != "ISA GS ST SVC SE GE IEA" || len(codes) == 0 {
				t.Errorf("%s: %v, findings %v, error %v", c.name, tags, codes, err)
			}
		}
	}
}

func TestOtherFilesWithTheLettersISA(t *testing.T) {
	for name, in := range map[string]string{
		"a picture":        "%PDF-1.7\n\x00\x01 ISA \x80\x81\x02 stream ISA)x(\nISA\x00\x00",
		"a letter":         "ISA is short for interchange control header.",
		"in its middle":    "To whom it may concern: an ISA (interchange header) is missing, ISA*.",
		"a page of markup": "<html><b>ISA</b> ISA: ISA; ISA</html>",
	} {
		for way, src := range map[string]io.Reader{"whole": strings.NewReader(in), "byte by byte": iotest.OneByteReader(strings.NewReader(in))} {
			if _, _, err := read(edi.NewReader(src)); !errors.Is(err, edi.ErrNotX12) {
				t.Errorf("%s, %s: error %v, want ErrNotX12", name, way, err)
			}
		}
	}
}
