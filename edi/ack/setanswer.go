package ack

import (
	"slices"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

// setEnded answers the transaction set that the Checker has judged.
func (a *Acknowledger) setEnded(r guide.Result) {
	answer := SetAnswer{Result: r}
	if g := a.group; g != nil && g.header.Ordinal == r.Pos.Group {
		answer.Group = g.header
		if a.opt.To999 != nil && g.open(&r) {
			answer.Code, answer.LeftOut = a.answerSet(g, &r)
		}
	}
	for i := range a.found {
		f := &a.found[i]
		a.outside.add(f.Pos, a.opt.Policy.telling(f))
	}
	a.found = a.found[:0]
	a.memory.reset()
	if a.Set != nil {
		a.Set(answer)
	}
}

// answerSet writes AK2 to IK5.
func (a *Acknowledger) answerSet(g *group, r *guide.Result) (code string, leftOut int) {
	w := setAnswer{a: a}
	for i := range a.found {
		if f := &a.found[i]; f.Pos.Transaction == r.Pos.Transaction {
			w.add(f)
		}
	}
	w.unlisted(r)
	set := Set{Code: edi.Text(setID(r.Set)), ControlNumber: edi.Text(setNumber(r.Control.ST02)), Answer: edi.Text(w.answer()), ErrorCodes: w.codes}
	if fits(a.st.Convention, 1, 35) {
		set.Guide = edi.Text(a.st.Convention)
	}
	if g.sets++; g.sets > maxSets {
		a.fail(ErrTooManySets)
		return "", 0
	}
	x := &g.reply.writer
	start, count := g.reply.body.Len(), x.out.count
	a.fail(x.set(&set))
	for _, e := range w.errors {
		a.fail(x.error(e))
	}
	a.fail(x.endSet(&set))
	if !set.Answer.Is("R") {
		g.accept(start, count)
	}
	g.reply.leftOut += w.leftOut
	return set.Answer.String(), w.leftOut
}

// setID returns ST01 as AK201 may have it; 000 for one that is none, as IK502 6 then says.
func setID(st01 string) string {
	if isWord(st01, 3, 3) {
		return st01
	}
	return "000"
}

// setNumber returns ST02 as AK202 may have it: with the zeros that it lacks, or 0000 for one that is none, as IK502 7 then says.
func setNumber(st02 string) string {
	switch {
	case fits(st02, 4, 9):
		return st02
	case isDigits(st02, 1, 3):
		return "000"[:4-len(st02)] + st02
	default:
		return "0000"
	}
}

// A setAnswer collects what is told about a set.
type setAnswer struct {
	a        *Acknowledger
	errors   []*SegmentError
	offsets  []int64    // of the segments that errors are about
	codes    []edi.Text // of the set
	standard bool       // segments have errors by the standard
	byGuide  bool       // segments have errors by the guide
	worst    Outcome
	leftOut  int
}

// add takes a finding, in file order.
func (w *setAnswer) add(f *edi.Finding) {
	t := w.a.opt.Policy.telling(f)
	switch {
	case t.treatment == ToIgnore || t.level == groupLevel || t.level == interchangeLevel:
		return
	case t.treatment == ToReject:
		w.worst = Rejected
	default:
		w.worst = max(w.worst, AcceptedWithErrors)
	}
	switch t.level {
	case setLevel:
		w.code(t.code)
	case segmentLevel, elementLevel:
		w.segment(f, t)
	default:
		w.standard = true // it has no code: a segment is wrong, that is all a 999 can say
	}
}

func (w *setAnswer) code(code string) {
	if len(w.codes) < maxCodes && !slices.ContainsFunc(w.codes, func(c edi.Text) bool { return c.Is(code) }) {
		w.codes = append(w.codes, edi.Text(code))
	}
}

func (w *setAnswer) segment(f *edi.Finding, t telling) {
	if t.code[0] == 'I' {
		w.byGuide = true
	} else {
		w.standard = true
	}
	code := t.code
	if t.level == elementLevel {
		code = "8"
	}
	e := w.same(f, code)
	if e == nil {
		if len(w.errors) >= w.limit() {
			w.leftOut++
			return
		}
		e = w.segmentError(f, code)
	}
	if t.level == elementLevel {
		e.Elements = append(e.Elements, w.element(f, t.code))
	} else {
		e.Contexts = slices.Insert(e.Contexts, 0, trigger(f)...)
	}
}

func (w *setAnswer) limit() int {
	if n := w.a.opt.Policy.MaxErrors; n > 0 {
		return n
	}
	return DefaultMaxErrors
}

// same returns the error about the segment of f, by the same code, that there is already. Of missing segments each is an error of its own.
func (w *setAnswer) same(f *edi.Finding, code string) *SegmentError {
	if code == "3" || code == "I6" || code == "I7" {
		return nil
	}
	for i := len(w.errors) - 1; i >= 0 && w.offsets[i] == f.Pos.Offset; i-- {
		if e := w.errors[i]; e.Code.Is(code) && e.Segment.Is(segmentID(f.Segment)) && e.Loop.Is(loopOf(f.Loop)) {
			return e
		}
	}
	return nil
}

func (w *setAnswer) segmentError(f *edi.Finding, code string) *SegmentError {
	e := &SegmentError{
		Segment: edi.Text(segmentID(f.Segment)), Position: sent(max(f.Pos.Segment, 1)), Loop: edi.Text(loopOf(f.Loop)), Code: edi.Text(code),
	}
	if w.a.memory.values && f.Segment != "SE" {
		if unit, ok := w.a.units.at(f.Pos.Segment); ok {
			e.Contexts = append(e.Contexts, unit)
		}
	}
	w.errors = append(w.errors, e)
	w.offsets = append(w.offsets, f.Pos.Offset)
	return e
}

func (w *setAnswer) element(f *edi.Finding, code string) ElementError {
	m := &w.a.memory
	if w.a.inSegment && f.Pos.Offset == w.a.last.Pos().Offset { // the SE
		m.remember(f, &w.a.last, &w.a.lastAt)
	}
	d := m.of(f)
	e := ElementError{
		Element: sent(min(f.Element, 99)), Reference: edi.Text(d.reference), Code: edi.Text(code), Value: edi.Text(d.value), Contexts: trigger(f),
	}
	if f.Component > 0 {
		e.Component = sent(min(f.Component, 99))
	}
	if f.Repetition > 1 {
		e.Repetition = sent(min(f.Repetition, 9999))
	}
	return e
}

// unlisted takes the findings into account that the Checker counted and left out, and that the set may not have been checked.
func (w *setAnswer) unlisted(r *guide.Result) {
	w.leftOut += r.Truncated
	if r.Truncated > 0 && r.Verdict == guide.Rejected {
		t := w.a.opt.Policy.telling(&edi.Finding{Severity: edi.Error, SNIP: 2, Code: edi.Code{Kind: "IK304", Value: "2"}})
		if t.treatment == ToReject {
			w.worst, w.standard = Rejected, true
		} else if t.treatment == ToNote {
			w.worst, w.standard = max(w.worst, AcceptedWithErrors), true
		}
	}
	if r.Guide != nil {
		return
	}
	switch w.a.opt.Policy.UnknownGuide {
	case RejectUnknownSet:
		w.worst = Rejected
		w.code("1")
	case RejectUnknownGuide:
		w.worst = Rejected
		w.code("I6")
	}
}

// answer returns IK501, and completes the codes.
func (w *setAnswer) answer() string {
	if w.standard {
		w.code("5")
	}
	if w.byGuide {
		w.code("I5")
	}
	switch w.worst {
	case Rejected:
		return "R"
	case AcceptedWithErrors:
		return "E"
	default:
		return "A"
	}
}

// segmentID returns a segment id as IK301 may have it. What is no id may be data, and is not repeated.
func segmentID(tag string) string {
	if isWord(tag, 2, 3) && tag[0] >= 'A' {
		return tag
	}
	return "UNK"
}

func loopOf(loop string) string {
	if fits(loop, 1, 6) {
		return loop
	}
	return ""
}

// trigger returns what made a situational rule apply.
func trigger(f *edi.Finding) []Context {
	t := f.Trigger
	if !isWord(t.Segment, 2, 3) || t.Position < 1 {
		return nil
	}
	c := Context{Name: edi.Text("SITUATIONAL TRIGGER"), Segment: edi.Text(t.Segment), Position: sent(t.Position), Loop: edi.Text(loopOf(t.Loop))}
	if t.Element > 0 && t.Element <= 99 {
		c.Element = sent(t.Element)
		if t.Component > 0 && t.Component <= 99 {
			c.Component = sent(t.Component)
		}
	}
	return []Context{c}
}
