package eligibility_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/eligibility"
)

const sample = `ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*P*:~
GS*HB*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X279A1~
ST*271*0001*005010X279A1~
BHT*0022*11*ROSTER77*20260105*0800~
HL*1**20*1~
NM1*PR*2*TAMARIND MUTUAL HEALTH PLAN*****PI*TAMRN~
HL*2*1*21*1~
NM1*1P*2*CEDAR HOLLOW FAMILY PRACTICE*****XX*2990000012~
HL*3*2*22*0~
NM1*IL*1*HEATHERTON*ROSALIND****MI*TM100200300~
EB*1*IND*30^98*HM*GOLD ORCHARD PLAN~
EB*B*IND*98***27*25~
HL*4*2*22*0~
NM1*IL*1*ROWAN*IDA****MI*TM999~
AAA*N**75*C~
SE*15*0001~
GE*1*1~
IEA*1*000000001~
`

func ExampleAnswers() {
	for answer, err := range eligibility.Answers(edi.NewReader(strings.NewReader(sample))) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, benefit := range answer.Benefits {
			fmt.Printf("%s: %s for %s, amount %q\n", answer.Name.Last, benefit.Information, benefit.ServiceTypes, benefit.Amount)
		}
		for _, rejection := range answer.Rejections {
			fmt.Printf("%s: not answered, %s\n", answer.Name.Last, rejection.Reason)
		}
	}
	// Output:
	// HEATHERTON: 1 for [30 98], amount ""
	// HEATHERTON: B for [98], amount "25"
	// ROWAN: not answered, 75
}
