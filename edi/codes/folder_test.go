package codes

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
)

// Not parallel, because lists are shared by all.
func TestReplaceAll(t *testing.T) {
	folder := fstest.MapFS{
		"claim-frequency.csv": {Data: []byte("code,short\n1,first\n")},
		"hcpcs.csv":           {Data: []byte("code,short\n99213,visit\n")},
		"plb-reason.csv":      {Data: []byte("code,meaning\n1,x\n")},
		"nonsense.csv":        {Data: []byte("code,short\n1,x\n")},
		"notes.txt":           {Data: []byte("not a list")},
	}
	defer func() {
		for _, list := range []List{ClaimFrequency, HCPCS} {
			if err := Restore(list); err != nil {
				t.Error(err)
			}
		}
	}()
	n, err := ReplaceAll(folder)
	if n != 2 || Describe(ClaimFrequency, "1") != "first" || Describe(HCPCS, "99213") != "visit" {
		t.Errorf("%d lists were replaced, want 2", n)
	}
	if !errors.Is(err, ErrList) || !strings.Contains(err.Error(), "plb-reason.csv") || !strings.Contains(err.Error(), "nonsense.csv") {
		t.Errorf("error %v, want both faults", err)
	}
	if got, _ := count(PLBReason); got != sizes[PLBReason] {
		t.Errorf("the list with a fault has %d codes, want %d", got, sizes[PLBReason])
	}
}
