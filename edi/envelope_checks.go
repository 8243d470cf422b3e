package edi

import "strconv"

// isaElements gives the width of each element of the ISA and the TA1 note code of a fault in it.
// Source: X12.5 ISA; guides' appendix C.1 for TA105.
var isaElements = [17]struct {
	width int
	note  string
}{
	1: {2, "010"}, 2: {10, "011"}, 3: {2, "012"}, 4: {10, "013"}, 5: {2, "005"}, 6: {15, "006"}, 7: {2, "007"}, 8: {15, "008"},
	9: {6, "014"}, 10: {4, "015"}, 11: {1, "016"}, 12: {5, "017"}, 13: {9, "018"}, 14: {1, "019"}, 15: {1, "020"}, 16: {1, "027"},
}

func (e *envelope) checkISA(s *Segment) {
	if s.Len() != 16 {
		e.find(s.Pos(), "ISA", 0, Error, "TA105", "022", "the ISA does not have 16 elements")
	}
	for n := 1; n <= min(s.Len(), 16); n++ {
		want := isaElements[n]
		width := len(s.Element(n))
		if n == 11 || n == 16 {
			continue // delimiters may be characters of several bytes
		}
		if width != want.width {
			e.find(s.Pos(), "ISA", n, Error, "TA105", want.note, "the element is not "+strconv.Itoa(want.width)+" characters wide; is padding lost?")
		}
	}
	e.checkISAValues(s)
}

func (e *envelope) checkISAValues(s *Segment) {
	if _, err := ParseDate(append([]byte("20"), s.Text(9)...)); err != nil {
		e.find(s.Pos(), "ISA", 9, Error, "TA105", "014", "ISA09 is not a date as YYMMDD")
	}
	if t := s.Text(10); !isTime(t) || len(t) != 4 {
		e.find(s.Pos(), "ISA", 10, Error, "TA105", "015", "ISA10 is not a time as HHMM")
	}
	if _, ok := number(s.Text(13)); !ok {
		e.find(s.Pos(), "ISA", 13, Error, "TA105", "018", "ISA13, the control number, is not a number")
	}
	if t := s.Text(14); !t.Is("0") && !t.Is("1") {
		e.find(s.Pos(), "ISA", 14, Error, "TA105", "019", "ISA14, acknowledgment requested, is neither 0 nor 1")
	}
	if t := s.Text(15); !t.Is("P") && !t.Is("T") && !t.Is("I") {
		e.find(s.Pos(), "ISA", 15, Error, "TA105", "020", "ISA15, usage, is neither P nor T")
	}
	if s.del.Component == "" {
		e.find(s.Pos(), "ISA", 16, Error, "TA105", "027", "ISA16 can't be a component separator")
	}
	if s.Text(12).Is("00501") && s.del.Repetition == "" {
		e.find(s.Pos(), "ISA", 11, Error, "TA105", "016", "ISA11 can't be a repetition separator")
	}
}

func (e *envelope) checkGS(s *Segment) {
	if !e.inInterchange {
		e.find(s.Pos(), "GS", 0, Error, "TA105", "022", "a functional group (GS) outside of an interchange")
	}
	if s.Len() != 8 {
		e.find(s.Pos(), "GS", 0, Error, "TA105", "024", "the GS does not have 8 elements")
	}
	if _, ok := number(s.Text(6)); !ok {
		e.find(s.Pos(), "GS", 6, Error, "AK905", "6", "GS06, the control number, is not a number")
	} else if !e.groupNumbers.add(string(s.Text(6))) {
		e.find(s.Pos(), "GS", 6, Error, "AK905", "19", "the control number (GS06) was used before in this interchange")
	}
}

// isTime tells whether t is HHMM, HHMMSS, HHMMSSD or HHMMSSDD (X12 type TM).
func isTime(t []byte) bool {
	if len(t) != 4 && (len(t) < 6 || len(t) > 8) {
		return false
	}
	for _, c := range t {
		if c < '0' || c > '9' {
			return false
		}
	}
	return string(t[:2]) < "24" && t[2] < '6' && (len(t) < 6 || t[4] < '6')
}

// IsTime tells whether b is a time of day of X12 type TM: HHMM, HHMMSS, HHMMSSD or HHMMSSDD.
func IsTime(b []byte) bool { return isTime(b) }

func (e *envelope) junk(at Position, seen bool) {
	if !seen {
		e.find(at, "", 0, Warning, "envelope.junk", "", "bytes before the first interchange that are not X12 were skipped")
		return
	}
	e.find(at, "", 0, Warning, "envelope.junk", "", "bytes between interchanges that are not X12 were skipped")
}

// emptySegment counts empty segments; the first few are reported one by one, the rest at the end.
func (e *envelope) emptySegment(at Position) {
	const reported = 10
	if e.emptyCount++; e.emptyCount <= reported {
		e.find(at, "", 0, Warning, "envelope.empty_segment", "", "an empty segment was skipped: two terminators in a row")
	} else {
		e.emptyMax++
	}
}

func (e *envelope) reportEmpty() {
	if e.emptyMax > 0 {
		e.find(e.position(), "", 0, Warning, "envelope.empty_segment", "", strconv.Itoa(e.emptyMax)+" more empty segments were skipped")
		e.emptyMax = 0
	}
}

func (e *envelope) unterminated(at Position) {
	e.find(at, "", 0, Warning, "envelope.unterminated", "", "the last segment has no terminator")
}

// wrapped reports the first segment of an interchange that has line breaks in it.
func (e *envelope) wrapped(s *Segment) {
	if !e.isWrapped {
		e.isWrapped = true
		e.find(s.Pos(), "", 0, Warning, "envelope.wrapped", "", "line breaks within segments, here and perhaps further on, were left out")
	}
}
