package edi

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Delimiters are the separators of one interchange, as its ISA shows them. Each is one byte, or the bytes of one UTF-8
// character; Repetition is empty where the release has none (ISA11 is U, or a letter or digit).
type Delimiters struct {
	Element    string // between elements: the character after "ISA"
	Repetition string // between repetitions of an element: ISA11, from release 00402 on
	Component  string // between components: ISA16; empty if it shows none
	Terminator string // ends a segment: the character after ISA16
}

// StandardDelimiters are what most partners use: * ^ : ~.
var StandardDelimiters = Delimiters{Element: "*", Repetition: "^", Component: ":", Terminator: "~"}

// errShortISA says that the bytes at hand end before the delimiters are known.
var errShortISA = errors.New("the ISA is not complete")

// maxISABytes bounds the search for the end of an ISA, whose regular width is 106 bytes.
const maxISABytes = 512

// parseISA finds the delimiters of the ISA that b starts with, and the offset of its terminator. It goes by
// the 16 element separators, not by width: 106 bytes are the rule and often not the fact.
// A b that ends too early yields errShortISA.
func parseISA(b []byte) (Delimiters, int, error) {
	var d Delimiters
	i := len("ISA")
	// QUIRK: ISAs copied from web pages have a blank before each separator.
	for i < min(len(b), maxISABytes) && b[i] == ' ' {
		i++
	}
	if i >= len(b) {
		return d, 0, errShortISA
	}
	sep, ok := leadingCharacter(b[i:])
	if !ok {
		return d, 0, errShortISA
	}
	if isAlphanumeric(sep[0]) || sep[0] == ' ' || sep[0] == '\r' || sep[0] == '\n' {
		return d, 0, fmt.Errorf("%w: the character after ISA is a letter, digit, blank or line break", ErrDelimiter)
	}
	var repetition []byte
	for n := 1; n <= 16; n++ {
		j := bytes.Index(b[min(i, len(b)):], sep)
		if j < 0 || i+j > maxISABytes {
			if len(b) > maxISABytes {
				return d, 0, fmt.Errorf("%w: an ISA has 16 elements, this one has %d in %d bytes", ErrDelimiter, n-1, maxISABytes)
			}
			return d, 0, errShortISA
		}
		if n == 12 {
			repetition = bytes.TrimSpace(b[i : i+j])
		}
		i += j + len(sep)
	}
	component, terminator, end, err := closingDelimiters(b, i, string(sep))
	if err != nil {
		return d, 0, err
	}
	d = Delimiters{Element: string(sep), Component: component, Terminator: terminator}
	c, ok := leadingCharacter(repetition)
	if r := string(c); ok && len(c) == len(repetition) && !isAlphanumeric(c[0]) && r != d.Element && r != d.Component && r != d.Terminator {
		d.Repetition = r
	}
	return d, end, d.check()
}

// closingDelimiters reads ISA16 and the terminator at b[i:] and returns the offset of the terminator.
func closingDelimiters(b []byte, i int, sep string) (component, terminator string, end int, err error) {
	c, ok := leadingCharacter(b[min(i, len(b)):])
	if !ok {
		return "", "", 0, errShortISA
	}
	end = i + len(c)
	// QUIRK: an empty ISA16: its place is taken by the terminator, behind which the next segment starts.
	for _, tag := range []string{"GS", "TA1", "IEA"} {
		next := tag + sep
		if bytes.HasPrefix(b[end:], []byte(next)) {
			return "", string(c), i, nil
		}
		if len(b) > end && strings.HasPrefix(next, string(b[end:min(len(b), end+len(next))])) {
			return "", "", 0, errShortISA
		}
	}
	if string(c) == sep {
		c = nil // QUIRK: ISA16 repeats the element separator, and so separates nothing
	}
	// QUIRK: a blank between ISA16 and the terminator, as before the separators.
	for end < min(len(b), maxISABytes*2) && b[end] == ' ' {
		end++
	}
	t, ok := leadingCharacter(b[min(end, len(b)):])
	if !ok {
		return "", "", 0, errShortISA
	}
	return string(c), string(t), end, nil
}

// leadingCharacter returns the first character of b: the bytes of a UTF-8 character, or one byte of another
// encoding. ok is false if b may end within the character.
func leadingCharacter(b []byte) (c []byte, ok bool) {
	if len(b) == 0 {
		return nil, false
	}
	if b[0] < utf8.RuneSelf {
		return b[:1], true
	}
	if !utf8.FullRune(b) {
		return nil, false
	}
	if r, n := utf8.DecodeRune(b); r != utf8.RuneError {
		return b[:n], true
	}
	return b[:1], true
}

// check refuses delimiters that can't work: equal ones, letters and digits.
func (d Delimiters) check() error {
	all := []string{d.Element, d.Terminator}
	if d.Component != "" {
		all = append(all, d.Component)
	}
	for i, a := range all {
		if isAlphanumeric(a[0]) {
			return fmt.Errorf("%w: a letter or digit can't be a delimiter", ErrDelimiter)
		}
		for _, b := range all[:i] {
			if a == b {
				return fmt.Errorf("%w: two delimiters are the same character", ErrDelimiter)
			}
		}
	}
	return nil
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
