package eligibility_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

// A 270 asks about people, level by level: the payer, the provider who asks, then each person.
func ExampleEncoder() {
	enc := eligibility.NewEncoder(os.Stdout, parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "EDIPORTDEMO", ReceiverQualifier: "ZZ", ReceiverID: "TAMARINDMUTUAL",
		Time: time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC), Usage: "T", LineBreak: "\n",
	})
	payer := parts.Name{Entity: text("PR"), Type: text("2"), Last: text("TAMARIND MUTUAL HEALTH PLAN"), Qualifier: text("PI"), ID: text("TAMRN")}
	provider := parts.Name{Entity: text("1P"), Type: text("2"), Last: text("CEDAR HOLLOW FAMILY PRACTICE"), Qualifier: text("XX"), ID: text("2990000012")}
	inquiry := &eligibility.Inquiry{
		Person: eligibility.Person{
			Traces:       []parts.Trace{{Type: text("1"), Number: text("ROW1"), Originator: text("9EDIPORT01")}},
			Name:         parts.Name{Entity: text("IL"), Type: text("1"), Last: text("ASH"), First: text("ANNA"), Qualifier: text("MI"), ID: text("TM100200300")},
			Demographics: parts.Demographics{BirthDate: edi.Date{Year: 1980, Month: 2, Day: 29}, Gender: text("F")},
			Dates:        []parts.Date{{Qualifier: text("291"), From: edi.Date{Year: 2026, Month: 1, Day: 5}}},
		},
		Questions: []eligibility.Question{{ServiceTypes: []edi.Text{text("30")}}},
	}
	err := errors.Join(
		enc.Header(&parts.Header{Set: text("270"), Purpose: text("13"), Reference: text("ROSTER77")}),
		enc.Source(&eligibility.Source{Party: parts.Party{Name: payer}}),
		enc.Receiver(&eligibility.Receiver{Party: parts.Party{Name: provider}}),
		enc.Inquiry(inquiry),
		enc.Close(),
	)
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARINDMUTUAL *260105*0800*^*00501*000000001*0*T*:~
	// GS*HS*EDIPORTDEMO*TAMARINDMUTUAL*20260105*0800*1*X*005010X279A1~
	// ST*270*0001*005010X279A1~
	// BHT*0022*13*ROSTER77*20260105*0800~
	// HL*1**20*1~
	// NM1*PR*2*TAMARIND MUTUAL HEALTH PLAN*****PI*TAMRN~
	// HL*2*1*21*1~
	// NM1*1P*2*CEDAR HOLLOW FAMILY PRACTICE*****XX*2990000012~
	// HL*3*2*22*0~
	// TRN*1*ROW1*9EDIPORT01~
	// NM1*IL*1*ASH*ANNA****MI*TM100200300~
	// DMG*D8*19800229*F~
	// DTP*291*D8*20260105~
	// EQ*30~
	// SE*13*0001~
	// GE*1*1~
	// IEA*1*000000001~
}
