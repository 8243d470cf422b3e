package encodetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ediport/ediport/edi/guide"
)

// segment makes a segment.
func (w *writer) segment(d *guide.SegmentDef) {
	use := w.elements(d.Elements, d.Notes)
	closeGaps(d.Tag, use)
	for d.Usage == guide.Required && !slices.Contains(use, true) {
		use = w.elements(d.Elements, d.Notes)
	}
	elements := []string{d.Tag}
	format := ""
	for i, e := range d.Elements {
		v := ""
		if use[i] {
			v = w.element(e, format)
		}
		if e.DE == deFormat {
			format = v
		}
		elements = append(elements, v)
	}
	made := strings.TrimRight(strings.Join(elements, "*"), "*")
	if made == d.Tag && d != d.Loop.Trigger {
		return // it would say nothing
	}
	w.segments = append(w.segments, made)
}

const (
	control  = "0001" // ST02
	deFormat = "1250" // of a date or period
	dePeriod = "1251" // the period
)

// elements decides which elements are there, so that no syntax note is broken.
func (w *writer) elements(list []*guide.ElementDef, notes []guide.Note) []bool {
	use := make([]bool, len(list))
	for i, e := range list {
		fixed, ok := w.Values[e.Ref]
		use[i] = e.Usage == guide.Required || e.Usage == guide.Situational && (w.chance() || ok) && !(ok && fixed == "")
	}
	for range 10 {
		for _, n := range notes {
			w.settle(list, use, n)
		}
	}
	return use
}

// lists are the segments whose elements are a list, by the first element and the number of those that go together. A list has
// no gaps: they would mean nothing, and decoders don't keep them.
var lists = map[string]struct{ first, size int }{"PER": {3, 2}, "CRC": {3, 1}, "HI": {1, 1}}

func closeGaps(tag string, use []bool) {
	l, ok := lists[tag]
	if !ok {
		return
	}
	for i := l.first - 1 + l.size; i < len(use); i++ {
		use[i] = use[i] && use[i-l.size]
	}
}

// settle changes what is there so that it does not break a note.
func (w *writer) settle(list []*guide.ElementDef, use []bool, n guide.Note) {
	var there, free []int
	for _, e := range n.Elements {
		switch i := e - 1; {
		case i >= len(list) || list[i].Usage == guide.NotUsed:
		case use[i]:
			there = append(there, i)
		default:
			free = append(free, i)
		}
	}
	first := n.Elements[0] - 1
	switch n.Kind {
	case 'P':
		if len(there) > 0 {
			set(use, free, true)
		}
	case 'R':
		if len(there) == 0 && len(free) > 0 {
			use[free[0]] = true
		}
	case 'E':
		for len(there) > 1 {
			i := w.IntN(len(there))
			if list[there[i]].Usage == guide.Required {
				i = (i + 1) % len(there)
			}
			use[there[i]] = false
			there = append(there[:i], there[i+1:]...)
		}
	case 'C':
		if first < len(list) && use[first] {
			set(use, free, true)
		}
	case 'L':
		if first < len(list) && use[first] && len(there) == 1 && len(free) > 0 {
			use[free[0]] = true
		}
	}
}

func set(use []bool, which []int, to bool) {
	for _, i := range which {
		use[i] = to
	}
}

func (w *writer) element(e *guide.ElementDef, format string) string {
	if v, ok := w.Values[e.Ref]; ok {
		return v
	}
	if e.Ref == "ST02" {
		return control
	}
	n := 1
	if e.Repeat > 1 {
		n += w.IntN(3)
	}
	var all []string
	for range n {
		all = append(all, w.single(e, format))
	}
	return strings.Join(all, "^")
}

func (w *writer) single(e *guide.ElementDef, format string) string {
	if len(e.Components) == 0 {
		return w.value(e, format)
	}
	var all []string
	var gap bool // components that follow each other in a list are without gaps, as decoders and people have them
	for i, use := range w.elements(e.Components, e.Notes) {
		c := e.Components[i]
		v := ""
		if alike := i > 0 && e.Components[i-1].DE == c.DE; use && !(alike && gap) {
			v = w.value(c, format)
		}
		gap = v == "" && c.Usage != guide.NotUsed
		if c.DE == deFormat {
			format = v
		}
		if c.DE == dePeriod && format == "" {
			v = ""
		}
		if c.DE == dePeriod && v == "" && format != "" {
			v = w.period(format)
		}
		all = append(all, v)
	}
	return strings.TrimRight(strings.Join(all, ":"), ":")
}

func (w *writer) value(e *guide.ElementDef, format string) string {
	switch {
	case e.Codes != nil:
		return e.Codes.Values[w.IntN(len(e.Codes.Values))]
	case e.DE == dePeriod:
		return w.period(format)
	}
	switch e.Type {
	case guide.TypeID:
		return w.word(e.Min, e.Max, "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789")
	case guide.TypeN0:
		return strconv.Itoa(1 + w.IntN(min(e.Max, 4)*9-1))
	case guide.TypeR:
		return w.number(e)
	case guide.TypeDT:
		return w.date()
	case guide.TypeTM:
		return fmt.Sprintf("%02d%02d", w.IntN(24), w.IntN(60))
	default:
		return w.text(e)
	}
}

func (w *writer) word(least, most int, letters string) string {
	b := make([]byte, least+w.IntN(min(most, least+5)-least+1))
	for i := range b {
		b[i] = letters[w.IntN(len(letters))]
	}
	return string(b)
}

func (w *writer) text(e *guide.ElementDef) string {
	most := e.Max
	if e.Digits > 0 {
		most = e.Digits
	}
	b := []byte(w.word(e.Min, most, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcxyz0123456789-.,'&/()+ "))
	for _, i := range []int{0, len(b) - 1} {
		if b[i] == ' ' {
			b[i] = 'Q'
		}
	}
	return string(b)
}

// number returns a decimal as a Decimal writes it.
func (w *writer) number(e *guide.ElementDef) string {
	digits := min(e.Max, 8)
	if e.Digits > 0 {
		digits = min(digits, e.Digits)
	}
	scale := w.IntN(min(digits, 3))
	n := w.IntN(pow10(1 + w.IntN(digits-scale)))
	s := strconv.Itoa(n)
	if scale > 0 {
		s += "." + fmt.Sprintf("%0*d", scale, w.IntN(pow10(scale)))
	}
	if w.IntN(8) == 0 && strings.Trim(s, "0.") != "" {
		s = "-" + s
	}
	return s
}

func pow10(n int) int {
	p := 1
	for range n {
		p *= 10
	}
	return p
}

func (w *writer) date() string {
	return fmt.Sprintf("%04d%02d%02d", 1930+w.IntN(100), 1+w.IntN(12), 1+w.IntN(28))
}

func (w *writer) period(format string) string {
	from, to := w.date(), w.date()
	switch format {
	case "RD8":
		if to < from {
			from, to = to, from
		}
		return from + "-" + to
	case "DT":
		return from + "0830"
	case "TM":
		return "0830"
	}
	return from
}
