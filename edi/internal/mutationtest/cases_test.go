package mutationtest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/mutate"
)

// A mutation is a document, one change of it as [mutate.Document.Apply] reads it, and the one finding that must follow, as short
// writes it. Where the change is about the syntax notes, note tells which kind.
type mutation struct {
	document, change, want, note string
}

// segmentMutations are about whole segments: IK304.
var segmentMutations = []mutation{
	{"835", "insert ZZZ*1 after CLP", "26 ZZZ 2100 IK304 1", ""},
	{"271", "insert 9X*1 after EB", "29 ? 2110C IK304 1", ""},
	{"835", "insert RDM*BM after NM1*QC", "28 RDM 2100 IK304 2", ""},
	{"270", "insert AMT*R*5 after HL*1", "4 AMT 2000A IK304 2", ""},
	{"835", "delete TRN", "3 TRN - IK304 3", ""},
	{"835", "delete NM1*QC/2", "62 NM1 2100 IK304 3", ""},
	{"835", "delete N1*PE", "16 N1 1000B IK304 3", ""},
	{"835", "delete CLP", "25 CLP 2100 IK304 3", ""},
	{"276", "delete DTP*472/2", "25 DTP 2210D IK304 3", ""},
	{"277", "delete STC/3", "24 STC 2220D IK304 3", ""},
	{"278-request", "delete UM", "28 UM 2000E IK304 3", ""},
	{"270", "delete HL*2", "5 HL 2000B IK304 3", ""},
	{"999", "delete IK5", "10 IK5 2000 IK304 3", ""},
	{"835", "duplicate N1*PR", "9 N1 1000A IK304 4", ""},
	{"277CA", "duplicate TRN*1", "6 TRN 2200A IK304 4", ""},
	{"835", "duplicate NM1*QC", "28 NM1 2100 IK304 5", ""},
	{"835", "duplicate MIA", "33 MIA 2100 IK304 5", ""},
	{"271", "duplicate DMG", "23 DMG 2100C IK304 5", ""},
	{"835", "insert CLM*A*1 after CLP", "26 CLM 2100 IK304 6", ""},
	{"276", "insert EB*1 after TRN", "14 EB 2200D IK304 6", ""},
	{"999", "insert AK3*NM1*8 after AK2", "4 AK3 2000 IK304 6", ""},
	{"835", "swap N3 N4", "10 N3 1000A IK304 7", ""},
	{"835", "swap DTM*472 CAS*CO/3", "58 DTM 2110 IK304 7", ""},
	{"271", "swap HSD REF*G1", "30 HSD 2110C IK304 7", ""},
	{"278-request", "swap UM REF*NT", "29 UM 2000E IK304 7", ""},
	{"835", "insert N2*EAST BRANCH after N1*PR", "9 N2 1000A IK304 I4", ""},
	{"270", "insert PER*IC*DESK*TE*8005550100 after N4", "11 PER 2100B IK304 I4", ""},
	{"271", "delete LS", "34 LS 2110C IK304 I6", ""},
	{"271", "delete LE", "41 LE 2110C IK304 I6", ""},
	{"271", "insert LS*2120 after MSG/2", "48 LS 2110C IK304 I9", ""},
}

