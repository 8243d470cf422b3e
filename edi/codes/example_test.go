package codes_test

import (
	"fmt"

	"github.com/ediport/ediport/edi/codes"
)

func Example() {
	fmt.Println(codes.Describe(codes.CARC, "1"))
	fmt.Println(codes.Element("889", "C")) // AAA04
	fmt.Println(codes.Describe(codes.RARC, "not a code"))
	// Output:
	// Deductible the patient owes
	// correct and resubmit
	// no description on file
}
