package claimstatus

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

func request(trace string) *Claim {
	return &Claim{Tracking: Tracking{
		Traces:     []parts.Trace{{Type: text("1"), Number: text(trace)}},
		References: []parts.Reference{{Qualifier: text("EJ"), ID: text("CH-1")}},
		Amounts:    []parts.Amount{{Qualifier: text("T3"), Value: edi.NewDecimal(10000, 2)}},
		Dates:      []parts.Date{{Qualifier: text("472"), From: edi.Date{Year: 2026, Month: 1, Day: 2}, To: edi.Date{Year: 2026, Month: 1, Day: 3}}},
	}}
}

// levels writes what stands above the patients of a 276.
func levels(enc *Encoder) error {
	return errors.Join(
		enc.Header(&parts.Header{Set: text("276"), Reference: text("R1")}),
		enc.Source(&Source{Name: encodetest.Name("PR", "2", "TAMARIND", "PI", "TAMRN")}),
		enc.Receiver(&Receiver{Name: encodetest.Name("41", "2", "EDIPORT", "46", "EDIPORT")}),
		enc.Provider(&Provider{Name: encodetest.Name("1P", "2", "CEDAR HOLLOW", "XX", "2990000012")}),
	)
}

func TestEncodeByHand(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	enc := NewEncoder(&out, encodetest.Envelope())
	born := parts.Demographics{BirthDate: edi.Date{Year: 1980, Month: 2, Day: 29}, Gender: text("F")}
	son := encodetest.Name("QC", "1", "ASH", "", "")
	bad := request("T3")
	bad.References[0].Qualifier = text("ZZ")
	if err := errors.Join(levels(enc),
		enc.Patient(&Patient{Name: encodetest.Name("IL", "1", "ASH", "MI", "M1"), Demographics: born}), enc.Request(request("T1")), enc.Request(request("T2")),
	); err != nil {
		t.Fatal(err)
	}
	if err := enc.Request(bad); err == nil || !strings.HasPrefix(err.Error(), "request 3, loop 2200D: ") {
		t.Errorf("an unknown reference: got %v", err)
	}
	if err := errors.Join(
		enc.Patient(&Patient{Dependent: true, Name: son, Demographics: born}), enc.Request(request("T4")),
		enc.Patient(&Patient{Name: encodetest.Name("IL", "1", "ROWAN", "MI", "M2"), Demographics: born}), enc.Request(request("T5")), enc.Close(),
	); err != nil {
		t.Fatal(err)
	}
	const claim = "REF*EJ*CH-1~AMT*T3*100.00~DTP*472*RD8*20260102-20260103~"
	const want = "ST*276*0001*005010X212~BHT*0010*13*R1*20260105*0800~HL*1**20*1~NM1*PR*2*TAMARIND*****PI*TAMRN~HL*2*1*21*1~" +
		"NM1*41*2*EDIPORT*****46*EDIPORT~HL*3*2*19*1~NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~" +
		"HL*4*3*22*1~DMG*D8*19800229*F~NM1*IL*1*ASH*****MI*M1~TRN*1*T1~" + claim + "TRN*1*T2~" + claim +
		"HL*5*4*23~DMG*D8*19800229*F~NM1*QC*1*ASH~TRN*1*T4~" + claim +
		"HL*6*3*22*0~DMG*D8*19800229*F~NM1*IL*1*ROWAN*****MI*M2~TRN*1*T5~" + claim + "SE*34*0001~"
	encodetest.Wrote(t, out.Bytes(), want)
}

func TestEncodeRefusesLevels(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		tell func(*Encoder) error
		want string
	}{
		{"a claim without a patient", func(e *Encoder) error { return e.Request(request("T1")) }, "request 1, loop "},
		{"a patient without an id", func(e *Encoder) error { return e.Patient(&Patient{Name: encodetest.Name("IL", "1", "ASH", "", "")}) }, "subscriber 1, loop 2100D: NM108"},
		{"a dependent without a subscriber", func(e *Encoder) error { return e.Patient(&Patient{Dependent: true}) }, "dependent 1: the level"},
		{"a provider without a name", func(e *Encoder) error { return e.Provider(&Provider{}) }, "provider 2, loop 2100C: the required segment NM1"},
		{"a trace without a number", func(e *Encoder) error {
			return errors.Join(e.Patient(&Patient{Name: encodetest.Name("IL", "1", "ASH", "MI", "M1")}), e.Request(&Claim{Tracking: Tracking{Traces: make([]parts.Trace, 1)}}))
		}, "request 1, loop 2200D: TRN01"},
	} {
		encodetest.Refused(t, c.name, NewEncoder, levels, c.tell, c.want)
	}
}
