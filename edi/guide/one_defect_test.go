package guide_test

import (
	"slices"
	"strings"
	"testing"
)

// TestOneDefectOneFinding breaks documents in one place each, where a validator that does not find back into the document would
// report all that follows.
func TestOneDefectOneFinding(t *testing.T) {
	tests := []struct {
		rule string
		in   document
		want string
	}{
		{"several subscribers and a dependent", family, ""},
		{"a segment that the guide leaves out", payment.plus(6, "N2*MORE"), "6 N2 1000A IK304 I4"},
		{"a segment of X12 that the set does not have", payment.plus(6, "PO1*1"), "6 PO1 1000A IK304 6"},
		{"what is no id is not shown", payment.plus(6, "po*1"), "6 1000A IK304 1"},
		{"a required segment with a garbled id", payment.with(13, "NMX*QC*1*DOE*JANE"), "13 NMX 2100 IK304 1"},
		{"the first segment of a loop with a garbled id", payment.with(15, "SVX*HC:99213*60*40"), "15 SVX 2100 IK304 1"},
		{"an HL with a garbled id", answer.with(7, "HX*3*2*22*0"), "7 HX 2100B IK304 1"},
		{"an LS with a garbled id", answer.with(14, "LX*2120"), "14 LX 2110C IK304 6"},
		{"LS missing", answer.without(14), "14 LS 2110C IK304 I6"},
		{"the trigger of a loop behind its second segment", payment.swapped(5), "6 N1 1000A IK304 7"},
		{"the last segment of a loop behind the next trigger", payment.swapped(8), "9 PER 1000A IK304 7"},
		{"an HL behind its NM1", answer.swapped(5), "6 HL 2000B IK304 7"},
		{"the NM1 of a level behind the next HL", answer.swapped(4), "4 NM1 2100A IK304 3"},
		{"a street before its loop", payment.plus(5, "N3*1 MAIN ST"), "5 N3 IK304 2"},
		{"a line in the header", payment.plus(2, payment[14]), "2 SVC IK304 2"},
		{"a trace before the BHT", answer.plus(2, answer[7]), "2 TRN IK304 2"},
		{"an HL twice", answer.plus(8, answer[6]), "8 HL01 2000C IK403 I12"},
		{"a claim's CLP twice", payment.plus(13, payment[11]), "13 NM1 2100 IK304 3"},
		{"the HL of a later subscriber missing", family.without(14), "14 HL 2000C IK304 3"},
		{"the HL of a dependent missing", family.without(10), "10 HL 2000D IK304 3"},
		{"a level code that is another level's", family.with(10, "HL*4*3*22*0"), "10 HL03 2000D IK403 I6"},
		{"a level code above its parent", answer.with(5, "HL*2*1*20*1"), "5 HL03 2000B IK403 I6"},
		{"the level of an event", decision.with(9, "HL*4*3*99*1"), "9 HL03 2000E IK403 7"},
		{"HL01 used before", family.with(14, "HL*3*2*22*0"), "14 HL01 2000C IK403 I12"},
		{"HL01 too long", answer.with(7, "HL*1234567890123*2*22*0"), "7 HL01 2000C IK403 5"},
		{"HL04 that the level can't have", answer.with(5, "HL*2*1*21*0"), "5 HL04 2000B IK403 I12"},
		{"another guide in ST03", answer.with(1, "ST*271*0001*005010X212"), "1 ST03 IK502 19"},
		{"a date in a composite without its format", decision.with(13, "HI*ABK:M545::20260101"), "13 HI01-3 2000E IK403 2"},
		{"a line of another payment", payment.with(17, "CAS*PR*1*25"), "15 SVC03 2110 balance.line"},
		{"a paid amount missing", payment.with(12, "CLP*A1*1*100**20*MC*P1"), "12 CLP04 2100 IK403 1"},
		{"blanks behind a value", payment.with(13, "NM1*QC*1*DOE  *JANE"), "13 NM103 warning 2100 format.trailing_blanks"},
		{"blanks before a value", payment.with(13, "NM1*QC*1* DOE*JANE"), "13 NM103 warning 2100 format.leading_blanks"},
		{"a separator at the end", payment.with(13, "NM1*QC*1*DOE*JANE**"), "13 NM106 warning 2100 format.trailing_separator"},
		{"a separator at the end of a composite", payment.with(15, "SVC*HC:99213:*60*40"), "15 SVC01 warning 2110 format.trailing_separator"},
		{"an amount with a plus", payment.with(12, "CLP*A1*1*100*80*+20*MC*P1"), "12 CLP05 2100 IK403 6"},
		{"an amount with an exponent", payment.with(12, "CLP*A1*1*100*80*2E1*MC*P1"), "12 CLP05 2100 IK403 6"},
		{"a point alone", payment.with(12, "CLP*A1*1*100*80*.*MC*P1"), "12 CLP05 2100 IK403 6"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got, _ := check(t, tt.in.file())
			got = slices.DeleteFunc(got, func(f string) bool { // SNIP 4 and 5 have their own tests
				return strings.Contains(f, "code.") || strings.Contains(f, "situation.") || strings.Contains(f, "npi.")
			})
			if strings.Join(got, ", ") != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}
