package edi

import "strconv"

// An envelope follows ISA, GS, ST and their trailers, numbers what is between them, and reports what does not fit.
type envelope struct {
	report      func(Finding)
	interchange Interchange
	group       Group
	transaction Transaction

	inInterchange, inGroup, inSet bool
	closed                        bool // the last segment was an IEA
	isWrapped                     bool // a segment of the interchange has line breaks in it

	groups, sets         int // in the open interchange; in the open group
	groupNumbers         numberSet
	transactionNumbers   numberSet
	emptyCount, emptyMax int
}

// step takes the next segment into account and completes its position.
func (e *envelope) step(s *Segment) {
	e.closed = false
	if e.inSet && !maybeEnvelope(s.buf[s.start]) {
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
	default:
		e.place(s)
		e.find(s.Pos(), shownTag(s.Text(0)), 0, Error, "envelope.stray", "", "the segment stands outside of any transaction set")
	}
}

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
	e.abandon(s.Pos(), "ISA")
	ordinal := e.interchange.Ordinal + 1
	e.interchange = interchangeOf(s)
	e.interchange.Ordinal = ordinal
	e.group, e.transaction = Group{}, Transaction{}
	e.inInterchange, e.isWrapped, e.groups = true, false, 0
	e.groupNumbers.reset()
	e.place(s)
	e.checkISA(s)
}

func (e *envelope) endInterchange(s *Segment) {
	e.abandonGroup(s.Pos(), "IEA")
	e.place(s)
	if n, ok := number(s.Text(1)); !ok || n != e.groups {
		e.find(s.Pos(), "IEA", 1, Error, "TA105", "021", "IEA01 is not the number of functional groups: "+strconv.Itoa(e.groups))
	}
	if !sameNumber(s.Text(2), e.interchange.ControlNumber) {
		e.find(s.Pos(), "IEA", 2, Error, "TA105", "001", "the control number of the trailer (IEA02) is not that of the header (ISA13)")
	}
	e.inInterchange, e.closed = false, true
}

func (e *envelope) beginGroup(s *Segment) {
	e.abandonGroup(s.Pos(), "GS")
	e.groups++
	e.group = groupOf(s)
	e.group.Ordinal = e.groups
	e.transaction = Transaction{}
	e.inGroup, e.sets = true, 0
	e.transactionNumbers.reset()
	e.place(s)
	e.checkGS(s)
}

func (e *envelope) endGroup(s *Segment) {
	e.abandonSet(s.Pos(), "GE")
	e.place(s)
	if !e.inGroup {
		e.find(s.Pos(), "GE", 0, Error, "TA105", "022", "a group trailer (GE) without its header (GS)")
		return
	}
	if n, ok := number(s.Text(1)); !ok || n != e.sets {
		e.find(s.Pos(), "GE", 1, Error, "AK905", "5", "GE01 is not the number of transaction sets: "+strconv.Itoa(e.sets))
	}
	if !sameNumber(s.Text(2), e.group.ControlNumber) {
		e.find(s.Pos(), "GE", 2, Error, "AK905", "4", "the control number of the trailer (GE02) is not that of the header (GS06)")
	}
	e.inGroup = false
}

func (e *envelope) beginSet(s *Segment) {
	e.abandonSet(s.Pos(), "ST")
	e.sets++
	e.transaction = transactionOf(s)
	e.transaction.Ordinal = e.sets
	e.inSet = true
	e.place(s)
	if !e.inGroup {
		e.find(s.Pos(), "ST", 0, Error, "TA105", "022", "a transaction set (ST) outside of a functional group")
	}
	switch {
	case e.transaction.ControlNumber == "":
		e.find(s.Pos(), "ST", 2, Error, "IK502", "7", "ST02, the control number, is missing")
	case !e.transactionNumbers.add(e.transaction.ControlNumber):
		e.find(s.Pos(), "ST", 2, Error, "IK502", "23", "the control number (ST02) was used before in this group")
	}
}

func (e *envelope) endSet(s *Segment) {
	if !e.inSet {
		e.place(s)
		e.find(s.Pos(), "SE", 0, Error, "envelope.stray", "", "a transaction set trailer (SE) without its header (ST)")
		return
	}
	e.transaction.Segments++
	e.place(s)
	if n, ok := number(s.Text(1)); !ok || n != e.transaction.Segments {
		e.find(s.Pos(), "SE", 1, Error, "IK502", "4", "SE01 is not the number of segments from ST to SE: "+strconv.Itoa(e.transaction.Segments))
	}
	if string(s.Text(2)) != e.transaction.ControlNumber {
		e.find(s.Pos(), "SE", 2, Error, "IK502", "3", "the control number of the trailer (SE02) is not that of the header (ST02)")
	}
	e.inSet = false
}

// abandon closes what is open when an interchange ends without its trailers.
func (e *envelope) abandon(at Position, tag string) {
	e.abandonGroup(at, tag)
	if e.inInterchange {
		e.find(e.at(at), "IEA", 0, Error, "TA105", "023", "the interchange has no trailer (IEA)")
		e.inInterchange = false
	}
}

func (e *envelope) abandonGroup(at Position, tag string) {
	e.abandonSet(at, tag)
	if e.inGroup {
		e.find(e.at(at), "GE", 0, Error, "AK905", "3", "the functional group has no trailer (GE)")
		e.inGroup = false
	}
}

func (e *envelope) abandonSet(at Position, _ string) {
	if e.inSet {
		e.find(e.at(at), "SE", 0, Error, "IK502", "2", "the transaction set has no trailer (SE)")
		e.inSet = false
	}
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
	e.abandon(at, "")
}

func (e *envelope) find(p Position, tag string, element int, sev Severity, kind, value, message string) {
	if e.report == nil {
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
