package remittance

import "github.com/ediport/ediport/edi/internal/decode"

// Clone returns a copy of the claim that is the caller's, with its summary; the payment, which is not lent, is shared.
// It is decoded from the segments of the claim, so it has what they say, not what was changed in c.
func (c *Claim) Clone() *Claim {
	b := new(claimBuilder)
	decode.Replay(kinds, c.Span, b.add)
	clone := b.finish()
	clone.Payment, clone.Ordinal = c.Payment, c.Ordinal
	if c.Summary != nil {
		clone.Summary = c.Summary.Clone()
	}
	return clone
}

// Clone returns a copy of the summary that is the caller's.
func (s *Summary) Clone() *Summary {
	b := new(summaryBuilder)
	decode.Replay(kinds, s.Span, b.add)
	return b.finish()
}

// Clone returns a copy of the provider adjustment that is the caller's; the payment, which is not lent, is shared.
func (p *ProviderAdjustment) Clone() *ProviderAdjustment {
	b := new(plbBuilder)
	decode.Replay(kinds, p.Span, b.add)
	clone := b.finish()[max(p.Pair, 1)-1]
	clone.Payment = p.Payment
	return &clone
}
