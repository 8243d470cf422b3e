package remittance

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// Kinds of loops. Loops that are none of these fill no fields.
const (
	inOther uint8 = iota + 1
	inPayer
	inPayee
	inSummary
	inClaim
	inLine
)

var kinds = decode.NewKinds(map[string]uint8{
	"1000A": inPayer, "1000B": inPayee, "2000": inSummary, "2100": inClaim, "2110": inLine,
}, inOther)

// A paymentBuilder fills a Payment.
type paymentBuilder struct {
	decode.Arena
	payment Payment
}

func (b *paymentBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	p := &b.payment
	switch kind {
	case inPayer:
		b.Party(&p.Payer, s, tag)
	case inPayee:
		if tag == decode.TagRDM {
			p.Delivery = Delivery{Method: s.Text(1), Name: s.Text(2), Number: s.Text(3)}
			return
		}
		b.Party(&p.Payee, s, tag)
	case inOther:
		b.header(p, s, tag)
	}
}

func (b *paymentBuilder) header(p *Payment, s *decode.Segment, tag decode.Tag) {
	switch tag {
	case decode.TagST:
		p.ControlNumber = s.Text(2)
	case decode.TagBPR:
		readBPR(&b.Arena, p, s)
	case decode.TagTRN:
		p.Trace = decode.Trace(s)
	case decode.TagCUR:
		p.CurrencyEntity, p.Currency = s.Text(1), s.Text(2)
	case decode.TagREF:
		b.REF(&p.References, s)
		if r := p.References[len(p.References)-1]; r.Qualifier.Is("EV") {
			p.ReceiverID = r.ID
		} else if r.Qualifier.Is("F2") {
			p.Version = r.ID
		}
	case decode.TagDTM:
		b.DTM(&p.Dates, s)
	}
}

func (b *paymentBuilder) finish() *Payment {
	b.payment.Entity = b.Entity()
	return &b.payment
}

// A summaryBuilder fills a Summary.
type summaryBuilder struct {
	decode.Arena
	summary Summary
}

func (b *summaryBuilder) reset() {
	b.Reset()
	b.summary = Summary{}
}

func (b *summaryBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	if kind != inSummary {
		return
	}
	switch tag {
	case decode.TagLX:
		b.summary.Number = s.Text(1)
	case decode.TagTS3:
		readTS3(&b.Arena, &b.summary.Provider, s)
	case decode.TagTS2:
		readTS2(&b.Arena, &b.summary.Medicare, s)
	}
}

func (b *summaryBuilder) finish() *Summary {
	b.summary.Entity = b.Entity()
	return &b.summary
}

// A claimBuilder fills a Claim.
type claimBuilder struct {
	decode.Arena
	adjustments decode.Slab[Adjustment]
	remarks     decode.Slab[Remark]
	claim       Claim
}

func (b *claimBuilder) reset() {
	b.Reset()
	b.adjustments.Reset()
	b.remarks.Reset()
	b.claim.reset()
}

func (b *claimBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch kind {
	case inClaim:
		b.addToClaim(s, tag)
	case inLine:
		if at.Opened {
			decode.Grow(&b.claim.Lines).first = b.Len() - 1
		}
		// A loop whose SVC is missing makes no line: it would have no money, and may be a segment sent once too often.
		if n := len(b.claim.Lines); n > 0 {
			b.addToLine(&b.claim.Lines[n-1], s, tag)
		} else {
			b.addToClaim(s, tag)
		}
	}
}

func (b *claimBuilder) addToClaim(s *decode.Segment, tag decode.Tag) {
	c := &b.claim
	switch tag {
	case decode.TagCLP:
		readCLP(&b.Arena, c, s)
	case decode.TagCAS:
		b.readCAS(&c.Adjustments, s)
	case decode.TagNM1:
		c.readNM1(s)
	case decode.TagMIA:
		b.readMIA(&c.Inpatient, s)
	case decode.TagMOA:
		b.readMOA(&c.Outpatient, s)
	case decode.TagREF:
		b.REF(&c.References, s)
	case decode.TagDTM:
		b.DTM(&c.Dates, s)
	case decode.TagPER:
		b.PER(&c.Contacts, s)
	case decode.TagAMT:
		b.AMT(&c.Amounts, s)
	case decode.TagQTY:
		b.QTY(&c.Quantities, s)
	}
}

func (b *claimBuilder) addToLine(l *Line, s *decode.Segment, tag decode.Tag) {
	l.end = b.Len()
	switch tag {
	case decode.TagSVC:
		readSVC(&b.Arena, l, s)
	case decode.TagCAS:
		b.readCAS(&l.Adjustments, s)
	case decode.TagREF:
		b.REF(&l.References, s)
	case decode.TagDTM:
		b.DTM(&l.Dates, s)
	case decode.TagAMT:
		b.AMT(&l.Amounts, s)
	case decode.TagQTY:
		b.QTY(&l.Quantities, s)
	case decode.TagLQ:
		b.readLQ(&l.Remarks, s)
	}
}

func (b *claimBuilder) finish() *Claim {
	c := &b.claim
	c.Entity = b.Entity()
	for i := range c.Lines {
		l := &c.Lines[i]
		b.PutSpan(&l.Span, l.first, l.end)
	}
	return c
}

// A plbBuilder fills the ProviderAdjustments of one PLB.
type plbBuilder struct {
	decode.Arena
	pairs []ProviderAdjustment
}

func (b *plbBuilder) reset() {
	b.Reset()
	b.pairs = b.pairs[:0]
}

func (b *plbBuilder) add(raw *edi.Segment, at *guide.Step, _ uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	if tag != decode.TagPLB {
		return
	}
	period := b.Day(s, 2)
	for n, last := 3, s.Len(); n <= last; n += 2 {
		id, amount := s.Components(n), b.Number(s, n+1)
		if len(id) == 0 && !amount.Sent {
			continue
		}
		b.pairs = append(b.pairs, ProviderAdjustment{
			Provider: s.Text(1), FiscalPeriod: period, Reason: decode.Component(id, 1), Reference: decode.Component(id, 2), Amount: amount.Value,
			Element: n, Pair: len(b.pairs) + 1,
		})
	}
}

func (b *plbBuilder) finish() []ProviderAdjustment {
	e := b.Entity()
	if len(b.pairs) == 0 {
		b.pairs = append(b.pairs, ProviderAdjustment{}) // QUIRK: a PLB without a pair is still told of, with amount 0
	}
	for i := range b.pairs {
		b.pairs[i].Entity = e
	}
	return b.pairs
}
