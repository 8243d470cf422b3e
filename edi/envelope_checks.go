package edi

import (
	"strconv"
	"strings"
)

// isaElements gives the width of each element of the ISA and the TA1 note code of a fault in it.
// Source: X12.5 ISA; guides' appendix C.1 for TA105.
var isaElements = [17]struct {
	width int
	note  string
}{
	1: {2, "010"}, 2: {10, "011"}, 3: {2, "012"}, 4: {10, "013"}, 5: {2, "005"}, 6: {15, "006"}, 7: {2, "007"}, 8: {15, "008"},
	9: {6, "014"}, 10: {4, "015"}, 11: {1, "016"}, 12: {5, "017"}, 13: {9, "018"}, 14: {1, "019"}, 15: {1, "020"}, 16: {1, "027"},
}

// checkISA reports what is wrong with the header of an interchange, each element once. It tells whether its control number is.
func (e *envelope) checkISA(s *Segment) (badNumber bool) {
	if s.Len() != 16 && !s.repeatsSeparator() {
		return e.irregularISA(s)
	}
	padded := true // what is not wide enough lost its padding, which is told once
	for n := 1; n <= 16; n++ {
		severity, message := Error, ""
		switch want := isaElements[n]; {
		case n == 11 || n == 16: // delimiters, which may be characters of several bytes
			message = s.delimiterFault(n)
		case len(s.Element(n)) != want.width:
			badNumber = badNumber || n == 13
			if padded || n > 8 {
				message = "the element is not " + strconv.Itoa(want.width) + " characters wide; is padding lost?"
			}
			padded = false
		default:
			message = isaFault(n, s.Text(n), s.Element(n))
			if message == "" {
				severity, message = Warning, s.isaDoubt(n)
			}
		}
		if message != "" {
			badNumber = badNumber || n == 13
			e.find(s.Pos(), "ISA", n, severity, "TA105", isaElements[n].note, message)
		}
	}
	return badNumber
}

// irregularISA reports an ISA of more or fewer elements than 16: of the others it can't be said which they are.
func (e *envelope) irregularISA(s *Segment) (badNumber bool) {
	n, note, message := 0, "022", "the ISA does not have 16 elements"
	switch {
	case s.Len() == 11 && len(s.Element(11)) == 0: // the terminator stands there, and the rest is taken for a segment
		e.lostSet = true
		n, note, message = 11, "016", "ISA11 is the segment terminator"
	case s.Len() == 17 && len(s.Element(11)) == 0 && len(s.Element(12)) == 0:
		n, note, message = 11, "016", "ISA11 is the element separator"
	}
	e.find(s.Pos(), "ISA", n, Error, "TA105", note, message)
	return n != 0 || !isDigits(s.Text(13), 9, 9)
}

// repeatsSeparator tells whether ISA16 is the element separator, so that there seems to be one element more.
func (s *Segment) repeatsSeparator() bool {
	return s.Len() == 17 && s.del.Component == "" && len(s.Element(16)) == 0 && len(s.Element(17)) == 0
}

// isaDoubt says what is unusual about element n and is tolerated; "" for nothing. Source: X12 data elements I01 to I04, which make
// the contents of ISA02 and ISA04 a matter of the qualifier before them.
func (s *Segment) isaDoubt(n int) string {
	switch n {
	case 6, 8:
		if s.Element(n)[0] == ' ' {
			return "the partner's id has blanks before it"
		}
		return ""
	case 2, 4:
		if isaFault(n-1, s.Text(n-1), nil) != "" {
			return ""
		}
	default:
		return ""
	}
	none, blank := s.Text(n-1).Is("00"), len(s.Text(n)) == 0
	switch {
	case none && !blank:
		return "the element is to be blank, as the qualifier before it (00) says that it tells nothing"
	case !none && blank:
		return "the element is blank, although the qualifier before it says what it tells"
	}
	return ""
}

func (s *Segment) delimiterFault(n int) string {
	switch {
	case n == 16 && s.del.Component == "":
		return "ISA16 can't be a component separator"
	case n == 11 && s.Text(12).Is("00501") && s.del.Repetition == "":
		return "ISA11 can't be a repetition separator"
	}
	return ""
}

