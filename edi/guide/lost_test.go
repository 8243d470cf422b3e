package guide_test

import (
	"slices"
	"strings"
	"testing"
)

// TestNothingIsLost breaks documents in two places: neither defect may hide the other, however far apart they are.
func TestNothingIsLost(t *testing.T) {
	claims := slices.Concat(payment, document{
		"CLP*A2*1*50*50**MC*P2", "NM1*QC*1*ROE*RUTH", "SVC*HC:99213*50*50", "DTM*472*20260102", "PLB*2990000012*20261231*WO:A1*-50",
	})
	claims = claims.with(2, "BPR*I*180*C*CHK************20260105")
	tests := []struct {
		rule string
		in   document
		want string
	}{
		{"two claims and an adjustment", claims, ""},
		{"an unknown segment, and the patient of a later claim", claims.plus(14, "ZZZ*1").without(23), "14 ZZZ 2100 IK304 1, 23 NM1 2100 IK304 3"},
		{"a foreign segment, and the patient of the next claim", claims.plus(21, "CLM*A*1").without(23), "21 CLM 2110 IK304 6, 23 NM1 2100 IK304 3"},
		{"an unknown segment, and an HL level without its NM1", answer.plus(4, "ZZZ*1").without(7), "4 ZZZ 2000A IK304 1, 7 NM1 2100B IK304 3"},
		{"an unknown segment that stands for the missing one", claims.with(22, "ZZZ*QC*1*ROE*RUTH"), "22 ZZZ 2100 IK304 1"},

		{"an unknown segment in the header, and the payment", claims.plus(6, "ZZZ*1").with(26, "PLB*2990000012*20261231*WO:A1*-51"), "2 BPR02 balance.payment, 6 ZZZ 1000A IK304 1"},
		{"a name twice in a claim, and a line", claims.plus(14, "NM1*82*2*CLINIC*****XX*2990000012", "NM1*82*2*CLINIC*****XX*2990000012").with(19, "CAS*PR*1*21"), "15 NM1 2100 IK304 5, 17 SVC03 2110 balance.line"},
		{"an unknown segment in a line, and another line", claims.plus(17, "ZZZ*1").with(24, "SVC*HC:99213*50*49"), "17 ZZZ 2110 IK304 1, 24 SVC03 2110 balance.line"},
		{"an unknown segment in a line, and the payment", claims.plus(17, "ZZZ*1").with(26, "PLB*2990000012*20261231*WO:A1*-51"), "2 BPR02 balance.payment, 17 ZZZ 2110 IK304 1"},
		{"an adjustment with a garbled id", claims.with(17, "CAX*PR*1*20"), "17 CAX 2110 IK304 1"},
		{"a claim with a garbled id", claims.with(21, "CLX*A2*1*50*50**MC*P2"), "21 CLX 2110 IK304 1"},
		{"a provider adjustment with a garbled id", claims.with(25, "PLX*2990000012*20261231*WO:A1*-50"), "25 PLX 2110 IK304 1"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if got := found(t, tt.in); got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// TestParents: an HL that names the wrong parent is told once, and one that a wrong number confuses not at all.
func TestParents(t *testing.T) {
	family := slices.Concat(answer[:6], document{
		"HL*3*2*22*1", "TRN*2*T1*9CLINIC001", "NM1*IL*1*DOE*JANE****MI*M1",
		"HL*4*3*23*0", "TRN*2*T2*9CLINIC001", "NM1*03*1*DOE*JIM", "EB*1**30",
		"HL*5*2*22*1", "TRN*2*T3*9CLINIC001", "NM1*IL*1*ROE*RUTH****MI*M2",
		"HL*6*5*23*0", "TRN*2*T4*9CLINIC001", "NM1*03*1*ROE*RAY", "EB*1**30",
	})
	tests := []struct {
		rule string
		in   document
		want string
	}{
		{"two families", family, ""},
		{"the parent is the subscriber before", family.with(17, "HL*6*3*23*0"), "17 HL02 2000D IK403 I12"},
		{"the first HL has the number of the second", family.with(3, "HL*2**20*1"), "3 HL01 2000A IK403 I12"},
		{"the first HL has the number of a later one", family.with(3, "HL*3**20*1"), "3 HL01 2000A IK403 I12"},
		{"a level code that is another level's, with what it says of children", family.with(17, "HL*6*5*22*0"), "17 HL03 2000D IK403 I6"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if got := found(t, tt.in); got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// found returns what is found in a document, but for SNIP 4 and 5, which have their own tests.
func found(t *testing.T, d document) string {
	t.Helper()
	got, _ := check(t, d.file())
	return strings.Join(slices.DeleteFunc(got, func(f string) bool {
		return strings.Contains(f, "code.") || strings.Contains(f, "situation.") || strings.Contains(f, "npi.")
	}), ", ")
}
