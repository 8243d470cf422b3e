package eligibility

import (
	"slices"

	"github.com/ediport/ediport/edi/internal/decode"
)

// Clone returns a copy of the answer that is the caller's, with the levels above it; the Header, which is not lent, is shared.
// It is decoded from the segments of the answer, so it has what they say, not what was changed in a.
func (a *Answer) Clone() *Answer {
	b := new(answerBuilder)
	decode.Replay(kinds, a.Span, b.add)
	clone := b.finish()
	clone.place(&a.Person, a.Source.clone(), a.Receiver.clone())
	if a.Subscriber != nil {
		clone.Subscriber = a.Subscriber.Clone()
	}
	return clone
}

// Clone returns a copy of the inquiry that is the caller's, as for [Answer.Clone].
func (q *Inquiry) Clone() *Inquiry {
	b := new(inquiryBuilder)
	decode.Replay(kinds, q.Span, b.add)
	clone := b.finish()
	clone.place(&q.Person, q.Source.clone(), q.Receiver.clone())
	if q.Subscriber != nil {
		clone.Subscriber = q.Subscriber.Clone()
	}
	return clone
}

// place copies what does not stand in the person's own segments.
func (p *Person) place(of *Person, s *Source, r *Receiver) {
	p.Header, p.Dependent, p.Level, p.Context = of.Header, of.Dependent, of.Level, slices.Clone(of.Context)
	p.Problems, p.Source, p.Receiver = slices.Clone(of.Problems), s, r
}

func (s *Source) clone() *Source {
	if s == nil {
		return nil
	}
	return s.Clone()
}

func (r *Receiver) clone() *Receiver {
	if r == nil {
		return nil
	}
	return r.Clone()
}

// Clone returns a copy of the source that is the caller's.
func (s *Source) Clone() *Source {
	b := new(sourceBuilder)
	decode.Replay(kinds, s.Span, b.add)
	clone := b.finish()
	clone.Header, clone.Problems = s.Header, slices.Clone(s.Problems)
	return clone
}

// Clone returns a copy of the receiver that is the caller's, with its source.
func (r *Receiver) Clone() *Receiver {
	b := new(receiverBuilder)
	decode.Replay(kinds, r.Span, b.add)
	clone := b.finish()
	clone.Header, clone.Problems = r.Header, slices.Clone(r.Problems)
	if r.Source != nil {
		clone.Source = r.Source.Clone()
	}
	return clone
}
