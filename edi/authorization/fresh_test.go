package authorization

import (
	"errors"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/internal/decodetest"
	"github.com/ediport/ediport/edi/parts"
)

// TestFreshDecoder: a decoder that was used before tells of a transaction set what a new one tells.
func TestFreshDecoder(t *testing.T) {
	t.Parallel()
	f := decodetest.Fresh{
		Sets: []string{Set},
		Begin: func() (decode.Sink, func() string) {
			r := new(recorder)
			return NewDecoder(r), r.live.String
		},
		Read: func(from *edi.Reader) string {
			r := new(recorder)
			var unknown *parts.NoGuideError
			if err := Read(from, r); err != nil && !errors.As(err, &unknown) {
				t.Error(err)
			}
			return r.live.String()
		},
	}
	f.Test(t)
}
