package edi_test

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/ediport/ediport/edi"
)

const exampleFile = `ISA*00*          *00*          *ZZ*PAYER          *ZZ*CLINIC         *261121*0830*^*00501*000000017*0*T*:~
GS*HP*PAYER*CLINIC*20261121*0830*1*X*005010X221A1~
ST*835*0001~
BPR*I*80.5*C*CHK************20261121~
SE*4*0001~
GE*1*1~
IEA*1*000000017~
`

// Read segment by segment, and hear what is wrong with the envelopes: here SE01 says 4 and there are 3.
func ExampleReader() {
	r := edi.NewReader(strings.NewReader(exampleFile))
	r.Report = func(f edi.Finding) { fmt.Println("finding:", f) }
	for {
		s, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			fmt.Println(err)
			return
		}
		if s.Is("BPR") {
			amount, err := edi.ParseDecimal(s.Text(2))
			fmt.Println(r.Transaction().Set, "pays", amount, err)
		}
	}
	// Output:
	// 835 pays 80.5 <nil>
	// finding: SE, segment 3, line 5, byte 209: SE01 is not the number of segments from ST to SE: 3 (IK502 4)
}

// Compose segments; empty elements at the end are left out, and a delimiter in a value is refused.
func ExampleWriter_Segment() {
	w := edi.NewWriter(os.Stdout, edi.StandardDelimiters)
	w.LineBreak = "\n"
	fmt.Println(w.Segment("SVC", edi.Components("HC", "99213"), edi.Str("120"), edi.Str("80"), edi.Str("")))
	fmt.Println(w.Segment("EB", edi.Str("1"), edi.Str(""), edi.Repeat(edi.Str("30"), edi.Str("33"))))
	fmt.Println(w.Segment("N1", edi.Str("PE"), edi.Str("A*B")))
	// Output:
	// SVC*HC:99213*120*80~
	// <nil>
	// EB*1**30^33~
	// <nil>
	// edi: writing N102: the value contains a delimiter of the interchange
}

// Copy passes a file on byte for byte.
func ExampleWriter_Copy() {
	var out strings.Builder
	r, w := edi.NewReader(strings.NewReader(exampleFile)), edi.NewWriter(&out, edi.StandardDelimiters)
	for {
		s, err := r.Next()
		if err != nil {
			break
		}
		if err := w.Copy(s); err != nil {
			fmt.Println(err)
		}
	}
	if err := w.Bytes(r.Trailer()); err != nil {
		fmt.Println(err)
	}
	fmt.Println(out.String() == exampleFile)
	// Output: true
}

// Sums are exact, and show at least two decimals.
func ExampleSum() {
	var sum edi.Sum
	for _, sent := range []string{"100", "-.5", "0.125"} {
		d, err := edi.ParseDecimal([]byte(sent))
		if err != nil {
			fmt.Println(err)
		}
		sum.Add(d)
	}
	fmt.Println(sum.String())
	// Output: 99.625
}
