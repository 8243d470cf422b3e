package guide_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// malformed lists the broken sample files of our guides with the finding that each was made to show.
var malformed = map[string]string{
	"cosyte__270-dangling-parent.edi":                 "7 HL02 2000C IK403 I12",
	"cosyte__270-duplicate-hl-id.edi":                 "11 HL01 2000C IK403 I12",
	"cosyte__270-hl-cycle.edi":                        "5 HL02 2000B IK403 I12",
	"cosyte__270-missing-hierarchy.edi":               "3 HL 2000A IK304 3",
	"cosyte__270-no-inquiry.edi":                      "10 EQ warning 2110C IK304 I6",
	"cosyte__271-aaa-before-hierarchy.edi":            "5 HL 2000A IK304 7",
	"cosyte__271-aaa-malformed.edi":                   "9 AAA03 2100C IK403 1",
	"cosyte__271-aaa-no-hierarchy-id.edi":             "7 HL01 2000C IK403 1",
	"cosyte__277ca-hl-orphan.edi":                     "9 HL02 2000A IK403 I12",
	"cosyte__278-edge.edi":                            "0 GE02 AK905 4",
	"hirijaganer__batch_with_one_bad_transaction.edi": "9 NM102 2100C IK403 7",
}

func TestMalformedCorpus(t *testing.T) {
	dir := corpus(t)
	for name, want := range malformed {
		in, err := os.ReadFile(filepath.Join(dir, "malformed", name))
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := check(t, string(in)); !slices.Contains(got, want) {
			t.Errorf("%s: findings %q, want %q among them", name, got, want)
		}
	}
}
