package eligibility

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
	"github.com/ediport/ediport/edi/parts"
)

// A Handler receives what a Decoder reads, in file order. What it gets is lent, except for the Header. An error ends the decoding.
type Handler interface {
	Header(*parts.Header) error
	Source(*Source) error
	Receiver(*Receiver) error
	Answer(*Answer) error   // of a 271
	Inquiry(*Inquiry) error // of a 270
	Stray(*parts.Stray) error
}

// Ignore is a Handler that leaves everything out. Embed it to receive some events only.
type Ignore struct{}

// Header does nothing.
func (Ignore) Header(*parts.Header) error { return nil }

// Source does nothing.
func (Ignore) Source(*Source) error { return nil }

// Receiver does nothing.
func (Ignore) Receiver(*Receiver) error { return nil }

// Answer does nothing.
func (Ignore) Answer(*Answer) error { return nil }

// Inquiry does nothing.
func (Ignore) Inquiry(*Inquiry) error { return nil }

// Stray does nothing.
func (Ignore) Stray(*parts.Stray) error { return nil }

// entities that collect segments.
const (
	none = iota
	header
	source
	receiver
	person
	stray
)

// ranks of the levels.
const (
	sourceRank = iota
	receiverRank
	subscriberRank
	dependentRank
)

var ranks = decode.NewRanks(map[uint8]int{inSource: sourceRank, inReceiver: receiverRank, inSubscriber: subscriberRank, inDependent: dependentRank})

// people are the kinds of levels that name one person.
var people = [decode.MaxKinds]bool{inSubscriber: true, inDependent: true}

// A Decoder turns the segments of 270 and 271 transaction sets into events. Its memory is that of the largest person with
// the levels above. It is not safe for several goroutines.
type Decoder struct {
	handler Handler
	levels  decode.Levels
	asking  bool // a 270

	reader    *edi.Reader // lends the segments of an answer; nil: they are copied
	current   int
	rank      int // of the current person
	header    *decode.HeaderBuilder
	source    sourceBuilder
	receiver  receiverBuilder
	answers   [2]answerBuilder  // of subscriber and dependent
	inquiries [2]inquiryBuilder // of subscriber and dependent
	stray     decode.StrayBuilder
}

// NewDecoder returns a Decoder that tells h.
func NewDecoder(h Handler) *Decoder {
	return &Decoder{handler: h, levels: decode.Levels{Resolver: decode.Resolver{Kinds: kinds}, Ranks: ranks, People: people}}
}

// Segment takes the next segment of a transaction set, ST to SE, with its place in the guide. s may be lent. It returns the
// error of the handler.
func (d *Decoder) Segment(s edi.Segment, at guide.Step) error {
	d.reader = nil
	return d.segment(&s, &at)
}

// Scan is Segment for the segment that sc holds. It is faster: what an answer is made of stays in the memory of sc's Reader, see
// [edi.Reader.Hold], which no one else may use then.
func (d *Decoder) Scan(sc *guide.Scanner) error {
	d.reader = sc.Reader()
	s := sc.Segment()
	return d.segment(&s, sc.Place())
}

func (d *Decoder) segment(s *edi.Segment, at *guide.Step) error {
	if d.current == person && !d.asking {
		if kind, tag, ok := d.levels.Continue(s, at); ok { // nearly all
			d.answers[d.rank-subscriberRank].add(s, at, kind, tag)
			return nil
		}
	}
	kind, tag, begins := d.levels.Take(s, at)
	if begins == decode.EndsAll {
		return d.End()
	}
	if begins != decode.BeginsNothing {
		if err := d.flush(); err != nil {
			return err
		}
	}
	d.levels.Enter(s, at, kind, begins)
	if begins != decode.BeginsNothing {
		d.begin(s, kind, begins)
	}
	d.add(s, at, kind, tag)
	return nil
}

// End emits what is being collected. SE ends a transaction set by itself; End is for one that breaks off, and does no harm
// after SE.
func (d *Decoder) End() error {
	err := d.flush()
	d.Reset()
	return err
}

