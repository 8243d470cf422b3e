package edi_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

var twoGroups = []string{
	"ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260105*1200*^*00501*000000001*0*T*:",
	"GS*HP*AA*BB*20260105*1200*1*X*005010X221A1", "ST*835*0001", "BPR*I", "SE*3*0001", "ST*835*0002", "BPR*I", "SE*3*0002", "GE*2*1",
	"GS*HP*AA*BB*20260105*1200*2*X*005010X221A1", "ST*835*0001", "BPR*I", "SE*3*0001", "ST*835*0002", "BPR*I", "SE*3*0002", "GE*2*2",
	"IEA*2*000000001",
}

// TestBrokenEnvelope puts one segment of the envelope where it does not belong, or takes it away: one error each.
func TestBrokenEnvelope(t *testing.T) {
	move := func(from, to int) []string {
		s := twoGroups[from]
		return slices.Insert(slices.Delete(slices.Clone(twoGroups), from, from+1), to, s)
	}
	insert := func(at int, s string) []string { return slices.Insert(slices.Clone(twoGroups), at, s) }
	const ta1 = "TA1*000000009*260101*1200*A*000"
	for name, tt := range map[string]struct {
		in   []string
		want string
	}{
		"the second GS is missing":  {slices.Delete(slices.Clone(twoGroups), 9, 10), "GS TA105 022"},
		"GE before the sets":        {move(8, 2), "GE01 AK905 5"},
		"SE a segment too early":    {move(4, 3), "2 SE01 IK502 4"},
		"IEA before the last group": {move(17, 9), "IEA01 TA105 021, warning  envelope.junk"},
		"IEA twice":                 {insert(18, twoGroups[17]), "IEA TA105 022"},
		"GE behind IEA":             {insert(18, "GE*1*1"), "GE TA105 022"},
		"TA1 behind IEA":            {insert(18, ta1), "TA1 TA105 022"},
		"TA1 before ISA":            {insert(0, ta1), "TA1 TA105 022"},
		"TA1 behind a group":        {insert(9, ta1), "warning TA1 TA105 022"},
		"TA1 within a group":        {insert(2, ta1), "TA1 envelope.stray"},
		"ISA within a set": {
			insert(4, twoGroups[0]), "info 3 SE IK502 2, info GE AK905 3, IEA TA105 023, SE envelope.stray",
		},
		"no padding": {
			append([]string{"ISA*00**00**ZZ*SENDER*ZZ*RECEIVER*260105*1200*^*00501*000000001*0*T*:"}, twoGroups[1:]...), "ISA02 TA105 011",
		},
	} {
		if got := envelopeFindings(tt.in); got != tt.want {
			t.Errorf("%s: %s, want %s", name, got, tt.want)
		}
	}
}

// TestTruncated cuts a file at each byte: that its IEA is missing is the one error.
func TestTruncated(t *testing.T) {
	file := strings.Join(twoGroups, "~") + "~"
	for n := len(twoGroups[0]) + 1; n < len(file); n++ {
		var errors []string
		r := edi.NewReader(strings.NewReader(file[:n]))
		r.Report = func(f edi.Finding) {
			if f.Severity == edi.Error {
				errors = append(errors, f.Segment+" "+f.Code.Kind+" "+f.Code.Value)
			}
		}
		for {
			if _, err := r.Next(); err != nil {
				break
			}
		}
		want := "IEA TA105 023"
		if n == len(file)-1 { // but for the terminator
			want = ""
		}
		if got := strings.Join(errors, ", "); got != want {
			t.Errorf("cut at byte %d of %d: %s, want %s", n, len(file), got, want)
		}
	}
}
