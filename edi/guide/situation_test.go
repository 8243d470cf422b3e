package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

var (
	statusAnswer = document{
		"ST*277*0001*005010X212", "BHT*0010*08*R1*20260105*1200*DG",
		"HL*1**20*1", "NM1*PR*2*PAYER*****PI*77777",
		"HL*2*1*21*1", "NM1*41*2*CLINIC*****46*C1",
		"HL*3*2*19*1", "NM1*1P*2*CLINIC*****XX*2990000012",
		"HL*4*3*22*0", "NM1*IL*1*DOE*JANE****MI*M1",
		"TRN*2*T1", "STC*F1:65*20260104**300*215*20260103**20260105*EFT1", "REF*1K*P1", "DTP*472*D8*20251230",
	}
	claimAcknowledgment = document{
		"ST*277*0001*005010X214", "BHT*0085*08*R1*20260105*1200*TH",
		"HL*1**20*1", "NM1*PR*2*PAYER*****PI*77777", "TRN*1*R1", "DTP*050*D8*20260105", "DTP*009*D8*20260105",
		"HL*2*1*21*1", "NM1*41*2*CLINIC*****46*C1", "TRN*2*B1", "STC*A1:19:PR*20260105*WQ*300",
		"HL*3*2*19*1", "NM1*85*2*CLINIC*****XX*2990000012",
		"HL*4*3*PT", "NM1*QC*1*DOE*JANE****MI*M1", "TRN*2*A1", "STC*A2:20:PR*20260105*WQ*300", "DTP*472*D8*20251230",
	}
	acknowledgment = document{
		"ST*999*0001*005010X231A1", "AK1*HS*1*005010X279A1", "AK2*270*0001*005010X279A1",
		"IK3*NM1*8*2100C*8", "IK4*9*67*1", "IK3*EQ*12*2110C*3", "IK5*R*I5", "AK9*R*1*1*0",
	}
	request = document{
		"ST*278*0001*005010X217", "BHT*0007*13*R1*20260105*1200",
		"HL*1**20*1", "NM1*X3*2*PLAN*****PI*77777",
		"HL*2*1*21*1", "NM1*1P*2*CLINIC*****XX*2990000012",
		"HL*3*2*22*1", "NM1*IL*1*DOE*JANE****MI*M1", "DMG*D8*19800101*F",
		"HL*4*3*EV*1", "TRN*1*T1*9CLINIC001", "UM*HS*I*3", "HI*ABK:M545",
		"HL*5*4*SS*0", "UM*HS*I", "SV1*HC:97110*100*UN*6",
	}
)

// inGroup is file, for a 277 of either guide and a 999.
func (d document) inGroup() string {
	if strings.HasPrefix(d[0], "ST*999*") {
		return strings.NewReplacer("~GS**", "~GS*FA*", "*X*~", "*X*005010X231A1~").Replace(d.file())
	}
	if st := strings.Split(d[0], "*"); len(st) > 3 {
		return strings.ReplaceAll(d.file(), "*X*005010X214~", "*X*"+st[3]+"~")
	}
	return d.file()
}

