package ack_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
)

// A partner answers a group of three eligibility inquiries: the second is rejected, the third was accepted and is not named.
func ExampleGroups() {
	file := strings.NewReader(`ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000017*0*T*:~
GS*FA*PAYER*CLINIC*20261121*0830*1*X*005010X231A1~
ST*999*0001*005010X231A1~
AK1*HS*12*005010X279A1~
AK2*270*0001*005010X279A1~
IK5*A~
AK2*270*0002*005010X279A1~
IK3*NM1*8*2100C*8~
IK4*9*67*1~
IK5*R*5~
AK9*P*3*3*2~
SE*9*0001~
GE*1*1~
IEA*1*000000017~
`)
	for group, err := range ack.Groups(edi.NewReader(file)) {
		if err != nil {
			fmt.Println(err)
			return
		}
		for _, set := range group.Sets {
			fmt.Println(set.ControlNumber, group.Outcome(set))
		}
	}
	// Output:
	// 0001 accepted
	// 0002 rejected
}
