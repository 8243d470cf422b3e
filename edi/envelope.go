package edi

import "strconv"

// An envelope follows ISA, GS, ST and their trailers, numbers what is between them, and reports what does not fit.
type envelope struct {
	report      func(Finding)
	interchange Interchange
	group       Group
	transaction Transaction

	inInterchange, inGroup, inSet    bool
	closed                           bool // the last segment was an IEA
	badInterchange, badGroup, badSet bool // the control number of the header was found fault with: its trailer need not repeat it
	lostGroup, lostSet               bool // what stands here is of a group without GS, of a set without ST, and that was told
	isWrapped                        bool // a segment of the interchange has line breaks in it
	torn                             bool // the file ends inside of the segment in hand: what that lacks is not told of it
	shortInterchange, shortGroup     bool // the last trailer counted more than was there, which was told: what it left out follows

	groups, sets           int // in the open interchange; in the open group
	groupsTwice, setsTwice int // of them headers that stand there twice
	groupNumbers           numberSet
	transactionNumbers     numberSet
	emptyCount, emptyMax   int
}

// step takes the next segment into account and completes its position.
func (e *envelope) step(s *Segment) {
	e.closed = false
	if e.inSet && len(s.text) > 0 && !maybeEnvelope(s.text[0]) { // with delimiters of several bytes a segment may be empty
		e.inside(s)
		return
	}
	switch tag := s.Text(0); {
	case tag.Is("ISA"):
		e.beginInterchange(s)
	case tag.Is("IEA"):
		e.endInterchange(s)
	case tag.Is("GS"):
		e.beginGroup(s)
	case tag.Is("GE"):
		e.endGroup(s)
	case tag.Is("ST"):
		e.beginSet(s)
	case tag.Is("SE"):
		e.endSet(s)
	case e.inSet:
		e.inside(s)
	case tag.Is("TA1") && e.inInterchange && !e.inGroup:
		e.place(s)
		if e.groups > 0 {
			// QUIRK: there are senders who write it so.
			e.find(s.Pos(), "TA1", 0, Warning, "TA105", "022", "the acknowledgment (TA1) stands behind a functional group, not before the first")
		}
		e.checkTA1(s)
	default:
		e.place(s)
		e.stray(s)
	}
}

// stray reports the first of the segments that stand outside of a transaction set.
func (e *envelope) stray(s *Segment) {
	if e.lostSet {
		return
	}
	e.lostSet = true
	e.lostGroup = e.lostGroup || e.isEarly() && !s.Is("TA1")
	e.find(s.Pos(), shownTag(s.Text(0)), 0, Error, "envelope.stray", "", "the segment stands outside of any transaction set: an ST is missing")
}

// isEarly tells whether no group of the interchange was there yet: of what belongs into one it need not be told that its GS is missing.
func (e *envelope) isEarly() bool { return e.inInterchange && e.groups == 0 }

// maybeEnvelope tells whether a segment whose id starts with c may be one of ISA, IEA, GS, GE, ST, SE, TA1. Most are not.
func maybeEnvelope(c byte) bool { return c == 'S' || c == 'G' || c == 'I' || c == 'T' }

// inside counts and places a segment between ST and SE.
func (e *envelope) inside(s *Segment) {
	e.transaction.Segments++
	s.segment, s.transaction = uint32(e.transaction.Segments), uint32(e.transaction.Ordinal)
	s.interchange, s.group = uint32(e.interchange.Ordinal), uint32(e.group.Ordinal)
}

// place completes the position of an envelope segment.
func (e *envelope) place(s *Segment) {
	p := e.position()
	s.interchange, s.group = uint32(p.Interchange), uint32(p.Group)
	s.transaction, s.segment = uint32(p.Transaction), uint32(p.Segment)
}

func (e *envelope) position() Position {
	p := Position{Interchange: e.interchange.Ordinal}
	if e.inGroup {
		p.Group = e.group.Ordinal
	}
	if e.inSet {
		p.Transaction, p.Segment = e.transaction.Ordinal, e.transaction.Segments
	}
	return p
}

