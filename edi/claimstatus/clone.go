package claimstatus

import (
	"slices"

	"github.com/ediport/ediport/edi/internal/decode"
)

// Clone returns a copy of the source that is the caller's; the Header, which is not lent, is shared. Like all clones it is decoded
// from the segments of the original, so it has what they say, not what was changed in s.
func (s *Source) Clone() *Source {
	if s == nil {
		return nil
	}
	b := new(sourceBuilder)
	decode.Replay(kinds, s.Span, b.add)
	c := b.finish()
	c.Header, c.Level, c.Problems = s.Header, s.Level, slices.Clone(s.Problems)
	return c
}

// Clone returns a copy of the receiver that is the caller's, with its source.
func (r *Receiver) Clone() *Receiver {
	if r == nil {
		return nil
	}
	b := new(receiverBuilder)
	decode.Replay(kinds, r.Span, b.add)
	c := b.finish()
	c.Header, c.Source, c.Problems = r.Header, r.Source.Clone(), slices.Clone(r.Problems)
	c.Level, c.Context = r.Level, slices.Clone(r.Context)
	return c
}

// Clone returns a copy of the provider that is the caller's, with the levels above it.
func (p *Provider) Clone() *Provider {
	if p == nil {
		return nil
	}
	b := new(providerBuilder)
	decode.Replay(kinds, p.Span, b.add)
	c := b.finish()
	c.Header, c.Source, c.Receiver, c.Problems = p.Header, p.Source.Clone(), p.Receiver.Clone(), slices.Clone(p.Problems)
	c.Level, c.Context = p.Level, slices.Clone(p.Context)
	return c
}

// Clone returns a copy of the patient that is the caller's, with the levels above it.
func (p *Patient) Clone() *Patient {
	if p == nil {
		return nil
	}
	b := new(patientBuilder)
	decode.Replay(kinds, p.Span, b.add)
	c := b.finish()
	c.Header, c.Source, c.Receiver, c.Provider = p.Header, p.Source.Clone(), p.Receiver.Clone(), p.Provider.Clone()
	c.Subscriber, c.Dependent, c.Problems = p.Subscriber.Clone(), p.Dependent, slices.Clone(p.Problems)
	c.Level, c.Context = p.Level, slices.Clone(p.Context)
	return c
}

// Clone returns a copy of the claim that is the caller's, with the patient and the levels above it.
func (c *Claim) Clone() *Claim {
	b := new(claimBuilder)
	decode.Replay(kinds, c.Span, b.add)
	k := b.finish()
	k.Ordinal, k.Header, k.Patient = c.Ordinal, c.Header, c.Patient.Clone()
	k.Source, k.Receiver, k.Provider = c.Source.Clone(), c.Receiver.Clone(), c.Provider.Clone()
	return k
}
