package eligibility

import (
	"iter"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// ST01 of the transaction sets that this package decodes.
const (
	InquirySet = "270"
	AnswerSet  = "271"
)

// Read gives h what all 270s and 271s of r hold, in file order; other sets are left out. A set whose guide is not known is left out
// as well; Read then returns a [*parts.NoGuideError] for the first one, after all others. An error of h or of the
// file ends it; after a [*edi.SyntaxError], what can be read behind it has been given to h.
func Read(r *edi.Reader, h Handler) error {
	return decode.ReadAll(r, borrower{NewDecoder(h)}, InquirySet, AnswerSet)
}

// Answers returns the answers of all 271s of r, in file order. An answer is lent until the next step. A set whose guide is not
// known and bytes that are not X12 are an error in the sequence, which then goes on behind them if it can. Rejections of a
// source or receiver without persons are not in the sequence; see [Read].
func Answers(r *edi.Reader) iter.Seq2[*Answer, error] {
	return func(yield func(*Answer, error) bool) {
		decode.Pull(r, yield, func(next func(*Answer) error) decode.Sink {
			return borrower{NewDecoder(&answers{next: next})}
		}, AnswerSet)
	}
}

// A borrower is a Decoder that holds the segments of an answer in the memory of their reader.
type borrower struct{ *Decoder }

func (b borrower) Borrow(r *edi.Reader)                     { b.reader = r }
func (b borrower) Take(s edi.Segment, at *guide.Step) error { return b.segment(&s, at) }

type answers struct {
	Ignore
	next func(*Answer) error
}

func (a *answers) Answer(answer *Answer) error { return a.next(answer) }

// Inquiries returns the inquiries of all 270s of r, as [Answers] does answers.
func Inquiries(r *edi.Reader) iter.Seq2[*Inquiry, error] {
	return func(yield func(*Inquiry, error) bool) {
		decode.Pull(r, yield, func(next func(*Inquiry) error) decode.Sink {
			return NewDecoder(&inquiries{next: next})
		}, InquirySet)
	}
}

type inquiries struct {
	Ignore
	next func(*Inquiry) error
}

func (i *inquiries) Inquiry(inquiry *Inquiry) error { return i.next(inquiry) }
