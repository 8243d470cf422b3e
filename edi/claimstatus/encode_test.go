package claimstatus

import (
	"io"
	"testing"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/fixtures"
)

// told tells a log, and passes on.
type told struct {
	log encodetest.Log
	to  Handler
}

func (o *told) Header(v *parts.Header) error {
	return encodetest.Tell(&o.log, "Header", v, o.to.Header)
}
func (o *told) Source(v *Source) error { return encodetest.Tell(&o.log, "Source", v, o.to.Source) }
func (o *told) Receiver(v *Receiver) error {
	return encodetest.Tell(&o.log, "Receiver", v, o.to.Receiver)
}

func (o *told) Provider(v *Provider) error {
	return encodetest.Tell(&o.log, "Provider", v, o.to.Provider)
}

func (o *told) Patient(v *Patient) error { return encodetest.Tell(&o.log, "Patient", v, o.to.Patient) }

func (o *told) Claim(v *Claim) error { return encodetest.Tell(&o.log, "Claim", v, o.to.Claim) }

func (o *told) Request(v *Claim) error { return encodetest.Tell(&o.log, "Request", v, o.to.Request) }

func (o *told) Stray(v *parts.Stray) error { return encodetest.Tell(&o.log, "Stray", v, o.to.Stray) }

var start encodetest.Start = func(out io.Writer, env parts.Envelope) encodetest.Run {
	enc := NewEncoder(out, env)
	o := &told{to: enc}
	return encodetest.Run{
		Log: &o.log, Sink: NewDecoder(o), Close: enc.Close,
		Read: func(r *edi.Reader) error { return Read(r, o) },
	}
}

// unused are fields that the guides of this package don't have: they are of types shared with others.
var unused = []string{
	"Header.Rejections", "Name.Prefix", "Name.Relation", "Trace.Originator", "Trace.Supplemental", "Reference.Description",
	"Reference.Further", "Procedure.Description", "Procedure.EndCode", "Status.Method",
}

func TestEncodeWholeGuide(t *testing.T) {
	t.Parallel()
	var all encodetest.Log
	for _, key := range []string{"276", "277", "277CA"} {
		t.Run(key, func(t *testing.T) { all.Merge(start.WholeGuide(t, key, nil)) })
	}
	encodetest.EveryField(t, &all, unused...)
}

func TestEncodeCorpus(t *testing.T) {
	t.Parallel()
	t.Run("276", func(t *testing.T) { start.Corpus(t, "276", 5) })
	t.Run("277", func(t *testing.T) { start.Corpus(t, "277", 8) })
}

func TestEncodeFixtures(t *testing.T) {
	t.Parallel()
	files := make(map[string][]byte)
	for _, e := range fixtures.Catalog() {
		x12, err := fixtures.Open(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		files[e.Name] = x12
	}
	start.Fixtures(t, files, RequestSet, AnswerSet)
}

func FuzzEncode(f *testing.F) {
	start.FuzzAll(f, []string{"276", "277", "277CA"}, nil, RequestSet, AnswerSet)
}
