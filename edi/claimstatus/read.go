package claimstatus

import (
	"iter"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
)

// ST01 of the transaction sets that this package decodes. A 277CA is a 277, too.
const (
	RequestSet = "276"
	AnswerSet  = "277"
)

// Read gives h what all 276s and 277s of r hold, in file order; other sets are left out. A set whose guide is not known is left out
// as well; Read then returns a [*parts.NoGuideError] for the first one, after all others. An error of h or of the
// file ends it; after a [*edi.SyntaxError], what can be read behind it has been given to h.
func Read(r *edi.Reader, h Handler) error {
	return decode.ReadAll(r, NewDecoder(h), RequestSet, AnswerSet)
}

// Claims returns the claims of all 277s of r, in file order. A claim is lent until the next step. A set whose guide is not
// known and bytes that are not X12 are an error in the sequence, which then goes on behind them if it can. Statuses of levels
// above the claims are reached by the claim; those of levels without claims are not in the sequence, see [Read].
func Claims(r *edi.Reader) iter.Seq2[*Claim, error] {
	return func(yield func(*Claim, error) bool) {
		decode.Pull(r, yield, func(next func(*Claim) error) decode.Sink {
			return NewDecoder(&claims{next: next})
		}, AnswerSet)
	}
}

// Requests returns the requests of all 276s of r, as [Claims] does claims.
func Requests(r *edi.Reader) iter.Seq2[*Claim, error] {
	return func(yield func(*Claim, error) bool) {
		decode.Pull(r, yield, func(next func(*Claim) error) decode.Sink {
			return NewDecoder(&claims{next: next})
		}, RequestSet)
	}
}

type claims struct {
	Ignore
	next func(*Claim) error
}

func (c *claims) Claim(claim *Claim) error   { return c.next(claim) }
func (c *claims) Request(claim *Claim) error { return c.next(claim) }
