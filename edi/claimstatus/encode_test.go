package claimstatus

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

func (o told) Source(v *Source) error { return encodetest.Tell(o.Log, "Source", v, o.to.Source) }

func (o told) Receiver(v *Receiver) error {
	return encodetest.Tell(o.Log, "Receiver", v, o.to.Receiver)
}

func (o told) Provider(v *Provider) error {
	return encodetest.Tell(o.Log, "Provider", v, o.to.Provider)
}

func (o told) Patient(v *Patient) error   { return encodetest.Tell(o.Log, "Patient", v, o.to.Patient) }
func (o told) Claim(v *Claim) error       { return encodetest.Tell(o.Log, "Claim", v, o.to.Claim) }
func (o told) Request(v *Claim) error     { return encodetest.Tell(o.Log, "Request", v, o.to.Request) }
func (o told) Stray(v *parts.Stray) error { return encodetest.Tell(o.Log, "Stray", v, o.to.Stray) }

var suite = encodetest.Suite{
	Start:  encodetest.Starter(NewEncoder, func(l *encodetest.Log, to *Encoder) Handler { return told{l, to} }, NewDecoder, Read),
	Guides: []string{"276", "277", "277CA"},
	Corpus: map[string]int{RequestSet: 5, AnswerSet: 8},
	Unset: []string{
		"Header.Rejections", "Name.Prefix", "Name.Relation", "Trace.Originator", "Trace.Supplemental", "Reference.Description",
		"Reference.Further", "Procedure.Description", "Procedure.EndCode", "Status.Method",
	},
}

func TestEncode(t *testing.T) {
	t.Parallel()
	suite.Test(t, fixtures.FS)
}

func FuzzEncode(f *testing.F) { suite.Fuzz(f) }
