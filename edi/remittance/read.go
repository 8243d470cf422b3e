package remittance

import (
	"iter"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// Set is ST01 of the transaction sets that this package decodes.
const Set = "835"

// Reset drops what is being collected, to begin anew with the next ST.
func (d *Decoder) Reset() {
	d.current, d.payment = none, nil
	d.claim.Release()
}

// Read gives h what all 835s of r hold, in file order; other sets are left out. A set whose guide is not known is left out
// as well; Read then returns a [*parts.NoGuideError] for the first one, after all others. An error of h or of the
// file ends it; after a [*edi.SyntaxError], what can be read behind it has been given to h.
func Read(r *edi.Reader, h Handler) error { return decode.ReadAll(r, borrower{NewDecoder(h)}, Set) }

// Claims returns the claims of all 835s of r, in file order. A claim is lent until the next step. A set whose guide is not known
// and bytes that are not X12 are an error in the sequence, which then goes on behind them if it can.
func Claims(r *edi.Reader) iter.Seq2[*Claim, error] {
	return func(yield func(*Claim, error) bool) {
		decode.Pull(r, yield, func(next func(*Claim) error) decode.Sink {
			return borrower{NewDecoder(&claims{next: next})}
		}, Set)
	}
}

// A borrower is a Decoder that holds the segments of a claim in the memory of their reader.
type borrower struct{ *Decoder }

func (b borrower) Borrow(r *edi.Reader)                     { b.claim.Borrow(r) }
func (b borrower) Take(s edi.Segment, at *guide.Step) error { return b.segment(&s, at) }

type claims struct {
	Ignore
	next func(*Claim) error
}

func (c *claims) Claim(claim *Claim) error { return c.next(claim) }