// elementMutations are about elements, their repetitions and components: IK403.
var elementMutations = []mutation{
	{"835", "clear CLP 7", "25 CLP07 2100 IK403 1", ""},
	{"835", "clear SVC 1-2", "43 SVC01-2 2110 IK403 1", ""},
	{"270", "clear BHT 4", "2 BHT04 - IK403 1", ""},
	{"835", "clear PER*CX 3", "13 PER03 1000A IK403 2", "P"},
	{"276", "set DMG 10 1", "11 DMG10 2000D IK403 I10", ""},
	{"270", "clear EQ 1", "25 EQ01 2110C IK403 2", "R"},
	{"278-request", "clear SV2 1; clear SV2 2", "83 SV201 2000F IK403 2", "R"},
	{"271", "clear HSD 5", "29 HSD05 2110C IK403 2", "C"},
	{"278-response", "clear CR6 4", "40 CR604 2000E IK403 2", "P"},
	{"835", "set CAS*PR 5 2", "47 CAS06 2110 IK403 2", "L"},
	{"835", "set N4 4 CA; set N4 7 ON", "10 N407 1000A IK403 10", "E"},
	{"278-request", "clear HI 1-4", "34 HI01-4 2000E IK403 2", "P"},
	{"835", "set AMT*AU 4 X", "40 AMT04 2100 IK403 3", ""},
	{"835", "set TRN 3 151234567", "3 TRN03 - IK403 4", ""},
	{"835", "set SVC 1-3 2", "43 SVC01-3 2110 IK403 4", ""},
	{"835", "set TRN 3 15123456780", "3 TRN03 - IK403 5", ""},
	{"835", "set AMT*AU 2 23512345678", "40 AMT02 2100 IK403 5", ""},
	{"271", `set NM1*IL 3 DO\x01E`, "16 NM103 2100C IK403 6", ""},
	{"835", "set AMT*AU 2 23.5.1", "40 AMT02 2100 IK403 6", ""},
	{"835", "set QTY*CA 2 THREE", "42 QTY02 2100 IK403 6", ""},
	{"835", "set CLP 6 QQ", "25 CLP06 2100 IK403 7", ""},
	{"271", "set EB 3^3 ?", "28 EB03^3 2110C IK403 7", ""},
	{"835", "repeat ST SE; set ST/2 2 1002; set SE/2 2 1002; set CLP/5 6 QQ", "25 CLP06 2100 IK403 7", ""},
	{"835", "set NM1*QC 1 ??", "27 NM101 2100 IK403 7", ""},
	{"835", "set SVC 1-1 ??", "43 SVC01-1 2110 IK403 7", ""},
	{"835", "set DTM*232 2 20260230", "36 DTM02 2100 IK403 8", ""},
	{"271", "set DTP*291 3 20260101-20251231", "26 DTP03 2100C IK403 8", ""},
	{"270", "set DMG 2 19801301", "21 DMG02 2100C IK403 8", ""},
	{"270", "set BHT 5 2460", "2 BHT05 - IK403 9", ""},
	{"835", "set CLP 1 A^B", "25 CLP01^2 2100 IK403 12", ""},
	{"278-response", "set HCR*A6 3 01^02^03^04^05^06", "59 HCR03^6 2000F IK403 12", ""},
	{"835", "set SVC 1 HC:99213:25:59:GT:95:::X", "43 SVC01-9 2110 IK403 13", ""},
	{"835", "set CLP 1 A:B", "25 CLP01-2 2100 IK403 13", ""},
	{"835", "set NM1*TT 8 MI", "31 NM108 2100 IK403 I6", ""},
	{"835", "set CAS*CO 1 CR", "26 CAS01 2100 IK403 I6", ""},
	{"271", "set EB*C 6 8", "75 EB06 2110D IK403 7", ""},
	{"835", "set NM1*QC 6 MRS", "27 NM106 2100 IK403 I10", ""},
	{"276", "set SVC 3 5", "23 SVC03 2210D IK403 I10", ""},
	{"835", "set SVC 1-7 TEXT", "43 SVC01-7 2110 IK403 I10", ""},
	{"270", "set HL*2 1 7", "5 HL01 2000B IK403 I12", ""},
	{"270", "set HL*4 2 9", "33 HL02 2000C IK403 I12", ""},
	{"270", "set HL*5 2 2", "35 HL02 2000D IK403 I12", ""},
	{"270", "set HL*4 4 0", "33 HL04 2000C IK403 I12", ""},
	{"270", "set HL*6 4 1", "50 HL04 2000C IK403 I12", ""},
}

// setMutations are about the frame of a transaction set: IK502.
var setMutations = []mutation{
	{"835", "cut SE", "81 SE - IK502 2", ""},
	{"835", "set SE 2 1002", "81 SE02 - IK502 3", ""},
	{"835", "set SE 1 83", "81 SE01 - IK502 4", ""},
	{"835", "set SE 1 X", "81 SE01 - IK502 4", ""},
	{"835", "set ST 1 8?5", "1 ST01 - IK502 6", ""},
	{"835", "clear ST 1", "1 ST01 - IK502 6", ""},
	{"835", "set ST 2 101; set SE 2 101", "1 ST02 - IK502 7", ""},
	{"835", "clear ST 2", "1 ST02 - IK502 7", ""},
	{"835", "set GS 1 HB", "1 ST01 - IK502 18", ""},
	{"270", "set ST 3 005010X212", "1 ST03 - IK502 19", ""},
	{"835", "repeat ST SE", "1 ST02 - IK502 23", ""},
}

