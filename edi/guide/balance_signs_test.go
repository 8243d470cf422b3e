package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/guide"
)

// TestAmountRules are the rules of an 835's amounts that warn: each once broken, once kept.
func TestAmountRules(t *testing.T) {
	none := "BPR*I*0*C*NON************20260105"
	reversal := payment.with(2, none).plus(21, "CLP*A1*22*-100*-80*-20*MC*P1", "NM1*QC*1*DOE*JANE", "SVC*HC:99213*-100*-80", "DTM*472*20260102",
		"CAS*PR*1*-20")
	tests := []struct {
		rule string
		in   document
		want []string
	}{
		{"the patient's share is the sum of PR", payment, nil},
		{
			"the patient's share is less than the sum of PR", payment.with(12, "CLP*A1*1*100*80*19.99*MC*P1"),
			[]string{"12 CLP05 warning 2100 balance.patient_responsibility"},
		},
		{"the patient's share without a PR", payment.with(17, "CAS*CO*45*20"), []string{"12 CLP05 warning 2100 balance.patient_responsibility"}},
		{"no patient's share although there is a PR", payment.with(12, "CLP*A1*1*100*80**MC*P1"), nil},
		{"the patient's share of claim and lines", payment.with(2, "BPR*I*75*C*CHK************20260105").
			with(12, "CLP*A1*1*100*75*25*MC*P1").plus(13, "CAS*PR*3*5"), nil},
		{"a patient's share that can't be read", payment.with(12, "CLP*A1*1*100*80*2O*MC*P1"), []string{"12 CLP05 2100 IK403 6"}},
		{"a patient's share that is too long", payment.with(12, "CLP*A1*1*100*80*12345678901*MC*P1"), []string{"12 CLP05 2100 IK403 5"}},
		{"a charge that is too long is not reckoned with", payment.with(12, "CLP*A1*1*12345678901*80*20*MC*P1"), []string{"12 CLP03 2100 IK403 5"}},
		{
			"a charge with a blank behind it", payment.with(12, "CLP*A1*1*100 *79*20*MC*P1").with(2, "BPR*I*79*C*CHK************20260105"),
			[]string{"12 CLP03 warning 2100 format.trailing_blanks", "12 CLP04 2100 balance.claim"},
		},
		{"a charge that is too long behind a claim that is off", payment.with(12, "CLP*A1*1*100*79*20*MC*P1").with(2, "BPR*I*79*C*CHK************20260105").
			plus(21, "CLP*A2*1*12345678901*0**MC*P2", "CAS*CO*45*1", "NM1*QC*1*DOE*JOHN"), []string{"12 CLP04 2100 balance.claim", "21 CLP03 2100 IK403 5"}},

		{"a reversal of negative amounts", reversal, nil},
		{"a reversal without the patient's share", reversal.with(21, "CLP*A1*22*-100*-80**MC*P1"), nil},
		{"a reversal of positive amounts", payment.with(12, "CLP*A1*22*100*80*20*MC*P1"), []string{"12 CLP03 warning 2100 balance.reversal_sign"}},
		{"a reversal of nothing", payment.plus(21, "CLP*A1*22*0*0**MC*P1", "NM1*QC*1*DOE*JANE"), nil},
		{"negative amounts of no reversal", reversal.with(21, "CLP*A1*1*-100*-80*-20*MC*P1"), nil},

		{"a predetermination pays nothing", payment.with(2, none).with(12, "CLP*A1*25*100*0**MC*P1").
			with(15, "SVC*HC:99213*60*0").with(17, "CAS*CO*45*60").with(19, "SVC*HC:99214*40*0").plus(21, "CAS*CO*45*40"), nil},
		{"a predetermination that pays", payment.with(12, "CLP*A1*25*100*80*20*MC*P1"), []string{"12 CLP04 warning 2100 balance.predetermination"}},

		{"an adjustment of zero", payment.plus(21, "CAS*CO*45*0"), []string{"21 CAS03 warning 2110 balance.zero_adjustment"}},
		{"a second adjustment of zero", payment.with(17, "CAS*PR*1*20**2*0.00"), []string{"17 CAS06 warning 2110 balance.zero_adjustment"}},
		{"an adjustment of little", payment.with(17, "CAS*PR*1*19.99**2*0.01"), nil},

		{
			"a negative payment", payment.with(2, "BPR*I*-20*C*CHK************20260105").plus(21, "PLB*2990000012*20261231*WO:P0*100"),
			[]string{"2 BPR02 warning balance.negative_payment"},
		},
		{"what is owed is forwarded", payment.with(2, none).plus(21, "PLB*2990000012*20261231*WO:P0*100*FB:P0*-20"), nil},

		{
			"a refund that lowers the payment", payment.with(2, "BPR*I*70*C*CHK************20260105").plus(21, "PLB*2990000012*20261231*72:P0*10"),
			[]string{"21 PLB04 warning balance.adjustment_sign"},
		},
		{"a refund that was offset", payment.plus(21, "PLB*2990000012*20261231*72:P0*-10*WO:P0*10"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got, verdicts := check(t, tt.in.file())
			if !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
			want := guide.Accepted
			for _, f := range got {
				switch {
				case strings.Contains(f, "IK403"):
					want = guide.Rejected
				case !warning(f):
					want = max(want, guide.AcceptedWithErrors)
				}
			}
			if verdicts[0] != want {
				t.Errorf("verdict %v, want %v", verdicts[0], want)
			}
		})
	}
}

// TestLargeAmounts balances amounts that cents of 64 bits would not hold, or that have more digits than cents.
func TestLargeAmounts(t *testing.T) {
	tests := []struct {
		rule string
		in   document
		want []string
	}{
		{"ten digits", payment.with(2, "BPR*I*9999999960*C*CHK************20260105").with(12, "CLP*A1*1*9999999980*9999999960*20*MC*P1").
			with(15, "SVC*HC:99213*9999999940*9999999920"), nil},
		{"one of ten digits is off", payment.with(2, "BPR*I*9999999960*C*CHK************20260105").with(12, "CLP*A1*1*9999999980*9999999960*20*MC*P1").
			with(15, "SVC*HC:99213*9999999940*9999999919"), []string{"15 SVC03 2110 balance.line"}},
		{"mills", payment.with(17, "CAS*PR*1*19.995**2*.005"), nil},
		{"a mill is missing", payment.with(17, "CAS*PR*1*19.995**2*.004"), []string{"15 SVC03 2110 balance.line"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got, _ := check(t, tt.in.file())
			slices.Sort(got)
			slices.Sort(tt.want)
			if !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}
