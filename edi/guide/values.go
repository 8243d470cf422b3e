package guide

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

// simple checks one value: its characters, type, length, and code. It reports the first fault only.
// formatBy is the element that holds the format of this one, 0 if none does, -1 if sc.format is it.
func (v *Validator) simple(sc *elementScan, e *ElementDef, value []byte, formatBy int) {
	// Padding is no fault of its own as long as the value fits.
	if value[0] == ' ' || value[len(value)-1] <= ' ' {
		value = v.unpad(sc, e, value)
	}
	if !sc.plain && v.characters(sc, value) {
		return
	}
	switch e.Type {
	case TypeID:
		v.code(sc, e, value)
	case TypeR, TypeN0:
		v.numeric(sc, e, value)
	case TypeDT:
		if v.fits(sc, e, value, e.Max) && !isDate(value) {
			v.elementFinding(&sc.elementPlace, "8", "is not a date of the calendar")
		}
	case TypeTM:
		if v.fits(sc, e, value, e.Max) && !edi.IsTime(value) {
			v.elementFinding(&sc.elementPlace, "9", "is not a time of day")
		}
	default:
		if e.Codes != nil {
			v.code(sc, e, value)
			return
		}
		if v.fits(sc, e, value, e.Max) && formatBy != 0 {
			v.formatted(sc, value, formatBy)
		}
	}
}

// deGuide is the data element that names the guide: ST03.
const deGuide = "1705"

// unpad returns the value without the blanks around it, which it warns of.
func (v *Validator) unpad(sc *elementScan, e *ElementDef, value []byte) []byte {
	t := padded(value, e.Min)
	switch {
	case len(t) == len(value):
	case value[0] == ' ':
		v.format(sc, sc.element, "format.leading_blanks", "blanks stand before a value")
	case value[len(value)-1] == ' ':
		v.format(sc, sc.element, "format.trailing_blanks", "blanks stand behind a value that is long enough without them")
	}
	return t
}

// padded returns the value without the blanks around it, but not shorter than least.
func padded(value []byte, least int) []byte {
	t := trim(value)
	if len(t) < least && len(value) >= least {
		return value[:least]
	}
	return t
}

func trim(b []byte) []byte { return bytes.Trim(b, " \r\n\t") }

// fits checks the length of value.
func (v *Validator) fits(sc *elementScan, e *ElementDef, value []byte, most int) bool {
	return v.length(sc, e, len(value), value, most)
}

func (v *Validator) length(sc *elementScan, e *ElementDef, n int, value []byte, most int) bool {
	if n > most && !sc.plain {
		n = utf8.RuneCount(value)
	}
	switch {
	case n < e.Min:
		v.elementFinding(&sc.elementPlace, "4", "is shorter than "+decimal(e.Min)+" characters")
	case n > most:
		v.elementFinding(&sc.elementPlace, "5", "is longer than "+decimal(most)+" characters")
	default:
		return true
	}
	return false
}

func (v *Validator) code(sc *elementScan, e *ElementDef, value []byte) {
	if e.Codes != nil && e.Codes.Has(value) {
		return
	}
	if e.DE == deGuide && e.Codes != nil {
		v.convention(sc, value)
		return
	}
	if !v.fits(sc, e, value, e.Max) || e.Codes == nil {
		return
	}
	if known := shared().known[e.DE]; known != nil && known.Has(value) {
		v.elementFinding(&sc.elementPlace, "I6", "holds a code that the guide does not allow here")
		return
	}
	v.elementFinding(&sc.elementPlace, "7", "holds a code that its list does not have")
}

// convention checks ST03, which names the guide as GS08 does. Another errata letter is an alias, which Select tells.
func (v *Validator) convention(sc *elementScan, value []byte) {
	if base(string(value)) == base(v.guide.ID) {
		return
	}
	f := v.element(&sc.elementPlace, edi.Error, edi.Code{Kind: "IK502", Value: "19"}, sc.label()+" does not name the guide of the group (GS08)")
	f.SNIP = 1
	v.Add(f)
}

