package authorization_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
	"github.com/ediport/ediport/edi/parts"
)

func text(s string) edi.Text { return edi.Text(s) }

// A 278 asks for the approval of care: the organization that decides, who asks, the patient, and the event with its services.
func ExampleEncoder() {
	enc := authorization.NewEncoder(os.Stdout, parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "EDIPORTDEMO", ReceiverQualifier: "ZZ", ReceiverID: "TAMARINDMUTUAL",
		Time: time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC), Usage: "T", LineBreak: "\n",
	})
	party := func(entity, kind, last, qualifier, id string) parts.Party {
		return parts.Party{Name: parts.Name{Entity: text(entity), Type: text(kind), Last: text(last), Qualifier: text(qualifier), ID: text(id)}}
	}
	event := &authorization.Event{
		Review: authorization.Review{
			Request: authorization.Request{
				Category: text("HS"), CertificationType: text("I"), ServiceType: text("1"), Facility: text("11"), FacilityQualifier: text("B"),
			},
			Dates: []parts.Date{{Qualifier: text("AAH"), From: edi.Date{Year: 2026, Month: 2, Day: 1}, To: edi.Date{Year: 2026, Month: 3, Day: 31}}},
		},
		Diagnoses: []parts.HealthCode{{Qualifier: text("ABK"), Code: text("M545")}},
		Services: []authorization.Service{{
			Kind: text("SV1"), Procedure: parts.Procedure{Qualifier: text("HC"), Code: text("97110")}, Unit: text("UN"),
			Quantity: parts.NewNumber(edi.NewDecimal(8, 0)),
		}},
	}
	err := errors.Join(
		enc.Header(&parts.Header{Set: text("278"), Purpose: text("13"), Reference: text("AUTH77")}),
		enc.UMO(&authorization.UMO{Party: party("X3", "2", "TAMARIND MUTUAL HEALTH PLAN", "PI", "TAMRN")}),
		enc.Requester(&authorization.Requester{Parties: []parts.Party{party("1P", "2", "CEDAR HOLLOW", "XX", "2990000012")}}),
		enc.Patient(&authorization.Patient{Name: party("IL", "1", "ASH", "MI", "TM100200300").Name}),
		enc.Request(event),
		enc.Close(),
	)
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ISA*00*          *00*          *ZZ*EDIPORTDEMO    *ZZ*TAMARINDMUTUAL *260105*0800*^*00501*000000001*0*T*:~
	// GS*HI*EDIPORTDEMO*TAMARINDMUTUAL*20260105*0800*1*X*005010X217~
	// ST*278*0001*005010X217~
	// BHT*0007*13*AUTH77*20260105*0800~
	// HL*1**20*1~
	// NM1*X3*2*TAMARIND MUTUAL HEALTH PLAN*****PI*TAMRN~
	// HL*2*1*21*1~
	// NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~
	// HL*3*2*22*1~
	// NM1*IL*1*ASH*****MI*TM100200300~
	// HL*4*3*EV*1~
	// UM*HS*I*1*11:B~
	// DTP*AAH*RD8*20260201-20260331~
	// HI*ABK:M545~
	// HL*5*4*SS*0~
	// SV1*HC:97110**UN*8~
	// SE*15*0001~
	// GE*1*1~
	// IEA*1*000000001~
}
