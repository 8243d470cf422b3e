package guide_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestSegmentsAlikeAreToldApart: segments that share their slot in the memory, because they differ in bytes that don't count there, or in
// their length alone, are told apart, in whichever byte the fault stands.
func TestSegmentsAlikeAreToldApart(t *testing.T) {
	for _, size := range []int{4, 7, 8, 9, 16, 17, 32, 33, 48, 49, 52, 55, 56, 57} {
		good := "N3*" + strings.Repeat("A", size-3)
		var list document
		want := 0
		for i := 3; i < size; i++ {
			for _, fault := range []string{"\x07", ":", "^A:"} {
				if i+len(fault) > size {
					continue
				}
				list = append(list, good, good, good[:i]+fault+good[i+len(fault):], good)
				want++
			}
		}
		var file strings.Builder
		for i, segment := range list {
			d := payment.with(6, segment)
			d[0] = fmt.Sprintf("ST*835*%04d", i+1)
			file.WriteString(d.file())
		}
		if found := sameFindings(t, []byte(file.String())); found < want {
			t.Errorf("%d bytes: %d findings about %d faults", size, found, want)
		}
		if t.Failed() {
			return
		}
	}
}
