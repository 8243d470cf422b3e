package eligibility

import (
	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
	"github.com/ediport/ediport/edi/internal/decode"
)

// Kinds of loops. Loops that are none of these fill no fields.
const (
	inOther uint8 = iota + 1
	inSource
	inReceiver
	inSubscriber
	inDependent
	inBenefit // 2110 of a 271 and of a 270
	inAdditional
	inEntity
)

var kinds = decode.NewKinds(map[string]uint8{
	"2000A": inSource, "2100A": inSource, "2000B": inReceiver, "2100B": inReceiver, "2000C": inSubscriber, "2100C": inSubscriber,
	"2000D": inDependent, "2100D": inDependent, "2110C": inBenefit, "2110D": inBenefit, "2115C": inAdditional, "2115D": inAdditional,
	"2120C": inEntity, "2120D": inEntity,
}, inOther)

// addToPerson reads a segment of the person's own loops.
func addToPerson(a *decode.Arena, p *Person, s *decode.Segment, tag decode.Tag) {
	switch tag {
	case decode.TagHL:
		p.HasDependents = s.Text(4).Is("1")
	case decode.TagTRN:
		a.TRN(&p.Traces, s)
	case decode.TagNM1:
		if p.Name.IsZero() {
			decode.ReadNM1(&p.Name, s)
		}
	case decode.TagREF:
		a.REF(&p.References, s)
	case decode.TagN3:
		decode.N3(&p.Address, s)
	case decode.TagN4:
		decode.N4(&p.Address, s)
	case decode.TagPRV:
		p.Provider = decode.PRV(s)
	case decode.TagDMG:
		a.DMG(&p.Demographics, s)
	case decode.TagINS:
		p.Relationship = decode.INS(s)
	case decode.TagHI:
		a.HI(&p.Diagnoses, s)
	case decode.TagDTP:
		a.DTP(&p.Dates, s)
	case decode.TagMPI:
		a.MPI(&p.Military, s)
	}
}

// An answerBuilder fills an Answer.
type answerBuilder struct {
	decode.Arena
	additional decode.Slab[Additional]
	answer     Answer
}

func (b *answerBuilder) reset() {
	b.Reset()
	b.additional.Reset()
	benefits, context := b.answer.Benefits[:0], b.answer.Context[:0]
	b.answer = Answer{} // at once, without another one that would be copied
	b.answer.Benefits, b.answer.Context = benefits, context
}

func (b *answerBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	if tag == decode.TagAAA {
		b.AAA(&b.answer.Rejections, s, at.Loop)
	}
	switch kind {
	case inSubscriber, inDependent:
		addToPerson(&b.Arena, &b.answer.Person, s, tag)
		return
	case inBenefit:
		if at.Opened {
			decode.Grow(&b.answer.Benefits).first = b.Len() - 1
		}
	case inAdditional, inEntity:
	default:
		return
	}
	if n := len(b.answer.Benefits); n > 0 {
		b.addToBenefit(&b.answer.Benefits[n-1], s, at, kind, tag)
	}
}

func (b *answerBuilder) addToBenefit(e *Benefit, s *decode.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	e.end = b.Len()
	if kind == inEntity {
		if at.Opened {
			b.AppendParty(&e.Entities)
		}
		if n := len(e.Entities); n > 0 {
			b.Party(&e.Entities[n-1], s, tag)
		}
		return
	}
	switch tag {
	case decode.TagEB:
		b.readEB(e, s)
	case decode.TagHSD:
		b.HSD(&e.Deliveries, s)
	case decode.TagREF:
		b.REF(&e.References, s)
	case decode.TagDTP:
		b.DTP(&e.Dates, s)
	case decode.TagAAA:
		b.AAA(&e.Rejections, s, at.Loop)
	case decode.TagMSG:
		b.MSG(&e.Messages, s)
	case decode.TagIII:
		*b.additional.Append(&e.Additional) = readIII(s)
	}
}

func (b *answerBuilder) readEB(e *Benefit, s *decode.Segment) {
	e.Information = s.Text(1)
	e.CoverageLevel = s.Text(2)
	b.Repetitions(&e.ServiceTypes, s, 3)
	n := s.Len() // many end early
	if n < 4 {
		return
	}
	e.InsuranceType = s.Text(4)
	e.Plan = s.Text(5)
	if n < 6 {
		return
	}
	e.Period = s.Text(6)
	b.ReadNumber(&e.Amount, s, 7)
	b.ReadNumber(&e.Percent, s, 8)
	e.QuantityQualifier = s.Text(9)
	b.ReadNumber(&e.Quantity, s, 10)
	e.Authorization = s.Text(11)
	e.Network = s.Text(12)
	if n > 12 {
		decode.ReadProcedure(&e.Procedure, s, 13)
		b.Components(&e.Pointers, s, 14)
	}
}

