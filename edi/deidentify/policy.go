package deidentify

import (
	"bytes"
	"strings"

	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

// What is done with the values of an element, by the number of its data element. Numbers, dates, times and codes are told by their
// types and lists; all that is not told here is an id.
var byElement = map[string]func(*worker, *guide.ElementDef, []byte) []byte{
	"1035": personOrOrganization,
	"1036": inStyle(firstName),
	"1037": inStyle(middleName),
	"1038": title,
	"1039": title,
	"93":   nameOfN1,
	"166":  inStyle(street),
	"19":   inStyle(city),
	"116":  postal,
	"364":  communication,
	"933":  text,
	"352":  text,
	"264":  text,
	"3":    text,
	"507":  func(w *worker, _ *guide.ElementDef, v []byte) []byte { return w.prf.bank(v) },
	"509":  company,
	"1251": func(w *worker, _ *guide.ElementDef, v []byte) []byte { return w.shift.date(v) },

	// Control numbers and the numbers of levels say nothing about people, as long as they are numbers.
	"I11": keepDigits, "28": keepDigits, "329": keepDigits, "I12": keepDigits, "628": keepDigits, "734": keepDigits,
	// Names of guides, loops, segments and elements.
	"480": keepGuide, "1705": keepGuide, "447": keepCode, "721": keepCode, "725": keepDigits, "9999": keepWords, "C999": keepCode,
	"I65": keep, "I15": keep,
}

func keep(_ *worker, _ *guide.ElementDef, v []byte) []byte { return v }

func text(_ *worker, _ *guide.ElementDef, v []byte) []byte { return free(v) }

func id(w *worker, _ *guide.ElementDef, v []byte) []byte { return w.prf.id(v) }

func inStyle(s style) func(*worker, *guide.ElementDef, []byte) []byte {
	return func(w *worker, def *guide.ElementDef, v []byte) []byte { return w.prf.named(s, v, def.Min, def.Max) }
}

// personOrOrganization is NM103, of which NM102 tells what it names.
func personOrOrganization(w *worker, def *guide.ElementDef, v []byte) []byte {
	if w.segment.Text(2).Is("2") {
		return inStyle(organization)(w, def, v)
	}
	return inStyle(lastName)(w, def, v)
}

func nameOfN1(w *worker, def *guide.ElementDef, v []byte) []byte {
	if w.segment.Is("PER") {
		return inStyle(contact)(w, def, v)
	}
	return inStyle(organization)(w, def, v)
}

func title(w *worker, _ *guide.ElementDef, v []byte) []byte {
	if titles[strings.ToUpper(strings.Trim(string(v), "."))] {
		return v
	}
	return w.prf.masked(v)
}

// postal keeps the length; digits become digits.
func postal(w *worker, _ *guide.ElementDef, v []byte) []byte {
	v = bytes.Clone(v)
	w.prf.permute("postal", v[:min(len(v), 5)])
	if len(v) > 5 {
		w.prf.permute("postal", v[5:])
	}
	return v
}

// communication is PER04, 06 and 08; the element before says what it is.
func communication(w *worker, def *guide.ElementDef, v []byte) []byte {
	return w.prf.reached(string(w.segment.Text(w.element-1)), v, def.Max)
}

// company keeps the first digit, which says what the others are.
func company(w *worker, _ *guide.ElementDef, v []byte) []byte {
	if len(v) < 2 {
		return w.prf.id(v)
	}
	return append(bytes.Clone(v[:1]), w.prf.id(v[1:])...)
}

func keepDigits(w *worker, def *guide.ElementDef, v []byte) []byte {
	if isDigits(v) && len(v) <= 9 {
		return v
	}
	return id(w, def, v)
}

// keepGuide keeps what looks like the name of a guide: 005010X221A1.
func keepGuide(w *worker, _ *guide.ElementDef, v []byte) []byte {
	if len(v) >= 5 && len(v) <= 12 && isDigits(v[:5]) && isCode(v) {
		return v
	}
	return w.prf.masked(v)
}

// keepCode keeps what is short as codes are.
func keepCode(w *worker, _ *guide.ElementDef, v []byte) []byte {
	if len(v) <= 6 && isCode(v) {
		return v
	}
	return w.prf.masked(v)
}

// keepWords keeps what a 999 calls a context; its value stands in another component.
func keepWords(w *worker, def *guide.ElementDef, v []byte) []byte {
	if string(v) == "SITUATIONAL TRIGGER" {
		return v
	}
	return keepCode(w, def, v)
}

func isCode(v []byte) bool {
	for _, c := range v {
		if k := classOf(c); k.size == 0 || k.first == 'a' {
			return false
		}
	}
	return len(v) > 0
}

// longestCode is the length of the longest codes that are kept unseen: an NDC with its hyphens is 13.
const longestCode = 13

// value returns what stands for a value of an element that the guide knows.
func (w *worker) value(def *guide.ElementDef, v []byte) []byte {
	do := byElement[def.DE]
	switch {
	case def.Codes != nil && def.Codes.Has(v):
		return v
	case do != nil:
		return do(w, def, v)
	case def.Codes != nil:
		return w.code(def, v)
	case def.Type == guide.TypeNone:
		return w.prf.masked(v)
	case def.Type == guide.TypeDT:
		return w.shift.date(v)
	case def.Type == guide.TypeR || def.Type == guide.TypeN0 || def.Type == guide.TypeTM:
		if isNumber(v) {
			return v
		}
		return w.prf.masked(v)
	case def.List != "" || def.Type == guide.TypeID:
		if len(v) <= longestCode && isListed(v) {
			return v
		}
		return w.prf.masked(v)
	default:
		return w.prf.id(v)
	}
}

// code replaces a value that is not in the closed list of its element. It may be anything, unless it is a code that others have: it is
// masked, and what is made of it is not in the list either.
func (w *worker) code(def *guide.ElementDef, v []byte) []byte {
	if _, known := codes.Lookup(codes.List(def.DE), string(v)); known {
		return v
	}
	if len(v) <= 3 && isCode(v) {
		return v // too short to tell anything, and whether another guide has it must stay
	}
	masked := w.prf.masked(v)
	for range 100 {
		if _, known := codes.Lookup(codes.List(def.DE), string(masked)); !known && !def.Codes.Has(masked) {
			break
		}
		masked = w.prf.masked(masked)
	}
	return masked
}

// isNumber tells whether a value is a number or a time. One with two hyphens or points may be an id of a person or a telephone's.
func isNumber(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte{'-'})
	whole, fraction, found := bytes.Cut(v, []byte{'.'})
	return (len(whole) > 0 || found) && isDigits(append(bytes.Clone(whole), fraction...))
}

// isListed tells whether a value may be a code of an outside list: capitals, digits, points, hyphens.
func isListed(v []byte) bool {
	for _, c := range v {
		if k := classOf(c); (k.size == 0 && c != '.' && c != '-') || k.first == 'a' {
			return false
		}
	}
	return len(v) > 0
}