func (e *envelope) control() Control {
	var gs06, st02 string
	if e.inGroup {
		gs06 = e.group.ControlNumber
	}
	if e.inSet {
		st02 = e.transaction.ControlNumber
	}
	return NewControl(e.interchange.ControlNumber, gs06, st02)
}

func (e *envelope) beginInterchange(s *Segment) {
	e.abandon(s.Pos())
	ordinal := e.interchange.Ordinal + 1
	e.interchange = interchangeOf(s)
	e.interchange.Ordinal = ordinal
	e.group, e.transaction = Group{}, Transaction{}
	e.inInterchange, e.isWrapped, e.groups, e.groupsTwice = true, false, 0, 0
	e.lostGroup, e.lostSet, e.shortGroup, e.shortInterchange = false, false, false, false
	e.groupNumbers.reset()
	e.place(s)
	e.badInterchange = e.checkISA(s)
}

func (e *envelope) endInterchange(s *Segment) {
	if e.torn && len(s.Text(2)) < isaElements[13].width {
		e.place(s)
		return // it is missing, as what follows it is
	}
	e.abandonGroup(s.Pos(), false)
	e.place(s)
	if n, ok := number(s.Text(1)); !ok || n != e.groups && n != e.groups-e.groupsTwice {
		e.shortInterchange = ok && n > e.groups
		e.find(s.Pos(), "IEA", 1, Error, "TA105", "021", "IEA01 is not the number of functional groups: "+strconv.Itoa(e.groups))
	}
	if !e.badInterchange && string(s.Text(2)) != e.interchange.ControlNumber {
		e.find(s.Pos(), "IEA", 2, Error, "TA105", "001", "the control number of the trailer (IEA02) is not that of the header (ISA13)")
	}
	e.surplus(s, 2, "022")
	e.inInterchange, e.closed = false, true
	e.lostGroup, e.lostSet = false, false
}

func (e *envelope) beginGroup(s *Segment) {
	again := e.inGroup && e.sets == 0 && string(s.Text(6)) == e.group.ControlNumber // the same header twice
	if again {
		e.groupsTwice++
		e.groupNumbers.reset()
	}
	e.abandonGroup(s.Pos(), false)
	e.lostGroup, e.lostSet, e.shortGroup = false, false, false
	e.groups++
	e.group = groupOf(s)
	e.group.Ordinal = e.groups
	e.transaction = Transaction{}
	e.inGroup, e.sets, e.setsTwice = true, 0, 0
	e.transactionNumbers.reset()
	e.place(s)
	e.badGroup = e.checkGS(s)
}

func (e *envelope) endGroup(s *Segment) {
	e.abandonSet(s.Pos(), false)
	e.place(s)
	if e.lostGroup { // which was told at its first ST
		e.lostGroup, e.lostSet = false, false
		e.groups++
		return
	}
	e.lostSet = false
	if !e.inGroup {
		e.find(s.Pos(), "GE", 0, Error, "TA105", "022", "a group trailer (GE) without its header (GS)")
		return
	}
	if n, ok := number(s.Text(1)); !ok || n != e.sets && n != e.sets-e.setsTwice {
		e.shortGroup = ok && n > e.sets
		e.find(s.Pos(), "GE", 1, Error, "AK905", "5", "GE01 is not the number of transaction sets: "+strconv.Itoa(e.sets))
	}
	if !e.badGroup && !sameNumber(s.Text(2), e.group.ControlNumber) {
		e.find(s.Pos(), "GE", 2, Error, "AK905", "4", "the control number of the trailer (GE02) is not that of the header (GS06)")
	}
	e.surplus(s, 2, "024")
	e.inGroup = false
}