// Each rule is broken by a case, and kept by another that is nearly the same.
func TestSituations(t *testing.T) {
	t.Parallel()
	paid := payment.with(2, "BPR*I*80*C*ACH*CCP*01*999999992*DA*123*1234567890**01*999999992*DA*456*20260105")
	for _, tt := range []struct {
		rule string
		in   document
		want []string
	}{
		{"835 as it is", payment, nil},
		{"835 by ACH", paid, nil},
		{"payment method NON with an amount", payment.with(2, "BPR*I*80*C*NON************20260105"), []string{"2 BPR02 situation.nothing_paid"}},
		{"notice with an amount", payment.with(2, "BPR*H*80*C*NON************20260105"), []string{"2 BPR02 situation.nothing_paid"}},
		{"notice without amount, by check", payment.with(2, "BPR*H*0*C*CHK************20260105"), []string{"2 BPR04 warning situation.notice_method"}},
		{"notice without amount", payment.with(2, "BPR*H*0*C*NON************20260105"), nil},
		{"ACH without details", payment.with(2, "BPR*I*80*C*ACH************20260105"), []string{"2 BPR05 IK403 I9"}},
		{"ACH without the payer's identifier", payment.with(2, "BPR*I*80*C*ACH*CCP*01*999999992*DA*123***01*999999992*DA*456*20260105"), []string{"2 BPR10 IK403 I9"}},
		{"a check with the format of ACH", payment.with(2, "BPR*I*80*C*CHK*CCP***********20260105"), []string{"2 BPR05 warning IK403 I13"}},
		{"TRN03 is not BPR10", payment.with(2, "BPR*I*80*C*CHK******1234567899******20260105"), []string{"3 TRN03 warning situation.originator"}},
		{"TRN03 is BPR10", payment.with(2, "BPR*I*80*C*CHK******1234567890******20260105"), nil},
		{"TS2 without TS3", payment.plus(12, "TS2*1"), []string{"12 TS3 warning 2000 IK304 I6"}},
		{"TS2 with TS3", payment.plus(12, "TS3*P1*11*20261231*1*100", "TS2*1"), nil},
		{"MIA and MOA", payment.plus(14, "MIA*1", "MOA**10"), []string{"15 MOA warning 2100 IK304 I9"}},
		{"MIA alone", payment.plus(14, "MIA*1"), nil},
		{"forwarded, not said to whom", payment.with(12, "CLP*A1*19*100*80*20*MC*P1"), []string{"14 NM1 warning 2100 IK304 I6"}},
		{"forwarded", payment.with(12, "CLP*A1*19*100*80*20*MC*P1").plus(14, "NM1*TT*2*OTHER*****PI*O1"), nil},
		{"said to whom, not forwarded", payment.plus(14, "NM1*TT*2*OTHER*****PI*O1"), []string{"14 NM1 warning 2100 IK304 I9"}},
		{"another subscriber without payer", payment.plus(14, "NM1*GB*1*ROE*RICHARD****MI*M2"), []string{"14 NM1 warning 2100 IK304 I6"}},
		{"another subscriber with payer", payment.plus(14, "NM1*PR*2*OTHER*****PI*O1", "NM1*GB*1*ROE*RICHARD****MI*M2"), nil},
		{"a claim status of no list", payment.with(12, "CLP*A1*99*100*80*20*MC*P1").plus(14, "NM1*TT*2*OTHER*****PI*O1"), nil},
		{"a stray segment may be the one that is missing", payment.with(12, "CLP*A1*19*100*80*20*MC*P1").plus(14, "NX1*TT*2*OTHER*****PI*O1"), nil},

		{"270 as it is", inquiry, nil},
		{"270 about nothing", inquiry[:11], []string{"12 EQ warning 2110C IK304 I6"}},
		{"270 about a dependent", append(inquiry.with(7, "HL*3*2*22*1")[:11:11], "HL*4*3*23*0", "NM1*03*1*DOE*JIM", "EQ*30"), nil},
		{"270 about a dependent, said to have none", append(inquiry[:11:11], "HL*4*3*23*0", "NM1*03*1*DOE*JIM", "EQ*30"), nil},
		{"270 about service type and procedure", inquiry.with(12, "EQ*30*HC:99213"), []string{"12 EQ02 warning 2110C IK403 I13"}},
		{"270 about a procedure", inquiry.with(12, "EQ**HC:99213"), nil},
		{"271 as it is", answer, nil},
		{"271 without answer", answer[:11], []string{"12 EB warning 2110C IK304 I6"}},
		{"271 without answer, with a reason", answer[:11].plus(10, "AAA*N**75*C"), nil},
		{"271 below a rejected source", answer.plus(4, "AAA*Y**42*P"), []string{"6 HL warning 2000B IK304 I9"}},
		{"271 about service type and procedure", answer.with(12, "EB*1**30**********HC:99213"), []string{"12 EB13 warning 2110C IK403 I13"}},
		{"co-insurance without percentage", answer.with(13, "EB*A**98"), []string{"13 EB08 warning 2110C IK403 I9"}},
		{"co-payment without amount", answer.with(13, "EB*B**98"), []string{"13 EB07 warning 2110C IK403 I9"}},
		{"co-payment", answer.with(13, "EB*B**98****20"), nil},

		{"277 as it is", statusAnswer, nil},
		{"277 pending with a payment", statusAnswer.with(12, "STC*P1:20*20260104**300*215"), []string{"12 STC05 warning 2200D IK403 I13"}},
		{"277 pending", statusAnswer.with(12, "STC*P1:20*20260104**300"), nil},
		{"277 finalized said of a provider", statusAnswer.plus(9, "TRN*1*0", "STC*F1:65*20260104"), []string{"10 STC01-1 warning 2200C situation.provider_status"}},
		{"277 error said of a provider", statusAnswer.plus(9, "TRN*1*0", "STC*E0:24:1P*20260104"), nil},
		{"277 without the entity that the status asks for", statusAnswer.with(12, "STC*F2:88*20260104**300"), []string{"12 STC01-3 warning 2200D IK403 I9"}},
		{"277 with the entity", statusAnswer.with(12, "STC*F2:88:QC*20260104**300"), nil},
		{"277 of a pharmacy", statusAnswer.with(12, "STC*F2:88::RX*20260104**300"), nil},
		{"277CA as it is", claimAcknowledgment, nil},
		{"accepted, said to be rejected", claimAcknowledgment.with(17, "STC*A2:20:PR*20260105*U*300"), []string{"17 STC03 warning 2200D situation.accepted_claim"}},
		{"rejected, said to be accepted", claimAcknowledgment.with(17, "STC*A3:21:PR*20260105*WQ*300"), []string{"17 STC03 warning 2200D situation.rejected_claim"}},
		{"rejected", claimAcknowledgment.with(17, "STC*A3:21:PR*20260105*U*300"), nil},

		{"999 as it is", acknowledgment, nil},
		{"elements are wrong, not said which", acknowledgment.without(5), []string{"5 IK4 warning 2110 IK304 I6"}},
		{"an element of a segment that is missing", acknowledgment.plus(7, "IK4*1*1365*1"), []string{"7 IK4 warning 2110 IK304 I9"}},
		{"a rejection without reason", acknowledgment.with(7, "IK5*R"), []string{"7 IK502 warning 2000 IK403 I9"}},
		{"278 request as it is", request, nil},
		{"reservation without its kind", request.with(2, "BHT*0007*36*R1*20260105*1200"), []string{"2 BHT06 warning IK403 I9"}},
		{"reservation", request.with(2, "BHT*0007*36*R1*20260105*1200*RU"), nil},
		{"an extension without number", request.with(12, "UM*HS*4*3"), []string{"13 REF warning 2000E IK304 I6"}},
		{"an extension", request.with(12, "UM*HS*4*3").plus(13, "REF*BB*N1"), nil},
		{"a reconsideration", request.with(12, "UM*HS*N*3").plus(13, "REF*NT*N1"), nil},
		{"specialty care for a service only", request.with(15, "UM*SC*I"), []string{"15 UM01 2000F situation.specialty_care"}},
		{"specialty care", request.with(15, "UM*SC*I").with(12, "UM*SC*I*3"), nil},
		{"278 response as it is", decision, nil},
		{"278 without decision", decision.without(12).without(15), []string{"12 HCR warning 2000E IK304 I6"}},
		{"278 with a decision about the service only", decision.without(12), nil},
		{"278 with a reason", decision.without(12).without(15).plus(11, "AAA*N**33*C"), nil},
		{"certified without number", decision.with(16, "HCR*A1"), []string{"16 HCR02 warning 2000F IK403 I9"}},
		{"not certified", decision.with(16, "HCR*A3"), nil},
		{"278 below a rejected requester", decision.plus(7, "AAA*N**43*C"), []string{"8 HL 2000C IK304 I9"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			if got := rulesOnly(t, tt.in.inGroup(), 4); !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// rulesOnly returns the findings of one SNIP type in short.
func rulesOnly(t *testing.T, file string, snip int) []string {
	t.Helper()
	var got []string
	for _, f := range everyFinding(t, file) {
		if f.SNIP == snip {
			got = append(got, short(f))
		}
	}
	return got
}

func everyFinding(t *testing.T, file string) []edi.Finding {
	t.Helper()
	var all []edi.Finding
	r := edi.NewReader(strings.NewReader(file))
	c := guide.NewChecker(func(f edi.Finding) { all = append(all, f) })
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	return all
}

// TestTrigger: a finding of a rule says what made the rule apply.
func TestTrigger(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rule string
		in   document
		want edi.Place
	}{
		{"in the same segment", payment.with(2, "BPR*I*80*C*ACH************20260105"), edi.Place{Segment: "BPR", Position: 2, Element: 4}},
		{"in a segment before", payment.plus(14, "NM1*TT*2*OTHER*****PI*O1"), edi.Place{Segment: "CLP", Position: 12, Loop: "2100", Element: 2}},
		{"a segment", payment.plus(14, "MIA*1", "MOA**10"), edi.Place{Segment: "MIA", Position: 14, Loop: "2100"}},
		{"in another loop", request.with(15, "UM*SC*I"), edi.Place{Segment: "UM", Position: 12, Loop: "2000E", Element: 1}},
		{"none", decision.without(12).without(15), edi.Place{}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			seen := 0
			for _, f := range everyFinding(t, tt.in.inGroup()) {
				if f.SNIP != 4 {
					continue
				}
				if seen++; f.Trigger != tt.want {
					t.Errorf("trigger %+v, want %+v", f.Trigger, tt.want)
				}
			}
			if seen != 1 {
				t.Errorf("%d findings, want 1", seen)
			}
		})
	}
}

func TestLevels(t *testing.T) {
	t.Parallel()
	// A code of no list (2), a line that does not balance (3), ACH without details (4), a reason of no list (5).
	in := payment.with(2, "BPR*I*80*C*ACH************20260105").with(12, "CLP*A1*1*100*80*20*QQ*P1").with(15, "SVC*HC:99213*60*39").
		with(17, "CAS*PR*ZZZ*20").file()
	for _, tt := range []struct {
		levels guide.Levels
		want   []int
	}{
		{0, []int{2, 3, 4, 5}},
		{guide.NewLevels(1, 2, 3), []int{2, 3}},
		{guide.NewLevels(4), []int{4}},
		{guide.NewLevels(5, 7), []int{5}},
		{guide.NewLevels(6), nil},
	} {
		var got []int
		r := edi.NewReader(strings.NewReader(in))
		c := guide.NewChecker(func(f edi.Finding) { got = append(got, f.SNIP) })
		c.Levels = tt.levels
		r.Report = c.Report
		sc := guide.NewScanner(r)
		for sc.Next() {
			c.Segment(sc)
		}
		c.End()
		slices.Sort(got)
		if got = slices.Compact(got); !slices.Equal(got, tt.want) {
			t.Errorf("levels %b: findings of SNIP types %v, want %v", tt.levels, got, tt.want)
		}
	}
}

// TestRulesAreRefused: a definition whose rule can't work does not load.
func TestRulesAreRefused(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ rule, line string }{
		{"no severity", "rule x often  needs MOA  because y"},
		{"no reason", "rule x error  needs MOA"},
		{"no demand", "rule x error  because y"},
		{"unknown demand", "rule x error  wants MOA  because y"},
		{"unknown segment", "rule x error  needs ZZZ  because y"},
		{"unknown loop", "rule x error  needs 9999/MOA  because y"},
		{"an element beyond the last", "rule x error  needs CLP44  because y"},
		{"and with or", "rule x error  if MIA and CLP01 or CLP03  forbids MOA  because y"},
		{"a code that can't be", "rule x error  if CLP02 = Q  forbids MOA  because y"},
		{"not a number", "rule x error  if CLP04 = Q  forbids MOA  because y"},
		{"more than, of codes", "rule x error  if CLP02 > 1  forbids MOA  because y"},
		{"segments and elements", "rule x error  forbids MOA CLP03  because y"},
		{"elements of two segments", "rule x error  needs MOA01 CLP03  because y"},
		{"nothing to compare", "rule x error  then CLP03  because y"},
		{"a name twice", "rule forwarded error  needs MOA  because y"},
	} {
		if err := guide.LoadWith("835", "loop 2100 ", "    "+tt.line); err == nil {
			t.Errorf("%s: %q was taken", tt.rule, tt.line)
		}
	}
	if err := guide.LoadWith("835", "loop 2100 ", "    rule x error  if MIA  needs MOA  because y"); err != nil {
		t.Errorf("a good rule was refused: %v", err)
	}
}