// Reset drops what is being collected, to begin anew with the next ST.
func (d *Decoder) Reset() {
	d.current, d.header = none, nil
	d.levels.Stop()
	d.release()
}

func (d *Decoder) release() {
	d.answers[0].Release()
	d.answers[1].Release()
}

func (d *Decoder) begin(s *edi.Segment, kind uint8, begins decode.Beginning) {
	if kind == inDependent || begins == decode.BeginsStray {
		d.answers[0].own() // dependents show their subscriber
	}
	d.release()
	switch {
	case begins == decode.BeginsHeader:
		d.current, d.header = header, new(decode.HeaderBuilder) // handlers may keep it
		d.asking = s.Text(1).Is("270")
	case begins == decode.BeginsStray:
		d.current = stray
		d.stray.Begin()
	case kind == inSource:
		d.current = source
		d.source.reset()
		d.levels.Check(&d.source.Arena, s)
	case kind == inReceiver:
		d.current = receiver
		d.receiver.reset()
		d.levels.Check(&d.receiver.Arena, s)
	default:
		d.current = person
		d.rank = ranks.Of(kind)
		d.beginPerson(s)
	}
}

func (d *Decoder) beginPerson(s *edi.Segment) {
	i := d.rank - subscriberRank
	if d.asking {
		d.inquiries[i].reset()
		d.levels.Check(&d.inquiries[i].Arena, s)
		return
	}
	d.answers[i].reset()
	// A subscriber without dependents is no longer needed when the next one comes.
	if d.reader != nil && s.Is("HL") && s.Text(4).Is("0") {
		d.answers[i].Borrow(d.reader)
	} else {
		d.answers[i].Borrow(nil)
	}
	d.levels.Check(&d.answers[i].Arena, s)
}

func (d *Decoder) add(s *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	switch d.current {
	case header:
		d.header.Add(s, at, tag)
	case source:
		d.source.add(s, at, kind, tag)
	case receiver:
		d.receiver.add(s, at, kind, tag)
	case person:
		if i := d.rank - subscriberRank; d.asking {
			d.inquiries[i].add(s, at, kind, tag)
		} else {
			d.answers[i].add(s, at, kind, tag)
		}
	case stray:
		d.stray.Add(s, at, tag)
	}
}

func (d *Decoder) flush() error {
	current := d.current
	d.current = none
	switch current {
	case header:
		return d.handler.Header(d.header.Finish())
	case source:
		s := d.source.finish()
		s.Header = &d.header.Header
		return d.handler.Source(s)
	case receiver:
		r := d.receiver.finish()
		r.Header, r.Source = &d.header.Header, d.sourceAbove()
		return d.handler.Receiver(r)
	case person:
		return d.flushPerson()
	case stray:
		return d.handler.Stray(d.stray.Finish(&d.header.Header))
	}
	return nil
}

func (d *Decoder) flushPerson() error {
	below := d.rank == dependentRank && d.levels.Has(subscriberRank)
	if d.asking {
		q := d.inquiries[d.rank-subscriberRank].finish()
		d.place(&q.Person)
		if below {
			q.Subscriber = &d.inquiries[0].inquiry
		}
		return d.handler.Inquiry(q)
	}
	b := &d.answers[d.rank-subscriberRank]
	d.levels.Extend(b.Last())
	a := b.finish()
	d.place(&a.Person)
	if below {
		a.Subscriber = &d.answers[0].answer
	}
	return d.handler.Answer(a)
}

// place tells a person where in the document it stands.
func (d *Decoder) place(p *Person) {
	p.Header, p.Source = &d.header.Header, d.sourceAbove()
	if d.levels.Has(receiverRank) {
		p.Receiver = &d.receiver.receiver
	}
	p.Dependent = d.rank == dependentRank
	p.Level, p.Context = d.levels.Level(p.Context[:0])
}

func (d *Decoder) sourceAbove() *Source {
	if d.levels.Has(sourceRank) {
		return &d.source.source
	}
	return nil
}
