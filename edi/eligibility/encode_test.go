package eligibility

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

func (o told) Answer(v *Answer) error { return encodetest.Tell(o.Log, "Answer", v, o.to.Answer) }

func (o told) Inquiry(v *Inquiry) error   { return encodetest.Tell(o.Log, "Inquiry", v, o.to.Inquiry) }
func (o told) Stray(v *parts.Stray) error { return encodetest.Tell(o.Log, "Stray", v, o.to.Stray) }

var suite = encodetest.Suite{
	Start:  encodetest.Starter(NewEncoder, func(l *encodetest.Log, to *Encoder) Handler { return told{l, to} }, NewDecoder, Read),
	Guides: []string{"270", "271"},
	Corpus: map[string]int{InquirySet: 10, AnswerSet: 150},
	Unset: []string{
		"Header.Rejections", "Reference.Further", "Relationship.Employment", "HealthCode.Date", "Procedure.Description",
		"Rejection.Name",
	},
}

func TestEncode(t *testing.T) {
	t.Parallel()
	suite.Test(t, fixtures.FS)
}

func FuzzEncode(f *testing.F) { suite.Fuzz(f) }
