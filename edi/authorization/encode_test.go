package authorization

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
func (o *told) UMO(v *UMO) error { return encodetest.Tell(&o.log, "UMO", v, o.to.UMO) }
func (o *told) Requester(v *Requester) error {
	return encodetest.Tell(&o.log, "Requester", v, o.to.Requester)
}

func (o *told) Patient(v *Patient) error { return encodetest.Tell(&o.log, "Patient", v, o.to.Patient) }

func (o *told) Request(v *Event) error { return encodetest.Tell(&o.log, "Request", v, o.to.Request) }

func (o *told) Response(v *Event) error { return encodetest.Tell(&o.log, "Response", v, o.to.Response) }

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
	"Header.Rejections", "Name.Relation", "Address.LocationQualifier", "Address.Location", "Relationship.MaintenanceType",
	"Relationship.MaintenanceReason", "Request.Frequency",
}

func TestEncodeWholeGuide(t *testing.T) {
	t.Parallel()
	var all encodetest.Log
	for _, key := range []string{"278-request", "278-response"} {
		t.Run(key, func(t *testing.T) { all.Merge(start.WholeGuide(t, key, nil)) })
	}
	encodetest.EveryField(t, &all, unused...)
}

func TestEncodeCorpus(t *testing.T) {
	t.Parallel()
	t.Run("278", func(t *testing.T) { start.Corpus(t, "278", 15) })
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
	start.Fixtures(t, files, Set)
}

func FuzzEncode(f *testing.F) { start.FuzzAll(f, []string{"278-request", "278-response"}, nil, Set) }