// isaFault says what is wrong with the value of an ISA element of the right width; "" for nothing.
func isaFault(n int, t Text, raw []byte) string {
	switch n {
	case 2, 4, 6, 8:
		if hasControl(raw) {
			return "the element holds characters that can't be printed"
		}
	}
	switch n {
	case 1:
		if len(t) != 2 || t[0] != '0' || t[1] < '0' || t[1] > '8' {
			return "ISA01 is no qualifier of authorization information"
		}
	case 3:
		if !t.Is("00") && !t.Is("01") {
			return "ISA03 is neither 00 nor 01"
		}
	case 5, 7:
		if !interchangeQualifiers[string(t)] {
			return "the element is no qualifier of an interchange partner"
		}
	case 6, 8:
		if len(t) == 0 {
			return "the partner's id is blank"
		}
	case 9:
		if _, err := ParseDate(append([]byte("20"), t...)); err != nil {
			return "ISA09 is not a date as YYMMDD"
		}
	case 10:
		if !isTime(t) {
			return "ISA10 is not a time as HHMM"
		}
	case 12:
		if !isControlVersion(t) {
			return "ISA12 is no version of the interchange control segments"
		}
	case 13:
		if !isDigits(t, 9, 9) {
			return "ISA13, the control number, is not a number of nine digits"
		}
	case 14:
		if !t.Is("0") && !t.Is("1") {
			return "ISA14, acknowledgment requested, is neither 0 nor 1"
		}
	case 15:
		if !t.Is("P") && !t.Is("T") && !t.Is("I") {
			return "ISA15, usage, is neither P nor T"
		}
	}
	return ""
}

// isControlVersion tells whether t is a code of ISA12 (X12 data element I11): 00501 is release 5, sub-release 1.
func isControlVersion(t []byte) bool {
	return isDigits(t, 5, 5) && t[0] == '0' && t[1] == '0' && t[2] >= '2' && t[2] <= '8' && t[3] == '0' && t[4] <= '7'
}

// interchangeQualifiers are the codes of ISA05 and ISA07 (X12 data element I05).
var interchangeQualifiers = wordSet(`01 02 03 04 07 08 09 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35
	36 37 38 AM NR SA SN ZZ`)

// functionalIDs are the codes of GS01 (X12 data element 479).
var functionalIDs = wordSet(`AA AB AC AD AE AF AG AH AI AK AL AM AN AO AP AQ AR AS AT AU AV AW AX AY AZ BA BB BC BD BE BF BL BS CA CB CC
	CD CE CF CG CH CI CJ CK CL CM CN CO CP CQ CR CS CT CV D3 D4 D5 DA DD DF DI DM DS DX EC ED EI EN EP ER ES EV EX FA FB FC FG FH FR
	FT GB GC GE GF GL GP GR GT HB HC HI HN HP HR HS HU HV IA IB IC ID IE IF IG II IJ IM IN IO IP IR IS JB KM LA LB LI LN LR LS LT MA
	MB MC MD ME MF MG MH MI MJ MK MM MN MO MP MQ MR MS MT MV MW MX MY MZ NC NL NP NR NT OC OG OR OW PA PB PC PD PE PF PG PH PI PJ PK
	PL PN PO PQ PR PS PT PU PV PW PY QG QM QO RA RB RC RD RE RF RG RH RI RJ RK RL RM RN RO RP RQ RR RS RT RU RV RW RX RY RZ SA SB SC
	SD SE SG SH SI SJ SL SM SN SO SP SQ SR SS ST SU SV SW TA TB TC TD TE TF TI TJ TM TN TO TP TR TS TT TU TX UA UB UC UD UI UP UW VA
	VB VC VD VE VH VI VS WA WB WG WI WL WR WT`)

