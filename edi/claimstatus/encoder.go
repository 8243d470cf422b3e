package claimstatus

import (
	"io"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/encode"
	"github.com/ediport/ediport/edi/parts"
)

// An Encoder writes 276, 277 and 277CA documents. It is a Handler: what it is told, in the order of a document, each level before
// those below it, it writes, so that a [Decoder] can be followed by an Encoder directly. It goes by the fields only: Segments, Level,
// Context and the pointers to the levels above are not looked at; what is not set is not sent. It makes envelopes, counts, control
// numbers and the HL segments. What an entity may hold is decided by the guide: one that breaks it is refused with a
// [*parts.InvalidError] and leaves no trace, so that the others can go on; an error of Close, and one of the underlying writer, means
// that the file is not complete. An Encoder is not safe for several goroutines.
type Encoder struct {
	doc *encode.Document
	top *guide.Guide // of the open document
}

var _ Handler = (*Encoder)(nil)

// NewEncoder returns an Encoder to w. It writes in pieces of some 32 KB; w is the caller's to close.
func NewEncoder(w io.Writer, env parts.Envelope) *Encoder { return &Encoder{doc: encode.New(w, env)} }

// acknowledgment is BHT01 of a 277CA.
const acknowledgment = "0085"

// Header begins a document: a 276 or 277 as Set says, a 277CA if Structure is 0085. Other Structures, Date and Time need not be set.
func (e *Encoder) Header(h *parts.Header) error {
	e.top = guideOf(h)
	return e.doc.Header(h, guideOf)
}

func guideOf(h *parts.Header) *guide.Guide {
	switch {
	case h.Set.Is(RequestSet):
		return guide.Lookup("276")
	case h.Set.Is(AnswerSet) && h.Structure.Is(acknowledgment):
		return guide.Lookup("277CA")
	case h.Set.Is(AnswerSet):
		return guide.Lookup("277")
	}
	return nil
}

// Source writes an information source.
func (e *Encoder) Source(s *Source) error {
	b := e.doc.Level("information source", &s.Entity, sourceRank, "20")
	b.NM1(&s.Name)
	b.PER(s.Contacts)
	writeTracking(b, &s.Tracking)
	return e.doc.Add()
}

// Receiver writes an information receiver, of the last Source.
func (e *Encoder) Receiver(r *Receiver) error {
	b := e.doc.Level("information receiver", &r.Entity, receiverRank, "21")
	b.NM1(&r.Name)
	writeTracking(b, &r.Tracking)
	return e.doc.Add()
}

// Provider writes a service provider, of the last Receiver: all of its Names, or Name if there are none.
func (e *Encoder) Provider(p *Provider) error {
	b := e.doc.Level("provider", &p.Entity, providerRank, "19")
	if len(p.Names) == 0 {
		b.NM1(&p.Name)
	}
	b.Names(p.Names)
	writeTracking(b, &p.Tracking)
	return e.doc.Add()
}

// Patient writes a patient, of the last Provider, or of the last subscriber if it is a dependent.
func (e *Encoder) Patient(p *Patient) error {
	name, rank, code := "subscriber", patientRank, "22"
	switch {
	case p.Dependent:
		name, rank, code = "dependent", dependentRank, "23"
	case e.top == guide.Lookup("277CA"):
		name, code = "patient", "PT"
	}
	b := e.doc.Level(name, &p.Entity, rank, code)
	b.DMG(&p.Demographics)
	b.NM1(&p.Name)
	return e.doc.Add("TRN")
}

// Claim writes the status of a claim of the last Patient.
func (e *Encoder) Claim(c *Claim) error { return e.claim("claim", c) }

// Request writes a request for the status of a claim of the last Patient.
func (e *Encoder) Request(c *Claim) error { return e.claim("request", c) }

func (e *Encoder) claim(name string, c *Claim) error {
	b := e.doc.Part(name, &c.Entity, dependentRank+1, false)
	writeTracking(b, &c.Tracking)
	for i := range c.Lines {
		writeLine(b, &c.Lines[i])
	}
	return e.doc.Add()
}

// Stray refuses what has no place in a document.
func (e *Encoder) Stray(*parts.Stray) error { return encode.Stray() }

// Close ends the file.
func (e *Encoder) Close() error { return e.doc.Close() }