// numeric checks a decimal (R) or whole number (N0). Sign and point don't count towards the length.
func (v *Validator) numeric(sc *elementScan, e *ElementDef, value []byte) {
	digits, ok := countDigits(value, e.Type == TypeR)
	if !ok {
		v.elementFinding(&sc.elementPlace, "6", "is not a number as X12 writes it")
		return
	}
	most := e.Max
	if e.Digits > 0 {
		most = e.Digits
	}
	v.length(sc, e, digits, value, most)
}

// countDigits returns the number of digits of a number; ok is false for anything else.
func countDigits(b []byte, point bool) (digits int, ok bool) {
	if len(b) > 0 && b[0] == '-' {
		b = b[1:]
	}
	for _, c := range b {
		switch {
		case c >= '0' && c <= '9':
			digits++
		case c == '.' && point:
			point = false
		default:
			return 0, false
		}
	}
	return digits, digits > 0
}

// isDate tells whether b is a date of the calendar, CCYYMMDD, or YYMMDD as in the envelope.
func isDate(b []byte) bool {
	var year int
	switch len(b) {
	case 8:
		century, ok := twoDigitNumber(b)
		if !ok {
			return false
		}
		year = century * 100
		b = b[2:]
	case 6:
		year = 2000
	default:
		return false
	}
	y, ok := twoDigitNumber(b)
	month, ok2 := twoDigitNumber(b[2:])
	day, ok3 := twoDigitNumber(b[4:])
	if !ok || !ok2 || !ok3 || month < 1 || month > 12 || day < 1 {
		return false
	}
	year += y
	last := int("\x1f\x1c\x1f\x1e\x1f\x1e\x1f\x1f\x1e\x1f\x1e\x1f"[month-1])
	if month == 2 && year%4 == 0 && (year%100 != 0 || year%400 == 0) {
		last = 29
	}
	return year > 0 && day <= last
}

func twoDigitNumber(b []byte) (int, bool) {
	high, low := b[0]-'0', b[1]-'0'
	return int(high)*10 + int(low), high < 10 && low < 10
}

// formatted checks a date, time or period (data element 1251) by its format code (1250).
func (v *Validator) formatted(sc *elementScan, value []byte, formatBy int) {
	format := sc.format
	if formatBy > 0 {
		format = sc.segment.Text(formatBy)
	}
	good := true
	switch string(format) {
	case "D8":
		good = len(value) == 8 && isDate(value)
	case "RD8":
		good = len(value) == 17 && value[8] == '-' && isDate(value[:8]) && isDate(value[9:]) && string(value[:8]) <= string(value[9:])
	case "DT":
		good = len(value) == 12 && isDate(value[:8]) && edi.IsTime(value[8:])
	case "TM":
		if good = edi.IsTime(value); !good {
			v.elementFinding(&sc.elementPlace, "9", "is not a time of day")
			return
		}
	}
	if !good {
		v.elementFinding(&sc.elementPlace, "8", "is not a date or period of the format that goes with it")
	}
}

// characters reports control characters, which no set of X12 allows, and letters beyond ASCII, which partners have to agree on.
func (v *Validator) characters(sc *elementScan, value []byte) bool {
	beyond := false
	for _, c := range value {
		if c < ' ' && c != '\r' && c != '\n' || c == 0x7f {
			v.elementFinding(&sc.elementPlace, "6", "holds a control character")
			return true
		}
		beyond = beyond || c >= 0x80
	}
	if beyond {
		v.Add(v.element(&sc.elementPlace, edi.Warning, edi.Code{Kind: "IK403", Value: "6"},
			sc.label()+" holds letters outside of the character set that the guides agree on"))
	}
	return false
}

func isControl(c rune) bool { return c < ' ' && c != '\r' && c != '\n' || c == 0x7f }

// isPlain tells whether b holds printable ASCII only, eight bytes at a time.
func isPlain(b []byte) bool {
	const high, blanks = 0x8080808080808080, 0x2020202020202020
	for ; len(b) >= 8; b = b[8:] {
		x := binary.LittleEndian.Uint64(b)
		if (x|(x-blanks))&high != 0 {
			return false
		}
	}
	for _, c := range b {
		if c < ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}