func (e *envelope) beginSet(s *Segment) {
	// Of the same header twice it is told that the first one has no trailer, and nothing else.
	if e.inSet && e.transaction.Segments == 1 && string(s.Text(2)) == e.transaction.ControlNumber {
		e.setsTwice++
		e.transactionNumbers.drop(e.transaction.ControlNumber)
	}
	e.abandonSet(s.Pos(), false)
	e.lostSet = false
	e.sets++
	e.transaction = transactionOf(s)
	e.transaction.Ordinal = e.sets
	e.inSet = true
	e.place(s)
	if !e.inGroup && !e.lostGroup {
		e.lostGroup = true
		e.transactionNumbers.reset()
		p := s.Pos()
		p.Transaction, p.Segment = 0, 0
		if !e.shortGroup {
			e.find(p, "GS", 0, Error, "TA105", "022", "a transaction set (ST) outside of a functional group: a GS is missing")
		}
	}
	e.badSet = e.checkST(s)
}

func (e *envelope) endSet(s *Segment) {
	if !e.inSet {
		e.place(s)
		if e.lostSet {
			e.sets++ // its ST is missing, which was told
			e.lostSet = false
			return
		}
		e.lostGroup = e.lostGroup || e.isEarly()
		e.find(s.Pos(), "SE", 0, Error, "envelope.stray", "", "a transaction set trailer (SE) without its header (ST)")
		return
	}
	e.transaction.Segments++
	e.place(s)
	if n, ok := number(s.Text(1)); !ok || n != e.transaction.Segments {
		e.lostSet = ok && n > e.transaction.Segments // what stands behind it may be the rest, and follows
		e.find(s.Pos(), "SE", 1, Error, "IK502", "4", "SE01 is not the number of segments from ST to SE: "+strconv.Itoa(e.transaction.Segments))
	}
	if !e.badSet && string(s.Text(2)) != e.transaction.ControlNumber {
		e.find(s.Pos(), "SE", 2, Error, "IK502", "3", "the control number of the trailer (SE02) is not that of the header (ST02)")
	}
	e.inSet = false
}

// abandon closes what is open when an interchange ends without its trailers. That the inner ones are missing, too, follows, and is
// information.
func (e *envelope) abandon(at Position) {
	e.abandonGroup(at, e.inInterchange)
	if e.inInterchange {
		e.find(e.at(at), "IEA", 0, Error, "TA105", "023", "the interchange has no trailer (IEA)")
		e.inInterchange = false
	}
}

func (e *envelope) abandonGroup(at Position, follows bool) {
	e.abandonSet(at, follows)
	if e.inGroup {
		e.find(e.at(at), "GE", 0, severityOf(follows), "AK905", "3", "the functional group has no trailer (GE)")
		e.inGroup = false
	}
}

func (e *envelope) abandonSet(at Position, follows bool) {
	if e.inSet {
		e.find(e.at(at), "SE", 0, severityOf(follows), "IK502", "2", "the transaction set has no trailer (SE)")
		e.inSet = false
	}
}

func severityOf(follows bool) Severity {
	if follows {
		return Info
	}
	return Error
}

// at gives the offset and line of p the ordinals of what is open.
func (e *envelope) at(p Position) Position {
	q := e.position()
	q.Offset, q.Line = p.Offset, p.Line
	if e.inSet {
		q.Segment++ // the trailer's place, had it come
	}
	return q
}

func (e *envelope) end(at Position) {
	e.reportEmpty()
	e.abandon(at)
}

func (e *envelope) find(p Position, tag string, element int, sev Severity, kind, value, message string) {
	if e.report == nil || e.torn && tag != "IEA" {
		return
	}
	e.report(Finding{
		Pos: p, Control: e.control(), Segment: tag, Element: element, Severity: sev, SNIP: 1,
		Code: Code{Kind: kind, Value: value}, Message: message,
	})
}

// number reads a count.
func number(t Text) (int, bool) {
	n, err := strconv.Atoi(string(t))
	return n, err == nil && n >= 0
}

// sameNumber compares control numbers as numbers (000000017 is 17), and as text where they are none.
func sameNumber(t Text, want string) bool {
	if string(t) == want {
		return true
	}
	a, errA := strconv.ParseUint(string(t), 10, 64)
	b, errB := strconv.ParseUint(want, 10, 64)
	return errA == nil && errB == nil && a == b
}
