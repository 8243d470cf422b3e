package ack_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ediport/ediport/edi/ack"
	"github.com/ediport/ediport/fixtures"
)

// Compare two versions with: go test ./edi/ack -run '^$' -bench Acknowledge -count 10 | benchstat …
func BenchmarkAcknowledge(b *testing.B) {
	var in bytes.Buffer
	if _, err := fixtures.Write835(&in, fixtures.Options{Bytes: 1_000_000, Seed: 1}); err != nil {
		b.Fatal(err)
	}
	b.Run("set=835", func(b *testing.B) {
		b.SetBytes(int64(in.Len()))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ack.Acknowledge(bytes.NewReader(in.Bytes()), ack.Options{To999: io.Discard, ToTA1: io.Discard, Policy: ack.DefaultPolicy()}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
