package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/guide"
)

func TestBalance(t *testing.T) {
	tests := []struct {
		rule string
		in   document
		want []string
	}{
		{"balanced", payment, nil},
		{"one cent missing in the payment", payment.with(2, "BPR*I*79.99*C*CHK************20260105"), []string{"2 BPR02 balance.payment"}},
		{"PLB lowers the payment", payment.with(2, "BPR*I*70*C*CHK************20260105").plus(21, "PLB*2990000012*20261231*WO:P0*10"), nil},
		{"six PLB amounts", payment.with(2, "BPR*I*59*C*CHK************20260105").
			plus(21, "PLB*2990000012*20261231*WO:1*1*WO:2*2*WO:3*3*WO:4*4*WO:5*5*WO:6*6"), nil},
		{"line", payment.with(15, "SVC*HC:99213*60*39"), []string{"15 SVC03 2110 balance.line"}},
		{"claim", payment.with(12, "CLP*A1*1*100*70*20*MC*P1").with(2, "BPR*I*70*C*CHK************20260105"), []string{"12 CLP04 2100 balance.claim"}},
		{"charge of claim and lines", payment.with(19, "SVC*HC:99214*41*41"), []string{"12 CLP03 2100 balance.charge"}},
		{"claim adjustment after the line adjustments", payment.with(12, "CLP*A1*1*100*75*20*MC*P1").
			with(2, "BPR*I*75*C*CHK************20260105").plus(13, "CAS*CO*45*5"), nil},
		{"reversal", payment.with(2, "BPR*I*0*C*NON************20260105").
			plus(21, "CLP*A1*22*-100*-80*-20*MC*P1", "NM1*QC*1*DOE*JANE", "SVC*HC:99213*-100*-80", "DTM*472*20260102", "CAS*PR*1*-20"), nil},
		{"an amount that can't be read judges nothing", payment.with(12, "CLP*A1*1*100*8O*20*MC*P1"), []string{"12 CLP04 2100 IK403 6"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			got, verdicts := check(t, tt.in.file())
			if !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
			want := guide.Accepted
			if len(tt.want) > 0 && strings.Contains(tt.want[0], "balance") {
				want = guide.AcceptedWithErrors
			} else if len(tt.want) > 0 {
				want = guide.Rejected
			}
			if verdicts[0] != want {
				t.Errorf("verdict %v, want %v", verdicts[0], want)
			}
		})
	}
}
