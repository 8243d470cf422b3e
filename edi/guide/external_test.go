package guide_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

func TestOutsideCodes(t *testing.T) {
	t.Parallel()
	coded := func(n int, from, to string) document {
		return payment.with(n, strings.Replace(payment[n-1], from, to, 1))
	}
	diagnosis := func(hi string) document { return request.with(13, hi) }
	for _, tt := range []struct {
		rule string
		in   document
		want []string
	}{
		{"an adjustment reason of no list", coded(17, "PR*1*", "PR*ZZ9*"), []string{"17 CAS02 warning 2110 code.unknown"}},
		{"an adjustment reason that was stopped", coded(17, "PR*1*", "PR*17*"), []string{"17 CAS02 warning 2110 code.inactive"}},
		{"the same in a reversal", coded(17, "PR*1*", "PR*17*").with(12, "CLP*A1*22*100*80*20*MC*P1"), nil},
		{"the second reason of a segment", coded(17, "PR*1*20", "PR*1*10**ZZ9*10"), []string{"17 CAS05 warning 2110 code.unknown"}},
		{
			"an adjustment reason before it began", payment.with(2, "BPR*I*80*C*CHK************19940105").with(4, "DTM*405*19940105"),
			[]string{"17 CAS02 warning 2110 code.inactive"},
		},
		{"a remark", payment.plus(19, "LQ*HE*N130"), nil},
		{"a remark of no list", payment.plus(19, "LQ*HE*N99999"), []string{"19 LQ02 warning 2110 code.unknown"}},
		{"a remark of a claim of no list", payment.plus(14, "MOA***N99999"), []string{"14 MOA03 warning 2100 code.unknown"}},
		{"a pharmacy reject", payment.plus(19, "LQ*RX*75"), nil},
		{"a state of no list", coded(7, "*NY*", "*QQ*"), []string{"7 N402 warning 1000A code.unknown"}},
		{"a province of Canada", coded(7, "*NY*10001", "*ON*K1A0B1*CA"), nil},
		{"a ZIP code of four digits", coded(7, "10001", "1000"), []string{"7 N403 warning 1000A code.format"}},
		{"a ZIP code with hyphen", coded(7, "10001", "10001-1234"), []string{"7 N403 warning 1000A code.format"}},
		{"a ZIP code of nine digits", coded(7, "10001", "100011234"), nil},
		{"a country of no list", coded(7, "*NY*10001", "**10001*XK"), []string{"7 N404 warning 1000A code.unknown"}},
		{"a currency", payment.plus(4, "CUR*PR*CAD"), nil},
		{"a currency of no list", payment.plus(4, "CUR*PR*QQQ"), []string{"4 CUR02 warning code.unknown"}},
		{"a currency that was stopped", payment.plus(4, "CUR*PR*HRK"), []string{"4 CUR02 warning code.inactive"}},
		{"an NPI with a wrong check digit", coded(9, "2990000012", "2990000013"), []string{"9 N104 warning 1000B npi.check_digit"}},
		{"an NPI of nine digits", coded(9, "2990000012", "299000001"), []string{"9 N104 warning 1000B code.format"}},
		{"a tax number", payment.with(9, "N1*PE*CLINIC*FI*001110001"), nil},
		{"a tax number with hyphen", coded(10, "001110001", "00-1110001"), []string{"10 REF02 warning 1000B code.format"}},
		{"a procedure", coded(15, "99213", "J1100"), nil},
		{"no procedure", coded(15, "99213", "9921"), []string{"15 SVC01-2 warning 2110 code.format"}},
		{"letters only", coded(15, "99213", "ABCDE"), []string{"15 SVC01-2 warning 2110 code.format"}},
		{"a procedure that both agree on", coded(15, "HC:99213", "ZZ:ANYTHING"), nil},
		{"a modifier", coded(15, "99213", "99213:25"), nil},
		{"no modifier", coded(15, "99213", "99213:2#"), []string{"15 SVC01-3 warning 2110 code.format"}},
		{"a drug", coded(15, "HC:99213", "N4:00002751001"), nil},
		{"a drug of ten digits", coded(15, "HC:99213", "N4:0002751001"), []string{"15 SVC01-2 warning 2110 code.format"}},
		{"a dental procedure", coded(15, "HC:99213", "AD:D0120"), nil},
		{"no dental procedure", coded(15, "HC:99213", "AD:0120"), []string{"15 SVC01-2 warning 2110 code.format"}},
		{"a revenue code", coded(15, "HC:99213", "NU:0450"), nil},
		{"a revenue code of no group", coded(15, "HC:99213", "NU:0005"), []string{"15 SVC01-2 warning 2110 code.unknown"}},
		{"no revenue code", coded(15, "*60*40", "*60*40*4A"), []string{"15 SVC04 warning 2110 code.format"}},
		{"a place of service", coded(12, "MC*P1", "MC*P1*11"), nil},
		{"a type of bill", coded(12, "MC*P1", "MC*P1*13"), nil},
		{"no place of service", coded(12, "MC*P1", "MC*P1*98"), []string{"12 CLP08 warning 2100 code.unknown"}},
		{"an element with a fault of its own", coded(17, "PR*1*", "PR*ZZ9999*"), nil},

		{"a status category of no list", statusAnswer.with(12, "STC*Q7:65*20260104**300"), []string{"12 STC01-1 warning 2200D code.unknown"}},
		{"a status of no list", statusAnswer.with(12, "STC*F1:99999*20260104**300"), []string{"12 STC01-2 warning 2200D code.unknown"}},
		{"the second status", statusAnswer.with(12, "STC*F1:65*20260104**300******F1:99999"), []string{"12 STC10-2 warning 2200D code.unknown"}},
		{"a pharmacy status", statusAnswer.with(12, "STC*F2:88888::RX*20260104**300"), nil},
		{"no diagnosis", diagnosis("HI*ABK:M54.5"), []string{"13 HI01-2 warning 2000E code.format"}},
		{"the second diagnosis", diagnosis("HI*ABK:M545*ABF:545"), []string{"13 HI02-2 warning 2000E code.format"}},
		{"a diagnosis of the time before", diagnosis("HI*BK:7242*BF:V1234"), nil},
		{"a place of service in a request", request.with(12, "UM*HS*I*3*11:B"), nil},
		{"no place of service in a request", request.with(12, "UM*HS*I*3*98:B"), []string{"12 UM04-1 warning 2000E code.unknown"}},
		{"a type of bill in a request", request.with(12, "UM*HS*I*3*13:A"), nil},
		{"no type of bill in a request", request.with(12, "UM*HS*I*3*99:A"), []string{"12 UM04-1 warning 2000E code.format"}},
		{"an accident in a state", request.with(12, "UM*HS*I*3*11:B*AA:::NY"), nil},
		{"an accident in no state", request.with(12, "UM*HS*I*3*11:B*AA:::QQ"), []string{"12 UM05-4 warning 2000E code.unknown"}},
		{"an accident in a province of Canada", request.with(12, "UM*HS*I*3*11:B*AA:::ON:CA"), nil},
		{"performance measurement", coded(15, "99213", "0001F"), nil},
		{"a new technology", coded(15, "99213", "0071T"), nil},
		{"a laboratory analysis", coded(15, "99213", "0001U"), nil},
		{"an administrative analysis", coded(15, "99213", "0002M"), nil},
		{"a decision reason of no list", decision.with(16, "HCR*A3**0V^QQQ"), []string{"16 HCR03^2 warning 2000F code.unknown"}},
		{"a taxonomy of no group", answer.plus(7, "PRV*BI*PXC*QQ7Q00000X"), []string{"7 PRV03 warning 2100B code.unknown"}},
		{"a taxonomy", answer.plus(7, "PRV*BI*PXC*207Q00000X"), nil},
		{"no taxonomy", answer.plus(7, "PRV*BI*PXC*207Q00000"), []string{"7 PRV03 warning 2100B code.format"}},
	} {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			if got := rulesOnly(t, tt.in.inGroup(), 5); !slices.Equal(got, tt.want) {
				t.Errorf("findings %q, want %q", got, tt.want)
			}
		})
	}
}

