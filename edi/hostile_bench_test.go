package edi_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/remittance"
)

const hi = "GS*HI*SENDER*RECEIVER*20261121*0830*1*X*005010X217~"

const hb = "GS*HB*SENDER*RECEIVER*20261121*0830*1*X*005010X279A1~"

// hostile are inputs made to be slow: each of about n bytes.
var hostile = []struct {
	name string
	make func(n int) string
}{
	{"one huge segment", func(n int) string { return envelope("ST*835*0001~N3*" + strings.Repeat("A", n) + "~SE*3*0001~") }},
	{"one segment without end", func(n int) string { return isa + gs + "ST*835*0001~N3*" + strings.Repeat("A", n) }},
	{"empty segments", func(n int) string { return isa + gs + "ST*835*0001~" + strings.Repeat("~", n) }},
	{"segments of one byte", func(n int) string { return isa + gs + "ST*835*0001~" + strings.Repeat("A~", n/2) }},
	{"line breaks", func(n int) string { return isa + gs + "ST*835*0001~" + strings.Repeat("\n", n) }},
	{"a line break in each segment", func(n int) string { return isa + gs + "ST*835*0001~" + strings.Repeat("N\n3*A~", n/6) }},
	{"headers only", func(n int) string { return strings.Repeat(isa, n/len(isa)) }},
	{"headers with other delimiters", func(n int) string {
		return strings.Repeat(isa+strings.NewReplacer("*", "|", "~", "!").Replace(isa), n/len(isa)/2)
	}},
	{"headers cut short", func(n int) string { return strings.Repeat("ISA*00*", n/7) }},
	{"headers whose terminator never comes", func(n int) string { return strings.Repeat(isa[:len(isa)-1]+"\x01X ", n/len(isa)) }},
	{"the letters ISA", func(n int) string { return "x" + strings.Repeat("ISAISA ", n/7) }},
	{"groups only", func(n int) string { return isa + strings.Repeat(gs, n/len(gs)) }},
	{"sets without end", func(n int) string { return isa + gs + strings.Repeat("ST*835*0001~", n/12) }},
	{"control numbers at random", func(n int) string {
		var b strings.Builder
		b.WriteString(isa + gs)
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, "ST*835*%04d~SE*2*%04[1]d~", i*7919%1_000_003)
		}
		return b.String()
	}},
	{"trailers only", func(n int) string { return isa + gs + strings.Repeat("SE*1*1~", n/7) }},
	{"elements", func(n int) string {
		return isa + gs + "ST*835*0001~" + strings.Repeat("CAS"+strings.Repeat("*", 9000)+"~", n/9004)
	}},
	{"components", func(n int) string {
		return isa + gs + "ST*835*0001~" + strings.Repeat("SVC*"+strings.Repeat(":", 9000)+"~", n/9005)
	}},
	{"repetitions", func(n int) string {
		return isa + hb + "ST*271*0001*005010X279A1~BHT*0022*11*1*20260101*0600~HL*1**20*1~" + strings.Repeat("EB*1**"+strings.Repeat("^", 9000)+"~", n/9007)
	}},
	{"claims without end", func(n int) string { return isa + gs + "ST*835*0001~LX*1~" + strings.Repeat("CLP*A*1*1*1~", n/12) }},
	{"one claim without end", func(n int) string {
		return isa + gs + "ST*835*0001~LX*1~CLP*A*1*1*1~" + strings.Repeat("SVC*HC:1*1*1~CAS*CO*1*1~", n/24)
	}},
	{"adjustments without end", func(n int) string {
		return isa + gs + "ST*835*0001~LX*1~CLP*A*1*1*1~" + strings.Repeat("CAS*CO*1*1~REF*1L*1~", n/20)
	}},
	{"segments that the guide does not know", func(n int) string { return isa + gs + "ST*835*0001~" + strings.Repeat("ZZZ*1~", n/6) }},
	{"segments out of order", func(n int) string {
		return isa + gs + "ST*835*0001~LX*1~" + strings.Repeat("SVC*HC:1*1*1~CLP*A*1*1*1~N1*PR*A~", n/34)
	}},
	{"levels below one another", func(n int) string {
		var b strings.Builder
		b.WriteString(isa + hb + "ST*271*0001*005010X279A1~BHT*0022*11*1*20260101*0600~")
		for i := 1; b.Len() < n; i++ {
			fmt.Fprintf(&b, "HL*%d*%d*%d*1~", i, i-1, 20+i%4)
		}
		return b.String()
	}},
	{"levels that are left out", func(n int) string {
		var b strings.Builder
		b.WriteString(isa + hi + "ST*278*0001*005010X217~BHT*0007*13*1*20260101*0600~HL*1**20*1~HL*2*1*21*1~HL*3*2*22*1~")
		for i := 4; b.Len() < n; i += 2 {
			fmt.Fprintf(&b, "NM1*IL*1*A*B****MI*1~NM1*QC*1*A*B~HL*%d*3*23*1~HL*%d*3*SS*0~HL*%[2]d*3*SS*0~", i, i+1)
		}
		return b.String()
	}},
	{"levels that turn out to be others", func(n int) string {
		return isa + hi + "ST*278*0001*005010X217~BHT*0007*13*1*20260101*0600~HL*1**20*1~HL*2*1*21*1~HL*3*2*22*1~" +
			strings.Repeat("UM*HS*I*3~NM1*IL*1*A*B****MI*1~NM1*QC*1*A*B~HI*ABK:M545~", n/57)
	}},
	{"levels of one parent", func(n int) string {
		var b strings.Builder
		b.WriteString(isa + hb + "ST*271*0001*005010X279A1~BHT*0022*11*1*20260101*0600~HL*1**20*1~HL*2*1*21*1~HL*3*2*22*0~")
		for i := 4; b.Len() < n; i++ {
			fmt.Fprintf(&b, "HL*%d*3*23*0~NM1*03*1*A~", i)
		}
		return b.String()
	}},
}

