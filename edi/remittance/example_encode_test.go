package remittance_test

import (
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/edi/remittance"
)

func text(s string) edi.Text { return edi.Text(s) }

func dollars(n int64) edi.Decimal { return edi.NewDecimal(n, 0) }

// An 835 is written payment first, then its claims. What the guide does not allow is refused, and the rest goes on.
func ExampleEncoder() {
	enc := remittance.NewEncoder(os.Stdout, parts.Envelope{
		SenderQualifier: "ZZ", SenderID: "TAMARINDMUTUAL", ReceiverQualifier: "ZZ", ReceiverID: "EDIPORTDEMO",
		Time: time.Date(2026, time.January, 5, 8, 0, 0, 0, time.UTC), Usage: "T", LineBreak: "\n",
	})
	payment := &remittance.Payment{
		Handling: text("I"), Amount: dollars(80), CreditDebit: text("C"), Method: text("CHK"),
		Date:  edi.Date{Year: 2026, Month: 1, Day: 5},
		Trace: parts.Trace{Type: text("1"), Number: text("4711"), Originator: text("1001220001")},
		Payer: parts.Party{
			Name:     parts.Name{Entity: text("PR"), Last: text("TAMARIND MUTUAL HEALTH PLAN")},
			Address:  parts.Address{Line1: text("1 ELM WAY"), City: text("AUSTIN"), State: text("TX"), Zip: text("78701")},
			Contacts: []parts.Contact{{Function: text("BL"), Name: text("EDI DESK")}},
		},
		Payee: parts.Party{Name: parts.Name{
			Entity: text("PE"), Last: text("CEDAR HOLLOW FAMILY PRACTICE"), Qualifier: text("XX"), ID: text("2990000012"),
		}},
	}
	claim := &remittance.Claim{
		PatientControlNumber: text("CH-1"), Status: text("1"), Charge: dollars(100), Paid: dollars(80), FilingIndicator: text("12"),
		PayerControlNumber: text("TM1"),
		Adjustments:        []remittance.Adjustment{{Group: text("CO"), Reason: text("45"), Amount: dollars(20)}},
		Patient:            parts.Name{Entity: text("QC"), Type: text("1"), Last: text("HEATHERTON"), First: text("ROSALIND")},
	}
	unbalanced := *claim
	unbalanced.Paid = dollars(90)

	if err := errors.Join(enc.Payment(payment), enc.Claim(claim)); err != nil {
		fmt.Println(err)
	}
	refused := enc.Claim(&unbalanced)
	if err := enc.Close(); err != nil {
		fmt.Println(err)
	}
	fmt.Println("refused:", refused)
	// Output:
	// ISA*00*          *00*          *ZZ*TAMARINDMUTUAL *ZZ*EDIPORTDEMO    *260105*0800*^*00501*000000001*0*T*:~
	// GS*HP*TAMARINDMUTUAL*EDIPORTDEMO*20260105*0800*1*X*005010X221A1~
	// ST*835*0001~
	// BPR*I*80*C*CHK************20260105~
	// TRN*1*4711*1001220001~
	// N1*PR*TAMARIND MUTUAL HEALTH PLAN~
	// N3*1 ELM WAY~
	// N4*AUSTIN*TX*78701~
	// PER*BL*EDI DESK~
	// N1*PE*CEDAR HOLLOW FAMILY PRACTICE*XX*2990000012~
	// LX*1~
	// CLP*CH-1*1*100*80**12*TM1~
	// CAS*CO*45*20~
	// NM1*QC*1*HEATHERTON*ROSALIND~
	// SE*13*0001~
	// GE*1*1~
	// IEA*1*000000001~
	// refused: claim 2, loop 2100: the claim does not balance: charge (CLP03) less all adjustments (CAS) is not the amount paid (CLP04)
}
