package ack

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
)

// What other implementations answered to files of the corpus, and why we don't where we don't.
var otherNotes = map[string]string{
	"malformed/pyx12__trailer_errors.edi": "R 021: IEA01 is the first fault; the peer says 018 of IEA02, which is for ISA13",
}

// The TA1s that the authors of corpus files publish for them are ours.
func TestPeerTA1s(t *testing.T) {
	t.Parallel()
	dir := corpus(t)
	pattern := regexp.MustCompile(`peer ack: TA1 (\d+)/([AER])/(\d+)`)
	n := 0
	for _, row := range rows(t, filepath.Join(dir, "MANIFEST.tsv")) {
		m := pattern.FindStringSubmatch(row["notes"])
		if m == nil {
			continue
		}
		x12, err := os.ReadFile(filepath.Join(dir, row["path"]))
		if err != nil {
			t.Fatal(err)
		}
		n++
		got := answer(t, x12, DefaultPolicy()).xTA1
		for a, err := range TA1s(edi.NewReader(strings.NewReader(got))) {
			if err != nil {
				t.Fatalf("%s: %v", row["path"], err)
			}
			same := a.ControlNumber.Is(m[1]) && a.Code.Is(m[2]) && a.Note.Is(m[3])
			if why := otherNotes[row["path"]]; !same && (why == "" || !strings.HasPrefix(why, a.Code.String()+" "+a.Note.String())) {
				t.Errorf("%s: TA1 %s/%s/%s, the peer's is %v", row["path"], a.ControlNumber, a.Code, a.Note, m[1:])
			}
		}
		if got == "" {
			t.Errorf("%s: no TA1, the peer's is %v", row["path"], m[1:])
		}
	}
	if n < 5 {
		t.Errorf("%d files have a TA1 of a peer, want at least 5", n)
	}
}
