package ack_test

import (
	"fmt"
	"os"
	"strings"
	"time"

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

// A payer answers an inquiry with an invalid code in it.
func ExampleAcknowledge() {
	file := strings.NewReader(`ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *261121*0825*^*00501*000000017*0*T*:~
GS*HS*CLINIC*PAYER*20261121*0825*12*X*005010X279A1~
ST*270*0001*005010X279A1~
BHT*0022*13*R1*20261121*0825~
HL*1**20*1~
NM1*PR*2*PAYER*****PI*77~
HL*2*1*21*1~
NM1*1P*2*CLINIC*****XX*2990000012~
HL*3*2*22*0~
TRN*1*T1*9CLINIC001~
NM1*IL*7*DOE*JANE****MI*M1~
EQ*30~
SE*11*0001~
GE*1*12~
IEA*1*000000017~
`)
	counts, err := ack.Acknowledge(file, ack.Options{
		To999: os.Stdout, Policy: ack.DefaultPolicy(), ControlNumber: 5, LineBreak: "\n",
		Time: time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("%d of %d sets rejected\n", counts.Rejected, counts.Sets)
	// Output:
	// ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000005*0*T*:~
	// GS*FA*PAYER*CLINIC*20261121*0830*5*X*005010X231A1~
	// ST*999*0001*005010X231A1~
	// AK1*HS*12*005010X279A1~
	// AK2*270*0001*005010X279A1~
	// IK3*NM1*9*2100C*8~
	// CTX*TRN02:T1~
	// IK4*2*1065*7*7~
	// IK5*R*5~
	// AK9*R*1*1*0~
	// SE*9*0001~
	// GE*1*5~
	// IEA*1*000000005~
	// 1 of 1 sets rejected
}

// An interchange that a check of one's own did not like: its control number was used before.
func ExampleWriteTA1() {
	header := edi.Interchange{SenderQualifier: "ZZ", SenderID: "CLINIC", ReceiverQualifier: "ZZ", ReceiverID: "PAYER", Usage: "P"}
	envelope := ack.Reply(header, nil)
	envelope.ControlNumber = 6
	envelope.Time = time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)
	envelope.LineBreak = "\n"
	err := ack.WriteTA1(os.Stdout, envelope, ack.TA1{
		ControlNumber: edi.Text("000000017"), Date: edi.Text("261121"), Time: edi.Text("0825"), Code: edi.Text("R"), Note: edi.Text("025"),
	})
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000006*0*P*:~
	// TA1*000000017*261121*0825*R*025~
	// IEA*0*000000006~
}

// Errors of SNIP 3 have no code in a 999. A partner who wants to hear of them gets them as this policy says.
func ExamplePolicy() {
	p := ack.DefaultPolicy()
	p.Kinds["balance.claim"] = ack.Mapping{Treatment: ack.ToNote, Element: "I12"}
	fmt.Println(p.Validate())
	// Output: <nil>
}
