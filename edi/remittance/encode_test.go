package remittance

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

func (o *told) Payment(v *Payment) error { return encodetest.Tell(&o.log, "Payment", v, o.to.Payment) }

func (o *told) Summary(v *Summary) error { return encodetest.Tell(&o.log, "Summary", v, o.to.Summary) }
func (o *told) Claim(v *Claim) error     { return encodetest.Tell(&o.log, "Claim", v, o.to.Claim) }
func (o *told) ProviderAdjustment(v *ProviderAdjustment) error {
	return encodetest.Tell(&o.log, "ProviderAdjustment", v, o.to.ProviderAdjustment)
}

var start encodetest.Start = func(out io.Writer, env parts.Envelope) encodetest.Run {
	enc := NewEncoder(out, env)
	o := &told{to: enc}
	return encodetest.Run{
		Log: &o.log, Sink: NewDecoder(o), Close: enc.Close,
		Read: func(r *edi.Reader) error { return Read(r, o) },
	}
}

// money are the elements that a payment is balanced by.
func money() map[string]string {
	zero := map[string]string{"BPR02": "0", "CLP03": "0", "CLP04": "0", "CLP05": "0", "SVC02": "0", "SVC03": "0"}
	for _, ref := range []string{
		"CAS03", "CAS06", "CAS09", "CAS12", "CAS15", "CAS18", "PLB04", "PLB06", "PLB08", "PLB10", "PLB12", "PLB14",
	} {
		zero[ref] = "0"
	}
	return zero
}

// unused are fields that the guides of this package don't have: they are of types shared with others.
var unused = []string{
	"Reference.Description", "Reference.Further", "Date.To", "Date.Format", "Name.Prefix", "Name.Relation",
	"Address.LocationQualifier", "Address.Location", "Party.Provider", "Provider.Code", "Provider.Qualifier",
	"Provider.ID", "Procedure.EndCode",
}

func TestEncodeWholeGuide(t *testing.T) {
	t.Parallel()
	var all encodetest.Log
	for _, key := range []string{"835"} {
		t.Run(key, func(t *testing.T) { all.Merge(start.WholeGuide(t, key, money())) })
	}
	t.Run("amounts", func(t *testing.T) { all.Merge(amounts(t)) })
	encodetest.EveryField(t, &all, unused...)
}

func TestEncodeCorpus(t *testing.T) {
	t.Parallel()
	t.Run("835", func(t *testing.T) { start.Corpus(t, "835", 150) })
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

func FuzzEncode(f *testing.F) { start.FuzzAll(f, []string{"835"}, money(), "835") }
