package roster

import (
	"strings"
	"unicode/utf8"

	"github.com/ediport/ediport/edi"
)

type day = edi.Date

// A number is a decimal that may be absent.
type number struct {
	value edi.Decimal
	sent  bool
}

// dateHint is what is said of a date that is none.
const dateHint = "is no date of the calendar: write it as 2026-11-21, 20261121 or 11/21/2026"

// text is a column of free text, made capitals as payers want it.
func text(name, doc string, least, most int, field func(*row) *string) Column {
	return Column{Name: name, Doc: doc, read: func(r *row, value string) string {
		value = strings.ToUpper(strings.Join(strings.Fields(value), " "))
		if n := utf8.RuneCountInString(value); n < least {
			return "is too short"
		} else if n > most {
			return "is too long"
		}
		if problem := writable(value); problem != "" {
			return problem
		}
		*field(r) = value
		return ""
	}}
}

// writable tells why X12 can't hold a value.
func writable(value string) string {
	d := edi.StandardDelimiters
	switch {
	case strings.ContainsAny(value, d.Element+d.Repetition+d.Component+d.Terminator):
		return "has one of the characters " + d.Element + " " + d.Repetition + " " + d.Component + " " + d.Terminator + ", which separate elements in X12"
	case strings.IndexFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) >= 0:
		return "has a character that payers may not read: use A to Z, digits and the usual signs, without accents"
	}
	return ""
}

// coded is a column of a code.
func coded(name, doc string, field func(*row) *string) Column {
	return Column{Name: name, Doc: doc, read: func(r *row, value string) string {
		value = strings.ToUpper(strings.TrimSpace(value))
		if !isCode(value) {
			return "is no code: letters and digits"
		}
		*field(r) = value
		return ""
	}}
}

func isCode(value string) bool {
	return value != "" && strings.IndexFunc(value, func(c rune) bool { return (c < '0' || c > '9') && (c < 'A' || c > 'Z') }) < 0
}

// list is a column of several codes.
func list(name, doc string, kinds []Kind, field func(*row) *[]string) Column {
	return Column{Name: name, Doc: doc, Kinds: kinds, read: func(r *row, value string) string {
		for _, code := range strings.FieldsFunc(strings.ToUpper(value), func(c rune) bool { return c == ' ' || c == ';' || c == ',' }) {
			code = strings.ReplaceAll(code, ".", "")
			if !isCode(code) {
				return "holds what is no code: letters and digits, separated by blanks or semicolons"
			}
			*field(r) = append(*field(r), code)
		}
		return ""
	}}
}

func date(name, doc string, kinds []Kind, field func(*row) *day) Column {
	return Column{Name: name, Doc: doc, Kinds: kinds, read: func(r *row, value string) string {
		d, ok := parseDay(strings.TrimSpace(value))
		if !ok {
			return dateHint
		}
		*field(r) = d
		return ""
	}}
}

func parseDay(text string) (day, bool) {
	digits := text
	if y, m, d, ok := cut3(text, "-"); ok {
		digits = y + padded(m) + padded(d)
	} else if m, d, y, ok := cut3(text, "/"); ok {
		digits = y + padded(m) + padded(d)
	}
	d, err := edi.ParseDate([]byte(digits))
	return d, err == nil
}

func cut3(text, sep string) (a, b, c string, ok bool) {
	parts := strings.Split(text, sep)
	if len(parts) != 3 {
		return "", "", "", false
	}
	return parts[0], parts[1], parts[2], true
}

func padded(text string) string {
	if len(text) == 1 {
		return "0" + text
	}
	return text
}

func amount(name, doc string, kinds []Kind, field func(*row) *number) Column {
	return Column{Name: name, Doc: doc, Kinds: kinds, read: func(r *row, value string) string {
		d, err := edi.ParseDecimal([]byte(strings.TrimPrefix(strings.ReplaceAll(strings.TrimSpace(value), ",", ""), "$")))
		if err != nil || d.Sign() < 0 {
			return "is no number from 0 on, such as 120.50"
		}
		*field(r) = number{d, true}
		return ""
	}}
}

func gender(name, doc string, field func(*row) *string) Column {
	return Column{Name: name, Doc: doc, read: func(r *row, value string) string {
		switch value = strings.ToUpper(strings.TrimSpace(value)); value {
		case "F", "M", "U":
		case "FEMALE", "MALE", "UNKNOWN":
			value = value[:1]
		default:
			return "is none of F, M, U"
		}
		*field(r) = value
		return ""
	}}
}

// relationships are the codes of INS02 for a dependent.
var relationships = map[string]string{"01": "01", "SPOUSE": "01", "19": "19", "CHILD": "19", "34": "34", "OTHER": "34"}

func relationship() Column {
	return Column{Name: "relationship", Kinds: hasCare, Doc: "of a dependent to the subscriber: spouse, child or other", read: func(r *row, value string) string {
		code, ok := relationships[strings.ToUpper(strings.TrimSpace(value))]
		if !ok {
			return "is none of spouse, child, other"
		}
		r.relationship = code
		return ""
	}}
}

const maxTrace = 50

func trace() Column {
	doc := "your number of the inquiry, by which the answer is matched, TRN02; made from the control number and the row if empty"
	return Column{Name: "trace", Doc: doc, read: func(r *row, value string) string {
		value = strings.TrimSpace(value)
		if len(value) > maxTrace {
			return "is too long"
		}
		r.trace = value
		return writable(value)
	}}
}

func readNPI(r *row, value string) string {
	value = strings.TrimSpace(value)
	if !validNPI(value) {
		return "is no NPI: ten digits, of which the last is the check digit"
	}
	r.provider.id = value
	return ""
}

// validNPI tells whether the last digit of an NPI fits the others, by the Luhn formula with 80840 before it.
func validNPI(npi string) bool {
	if len(npi) != 10 {
		return false
	}
	sum := 24 // of 80840
	for i, c := range []byte(npi) {
		if c < '0' || c > '9' {
			return false
		}
		d := int(c - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}
