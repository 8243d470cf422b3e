package authorization

import (
	"slices"

	"github.com/ediport/ediport/edi/internal/decode"
)

// Clone returns a copy of the UMO that is the caller's; the Header, which is not lent, is shared. Like all clones it is decoded
// from the segments of the original, so it has what they say, not what was changed in u.
func (u *UMO) Clone() *UMO {
	if u == nil {
		return nil
	}
	b := new(umoBuilder)
	decode.Replay(kinds, u.Span, b.add)
	c := b.finish()
	c.Header, c.Level, c.Problems = u.Header, u.Level, slices.Clone(u.Problems)
	return c
}

// Clone returns a copy of the requester that is the caller's, with the UMO.
func (r *Requester) Clone() *Requester {
	if r == nil {
		return nil
	}
	b := new(requesterBuilder)
	decode.Replay(kinds, r.Span, b.add)
	c := b.finish()
	c.Header, c.UMO, c.Problems = r.Header, r.UMO.Clone(), slices.Clone(r.Problems)
	c.Level, c.Context = r.Level, slices.Clone(r.Context)
	return c
}

// Clone returns a copy of the patient that is the caller's, with the levels above.
func (p *Patient) Clone() *Patient {
	if p == nil {
		return nil
	}
	b := new(patientBuilder)
	decode.Replay(kinds, p.Span, b.add)
	c := b.finish()
	c.Header, c.UMO, c.Requester, c.Subscriber = p.Header, p.UMO.Clone(), p.Requester.Clone(), p.Subscriber.Clone()
	c.Dependent, c.Problems = p.Dependent, slices.Clone(p.Problems)
	c.Level, c.Context = p.Level, slices.Clone(p.Context)
	return c
}

// Clone returns a copy of the event that is the caller's, with its services and the levels above.
func (e *Event) Clone() *Event {
	b := new(eventBuilder)
	decode.Replay(kinds, e.Span, b.add)
	c := b.finish()
	c.Header, c.UMO, c.Requester, c.Patient = e.Header, e.UMO.Clone(), e.Requester.Clone(), e.Patient.Clone()
	c.Response, c.Problems = e.Response, slices.Clone(e.Problems)
	c.Level, c.Context = e.Level, slices.Clone(e.Context)
	return c
}
