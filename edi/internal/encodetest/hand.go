package encodetest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/parts"
)

// Name returns a name as an NM1 has it.
func Name(entity, kind, last, qualifier, id string) parts.Name {
	return parts.Name{Entity: edi.Text(entity), Type: edi.Text(kind), Last: edi.Text(last), Qualifier: edi.Text(qualifier), ID: edi.Text(id)}
}

// Refused fails unless an encoder, after what comes before, says that what tell tells it is invalid, in an error that begins so.
func Refused[E any](t *testing.T, name string, open func(io.Writer, parts.Envelope) E, before, tell func(E) error, want string) {
	t.Helper()
	t.Run(name, func(t *testing.T) {
		t.Parallel()
		enc := open(new(bytes.Buffer), Envelope())
		if err := before(enc); err != nil {
			t.Fatal(err)
		}
		var invalid *parts.InvalidError
		if err := tell(enc); !errors.As(err, &invalid) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("got %v, want %s …", err, want)
		}
	})
}

// Wrote fails unless x12 holds the segments that are wanted, and has no finding.
func Wrote(t *testing.T, x12 []byte, want string) {
	t.Helper()
	if !strings.Contains(string(x12), want) {
		t.Errorf("got  %s\nwant %s", x12, want)
	}
	for _, f := range Findings(t, x12, 0) {
		t.Errorf("finding: %v", f)
	}
}
