package guide_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// Check a file against the guides of its transaction sets.
func ExampleChecker() {
	file := strings.NewReader(payment.with(12, "CLP*A1*1*100*80*20*QQ*P1").file())
	r := edi.NewReader(file)
	c := guide.NewChecker(func(f edi.Finding) {
		fmt.Printf("segment %d, %s %s: %s\n", f.Pos.Segment, f.Code.Kind, f.Code.Value, f.Message)
	})
	c.Set = func(res guide.Result) { fmt.Println(res.Set, res.Verdict) }
	r.Report = c.Report
	sc := guide.NewScanner(r)
	for sc.Next() {
		c.Segment(sc)
	}
	c.End()
	if sc.Err() != nil {
		fmt.Println(sc.Err())
	}
	// Output:
	// segment 12, IK403 7: CLP06 (Claim filing indicator) holds a code that its list does not have
	// 835 rejected
}

// Name what stands in a file.
func ExampleScanner() {
	sc := guide.NewScanner(edi.NewReader(strings.NewReader(payment.file())))
	for sc.Next() {
		s, at := sc.Segment(), sc.Step()
		if !s.Is("CLP") {
			continue
		}
		fmt.Println(at.LoopName())
		for n := 1; n <= 4; n++ {
			fmt.Printf("  %s: %s\n", at.ElementName(n, 0), s.Value(n))
		}
	}
	// Output:
	// 2100 Claim Payment Information
	//   Patient control number: A1
	//   Claim payment status: 1
	//   Total charge: 100
	//   Amount paid: 80
}
