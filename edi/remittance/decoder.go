package remittance

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// A Handler receives what a Decoder reads, in file order: of each transaction set one Payment, then summaries, claims
// and provider adjustments. What it gets is lent, except for the Payment. An error ends the decoding.
type Handler interface {
	Payment(*Payment) error
	Summary(*Summary) error
	Claim(*Claim) error
	ProviderAdjustment(*ProviderAdjustment) error
}

// Ignore is a Handler that leaves everything out. Embed it to receive some events only.
type Ignore struct{}

// Payment does nothing.
func (Ignore) Payment(*Payment) error { return nil }

// Summary does nothing.
func (Ignore) Summary(*Summary) error { return nil }

// Claim does nothing.
func (Ignore) Claim(*Claim) error { return nil }

// ProviderAdjustment does nothing.
func (Ignore) ProviderAdjustment(*ProviderAdjustment) error { return nil }

// entities that collect segments.
const (
	none = iota
	payment
	summary
	claim
	plb
)

// begins has the segments that begin or end an entity, or may.
var begins = [decode.Tags]bool{
	decode.TagSE: true, decode.TagST: true, decode.TagLX: true, decode.TagCLP: true, decode.TagPLB: true, decode.TagNM1: true,
}

// A Decoder turns the segments of 835 transaction sets into events. Its memory is that of the largest claim. It is not safe
// for several goroutines.
type Decoder struct {
	handler Handler
	resolve decode.Resolver

	current int
	payment *paymentBuilder
	summary summaryBuilder
	claim   claimBuilder
	plb     plbBuilder
	grouped bool // an LX was seen in this transaction set
	claims  int  // CLP seen in this transaction set
}

// NewDecoder returns a Decoder that tells h.
func NewDecoder(h Handler) *Decoder {
	return &Decoder{handler: h, resolve: decode.Resolver{Kinds: kinds}}
}

// Segment takes the next segment of a transaction set, ST to SE, with its place in the guide. s may be lent. It returns the
// error of the handler.
func (d *Decoder) Segment(s edi.Segment, at guide.Step) error {
	d.claim.Borrow(nil)
	return d.segment(&s, &at)
}

// Scan is Segment for the segment that sc holds. It is faster: what a claim is made of stays in the memory of sc's Reader, see
// [edi.Reader.Hold], which no one else may use then.
func (d *Decoder) Scan(sc *guide.Scanner) error {
	d.claim.Borrow(sc.Reader())
	s := sc.Segment()
	return d.segment(&s, sc.Place())
}

func (d *Decoder) segment(s *edi.Segment, at *guide.Step) error {
	kind, tag := d.resolve.Resolve(s, at)
	if d.current == claim && !begins[tag] && !at.Implied { // nearly all
		d.claim.add(s, at, kind, tag)
		return nil
	}
	if err := d.open(s, kind, tag, at); err != nil || tag == decode.TagSE {
		return err
	}
	switch d.current {
	case payment:
		d.payment.add(s, at, kind, tag)
	case summary:
		d.summary.add(s, at, kind, tag)
	case claim:
		d.claim.add(s, at, kind, tag)
	case plb:
		d.plb.add(s, at, kind, tag)
	}
	return nil
}

// End emits what is being collected. SE ends a transaction set by itself; End is for one that breaks off, and does no harm
// after SE.
func (d *Decoder) End() error {
	err := d.flush()
	d.payment = nil
	return err
}

// open ends the current entity and begins the next, if the segment begins one.
func (d *Decoder) open(s *edi.Segment, kind uint8, tag decode.Tag, at *guide.Step) error {
	var next int
	switch tag {
	case decode.TagSE:
		return d.End()
	case decode.TagST:
		next = payment
	case decode.TagLX:
		next = summary
	case decode.TagCLP:
		next = claim
	case decode.TagPLB:
		next = plb
	default:
		if next = d.implied(s, kind, tag, at); next == none {
			return nil
		}
	}
	if err := d.flush(); err != nil {
		return err
	}
	d.current = next
	if next == payment || d.payment == nil {
		d.payment = new(paymentBuilder) // handlers may keep it
		d.grouped, d.claims = false, 0
	}
	switch next {
	case summary:
		d.summary.reset()
		d.grouped = true
	case claim:
		d.claim.reset()
		d.claims++
	case plb:
		d.plb.reset()
	}
	return nil
}

// implied returns what a segment begins although the segment that should begin it is missing: another patient is another claim, even
// without a CLP.
func (d *Decoder) implied(s *edi.Segment, kind uint8, tag decode.Tag, at *guide.Step) int {
	switch {
	case (kind == inClaim || kind == inLine) && d.current != claim,
		kind == inClaim && tag == decode.TagNM1 && (at.Implied || at.OutOfOrder && !d.claim.claim.Patient.IsZero()) && s.Text(1).Is("QC"):
		return claim
	case d.current == none:
		return payment // QUIRK: a set without ST still begins with its payment
	}
	return none
}

func (d *Decoder) flush() error {
	current := d.current
	d.current = none
	switch current {
	case payment:
		return d.handler.Payment(d.payment.finish())
	case summary:
		return d.handler.Summary(d.summary.finish())
	case claim:
		err := d.handler.Claim(d.finishClaim())
		d.claim.Release()
		return err
	case plb:
		return d.flushPLB()
	}
	return nil
}

func (d *Decoder) finishClaim() *Claim {
	c := d.claim.finish()
	c.Ordinal = d.claims
	c.Payment = &d.payment.payment
	if d.grouped {
		c.Summary = &d.summary.summary
	}
	return c
}

func (d *Decoder) flushPLB() error {
	pairs := d.plb.finish()
	for i := range pairs {
		pairs[i].Payment = &d.payment.payment
		if err := d.handler.ProviderAdjustment(&pairs[i]); err != nil {
			return err
		}
	}
	return nil
}