// groupMutations are about the frame of a functional group: AK905.
var groupMutations = []mutation{
	{"835", "set GS 1 ??", "0 GS01 - AK905 1", ""},
	{"835", "set GS 8 ?", "0 GS08 - AK905 2", ""},
	{"835", "clear GS 8", "0 GS08 - AK905 2", ""},
	{"270", "set GS 8 005010X999", "0 GS08 - AK905 2", ""},
	{"270", "set GS 8 004010X092A1", "0 GS08 - AK905 2", ""},
	{"835", "cut GE", "0 GE - AK905 3", ""},
	{"835", "set GE 2 102", "0 GE02 - AK905 4", ""},
	{"835", "set GE 1 2", "0 GE01 - AK905 5", ""},
	{"835", "set GS 6 A", "0 GS06 - AK905 6", ""},
	{"835", "repeat GS GE", "0 GS06 - AK905 19", ""},
}

// interchangeMutations are about the frame of an interchange: TA105.
var interchangeMutations = []mutation{
	{"835", "set IEA 2 000000999", "0 IEA02 - TA105 001", ""},
	{"835", "set IEA 2 101", "0 IEA02 - TA105 001", ""},
	{"835", "set ISA 5 ??", "0 ISA05 - TA105 005", ""},
	{"835", `set ISA 6 NORTHPLAN`, "0 ISA06 - TA105 006", ""},
	{"835", "set ISA 7 ??", "0 ISA07 - TA105 007", ""},
	{"835", `set ISA 8 HARBORCLINIC`, "0 ISA08 - TA105 008", ""},
	{"835", "set ISA 1 99", "0 ISA01 - TA105 010", ""},
	{"835", "set ISA 2 X", "0 ISA02 - TA105 011", ""},
	{"835", "set ISA 3 99", "0 ISA03 - TA105 012", ""},
	{"835", "set ISA 4 X", "0 ISA04 - TA105 013", ""},
	{"835", "set ISA 9 261301", "0 ISA09 - TA105 014", ""},
	{"835", "set ISA 10 2460", "0 ISA10 - TA105 015", ""},
	{"276", "set ISA 11 U", "0 ISA11 - TA105 016", ""},
	{"835", "set ISA 12 0050?", "0 ISA12 - TA105 017", ""},
	{"835", "set ISA 13 00000A101", "0 ISA13 - TA105 018", ""},
	{"835", "set ISA 14 2", "0 ISA14 - TA105 019", ""},
	{"835", "set ISA 15 X", "0 ISA15 - TA105 020", ""},
	{"835", "set IEA 1 2", "0 IEA01 - TA105 021", ""},
	{"835", "cut GS", "0 GS - TA105 022", ""},
	{"835", "cut IEA", "0 IEA - TA105 023", ""},
	{"835", "append GS X", "0 GS09 - TA105 024", ""},
	{"835", "set GS 4 260105", "0 GS04 - TA105 024", ""},
	{"835", "set GS 7 T", "0 GS07 - TA105 024", ""},
	{"TA1", "set TA1 4 Q", "0 TA104 - TA105 024", ""},
}

