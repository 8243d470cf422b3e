package claimstatus_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/claimstatus"
)

const sample = `ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*P*:~
GS*HN*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X212~
ST*277*0001*005010X212~
BHT*0010*08*CHFST1*20260105*0800*DG~
HL*1**20*1~
NM1*PR*2*TAMARIND MUTUAL HEALTH PLAN*****PI*TAMRN~
HL*2*1*21*1~
NM1*41*2*CLEARING ROOM*****46*CLEARING01~
HL*3*2*19*1~
NM1*1P*2*CEDAR HOLLOW FAMILY PRACTICE*****XX*2990000012~
HL*4*3*22*0~
NM1*IL*1*HEATHERTON*ROSALIND****MI*TM100200300~
TRN*2*CHFS0001~
STC*F1:65*20260103**162*101.2~
SE*13*0001~
GE*1*1~
IEA*1*000000001~
`

func ExampleClaims() {
	for claim, err := range claimstatus.Claims(edi.NewReader(strings.NewReader(sample))) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, status := range claim.Statuses {
			fmt.Printf("%s of %s: %s/%s, %s of %s paid\n", claim.Traces[0].Number, claim.Patient.Name.Last,
				status.Codes[0].Category, status.Codes[0].Status, status.Paid, status.Charge)
		}
	}
	// Output: CHFS0001 of HEATHERTON: F1/65, 101.2 of 162 paid
}
