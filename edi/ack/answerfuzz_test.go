package ack

import (
	"testing"

	"github.com/ediport/ediport/edi/internal/decodetest"
)

// FuzzWrite999 answers any bytes: what comes out is valid by its guides, reads back, and says what was found.
func FuzzWrite999(f *testing.F) {
	for _, x12 := range decodetest.Inputs(f) {
		f.Add(x12, false)
	}
	for _, x12 := range decodetest.InputsIn(f, "testdata/answers") {
		f.Add(x12, true)
	}
	f.Add([]byte(goodInquiry), false)
	f.Add([]byte(badCode), true)
	f.Fuzz(func(t *testing.T, x12 []byte, tolerant bool) {
		p := DefaultPolicy()
		if tolerant {
			p = TolerantPolicy()
		}
		a := answer(t, x12, p)
		a.sound(t)
		if !tolerant {
			a.agrees(t)
		}
	})
}
