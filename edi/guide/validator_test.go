package guide_test

import (
	"slices"
	"testing"

	"github.com/ediport/ediport/edi/guide"
)

func TestValidator(t *testing.T) {
	tests := []struct {
		rule string
		in   document
		want []string
	}{
		{"the smallest 835", payment, nil},
		{"the smallest 271", answer, nil},
		{"the smallest 278", decision, nil},

		// Segments and loops.
		{"required segment missing", payment.without(13), []string{"13 NM1 2100 IK304 3"}},
		{"required segment of the header missing", payment.without(3), []string{"3 TRN IK304 3"}},
		{"required segment in mid-loop missing", payment.without(6), []string{"6 N3 1000A IK304 3"}},
		{"required loop missing", answer.without(6), []string{"6 NM1 2100B IK304 3"}},
		{"trigger of a required loop missing", payment.without(5), []string{"5 N1 1000A IK304 3"}},
		{"trigger missing, segments of the loop follow", payment.without(9).with(9, "N3*2 MAIN ST"), []string{"9 N1 1000B IK304 3"}},
		{"LX missing", payment.without(11), []string{"11 LX 2000 IK304 3"}},
		{"CLP missing", payment.without(12), []string{"12 CLP 2100 IK304 3"}},
		{"HL missing", answer.without(7), []string{"7 HL 2000C IK304 3"}},
		{"HL EV missing", decision.without(9), []string{"9 HL 2000E IK304 3"}},
		{"segment too often", payment.plus(3, "TRN*1*CHK2*1234567890"), []string{"4 TRN IK304 5"}},
		{"loop too often", payment.plus(5, "N1*PR*PAYER", "N3*1 MAIN ST", "N4*ANYTOWN*NY*10001", "PER*BL*HELP*TE*8005550100"), []string{"9 N1 1000A IK304 4"}},
		{"unexpected segment", payment.plus(4, "LQ*HE*M1"), []string{"4 LQ IK304 2"}},
		{"segment of another set", payment.plus(4, "EB*1"), []string{"4 EB IK304 6"}},
		{"no segment of X12", payment.plus(4, "QQ*1"), []string{"4 QQ IK304 1"}},
		{"segment too late", payment.without(4).plus(6, payment[3]), []string{"6 DTM IK304 7"}},
		{"segment before its neighbour", payment.without(6).plus(7, payment[5]), []string{"7 N3 1000A IK304 7"}},
		{"segment before its trigger", payment.without(5).plus(6, payment[4]), []string{"6 N1 1000A IK304 7"}},
		{"claim segment after the lines", payment.plus(21, "REF*EA*1"), []string{"21 REF 2100 IK304 7"}},
		{"LE missing", answer.without(16), []string{"16 LE 2110C IK304 I6"}},
		{"LS and LE without a loop", answer.without(15), []string{"14 LS 2110C IK304 I9"}},
		{"payee before payer", append(append(slices.Clone(payment[:4]), payment[8:10]...), append(slices.Clone(payment[4:8]), payment[10:]...)...), nil},

		{"trigger twice", payment.plus(5, payment[4]), []string{"6 N1 1000A IK304 4"}},
		{"SVC missing", payment.without(15).without(15).plus(15, "DTM*472*20260102"), []string{"15 SVC 2110 IK304 3"}},
		{"a segment of a loop that was not begun", payment.plus(14, "DTM*472*20260102"), []string{"14 SVC 2110 IK304 3"}},
		{"EB missing", answer.without(12).plus(12, "DTP*348*D8*20260101", "MSG*TEXT").without(14), []string{"12 EB 2110C IK304 3"}},

		// Elements.
		{"required element missing", payment.with(12, "CLP*A1*1*100*80*20**P1"), []string{"12 CLP06 2100 IK403 1"}},
		{"required element missing at the end", payment.with(12, "CLP*A1*1*100*80*20*MC"), []string{"12 CLP07 2100 IK403 1"}},
		{"required component missing", payment.with(15, "SVC*HC*60*40"), []string{"15 SVC01-2 2110 IK403 1"}},
		{"element that must not be sent", payment.with(14, "DTM*050*20260103*1200"), []string{"14 DTM03 2100 IK403 I10"}},
		{"ST03 in an 835", payment.with(1, "ST*835*0001*005010X221A1"), []string{"1 ST03 warning IK403 I10"}},
		{"component that must not be sent", payment.with(15, "SVC*HC:99213::::::X*60*40"), []string{"15 SVC01-8 2110 IK403 I10"}},
		{"too many elements", payment.with(4, "DTM*405*20260105*****7"), []string{"4 DTM07 IK403 3"}},
		{"too many components", payment.with(15, "SVC*HC:99213:::::::X*60*40"), []string{"15 SVC01-9 2110 IK403 13"}},
		{"components in a simple element", payment.with(12, "CLP*A1:2*1*100*80*20*MC*P1"), []string{"12 CLP01-2 2100 IK403 13"}},
		{"too short", payment.with(3, "TRN*1*CHK1*123456789"), []string{"3 TRN03 IK403 4"}},
		{"too long", payment.with(3, "TRN*1*CHK1*12345678901"), []string{"3 TRN03 IK403 5"}},
		{"an amount of 11 digits", payment.with(12, "CLP*A1*1*100*80*12345678901*MC*P1"), []string{"12 CLP05 2100 IK403 5"}},
		{
			"sign and point don't count", payment.with(12, "CLP*A1*1*100*80*-12345678.91*MC*P1"),
			[]string{"12 CLP05 warning 2100 balance.patient_responsibility"},
		},
		{"not a number", payment.with(12, "CLP*A1*1*100*80*2O*MC*P1"), []string{"12 CLP05 2100 IK403 6"}},
		{"control character", payment.with(13, "NM1*QC*1*DO\x07E*JANE"), []string{"13 NM103 2100 IK403 6"}},
		{"letters beyond ASCII", payment.with(13, "NM1*QC*1*NU\u00d1EZ*JANE"), []string{"13 NM103 warning 2100 IK403 6"}},
		{"not a date", payment.with(14, "DTM*050*20261301"), []string{"14 DTM02 2100 IK403 8"}},
		{"February 29 of no leap year", payment.with(14, "DTM*050*20250229"), []string{"14 DTM02 2100 IK403 8"}},
		{"period that ends before it begins", answer.with(11, "DTP*291*RD8*20261231-20260101"), []string{"11 DTP03 2100C IK403 8"}},
		{"not a time", answer.with(2, "BHT*0022*11*R1*20260105*2460"), []string{"2 BHT05 IK403 9"}},
		{"code of no list", payment.with(12, "CLP*A1*1*100*80*20*QQ*P1"), []string{"12 CLP06 2100 IK403 7"}},
		{"code of the list that the guide leaves out", payment.with(12, "CLP*A1*1*100*80*20*BL*P1"), []string{"12 CLP06 2100 IK403 I6"}},
		{"qualifier of no list", payment.plus(14, "REF*Q9*1"), []string{"14 REF01 2100 IK403 7"}},
		{"qualifier of the only such segment", payment.with(17, "CAS*QQ*1*20"), []string{"17 CAS01 2110 IK403 7"}},
		{"qualifier of a required segment", payment.with(5, "N1*Q9*PAYER"), []string{"5 N101 1000A IK403 7"}},
		{"too many repetitions", payment.with(13, "NM1*QC*1*DOE^ROE*JANE"), []string{"13 NM103^2 2100 IK403 12"}},
		{"a bad code in a repetition", answer.with(12, "EB*1**30^QQ^98"), []string{"12 EB03^2 2110C IK403 7"}},
		{"paired elements", payment.with(8, "PER*BL*HELP*TE"), []string{"8 PER04 1000A IK403 2"}},
		{"at least one of two", inquiry.with(12, "EQ***FAM"), []string{"12 EQ01 2110C IK403 2"}},
		{"one of a list needs another", payment.with(17, "CAS*PR*1*20**2"), []string{"17 CAS06 2110 IK403 2"}},
		{"excluding elements", answer.plus(10, "N3*1 MAIN ST", "N4*TOWN*NY*10001*US***ON"), []string{"11 N407 2100C IK403 10"}},
		{"conditional element", answer.plus(10, "N3*1 MAIN ST", "N4*TOWN******ON"), []string{"11 N404 2100C IK403 2"}},

		// HL.
		{"HL01 does not count", answer.with(7, "HL*5*2*22*0"), []string{"7 HL01 2000C IK403 I12"}},
		{"HL01 of a parent does not count", decision.with(5, "HL*7*1*21*1"), []string{"5 HL01 2000B IK403 I12"}},
		{"HL01 of a parent missing", decision.with(5, "HL**1*21*1"), []string{"5 HL01 2000B IK403 1"}},
		{"HL01 twice", decision.with(7, "HL*2*2*22*1"), []string{"7 HL01 2000C IK403 I12"}},
		{"a level is left out", decision.without(7).without(7).with(7, "HL*4*3*EV*1"), []string{"7 HL01 2000E IK403 I12"}},
		{"HL02 names no HL", answer.with(7, "HL*3*9*22*0"), []string{"7 HL02 2000C IK403 I12"}},
		{"HL02 names the wrong level", answer.with(7, "HL*3*1*22*0"), []string{"7 HL02 2000C IK403 I12"}},
		{"HL03 is no level", answer.with(7, "HL*3*2*99*0"), []string{"7 HL03 2000C IK403 7"}},
		{"HL04 promises children", answer.with(7, "HL*3*2*22*1"), []string{"7 HL04 2000C IK403 I12"}},
		{"HL04 denies children", decision.with(9, "HL*4*3*EV*0"), []string{"9 HL04 2000E IK403 I12"}},
		{"required level missing", inquiry[:6], []string{"7 HL 2000C IK304 3"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got, verdicts := check(t, tt.in.file())
			if !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
			want := guide.Accepted
			for _, f := range tt.want {
				if !warning(f) {
					want = guide.Rejected
				}
			}
			if len(verdicts) != 1 || verdicts[0] != want {
				t.Errorf("verdicts %v, want %v", verdicts, want)
			}
		})
	}
}

func warning(short string) bool {
	return len(short) > 0 && slices.Contains(splitWords(short), "warning")
}
