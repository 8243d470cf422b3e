package authorization

import (
	"io"

	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/encode"
	"github.com/ediport/ediport/edi/parts"
)

// An Encoder writes 278 documents, requests and responses. It is a Handler: what it is told, in the order of a document, each level
// before those below it, it writes, so that a [Decoder] can be followed by an Encoder directly. It goes by the fields only: Segments,
// Level, Context and the pointers to the levels above are not looked at, but for Event.Patient; what is not set is not sent. It makes
// envelopes, counts, control numbers and the HL segments. What an entity may hold is decided by the guide: one that breaks it is
// refused with a [*parts.InvalidError] and leaves no trace, so that the others can go on; an error of Close, and one of the underlying
// writer, means that the file is not complete. An Encoder is not safe for several goroutines.
type Encoder struct{ doc *encode.Document }

var _ Handler = (*Encoder)(nil)

// NewEncoder returns an Encoder to w. It writes in pieces of some 32 KB; w is the caller's to close.
func NewEncoder(w io.Writer, env parts.Envelope) *Encoder { return &Encoder{doc: encode.New(w, env)} }

// Header begins a document: a response if Purpose is 11, else a request. Structure, Date and Time need not be set.
func (e *Encoder) Header(h *parts.Header) error { return e.doc.Header(h, guideOf) }

func guideOf(h *parts.Header) *guide.Guide {
	switch {
	case !h.Set.Is(Set):
		return nil
	case h.Purpose.Is(response):
		return guide.Lookup("278-response")
	}
	return guide.Lookup("278-request")
}

// UMO writes a utilization management organization.
func (e *Encoder) UMO(u *UMO) error {
	e.doc.Level("UMO", &u.Entity, umoRank, "20").LevelParty(&u.Party, u.Rejections, "2000A", "2010A")
	return e.doc.Add()
}

// Requester writes a requester, of the last UMO: all of its Parties, or Name if there are none.
func (e *Encoder) Requester(r *Requester) error {
	b := e.doc.Level("requester", &r.Entity, requesterRank, "21")
	list := r.Parties
	if len(list) == 0 {
		list = []parts.Party{{Name: r.Name}}
	}
	for i := range r.Rejections {
		if r.Rejections[i].Name > len(list) {
			b.Nowhere("AAA", "a rejection belongs to a name that the requester does not have")
		}
	}
	for i := range list {
		b.Party(&list[i], rejectionsOf(r.Rejections, i+1))
	}
	return e.doc.Add()
}

// rejectionsOf returns the rejections of a name of the requester, by its ordinal.
func rejectionsOf(list []parts.Rejection, name int) (of []parts.Rejection) {
	for i := range list {
		if max(list[i].Name, 1) == name {
			of = append(of, list[i])
		}
	}
	return of
}

// Patient writes a subscriber of the last Requester, or a dependent of the last subscriber.
func (e *Encoder) Patient(p *Patient) error {
	name, rank, code, loop := "subscriber", subscriberRank, "22", "2010C"
	if p.Dependent {
		name, rank, code, loop = "dependent", dependentRank, "23", "2010D"
	}
	b := e.doc.Level(name, &p.Entity, rank, code)
	b.Rejected(p.Rejections, loop)
	b.NM1(&p.Name)
	b.REF(p.References)
	b.Address(&p.Address)
	b.AAA(encode.RejectionsOf(p.Rejections, loop, true))
	b.DMG(&p.Demographics)
	b.INS(&p.Relationship)
	return e.doc.Add()
}

// Request writes an event that care is asked for, of the last Patient.
func (e *Encoder) Request(v *Event) error { return e.event(v) }

// Response writes what was decided on an event, of the last Patient.
func (e *Encoder) Response(v *Event) error { return e.event(v) }

// event writes an event: of the last patient, unless it says that it is the subscriber's, of whom a dependent was written as well.
func (e *Encoder) event(v *Event) error {
	b := e.doc.Level("event", &v.Entity, eventRank, "EV")
	if v.Patient != nil && !v.Patient.Dependent {
		e.doc.Under(subscriberRank)
	}
	writeEvent(b, v)
	for i := range v.Services {
		b.Level("SS")
		writeService(b, &v.Services[i])
	}
	return e.doc.Add()
}

// Stray refuses what has no place in a document.
func (e *Encoder) Stray(*parts.Stray) error { return encode.Stray() }

// Close ends the file.
func (e *Encoder) Close() error { return e.doc.Close() }
