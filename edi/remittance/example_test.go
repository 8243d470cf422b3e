package remittance_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/remittance"
)

const sample = `ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*P*:~
GS*HP*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X221A1~
ST*835*0001~
BPR*I*80*C*CHK************20260105~
TRN*1*4711*1001220001~
N1*PR*TAMARIND MUTUAL HEALTH PLAN~
N1*PE*CEDAR HOLLOW FAMILY PRACTICE*XX*2990000012~
LX*1~
CLP*CH-1*1*100*80**12*TM1~
CAS*CO*45*19.99~
SE*9*0001~
GE*1*1~
IEA*1*000000001~
`

func ExampleClaims() {
	for claim, err := range remittance.Claims(edi.NewReader(strings.NewReader(sample))) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("check %s pays %s of %s for %s, unexplained: %s\n",
			claim.Payment.Trace.Number, claim.Paid, claim.Charge, claim.PatientControlNumber, claim.Balance())
	}
	// Output: check 4711 pays 80 of 100 for CH-1, unexplained: 0.01
}
