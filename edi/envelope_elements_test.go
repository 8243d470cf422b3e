package edi_test

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// TestEnvelopeElements changes one element of an envelope: one finding each, at that element.
func TestEnvelopeElements(t *testing.T) {
	whole := []string{
		"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*1200*^*00501*000000001*0*T*:",
		"TA1*000000009*260101*1200*A*000", "GS*HP*AA*BB*20260105*1200*1*X*005010X221A1",
		"ST*835*0001", "BPR*I", "SE*3*0001", "ST*835*0002", "BPR*I", "SE*3*0002", "GE*2*1", "IEA*1*000000001",
	}
	tests := []struct {
		segment, element int
		value, want      string
	}{
		{0, 1, "99", "ISA01 TA105 010"},
		{0, 2, "SHORT", "ISA02 TA105 011"},
		{0, 1, "03", "warning ISA02 TA105 011"},
		{0, 2, "SECRET    ", "warning ISA02 TA105 011"},
		{0, 2, "    \x01     ", "ISA02 TA105 011"},
		{0, 3, "01", "warning ISA04 TA105 013"},
		{0, 4, "SECRET    ", "warning ISA04 TA105 013"},
		{0, 6, " SENDER        ", "warning ISA06 TA105 006"},
		{0, 6, "SEN\x01DER       ", "ISA06 TA105 006"},
		{0, 8, "\x02RECEIVER      ", "ISA08 TA105 008"},
		{0, 11, "*", "ISA11 TA105 016"},
		{0, 11, "~", "ISA11 TA105 016"},
		{0, 12, "00999", "ISA12 TA105 017"},
		{0, 12, "00401", ""},
		{0, 16, " ", "ISA16 TA105 027"},
		{0, 16, "*", "ISA16 TA105 027"},
		{0, 15, "T*X", "ISA TA105 022"},
		{0, 3, "07", "ISA03 TA105 012"},
		{0, 4, "", "ISA04 TA105 013"},
		{0, 5, "QQ", "ISA05 TA105 005"},
		{0, 6, "               ", "ISA06 TA105 006"},
		{0, 7, "99", "ISA07 TA105 007"},
		{0, 8, "SHORT", "ISA08 TA105 008"},
		{0, 9, "261301", "ISA09 TA105 014"},
		{0, 10, "2460", "ISA10 TA105 015"},
		{0, 11, "U", "ISA11 TA105 016"},
		{0, 12, "99999", "ISA12 TA105 017"},
		{0, 13, "00000000A", "ISA13 TA105 018"},
		{0, 14, "2", "ISA14 TA105 019"},
		{0, 15, "X", "ISA15 TA105 020"},
		{1, 1, "9", "TA101 TA105 024"},
		{1, 2, "261301", "TA102 TA105 024"},
		{1, 3, "2460", "TA103 TA105 024"},
		{1, 4, "Q", "TA104 TA105 024"},
		{1, 5, "099", "TA105 TA105 024"},
		{2, 1, "??", "GS01 AK905 1"},
		{2, 1, "HB", "1 ST01 IK502 18, 1 ST01 IK502 18"},
		{2, 2, "A", "GS02 TA105 024"},
		{2, 3, "ABCDEFGHIJKLMNOP", "GS03 TA105 024"},
		{1, 5, "005", "TA105 TA105 024"},
		{1, 4, "R", "TA105 TA105 024"},
		{2, 4, "260105", "GS04 TA105 024"},
		{2, 7, "T", "GS07 TA105 024"},
		{2, 4, "20261301", "GS04 TA105 024"},
		{2, 5, "1260", "GS05 TA105 024"},
		{2, 6, "A", "GS06 AK905 6"},
		{2, 6, "7", "GE02 AK905 4"},
		{2, 7, "Q", "GS07 TA105 024"},
		{2, 8, "QQ", "GS08 AK905 2"},
		{2, 8, "", "GS08 AK905 2"},
		{3, 1, "", "1 ST01 IK502 6"},
		{3, 1, "270", "1 ST01 IK502 18"},
		{3, 2, "1", "1 ST02 IK502 7"},
		{5, 1, "X", "3 SE01 IK502 4"},
		{5, 2, "0009", "3 SE02 IK502 3"},
		{9, 1, "3", "GE01 AK905 5"},
		{9, 2, "2", "GE02 AK905 4"},
		{10, 1, "2", "IEA01 TA105 021"},
		{10, 2, "000000002", "IEA02 TA105 001"},
		{10, 2, "1", "IEA02 TA105 001"},
		{10, 3, "X", "IEA03 TA105 022"},
	}
	for _, tt := range tests {
		c := slices.Clone(whole)
		elements := strings.Split(c[tt.segment], "*")
		for len(elements) <= tt.element {
			elements = append(elements, "")
		}
		elements[tt.element] = tt.value
		c[tt.segment] = strings.Join(elements, "*")
		if got := envelopeFindings(c); got != tt.want {
			t.Errorf("%s%02d %q: %s, want %s", elements[0], tt.element, tt.value, got, tt.want)
		}
	}
	for what, want := range map[int]string{2: "GS TA105 022", 3: "BPR envelope.stray", 5: "3 SE IK502 2", 9: "GE AK905 3", 10: "IEA TA105 023"} {
		if got := envelopeFindings(slices.Delete(slices.Clone(whole), what, what+1)); got != want {
			t.Errorf("without %s: %s, want %s", whole[what], got, want)
		}
	}
	if got := envelopeFindings(slices.Insert(slices.Clone(whole), 3, whole[3])); got != "2 SE IK502 2" {
		t.Errorf("the same ST twice: %s", got)
	}
	if got := envelopeFindings(whole); got != "" {
		t.Errorf("unchanged: %s", got)
	}
}

func envelopeFindings(segments []string) string {
	var got []string
	r := edi.NewReader(strings.NewReader(strings.Join(segments, "~") + "~"))
	r.Report = func(f edi.Finding) {
		at := f.Segment
		if f.Element > 0 {
			at += fmt.Sprintf("%02d", f.Element)
		}
		if f.Pos.Segment > 0 {
			at = fmt.Sprintf("%d %s", f.Pos.Segment, at)
		}
		if f.Severity != edi.Error {
			at = f.Severity.String() + " " + at
		}
		got = append(got, strings.TrimSpace(at+" "+f.Code.Kind+" "+f.Code.Value))
	}
	for {
		if _, err := r.Next(); err == io.EOF {
			return strings.Join(got, ", ")
		} else if err != nil {
			got = append(got, err.Error())
		}
	}
}

func TestSyntaxErrorFinding(t *testing.T) {
	head := "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*1200*^*00501*000000001*0*T*"
	for in, want := range map[string]string{
		head + "A~GS*HP~": "027", head + ":B" + "GS*HP~": "004", head: "023",
	} {
		r := edi.NewReader(strings.NewReader(in))
		_, err := r.Next()
		syntax, ok := err.(*edi.SyntaxError) //nolint:errorlint // it comes bare
		if !ok {
			t.Errorf("%.20s…: error %v", in, err)
			continue
		}
		if f := syntax.Finding(); f.Code.Value != want || f.Code.Kind != "TA105" {
			t.Errorf("%.20s…: %v, want TA105 %s", in, f, want)
		}
	}
}
