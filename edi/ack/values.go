package ack

import (
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi"
	"github.com/ediport/ediport/edi/guide"
)

func text(t edi.Text) edi.Value { return edi.Str(string(t)) }

func number(n int) edi.Value { return edi.Str(strconv.Itoa(n)) }

// count is a Number, empty if it was not sent.
func count(n Number) edi.Value {
	if !n.Sent {
		return edi.Str("")
	}
	return number(n.Value)
}

// part is a Number as a component.
func part(n Number) string {
	if !n.Sent {
		return ""
	}
	return strconv.Itoa(n.Value)
}

func sent(n int) Number { return Number{Value: n, Sent: true} }

// isClean tells whether s may stand in an element: printable ASCII without the delimiters that acknowledgments are written with.
func isClean(s string) bool {
	for i := range len(s) {
		if !cleanByte(s[i]) {
			return false
		}
	}
	return true
}

func cleanByte(c byte) bool {
	switch c {
	case '*', '^', ':', '~':
		return false
	}
	return c >= ' ' && c < 0x7f
}

// printable returns what of s may stand in an element, at most n characters.
func printable(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x7f && cleanByte(byte(r)) {
			return r
		}
		return -1
	}, s)
	return s[:min(len(s), n)]
}

// isWord tells whether s is of least to most capital letters and digits.
func isWord(s string, least, most int) bool {
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(s) >= least && len(s) <= most
}

// isDigits tells whether s is of least to most digits.
func isDigits(s string, least, most int) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return len(s) >= least && len(s) <= most
}

// fits tells whether s may stand in an element of least to most characters.
func fits(s string, least, most int) bool {
	return len(s) >= least && len(s) <= most && isClean(s) && strings.TrimSpace(s) == s
}

// codesOf returns the codes that a guide allows in an element of a segment.
func codesOf(g *guide.Guide, tag string, element int) *guide.CodeSet {
	for _, d := range g.Segments {
		if d.Tag == tag && d.Element(element) != nil {
			return d.Element(element).Codes
		}
	}
	return nil
}

func envelopeCodes(tag string, element int) *guide.CodeSet {
	return codesOf(guide.Envelope(), tag, element)
}

func ackCodes(tag string, element int) *guide.CodeSet {
	return codesOf(guide.Lookup("999"), tag, element)
}
