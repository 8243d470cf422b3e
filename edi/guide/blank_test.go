package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// TestLittleLeft empties amounts and segments: what is missing is told once, and not reckoned with. Sums that a summary or a notice
// without a payment repeats are told where they are wrong.
func TestLittleLeft(t *testing.T) {
	summary := func(ts3 string) document { return payment.plus(12, "TS3*1234567893*11*20261231*"+ts3) }
	tests := []struct {
		rule string
		in   document
		want string
	}{
		{"a paid amount of blanks", payment.with(12, "CLP*A1*1*100*  *20*MC*P1"), "12 CLP04 2100 IK403 1"},
		{"a payment of blanks", payment.with(2, "BPR*I*   *C*CHK************20260105"), "2 BPR02 IK403 1"},
		{"a line's charge of blanks", payment.with(15, "SVC*HC:99213* *40"), "15 SVC02 2110 IK403 1"},
		{"an adjustment of blanks", payment.with(17, "CAS*PR*1*  "), "17 CAS03 2110 IK403 1"},
		{"a provider's adjustment of blanks", payment.plus(21, "PLB*2990000012*20261231*WO:P0*  "), "21 PLB04 IK403 1"},
		{"nothing but SVC", payment.with(15, "SVC"), "15 SVC01 2110 IK403 1"},
		{"nothing but CAS", payment.with(17, "CAS"), "17 CAS01 2110 IK403 1"},
		{"nothing but PLB", payment.plus(21, "PLB"), "21 PLB01 IK403 1"},

		{"a notice that pays", payment.with(2, "BPR*I*80*C*NON************20260105"), "2 BPR02 situation.nothing_paid"},
		{"a notice that pays what nobody gets", payment.with(2, "BPR*I*0.01*C*NON************20260105"), "2 BPR02 balance.payment"},

		{"the claims of a summary", summary("1*100"), ""},
		{"a summary of more claims", summary("2*100"), "12 TS304 warning 2000 balance.summary"},
		{"a summary of other charges", summary("1*99.99"), "12 TS305 warning 2000 balance.summary"},
		{"a summary that can't be read", summary("1*1O0"), "12 TS305 2000 IK403 6"},
		{"the summary of a claim that is off", summary("1*100").with(13, "CLP*A1*1*101*80*20*MC*P1"), "13 CLP04 2100 balance.claim"},

		{"something before the BHT of an answer", decision.plus(2, "ZZZ*1"), "2 ZZZ IK304 1"},
		{"an answer with a bad purpose", decision.with(2, strings.Replace(decision[1], "*0007*11*", "*0007*99*", 1)), "2 BHT02 IK403 7"},
		{"the description of a service", answer.plus(12, "MPI*C*AO*A*CURRENT*A1*D8*20240101"), ""},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got, _ := check(t, tt.in.file())
			got = slices.DeleteFunc(got, func(f string) bool {
				return strings.Contains(f, "code.") || strings.Contains(f, "npi.") || strings.Contains(f, "notice_method")
			})
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// TestTornSet cuts a file at each byte of a set: the one error is that the interchange has no end, and all findings come in the
// order of the file.
func TestTornSet(t *testing.T) {
	file := payment.file()
	from, to := strings.Index(file, "ST*"), strings.Index(file, "GE*")
	for n := from; n < to; n++ {
		var errors []string
		last := int64(0)
		r := edi.NewReader(strings.NewReader(file[:n]))
		c := guide.NewChecker(func(f edi.Finding) {
			if f.Severity == edi.Error {
				errors = append(errors, f.Segment+" "+f.Code.Kind+" "+f.Code.Value)
			}
			if f.Code.Kind != "envelope.unterminated" && f.Pos.Offset < last {
				t.Errorf("cut at byte %d: %v comes late", n, f)
			}
			last = max(last, f.Pos.Offset)
		})
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
		if got := strings.Join(errors, ", "); got != "IEA TA105 023" {
			t.Errorf("cut at byte %d: %s", n, got)
		}
	}
}
