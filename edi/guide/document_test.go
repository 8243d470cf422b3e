package guide_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A document is the segments of a transaction set without SE.
type document []string

// The smallest documents of their guides; tests change them in one place.
var (
	payment = document{
		"ST*835*0001", "BPR*I*80*C*CHK************20260105", "TRN*1*CHK1*1234567890", "DTM*405*20260105",
		"N1*PR*PAYER", "N3*1 MAIN ST", "N4*ANYTOWN*NY*10001", "PER*BL*HELP*TE*8005550100",
		"N1*PE*CLINIC*XX*2990000012", "REF*TJ*001110001",
		"LX*1", "CLP*A1*1*100*80*20*MC*P1", "NM1*QC*1*DOE*JANE", "DTM*050*20260103",
		"SVC*HC:99213*60*40", "DTM*472*20260102", "CAS*PR*1*20", "REF*6R*1",
		"SVC*HC:99214*40*40", "DTM*472*20260102",
	}
	answer = document{
		"ST*271*0001*005010X279A1", "BHT*0022*11*R1*20260105*1200",
		"HL*1**20*1", "NM1*PR*2*PAYER*****PI*77",
		"HL*2*1*21*1", "NM1*1P*2*CLINIC*****XX*2990000012",
		"HL*3*2*22*0", "TRN*2*T1*9CLINIC001", "NM1*IL*1*DOE*JANE****MI*M1", "DMG*D8*19800101*F", "DTP*291*RD8*20260101-20261231",
		"EB*1**30", "EB*A**98*****.2", "LS*2120", "NM1*P3*1*ROE*RICHARD", "LE*2120",
	}
	inquiry = document{
		"ST*270*0001*005010X279A1", "BHT*0022*13*R1*20260105*1200",
		"HL*1**20*1", "NM1*PR*2*PAYER*****PI*77",
		"HL*2*1*21*1", "NM1*1P*2*CLINIC*****XX*2990000012",
		"HL*3*2*22*0", "TRN*1*T1*9CLINIC001", "NM1*IL*1*DOE*JANE****MI*M1", "DMG*D8*19800101*F", "DTP*291*D8*20260105", "EQ*30",
	}
	decision = document{
		"ST*278*0001*005010X217", "BHT*0007*11*R1*20260105*1200*18",
		"HL*1**20*1", "NM1*X3*2*PLAN*****PI*77",
		"HL*2*1*21*1", "NM1*1P*2*CLINIC*****XX*2990000012",
		"HL*3*2*22*1", "NM1*IL*1*DOE*JANE****MI*M1",
		"HL*4*3*EV*1", "TRN*1*T1*9CLINIC001", "UM*HS*I*3", "HCR*A1*AUTH1", "HI*ABK:M545",
		"HL*5*4*SS*0", "UM*HS*I", "HCR*A1*AUTH2", "SV1*HC:97110*100*UN*6",
	}
)

// without returns the document without its segment i; ST is 1.
func (d document) without(i int) document { return slices.Delete(slices.Clone(d), i-1, i) }

// with returns the document with segment i replaced; ST is 1.
func (d document) with(i int, segment string) document {
	c := slices.Clone(d)
	c[i-1] = segment
	return c
}

// plus returns the document with a segment inserted before segment i.
func (d document) plus(i int, segments ...string) document {
	return slices.Insert(slices.Clone(d), i-1, segments...)
}

// file puts the document into an interchange.
func (d document) file() string {
	st := strings.Split(d[0], "*")
	group := map[string]string{"835": "HP*005010X221A1", "270": "HS*005010X279A1", "271": "HB*005010X279A1", "278": "HI*005010X217", "277": "HN*005010X214"}[st[1]]
	functional, version, _ := strings.Cut(group, "*")
	return "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*^*00501*000000001*0*T*:~" +
		"GS*" + functional + "*AA*BB*20260105*1200*1*X*" + version + "~" +
		strings.Join(d, "~") + fmt.Sprintf("~SE*%d*%s~GE*1*1~IEA*1*000000001~", len(d)+1, st[2])
}

// check validates a file and returns its findings in short: "12 CLP06 2100 IK403 7".
func check(t *testing.T, file string) (findings []string, verdicts []guide.Verdict) {
	t.Helper()
	r := edi.NewReader(strings.NewReader(file))
	c := guide.NewChecker(func(f edi.Finding) { findings = append(findings, short(f)) })
	c.Set = func(res guide.Result) { verdicts = append(verdicts, res.Verdict) }
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	if sc.Err() != nil {
		t.Fatal(sc.Err())
	}
	return findings, verdicts
}

func short(f edi.Finding) string {
	at := f.Segment
	if f.Element > 0 {
		at += fmt.Sprintf("%02d", f.Element)
	}
	if f.Component > 0 {
		at += fmt.Sprintf("-%d", f.Component)
	}
	if f.Repetition > 0 {
		at += fmt.Sprintf("^%d", f.Repetition)
	}
	if f.Severity != edi.Error {
		at += " " + f.Severity.String()
	}
	return strings.TrimSpace(strings.Join(strings.Fields(fmt.Sprintf("%d %s %s %s %s", f.Pos.Segment, at, f.Loop, f.Code.Kind, f.Code.Value)), " "))
}

func splitWords(s string) []string { return strings.Fields(s) }
