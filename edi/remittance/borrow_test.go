package remittance

import (
	"bytes"
	"runtime"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decodetest"
)

// TestBorrowedClaims compares claims whose segments are held in the memory of the Reader with those that are copied, over many
// of its windows.
func TestBorrowedClaims(t *testing.T) {
	t.Parallel()
	x12 := many(600)
	held, scanned, copied := new(recorder), new(recorder), new(recorder)
	if err := Read(edi.NewReader(bytes.NewReader(x12)), held); err != nil {
		t.Fatal(err)
	}
	decode := func(r *recorder, take func(*Decoder, *guide.Scanner) error) {
		d, sc := NewDecoder(r), guide.NewScanner(edi.NewReaderBytes(x12))
		for sc.Next() {
			if sc.Guide() == nil {
				continue
			}
			if err := take(d, sc); err != nil {
				t.Fatal(err)
			}
		}
	}
	decode(copied, func(d *Decoder, sc *guide.Scanner) error { return d.Segment(sc.Segment(), sc.Step()) })
	decode(scanned, (*Decoder).Scan)
	for _, r := range []*recorder{held, scanned} {
		decodetest.Equal(t, r.live.String(), copied.live.String())
		decodetest.Equal(t, r.cloned(), copied.cloned())
	}
	if held.tally.Claims != 600 {
		t.Errorf("%d claims, want 600", held.tally.Claims)
	}
}

// An allocations counts what is allocated between two claims.
type allocations struct {
	Ignore
	claims        int
	before, after runtime.MemStats
}

func (a *allocations) Claim(*Claim) error {
	switch a.claims++; a.claims {
	case 1000:
		runtime.ReadMemStats(&a.before)
	case 5000:
		runtime.ReadMemStats(&a.after)
	}
	return nil
}

// TestStreamDoesNotAllocate reads a file with all that the claim stream is made of.
func TestStreamDoesNotAllocate(t *testing.T) {
	a := new(allocations)
	if err := Read(edi.NewReader(bytes.NewReader(many(5000))), a); err != nil {
		t.Fatal(err)
	}
	if n := a.after.Mallocs - a.before.Mallocs; n > 40 { // the runtime has a few of its own
		t.Errorf("%d allocations for 4000 claims", n)
	}
}