// balanceMutations are about the arithmetic of an 835.
var balanceMutations = []mutation{
	{"835", "set BPR 2 396", "2 BPR02 - balance.payment", ""},
	{"835", "set PLB 4 -61", "2 BPR02 - balance.payment", ""},
	{"835", "set CLP 4 216", "25 CLP04 2100 balance.claim", ""},
	{"835", "set CLP 3 301", "25 CLP04 2100 balance.claim", ""},
	{"835", "set CAS*CO 3 21", "25 CLP04 2100 balance.claim", ""},
	{"835", "set CLP*PT0004 4 -51; set BPR 2 394", "76 CLP04 2100 balance.claim", ""},
	{"835", "set CAS*CO*22 6 41", "60 CLP04 2100 balance.claim", ""},
	{"835", "set SVC 3 146", "43 SVC03 2110 balance.line", ""},
	{"835", "set SVC 2 201", "43 SVC03 2110 balance.line", ""},
	{"835", "set CAS*PR 3 26", "43 SVC03 2110 balance.line", ""},
	{"835", "set SVC/2 2 101; set SVC/2 3 91", "25 CLP03 2100 balance.charge", ""},
	{"835", "set CLP 5 24", "warning 25 CLP05 2100 balance.patient_responsibility", ""},
	{"835", "set BPR 2 -5; set PLB 6 406", "warning 2 BPR02 - balance.negative_payment", ""},
	{"835", "set CLP*PT0004 3 80; set CLP*PT0004 4 50; set CAS*CO*45*-30 3 30; set BPR 2 495", "warning 76 CLP03 2100 balance.reversal_sign", ""},
	{"835", "set CLP*PT0003 2 25", "warning 70 CLP04 2100 balance.predetermination", ""},
	{"835", "set CAS*CO*22 8 50; set CAS*CO*22 9 0", "warning 61 CAS09 2100 balance.zero_adjustment", ""},
	{"835", "set PLB 5-1 72", "warning 80 PLB06 - balance.adjustment_sign", ""},
}

func mutations() []mutation {
	return slices.Concat(segmentMutations, elementMutations, setMutations, groupMutations, interchangeMutations, balanceMutations,
		situationMutations, valueMutations, framingMutations)
}

// TestMutations: each change yields exactly its finding, with its offset, and nothing else.
func TestMutations(t *testing.T) {
	for _, m := range mutations() {
		t.Run(m.document+" "+m.change, func(t *testing.T) {
			d := load(t, m.document)
			if err := d.Apply(m.change); err != nil {
				t.Fatal(err)
			}
			findings := validate(d.Bytes())
			var got []string
			for _, f := range findings {
				got = append(got, short(f))
			}
			if outcome := strings.Join(got, " + "); outcome != m.want {
				t.Fatalf("found %q, want %q", outcome, m.want)
			}
			checkPosition(t, d, findings[0])
		})
	}
}

// checkPosition compares what short leaves out: offset, line, control numbers, ordinals, SNIP, and that a sentence is there.
func checkPosition(t *testing.T, d *mutate.Document, f edi.Finding) {
	t.Helper()
	i := segmentOf(d, f)
	if i < 0 || f.Code.Kind == "envelope.empty_segment" {
		return // at the end of the file, or where no segment is
	}
	if p := d.Place(i); f.Pos.Offset != p.Offset || f.Pos.Line != i+1 {
		t.Errorf("the finding is at byte %d, line %d; the segment at byte %d, line %d", f.Pos.Offset, f.Pos.Line, p.Offset, i+1)
	}
	if f.Pos.Interchange != 1 || f.Control.ISA13 != strings.TrimSpace(d.Element(0, 13)) {
		t.Errorf("the finding is in interchange %d, %q", f.Pos.Interchange, f.Control.ISA13)
	}
	st, gs := fmt.Sprintf("ST/%d", f.Pos.Transaction), fmt.Sprintf("GS/%d", f.Pos.Group)
	if f.Pos.Segment > 0 && (d.Find(st) < 0 || f.Control.ST02 != d.Element(d.Find(st), 2) || d.Find(gs) >= 0 && f.Control.GS06 != d.Element(d.Find(gs), 6)) {
		t.Errorf("the finding is in %s of %s, %+v", st, gs, f.Control)
	}
	if f.SNIP < 1 || f.SNIP > 7 || f.Message == "" {
		t.Errorf("the finding has SNIP %d and the sentence %q", f.SNIP, f.Message)
	}
}

// segmentOf returns the index of the segment that a finding names the position of; -1 if it is behind the last of its kind.
func segmentOf(d *mutate.Document, f edi.Finding) int {
	set, group := 0, 0
	for i, s := range d.Segments {
		switch s[0] {
		case "GS":
			group++
			set = 0
		case "ST":
			set++
		}
		p := d.Place(i)
		if f.Pos.Segment > 0 && set == f.Pos.Transaction && p.Ordinal == f.Pos.Segment || f.Pos.Segment == 0 && p.Ordinal == 0 && s[0] == f.Segment && (group == f.Pos.Group || f.Pos.Group == 0) {
			return i
		}
	}
	return -1
}
