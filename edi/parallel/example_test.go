package parallel_test

import (
	"fmt"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parallel"
	"github.com/ediport/ediport/edi/remittance"
)

// The claims of a file, counted by two goroutines.
func ExampleEach() {
	file := isa + gs + set(1, "BPR*I*80~LX*1~CLP*A1*1*100*80~") + set(2, "BPR*I*50~LX*1~CLP*A2*1*50*50~") + "GE*2*1~IEA*1*000000001~"
	s := edi.NewSplitter(strings.NewReader(file), int64(len(file)))
	s.Part = 1 // for this small file
	total := 0
	for claims, err := range parallel.Each(s, 2, func(r *edi.Reader) (int, error) {
		n := 0
		for _, err := range remittance.Claims(r) {
			if err != nil {
				return n, err
			}
			n++
		}
		return n, nil
	}) {
		if err != nil {
			fmt.Println(err)
			return
		}
		total += claims
	}
	fmt.Println(total, "claims")
	// Output: 2 claims
}
