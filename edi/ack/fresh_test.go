package ack

import (
	"testing"

	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/internal/decodetest"
)

// TestFreshDecoder: a decoder that was used before tells of a transaction set what a new one tells.
func TestFreshDecoder(t *testing.T) {
	t.Parallel()
	f := decodetest.Fresh{
		Sets: []string{"999"},
		Begin: func() (decode.Sink, func() string) {
			r := new(recorder)
			return NewDecoder(r), r.live.String
		},
	}
	f.Test(t)
}