func wordSet(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// groupOfSet gives the functional group (GS01) of the transaction sets of health care; those of others are not checked.
var groupOfSet = map[string]string{
	"270": "HS", "271": "HB", "276": "HR", "277": "HN", "278": "HI", "820": "RA", "824": "AG", "834": "BE", "835": "HP", "837": "HC",
	"997": "FA", "999": "FA",
}

// fitsGroup tells whether a transaction set may stand in a functional group, as far as both are known.
func fitsGroup(set, group string) bool {
	if want, known := groupOfSet[set]; known {
		return want == group
	}
	for _, g := range groupOfSet {
		if g == group {
			return false
		}
	}
	return true
}

func isDigits(t []byte, least, most int) bool {
	for _, c := range t {
		if c < '0' || c > '9' {
			return false
		}
	}
	return len(t) >= least && len(t) <= most
}

// checkGS reports what is wrong with the header of a group, each element once. It tells whether its control number is.
func (e *envelope) checkGS(s *Segment) (badNumber bool) {
	if !e.inInterchange {
		e.find(s.Pos(), "GS", 0, Error, "TA105", "022", "a functional group (GS) outside of an interchange")
	}
	for n := 1; n <= min(s.Len(), 8); n++ {
		kind, value, message := gsFault(n, s.Text(n), e.group.Version)
		if n == 6 && message == "" && !e.groupNumbers.add(string(s.Text(6))) {
			kind, value, message = "AK905", "19", "the control number (GS06) was used before in this interchange"
		} else if n == 6 {
			badNumber = message != ""
		}
		if message != "" {
			e.find(s.Pos(), "GS", n, Error, kind, value, message)
		}
	}
	switch n := s.Len(); {
	case n > 8:
		e.find(s.Pos(), "GS", 9, Error, "TA105", "024", "the GS has more than 8 elements")
	case n == 7:
		e.find(s.Pos(), "GS", 8, Error, "AK905", "2", "GS08, the release and guide, is missing")
	case n < 7:
		e.find(s.Pos(), "GS", n+1, Error, "TA105", "024", "the GS has less than 8 elements")
		badNumber = n < 6
	}
	return badNumber
}

// gsFault says what is wrong with the value of a GS element; message is "" for nothing.
func gsFault(n int, t Text, version string) (kind, value, message string) {
	kind, value = "TA105", "024"
	switch n {
	case 1:
		if !functionalIDs[string(t)] {
			return "AK905", "1", "GS01 is no functional identifier"
		}
	case 2, 3:
		if len(t) < 2 || len(t) > 15 {
			message = "the application's code is not of 2 to 15 characters"
		}
	case 4:
		if !isGroupDate(t) || len(t) == 6 && version >= "004" {
			message = "GS04 is not a date"
		}
	case 5:
		if !isTime(t) {
			message = "GS05 is not a time of day"
		}
	case 6:
		if !isDigits(t, 1, 9) {
			return "AK905", "6", "GS06, the control number, is not a number of up to nine digits"
		}
	case 7:
		if !t.Is("X") && (!t.Is("T") || strings.Contains(version, "X")) { // guides are X12's
			message = "GS07, the responsible agency, is not X"
		}
	case 8:
		if len(t) == 0 {
			return "AK905", "2", "GS08, the release and guide, is missing"
		} else if len(t) > 12 || len(t) < 6 || !isDigits(t[:6], 6, 6) || t[0] != '0' || t[1] != '0' {
			return "AK905", "2", "GS08 names no release of X12"
		}
	}
	return kind, value, message
}

// isGroupDate tells whether t is a date as CCYYMMDD, or YYMMDD as releases before 004010 have it.
func isGroupDate(t Text) bool {
	if len(t) == 6 {
		t = append([]byte("20"), t...)
	}
	_, err := ParseDate(t)
	return err == nil
}

// checkST reports what is wrong with the header of a transaction set, each element once. It tells whether its control number is.
func (e *envelope) checkST(s *Segment) (badNumber bool) {
	set, number := s.Text(1), e.transaction.ControlNumber
	switch {
	case !isDigits(set, 3, 3):
		e.find(s.Pos(), "ST", 1, Error, "IK502", "6", "ST01 is no transaction set")
	case e.inGroup && functionalIDs[e.group.FunctionalID] && !fitsGroup(string(set), e.group.FunctionalID):
		e.find(s.Pos(), "ST", 1, Error, "IK502", "18", "the transaction set (ST01) does not belong into a group of this kind (GS01)")
	}
	switch {
	case number == "":
		e.find(s.Pos(), "ST", 2, Error, "IK502", "7", "ST02, the control number, is missing")
	case len(number) < 4 || len(number) > 9:
		e.find(s.Pos(), "ST", 2, Error, "IK502", "7", "ST02, the control number, is not of 4 to 9 characters")
	case !e.transactionNumbers.add(number):
		e.find(s.Pos(), "ST", 2, Error, "IK502", "23", "the control number (ST02) was used before in this group")
		return false
	default:
		return false
	}
	return true
}

// checkTA1 reports what is wrong with an acknowledgment of an interchange, each element once.
func (e *envelope) checkTA1(s *Segment) {
	for n := 1; n <= 5; n++ {
		t, message := s.Text(n), ""
		switch n {
		case 1:
			if !isDigits(t, 9, 9) {
				message = "TA101, the control number, is not a number of nine digits"
			}
		case 2:
			if len(t) != 6 || !isGroupDate(t) {
				message = "TA102 is not a date as YYMMDD"
			}
		case 3:
			if len(t) != 4 || !isTime(t) {
				message = "TA103 is not a time as HHMM"
			}
		case 4:
			if !t.Is("A") && !t.Is("E") && !t.Is("R") {
				message = "TA104, the acknowledgment, is none of A, E and R"
			}
		case 5:
			if !isDigits(t, 3, 3) || string(t) > "031" {
				message = "TA105 is no note about an interchange"
			} else if code := s.Text(4); (code.Is("A") && !t.Is("000")) || ((code.Is("E") || code.Is("R")) && t.Is("000")) {
				message = "TA105 does not go with TA104: 000 says that nothing is wrong, any other note what is"
			}
		}
		if message != "" {
			e.find(s.Pos(), "TA1", n, Error, "TA105", "024", message)
		}
	}
	e.surplus(s, 5, "024")
}

// surplus reports elements beyond the last.
func (e *envelope) surplus(s *Segment, last int, note string) {
	if s.Len() > last {
		e.find(s.Pos(), s.Tag(), last+1, Error, "TA105", note, "the segment has more than "+strconv.Itoa(last)+" elements")
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

// junk reports bytes outside of interchanges. tag is the segment of an envelope that they begin with, "" for none.
func (e *envelope) junk(at Position, seen bool, tag string) {
	if tag != "" && !e.shortInterchange { // what an IEA counted and did not hold may follow it
		e.find(at, tag, 0, Error, "TA105", "022", "the segment stands outside of any interchange")
		return
	}
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