// TestLoadedListDecides: what an operator loads is seen from the next set on. Not parallel, because lists are shared by all.
func TestLoadedListDecides(t *testing.T) {
	in := payment.file()
	r := edi.NewReader(strings.NewReader(in + in))
	var got []string
	c := guide.NewChecker(func(f edi.Finding) {
		if f.SNIP == 5 {
			got = append(got, short(f))
		}
	})
	r.Report = c.Report
	defer func() {
		if err := codes.Restore(codes.HCPCS); err != nil {
			t.Error(err)
		}
	}()
	sc := guide.NewScanner(r)
	for sc.Next() {
		if sc.Segment().Is("IEA") {
			if err := codes.Replace(codes.HCPCS, strings.NewReader("code,short,start,stop\n99213,visit,,\n99214,visit,2000-01-01,2025-12-31\n")); err != nil {
				t.Fatal(err)
			}
		}
		c.Segment(sc)
	}
	c.End()
	if want := []string{"19 SVC01-2 warning 2110 code.inactive"}; !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q, in the second set only", got, want)
	}
}

func TestOutsideCodesDoNotAllocate(t *testing.T) {
	r := edi.NewReader(strings.NewReader(payment.file()))
	sc := guide.NewScanner(r)
	var segments []edi.Segment
	var steps []guide.Step
	for sc.Next() {
		if g := sc.Guide(); g != nil {
			segments, steps = append(segments, sc.Segment().Clone()), append(steps, sc.Step())
		}
	}
	v := guide.NewValidator(guide.Lookup("835"), func(edi.Finding) {})
	v.Levels = guide.NewLevels(4, 5)
	check := func() {
		v.Begin(edi.Control{})
		for i, s := range segments {
			v.Segment(s, steps[i])
		}
		v.End()
	}
	check()
	if n := testing.AllocsPerRun(20, check); n != 0 {
		t.Errorf("%v allocations per set, want 0", n)
	}
}
