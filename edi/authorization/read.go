package authorization

import (
	"iter"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/internal/decode"
)

// Set is ST01 of the transaction sets that this package decodes, requests and responses.
const Set = "278"

// Read gives h what all 278s of r hold, in file order; other sets are left out. A set whose guide is not known is left out
// as well; Read then returns a [*parts.NoGuideError] for the first one, after all others. An error of h or of the
// file ends it; after a [*edi.SyntaxError], what can be read behind it has been given to h.
func Read(r *edi.Reader, h Handler) error { return decode.ReadAll(r, NewDecoder(h), Set) }

// Responses returns the events of all 278 responses of r, in file order. An event is lent until the next step. A set whose guide
// is not known and bytes that are not X12 are an error in the sequence, which then goes on behind them if it can. Rejections above
// the events, without an event, are not in the sequence; see [Read].
func Responses(r *edi.Reader) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		decode.Pull(r, yield, func(next func(*Event) error) decode.Sink {
			return NewDecoder(&responses{next: next})
		}, Set)
	}
}

type responses struct {
	Ignore
	next func(*Event) error
}

func (r *responses) Response(e *Event) error { return r.next(e) }

// Requests returns the events of all 278 requests of r, as [Responses] does those of responses.
func Requests(r *edi.Reader) iter.Seq2[*Event, error] {
	return func(yield func(*Event, error) bool) {
		decode.Pull(r, yield, func(next func(*Event) error) decode.Sink {
			return NewDecoder(&requests{next: next})
		}, Set)
	}
}

type requests struct {
	Ignore
	next func(*Event) error
}

func (r *requests) Request(e *Event) error { return r.next(e) }
