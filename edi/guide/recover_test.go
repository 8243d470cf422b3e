package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// swapped returns the document with segment i and the one behind it exchanged; ST is 1.
func (d document) swapped(i int) document { return d.with(i, d[i]).with(i+1, d[i-1]) }

// family is an answer about two subscribers, one of them with a dependent.
var family = slices.Concat(answer[:6], document{
	"HL*3*2*22*1", "TRN*2*T1*9CLINIC001", "NM1*IL*1*DOE*JANE****MI*M1",
	"HL*4*3*23*0", "TRN*2*T2*9CLINIC001", "NM1*03*1*DOE*JIM", "EB*1**30",
	"HL*5*2*22*0", "TRN*2*T3*9CLINIC001", "NM1*IL*1*ROE*RUTH****MI*M2", "EB*1**30",
})

// subscribers is an answer about three of them.
var subscribers = slices.Concat(answer[:6], document{
	"HL*3*2*22*0", "TRN*2*T1*9CLINIC001", "NM1*IL*1*DOE*JANE****MI*M1", "EB*1**30",
	"HL*4*2*22*0", "TRN*2*T2*9CLINIC001", "NM1*IL*1*ROE*RAY****MI*M2", "EB*1**30",
	"HL*5*2*22*0", "TRN*2*T3*9CLINIC001", "NM1*IL*1*POE*RUTH****MI*M3", "EB*1**30",
})

// explained tells what a step says of why its segment did not come next.
func explained(at guide.Step) string {
	for _, e := range []struct {
		holds bool
		name  string
	}{
		{at.Def == nil, "it does not belong here"},
		{at.Releveled, "another level"},
		{at.Behind, "exchanged"},
		{at.Anew, "an HL is missing"},
		{at.OutOfOrder && at.Opened, "a trigger behind its loop"},
		{at.OutOfOrder, "too late"},
		{at.Implied, "a trigger is missing"},
		{at.Mismatch, "a wrong qualifier"},
	} {
		if e.holds {
			return e.name
		}
	}
	return "in its place"
}

// TestRecovery breaks documents in one place each: the segment there is explained in one way, and the defect is told once.
func TestRecovery(t *testing.T) {
	tests := []struct {
		rule    string
		in      document
		at      int // segment that does not come next; ST is 1
		explain string
		want    string
	}{
		{"nothing is wrong", family, 13, "in its place", ""},
		{"a segment that closed the loop of the next", payment.swapped(8), 9, "exchanged", "9 PER 1000A IK304 7"},
		{"the level code of an HL, beside its parent", family.with(10, "HL*4*3*22*0"), 10, "a wrong qualifier", "10 HL03 2000D IK403 I6"},
		{"the level code of an HL, as what follows shows", slices.Concat(decision, document{"HL*6*4*EV*0", "UM*HS*I", "HCR*A1*AUTH3", "SV1*HC:97112*100*UN*6"}), 21, "another level", "18 HL03 2000F IK403 I6"},
		{"an LS", answer.without(14), 14, "in its place", "14 LS 2110C IK304 I6"},
		{"the HL of a later subscriber", family.without(14), 14, "a trigger is missing", "14 HL 2000C IK304 3"},
		{"a segment behind its place", payment.plus(16, "REF*EA*1"), 16, "too late", "16 REF 2100 IK304 7"},
		{"the trigger of a loop", payment.without(5), 5, "a trigger is missing", "5 N1 1000A IK304 3"},
		{"the trigger behind the first segment of its loop", payment.swapped(5), 6, "a trigger behind its loop", "6 N1 1000A IK304 7"},
		{"the trigger of the loop around", payment.without(11), 11, "in its place", "11 LX 2000 IK304 3"},
		{"a qualifier", payment.with(13, "NM1*Q9*1*DOE"), 13, "a wrong qualifier", "13 NM101 2100 IK403 7"},
		{"a segment of another loop", payment.plus(2, payment[14]), 2, "it does not belong here", "2 SVC IK304 2"},
		{"a loop that its HL has once", subscribers.plus(11, "MSG*SEE THE PLAN").without(12).without(12), 12, "an HL is missing", "12 HL 2000C IK304 3"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			var got string
			sc := guide.NewScanner(edi.NewReader(strings.NewReader(tt.in.file())))
			for sc.Next() {
				if sc.Pos().Segment == tt.at {
					got = explained(sc.Step())
				}
			}
			if sc.Err() != nil {
				t.Fatal(sc.Err())
			}
			if got != tt.explain {
				t.Errorf("explained as %q, want %q", got, tt.explain)
			}
			if got := found(t, tt.in); got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// TestRecoveryOfLevels changes HL segments and what they begin: neither the HL in question nor those below it are told of twice.
func TestRecoveryOfLevels(t *testing.T) {
	block := func(i, j int) document { return family[i-1 : j] }
	tests := []struct {
		rule string
		in   document
		want string
	}{
		{"a source's level code", family.with(3, "HL*1**21*1"), "3 HL03 2000A IK403 I6"},
		{"a receiver's level code", family.with(5, "HL*2*1*22*1"), "5 HL03 2000B IK403 I6"},
		{"a subscriber's level code, with a dependent below", family.with(7, "HL*3*2*21*1"), "7 HL03 2000C IK403 I6"},
		{"a subscriber's level code, with nothing below", family.with(14, "HL*5*2*23*0"), "14 HL03 2000C IK403 I6"},
		{"a dependent's level code", family.with(10, "HL*4*3*22*0"), "10 HL03 2000D IK403 I6"},
		{"a level code that is none", family.with(10, "HL*4*3*99*0"), "10 HL03 2000D IK403 7"},
		{"the source twice", family.plus(5, block(3, 4)...), "5 HL01 2000A IK403 I12"},
		{"the receiver twice", family.plus(7, block(5, 6)...), "7 HL01 2000B IK403 I12"},
		{"a subscriber twice", family.plus(18, block(14, 17)...), "18 HL01 2000C IK403 I12"},
		{"a dependent twice", family.plus(14, block(10, 13)...), "14 HL01 2000D IK403 I12"},
		{"no receiver", slices.Concat(family[:4], family[6:]), "5 HL01 2000C IK403 I12"},
		{"two subscribers in the wrong order", slices.Concat(subscribers[:6], subscribers[10:14], subscribers[6:10], subscribers[14:]), "7 HL01 2000C IK403 I12"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			if got := found(t, tt.in); got != tt.want {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}
