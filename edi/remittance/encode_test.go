package remittance

import (
	"strings"
	"testing"

	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/fixtures"
)

// told notes what it is told, and passes it on.
type told struct {
	*encodetest.Log
	to Handler
}

func (o told) Payment(v *Payment) error { return encodetest.Tell(o.Log, "Payment", v, o.to.Payment) }

func (o told) Summary(v *Summary) error { return encodetest.Tell(o.Log, "Summary", v, o.to.Summary) }
func (o told) Claim(v *Claim) error     { return encodetest.Tell(o.Log, "Claim", v, o.to.Claim) }
func (o told) ProviderAdjustment(v *ProviderAdjustment) error {
	return encodetest.Tell(o.Log, "ProviderAdjustment", v, o.to.ProviderAdjustment)
}

// money are the elements that a payment is balanced by.
func money() map[string]string {
	zero := make(map[string]string)
	for _, ref := range strings.Fields("BPR02 CLP03 CLP04 CLP05 SVC02 SVC03 CAS03 CAS06 CAS09 CAS12 CAS15 CAS18 PLB04 PLB06 PLB08 PLB10 PLB12 PLB14") {
		zero[ref] = "0"
	}
	return zero
}

var suite = encodetest.Suite{
	Start:  encodetest.Starter(NewEncoder, func(l *encodetest.Log, to *Encoder) Handler { return told{l, to} }, NewDecoder, Read),
	Guides: []string{"835"},
	Values: money(),
	Corpus: map[string]int{Set: 150},
	Unset: []string{
		"Reference.Description", "Reference.Further", "Date.To", "Date.Format", "Name.Prefix", "Name.Relation",
		"Address.LocationQualifier", "Address.Location", "Party.Provider", "Provider.Code", "Provider.Qualifier",
		"Provider.ID", "Procedure.EndCode",
	},
}

func TestEncode(t *testing.T) {
	t.Parallel()
	suite.Test(t, fixtures.FS, amounts)
}

func FuzzEncode(f *testing.F) { suite.Fuzz(f) }
