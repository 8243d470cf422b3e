package eligibility

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

func (o *told) Answer(v *Answer) error { return encodetest.Tell(&o.log, "Answer", v, o.to.Answer) }

func (o *told) Inquiry(v *Inquiry) error { return encodetest.Tell(&o.log, "Inquiry", v, o.to.Inquiry) }

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
	"Header.Rejections", "Reference.Further", "Relationship.Employment", "HealthCode.Date", "Procedure.Description",
	"Rejection.Name",
}

func TestEncodeWholeGuide(t *testing.T) {
	t.Parallel()
	var all encodetest.Log
	for _, key := range []string{"270", "271"} {
		t.Run(key, func(t *testing.T) { all.Merge(start.WholeGuide(t, key, nil)) })
	}
	encodetest.EveryField(t, &all, unused...)
}

func TestEncodeCorpus(t *testing.T) {
	t.Parallel()
	t.Run("270", func(t *testing.T) { start.Corpus(t, "270", 10) })
	t.Run("271", func(t *testing.T) { start.Corpus(t, "271", 150) })
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
	start.Fixtures(t, files, InquirySet, AnswerSet)
}

func FuzzEncode(f *testing.F) { start.FuzzAll(f, []string{"270", "271"}, nil, InquirySet, AnswerSet) }
