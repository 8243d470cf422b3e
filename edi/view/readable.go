package view

import (
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/codes"
	"github.com/ediport/ediport/edi/guide"
)

// Data elements whose values are shown in another form.
const (
	elementAmount  = "782"
	elementPercent = "954"
	elementPeriod  = "1251" // a date or a range of dates, as the qualifier before it says
)

// readable returns a value as a person reads it: dates with hyphens, times with a colon, amounts with two decimals and their
// thousands apart. A value that can't be read as what it should be is returned as it is.
func readable(def *guide.ElementDef, value string) string {
	if def == nil {
		return value
	}
	switch {
	case def.DE == elementAmount:
		return readableAmount(value)
	case def.DE == elementPercent:
		return readablePercent(value)
	case def.DE == elementPeriod || def.Type == guide.TypeDT:
		return readableDate(value)
	case def.Type == guide.TypeTM && len(value) >= 4 && digits(value):
		return readableTime(value)
	}
	return value
}

func readableDate(value string) string {
	if d, err := edi.ParseDate([]byte(value)); err == nil {
		return d.String()
	}
	if from, to, err := edi.ParseDateRange([]byte(value)); err == nil {
		return from.String() + " to " + to.String()
	}
	if len(value) == 6 { // YYMMDD; no partner of ours sends dates of another century
		if d, err := edi.ParseDate([]byte("20" + value)); err == nil {
			return d.String()
		}
	}
	return value
}

func readableTime(value string) string {
	text := value[:2] + ":" + value[2:4]
	if len(value) >= 6 {
		text += ":" + value[4:6]
	}
	if len(value) > 6 {
		text += "." + value[6:]
	}
	return text
}

func readableAmount(value string) string {
	d, err := edi.ParseDecimal([]byte(value))
	if err != nil {
		return value
	}
	var s edi.Sum
	s.Add(d)
	return Thousands(s.String())
}

// Thousands sets a comma between the thousands of an amount: 1,234.50.
func Thousands(amount string) string {
	number, sign := strings.CutPrefix(amount, "-")
	whole, fraction, point := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if point {
		whole += "." + fraction
	}
	if sign {
		return "-" + whole
	}
	return whole
}

func readablePercent(value string) string {
	d, err := edi.ParseDecimal([]byte(value))
	if err != nil || d.Scale() > 16 {
		return value
	}
	c, scale := d.Coefficient(), d.Scale()
	for range 2 {
		if scale == 0 {
			if c > 1e15 || c < -1e15 {
				return value
			}
			c *= 10
			continue
		}
		scale--
	}
	for ; scale > 0 && c%10 == 0; scale-- {
		c /= 10
	}
	return value + " = " + edi.NewDecimal(c, scale).String() + "%"
}

func digits(value string) bool {
	return strings.IndexFunc(value, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// codeMeaning returns what a code means, "" if the value is none or no list knows it. first is the first component of its
// composite, or the first element of its segment, which may say what list it is of.
func codeMeaning(def *guide.ElementDef, value, first string) string {
	if def == nil || def.Codes == nil && def.List == "" && def.Type != guide.TypeID {
		return ""
	}
	list, _, byQualifier := strings.Cut(def.List, " ")
	var text string
	switch {
	case byQualifier:
		text = qualifiedMeaning(def.DE, value, first)
	case list == "place-of-service-or-facility-type":
		text = codes.Describe(codes.PlaceOfService, value)
	case list != "" && codes.Known(codes.List(list)):
		text = codes.Describe(codes.List(list), value)
	default:
		text = codes.Element(def.DE, value)
	}
	if text == codes.Unknown {
		return ""
	}
	return text
}

// qualifiedMeaning describes a code whose list the qualifier before it names.
func qualifiedMeaning(element, value, qualifier string) string {
	switch {
	case qualifier == "NU":
		return codes.Describe(codes.RevenueRange, value)
	case qualifier == "HE":
		return codes.Describe(codes.RARC, value)
	case qualifier == "ZZ" && element == "1271":
		return codes.Describe(codes.PlaceOfService, value)
	}
	return codes.Unknown
}

// titleOf returns what tells an instance of a loop from its neighbours: names, ids and amounts of its first segment, or what
// its first code means.
func titleOf(s edi.Segment, def *guide.SegmentDef) string {
	if def == nil || def.Tag == "HL" || def.Tag == "ST" {
		return ""
	}
	switch def.Tag {
	case "EB":
		return strings.Join(meanings(s, def, 1, 3, 6, 7, 8), ", ")
	case "EQ":
		return strings.Join(meanings(s, def, 1, 2), ", ")
	case "TA1":
		return s.Value(1) + "  " + strings.Join(meanings(s, def, 4, 5), ": ")
	}
	var words []string
	for n := 1; n <= s.Len() && len(words) < 4; n++ {
		e := def.Element(n)
		value := s.Value(n)
		if e == nil || value == "" || e.Codes != nil || e.Type == guide.TypeID {
			continue
		}
		if e.Type == guide.TypeComposite && len(e.Components) > 1 {
			value = string(s.Component(n, 2)) // the code behind its qualifier
		}
		words = append(words, readable(e, value))
	}
	if len(words) == 0 {
		return codeMeaning(def.Element(1), s.Value(1), "")
	}
	return strings.Join(words, " ")
}

// meanings returns what elements of a segment mean, or say; of one that repeats the first, with how many there are besides.
func meanings(s edi.Segment, def *guide.SegmentDef, elements ...int) []string {
	var all []string
	for _, n := range elements {
		e := def.Element(n)
		value, more := "", -1
		for c := range s.Repetitions(n) {
			if more++; more == 0 {
				value = string(c.Component(1))
				if e != nil && len(e.Components) > 1 {
					value = string(c.Component(2))
				}
			}
		}
		if value == "" {
			continue
		}
		text := codeMeaning(e, value, "")
		if text == "" {
			text = readable(e, value)
		}
		if more > 0 {
			text += " and " + strconv.Itoa(more) + " more"
		}
		all = append(all, text)
	}
	return all
}
