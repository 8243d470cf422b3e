package eligibility

import (
	"io"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/encode"
	"github.com/ediport/ediport/edi/parts"
)

// An Encoder writes 270 and 271 documents. It is a Handler: what it is told, in the order of a document, each level before those
// below it, it writes, so that a [Decoder] can be followed by an Encoder directly. It goes by the fields only: Segments, Level,
// Context, HasDependents and the pointers to the levels above are not looked at; what is not set is not sent. It makes envelopes,
// counts, control numbers and the HL segments. What an entity may hold is decided by the guide: one that breaks it is refused with a
// [*parts.InvalidError] and leaves no trace, so that the others can go on; an error of Close, and one of the underlying writer, means
// that the file is not complete. An Encoder is not safe for several goroutines.
type Encoder struct{ doc *encode.Document }

var _ Handler = (*Encoder)(nil)

// NewEncoder returns an Encoder to w. It writes in pieces of some 32 KB; w is the caller's to close.
func NewEncoder(w io.Writer, env parts.Envelope) *Encoder { return &Encoder{doc: encode.New(w, env)} }

// Header begins a document, a 270 or 271 as Set says. Structure, Date and Time need not be set.
func (e *Encoder) Header(h *parts.Header) error { return e.doc.Header(h, guideOf) }

func guideOf(h *parts.Header) *guide.Guide {
	if h.Set.Is(InquirySet) || h.Set.Is(AnswerSet) {
		return guide.Lookup(h.Set.String())
	}
	return nil
}

// Source writes an information source.
func (e *Encoder) Source(s *Source) error {
	e.doc.Level("information source", &s.Entity, sourceRank, "20").LevelParty(&s.Party, s.Rejections, "2000A", "2100A")
	return e.doc.Add()
}

// Receiver writes an information receiver, of the last Source.
func (e *Encoder) Receiver(r *Receiver) error {
	e.doc.Level("information receiver", &r.Entity, receiverRank, "21").LevelParty(&r.Party, r.Rejections, "", "2100B")
	return e.doc.Add()
}

// Answer writes what is known of a person: of a subscriber of the last Receiver, or of a dependent of the last subscriber. The
// rejections of a benefit are those of the Benefit.
func (e *Encoder) Answer(a *Answer) error {
	b := e.person(&a.Person, a.Rejections)
	for i := range a.Benefits {
		writeBenefit(b, &a.Benefits[i])
	}
	return e.doc.Add()
}

// Inquiry writes what is asked about a person: a subscriber of the last Receiver, or a dependent of the last subscriber.
func (e *Encoder) Inquiry(q *Inquiry) error {
	b := e.person(&q.Person, nil)
	for i := range q.Questions {
		writeQuestion(b, &q.Questions[i])
	}
	return e.doc.Add()
}

func (e *Encoder) person(p *Person, rejections []parts.Rejection) *encode.Builder {
	name, rank, code, loop, benefits := "subscriber", subscriberRank, "22", "2100C", "2110C"
	if p.Dependent {
		name, rank, code, loop, benefits = "dependent", dependentRank, "23", "2100D", "2110D"
	}
	b := e.doc.Level(name, &p.Entity, rank, code)
	b.Rejected(rejections, loop, benefits)
	writePerson(b, p, rejections, loop)
	return b
}

// Stray refuses what has no place in a document.
func (e *Encoder) Stray(*parts.Stray) error { return encode.Stray() }

// Close ends the file.
func (e *Encoder) Close() error { return e.doc.Close() }
