package view

import (
	"bufio"
	"unicode"
	"unicode/utf8"
)

// A style is how a part of a line looks on a terminal.
type style string

// The styles, as the numbers of their terminal codes.
const (
	plain   style = ""
	heading style = "1"    // interchange, group, set
	loopTag style = "1;34" // loop
	segTag  style = "36"   // segment id
	faint   style = "2"    // refs, guides on the left
	meaning style = "32"   // what a code means
	good    style = "32"
	bad     style = "1;31"
	warning style = "33"
)

// A painter writes text that came from files so that it can't command the terminal: control characters are shown, not sent.
type painter struct {
	out   *bufio.Writer
	color bool
	err   error // the first of out
}

func (p *painter) write(text string) {
	if p.err == nil {
		_, p.err = p.out.WriteString(text)
	}
}

// text writes text of a file in a style.
func (p *painter) text(s style, text string) {
	if text == "" {
		return
	}
	if p.color && s != plain {
		p.write("\x1b[" + string(s) + "m" + Printable(text) + "\x1b[0m")
		return
	}
	p.write(Printable(text))
}

// Printable returns text without what a terminal would act upon: control characters and bytes that are not UTF-8 stand as ·.
func Printable(text string) string {
	for i, r := range text {
		if !shows(r) {
			return text[:i] + mapPrintable(text[i:])
		}
	}
	return text
}

func shows(r rune) bool {
	return r >= ' ' && r < 0x7f || r > 0x9f && r != utf8.RuneError && unicode.IsPrint(r)
}

func mapPrintable(text string) string {
	b := make([]byte, 0, len(text))
	for _, r := range text {
		if !shows(r) {
			r = '·'
		}
		b = utf8.AppendRune(b, r)
	}
	return string(b)
}