// use reads in with everything that the engine has.
func use(in []byte) (segments, findings int) {
	r := edi.NewReader(bytes.NewReader(in))
	c := guide.NewChecker(func(edi.Finding) { findings++ })
	r.Report = c.Report
	sc := guide.NewScanner(r)
	claims, answers := remittance.NewDecoder(remittance.Ignore{}), eligibility.NewDecoder(eligibility.Ignore{})
	for tries := 0; tries < 1000; tries++ {
		for sc.Next() {
			segments++
			c.Segment(sc)
			switch g := sc.Guide(); {
			case g == nil:
			case g.Set == remittance.Set:
				_ = claims.Segment(sc.Segment(), sc.Step())
			default:
				_ = answers.Segment(sc.Segment(), sc.Step())
			}
		}
		if sc.Err() == nil {
			break
		}
	}
	c.End()
	_, _ = claims.End(), answers.End()
	return segments, findings
}

// BenchmarkHostile shows whether the time for hostile inputs grows with their size only: bytes a second must not fall from the
// smaller to the larger one of each kind.
func BenchmarkHostile(b *testing.B) {
	for _, h := range hostile {
		for _, size := range []int{1 << 20, 8 << 20} {
			in := []byte(h.make(size))
			b.Run(fmt.Sprintf("input=%s/size=%dMiB", strings.ReplaceAll(h.name, " ", "_"), size>>20), func(b *testing.B) {
				b.SetBytes(int64(len(in)))
				b.ReportAllocs()
				for b.Loop() {
					use(in)
				}
			})
		}
	}
}

// A counter counts how often a Reader asks for bytes, and how many it got.
type counter struct {
	src   io.Reader
	calls int
}

func (c *counter) Read(p []byte) (int, error) {
	c.calls++
	return c.src.Read(p)
}

// TestHostileInputsEnd reads all of them once, and checks that what is reported stays in bounds.
func TestHostileInputsEnd(t *testing.T) {
	const size = 50_000
	for _, h := range hostile {
		in := []byte(h.make(size))
		_, findings := use(in)
		if most := 1100 + len(in)/6; findings > most {
			t.Errorf("%s: %d findings", h.name, findings)
		}
		c := &counter{src: bytes.NewReader(in)}
		r := edi.NewReader(c)
		for n := 0; ; n++ {
			if _, err := r.Next(); err == io.EOF {
				break
			}
			if n > 2*len(in) {
				t.Fatalf("%s: reading does not end", h.name)
			}
		}
		if c.calls > 10+len(in)/4096 {
			t.Errorf("%s: %d reads of the source for %d bytes", h.name, c.calls, len(in))
		}
	}
}
