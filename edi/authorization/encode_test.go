package authorization

import (
	"testing"

	"github.com/ediport/ediport/edi/internal/encodetest"
	"github.com/ediport/ediport/edi/parts"
	"github.com/ediport/ediport/fixtures"
)

// told notes what it is told, and passes it on.
type told struct {
	*encodetest.Log
	to Handler
}

func (o told) Header(v *parts.Header) error { return encodetest.Tell(o.Log, "Header", v, o.to.Header) }
func (o told) UMO(v *UMO) error             { return encodetest.Tell(o.Log, "UMO", v, o.to.UMO) }
func (o told) Requester(v *Requester) error {
	return encodetest.Tell(o.Log, "Requester", v, o.to.Requester)
}

func (o told) Patient(v *Patient) error { return encodetest.Tell(o.Log, "Patient", v, o.to.Patient) }

func (o told) Request(v *Event) error { return encodetest.Tell(o.Log, "Request", v, o.to.Request) }

func (o told) Response(v *Event) error    { return encodetest.Tell(o.Log, "Response", v, o.to.Response) }
func (o told) Stray(v *parts.Stray) error { return encodetest.Tell(o.Log, "Stray", v, o.to.Stray) }

var suite = encodetest.Suite{
	Start:  encodetest.Starter(NewEncoder, func(l *encodetest.Log, to *Encoder) Handler { return told{l, to} }, NewDecoder, Read),
	Guides: []string{"278-request", "278-response"},
	Corpus: map[string]int{Set: 15},
	Unset: []string{
		"Header.Rejections", "Name.Relation", "Address.LocationQualifier", "Address.Location", "Relationship.MaintenanceType",
		"Relationship.MaintenanceReason", "Request.Frequency",
	},
}

func TestEncode(t *testing.T) {
	t.Parallel()
	suite.Test(t, fixtures.FS)
}

func FuzzEncode(f *testing.F) { suite.Fuzz(f) }
