package remittance

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decodetest"
)

func TestPieces(t *testing.T) {
	t.Parallel()
	for _, x12 := range decodetest.Inputs(t) {
		whole, pieces := new(recorder), new(recorder)
		if err := Read(edi.NewReader(bytes.NewReader(x12)), whole); err != nil {
			t.Fatal(err)
		}
		if err := Read(edi.NewReader(iotest.OneByteReader(bytes.NewReader(x12))), pieces); err != nil {
			t.Fatal(err)
		}
		decodetest.Equal(t, pieces.live.String(), whole.live.String())
	}
}

func TestErrorOfTheSource(t *testing.T) {
	t.Parallel()
	broken := errors.New("cable cut")
	x12 := document("CLP*A*1*1*1~CLP*B*1*1*1~")
	cut := strings.Index(x12, "CLP*B")
	source := io.MultiReader(strings.NewReader(x12[:cut]), iotest.ErrReader(broken))
	claims := 0
	var last error
	for c, err := range Claims(edi.NewReader(source)) {
		if last = err; err == nil && c != nil {
			claims++
		}
	}
	if !errors.Is(last, broken) || claims != 0 {
		t.Errorf("%d claims, then %v; want none, because the end of the first is not known, then %v", claims, last, broken)
	}
}

func TestErrorOfTheHandler(t *testing.T) {
	t.Parallel()
	full := errors.New("disk full")
	h := &failing{err: full}
	if err := Read(edi.NewReader(strings.NewReader(document("CLP*A*1*1*1~CLP*B*1*1*1~"))), h); !errors.Is(err, full) || h.claims != 1 {
		t.Errorf("Read = %v after %d claims, want %v after 1", err, h.claims, full)
	}
}

type failing struct {
	Ignore
	err    error
	claims int
}

func (f *failing) Claim(*Claim) error {
	f.claims++
	return f.err
}

// many returns a set of n claims with two lines each.
func many(n int) []byte {
	var b bytes.Buffer
	b.WriteString(envelope + head)
	for i := range n {
		fmt.Fprintf(&b, "CLP*PCN%d*1*300*200*50*12*TM%d*11*1~CAS*CO*45*50~NM1*QC*1*ROE*JAN*Q***MI*M%d~NM1*82*1*FENWICK*ODESSA****XX*2990000038~"+
			"REF*EA*MR%d~DTM*232*20260101~AMT*AU*250~"+
			"SVC*HC:99213:25*200*150**1~DTM*472*20260101~CAS*PR*1*50~REF*6R*%d~AMT*B6*150~LQ*HE*N130~"+
			"SVC*HC:J1100*100*50**2~DTM*472*20260101~CAS*CO*45*50~REF*6R*%d~AMT*B6*50~", i, i, i, i, 2*i, 2*i+1)
	}
	b.WriteString("SE*0*0001~" + tail)
	return b.Bytes()
}

func TestNoAllocationPerClaim(t *testing.T) {
	segments, steps := decodetest.Replay(t, many(200))
	d := NewDecoder(Ignore{})
	at := 0
	claim := func() { // up to and including the next CLP
		for {
			if err := d.Segment(segments[at], steps[at]); err != nil {
				t.Fatal(err)
			}
			at++
			if segments[at-1].Is("CLP") {
				return
			}
		}
	}
	for range 20 {
		claim()
	}
	if n := testing.AllocsPerRun(100, claim); n != 0 {
		t.Errorf("%v allocations per claim, want 0", n)
	}
}

func FuzzRead(f *testing.F) {
	for _, x12 := range decodetest.Inputs(f) {
		f.Add(x12)
	}
	f.Add([]byte(document("SVC*HC:1*1*1~CAS*CO~PLB~PLB*1*2*~CLP~")))
	f.Fuzz(func(t *testing.T, x12 []byte) {
		r := new(recorder)
		_ = Read(edi.NewReader(bytes.NewReader(x12)), r) // an error is fine, a panic is not
		decodetest.NothingLost(t, x12, r.seen, Set)
		decodetest.Equal(t, r.cloned(), r.live.String())
	})
}

// Compare two versions with: go test -run '^$' -bench . -count 10 ./edi/remittance | benchstat
func BenchmarkClaims(b *testing.B) {
	x12 := many(20_000)
	b.Run(fmt.Sprintf("set=835/size=%dMB", len(x12)>>20), func(b *testing.B) {
		b.SetBytes(int64(len(x12)))
		b.ReportAllocs()
		for b.Loop() {
			n := 0
			for _, err := range Claims(edi.NewReader(bytes.NewReader(x12))) {
				if err != nil {
					b.Fatal(err)
				}
				n++
			}
			if n != 20_000 {
				b.Fatalf("%d claims", n)
			}
		}
	})
}