func readIII(s *decode.Segment) Additional {
	return Additional{List: s.Text(1), Code: s.Text(2), Category: s.Text(3), Text: s.Text(4), Pos: s.Pos()}
}

func (b *answerBuilder) finish() *Answer {
	b.answer.Entity = b.Entity()
	for i := range b.answer.Benefits {
		e := &b.answer.Benefits[i]
		b.PutSpan(&e.Span, e.first, e.end)
	}
	return &b.answer
}

// own copies what the answer borrows, for dependents that come although HL04 says that there are none.
func (b *answerBuilder) own() {
	if !b.Borrows() {
		return
	}
	was := b.answer
	by := new(answerBuilder)
	decode.Replay(kinds, was.Span, by.add)
	b.answer = *by.finish()
	b.answer.place(&was.Person, was.Source, was.Receiver)
}

// An inquiryBuilder fills an Inquiry.
type inquiryBuilder struct {
	decode.Arena
	additional decode.Slab[Additional]
	inquiry    Inquiry
}

func (b *inquiryBuilder) reset() {
	b.Reset()
	b.additional.Reset()
	b.inquiry = Inquiry{Questions: b.inquiry.Questions[:0], Person: Person{Context: b.inquiry.Context[:0]}}
}

func (b *inquiryBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch kind {
	case inSubscriber, inDependent:
		addToPerson(&b.Arena, &b.inquiry.Person, s, tag)
	case inBenefit:
		if at.Opened {
			b.inquiry.Questions = append(b.inquiry.Questions, Question{first: b.Len() - 1})
		}
		if n := len(b.inquiry.Questions); n > 0 {
			b.addToQuestion(&b.inquiry.Questions[n-1], s, tag)
		}
	}
}

func (b *inquiryBuilder) addToQuestion(q *Question, s *decode.Segment, tag decode.Tag) {
	q.end = b.Len()
	switch tag {
	case decode.TagEQ:
		b.Repetitions(&q.ServiceTypes, s, 1)
		q.Procedure, q.CoverageLevel = decode.Procedure(s, 2), s.Text(3)
		b.Components(&q.Pointers, s, 5)
	case decode.TagAMT:
		b.AMT(&q.Amounts, s)
	case decode.TagIII:
		*b.additional.Append(&q.Additional) = readIII(s)
	case decode.TagREF:
		b.REF(&q.References, s)
	case decode.TagDTP:
		b.DTP(&q.Dates, s)
	}
}

func (b *inquiryBuilder) finish() *Inquiry {
	b.inquiry.Entity = b.Entity()
	for i := range b.inquiry.Questions {
		q := &b.inquiry.Questions[i]
		q.Span = b.Span(q.first, q.end)
	}
	return &b.inquiry
}

// A sourceBuilder fills a Source.
type sourceBuilder struct {
	decode.Arena
	source Source
}

func (b *sourceBuilder) reset() {
	b.Reset()
	b.source = Source{}
}

func (b *sourceBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case tag == decode.TagAAA:
		b.AAA(&b.source.Rejections, s, at.Loop)
	case kind == inSource:
		b.Party(&b.source.Party, s, tag)
	}
}

func (b *sourceBuilder) finish() *Source {
	b.source.Entity = b.Entity()
	return &b.source
}

// A receiverBuilder fills a Receiver.
type receiverBuilder struct {
	decode.Arena
	receiver Receiver
}

func (b *receiverBuilder) reset() {
	b.Reset()
	b.receiver = Receiver{}
}

func (b *receiverBuilder) add(raw *edi.Segment, at *guide.Step, kind uint8, tag decode.Tag) {
	s := b.Keep(raw, at)
	switch {
	case tag == decode.TagAAA:
		b.AAA(&b.receiver.Rejections, s, at.Loop)
	case kind == inReceiver:
		b.Party(&b.receiver.Party, s, tag)
	}
}

func (b *receiverBuilder) finish() *Receiver {
	b.receiver.Entity = b.Entity()
	return &b.receiver
}
