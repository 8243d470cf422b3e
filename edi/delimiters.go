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
// A b that ends too early yields errShortISA; whole says that there is no more.
func parseISA(b []byte, whole bool) (Delimiters, int, error) {
	d, end, err := regularISA(b, whole)
	if !errors.Is(err, ErrDelimiter) {
		return d, end, err
	}
	// QUIRK: an ISA with another number of elements can be read if what follows it shows where it ends.
	if d, end, ok := irregularISA(b); ok {
		return d, end, nil
	}
	if !whole && len(b) < maxISABytes {
		return Delimiters{}, 0, errShortISA
	}
	return Delimiters{}, 0, err
}

// regularISA is parseISA for an ISA of 16 elements.
func regularISA(b []byte, whole bool) (Delimiters, int, error) {
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
		return d, 0, &delimiterError{"026", "the character after ISA is a letter, digit, blank or line break"}
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
	component, terminator, end, err := closingDelimiters(b, i, string(sep), whole)
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
func closingDelimiters(b []byte, i int, sep string, whole bool) (component, terminator string, end int, err error) {
	if c, t, end, err := foldedClose(b, i, sep); err == nil || errors.Is(err, errShortISA) && !whole {
		return c, t, end, err
	}
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
	if string(c) == sep || c[0] == ' ' {
		c = nil // QUIRK: ISA16 repeats the element separator, or is a blank, and so separates nothing
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

// errNotFolded says that there is no line break in the place where it would matter.
var errNotFolded = errors.New("not folded")

// foldedClose is closingDelimiters for a file whose lines are cut at any place, here just before ISA16 or before the terminator:
// what follows the terminator shows that the line break is none of both.
func foldedClose(b []byte, i int, sep string) (component, terminator string, end int, err error) {
	at := skipBreaks(b, i)
	c, ok := leadingCharacter(b[min(at, len(b)):])
	if !ok {
		return "", "", 0, errShortISA
	}
	end = skipBreaks(b, at+len(c))
	t, ok := leadingCharacter(b[min(end, len(b)):])
	if !ok {
		return "", "", 0, errShortISA
	}
	if at == i && end == at+len(c) || isAlphanumeric(c[0]) || isAlphanumeric(t[0]) || string(c) == sep || string(t) == sep {
		return "", "", 0, errNotFolded
	}
	next := skipBreaks(b, end+len(t))
	if len(b)-next < len("TA1")+len(sep) {
		return "", "", 0, errShortISA
	}
	if !followsISA(b[next:], sep) {
		return "", "", 0, errNotFolded
	}
	return string(c), string(t), end, nil
}

func skipBreaks(b []byte, i int) int {
	for i < min(len(b), 2*maxISABytes) && (b[i] == '\r' || b[i] == '\n') {
		i++
	}
	return i
}

// followsISA tells whether b begins with a segment that may follow an ISA.
func followsISA(b []byte, sep string) bool {
	for _, tag := range []string{"GS", "TA1", "IEA"} {
		if bytes.HasPrefix(b, []byte(tag+sep)) {
			return true
		}
	}
	return false
}

// irregularISA finds the delimiters of an ISA with more or fewer elements than 16: its terminator is the character before the next
// segment.
func irregularISA(b []byte) (d Delimiters, end int, ok bool) {
	i := len("ISA")
	for i < min(len(b), maxISABytes) && b[i] == ' ' {
		i++
	}
	sep, ok := leadingCharacter(b[min(i, len(b)):])
	if !ok || isAlphanumeric(sep[0]) {
		return d, 0, false
	}
	d.Element = string(sep)
	for next := i; next < min(len(b), maxISABytes); next++ {
		if !followsISA(b[next:], d.Element) {
			continue
		}
		before := bytes.TrimRight(b[:next], "\r\n ")
		if len(before) < next && len(bytes.TrimRight(before, "\r\n\t ~!'")) == len(before) {
			before = b[:next] // nothing but line breaks before the segment: they are the terminator
		}
		_, n := utf8.DecodeLastRune(before)
		end = len(before) - n
		d.Terminator = string(before[end:])
		if end < i+len(sep) {
			return d, 0, false // the next segment follows at once
		}
		elements := bytes.Split(b[i+len(sep):end], sep)
		if len(elements) < minISAElements || len(elements) == 16 {
			return d, 0, false
		}
		if last := bytes.TrimSpace(elements[len(elements)-1]); utf8.RuneCount(last) == 1 && !isAlphanumeric(last[0]) {
			d.Component = string(last)
		}
		if r := bytes.TrimSpace(elements[10]); utf8.RuneCount(r) == 1 && !isAlphanumeric(r[0]) && string(r) != d.Component && string(r) != d.Terminator {
			d.Repetition = string(r)
		}
		return d, end, d.check() == nil
	}
	return d, 0, false
}

// minISAElements is what an ISA has at least to be one: all up to its control number.
const minISAElements = 13

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
	all, notes := []string{d.Element, d.Terminator}, [...]string{"026", "004", "027"}
	if d.Component != "" {
		all = append(all, d.Component)
	}
	for i, a := range all {
		if isAlphanumeric(a[0]) {
			return &delimiterError{notes[i], "a letter or digit can't be a delimiter"}
		}
		for _, b := range all[:i] {
			if a == b {
				return &delimiterError{notes[i], "two delimiters are the same character"}
			}
		}
	}
	return nil
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
}
