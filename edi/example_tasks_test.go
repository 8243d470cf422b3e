package edi_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/eligibility"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/edi/remittance"
)

const remittanceFile = `ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000017*0*T*:~
GS*HP*PAYER*CLINIC*20261121*0830*1*X*005010X221A1~
ST*835*0001~
BPR*I*80*C*CHK************20261121~
TRN*1*CHECK1*1999999999~
DTM*405*20261121~
N1*PR*TAMARIND MUTUAL~
N3*1 ELM WAY~
N4*AUSTIN*TX*78701~
PER*BL*DESK*TE*5125550100~
N1*PE*CEDAR HOLLOW*XX*2990000012~
LX*1~
CLP*A1*1*100*80*20*MC*P1~
CAS*PR*1*19.99~
NM1*QC*1*ASH*ANNA~
SE*14*0001~
GE*1*1~
IEA*1*000000017~
`

const inquiryFile = `ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *261121*0825*^*00501*000000017*0*T*:~
GS*HS*CLINIC*PAYER*20261121*0825*12*X*005010X279A1~
ST*270*0001*005010X279A1~
BHT*0022*13*R1*20261121*0825~
HL*1**20*1~
NM1*PR*2*TAMARIND MUTUAL*****PI*TAMRN~
HL*2*1*21*1~
NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~
HL*3*2*22*0~
NM1*IL*1*ASH*ANNA****MI*M1~
EQ*30~
SE*10*0001~
GE*1*12~
IEA*1*000000017~
`

// Validate a file by the guides of its documents: a claim is one cent short.
func Example_validate() {
	r := edi.NewReader(strings.NewReader(remittanceFile))
	c := guide.NewChecker(func(f edi.Finding) {
		fmt.Printf("segment %d, %s: %s\n", f.Pos.Segment, f.Code.Kind, f.Message)
		fmt.Println(guide.Advise(f))
	})
	c.Levels = guide.NewLevels(1, 2, 3)
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	fmt.Println(sc.Err())
	// Output:
	// segment 11, balance.claim: the claim does not balance: charge (CLP03) less all adjustments (CAS) is not the amount paid (CLP04)
	// For a claim the charge less all adjustments is not what was paid. Do not post it automatically: ask the payer's remittance help desk for a corrected remittance. This concerns the amount that the payer paid for the claim.
	// <nil>
}

// Decode a document: here claim by claim. What is lent is valid until the next step.
func Example_decode() {
	for claim, err := range remittance.Claims(edi.NewReader(strings.NewReader(remittanceFile))) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(claim.PatientControlNumber, "paid", claim.Paid, "of", claim.Charge, "by check", claim.Payment.Trace.Number)
		for _, a := range claim.Adjustments {
			fmt.Println(a.Group, a.Reason, a.Amount, codes.Describe(codes.CARC, a.Reason.String()))
		}
	}
	// Output:
	// A1 paid 80 of 100 by check CHECK1
	// PR 1 19.99 Deductible the patient owes
}

// Write a document of Go values. The encoder makes envelopes, counts and levels, and refuses what the guide does not allow.
func Example_encode() {
	text := func(s string) edi.Text { return edi.Text(s) }
	enc := eligibility.NewEncoder(os.Stdout, parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "CLINIC", ReceiverQualifier: "ZZ", ReceiverID: "PAYER", Interchange: 17, Group: 12, Usage: "T",
		Time: time.Date(2026, time.November, 21, 8, 25, 0, 0, time.UTC), LineBreak: "\n",
	})
	payer := parts.Name{Entity: text("PR"), Type: text("2"), Last: text("TAMARIND MUTUAL"), Qualifier: text("PI"), ID: text("TAMRN")}
	clinic := parts.Name{Entity: text("1P"), Type: text("2"), Last: text("CEDAR HOLLOW"), Qualifier: text("XX"), ID: text("2990000012")}
	person := parts.Name{Entity: text("IL"), Type: text("1"), Last: text("ASH"), First: text("ANNA"), Qualifier: text("MI"), ID: text("M1")}
	inquiry := &eligibility.Inquiry{
		Person:    eligibility.Person{Name: person},
		Questions: []eligibility.Question{{ServiceTypes: []edi.Text{text("3O")}}}, // the letter O
	}
	err := errors.Join(
		enc.Header(&parts.Header{Set: text("270"), Purpose: text("13"), Reference: text("R1")}),
		enc.Source(&eligibility.Source{Party: parts.Party{Name: payer}}),
		enc.Receiver(&eligibility.Receiver{Party: parts.Party{Name: clinic}}),
	)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(enc.Inquiry(inquiry))
	inquiry.Questions[0].ServiceTypes[0] = text("30")
	if err := errors.Join(enc.Inquiry(inquiry), enc.Close()); err != nil {
		fmt.Println(err)
	}
	// Output:
	// subscriber 1, loop 2110C: EQ01 (Service type) holds a code that its list does not have
	// ISA*00*          *00*          *ZZ*CLINIC         *ZZ*PAYER          *261121*0825*^*00501*000000017*0*T*:~
	// GS*HS*CLINIC*PAYER*20261121*0825*12*X*005010X279A1~
	// ST*270*0001*005010X279A1~
	// BHT*0022*13*R1*20261121*0825~
	// HL*1**20*1~
	// NM1*PR*2*TAMARIND MUTUAL*****PI*TAMRN~
	// HL*2*1*21*1~
	// NM1*1P*2*CEDAR HOLLOW*****XX*2990000012~
	// HL*3*2*22*0~
	// NM1*IL*1*ASH*ANNA****MI*M1~
	// EQ*30~
	// SE*10*0001~
	// GE*1*12~
	// IEA*1*000000017~
}

// Acknowledge a file: the 999 says that its document was accepted.
func Example_acknowledge() {
	counts, err := ack.Acknowledge(strings.NewReader(inquiryFile), ack.Options{
		To999: os.Stdout, Policy: ack.DefaultPolicy(), ControlNumber: 5, LineBreak: "\n",
		Time: time.Date(2026, time.November, 21, 8, 30, 0, 0, time.UTC),
	})
	fmt.Println(counts.Sets, "set,", counts.Rejected, "rejected", err)
	// Output:
	// ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000005*0*T*:~
	// GS*FA*PAYER*CLINIC*20261121*0830*5*X*005010X231A1~
	// ST*999*0001*005010X231A1~
	// AK1*HS*12*005010X279A1~
	// AK2*270*0001*005010X279A1~
	// IK5*A~
	// AK9*A*1*1*1~
	// SE*6*0001~
	// GE*1*5~
	// IEA*1*000000005~
	// 1 set, 0 rejected <nil>
}
