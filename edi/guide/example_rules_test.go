package guide_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// A trading partner wants the place of service on each claim, and the payment is by ACH without bank data.
func ExampleReadPartnerRules() {
	rules, err := guide.ReadPartnerRules(strings.NewReader(`{"partner": "Harbor Health Plan", "rules": [
		{"name": "place", "guide": "835", "loop": "2100", "segment": "CLP", "element": 8, "require": true,
		 "message": "Harbor Health Plan wants the place of service on each claim."}
	]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	file := payment.with(2, "BPR*I*80*C*ACH************20260105").file()
	r := edi.NewReader(strings.NewReader(file))
	c := guide.NewChecker(func(f edi.Finding) {
		fmt.Printf("%s, SNIP %d, %s %s: %s\n", f.Severity, f.SNIP, f.Code.Kind, f.Code.Value, f.Message)
		if f.SNIP == 4 {
			fmt.Println(guide.Advise(f))
		}
	})
	c.Partner = rules
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	// Output:
	// error, SNIP 4, IK403 I9: BPR05 (Payment format) is missing, because an ACH payment names its format, banks and accounts
	// In this situation a value is needed that was not sent. Fill it in, or ask the sender to. This concerns part of the bank data of an electronic payment.
	// warning, SNIP 7, partner.place I9: Harbor Health Plan wants the place of service on each claim.
}
