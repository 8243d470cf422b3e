package authorization_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/authorization"
)

const sample = `ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*P*:~
GS*HI*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X217~
ST*278*0001*005010X217~
BHT*0007*11*CHFPA1*20260105*0800*18~
HL*1**20*1~
NM1*X3*2*TAMARIND MUTUAL HEALTH PLAN*****PI*TAMRN~
HL*2*1*21*1~
NM1*1P*2*CEDAR HOLLOW FAMILY PRACTICE*****XX*2990000012~
HL*3*2*22*1~
NM1*IL*1*SALTMARROW*ASTER****MI*TM700703~
HL*4*3*EV*1~
UM*HS*I*42~
HCR*A2*TMAUTH388~
HL*5*4*SS*0~
HCR*A1*TMAUTH388A~
SV1*HC:92523*410*UN*1~
SE*15*0001~
GE*1*1~
IEA*1*000000001~
`

func ExampleResponses() {
	for event, err := range authorization.Responses(edi.NewReader(strings.NewReader(sample))) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%s: %s %s\n", event.Patient.Name.Last, event.Decision.Action, event.Decision.Number)
		for _, service := range event.Services {
			fmt.Printf("- %s: %s\n", service.Procedure.Code, service.Decision.Action)
		}
	}
	// Output:
	// SALTMARROW: A2 TMAUTH388
	// - 92523: A1
}
