package claimstatus_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/claimstatus"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

// A 276 asks what became of claims: the payer, who asks, the provider, then each patient with the claims.
func ExampleEncoder() {
	enc := claimstatus.NewEncoder(os.Stdout, parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "EDIPORTDEMO", ReceiverQualifier: "ZZ", ReceiverID: "TAMARINDMUTUAL",
		Time: time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC), Usage: "T", LineBreak: "\n",
	})
	name := func(entity, kind, last, qualifier, id string) parts.Name {
		return parts.Name{Entity: text(entity), Type: text(kind), Last: text(last), Qualifier: text(qualifier), ID: text(id)}
	}
	patient := &claimstatus.Patient{
		Name:         name("IL", "1", "ASH", "MI", "TM100200300"),
		Demographics: parts.Demographics{BirthDate: edi.Date{Year: 1980, Month: 2, Day: 29}, Gender: text("F")},
	}
	request := &claimstatus.Claim{Tracking: claimstatus.Tracking{
		Traces:  []parts.Trace{{Type: text("1"), Number: text("ROW1")}},
		Amounts: []parts.Amount{{Qualifier: text("T3"), Value: edi.NewDecimal(12550, 2)}},
		Dates:   []parts.Date{{Qualifier: text("472"), From: edi.Date{Year: 2025, Month: 12, Day: 1}}},
	}}
	err := errors.Join(
		enc.Header(&parts.Header{Set: text("276"), Reference: text("ROSTER78")}),
		enc.Source(&claimstatus.Source{Name: name("PR", "2", "TAMARIND MUTUAL HEALTH PLAN", "PI", "TAMRN")}),
		enc.Receiver(&claimstatus.Receiver{Name: name("41", "2", "EDIPORT DEMO", "46", "EDIPORTDEMO")}),
		enc.Provider(&claimstatus.Provider{Name: name("1P", "2", "CEDAR HOLLOW FAMILY PRACTICE", "XX", "2990000012")}),
		enc.Patient(patient),
		enc.Request(request),
		enc.Close(),
	)
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARINDMUTUAL *260105*0800*^*00501*000000001*0*T*:~
	// GS*HR*EDIPORTDEMO*TAMARINDMUTUAL*20260105*0800*1*X*005010X212~
	// ST*276*0001*005010X212~
	// BHT*0010*13*ROSTER78*20260105*0800~
	// HL*1**20*1~
	// NM1*PR*2*TAMARIND MUTUAL HEALTH PLAN*****PI*TAMRN~
	// HL*2*1*21*1~
	// NM1*41*2*EDIPORT DEMO*****46*EDIPORTDEMO~
	// HL*3*2*19*1~
	// NM1*1P*2*CEDAR HOLLOW FAMILY PRACTICE*****XX*2990000012~
	// HL*4*3*22*0~
	// DMG*D8*19800229*F~
	// NM1*IL*1*ASH*****MI*TM100200300~
	// TRN*1*ROW1~
	// AMT*T3*125.50~
	// DTP*472*D8*20251201~
	// SE*15*0001~
	// GE*1*1~
	// IEA*1*000000001~
}
