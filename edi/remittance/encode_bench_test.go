package remittance

import (
	"io"
	"testing"

	"github.com/ediport/ediport/edi/internal/encodetest"
)

// Compare two versions with: go test ./edi/remittance -run - -bench Encode -count 10 | benchstat …
func BenchmarkEncode(b *testing.B) {
	b.Run("set=835", func(b *testing.B) {
		claim := validClaim("A1")
		var size counter
		enc := NewEncoder(&size, encodetest.Envelope())
		if err := enc.Payment(validPayment(0)); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		n := 0
		for b.Loop() {
			if err := enc.Claim(claim); err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.SetBytes(int64(size) / int64(n))
	})
}

type counter int

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

var _ io.Writer = (*counter)(nil)
